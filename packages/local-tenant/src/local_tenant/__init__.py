"""An Auth0 tenant on this machine."""

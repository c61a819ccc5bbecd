"""The sign-up."""

"""Deploying to a tenant that matters: the preview, a saved plan, and the update that somebody approved."""

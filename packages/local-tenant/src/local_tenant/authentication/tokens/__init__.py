"""The token endpoint: grants in, tokens out."""

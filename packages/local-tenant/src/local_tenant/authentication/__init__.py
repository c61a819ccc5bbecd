"""The Authentication API: tokens, sign-up, login, MFA and what is published for reading tokens."""

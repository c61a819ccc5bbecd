"""People without HTTP: who they are, what they prove, what is kept of them."""

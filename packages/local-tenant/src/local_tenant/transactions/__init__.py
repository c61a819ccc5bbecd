"""One login or sign-up, from the first factor to its record."""

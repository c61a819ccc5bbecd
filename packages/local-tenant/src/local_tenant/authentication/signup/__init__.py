"""Sign-up: POST /dbconnections/signup."""

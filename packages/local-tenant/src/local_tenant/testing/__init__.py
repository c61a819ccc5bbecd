"""What tests of an application need: a tenant, a client of it, and people who sign up and log in."""

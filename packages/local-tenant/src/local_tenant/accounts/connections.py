"""The tenant's one connection: the database that Auth0 makes with each new tenant."""

from __future__ import annotations

# Also the tenant's default directory, which the password grant uses.
DATABASE_CONNECTION = "Username-Password-Authentication"
STRATEGY = "auth0"
STRATEGY_TYPE = "database"

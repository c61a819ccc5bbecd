"""Everything the tenant keeps: SQLite, and the only place in the tenant with SQL."""

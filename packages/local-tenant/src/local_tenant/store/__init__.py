"""Everything the tenant keeps: SQLite, and the only place in the tenant with SQL.

Times are nanoseconds since 1970 by the tenant's clock, durations are nanoseconds: in columns, rows and arguments.
"""

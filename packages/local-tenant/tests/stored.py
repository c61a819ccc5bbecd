"""What a tenant has written to its disk."""

from local_tenant.testing import TenantClient


def stored_bytes(tenant: TenantClient) -> bytes:
    """All files of the tenant's database, for tests that look for what must not be stored."""
    content = b"".join(path.read_bytes() for path in tenant.data.glob("tenant.sqlite3*"))
    assert b"SQLite format 3" in content
    return content

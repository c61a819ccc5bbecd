"""The tenant of a stack: which one it is, what it holds, and the few writes that Pulumi can't make."""

from operations.tenant.connection import Connection, connection_of
from operations.tenant.management import ManagementApi
from operations.tenant.model import ActionSnapshot, SecretTime, TenantSnapshot, VersionSnapshot

__all__ = [
    "ActionSnapshot",
    "Connection",
    "ManagementApi",
    "SecretTime",
    "TenantSnapshot",
    "VersionSnapshot",
    "connection_of",
]

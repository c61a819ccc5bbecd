"""What tests of an application need: a tenant, a client of it, and users who sign up and log in.

With pytest all of it starts from the fixture `auth0_tenant` (local_tenant.pytest_plugin).
"""

from local_tenant.faults import Kind as FaultKind
from local_tenant.testing.client import REQUIRES_MFA, TenantClient, wait_until
from local_tenant.testing.people import PASSWORD, AuthenticatorApp, Enrolled, Person
from local_tenant.testing.process import ReadyLine, StartError, TenantProcess
from local_tenant.testing.responses import Json, UnexpectedResponseError, expect, expect_error

__all__ = [
    "PASSWORD",
    "REQUIRES_MFA",
    "AuthenticatorApp",
    "Enrolled",
    "FaultKind",
    "Json",
    "Person",
    "ReadyLine",
    "StartError",
    "TenantClient",
    "TenantProcess",
    "UnexpectedResponseError",
    "expect",
    "expect_error",
    "wait_until",
]

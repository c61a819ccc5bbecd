"""The controls need a token for the Management API, of any scope."""

from __future__ import annotations

from starlette.requests import Request

from local_tenant.management.access import management_claims
from local_tenant.tenant import Tenant, tenant_of


def authorised(request: Request) -> Tenant:
    """The tenant, once it is known that the request may control it.

    Raises:
        ApiError: 400 or 401, as the Management API answers.
    """
    tenant = tenant_of(request)
    management_claims(tenant, request)
    return tenant

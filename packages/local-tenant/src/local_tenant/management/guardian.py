"""Which second factors the tenant has on, and its MFA policy: read-only, as this tenant has no others."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.factors import FACTORS
from local_tenant.http import Json

# In the order in which a real tenant lists them.
_NAMES = ("sms", "push-notification", "otp", "email", "duo", "webauthn-roaming", "webauthn-platform", "recovery-code")


async def factors(_request: Request) -> Response:
    """GET /guardian/factors: `[{name, enabled, trial_expired}]`, every factor of Auth0."""
    built = {factor.type for factor in FACTORS}
    return Json([{"name": name, "enabled": name in built, "trial_expired": False} for name in _NAMES])


async def policies(_request: Request) -> Response:
    """GET /guardian/policies: `[]`, "Never" in the dashboard: only Actions require a second factor."""
    return Json([])

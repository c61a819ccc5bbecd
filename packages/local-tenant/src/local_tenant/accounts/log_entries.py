"""Entries of the tenant's log, in the shape and with the type codes of Auth0's (documented)."""

from __future__ import annotations

import itertools
from typing import Any

from action_runtime.timestamps import NANOSECONDS, timestamp

from local_tenant.accounts.connections import DATABASE_CONNECTION, STRATEGY, STRATEGY_TYPE
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.store.clients import Client
from local_tenant.store.logs import LogEntry
from local_tenant.store.users import User
from local_tenant.tenant import Tenant

# What the codes stand for that this tenant uses (documented).
DESCRIPTIONS = {
    "s": "Success Login",
    "f": "Failed Login",
    "fp": "Failed Login (Incorrect Password)",
    "fu": "Failed Login (Invalid Email/Username)",
    "limit_wc": "Blocked Account",
    "mfar": "MFA Required",
    "ssa": "Success Silent Auth",
    "fsa": "Failed Silent Auth",
    "slo": "Success Logout",
    "flo": "Failed Logout",
    "ss": "Success Signup",
    "fs": "Failed Signup",
    "scp": "Success Change Password",
    "scpr": "Success Change Password Request",
    "fcpr": "Failed Change Password Request",
    "sdu": "Successful User Deletion",
    "seacft": "Successful exchange of authorization code for Access Token",
    "feacft": "Failed exchange of authorization code for Access Token",
    "seccft": "Successful exchange of Access Token for a Client Credentials Grant",
    "feccft": "Failed exchange of Access Token for a Client Credentials Grant",
    "sepft": "Successful exchange of Password for Access Token",
    "fepft": "Failed exchange of Password for Access Token",
    "sertft": "Successful exchange of Refresh Token for Access Token",
    "fertft": "Failed exchange of Refresh Token for Access Token",
    "ferrt": "Failed exchange of Rotating Refresh Token",
    "srrt": "Success Revocation",
    "seotpft": "Successful exchange of Password and OTP Challenge for Access Token",
    "feotpft": "Failed exchange of Password and OTP Challenge for Access Token",
    "sercft": "Successful exchange of Password and MFA Recovery code for Access Token",
    "fercft": "Failed exchange of Password and MFA Recovery code for Access Token",
    "gd_start_enroll": "MFA Enroll started",
    "gd_enrollment_complete": "MFA enrollment complete",
    "gd_start_auth": "Second factor started",
    "gd_auth_succeed": "MFA Auth success",
    "gd_auth_failed": "MFA Auth failed",
    "gd_otp_rate_limit_exceed": "Too many OTP failures",
    "gd_recovery_succeed": "MFA recovery succeeded",
    "gd_recovery_failed": "MFA recovery failed",
    "gd_recovery_rate_limit_exceed": "Too many recovery failures",
    "gd_unenroll": "Unenroll device account",
}

_numbers = itertools.count(1)


def entry(
    tenant: Tenant,
    code: str,
    facts: RequestFacts | None,
    *,
    client: Client | None = None,
    user: User | None = None,
    user_name: str | None = None,
    description: str | None = None,
    details: dict[str, Any] | None = None,
) -> LogEntry:
    """An entry of now; `user_name` for an unknown user, `description` where the code's own is not enough.

    `details` must hold nothing secret.
    """
    now = tenant.clock.now()
    # Fixed width, so that later ids are larger as texts too; the counter keeps two of one nanosecond apart.
    log_id = f"900{timestamp(now)[:19].translate(_DIGITS)}{now % NANOSECONDS:09d}{next(_numbers) % 10**12:012d}"
    content: dict[str, Any] = {
        "_id": log_id,
        "log_id": log_id,
        "date": time_text(now),
        "type": code,
        "description": DESCRIPTIONS[code] if description is None else description,
        "tenant_name": tenant.name,
    }
    if facts is not None:
        content |= {"ip": facts.ip, "user_agent": facts.user_agent or "", "hostname": facts.hostname}
    if client is not None:
        content |= {"client_id": client.client_id, "client_name": client.name}
    if user is not None:
        user_name = user.email
        content["user_id"] = user.user_id
    if user_name is not None:
        content |= {
            "user_name": user_name,
            "connection": DATABASE_CONNECTION,
            "connection_id": tenant.connection_id,
            "strategy": STRATEGY,
            "strategy_type": STRATEGY_TYPE,
        }
    if details:
        content["details"] = details
    return LogEntry(log_id, code, user.user_id if user else None, content)


_DIGITS = str.maketrans("", "", "-T:")

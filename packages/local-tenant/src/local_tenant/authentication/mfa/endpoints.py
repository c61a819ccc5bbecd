"""/mfa/*: enrolling an authenticator app, requesting a challenge, listing and removing authenticators."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import log_entries, otp, second_factors
from local_tenant.accounts.clients import authenticated_client
from local_tenant.accounts.factors import BY_TYPE, ENROLLABLE, RECOVERY_CODE, Factor
from local_tenant.accounts.request_facts import facts_of
from local_tenant.authentication.mfa import callers
from local_tenant.authentication.mfa.callers import Caller
from local_tenant.http import Json, read_parameters
from local_tenant.oauth_errors import OAuthError, not_built, required
from local_tenant.store import authenticators, logs, users
from local_tenant.store.users import User
from local_tenant.tenant import tenant_of
from local_tenant.transactions import audiences

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def associate(request: Request) -> Response:
    """POST /mfa/associate `{authenticator_types: ["otp"]}`: 200 with the secret, and a recovery code the first time.

    Raises:
        OAuthError: 403 `access_denied` for an mfa_token while the user has an active authenticator; `not_built_locally`
            for another type of authenticator; an error of `callers` for the token.
    """
    tenant = tenant_of(request)
    parameters = await read_parameters(request)
    token = callers.required_token(request)
    factor = _requested_factor(parameters.get("authenticator_types"))
    facts = facts_of(request, parameters)

    def work(connection: sqlite3.Connection) -> tuple[User, str, str | None]:
        now = tenant.clock.now()
        who = callers.caller(tenant, connection, token, audiences.ENROLL, now)
        user = _user(connection, who)
        if who.transaction is not None and authenticators.confirmed_of_user(connection, user.user_id):
            raise OAuthError(403, "access_denied", "User is already enrolled.")
        authenticator, recovery_code = second_factors.associate(connection, user.user_id, factor, now)
        logs.add(connection, log_entries.entry(tenant, "gd_start_enroll", facts, user=user))
        return user, authenticator.secret, recovery_code

    user, secret, recovery_code = await tenant.database.write(work)
    answer: dict[str, Any] = {
        "authenticator_type": factor.authenticator_type,
        "secret": secret,
        "barcode_uri": otp.otpauth_uri(tenant.name, user.email, secret),
    }
    if recovery_code is not None:
        answer["recovery_codes"] = [recovery_code]
    return Json(answer, headers=_NO_STORE)


async def challenge(request: Request) -> Response:
    """POST /mfa/challenge `{client_id, client_secret, mfa_token, challenge_type?, authenticator_id?}`: 200 with `otp`.

    An authenticator app needs no message, so the challenge changes nothing.

    Raises:
        OAuthError: 403 `association_required` while the user has no active authenticator; 403
            `unsupported_challenge_type` when `otp` is not among the requested types; 404 for an unknown authenticator.
    """
    tenant = tenant_of(request)
    parameters = await read_parameters(request)
    client = authenticated_client(tenant, request, parameters)
    facts = facts_of(request, parameters, client)
    token = required(parameters, "mfa_token")
    types = parameters.get("challenge_type")
    authenticator_id = parameters.get("authenticator_id")

    def work(connection: sqlite3.Connection) -> str:
        now = tenant.clock.now()
        login = callers.waiting_login(connection, token, now, client_id=client.client_id)
        active = authenticators.confirmed_of_user(connection, login.user_id)
        if not active:
            raise OAuthError(
                403,
                "association_required",
                "The user has no active authenticator: associate one with POST /mfa/associate",
            )
        enrolled = dict.fromkeys(BY_TYPE[authenticator.type].authenticator_type for authenticator in active)
        requested = types.split() if isinstance(types, str) else list(enrolled)
        usable = [challenge_type for challenge_type in enrolled if challenge_type in requested]
        if not usable:
            raise OAuthError(
                403,
                "unsupported_challenge_type",
                f"The user can be challenged with '{', '.join(enrolled)}' alone, not with '{types}'",
            )
        if authenticator_id is not None and authenticator_id not in [authenticator.id for authenticator in active]:
            raise OAuthError(404, "invalid_request", "The user has no active authenticator with this authenticator_id")
        user = users.get(connection, login.user_id)
        logs.add(connection, log_entries.entry(tenant, "gd_start_auth", facts, client=client, user=user))
        return usable[0]

    return Json({"challenge_type": await tenant.database.write(work)}, headers=_NO_STORE)


async def listing(request: Request) -> Response:
    """GET /mfa/authenticators: `[{id, authenticator_type, active, type}]`, the recovery code among them.

    `type` is that of `mfa_requirements` (documented).
    """
    tenant = tenant_of(request)
    token = callers.required_token(request)

    def look(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        who = callers.caller(tenant, connection, token, audiences.READ_AUTHENTICATORS, tenant.clock.now())
        code = authenticators.recovery_code(connection, who.user_id)
        recovery = [_authenticator_json(RECOVERY_CODE, code.id, active=True)] if code else []
        others = authenticators.of_user(connection, who.user_id)
        return [
            *recovery,
            *(_authenticator_json(BY_TYPE[each.type], each.id, active=each.confirmed) for each in others),
        ]

    return Json(tenant.database.read(look), headers=_NO_STORE)


async def remove(request: Request) -> Response:
    """DELETE /mfa/authenticators/{id}: 204.

    It needs an access token: with an mfa_token the password would be enough to remove the factor.

    Raises:
        OAuthError: 403 for an mfa_token; 404 for an authenticator that the user does not have.
    """
    tenant = tenant_of(request)
    token = callers.required_token(request)
    facts = facts_of(request)

    def work(connection: sqlite3.Connection) -> None:
        who = callers.caller(tenant, connection, token, audiences.REMOVE_AUTHENTICATORS, tenant.clock.now())
        if who.transaction is not None:
            raise OAuthError(
                403, "insufficient_scope", f"Insufficient scope, expected: {audiences.REMOVE_AUTHENTICATORS}"
            )
        user = _user(connection, who)
        if not second_factors.remove(connection, user.user_id, request.path_params["id"]):
            raise OAuthError(404, "not_found", "The user has no authenticator with this id")
        logs.add(connection, log_entries.entry(tenant, "gd_unenroll", facts, user=user))

    await tenant.database.write(work)
    return Response(status_code=204)


def _requested_factor(types: object) -> Factor:
    requested = types.split() if isinstance(types, str) else types
    if not isinstance(requested, list) or not requested:
        raise OAuthError(400, "invalid_request", "Missing required parameter: authenticator_types")
    for factor in ENROLLABLE:
        if factor.authenticator_type in requested:
            return factor
    raise not_built(
        f"Authenticators of type {', '.join(map(str, requested))} are not built in the local tenant, which sends no "
        f"messages: use '{', '.join(factor.authenticator_type for factor in ENROLLABLE)}'"
    )


def _user(connection: sqlite3.Connection, who: Caller) -> User:
    user = users.get(connection, who.user_id)
    if user is None:
        raise OAuthError(401, "invalid_token", "The user that the token was issued for does not exist")
    return user


def _authenticator_json(factor: Factor, authenticator_id: str, *, active: bool) -> dict[str, Any]:
    return {
        "id": authenticator_id,
        "authenticator_type": factor.authenticator_type,
        "active": active,
        "type": factor.type,
    }

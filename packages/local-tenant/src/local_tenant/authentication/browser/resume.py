"""The end of a login in the browser: its answer, given to the application once.

The last page of a login redirects to /authorize/resume, as Auth0's do. So no form is answered with a code or a token,
and what is stored until then is what the answer is made of, never the answer.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.entitlement import Entitlement
from local_tenant.authentication.browser import browser_login, html, response_modes
from local_tenant.authentication.browser.authorize_request import CODE, Answer, AnsweredError, PageError
from local_tenant.authentication.browser.browser_login import BrowserLogin
from local_tenant.authentication.tokens import front_channel
from local_tenant.authentication.tokens.grants import authorization_code
from local_tenant.authentication.tokens.issue import custom_claims
from local_tenant.store import login_transactions, userinfo_claims, users
from local_tenant.store.users import User
from local_tenant.tenant import Tenant, tenant_of
from local_tenant.transactions.record import blocked


async def resume(request: Request) -> Response:
    """GET /authorize/resume: back to the application, or a page for a login that is not over or has been answered."""
    tenant = tenant_of(request)
    try:
        return response_modes.respond(await answer_of(tenant, browser_login.of_browser(tenant, request)))
    except PageError as error:
        return html.problem(error)
    except AnsweredError as error:
        return response_modes.respond(error.answer)


async def answer_of(tenant: Tenant, login: BrowserLogin) -> Answer:
    """The answer of a login that is over; there is no other after it.

    Raises:
        PageError: the login is not over, or was answered.
    """
    authorization = login.authorization

    def take(connection: sqlite3.Connection) -> tuple[dict[str, Any], Entitlement | None, User | None, str | None]:
        ending = login_transactions.take_ending(connection, login.record.state_hash)
        if ending is None:
            raise browser_login.unknown()
        content: dict[str, Any] = orjson.loads(ending)
        if "error" in content:
            return content, None, None, None
        entitlement = Entitlement.from_json(content["entitlement"])
        user = users.get(connection, entitlement.user_id)
        if user is None:
            raise AssertionError("a login outlived its user")
        if user.blocked:
            refusal = blocked(refresh=False)
            return {"error": refusal.error, "error_description": refusal.description}, None, None, None
        code = None
        if CODE in authorization.response_type:
            code = authorization_code.new_code(
                connection,
                entitlement,
                tenant.clock.now(),
                redirect_uri=authorization.redirect_uri,
                code_challenge=authorization.code_challenge,
            )
        if authorization.response_type != {CODE}:
            claims = custom_claims(entitlement.id_token_claims)
            userinfo_claims.put(connection, entitlement.user_id, entitlement.client_id, claims)
        return {}, entitlement, user, code

    error, entitlement, user, code = await tenant.database.write(take)
    if entitlement is None or user is None:
        return authorization.answer(**error)
    given = {} if code is None else {"code": code}
    if authorization.response_type == {CODE}:
        return authorization.answer(**given)
    tokens = await front_channel.tokens(
        tenant, entitlement, user, authorization.client, response_type=authorization.response_type, code=code
    )
    return authorization.answer(**given, **tokens)

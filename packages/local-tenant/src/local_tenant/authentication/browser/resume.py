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
from local_tenant.authentication import redirect_uris
from local_tenant.authentication.browser import browser_login, html, response_modes
from local_tenant.authentication.browser.authorize_request import CODE, Answer, AnsweredError, PageError
from local_tenant.authentication.browser.browser_login import BrowserLogin
from local_tenant.authentication.browser.html import Form
from local_tenant.authentication.tokens import front_channel
from local_tenant.authentication.tokens.grants import authorization_code
from local_tenant.authentication.tokens.issue import custom_claims
from local_tenant.store import login_transactions, userinfo_claims, users
from local_tenant.store.users import User
from local_tenant.tenant import Tenant, tenant_of
from local_tenant.transactions.record import blocked

# As at Auth0: where every login ends.
RESUME = "/authorize/resume"
CONFIRMATION = "/u/confirm-login"


async def resume(request: Request) -> Response:
    """GET /authorize/resume: back to the application, or a page for a login that is not over or has been answered."""
    tenant = tenant_of(request)
    try:
        return await respond(tenant, browser_login.of_browser(tenant, request))
    except PageError as error:
        return html.problem(error)
    except AnsweredError as error:
        return response_modes.respond(error.answer)


async def confirmation(request: Request) -> Response:
    """/u/confirm-login: asks before a login without a page goes to a callback that other programs could serve.

    A POST confirms it. Who does not want it closes the window: nothing was sent.
    """
    tenant = tenant_of(request)
    try:
        login = browser_login.of_browser(tenant, request)
        if login.record.ending is None:
            raise browser_login.unknown()
        if request.method == "POST":
            await tenant.database.write(login_transactions.confirm, login.record.state_hash)
            answer = html.redirect(login.address(RESUME))
            answer.status_code = 303
            return answer
    except PageError as error:
        return html.problem(error)
    except AnsweredError as error:
        return response_modes.respond(error.answer)
    authorization = login.authorization
    return html.page(
        "Is this you?",
        texts=(
            f"{authorization.client.name} asks who you are. The answer goes to {authorization.redirect_uri}.",
            "Close this window if you have not just started a login there.",
        ),
        form=Form(
            (),
            "Continue",
            action=login.address(CONFIRMATION),
            targets=redirect_uris.csp_form_targets(authorization.redirect_uri),
        ),
    )


async def respond(tenant: Tenant, login: BrowserLogin) -> Response:
    """The answer of a login that is over, or the page that asks the user to confirm it first.

    Raises:
        PageError: the login is not over, or was answered.
    """
    try:
        return response_modes.respond(await _answer(tenant, login))
    except _UnconfirmedError:
        return html.redirect(login.address(CONFIRMATION))


class _UnconfirmedError(Exception):
    """The user has to confirm the login."""


async def _answer(tenant: Tenant, login: BrowserLogin) -> Answer:
    """The answer of a login that is over; there is no other after it."""
    authorization = login.authorization

    def take(connection: sqlite3.Connection) -> tuple[dict[str, Any], Entitlement | None, User | None, str | None]:
        ending = login_transactions.take_ending(connection, login.record.state_hash)
        if ending is None:
            present = login_transactions.get(connection, login.record.state_hash)
            raise browser_login.unknown() if present is None or present.ending is None else _UnconfirmedError
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
    code_member = {} if code is None else {"code": code}
    if authorization.response_type == {CODE}:
        return authorization.answer(**code_member)
    tokens = await front_channel.tokens(
        tenant, entitlement, user, authorization.client, response_type=authorization.response_type, code=code
    )
    return authorization.answer(**code_member, **tokens)

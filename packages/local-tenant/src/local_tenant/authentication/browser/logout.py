"""The end of a browser's session: /v2/logout and OpenID Connect's /oidc/logout.

What applications hold (their own sessions, access and refresh tokens) stays good: Auth0's logout ends its own session
alone (documented). As with callbacks, an address to return to is allowed when it is of this machine.
"""

from __future__ import annotations

import sqlite3

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import log_entries, sessions
from local_tenant.accounts.request_facts import facts_of
from local_tenant.authentication import redirect_uris
from local_tenant.authentication.browser import html
from local_tenant.authentication.browser.authorize_request import PageError
from local_tenant.authentication.browser.html import Field, Form
from local_tenant.http import BodyError, read_form
from local_tenant.signing import TokenError
from local_tenant.store import logs, users
from local_tenant.store import sessions as session_rows
from local_tenant.store.clients import Client
from local_tenant.store.sessions import Session
from local_tenant.tenant import Tenant, tenant_of

AUTH0_LOGOUT = "/v2/logout"
OIDC_LOGOUT = "/oidc/logout"


async def logout(request: Request) -> Response:
    """GET /v2/logout `?client_id=&returnTo=`: end the browser's session and go there (documented).

    Without `returnTo` Auth0 goes to the first address of the application's list; there is none here, so that a page
    says it.
    """
    tenant = tenant_of(request)
    query = request.query_params
    try:
        client = _client(tenant, query.get("client_id"))
        _check_return(client, query.get("returnTo"), "returnTo")
    except PageError as error:
        return await _failed(tenant, request, error)
    return await _end(tenant, request, sessions.current(tenant, request), query.get("returnTo"), query.get("client_id"))


async def oidc_logout(request: Request) -> Response:
    """GET or POST /oidc/logout `id_token_hint, logout_hint, client_id, post_logout_redirect_uri, state`.

    A hint that names the browser's session ends it at once; without one, or with another session's, a person has to say
    that it is meant (documented). Hints and client that do not belong together are an error (documented).
    """
    tenant = tenant_of(request)
    try:
        parameters = dict(request.query_params) if request.method == "GET" else await read_form(request)
        named, client = _hinted(tenant, parameters)
        target = parameters.get("post_logout_redirect_uri")
        _check_return(client, target, "post_logout_redirect_uri")
    except BodyError as error:
        return await _failed(tenant, request, PageError(400, str(error)))
    except PageError as error:
        return await _failed(tenant, request, error)
    location = target and redirect_uris.with_parameters(target, _state(parameters))
    session = sessions.current(tenant, request)
    if session is not None and named != session.id:
        return _confirmation(session, client, parameters, location)
    return await _end(tenant, request, session, location, parameters.get("client_id"))


async def _end(
    tenant: Tenant, request: Request, session: Session | None, location: str | None, client_id: str | None
) -> Response:
    if session is not None:
        facts = facts_of(request)
        client = tenant.client(client_id) if client_id else None

        def write(connection: sqlite3.Connection) -> None:
            if session_rows.delete(connection, session.id):
                user = users.get(connection, session.user_id)
                logs.add(connection, log_entries.entry(tenant, "slo", facts, client=client, user=user))

        await tenant.database.write(write)
    if location:
        answer: Response = html.redirect(location)
    elif request.method == "POST":
        answer = html.redirect(OIDC_LOGOUT)
    else:
        answer = html.page("Logged out", texts=("Your session has ended. You can close this window.",))
    sessions.forget(tenant, answer)
    return answer


async def _failed(tenant: Tenant, request: Request, error: PageError) -> Response:
    entry = log_entries.entry(tenant, "flo", facts_of(request), description=error.message)
    await tenant.database.write(logs.add, entry)
    return html.problem(error, title="You are not logged out")


def _hinted(tenant: Tenant, parameters: dict[str, str]) -> tuple[str | None, Client | None]:
    """The session that the hints name, and the application that they or client_id name; None without any."""
    client_id, hint, token = parameters.get("client_id"), parameters.get("logout_hint"), parameters.get("id_token_hint")
    client = _client(tenant, client_id)
    if not token:
        return hint or None, client
    try:
        # An application may come back long after its id token has expired (OpenID Connect RP-Initiated Logout 1.0, 2).
        claims = tenant.signer.read(token, now=0)
    except TokenError as error:
        raise PageError(400, "The id_token_hint is not an id token of this tenant.") from error
    audience = claims.get("aud")
    if not isinstance(audience, str) or (client := tenant.client(audience)) is None:
        raise PageError(400, "The id_token_hint is a token of this tenant, but not an id token.")
    if client_id and client_id != audience:
        raise PageError(400, "The id_token_hint was given to another application than client_id names.")
    # An id token of a refresh names no session; the application may still name it by the hint.
    named = str(claims["sid"]) if "sid" in claims else None
    if hint and named and hint != named:
        raise PageError(400, "The logout_hint is not the session of the id_token_hint.")
    return named or hint or None, client


def _client(tenant: Tenant, client_id: str | None) -> Client | None:
    client = tenant.client(client_id) if client_id else None
    if client_id and client is None:
        raise PageError(400, f"There is no application with the client_id {client_id}.")
    return client


def _check_return(client: Client | None, address: str | None, parameter: str) -> None:
    """Refuse an address that is not on the application's list; without an application, one that is not on loopback.

    At Auth0 the tenant has a list for that case.
    """
    if not address:
        return
    allowed = redirect_uris.is_allowed(address) if client is None else redirect_uris.allows_logout(client, address)
    if not allowed:
        what_is = redirect_uris.what_is_allowed(client, "allowed_logout_urls")
        raise PageError(400, f"The {parameter} {address} is not allowed. {what_is}")


def _confirmation(
    session: Session, client: Client | None, parameters: dict[str, str], location: str | None
) -> Response:
    # Another site's page can send a form here, but it does not know the session's id.
    hidden = {**_state(parameters), "logout_hint": session.id}
    if client is not None:
        hidden["client_id"] = client.client_id
    if parameters.get("post_logout_redirect_uri"):
        hidden["post_logout_redirect_uri"] = parameters["post_logout_redirect_uri"]
    fields = tuple(Field(name, "", "hidden", "off", value) for name, value in hidden.items())
    targets = (redirect_uris.csp_source(location),) if location else ()
    return html.page(
        "Log out?",
        texts=("An application asks to end your session.",),
        form=Form(fields, "Log out", action=OIDC_LOGOUT, targets=targets),
    )


def _state(parameters: dict[str, str]) -> dict[str, str]:
    return {"state": parameters["state"]} if "state" in parameters else {}

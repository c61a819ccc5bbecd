"""A forgotten password: /dbconnections/change_password mails a link, and its page sets a new one.

The answer is the same whether or not somebody has the email address, and so is what it costs.
"""

from __future__ import annotations

import sqlite3
from urllib.parse import urlencode

from action_runtime.timestamps import NANOSECONDS
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import passwords
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.new_password import with_password
from local_tenant.accounts.request_facts import RequestFacts, facts_of
from local_tenant.authentication.browser import html
from local_tenant.authentication.browser.authorize_request import PageError
from local_tenant.authentication.browser.html import Field, Form
from local_tenant.emails import normalised
from local_tenant.http import BodyError, read_form, read_parameters
from local_tenant.identifiers import hashed, opaque_token
from local_tenant.oauth_errors import OAuthError, required
from local_tenant.store import logs, mails, password_tickets, sessions, users
from local_tenant.store.mails import Mail
from local_tenant.store.password_tickets import PasswordTicket
from local_tenant.store.users import User
from local_tenant.tenant import Tenant, tenant_of

PAGE = "/u/reset-password"
# Auth0's default (documented): five days.
LIFETIME = 432_000 * NANOSECONDS

_SENT = "We've just sent you an email to reset your password."
_INVALID = "This link is not valid: it was used, it is too old, or a newer one was sent. Ask for another."
_PROBLEMS = {
    "different": "The two passwords are not the same.",
    "weak": f"The password is too weak.\n{passwords.policy_text()}",
}


async def change_password(request: Request) -> Response:
    """`{client_id, email, connection}`: 200 with a text, always (documented).

    Raises:
        OAuthError: 400 for a parameter that is missing, and for an unknown client or connection.
    """
    tenant = tenant_of(request)
    parameters = await read_parameters(request)
    client = tenant.client(required(parameters, "client_id"))
    if client is None:
        raise OAuthError(400, "invalid_request", "Unknown client_id")
    connection_name = required(parameters, "connection")
    if connection_name != DATABASE_CONNECTION:
        raise OAuthError(
            400, "invalid_request", f"Unknown connection: {connection_name}. There is {DATABASE_CONNECTION}."
        )
    email = normalised(required(parameters, "email"))
    facts = facts_of(request, parameters)
    ticket, now = opaque_token(), tenant.clock.now()

    def work(connection: sqlite3.Connection) -> None:
        user = users.by_email(connection, DATABASE_CONNECTION, email)
        if user is not None:
            password_tickets.put(connection, PasswordTicket(user.user_id, hashed(ticket), now + LIFETIME))
            link = f"{tenant.url}{PAGE}?{urlencode({'ticket': ticket})}"
            mails.add(connection, Mail(user.email, "Reset your password", link, now))
        code = "fcpr" if user is None else "scpr"
        logs.add(connection, entry(tenant, code, facts, client=client, user=user, user_name=email))

    await tenant.database.write(work)
    return Response(_SENT, media_type="text/html")


async def show(request: Request) -> Response:
    """GET /u/reset-password?ticket=: the form, which looks at the ticket and does not use it up."""
    tenant, query = tenant_of(request), request.query_params
    if query.get("success") == "true":
        return html.page("Password changed", texts=("You can log in with your new password now.",))
    ticket = query.get("ticket", "")
    if tenant.database.read(password_tickets.get, hashed(ticket), tenant.clock.now()) is None:
        return html.problem(PageError(400, _INVALID), title="This password cannot be changed")
    fields = (
        Field("password", "New password", "password", "new-password"),
        Field("again", "New password again", "password", "new-password"),
    )
    return html.page(
        "Change your password",
        error=_PROBLEMS.get(query.get("problem", ""), ""),
        form=Form(fields, "Change password", action=_address(ticket=ticket)),
    )


async def send(request: Request) -> Response:
    """POST /u/reset-password?ticket= `{password, again}`: a redirect to the page, which shows the result."""
    tenant = tenant_of(request)
    ticket = request.query_params.get("ticket", "")
    try:
        form = await read_form(request)
    except BodyError as error:
        return html.problem(PageError(400, str(error)), title="This password cannot be changed")
    password = form.get("password", "")
    if password != form.get("again", ""):
        return _to_page(ticket=ticket, problem="different")
    if passwords.weakness(password) is not None:
        return _to_page(ticket=ticket, problem="weak")
    facts = facts_of(request)
    password_hash = await passwords.hash_password(tenant, password)
    changed = await tenant.database.write(_change, tenant, ticket, password_hash, facts)
    return _to_page(success="true") if changed else _to_page(ticket=ticket)


def _change(
    connection: sqlite3.Connection, tenant: Tenant, ticket: str, password_hash: str, facts: RequestFacts
) -> User | None:
    """Use the ticket up and set the password; None without a valid ticket."""
    now = tenant.clock.now()
    stored = password_tickets.get(connection, hashed(ticket), now)
    user = users.get(connection, stored.user_id) if stored else None
    if user is None:
        return None
    changed = with_password(connection, user, password_hash, now)
    users.update(connection, changed)
    sessions.delete_of_user(connection, user.user_id)
    # The ticket is in the query, and so not among the facts of the log.
    logs.add(connection, entry(tenant, "scp", facts, user=changed))
    return changed


def _address(**parameters: str) -> str:
    return f"{PAGE}?{urlencode(parameters)}"


def _to_page(**parameters: str) -> Response:
    answer = html.redirect(_address(**parameters))
    answer.status_code = 303
    return answer

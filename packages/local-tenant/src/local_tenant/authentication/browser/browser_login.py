"""A login under way in a browser: begun by /authorize, found again by its state and cookie, answered by a redirect.

The `state` in the pages' addresses is an identifier that nobody can guess, and it works only together with the cookie
of the browser that began the login: neither a form on a foreign page nor somebody who was sent an address can go on
with it.
"""

from __future__ import annotations

import hmac
import sqlite3
import uuid
from dataclasses import dataclass, replace
from typing import Any

import orjson
from action_runtime.timestamps import NANOSECONDS
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import sessions
from local_tenant.accounts.request_facts import RequestFacts, facts_of, without_credentials
from local_tenant.authentication.browser import authorize_request
from local_tenant.authentication.browser.authorize_request import AuthorizationRequest, PageError
from local_tenant.authentication.tokens.grants import authorization_code
from local_tenant.identifiers import hashed, opaque_token
from local_tenant.store import login_transactions
from local_tenant.store.login_transactions import LoginTransaction
from local_tenant.tenant import Tenant
from local_tenant.transactions.outcome import Passed
from local_tenant.transactions.record import LoginRefusedError

LIFETIME = 60 * 60 * NANOSECONDS
# The prefix keeps other hosts and plain http from setting it. Without an end it goes with the browser's session.
COOKIE = "__Host-login"
STATE = "state"

_EXPIRED = "This login took too long. Go back to the application and start again."
_ENDED = "You were logged out meanwhile. Go back to the application and start again."
_UNKNOWN = "This page does not belong to a login of this browser. Go back to the application and start again."


@dataclass(frozen=True, slots=True)
class BrowserLogin:
    """A login under way.

    Attributes:
        state: in the pages' addresses.
        cookie: its value in the browser.
        kept: as it is kept.
        asked: what the application asked for.
        facts: the request as Actions and logs see it: with the query of /authorize (documented).
    """

    state: str
    cookie: str
    kept: LoginTransaction
    asked: AuthorizationRequest
    facts: RequestFacts

    @property
    def transaction(self) -> dict[str, Any]:
        """Further members of `event.transaction`: its id is the same in a sign-up and the login that follows."""
        return {"id": str(uuid.UUID(bytes=self.kept.state_hash[:16], version=4)), **self.asked.transaction}

    def address(self, path: str) -> str:
        """Address of a page of this login."""
        return f"{path}?{STATE}={self.state}"


class SessionEndedError(LoginRefusedError):
    """The session that the login belongs to ended while its Actions ran: somebody logged out, or an end was set."""

    def __init__(self) -> None:
        """`login_required`: the user is logged in nowhere any more."""
        super().__init__(403, "login_required", _ENDED)


async def begin(tenant: Tenant, request: Request, asked: AuthorizationRequest) -> BrowserLogin:
    """Keep a new login."""
    state = opaque_token()
    browser = request.cookies.get(COOKIE) or opaque_token()
    now = tenant.clock.now()
    transaction = LoginTransaction(
        state_hash=hashed(state),
        browser_hash=hashed(browser),
        client_id=asked.client.client_id,
        parameters=orjson.dumps(asked.query).decode(),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    await tenant.database.write(lambda connection: login_transactions.add(connection, transaction))
    return BrowserLogin(state, browser, transaction, asked, _facts(request, asked))


def remember(login: BrowserLogin, answer: Response) -> None:
    """Give the browser the cookie of its logins: the same for several of them under way, in as many windows."""
    answer.set_cookie(COOKIE, login.cookie, secure=True, httponly=True, samesite="lax", path="/")


def current(tenant: Tenant, request: Request) -> BrowserLogin:
    """The login that this page belongs to.

    Raises:
        PageError: 400 for an unknown, finished or expired one, and for one of another browser.
    """
    state = request.query_params.get(STATE, "")
    kept = tenant.database.read(lambda connection: login_transactions.get(connection, hashed(state)))
    browser = request.cookies.get(COOKIE, "")
    if kept is None or not hmac.compare_digest(kept.browser_hash, hashed(browser)):
        raise unknown()
    if kept.expires_at <= tenant.clock.now():
        raise PageError(400, _EXPIRED)
    asked = authorize_request.read(tenant, orjson.loads(kept.parameters))
    return BrowserLogin(state, browser, kept, asked, _facts(request, asked))


def complete(connection: sqlite3.Connection, login: BrowserLogin, outcome: Passed, now: int) -> str:
    """End the login within the write at hand; returns where the browser goes with its code.

    Raises:
        PageError: 400 when the same login ended already, in another window: then nothing may be kept.
        SessionEndedError: its session ended.
    """
    outcome.record.write(connection)
    end(connection, login)
    if not sessions.finish(connection, outcome.entitlement, now):
        raise SessionEndedError
    code = authorization_code.new_code(
        connection,
        replace(outcome.entitlement, shows_auth_time=login.asked.wants_auth_time),
        now,
        redirect_uri=login.asked.redirect_uri,
        code_challenge=login.asked.code_challenge,
    )
    return login.asked.answered(code=code)


def end(connection: sqlite3.Connection, login: BrowserLogin) -> None:
    """Let nobody go on with the login.

    Raises:
        PageError: 400 when it ended already.
    """
    if not login_transactions.delete(connection, login.kept.state_hash):
        raise unknown()


def _facts(request: Request, asked: AuthorizationRequest) -> RequestFacts:
    return replace(facts_of(request, {}, None), method="GET", query=without_credentials(asked.query))


def session_ended() -> PageError:
    """400 for a page of a login whose session has ended."""
    return PageError(400, _ENDED)


def unknown() -> PageError:
    """400 for a page whose login there is not, or not any more."""
    return PageError(400, _UNKNOWN)

"""A login in progress in a browser: started by /authorize, identified by state and cookie, answered by a redirect.

The `state` in the pages' addresses cannot be guessed and works only together with the cookie of the browser that
started the login: neither a form on another site nor a person who was sent the address can continue it.
"""

from __future__ import annotations

import hmac
import sqlite3
import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson
from action_runtime.timestamps import NANOSECONDS
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import sessions
from local_tenant.accounts.request_facts import RequestFacts, facts_of, without_credentials
from local_tenant.authentication.browser import authorize_request
from local_tenant.authentication.browser.authorize_request import AuthorizationRequest, PageError
from local_tenant.identifiers import hashed, opaque_token
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import login_transactions
from local_tenant.store.login_transactions import LoginTransaction
from local_tenant.tenant import Tenant
from local_tenant.transactions.outcome import Passed
from local_tenant.transactions.record import LoginRefusedError

LIFETIME = 60 * 60 * NANOSECONDS
# The prefix keeps other hosts and plain http from setting it. Without an end it goes with the browser's session.
COOKIE = "__Host-login"
STATE = "state"
AGAIN = "again"

_EXPIRED = "This login took too long. Go back to the application and start again."
_ENDED = "You were logged out in the meantime. Go back to the application and start again."
_UNKNOWN = "This page does not belong to a login of this browser. Go back to the application and start again."


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong with a form.

    Attributes:
        page: path of its page.
        text: shown there.
        entered: the email address that it was sent with, to be shown again; empty for a page without one.
    """

    page: str
    text: str
    entered: str = ""


@dataclass(frozen=True, slots=True)
class BrowserLogin:
    """A login in progress.

    Attributes:
        state: in the pages' addresses.
        cookie: its value in the browser.
        record: as it is stored.
        authorization: what the application asked for.
        facts: the request as Actions and logs see it: with the query of /authorize (documented).
    """

    state: str
    cookie: str
    record: LoginTransaction
    authorization: AuthorizationRequest
    facts: RequestFacts

    @property
    def problem(self) -> Problem | None:
        """What was wrong with the form that was sent last."""
        return None if self.record.problem is None else Problem(**orjson.loads(self.record.problem))

    @property
    def transaction(self) -> dict[str, Any]:
        """Further members of `event.transaction`: its id is the same in a sign-up and the login that follows."""
        return {"id": str(uuid.UUID(bytes=self.record.state_hash[:16], version=4)), **self.authorization.transaction}

    def address(self, path: str) -> str:
        """Address of a page of this login."""
        return f"{path}?{STATE}={self.state}"

    def address_again(self, path: str) -> str:
        """Address of a page of this login that shows what was wrong with its form."""
        return f"{self.address(path)}&{AGAIN}=true"


class SessionEndedError(LoginRefusedError):
    """The session that the login belongs to ended while its Actions ran: the user logged out, or an end was set."""

    def __init__(self) -> None:
        """`login_required`: the user is no longer logged in."""
        super().__init__(403, "login_required", _ENDED)


async def begin(tenant: Tenant, request: Request, authorization: AuthorizationRequest) -> BrowserLogin:
    """Store a new login."""
    state = opaque_token()
    browser = request.cookies.get(COOKIE) or opaque_token()
    now = tenant.clock.now()
    transaction = LoginTransaction(
        state_hash=hashed(state),
        browser_hash=hashed(browser),
        client_id=authorization.client.client_id,
        parameters=orjson.dumps(authorization.query).decode(),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    await tenant.database.write(login_transactions.add, transaction)
    return BrowserLogin(state, browser, transaction, authorization, _facts(request, authorization))


def remember(login: BrowserLogin, answer: Response) -> None:
    """Give the browser the cookie of its logins: the same for several of them under way, in as many windows."""
    answer.set_cookie(COOKIE, login.cookie, secure=True, httponly=True, samesite="lax", path="/")


def current(tenant: Tenant, request: Request) -> BrowserLogin:
    """The login that this page belongs to.

    Raises:
        PageError: 400 for an unknown, finished or expired one, and for one of another browser.
    """
    login = of_browser(tenant, request)
    if login.record.ending is not None:
        raise unknown()
    return login


def of_browser(tenant: Tenant, request: Request) -> BrowserLogin:
    """The login that the request names, over or not.

    Raises:
        PageError: 400 for an unknown or expired one, and for one of another browser.
    """
    state = request.query_params.get(STATE, "")
    record = tenant.database.read(login_transactions.get, hashed(state))
    browser = request.cookies.get(COOKIE, "")
    if record is None or not hmac.compare_digest(record.browser_hash, hashed(browser)):
        raise unknown()
    if record.expires_at <= tenant.clock.now():
        raise PageError(400, _EXPIRED)
    authorization = authorize_request.read(tenant, orjson.loads(record.parameters))
    return BrowserLogin(state, browser, record, authorization, _facts(request, authorization))


async def store_problem(tenant: Tenant, login: BrowserLogin, problem: Problem) -> None:
    """Keep what was wrong with a form, for the page that it leads to."""
    content = orjson.dumps(asdict(problem)).decode()
    await tenant.database.write(login_transactions.put_problem, login.record.state_hash, content)


def complete(connection: sqlite3.Connection, login: BrowserLogin, outcome: Passed, now: int) -> None:
    """End the login within the write at hand: the application gets a code or tokens.

    Raises:
        PageError: 400 the same login ended already, in another window: nothing may be stored.
        SessionEndedError: its session ended.
    """
    outcome.record.write(connection)
    entitlement = replace(outcome.entitlement, shows_auth_time=login.authorization.wants_auth_time)
    # Without any page, not even a challenge's.
    unseen = outcome.login.single_sign_on and not entitlement.factor_proved
    ending = {
        "entitlement": entitlement.to_json(),
        "unconfirmed": unseen and login.authorization.asks_before_single_sign_on,
    }
    _end(connection, login, ending, entitlement.user_id)
    if not sessions.finish(connection, entitlement, now):
        raise SessionEndedError


def refuse(connection: sqlite3.Connection, login: BrowserLogin, error: OAuthError) -> None:
    """End the login: the application gets the error.

    Raises:
        PageError: 400 when it ended already.
    """
    _end(connection, login, {"error": error.error, "error_description": error.description}, None)


def _end(connection: sqlite3.Connection, login: BrowserLogin, ending: dict[str, Any], user_id: str | None) -> None:
    if not login_transactions.end(connection, login.record.state_hash, user_id, orjson.dumps(ending).decode()):
        raise unknown()


def _facts(request: Request, authorization: AuthorizationRequest) -> RequestFacts:
    return replace(facts_of(request), method="GET", query=without_credentials(authorization.query))


def session_ended() -> PageError:
    """400 for a page of a login whose session has ended."""
    return PageError(400, _ENDED)


def unknown() -> PageError:
    """400 for a page whose login does not exist, or no longer does."""
    return PageError(400, _UNKNOWN)

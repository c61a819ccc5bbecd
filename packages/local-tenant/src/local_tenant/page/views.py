"""What the page shows: one function for each address that is read."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import otp, second_factors
from local_tenant.accounts.factors import OTP
from local_tenant.page import addresses, code
from local_tenant.page.guard import port_of
from local_tenant.page.overview import contents, overview, secret_changes
from local_tenant.page.render import html, message_page
from local_tenant.store import actions, authenticators, bindings, executions, sessions, users
from local_tenant.store.executions import Execution
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.ending import as_of
from local_tenant.ui import PREFIX

TRANSACTIONS_ON_HOME = 12
TRANSACTIONS = 200
USERS = 200
TRANSACTIONS_OF_USER = 20

# By OAuth's code of the error.
_CODE_PROBLEMS = {"invalid_grant": OTP.wrong_on_page[0], "too_many_attempts": second_factors.TOO_MANY}


async def enter(tenant: Tenant, request: Request) -> Response:
    """GET /_page/enter?key=: sets the cookie and goes to the page."""
    if not addresses.same(request.query_params.get("key", ""), addresses.entry_key(tenant.management.client_secret)):
        text = "The key in this address is not this tenant's. The command local-tenant page prints the right address."
        return message_page("Wrong key", text, status=403)
    # Not a redirect: after a click in another program's window a browser would withhold the new cookie from it.
    answer = message_page("Welcome", "The page opens by itself.", status=200, location="/")
    answer.set_cookie(
        addresses.cookie_name(port_of(tenant)),
        addresses.session_key(tenant.management.client_secret),
        max_age=addresses.COOKIE_SECONDS,
        secure=True,
        httponly=True,
        samesite="strict",
        path="/",
    )
    return answer


async def home(tenant: Tenant, _request: Request) -> Response:
    """GET /: flows, newest transactions, test controls."""
    (flows, unbound), newest, live = tenant.database.read(
        lambda connection: (
            overview(connection),
            _newest(tenant, connection, TRANSACTIONS_ON_HOME),
            _live(tenant, connection),
        )
    )
    return html(tenant, "home.html", flows=flows, unbound=unbound, transactions=newest, live=live)


async def action(tenant: Tenant, request: Request) -> Response:
    """GET /_page/actions/{id}?show=&against=: one version or the draft, alone or compared with another."""
    action_id = request.path_params["id"]

    def look(connection: sqlite3.Connection) -> Any:  # noqa: ANN401 - unpacked below
        stored = actions.get(connection, action_id)
        if stored is None:
            return None
        return stored, actions.versions(connection, action_id), bindings.triggers_of(connection, action_id)

    row = tenant.database.read(look)
    if row is None:
        return html(tenant, "missing.html", status=404, what="Action")
    stored, versions, triggers = row
    known = contents(stored, versions)
    show = request.query_params.get("show", "draft" if stored.deployed is None else str(stored.deployed.number))
    against = request.query_params.get("against", "")
    if show not in known or (against and against not in known):
        return html(tenant, "missing.html", status=404, what="version")
    comparison = None
    if against:
        comparison = {
            "lines": code.diff(known[against].code, known[show].code),
            "secrets": secret_changes(known[against], known[show]),
            "runtimes": (known[against].runtime, known[show].runtime),
            "dependencies": (known[against].dependencies, known[show].dependencies),
        }
    return html(
        tenant,
        "action.html",
        action=stored,
        versions=versions,
        triggers=triggers,
        show=show,
        against=against,
        content=known[show],
        names=list(known),
        comparison=comparison,
    )


async def transactions(tenant: Tenant, _request: Request) -> Response:
    """GET /_page/transactions: the newest ones, and new ones as they come."""
    newest, live = tenant.database.read(
        lambda connection: (_newest(tenant, connection, TRANSACTIONS), _live(tenant, connection))
    )
    return html(tenant, "transactions.html", transactions=newest, live=live)


async def transaction(tenant: Tenant, request: Request) -> Response:
    """GET /_page/transactions/{id}: one as a timeline."""
    execution_id = request.path_params["id"]
    run, live = tenant.database.read(
        lambda connection: (executions.get(connection, execution_id), _live(tenant, connection))
    )
    if run is None:
        return html(tenant, "missing.html", status=404, what="transaction")
    outcome = as_of(run, tenant.clock.now()).outcome
    way_on = _way_on(tenant, request, outcome)
    return html(tenant, "transaction.html", run=run, trace=run.trace, outcome=outcome, way_on=way_on, live=live)


def _way_on(tenant: Tenant, request: Request, outcome: dict[str, Any]) -> dict[str, str] | None:
    """What the form needs that continues a challenged "Log in now"; None if there is nothing to continue."""
    mfa_token = request.query_params.get("mfa_token")
    if mfa_token is None or outcome.get("challenge", {}).get("status") != executions.WAITING:
        return None
    enrolled = tenant.database.read(authenticators.confirmed_of_user, outcome["user_id"])
    code = ""
    for app in enrolled:
        if app.type == OTP.type:
            code = otp.unused_code(app.secret, seconds=tenant.clock.seconds(), last_step=app.last_step)
    problem = _CODE_PROBLEMS.get(request.query_params.get("problem", ""), "")
    return {"mfa_token": mfa_token, "code": code, "problem": problem}


async def people(tenant: Tenant, _request: Request) -> Response:
    """GET /_page/users: newest first."""

    def look(connection: sqlite3.Connection) -> list[tuple[User, int]]:
        page = users.page(connection, limit=USERS, offset=0, newest_first=True)
        types = second_factors.enrolled_types_by_user(connection, [user.user_id for user in page])
        return [(user, len(types.get(user.user_id, []))) for user in page]

    return html(tenant, "users.html", users=tenant.database.read(look), error=None, email="")


async def person(tenant: Tenant, request: Request) -> Response:
    """GET /_page/users/{id}: the user's data, and ways to log in as them."""
    return show_person(tenant, request.path_params["id"])


def show_person(tenant: Tenant, user_id: str, *, message: str | None = None, failed: bool = False) -> Response:
    """The page of a user; `message` is the result of a form sent from it."""

    def look(connection: sqlite3.Connection) -> Any:  # noqa: ANN401 - unpacked below
        user = users.get(connection, user_id)
        if user is None:
            return None
        recent = _newest(tenant, connection, TRANSACTIONS)
        of_user = [run for run in recent if run.outcome.get("email") == user.email][:TRANSACTIONS_OF_USER]
        open_sessions = sessions.of_user(connection, user_id, tenant.clock.now())
        return user, authenticators.confirmed_of_user(connection, user_id), open_sessions, of_user

    row = tenant.database.read(look)
    if row is None:
        return html(tenant, "missing.html", status=404, what="user")
    user, factors, open_sessions, runs = row
    content = {"user": user, "factors": factors, "sessions": open_sessions, "transactions": runs}
    return html(tenant, "user.html", status=400 if failed else 200, message=message, failed=failed, **content)


def _live(tenant: Tenant, connection: sqlite3.Connection) -> str:
    """The address of the events that tell what has changed since."""
    return f"{PREFIX}/events?after={executions.newest_revision(connection)}&since={tenant.clock.now()}"


def _newest(tenant: Tenant, connection: sqlite3.Connection, limit: int) -> list[Execution]:
    now = tenant.clock.now()
    return [as_of(run, now) for run in executions.newest(connection, limit)]

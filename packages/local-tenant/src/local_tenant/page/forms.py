"""Forms of the page: one function for each. Each goes through the same code as an application's request."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from action_runtime.timestamps import NANOSECONDS
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.factors import OTP
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.request_facts import RequestFacts, address, facts_of, without_credentials
from local_tenant.authentication.browser.logout import AUTH0_LOGOUT
from local_tenant.authentication.signup.endpoint import sign_up as register
from local_tenant.authentication.signup.errors import SignupError
from local_tenant.authentication.tokens.grants import authorization_code, mfa
from local_tenant.authentication.tokens.issue import log_in
from local_tenant.control.routes import empty, keep_offset
from local_tenant.http import read_form
from local_tenant.oauth_errors import OAuthError
from local_tenant.page import addresses
from local_tenant.page.render import html, message_page
from local_tenant.page.views import show_person
from local_tenant.store import executions, maintenance, sessions, users
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.audiences import DEFAULT_SCOPES
from local_tenant.transactions.login import PASSWORD_PROTOCOL, Login
from local_tenant.ui import PREFIX

CALLBACK = f"{PREFIX}/callback"


async def sign_up(tenant: Tenant, request: Request) -> Response:
    """POST /_page/users `{email, password}`: the pre-user-registration flow runs."""
    form = await read_form(request)
    parameters = {
        "client_id": tenant.application.client_id,
        "connection": DATABASE_CONNECTION,
        "email": form.get("email", ""),
        "password": form.get("password", ""),
    }
    try:
        _, user = await register(tenant, facts_of(request, parameters), parameters)
    except SignupError as error:
        return html(tenant, "refused.html", status=400, title="Sign-up refused", message=error.description)
    return _to(person_address(user.user_id))


async def log_in_as(tenant: Tenant, request: Request) -> Response:
    """POST /_page/users/{id}/login `{ip, parameters}`: what a password login does once the password was right."""
    user_id = request.path_params["id"]
    user = tenant.database.read(users.get, user_id)
    form = await read_form(request)
    if user is None:
        return html(tenant, "missing.html", status=404, what="user")
    try:
        facts = _facts(tenant, request, user, form)
    except ValueError as error:
        return show_person(tenant, user_id, message=str(error), failed=True)
    before = tenant.database.read(executions.newest_revision)
    login = Login(
        user=user,
        client=tenant.application,
        facts=facts,
        protocol=PASSWORD_PROTOCOL,
        scopes=DEFAULT_SCOPES,
        methods=({"name": "pwd", "timestamp": time_text(tenant.clock.now())},),
    )
    message, failed, way_on = "Logged in: tokens were issued.", False, ""
    try:
        await log_in(tenant, login, success="sepft")
    except OAuthError as error:
        message, failed = f"{error.error}: {error.description}", error.error != "mfa_required"
        if not failed:
            way_on = f"?{urlencode({'mfa_token': error.extra['mfa_token']})}"
    execution_id = _run_of(tenant, user, before)
    # Without an Action on the flow there is nothing to show but how it ended.
    if execution_id is None:
        return show_person(tenant, user_id, message=message, failed=failed)
    return _to(f"{PREFIX}/transactions/{execution_id}{way_on}")


async def send_code(tenant: Tenant, request: Request) -> Response:
    """POST /_page/transactions/{id}/code `{mfa_token, code}`: continues a challenged "Log in now"."""
    form = await read_form(request)
    mfa_token, code = form.get("mfa_token", ""), form.get("code", "")
    parameters = {**_application(tenant), "mfa_token": mfa_token, OTP.parameter: "".join(code.split())}
    problem = {}
    try:
        await mfa.exchange(tenant, request, parameters, factor=OTP)
    except OAuthError as error:
        # Shown while the login still waits; the transaction itself shows how it ended else.
        problem = {"mfa_token": mfa_token, "problem": error.error}
    address = f"{PREFIX}/transactions/{quote(request.path_params['id'], safe='')}"
    return _to(f"{address}?{urlencode(problem)}" if problem else address)


async def browser_login(tenant: Tenant, request: Request) -> Response:
    """POST /_page/users/{id}/browser: the login that a browser user sees, with the page as the application."""
    user_id = request.path_params["id"]
    user = tenant.database.read(users.get, user_id)
    if user is None:
        return html(tenant, "missing.html", status=404, what="user")
    # Another user's session may be open in this browser: the password says whose login it is.
    return _to(_authorize(tenant, request, login_hint=user.email, prompt="login"))


async def end_sessions(tenant: Tenant, request: Request) -> Response:
    """POST /_page/users/{id}/sessions/end: every browser of the user is logged out."""
    user_id = request.path_params["id"]
    await tenant.database.write(sessions.delete_of_user, user_id)
    return _to(person_address(user_id))


async def callback(tenant: Tenant, request: Request) -> Response:
    """GET /_page/callback: the page as the application that a login in the browser comes back to."""
    query = request.query_params
    if not addresses.same(query.get("state", ""), addresses.login_state(tenant.management.client_secret)):
        return message_page("Not this page's login", "Start it at a user of the tenant's page.", status=400)
    if "error" in query:
        return _refused(tenant, f"{query['error']}: {query.get('error_description', '')}")
    try:
        parameters = {**_application(tenant), "code": query.get("code", ""), "redirect_uri": _callback(request)}
        tokens = await authorization_code.exchange(tenant, request, parameters)
    except OAuthError as error:
        return _refused(tenant, f"{error.error}: {error.description}")
    if "id_token" not in tokens:
        return _refused(tenant, "Tokens were issued, but no id token: an Action removed the scope openid.")
    claims = tenant.signer.read(tokens["id_token"], tenant.clock.seconds())
    user_id = claims["sub"]
    back = {"client_id": tenant.application.client_id, "returnTo": f"{_root(request)}{person_address(user_id)}"}
    return html(
        tenant,
        "callback.html",
        claims=claims,
        user_id=user_id,
        again=_authorize(tenant, request),
        log_out=f"{AUTH0_LOGOUT}?{urlencode(back)}",
    )


async def change_clock(tenant: Tenant, request: Request) -> Response:
    """POST /_page/clock `{seconds}`: ahead by so much, or `real`."""
    seconds = (await read_form(request)).get("seconds", "")
    if seconds == "real":
        offset = tenant.clock.move_to_real()
    else:
        try:
            offset = tenant.clock.advance(int(seconds) * NANOSECONDS)
        except ValueError:
            message = "The clock takes whole seconds, and goes from 1970 to the end of 2199."
            return html(tenant, "refused.html", status=400, title="The clock stays", message=message)
    await keep_offset(tenant, offset)
    return _to("/")


async def reset(tenant: Tenant, request: Request) -> Response:
    """POST /_page/reset `{what}`: `people`, or `everything`."""
    what = (await read_form(request)).get("what", "")
    if what == "everything":
        await empty(tenant)
    elif what == "people":
        await tenant.database.write(maintenance.empty_people)
    else:
        return html(tenant, "refused.html", status=400, title="Nothing was deleted", message="Choose what to delete.")
    return _to("/")


def _application(tenant: Tenant) -> dict[str, str]:
    return {"client_id": tenant.application.client_id, "client_secret": tenant.application.client_secret}


def person_address(user_id: str) -> str:
    """Where a user is shown."""
    return f"{PREFIX}/users/{quote(user_id, safe='')}"


def _facts(tenant: Tenant, request: Request, user: User, form: dict[str, str]) -> RequestFacts:
    custom: dict[str, str] = {}
    for line in form.get("parameters", "").splitlines():
        name, equals, value = line.strip().partition("=")
        if not line.strip():
            continue
        if not name or not equals:
            raise ValueError(f"Write each parameter as NAME=VALUE on a line of its own; this is none: {line}")
        custom[name] = value
    facts = facts_of(request)
    ip = address(form["ip"].strip()) if form.get("ip", "").strip() else facts.ip
    if ip is None:
        raise ValueError(f"{form['ip']} is not an IP address.")
    grant = {"grant_type": "password", "username": user.email, "client_id": tenant.application.client_id}
    body = without_credentials({**custom, **grant, "scope": " ".join(DEFAULT_SCOPES)})
    return RequestFacts("POST", body, {}, ip, facts.hostname, facts.user_agent, facts.language)


def _run_of(tenant: Tenant, user: User, revision: int) -> str | None:
    """The newest run of this user's since then."""
    rows = tenant.database.read(executions.after, revision, executions.KEPT)
    for _, run in reversed(rows):
        if run.outcome.get("user_id") == user.user_id:
            return run.execution_id
    return None


def _refused(tenant: Tenant, message: str) -> Response:
    return html(tenant, "refused.html", status=400, title="Login refused", message=message)


def _authorize(tenant: Tenant, request: Request, **parameters: str) -> str:
    query = {
        "response_type": "code",
        "client_id": tenant.application.client_id,
        "redirect_uri": _callback(request),
        "scope": "openid profile email",
        "state": addresses.login_state(tenant.management.client_secret),
        **parameters,
    }
    return f"/authorize?{urlencode(query)}"


def _root(request: Request) -> str:
    return f"https://{request.headers['host']}"


def _callback(request: Request) -> str:
    return f"{_root(request)}{CALLBACK}"


def _to(location: str) -> Response:
    return RedirectResponse(location, 303, headers={"Cache-Control": "no-store"})

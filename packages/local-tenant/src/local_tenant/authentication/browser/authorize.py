"""/authorize: the start of a login in the browser, and its end where the browser's session is enough."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import log_entries, sessions
from local_tenant.accounts.request_facts import facts_of
from local_tenant.authentication.browser import (
    authorize_request,
    browser_login,
    html,
    login_steps,
    response_modes,
    resume,
    universal_login,
)
from local_tenant.authentication.browser.authorize_request import AnsweredError, AuthorizationRequest, PageError
from local_tenant.authentication.browser.browser_login import SessionEndedError
from local_tenant.authentication.browser.login_steps import Completed
from local_tenant.http import BodyError, read_pairs
from local_tenant.store import login_transactions, logs
from local_tenant.tenant import Tenant, tenant_of

# In bytes. Clients and servers refuse longer lines, this server from 64 KiB on.
_LONGEST_QUERY = 32 * 1024


async def authorize(request: Request) -> Response:
    """Redirect to the login page, or to the application when the browser has a session that will do.

    Errors go to the application, or to a page where it cannot be told.
    """
    tenant = tenant_of(request)
    counted = Counter(name for name, _ in request.query_params.multi_items())
    repeated = frozenset(name for name, times in counted.items() if times > 1)
    try:
        authorization = authorize_request.read(tenant, request.query_params, repeated=repeated)
        if authorization.silent and authorization.asks_before_single_sign_on:
            description = "The application's callback needs the user's confirmation"
            raise await _silent_failure(tenant, request, authorization, "interaction_required", description)
        answer = await _with_session(tenant, request, authorization)
        return answer or await _without_session(tenant, request, authorization)
    except PageError as error:
        return html.problem(error)
    except AnsweredError as error:
        return response_modes.respond(error.answer)


async def authorize_by_post(request: Request) -> Response:
    """POST /authorize (OpenID Connect Core, section 3.1.2.1): redirect to GET with the same parameters.

    A form of another site comes without the cookie of the logins that are under way in this browser; the request that
    follows has it.
    """
    try:
        pairs = [*request.query_params.multi_items(), *await read_pairs(request)]
    except BodyError as error:
        return html.problem(PageError(400, str(error)))
    query = urlencode(pairs)
    if len(query) > _LONGEST_QUERY:
        return html.problem(
            PageError(413, f"The parameters are longer than {_LONGEST_QUERY} bytes: send a shorter state.")
        )
    answer = html.redirect(f"/authorize?{query}")
    # The browser has to GET where it is sent.
    answer.status_code = 303
    return answer


async def _with_session(tenant: Tenant, request: Request, authorization: AuthorizationRequest) -> Response | None:
    """Single sign-on; None when there is no session that will do."""
    opened = await sessions.use(tenant, request, facts_of(request))
    if opened is None or not authorization.accepts(tenant.clock.now() - opened.session.authenticated_at):
        return None
    login = await browser_login.begin(tenant, request, authorization)
    try:
        step = await login_steps.single_sign_on(tenant, login, opened.session)
    except SessionEndedError:
        await tenant.database.write(login_transactions.delete, login.record.state_hash)
        return None
    # At once: a hidden frame of another site would not send the login's cookie with the next request.
    answer = await resume.respond(tenant, login) if isinstance(step, Completed) else universal_login.after(login, step)
    browser_login.remember(login, answer)
    sessions.remember(tenant, opened, answer)
    return answer


async def _without_session(tenant: Tenant, request: Request, authorization: AuthorizationRequest) -> Response:
    """The first page of a login that asks for credentials.

    Raises:
        AnsweredError: `login_required`, where nothing may be shown.
    """
    if authorization.silent:
        raise await _silent_failure(tenant, request, authorization, "login_required", "Login required")
    login = await browser_login.begin(tenant, request, authorization)
    answer = html.redirect(
        login.address(universal_login.SIGNUP if authorization.wants_signup else universal_login.LOGIN)
    )
    browser_login.remember(login, answer)
    return answer


async def _silent_failure(
    tenant: Tenant, request: Request, authorization: AuthorizationRequest, error: str, description: str
) -> AnsweredError:
    """The error of a request with prompt=none, recorded in the log."""
    entry = log_entries.entry(tenant, "fsa", facts_of(request), client=authorization.client, description=description)
    await tenant.database.write(logs.add, entry)
    return AnsweredError(authorization.answer(error=error, error_description=description))

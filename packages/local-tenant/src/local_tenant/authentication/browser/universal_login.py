"""The pages of a login in the browser: password, sign-up, enrolment of an authenticator app, its code, recovery code.

Paths as Auth0's Universal Login has them. Every form is answered with a redirect: to the next page, or to its own page,
which shows what was wrong. So Back and Reload send nothing twice. Only a form of a login that is over gets a page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import otp, sessions
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.factors import ENROLMENTS, FACTORS, Factor, Prompt
from local_tenant.accounts.request_facts import without_credentials
from local_tenant.authentication import redirect_uris
from local_tenant.authentication.browser import browser_login, html, login_steps, response_modes
from local_tenant.authentication.browser.authorize_request import AnsweredError, PageError
from local_tenant.authentication.browser.browser_login import AGAIN, BrowserLogin, Problem
from local_tenant.authentication.browser.html import Field, Form, Link
from local_tenant.authentication.browser.login_steps import Completed, NewRecoveryCode, Step
from local_tenant.authentication.browser.resume import RESUME
from local_tenant.authentication.signup.endpoint import sign_up
from local_tenant.authentication.signup.errors import SignupError
from local_tenant.http import BodyError, read_form
from local_tenant.oauth_errors import OAuthError
from local_tenant.tenant import Tenant, tenant_of
from local_tenant.transactions.events import event_transaction

LOGIN = "/u/login"
SIGNUP = "/u/signup"
NEW_RECOVERY_CODE = "/u/mfa-recovery-code-enrollment"

Handler = Callable[[Request], Awaitable[Response]]
Show = Callable[[Tenant, Request, BrowserLogin], Awaitable[Response]]
Send = Callable[[Tenant, Request, BrowserLogin, dict[str, str]], Awaitable[Response]]


def _page(show: Show, send: Send) -> Handler:
    """The handler of a page: `show` for GET, `send` for POST with the form."""

    async def handler(request: Request) -> Response:
        tenant = tenant_of(request)
        try:
            login = browser_login.current(tenant, request)
            if login.record.proof is not None and request.url.path in _OF_FACTORS:
                return html.redirect(login.address(NEW_RECOVERY_CODE))
            if request.method == "POST":
                answer = await send(tenant, request, login, await read_form(request))
            else:
                answer = await show(tenant, request, login)
        except PageError as error:
            return html.problem(error)
        except BodyError as error:
            return html.problem(PageError(400, str(error)))
        except AnsweredError as error:
            answer = response_modes.respond(error.answer)
        if request.method == "POST" and answer.status_code == 302:  # noqa: PLR2004 - of HTTP
            # The browser has to GET where it is sent.
            answer.status_code = 303
        return answer

    return handler


async def _show_login(_tenant: Tenant, request: Request, login: BrowserLogin) -> Response:
    """GET /u/login."""
    problem = _problem(request, login)
    fields = (
        Field("username", "Email address", "email", "username", problem.entered),
        Field("password", "Password", "password", "current-password"),
    )
    return html.page(
        "Log in",
        texts=(f"to continue to {login.authorization.client.name}",),
        form=_form_of(login, fields, action=login.address(LOGIN)),
        links=(Link(login.address(SIGNUP), "Sign up instead"),),
        error=problem.text,
    )


async def _send_login(tenant: Tenant, request: Request, login: BrowserLogin, form: dict[str, str]) -> Response:
    """POST /u/login `{username, password}`."""
    return await _log_in(tenant, request, login, form.get("username", ""), form.get("password", ""))


async def _show_signup(_tenant: Tenant, request: Request, login: BrowserLogin) -> Response:
    """GET /u/signup."""
    problem = _problem(request, login)
    fields = (
        Field("email", "Email address", "email", "email", problem.entered),
        Field("password", "Password", "password", "new-password"),
    )
    return html.page(
        "Sign up",
        texts=(f"to continue to {login.authorization.client.name}",),
        form=_form_of(login, fields, action=login.address(SIGNUP)),
        links=(Link(login.address(LOGIN), "Log in instead"),),
        error=problem.text,
    )


async def _send_signup(tenant: Tenant, request: Request, login: BrowserLogin, form: dict[str, str]) -> Response:
    """POST /u/signup `{email, password}`: the new user is logged in with the same password."""
    email, password = form.get("email", ""), form.get("password", "")
    parameters = {
        "client_id": login.authorization.client.client_id,
        "connection": DATABASE_CONNECTION,
        "email": email,
        "password": password,
    }
    try:
        # The form, with any custom fields, is for these Actions alone (documented).
        facts = replace(login.facts, method="POST", body=without_credentials(form))
        transaction = event_transaction(
            facts, login.authorization.protocol, login.authorization.scopes, login.transaction
        )
        await sign_up(tenant, facts, parameters, transaction)
    except SignupError as error:
        return await _again(tenant, login, Problem(SIGNUP, error.friendly_message, email))
    # The account exists now: from here on it is a login.
    return await _log_in(tenant, request, login, email, password)


async def _show_enrolment(
    tenant: Tenant, request: Request, login: BrowserLogin, *, factor: Factor, prompt: Prompt
) -> Response:
    """The page that enrols a factor: an authenticator app, from the secret."""
    enrolment = await login_steps.enrolment(tenant, login, factor)
    if isinstance(enrolment, str):
        return html.redirect(login.address(enrolment))
    user, authenticator = enrolment
    secret = authenticator.secret
    address = otp.otpauth_uri(tenant.name, user.email, secret)
    return html.page(
        prompt.title,
        texts=(prompt.text,),
        qr=address,
        facts=(("secret", "Secret", secret),),
        folded=(("otpauth-uri", "Show the address for the app", address),),
        form=_form_of(login, (_code_field(factor, prompt),), action=login.address(prompt.path)),
        error=_problem(request, login).text,
    )


async def _show_challenge(tenant: Tenant, request: Request, login: BrowserLogin, *, factor: Factor) -> Response:
    """The page that asks for a factor, with links to the user's others."""
    factors = login_steps.provable(tenant, login)
    if not factors:
        return html.redirect(login.address(ENROLMENTS[0].path))
    prompt = factor.challenge
    others = [other for other in factors if other is not factor]
    return html.page(
        prompt.title,
        texts=(prompt.text,),
        form=_form_of(login, (_code_field(factor, prompt),), action=login.address(prompt.path)),
        links=tuple(Link(login.address(other.challenge.path), f"Use the {other.means} instead") for other in others),
        error=_problem(request, login).text,
    )


async def _show_new_code(_tenant: Tenant, _request: Request, login: BrowserLogin) -> Response:
    """GET /u/mfa-recovery-code-enrollment."""
    return html.page(
        "Keep your recovery code",
        texts=("It opens your account once when you cannot use your authenticator app. It is shown only now.",),
        facts=(("recovery-code", "Recovery code", login_steps.recovery_code(login)),),
        form=_form_of(login, (), action=login.address(NEW_RECOVERY_CODE), button="I have saved it: continue"),
    )


async def _send_new_code(tenant: Tenant, request: Request, login: BrowserLogin, _form: dict[str, str]) -> Response:
    """POST /u/mfa-recovery-code-enrollment: the user has saved the code."""
    return _proved(tenant, request, login, await login_steps.go_on(tenant, login))


async def _log_in(tenant: Tenant, request: Request, login: BrowserLogin, username: str, password: str) -> Response:
    try:
        step, session = await login_steps.password(tenant, request, login, username=username, password=password)
    except OAuthError as error:
        return await _again(tenant, login, Problem(LOGIN, error.description, username))
    answer = after(login, step)
    sessions.remember(tenant, session, answer)
    return answer


async def _send_code(
    tenant: Tenant, request: Request, login: BrowserLogin, form: dict[str, str], *, factor: Factor
) -> Response:
    """POST `{code}`."""
    code = "".join(form.get("code", "").split())
    try:
        step = await login_steps.code(tenant, login, factor, code)
    except OAuthError as error:
        text = error.description
        if text == factor.wrong:
            wrong, malformed = factor.wrong_on_page
            text = wrong if factor.pattern.fullmatch(code) else malformed
        return await _again(tenant, login, Problem(request.url.path, text))
    return _proved(tenant, request, login, step)


def after(login: BrowserLogin, step: Step) -> Response:
    """The answer to a step: the next page, or back to the application."""
    if isinstance(step, Completed):
        return html.redirect(login.address(RESUME))
    if isinstance(step, NewRecoveryCode):
        return html.redirect(login.address(NEW_RECOVERY_CODE))
    return html.redirect(login.address(step.page))


def _proved(tenant: Tenant, request: Request, login: BrowserLogin, step: Step) -> Response:
    answer = after(login, step)
    sessions.remind(tenant, request, answer)
    return answer


async def _again(tenant: Tenant, login: BrowserLogin, problem: Problem) -> Response:
    await browser_login.store_problem(tenant, login, problem)
    return html.redirect(login.address_again(problem.page))


def _problem(request: Request, login: BrowserLogin) -> Problem:
    """What was wrong with the form of this page; without a text if the browser was not sent back to it."""
    path, problem = request.url.path, login.problem
    if problem and AGAIN in request.query_params and problem.page == path:
        return problem
    return Problem(path, "", login.authorization.query.get("login_hint", ""))


def _code_field(factor: Factor, prompt: Prompt) -> Field:
    if factor.digits:
        return Field("code", prompt.label, "text", "one-time-code", inputmode="numeric")
    return Field("code", prompt.label, "text", "off")


def _form_of(login: BrowserLogin, fields: tuple[Field, ...], *, action: str, button: str = "Continue") -> Form:
    return Form(fields, button, action=action, targets=redirect_uris.csp_form_targets(login.authorization.redirect_uri))


def _factor_pages() -> Iterator[tuple[str, Handler]]:
    for factor in FACTORS:
        send = partial(_send_code, factor=factor)
        if factor.enrolment:
            yield factor.enrolment.path, _page(partial(_show_enrolment, factor=factor, prompt=factor.enrolment), send)
        yield factor.challenge.path, _page(partial(_show_challenge, factor=factor), send)


_OF_FACTORS = dict(_factor_pages())

# By path, for GET and POST.
PAGES: dict[str, Handler] = {
    LOGIN: _page(_show_login, _send_login),
    SIGNUP: _page(_show_signup, _send_signup),
    **_OF_FACTORS,
    NEW_RECOVERY_CODE: _page(_show_new_code, _send_new_code),
}

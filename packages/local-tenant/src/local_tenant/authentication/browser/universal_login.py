"""The pages of a login in the browser: password, sign-up, enrolment of an authenticator app, its code, recovery code.

Paths as Auth0's Universal Login has them. A wrong form is shown again with the error. Every right step ends in a
redirect, so that going back sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import otp, sessions
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.factors import OTP, RECOVERY_CODE, Factor
from local_tenant.accounts.request_facts import without_credentials
from local_tenant.authentication import redirect_uris
from local_tenant.authentication.browser import browser_login, html, login_steps
from local_tenant.authentication.browser.authorize_request import AnsweredError, PageError
from local_tenant.authentication.browser.browser_login import BrowserLogin
from local_tenant.authentication.browser.html import Field, Form, Link
from local_tenant.authentication.browser.login_steps import Completed, Step
from local_tenant.authentication.signup.endpoint import sign_up
from local_tenant.authentication.signup.errors import SignupError
from local_tenant.http import BodyError, read_form
from local_tenant.oauth_errors import OAuthError
from local_tenant.tenant import Tenant, tenant_of
from local_tenant.transactions.events import event_transaction
from local_tenant.transactions.login import BROWSER_PROTOCOL

LOGIN = "/u/login"
SIGNUP = "/u/signup"
ENROLMENT = OTP.enrolment_page
CHALLENGE = OTP.challenge_page
RECOVERY = RECOVERY_CODE.challenge_page

Page = Callable[[Tenant, Request, BrowserLogin, dict[str, str]], Awaitable[Response]]

# Texts for the page; other errors show their own description.
_WORDING = {
    OTP.wrong: "The code is wrong or was used before.",
    RECOVERY_CODE.wrong: "The recovery code is wrong.",
}


def _of_login(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """A handler that gets the login of the page and the parameters of the form."""

    @wraps(page)
    async def handler(request: Request) -> Response:
        tenant = tenant_of(request)
        try:
            login = browser_login.current(tenant, request)
            form = await read_form(request) if request.method == "POST" else {}
            return await page(tenant, request, login, form)
        except PageError as error:
            return html.problem(error)
        except BodyError as error:
            return html.problem(PageError(400, str(error)))
        except AnsweredError as error:
            return html.redirect(error.location)

    return handler


@_of_login
async def show_login(_tenant: Tenant, _request: Request, login: BrowserLogin, _form: dict[str, str]) -> Response:
    """GET /u/login."""
    return _login_page(login, login.authorization.query.get("login_hint", ""))


@_of_login
async def send_login(tenant: Tenant, request: Request, login: BrowserLogin, form: dict[str, str]) -> Response:
    """POST /u/login `{username, password}`."""
    return await _log_in(tenant, request, login, form.get("username", ""), form.get("password", ""))


@_of_login
async def show_signup(_tenant: Tenant, _request: Request, login: BrowserLogin, _form: dict[str, str]) -> Response:
    """GET /u/signup."""
    return _signup_page(login, login.authorization.query.get("login_hint", ""))


@_of_login
async def send_signup(tenant: Tenant, request: Request, login: BrowserLogin, form: dict[str, str]) -> Response:
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
        transaction = event_transaction(facts, BROWSER_PROTOCOL, login.authorization.scopes, login.transaction)
        await sign_up(tenant, facts, parameters, transaction)
    except SignupError as error:
        return _signup_page(login, email, error.friendly_message)
    # The account exists now: from here on it is a login.
    return await _log_in(tenant, request, login, email, password)


@_of_login
async def show_enrolment(tenant: Tenant, _request: Request, login: BrowserLogin, _form: dict[str, str]) -> Response:
    """GET /u/mfa-otp-enrollment."""
    return await _enrolment_page(tenant, login)


@_of_login
async def send_enrolment(tenant: Tenant, request: Request, login: BrowserLogin, form: dict[str, str]) -> Response:
    """POST /u/mfa-otp-enrollment `{code}`."""
    try:
        step = await login_steps.code(tenant, login, OTP, form.get("code", ""))
    except OAuthError as error:
        return await _enrolment_page(tenant, login, error)
    return _proved(tenant, request, login, step)


@_of_login
async def show_challenge(tenant: Tenant, _request: Request, login: BrowserLogin, _form: dict[str, str]) -> Response:
    """GET /u/mfa-otp-challenge."""
    return _code_page(tenant, login, OTP)


@_of_login
async def send_challenge(tenant: Tenant, request: Request, login: BrowserLogin, form: dict[str, str]) -> Response:
    """POST /u/mfa-otp-challenge `{code}`."""
    return await _send_code(tenant, request, login, OTP, form)


@_of_login
async def show_recovery(tenant: Tenant, _request: Request, login: BrowserLogin, _form: dict[str, str]) -> Response:
    """GET /u/mfa-recovery-code-challenge."""
    return _code_page(tenant, login, RECOVERY_CODE)


@_of_login
async def send_recovery(tenant: Tenant, request: Request, login: BrowserLogin, form: dict[str, str]) -> Response:
    """POST /u/mfa-recovery-code-challenge `{code}`."""
    return await _send_code(tenant, request, login, RECOVERY_CODE, form)


async def _log_in(tenant: Tenant, request: Request, login: BrowserLogin, username: str, password: str) -> Response:
    try:
        step, session = await login_steps.password(tenant, request, login, username=username, password=password)
    except OAuthError as error:
        return _login_page(login, username, error)
    answer = after(login, step)
    sessions.remember(tenant, session, answer)
    return answer


def after(login: BrowserLogin, step: Step) -> Response:
    """The answer to a step: the next page, or back to the application."""
    following = (
        step.location if isinstance(step, Completed) else login.address(CHALLENGE if step.enrolled else ENROLMENT)
    )
    if step.recovery_code is None:
        return html.redirect(following)
    return html.page(
        "Keep your recovery code",
        texts=("It opens your account once when you cannot use your authenticator app. It is shown only now.",),
        facts=(("recovery-code", "Recovery code", step.recovery_code),),
        links=(Link(following, "I have saved it: continue"),),
    )


def _login_page(login: BrowserLogin, username: str, error: OAuthError | None = None) -> Response:
    fields = (
        Field("username", "Email address", "email", "username", username),
        Field("password", "Password", "password", "current-password"),
    )
    return html.page(
        "Log in",
        texts=(f"to continue to {login.authorization.client.name}",),
        error=_error_text(error),
        form=_form(login, fields, action=login.address(LOGIN)),
        links=(Link(login.address(SIGNUP), "Sign up instead"),),
        status=_status(error),
    )


def _signup_page(login: BrowserLogin, email: str, error: str | None = None) -> Response:
    fields = (
        Field("email", "Email address", "email", "email", email),
        Field("password", "Password", "password", "new-password"),
    )
    return html.page(
        "Sign up",
        texts=(f"to continue to {login.authorization.client.name}",),
        error=error,
        form=_form(login, fields),
        links=(Link(login.address(LOGIN), "Log in instead"),),
        status=400 if error else 200,
    )


async def _enrolment_page(tenant: Tenant, login: BrowserLogin, error: OAuthError | None = None) -> Response:
    enrolment = await login_steps.enrolment(tenant, login)
    if enrolment is None:
        return html.redirect(login.address(CHALLENGE))
    user, authenticator = enrolment
    secret = authenticator.secret
    address = otp.otpauth_uri(tenant.name, user.email, secret)
    return html.page(
        "Secure your account",
        texts=("Scan this code with an authenticator app, or type the secret into it; then type the code it shows.",),
        qr=address,
        facts=(("secret", "Secret", secret), ("otpauth-uri", "Address for the app", address)),
        error=_error_text(error),
        form=_form(login, (_code_field("One-time code"),)),
        status=_status(error),
    )


def _code_page(tenant: Tenant, login: BrowserLogin, factor: Factor, error: OAuthError | None = None) -> Response:
    if not login_steps.enrolled(tenant, login):
        return html.redirect(login.address(ENROLMENT))
    if factor is OTP:
        title, text, field = "Verify your identity", "Type the code of your authenticator app.", _code_field("Code")
        link = Link(login.address(RECOVERY), "Use the recovery code instead")
    else:
        title, text = "Use your recovery code", "Enter the recovery code that you saved when you enrolled."
        field = Field("code", "Recovery code", "text", "off")
        link = Link(login.address(CHALLENGE), "Use the authenticator app instead")
    return html.page(
        title,
        texts=(text,),
        error=_error_text(error),
        form=_form(login, (field,)),
        links=(link,),
        status=_status(error),
    )


async def _send_code(
    tenant: Tenant,
    request: Request,
    login: BrowserLogin,
    factor: Factor,
    form: dict[str, str],
) -> Response:
    try:
        step = await login_steps.code(tenant, login, factor, form.get("code", ""))
    except OAuthError as error:
        return _code_page(tenant, login, factor, error)
    return _proved(tenant, request, login, step)


def _proved(tenant: Tenant, request: Request, login: BrowserLogin, step: Step) -> Response:
    answer = after(login, step)
    sessions.remind(tenant, request, answer)
    return answer


def _code_field(label: str) -> Field:
    return Field("code", label, "text", "one-time-code", inputmode="numeric")


def _form(login: BrowserLogin, fields: tuple[Field, ...], action: str | None = None) -> Form:
    return Form(
        fields, "Continue", action=action, targets=(redirect_uris.csp_source(login.authorization.redirect_uri),)
    )


def _error_text(error: OAuthError | None) -> str | None:
    return _WORDING.get(error.description, error.description) if error else None


def _status(error: OAuthError | None) -> int:
    # A page shown again after a mistake is no success; whether the error was a 403 or 400 does not matter to the form.
    return 400 if error else 200

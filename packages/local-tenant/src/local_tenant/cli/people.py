"""`local-tenant signup|login|refresh|users|trace|logs`: log in from the command line, and see what happened."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import click
import httpx

from local_tenant.cli.background import require_running
from local_tenant.cli.device import Device, device_of
from local_tenant.cli.options import data_option, json_option, password_option, request_options
from local_tenant.cli.show import console, end_of, plain, show_log, show_trace, show_traces, show_users
from local_tenant.errors import LocalTenantError
from local_tenant.testing import AuthenticatorApp, Json, Person, ReadyLine, TenantClient, UnexpectedResponseError

SCOPE = "openid profile email offline_access"


@click.command()
@click.argument("email")
@password_option
@data_option
@json_option
def signup(email: str, password: str, data: Path, *, as_json: bool) -> None:
    """Sign an account up, as an application does.

    The pre-user-registration flow runs.
    """
    with _connect(data) as tenant:
        earlier = tenant.trace_of(email)
        _finish(tenant, email, tenant.register(email, password), earlier, as_json=as_json)


@click.command()
@click.argument("email")
@password_option
@request_options
@click.option("--mfa", is_flag=True, help="Answer an MFA challenge from this device; enrols it the first time.")
@click.option("--otp", help="Answer an MFA challenge with this code.")
@data_option
@json_option
def login(
    email: str,
    password: str,
    custom: dict[str, str],
    ip: str | None,
    *,
    mfa: bool,
    otp: str | None,
    data: Path,
    as_json: bool,
) -> None:
    """Log an account in with its password; the post-login flow runs."""
    with _connect(data) as tenant:
        device = device_of(data, email)
        earlier = tenant.trace_of(email)
        user = Person(tenant, email, password=password, ip=ip)
        response = user.log_in(**custom, scope=SCOPE)
        mfa_token = _mfa_token(response)
        if mfa_token and (mfa or otp):
            response = _pass_challenge(user, device, mfa_token, otp)
        _keep_refresh_token(device, response)
        _finish(tenant, email, response, earlier, as_json=as_json)


@click.command()
@click.argument("email")
@request_options
@data_option
@json_option
def refresh(email: str, custom: dict[str, str], ip: str | None, data: Path, *, as_json: bool) -> None:
    """Exchange the refresh token of the account's last login.

    The post-login flow runs.
    """
    with _connect(data) as tenant:
        device = device_of(data, email)
        if device.refresh_token is None:
            raise LocalTenantError(
                f"this device has no refresh token of {email}", fix=f"log in first with `local-tenant login {email}`"
            )
        earlier = tenant.trace_of(email)
        response = Person(tenant, email, ip=ip).refresh(device.refresh_token, **custom)
        _keep_refresh_token(device, response)
        _finish(tenant, email, response, earlier, as_json=as_json)


@click.command()
@data_option
@json_option
def mails(data: Path, *, as_json: bool) -> None:
    """List the mails of the tenant, with their links.

    Nothing is sent: they are stored here.
    """
    with _connect(data) as tenant:
        sent = tenant.mails()
    if as_json:
        click.echo(json.dumps(sent))
        return
    for mail in sent:
        # Not in a table: the link has to stay in one piece.
        click.echo(f"{mail['created_at'][11:19]}  {plain(mail['recipient'])}  {mail['subject']}\n{mail['link']}")


@click.command()
@data_option
@json_option
def users(data: Path, *, as_json: bool) -> None:
    """List the tenant's users."""
    with _connect(data) as tenant:
        accounts = tenant.management_list("users", per_page=100)
    if as_json:
        click.echo(json.dumps(accounts))
    else:
        show_users(console(), accounts)


@click.command()
@click.argument("execution_id", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many to list.")
@data_option
@json_option
def trace(execution_id: str | None, limit: int, data: Path, *, as_json: bool) -> None:
    """List the newest executions of Actions, or show one of them.

    The start of its id is enough.
    """
    with _connect(data) as tenant:
        if execution_id is None:
            traces = tenant.traces(limit)
            if as_json:
                click.echo(json.dumps(traces))
            else:
                show_traces(console(), traces)
            return
        ids = [each["execution_id"] for each in tenant.traces(1000)]
        matches = [each for each in ids if each.startswith(execution_id)]
        if len(matches) != 1:
            raise LocalTenantError(
                f"the tenant has {len(matches) or 'no'} executions {execution_id}…, or no longer keeps it",
                fix="`local-tenant trace` lists those that it keeps",
            )
        _print_trace(tenant.trace(matches[0]), as_json=as_json)


@click.command()
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="How many entries.")
@data_option
@json_option
def logs(limit: int, data: Path, *, as_json: bool) -> None:
    """List the newest log entries, with Auth0's type codes."""
    with _connect(data) as tenant:
        entries = tenant.management_list("logs", per_page=limit)
    if as_json:
        click.echo(json.dumps(entries))
    else:
        show_log(console(), entries)


@contextmanager
def _connect(data: Path) -> Iterator[TenantClient]:
    """A client of the tenant that serves this data folder.

    Raises:
        LocalTenantError: None does, or it refuses a call.
    """
    try:
        with TenantClient(cast("ReadyLine", require_running(data))) as tenant:
            yield tenant
    except UnexpectedResponseError as error:
        raise LocalTenantError(str(error), fix="see the tenant's log") from error


def _pass_challenge(user: Person, device: Device, mfa_token: str, code: str | None) -> httpx.Response:
    """Answer a challenge from the device: with this code, or with its own, enrolling it if it is not yet."""
    if code is not None:
        return user.prove(mfa_token, code)
    if device.otp_secret is None:
        association = user.associate(mfa_token)
        if association.is_error:
            return association
        device.otp_secret = str(association.json()["secret"])
        device.save()
    app = AuthenticatorApp(user.tenant, device.otp_secret)
    response = user.prove(mfa_token, app.code())
    if response.is_error and "Invalid otp_code" in response.text:
        # Each code counts once; a second login within its 30 seconds shows the next one, which is accepted too.
        response = user.prove(mfa_token, app.code(steps=1))
    return response


def _keep_refresh_token(device: Device, response: httpx.Response) -> None:
    """Keep what the device would keep of a response."""
    if "refresh_token" in response.json():
        device.refresh_token = response.json()["refresh_token"]
        device.save()


def _mfa_token(response: httpx.Response) -> str | None:
    """What continues a challenged login; None for any other response."""
    body: Json = response.json()
    return str(body["mfa_token"]) if body.get("error") == "mfa_required" else None


def _finish(tenant: TenantClient, email: str, response: httpx.Response, earlier: Any, *, as_json: bool) -> None:  # noqa: ANN401 - a trace or None
    """Show what ran and how it ended; exit code 1 when the request was refused.

    Without a bound Action nothing runs: the newest trace is then still the one from before the request, `earlier`.
    """
    trace = tenant.trace_of(email)
    if trace == earlier:
        trace = None
    body, challenged = response.json(), _mfa_token(response) is not None
    if as_json:
        click.echo(json.dumps({"status": response.status_code, "answer": body, "run": trace}))
    else:
        if trace is not None:
            _print_trace(trace, as_json=False)
        if challenged:
            click.echo(f"To answer the challenge: local-tenant login {email} --mfa")
        elif response.is_error:
            code = body.get("error") or body.get("code") or response.status_code
            text = body.get("error_description") or body.get("message") or body.get("description")
            click.echo(f"The tenant answered {response.status_code}, {code}: {text}")
        elif trace is None:
            console().print(end_of({"answer": "tokens" if "access_token" in body else "user"}))
    if response.is_error and not challenged:
        sys.exit(1)


def _print_trace(trace: Json, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(trace))
    else:
        show_trace(console(), trace)

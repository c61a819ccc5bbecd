"""`local-tenant signup|login|refresh|users|trace|logs`: log in from the command line, and see what happened."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from local_tenant.cli.api import Answer, TenantApi, connect
from local_tenant.cli.device import Device, device_of
from local_tenant.cli.options import data_option, json_option, password_option, request_options
from local_tenant.cli.show import console, end_of, plain, show_trace, table
from local_tenant.errors import LocalTenantError


@click.command()
@click.argument("email")
@password_option
@data_option
@json_option
def signup(email: str, password: str, data: Path, *, as_json: bool) -> None:
    """Sign an account up, as an application does.

    The pre-user-registration flow runs.
    """
    with connect(data) as api:
        earlier = api.trace_of(email)
        answer = api.sign_up(email, password)
        _finish(api, email, answer, earlier, as_json=as_json)


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
    with connect(data) as api:
        device = device_of(data, email)
        earlier = api.trace_of(email)
        answer = api.log_in(email, password, custom, ip)
        if answer.mfa_token and (mfa or otp):
            answer = pass_challenge(api, device, answer.mfa_token, otp)
        keep_refresh_token(device, answer)
        _finish(api, email, answer, earlier, as_json=as_json)


@click.command()
@click.argument("email")
@request_options
@data_option
@json_option
def refresh(email: str, custom: dict[str, str], ip: str | None, data: Path, *, as_json: bool) -> None:
    """Exchange the refresh token of the account's last login.

    The post-login flow runs.
    """
    with connect(data) as api:
        device = device_of(data, email)
        if device.refresh_token is None:
            raise LocalTenantError(
                f"this device has no refresh token of {email}",
                fix=f"log in first with `local-tenant login {email}`",
            )
        earlier = api.trace_of(email)
        answer = api.refresh(device.refresh_token, custom, ip)
        keep_refresh_token(device, answer)
        _finish(api, email, answer, earlier, as_json=as_json)


@click.command()
@data_option
@json_option
def mails(data: Path, *, as_json: bool) -> None:
    """List the mails of the tenant, with their links.

    Nothing is sent: they are stored here.
    """
    with connect(data) as api:
        sent = api.control("GET", "/mails").body["mails"]
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
    with connect(data) as api:
        accounts = api.manage("GET", "/users", per_page="100")
    if as_json:
        click.echo(json.dumps(accounts))
        return
    rows = table("Email", "Logins", "Last IP!", "app_metadata", "user_metadata", "MFA!")
    for user in accounts:
        rows.add_row(
            plain(user.get("email", user["user_id"])),
            str(user.get("logins_count", 0)),
            plain(user.get("last_ip", "")),
            plain(user.get("app_metadata", {})),
            plain(user.get("user_metadata", {})),
            "enrolled" if user.get("multifactor") else "",
        )
    console().print(rows)


@click.command()
@click.argument("execution_id", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many runs to list.")
@data_option
@json_option
def trace(execution_id: str | None, limit: int, data: Path, *, as_json: bool) -> None:
    """List the newest runs of Actions, or show one of them."""
    with connect(data) as api:
        if execution_id is None:
            _list_runs(api.newest_traces(limit), as_json=as_json)
            return
        run = api.trace(execution_id)
    if run is None:
        raise LocalTenantError(
            f"the tenant has no run {execution_id}, or does not keep it any more",
            fix="`local-tenant trace` lists those that it keeps",
        )
    _print_run(run, as_json=as_json)


@click.command()
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="How many entries.")
@data_option
@json_option
def logs(limit: int, data: Path, *, as_json: bool) -> None:
    """List the newest log entries, with Auth0's type codes."""
    with connect(data) as api:
        entries = api.manage("GET", "/logs", per_page=str(limit))
    if as_json:
        click.echo(json.dumps(entries))
        return
    rows = table("Date!", "Type!", "Description", "User", "IP!")
    for entry in entries:
        rows.add_row(
            entry["date"][:19],
            entry["type"],
            plain(entry.get("description", "")),
            plain(entry.get("user_name", "")),
            plain(entry.get("ip", "")),
        )
    console().print(rows)


def pass_challenge(api: TenantApi, device: Device, mfa_token: str, code: str | None = None) -> Answer:
    """Answer a challenge from the device: with the code given, or its own, enrolling it if it is not yet."""
    if code is None and device.otp_secret is None:
        enrolled = api.enrol(mfa_token)
        if not enrolled.succeeded:
            return enrolled
        device.otp_secret = enrolled.body["secret"]
        device.save()
    answer = api.answer_challenge(mfa_token, code or api.otp(device.otp_secret or ""))
    if not answer.succeeded and code is None and "Invalid otp_code" in answer.error:
        # Each code counts once; a second login within its 30 seconds shows the next one, which is accepted too.
        answer = api.answer_challenge(mfa_token, api.otp(device.otp_secret or "", steps_ahead=1))
    return answer


def keep_refresh_token(device: Device, answer: Answer) -> None:
    """Keep what the device would keep of an answer."""
    if "refresh_token" in answer.body:
        device.refresh_token = answer.body["refresh_token"]
        device.save()


def _finish(api: TenantApi, email: str, answer: Answer, earlier: dict[str, Any] | None, *, as_json: bool) -> None:
    """Show what ran and how it ended; exit code 1 when the request was refused.

    Without a bound Action nothing runs: the newest run is then still the one from before the request, `earlier`.
    """
    run = api.trace_of(email)
    if run == earlier:
        run = None
    if as_json:
        click.echo(json.dumps({"status": answer.status, "answer": answer.body, "run": run}))
    elif run is not None:
        _print_run(run, as_json=False)
    if not as_json:
        _say_how_it_ended(email, answer, run)
    if not answer.succeeded and answer.mfa_token is None:
        sys.exit(1)


def _say_how_it_ended(email: str, answer: Answer, run: dict[str, Any] | None) -> None:
    if answer.succeeded:
        if run is None:
            console().print(end_of({"answer": "tokens" if "access_token" in answer.body else "user"}))
    elif answer.mfa_token is not None:
        click.echo(f"To answer the challenge: local-tenant login {email} --mfa")
    else:
        click.echo(f"The tenant answered {answer.status}, {answer.error}")


def _print_run(run: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(run))
    else:
        show_trace(console(), run)


def _list_runs(runs: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(runs))
        return
    rows = table("Started!", "Transaction", "Execution!")
    for run in runs:
        rows.add_row(
            run["started_at"][11:19],
            Text("\n").join(
                (
                    plain(run["outcome"].get("email", "")),
                    Text(f"{run['trigger_id']} ").append_text(end_of(run["outcome"])),
                    plain(", ".join(action["name"] for action in run["actions"])),
                ),
            ),
            run["execution_id"],
        )
    console().print(rows)

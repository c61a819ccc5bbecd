"""`local-tenant applications`: what each application may do, and where its logins end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import click

from local_tenant.cli.background import require_running
from local_tenant.cli.options import data_option, json_option
from local_tenant.errors import LocalTenantError
from local_tenant.testing import ReadyLine, TenantClient

GRANT_TYPE = "http://auth0.com/oauth/grant-type/"
# What a short name on the command line stands for.
_OF_AUTH0 = ("password-realm", "mfa-oob", "mfa-otp", "mfa-recovery-code")


@click.command()
@data_option
@json_option
@click.argument("name", required=False)
@click.option("--grants", metavar="A,B,…", help="Allow these grants only.")
@click.option("--callbacks", metavar="URL,…", help="Allow logins to end at these URLs only.")
@click.option(
    "--kind",
    type=click.Choice(["regular_web", "spa", "native", "non_interactive"]),
    help="Its app_type; spa and native have no secret.",
)
def applications(
    data: Path, name: str | None, grants: str | None, callbacks: str | None, kind: str | None, *, as_json: bool
) -> None:
    """Show the applications, or change one by its NAME or client_id.

    \b
        local-tenant applications
        local-tenant applications Shop --grants authorization_code,refresh_token
    """  # noqa: D301 - click wants the character itself, which a raw docstring would not have
    ready = cast("ReadyLine", require_running(data))
    own = {ready[which]["client_id"] for which in ("management", "application", "single_page_application")}
    with TenantClient(ready) as tenant:
        shown: list[dict[str, Any]] = tenant.api.get("/api/v2/clients", params={"per_page": 100}).json()
        if name is not None:
            shown = [_named(shown, name)]
            change = _change(grants, callbacks, kind)
            if change:
                shown = [_changed(tenant, shown[0], change)]
        elif _change(grants, callbacks, kind):
            raise click.UsageError("name the application to change")
    if as_json:
        click.echo(json.dumps(shown))
        return
    click.echo("\n\n".join("\n".join(_lines(client, own=client["client_id"] in own)) for client in shown))


def _named(clients: list[dict[str, Any]], name: str) -> dict[str, Any]:
    found = [client for client in clients if name in (client["client_id"], client["name"])]
    if len(found) == 1:
        return found[0]
    names = ", ".join(client["name"] for client in clients)
    what = f"{len(found)} applications are called '{name}'" if found else f"no application is called '{name}': {names}"
    raise LocalTenantError(what, fix="name it by its client_id: `local-tenant applications` shows them")


def _change(grants: str | None, callbacks: str | None, kind: str | None) -> dict[str, Any]:
    change: dict[str, Any] = {}
    if grants is not None:
        change["grant_types"] = [GRANT_TYPE + each if each in _OF_AUTH0 else each for each in _items(grants)]
    if callbacks is not None:
        change["callbacks"] = _items(callbacks)
    if kind is not None:
        method = "none" if kind in ("spa", "native") else "client_secret_post"
        change |= {"app_type": kind, "token_endpoint_auth_method": method}
    return change


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _changed(tenant: TenantClient, client: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    response = tenant.api.patch(f"/api/v2/clients/{client['client_id']}", json=change)
    content: dict[str, Any] = response.json()
    if response.is_error:
        raise LocalTenantError(f"'{client['name']}' stays as it is: {content['message']}", fix="correct the options")
    return content


def _lines(client: dict[str, Any], *, own: bool) -> list[str]:
    secret = "no secret" if client.get("token_endpoint_auth_method") == "none" else "with a secret"
    kind = f"{client.get('app_type', 'no kind')}, {secret}"
    grants = [grant.removeprefix(GRANT_TYPE) for grant in client["grant_types"]]
    callbacks = client.get("callbacks", ["any address on loopback"] if own else [])
    return [
        f"{client['name']} ({kind})",
        f"  client_id  {client['client_id']}",
        *_wrapped("grants", grants),
        *_wrapped("callbacks", callbacks),
    ]


def _wrapped(label: str, items: list[str]) -> list[str]:
    """Items behind a label, in lines of at most 80 characters where they fit."""
    lines, line = [], f"  {label:<11}"
    for number, item in enumerate(items):
        text = item + ("," if number < len(items) - 1 else "")
        if len(line.rstrip()) > 13 and len(line) + len(text) > 80:  # noqa: PLR2004 - the label, a terminal
            lines.append(line.rstrip())
            line = " " * 13
        line += f"{text} "
    return [*lines, line.rstrip() if items else f"{line}none"]

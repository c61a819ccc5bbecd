"""`actions-ops smoke`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from operations import show
from operations.errors import FOUND_NOTHING, FOUND_SOMETHING, OperationsError
from operations.local_tenant import ready_line
from operations.options import json_option, stack_named, stack_option
from operations.program import read_program
from operations.smoke.checks import Check, run_checks
from operations.smoke.people import Application, People
from operations.tenant import connection_of

_CREDENTIALS = ("AUTH0_APP_CLIENT_ID", "AUTH0_APP_CLIENT_SECRET")


@click.command()
@stack_option
@json_option
@click.pass_obj
def smoke(folder: Path, stack_name: str, *, as_json: bool) -> None:
    """Sign up and log in on the test tenant with throw-away accounts.

    Needs AUTH0_APP_CLIENT_ID and AUTH0_APP_CLIENT_SECRET of an application with the Password grant, and the scopes
    read:users, update:users and delete:users. AUTH0_APP_CONNECTION names another database connection. Deletes the
    accounts at the end. Refuses to run on prod.
    """
    stack = stack_named(folder, stack_name)
    config = stack.config()
    settings = config.settings(stack.project.name)
    _refuse_prod(stack.name, stack.short_name, settings)
    # Its guards see to it that the domain is the test tenant's.
    read_program(stack.project, stack.short_name, config)
    connection = connection_of(config.values, os.environ)
    people = People(connection, application_of(os.environ, connection.domain))
    people.check_scopes()
    checks = []
    with people:
        for check in run_checks(people, settings["integrationTestDomain"], settings["forceMfaDomain"]):
            checks.append(check)
            if not as_json:
                _show(check)
    passed = all(check.passed for check in checks) and not people.left_over
    if as_json:
        results = [{**asdict(check), "actual": "" if check.passed else check.actual} for check in checks]
        click.echo(json.dumps({"stack": stack.name, "checks": results, "left_over": people.left_over}))
    else:
        _show_end(checks, people.left_over)
    sys.exit(FOUND_NOTHING if passed else FOUND_SOMETHING)


def _refuse_prod(name: str, short_name: str, settings: Mapping[str, str]) -> None:
    is_test = settings.get("environment") == "test" and settings.get("tenant") == settings.get("testTenant")
    if short_name == "prod" or not is_test:
        raise OperationsError(
            f"stack {name} is not of the test tenant, and accounts are created on no other",
            fix="run this on the stack whose environment is test and whose tenant is the testTenant",
        )


def application_of(environ: Mapping[str, str], domain: str) -> Application:
    """The application that smoke logs in with.

    Raises:
        OperationsError: it is not named.
    """
    values = {**_application_of_local_tenant(domain), **environ}
    missing = [name for name in _CREDENTIALS if not values.get(name)]
    if missing:
        raise OperationsError(
            f"not set: {', '.join(missing)}",
            fix="export them, of an application of the test tenant that has the Password grant; "
            "for a local tenant they are `application` in `local-tenant status --json`",
        )
    client_id, client_secret = (values[name] for name in _CREDENTIALS)
    connection = environ.get("AUTH0_APP_CONNECTION")
    return Application(client_id, client_secret, connection) if connection else Application(client_id, client_secret)


def _application_of_local_tenant(domain: str) -> Mapping[str, str]:
    """The application of the project's own local tenant, if the stack is deployed to it."""
    ready = ready_line() if domain.startswith("localhost:") else None
    if ready is None or ready["domain"] != domain:
        return {}
    application = ready["application"]
    return dict(zip(_CREDENTIALS, (application["client_id"], application["client_secret"]), strict=True))


def _show(check: Check) -> None:
    mark = "ok    " if check.passed else "FAILED"
    show.console().print(f"{mark} {check.who}: {check.what}{'' if check.passed else f' ({check.actual})'}")


def _show_end(checks: list[Check], left_over: list[str]) -> None:
    out = show.console()
    failed = sum(not check.passed for check in checks)
    out.print(f"{failed} of {len(checks)} checks failed." if failed else f"All {len(checks)} checks passed.")
    if left_over:
        out.print(f"These accounts could not be deleted; delete them by hand: {', '.join(left_over)}")
    else:
        out.print("The throw-away accounts are deleted.")

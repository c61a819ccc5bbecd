"""`actions-ops doctor`."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click
import jwt
from auth0.management.core.request_options import RequestOptions

from operations.backend import require_backend
from operations.doctor.checks import (
    Level,
    Line,
    check_application,
    check_mfa,
    check_runtimes,
    check_scopes,
    check_strangers,
)
from operations.drift.compare import Evidence, compare
from operations.drift.secret_writes import Notes
from operations.errors import FOUND_NOTHING, FOUND_SOMETHING, OperationsError
from operations.local_tenant import ready_line
from operations.options import json_option, stack_option
from operations.program import ProgramPlan, read_program
from operations.project import StackConfig, find_project
from operations.pulumi_stack import NO_STACK, UNLOCK, Managed, PulumiStack
from operations.smoke.command import application_of
from operations.tenant import Connection, ManagementApi, connection_of
from operations.tenant.failures import explained_errors

_COLUMNS = 80
_OPTIONS: RequestOptions = {"max_retries": 6}


@click.command()
@stack_option
@json_option
@click.pass_obj
def doctor(folder: Path, stack_name: str, *, as_json: bool) -> None:
    """Check a stack's backend, credentials and tenant.

    It only reads. For each thing that is wrong: what, why it matters, the fix. Needs the scopes read:actions,
    read:guardian_factors, read:mfa_policies and read:clients; a missing one is a warning. Exit code 1: something is
    wrong.
    """
    lines = []
    for line in _Doctor(PulumiStack(find_project(folder), stack_name)).lines():
        lines.append(line)
        if not as_json:
            _show(line)
    wrong = sum(line.level == Level.WRONG for line in lines)
    if as_json:
        click.echo(json.dumps({"stack": stack_name, "lines": [asdict(line) for line in lines]}))
    else:
        click.echo(f"{wrong} of {len(lines)} checks found something wrong." if wrong else "Nothing is wrong.")
    sys.exit(FOUND_SOMETHING if wrong else FOUND_NOTHING)


def _show(line: Line) -> None:
    for mark, text in ((f"{line.level:7}", line.what), ("  why: ", line.why), ("  fix: ", line.fix)):
        first, *others = text.splitlines() or [""]
        if first:
            click.echo("\n".join(_wrapped(mark, first, " " * len(mark))))
        for part in others:
            # A layout of its own.
            inner = part[: len(part) - len(part.lstrip())]
            click.echo("\n".join(_wrapped(f"  {inner}", part.lstrip(), f"  {inner}  ")).rstrip())


def _wrapped(mark: str, text: str, indent: str) -> list[str]:
    """The text as lines of the terminal, the first one after `mark`, the others after `indent`."""
    wrapper = textwrap.TextWrapper(_COLUMNS, mark, indent, break_long_words=False, break_on_hyphens=False)
    return wrapper.wrap(text) or [""]


class _Doctor:
    """One examination of a stack: reads what the checks need, as far as it can be read."""

    def __init__(self, stack: PulumiStack) -> None:
        self._stack = stack
        # What the stack's state has; None if it can't be read.
        self._managed: dict[str, Managed] | None = None

    def lines(self) -> Iterator[Line]:
        """Everything that can be checked; where one thing is a condition of the next, nothing after it."""
        try:
            require_backend(self._stack.project.folder, self._stack.name, os.environ)
            config = self._stack.config()
            yield from self._backend()
        except OperationsError as error:
            if NO_STACK in error.what:
                self._managed = {}
            yield Line.of_error(error, "without a backend and this stack nothing can be deployed")
            try:
                config = self._stack.project.stack_config(self._stack.short_name)
            except OperationsError as missing:
                yield Line.of_error(missing, "without settings there is nothing to deploy")
                return
        try:
            plan = read_program(self._stack.project, self._stack.short_name, config)
            connection = connection_of(config.values, os.environ)
        except OperationsError as error:
            # Its tenant may be the wrong one: no request goes there.
            yield Line.of_error(error, "the program deploys nothing; the tenant was not checked")
            return
        yield from self._tenant(config, connection)
        yield from self._tenants_content(config, plan, connection)

    def _backend(self) -> Iterator[Line]:
        self._managed = self._stack.managed_actions()
        yield Line(Level.OK, f"the backend answers and has stack {self._stack.name}")
        locks = self._stack.locks()
        if locks:
            yield Line(
                Level.WRONG,
                f"the stack is locked by {', '.join(locks)}",
                "no update can start until the lock is gone",
                UNLOCK,
            )
        elif locks is not None:
            yield Line(Level.OK, "the stack is not locked")

    def _tenant(self, config: StackConfig, connection: Connection) -> Iterator[Line]:
        tenant = config.settings(self._stack.project.name)["tenant"]
        ready = ready_line() if connection.domain.startswith("localhost:") else None
        if ready is not None and ready["domain"] == connection.domain and ready["tenant"] != tenant:
            yield Line(
                Level.WRONG,
                f"the local tenant on {connection.domain} is {ready['tenant']}, and the stack names {tenant}",
                "the Actions compare event.tenant.id with their settings: no bypass would ever apply",
                f"local-tenant stop, then: local-tenant start --tenant {tenant} --data ANOTHER_FOLDER",
            )
        else:
            yield Line(Level.OK, f"{connection.domain} belongs to tenant {tenant}, as the stack says")

    def _tenants_content(self, config: StackConfig, plan: ProgramPlan, connection: Connection) -> Iterator[Line]:
        settings = config.settings(self._stack.project.name)
        is_test = settings["tenant"] == settings["testTenant"]
        try:
            with explained_errors(connection.domain, "taking a token", "read:actions"):
                token = connection.token()
        except OperationsError as error:
            yield Line.of_error(error, "no command can reach the tenant's Management API")
            return
        yield Line(Level.OK, f"{connection.domain} accepts the credentials")
        yield from check_scopes(_scopes(token), is_test=is_test)
        for check in (self._mfa, self._actions):
            try:
                yield from check(plan, connection)
            except OperationsError as error:
                yield Line.of_error(error, "so this could not be checked", Level.WARN)
        if is_test:
            try:
                yield from self._application(connection)
            except OperationsError as error:
                yield Line.of_error(error, "so it is not known whether `make smoke` can log in", Level.WARN)

    def _mfa(self, _plan: ProgramPlan, connection: Connection) -> Iterator[Line]:
        guardian = connection.client().guardian
        with explained_errors(connection.domain, "reading the second factors", "read:guardian_factors"):
            factors = {str(factor.name): factor.enabled for factor in guardian.factors.list(request_options=_OPTIONS)}
        with explained_errors(connection.domain, "reading the MFA policy", "read:mfa_policies"):
            policies = [str(policy) for policy in guardian.policies.list(request_options=_OPTIONS)]
        yield from check_mfa(factors, policies)

    def _actions(self, plan: ProgramPlan, connection: Connection) -> Iterator[Line]:
        api = ManagementApi(connection)
        yield from check_runtimes(plan, api.runtimes(), self._stack.short_name)
        if self._managed is not None:
            evidence = Evidence(plan, api.snapshot(), self._managed, Notes.of(()))
            yield from check_strangers(compare(evidence), self._stack.short_name)

    def _application(self, connection: Connection) -> Iterator[Line]:
        application = application_of(os.environ, connection.domain)
        with explained_errors(connection.domain, "reading smoke's application", "read:clients"):
            client = connection.client().clients.get(application.client_id, request_options=_OPTIONS)
        yield from check_application(
            application.client_id, client.grant_types or (), str(client.token_endpoint_auth_method)
        )


def _scopes(token: str) -> frozenset[str]:
    """Scopes that the token has; nothing here trusts them, so the signature is not checked."""
    with suppress(jwt.InvalidTokenError):
        return frozenset(str(jwt.decode(token, options={"verify_signature": False}).get("scope") or "").split())
    return frozenset()

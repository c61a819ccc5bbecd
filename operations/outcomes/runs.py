"""Runs logins and sign-ups through both trees' Actions, and finds those that end differently."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from action_runtime import (
    ActionRuntime,
    ActionVersion,
    BoundAction,
    DependencyInstallError,
    Effects,
    Execution,
    Flow,
    RuntimeUnavailableError,
    install_dependencies,
)

from operations.errors import OperationsError
from operations.outcomes.logins import Transaction
from operations.outcomes.trees import Side, Tree
from operations.program import ActionPlan
from policy import Decision, Tenant


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a login or a sign-up ends.

    Attributes:
        what: `skipped` or `challenged`; `denied`, `failed` or `asked for more`; for a sign-up `allowed`.
        detail: with what: the provider of MFA, a reason, an error.
        effects: what is written or put into tokens.
        calls: the calls of each Action, as `NAME: api.METHOD(ARGUMENTS)`.
    """

    what: str
    detail: str = ""
    effects: Mapping[str, Any] = field(default_factory=dict)
    calls: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In words."""
        return f"{self.what} ({self.detail})" if self.detail else self.what

    @property
    def compared(self) -> tuple[object, ...]:
        """What makes two outcomes different for a person; how it comes about does not."""
        return self.what, self.detail, json.dumps(self.effects, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Change:
    """A login or sign-up that ends differently.

    Attributes:
        transaction: the login or the sign-up.
        was: how it ended with the base's Actions.
        now: how it ends with the working tree's.
        why: the reasons of both decision tables, and the calls that are new or gone.
    """

    transaction: Transaction
    was: Outcome
    now: Outcome
    why: str


async def changes(base: Tree, head: Tree, transactions: Iterable[Transaction], dependencies: Path) -> list[Change]:
    """Those that end differently, in the same order.

    Args:
        base: the tree before.
        head: the tree after.
        transactions: what to run through both.
        dependencies: folder where npm packages of the Actions are kept.

    Raises:
        OperationsError: Node does not start, or an npm package can't be installed.
    """
    runtime = ActionRuntime(dependencies)
    try:
        await runtime.start()
    except RuntimeUnavailableError as error:
        raise OperationsError(
            f"the Actions can't be run: {error}", fix="run `make setup`, which installs Node"
        ) from error
    try:
        before, after = await _Flows.of(base, dependencies), await _Flows.of(head, dependencies)
        different = []
        for transaction in transactions:
            was, now = await before.outcome(runtime, transaction), await after.outcome(runtime, transaction)
            if was.compared != now.compared:
                different.append(Change(transaction, was, now, _why(base, head, transaction, was, now)))
        return different
    finally:
        await runtime.close()


class _Flows:
    """The flows of one tree, ready for the runtime."""

    def __init__(self, tree: Tree, flows: Mapping[tuple[Tenant, str], Flow]) -> None:
        self._tree = tree
        self._flows = flows

    @classmethod
    async def of(cls, tree: Tree, dependencies: Path) -> _Flows:
        flows = {
            (tenant, flow.trigger): await _flow(f"{tree.name}/{tenant}", side, flow.trigger, flow.order, dependencies)
            for tenant, side in tree.sides.items()
            for flow in side.plan.flows
        }
        return cls(tree, flows)

    async def outcome(self, runtime: ActionRuntime, transaction: Transaction) -> Outcome:
        flow = self._flows.get((transaction.tenant, transaction.trigger), Flow(transaction.trigger, ()))
        event = {**copy.deepcopy(transaction.event), "tenant": {"id": self._tree.sides[transaction.tenant].tenant}}
        return _outcome(await runtime.run(flow, event), "allowed" if transaction.source == "sign-up" else "skipped")


async def _flow(prefix: str, side: Side, trigger: str, order: Sequence[str], dependencies: Path) -> Flow:
    actions = {action.name: action for action in side.plan.actions}
    return Flow(trigger, tuple([await _bound(f"{prefix}/{name}", actions[name], dependencies) for name in order]))


async def _bound(identifier: str, action: ActionPlan, dependencies: Path) -> BoundAction:
    if action.content.modules:
        raise OperationsError(
            f"Action {action.name} requires modules, whose code is not part of the program",
            fix="compare it on a tenant: operations/outcomes/runs.py runs what the program itself deploys",
        )
    try:
        folder = await install_dependencies(action.content.packages, dependencies)
    except DependencyInstallError as error:
        raise OperationsError(f"Action {action.name}: {error}", fix="check its dependencies and the network") from error
    version = ActionVersion(identifier, 1, action.content.code, secrets=dict(action.secret_values), dependencies=folder)
    return BoundAction(identifier, action.name, version)


def _outcome(result: Execution, otherwise: str) -> Outcome:
    effects = result.effects.to_json()
    multifactor = effects.pop("multifactor")
    nothing = Effects().to_json()
    written = {name: value for name, value in effects.items() if value != nothing[name]}
    calls = tuple(
        f"{action.name}: api.{call.method}({', '.join(map(_argument, call.arguments))})"
        for action in result.trace.actions
        for call in action.calls
    )
    if result.error is not None:
        where = f"{result.error.action_name}: " if result.error.action_name else ""
        return Outcome("failed", f"{where}{result.error.message}", written, calls)
    if result.denial is not None:
        return Outcome("denied", result.denial.reason or result.denial.kind, written, calls)
    if result.pause is not None:
        steps = ", ".join(type(step).__name__.removesuffix("Step").lower() for step in result.pause.steps)
        return Outcome("asked for more", steps, written, calls)
    if multifactor is not None:
        remember = ", browser may be remembered" if multifactor["allow_remember_browser"] else ""
        return Outcome("challenged", f"{multifactor['provider']}{remember}", written, calls)
    return Outcome(otherwise, "", written, calls)


def _argument(value: object) -> str:
    return json.dumps(value)


def _why(base: Tree, head: Tree, transaction: Transaction, was: Outcome, now: Outcome) -> str:
    reasons = []
    if transaction.login is not None:
        before = base.verdict(transaction.login, transaction.email_domain)
        after = head.verdict(transaction.login, transaction.email_domain)
        if after is not None:
            against = now.what != ("challenged" if after.decision == Decision.CHALLENGE else "skipped")
            reason = after.reason if before is None or before == after else f"{before.reason}, now {after.reason}"
            reasons.append(f"{f'against the table: {after.decision}, ' if against else ''}{reason}")
    reasons += [f"no more {call}" for call in was.calls if call not in now.calls]
    reasons += [f"now {call}" for call in now.calls if call not in was.calls]
    return "; ".join(reasons)

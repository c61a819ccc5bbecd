"""Runs logins and sign-ups through both trees' Actions, and finds those that end differently."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

# What a call means, after the Action's name.
_DOES = {
    "multifactor.enable": "asks for MFA",
    "authentication.challengeWith": "asks for MFA",
    "authentication.challengeWithAny": "asks for MFA",
    "authentication.enrollWith": "asks for an enrolment",
    "authentication.enrollWithAny": "asks for an enrolment",
    "access.deny": "denies access",
    "redirect.sendUserTo": "redirects the user",
}


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
        return f"{self.what} ({self.detail})" if self.detail not in ("", "any") else self.what

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
        why: the reasons, in plain words.
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
    """In plain words: what both decision tables say, or else what the Actions call otherwise; what is set otherwise."""
    reasons = []
    if transaction.login is not None:
        before = base.verdict(transaction.login, transaction.email_domain)
        after = head.verdict(transaction.login, transaction.email_domain)
        if after is not None:
            if now.what != ("challenged" if after.decision == Decision.CHALLENGE else "skipped"):
                reasons.append(f"against the decision table, which says {after.decision}")
            changed = before is not None and before != after
            was_text = f" (before: {_plain(before.reason)})" if before is not None and changed else ""
            reasons.append(f"rule: {_plain(after.reason)}{was_text}")
    if not reasons:
        reasons += _calls("no longer", was.calls, now.calls)
        reasons += _calls("now", now.calls, was.calls)
    reasons += _data(was.effects, now.effects)
    return "; ".join(reasons)


def _plain(reason: str) -> str:
    return reason.replace("-", " ")


def _calls(when: str, calls: Iterable[str], others: Sequence[str]) -> list[str]:
    """What Actions do that they did not do, or did; what they set is `_data`'s."""
    sentences = []
    for call in calls:
        action, _, rest = call.partition(": api.")
        method = rest.partition("(")[0]
        if call in others or ".set" in method:
            continue
        sentences.append(f"{action} {when} {_DOES.get(method, f'calls {method}')}")
    return list(dict.fromkeys(sentences))


def _data(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    before, after = dict(_flat(was)), dict(_flat(now))
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            yield f"{name} is no longer set"
        elif name not in before:
            yield f"{name} is now set"
        elif before[name] != after[name]:
            yield f"{name} is {_argument(after[name])} instead of {_argument(before[name])}"


def _flat(effects: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each value with a name of its own: `user_metadata.last_ip`."""
    for name, value in effects.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", inner) for key, inner in value.items())
        else:
            yield name, value

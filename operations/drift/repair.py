"""Brings a tenant back to what the program says: with `pulumi up` where that sees the difference, else by the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from operations.content import KINDS as CONTENT_KINDS
from operations.content import Content
from operations.drift.findings import Finding, Kind
from operations.drift.look import Look, Looker
from operations.drift.secret_times import note
from operations.errors import RefusedError

PULUMI = "pulumi up"
API = "Management API"

_SECRETS = frozenset({"secret-names", Kind.SECRET_TOUCHED})
# Of an Action, and fixed by deploying its draft once that is right.
_OF_ACTIONS = CONTENT_KINDS | {Kind.SECRET_TOUCHED, Kind.NOT_DEPLOYED, Kind.DRAFT}
_OF_FLOWS = frozenset({Kind.ORDER, Kind.NOT_BOUND, Kind.FOREIGN, Kind.ELSEWHERE, Kind.DISPLAY_NAME})


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done: the means, and what, in words."""

    means: str
    what: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did, and what it came to.

    Attributes:
        steps: what was done, in order.
        fixed: each finding that is gone, with the means that fixed it.
        left: what is still there, or is new.
    """

    steps: tuple[Step, ...]
    fixed: tuple[tuple[Finding, str], ...]
    left: tuple[Finding, ...]


def repair(looker: Looker, first: Look) -> Repaired:
    """Fix what was found, and look again.

    Secrets come first: an update would otherwise put a draft live whose secrets someone else has set. Drafts that are
    right are deployed last. What the API has deployed is then taken over into the stack's state.

    Raises:
        RefusedError: an Action is not the stack's own; nothing was changed.
        OperationsError: a step failed. Those before it hold, and the command can be run again.
    """
    _refuse_strangers(looker, first.findings)
    steps: list[Step] = []
    _unbind_elsewhere(looker, first, steps)
    written = _write_secrets(looker, first, steps)
    message = note(written) if written else ""
    second = first
    if _pulumi_sees(looker, first):
        looker.stack.up(message=message)
        steps.append(Step(PULUMI, "updated what it saw"))
        second = looker.look()
    deployed = _deploy_right_drafts(looker, second if second is not first else looker.look(), steps)
    last = second
    if deployed or second is first:
        looker.stack.up(message=message)
        steps.append(Step(PULUMI, "took the deployed versions over into the stack's state"))
        last = looker.look()
    return Repaired(tuple(steps), _fixed(looker, first, second, last), last.findings)


def _refuse_strangers(looker: Looker, findings: Sequence[Finding]) -> None:
    strangers = [str(finding.action) for finding in findings if finding.kind is Kind.UNMANAGED]
    if strangers:
        stack = looker.stack.name
        raise RefusedError(
            f"{', '.join(strangers)}: the tenant has such an Action, and stack {stack} does not manage it; "
            "an update would make a second one",
            fix=f"take it over: `pulumi refresh --stack {stack}` (forgets one that is gone), "
            f"then `actions-ops adopt --stack {stack}`",
        )


def _unbind_elsewhere(looker: Looker, look: Look, steps: list[Step]) -> None:
    """Take our Actions out of flows that the program leaves alone; all else there stays, in its order."""
    for finding in look.findings:
        trigger = finding.trigger
        if trigger is None or not _is_unseen(looker, finding):
            continue
        ours = {action.id for action in look.tenant.named(str(finding.action))}
        looker.api.bind(trigger, [each for each in look.tenant.flows[trigger] if each.action_id not in ours])
        steps.append(Step(API, f"took {finding.action} out of flow {trigger}"))


def _write_secrets(looker: Looker, look: Look, steps: list[Step]) -> dict[str, datetime]:
    """Give the drafts the program's secrets: when each was written, by the Action's name."""
    written = {}
    for plan in looker.plan.actions:
        action = look.evidence.action_of(plan)
        kinds = {finding.kind for finding in look.findings if finding.action == plan.name}
        if action is None or not (kinds & _SECRETS or action.draft.secrets != plan.content.secrets):
            continue
        time = looker.api.write_secrets(action.id, plan.secret_values)
        if time is not None:
            written[plan.name] = time
        steps.append(Step(API, f"wrote the secrets of {plan.name} ({', '.join(plan.content.secrets) or 'none'})"))
    return written


def _pulumi_sees(looker: Looker, look: Look) -> bool:
    """Whether an update changes anything: the provider compares flows, and drafts except for their secrets."""
    seen = _OF_FLOWS | {Kind.MISSING}
    if any(finding.kind in seen and not _is_unseen(looker, finding) for finding in look.findings):
        return True
    found = [(plan, look.evidence.action_of(plan)) for plan in looker.plan.actions]
    return any(action and _without_secrets(action.draft) != _without_secrets(plan.content) for plan, action in found)


def _without_secrets(content: Content) -> Content:
    return replace(content, secrets=())


def _deploy_right_drafts(looker: Looker, look: Look, steps: list[Step]) -> bool:
    """Deploy each draft that is the program's while what runs is not."""
    deployed = False
    for plan in looker.plan.actions:
        action = look.evidence.action_of(plan)
        wrong = any(finding.action == plan.name and finding.kind in _OF_ACTIONS for finding in look.findings)
        if action is not None and wrong and action.draft == plan.content:
            number = looker.api.deploy(action.id)
            steps.append(Step(API, f"deployed the draft of {plan.name} as version {number}"))
            deployed = True
    return deployed


def _fixed(looker: Looker, first: Look, second: Look, last: Look) -> tuple[tuple[Finding, str], ...]:
    """What is gone, and by which means."""
    after_update = {finding.same_place for finding in second.findings}
    left = {finding.same_place for finding in last.findings}

    def means(finding: Finding) -> str:
        by_update = second is not first and finding.same_place not in after_update
        return PULUMI if by_update and not (finding.kind in _SECRETS or _is_unseen(looker, finding)) else API

    return tuple((finding, means(finding)) for finding in first.findings if finding.same_place not in left)


def _is_unseen(looker: Looker, finding: Finding) -> bool:
    """Whether it lies in a flow that the program leaves alone."""
    return finding.trigger is not None and looker.plan.flow(finding.trigger) is None

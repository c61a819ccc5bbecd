"""Brings a tenant back to what the program says: with `pulumi up` where that sees the difference, else by the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from operations.content import KINDS as CONTENT_KINDS
from operations.content import SECRET_NAMES, Binding
from operations.drift.findings import Finding, Kind
from operations.drift.look import Look, Looker
from operations.drift.secret_writes import note
from operations.errors import OperationsError
from operations.program import ActionPlan
from operations.pulumi_stack import UNCHANGED, excluding
from operations.tenant import ActionSnapshot

PULUMI = "pulumi up"
API = "Management API"

_SECRETS = frozenset({SECRET_NAMES, Kind.SECRET_TOUCHED})
# Of an Action, and fixed by deploying its draft once that is right.
_DEPLOYED_DRAFT_FIXES = CONTENT_KINDS | {Kind.SECRET_TOUCHED, Kind.NOT_DEPLOYED, Kind.DRAFT}


@dataclass(frozen=True, slots=True)
class Step:
    """A change that was made, or is planned: by which means, and what, in words."""

    means: str
    what: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed: where, what went wrong, and how to fix it. The other steps were taken all the same."""

    where: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """The result of a repair.

    Attributes:
        steps: what was done, in order.
        failures: steps that failed.
        fixed: each finding that is gone, with the means that fixed it.
        left: what is still there, or is new.
    """

    steps: tuple[Step, ...]
    failures: tuple[Failure, ...]
    fixed: tuple[tuple[Finding, str], ...]
    left: tuple[Finding, ...]


def planned(looker: Looker, first: Look) -> tuple[Step, ...]:
    """What a repair would do, as far as can be seen before it; nothing is written.

    Raises:
        OperationsError: as `repair`.
    """
    work = _Work(looker, first)
    work.refuse_removals()
    steps = [Step(API, f"take {names} out of flow {trigger}") for trigger, (names, _) in work.elsewhere().items()]
    actions = work.actions(first)
    with_secrets = _with_wrong_secrets(looker, first)
    steps += [Step(API, f"write the secrets of {plan.name}") for plan, _ in actions if plan.name in with_secrets]
    try:
        changes = looker.stack.preview("--refresh", *excluding(work.strangers()))
        steps += [
            Step(PULUMI, f"{step['op']} {str(step['urn']).rpartition('::')[2]}")
            for step in changes.get("steps") or ()
            if step["op"] not in UNCHANGED
        ]
    except OperationsError:
        # Such as secrets that it does not know, and that are gone by then.
        steps.append(Step(PULUMI, "update what it sees then: its preview fails as things are now"))
    wrong = {finding.action for finding in first.findings if finding.kind in _DEPLOYED_DRAFT_FIXES}
    steps += [
        Step(API, f"deploy the draft of {plan.name}")
        for plan, action in actions
        if plan.name in wrong.union(with_secrets)
        and replace(action.draft, secrets=plan.content.secrets) == plan.content
    ]
    return tuple(steps)


def repair(looker: Looker, first: Look) -> Repaired:
    """Fix what the first look found, and look again.

    Secrets come first: an update would otherwise put a draft live whose secrets someone else has set. After the update
    secrets are written that the first look could not see, or that the update itself wrote. Drafts that are right are
    deployed last, and the stack's state takes the deployed versions over.

    Raises:
        OperationsError: the tenant or the state can't be read; or the program no longer has a protected Action.
    """
    work = _Work(looker, first)
    work.refuse_removals()
    work.unbind_elsewhere()
    work.write_secrets(first, _with_wrong_secrets(looker, first))
    work.up("updated what it saw")
    second = looker.look()
    unseen = [plan for plan in looker.plan.actions if first.evidence.action_of(plan) is None]
    written = work.write_secrets(second, {plan.name for plan in unseen} | _with_wrong_secrets(looker, second))
    if work.deploy_right_drafts(looker.look() if written else second, written) or work.unnoted:
        work.up("took the deployed versions over into the stack's state")
        last = looker.look()
    else:
        last = second
    return work.result(second, last)


def write_secrets(looker: Looker, first: Look) -> Repaired:
    """Write only the secrets of which it is not certain that this stack wrote them, where all else is right.

    Raises:
        OperationsError: the tenant or the state can't be read.
    """
    work = _Work(looker, first)
    kinds = {
        plan.name: {each.kind for each in first.findings if each.action == plan.name} for plan in looker.plan.actions
    }
    written = work.write_secrets(
        first, {name for name, of_action in kinds.items() if of_action == {Kind.SECRET_TOUCHED}}
    )
    if not written:
        return work.result(first, first)
    work.deploy_right_drafts(looker.look(), written)
    work.up(
        "took the deployed versions over into the stack's state",
        only=[plan.logical_name for plan in looker.plan.actions if plan.name in written],
    )
    last = looker.look()
    return work.result(last, last)


def _with_wrong_secrets(looker: Looker, look: Look) -> set[str]:
    """Names of Actions whose draft or deployed version has other secrets than the program's, or may have."""
    names = {str(finding.action) for finding in look.findings if finding.kind in _SECRETS}
    for plan in looker.plan.actions:
        action = look.evidence.action_of(plan)
        if action is not None and action.draft.secrets != plan.content.secrets:
            names.add(plan.name)
    return names


@dataclass(slots=True)
class _Work:
    """A repair under way. A step that fails is recorded, and the next one is taken."""

    looker: Looker
    first: Look
    steps: list[Step] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    # Times of secrets that this repair wrote, by the Action's id: all, and those that no update has noted yet.
    written: dict[str, list[datetime]] = field(default_factory=dict)
    unnoted: dict[str, list[datetime]] = field(default_factory=dict)

    def elsewhere(self) -> dict[str, tuple[str, list[Binding]]]:
        """For each flow that the program leaves alone: names of our Actions in it, and the flow without them."""
        ours: defaultdict[str, set[str | None]] = defaultdict(set)
        for finding in self.first.findings:
            if finding.trigger is not None and self._is_unseen(finding):
                ours[finding.trigger].add(finding.tenant)
        flows = self.first.tenant.flows
        return {
            trigger: (
                ", ".join(each.action_name for each in flows[trigger] if each.action_id in ids),
                [each for each in flows[trigger] if each.action_id not in ids],
            )
            for trigger, ids in ours.items()
        }

    def strangers(self) -> list[str]:
        """Logical names of the Actions that `pulumi up` would create a second time."""
        names = {finding.action for finding in self.first.findings if finding.kind == Kind.UNMANAGED}
        return [plan.logical_name for plan in self.looker.plan.actions if plan.name in names]

    def refuse_removals(self) -> None:
        """Stop before an update that would unbind a protected Action, and only then fail to delete it."""
        names = {plan.logical_name for plan in self.looker.plan.actions}
        managed = self.first.evidence.managed.items()
        removed = [name for name, action in managed if action.protected and name not in names]
        if removed:
            raise OperationsError(
                f"the program no longer has {', '.join(removed)}, which stack {self.looker.stack.name} protects",
                fix='put it back, or remove it on purpose: docs/operations.md, "Remove an Action on purpose"',
            )

    def unbind_elsewhere(self) -> None:
        """Take our Actions out of flows that the program leaves alone, each flow in one write; all else there stays."""
        for trigger, (names, rest) in self.elsewhere().items():
            with self._attempt(f"flow {trigger}"):
                self.looker.api.bind(trigger, rest)
                self.steps.append(Step(API, f"took {names} out of flow {trigger}"))

    def write_secrets(self, look: Look, names: Collection[str]) -> set[str]:
        """Give these Actions' drafts the program's secrets: the names of those that have them now."""
        written = set()
        for plan, action in self.actions(look):
            times = {secret.updated_at for secret in action.secrets}
            is_done = times == set(self.written.get(action.id, ())) and action.draft.secrets == plan.content.secrets
            if plan.name not in names or is_done:
                continue
            with self._attempt(f"Action {plan.name}"):
                self.written[action.id] = self.looker.api.write_secrets(action.id, plan.secret_values)
                self.unnoted[action.id] = self.written[action.id]
                self.steps.append(
                    Step(API, f"wrote the secrets of {plan.name} ({', '.join(plan.content.secrets) or 'none'})")
                )
                written.add(plan.name)
        return written

    def up(self, what: str, only: Collection[str] = ()) -> None:
        """Run `pulumi up` without what it would create a second time, and note the secrets that were written."""
        # Pulumi takes one of the two.
        excluded = () if only else self.strangers()
        noted = {action_id: times for action_id, times in self.unnoted.items() if times}
        with self._attempt(f"stack {self.looker.stack.name}"):
            self.looker.stack.up(message=note(noted), excluded=excluded, only=only)
            self.steps.append(Step(PULUMI, what))
            self.unnoted.clear()

    def deploy_right_drafts(self, look: Look, written: Collection[str]) -> bool:
        """Deploy each draft that is the program's where the deployed version is not; return whether there was one."""
        wrong = {finding.action for finding in look.findings if finding.kind in _DEPLOYED_DRAFT_FIXES}
        deployed = False
        for plan, action in self.actions(look):
            if plan.name not in wrong.union(written) or action.draft != plan.content:
                continue
            with self._attempt(f"Action {plan.name}"):
                number = self.looker.api.deploy(action.id)
                self.steps.append(Step(API, f"deployed the draft of {plan.name} as version {number}"))
                deployed = True
        return deployed

    def result(self, after_update: Look, last: Look) -> Repaired:
        """What is gone since the first look, and by which means."""
        places = {finding.same_place for finding in after_update.findings}
        left = {finding.same_place for finding in last.findings}

        def means(finding: Finding) -> str:
            by_update = finding.same_place not in places
            return PULUMI if by_update and not (finding.kind in _SECRETS or self._is_unseen(finding)) else API

        fixed = tuple((each, means(each)) for each in self.first.findings if each.same_place not in left)
        return Repaired(tuple(self.steps), tuple(self.failures), fixed, last.findings)

    def actions(self, look: Look) -> list[tuple[ActionPlan, ActionSnapshot]]:
        """The program's Actions that the tenant has."""
        pairs = [(plan, look.evidence.action_of(plan)) for plan in self.looker.plan.actions]
        return [(plan, action) for plan, action in pairs if action is not None]

    def _is_unseen(self, finding: Finding) -> bool:
        """Whether it is in a flow that the program leaves alone, so that `pulumi up` does not see it."""
        return finding.trigger is not None and self.looker.plan.flow(finding.trigger) is None

    @contextmanager
    def _attempt(self, where: str) -> Iterator[None]:
        try:
            yield
        except OperationsError as error:
            self.failures.append(Failure(where, error.what, error.fix))

"""Compares what the program would deploy with what a tenant holds. Nothing is read here: all is given."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from operations.content import Binding, Content
from operations.drift.findings import Finding, Kind
from operations.drift.secret_times import SecretWrites
from operations.program import ActionPlan, FlowPlan, ProgramPlan
from operations.tenant import ActionSnapshot, TenantSnapshot, VersionSnapshot

_ELSEWHERE = "{} is bound here, and the program does not say so"


@dataclass(frozen=True, slots=True)
class Managed:
    """What the stack's state knows of an Action.

    Attributes:
        id: its id at Auth0.
        version_id: the version that the stack deployed last, or took over with a refresh.
    """

    id: str
    version_id: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a comparison rests on.

    Attributes:
        plan: what the program would deploy.
        tenant: what the tenant holds.
        managed: what the state knows of each Action, by logical name.
        writes: when the stack wrote secrets.
    """

    plan: ProgramPlan
    tenant: TenantSnapshot
    managed: Mapping[str, Managed]
    writes: SecretWrites

    def action_of(self, plan: ActionPlan) -> ActionSnapshot | None:
        """The Action that the stack manages; None if there is none."""
        managed = self.managed.get(plan.logical_name)
        named = self.tenant.named(plan.name)
        return next((action for action in named if managed and action.id == managed.id), None)


def compare(evidence: Evidence) -> list[Finding]:
    """Every difference: Actions by name, then flows by trigger; an empty list says that all is as programmed."""
    findings = [finding for plan in evidence.plan.actions for finding in _action(evidence, plan)]
    ours = {action.id: action.name for plan in evidence.plan.actions if (action := evidence.action_of(plan))}
    for trigger in sorted({flow.trigger for flow in evidence.plan.flows} | set(evidence.tenant.flows)):
        flow = evidence.plan.flow(trigger)
        bound = evidence.tenant.flows.get(trigger, ())
        findings += _elsewhere(trigger, bound, ours) if flow is None else _flow(flow, bound, ours)
    return findings


def _action(evidence: Evidence, plan: ActionPlan) -> Iterator[Finding]:
    named = evidence.tenant.named(plan.name)
    action = evidence.action_of(plan)
    if action is None and not named:
        yield Finding(Kind.MISSING, "there is no such Action on the tenant", plan.name)
        return
    if len(named) > 1:
        ids = ", ".join(each.id for each in named)
        yield Finding(Kind.DUPLICATE, f"{len(named)} Actions have this name: {ids}", plan.name, tenant=ids)
    if action is None:
        ids = ", ".join(each.id for each in named)
        yield Finding(
            Kind.UNMANAGED,
            f"the tenant's Action of this name ({ids}) is not in the stack's state",
            plan.name,
            tenant=ids,
        )
        return
    if action.deployed is None:
        yield Finding(Kind.NOT_DEPLOYED, "it was never deployed, so it does not run", plan.name)
    else:
        yield from _deployed(plan, action, action.deployed)
    yield from _draft(plan, action)
    managed = evidence.managed[plan.logical_name]
    touched = evidence.writes.touched(plan, action, managed.version_id)
    if touched:
        what = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in touched.items())
        yield Finding(Kind.SECRET_TOUCHED, what, plan.name)


def _deployed(plan: ActionPlan, action: ActionSnapshot, version: VersionSnapshot) -> Iterator[Finding]:
    runs = f"version {version.number} runs"
    for difference in plan.content.differences(version.content):
        part, wanted, running = difference.part, difference.program, difference.auth0
        if part.kind != "code":
            what = f"{runs} with {part.title} {running}, not {wanted}"
            yield Finding(part.kind, what, plan.name, program=wanted, tenant=running)
            continue
        if action.draft.code == plan.content.code:
            draft = "; the draft is the program's, so `pulumi up` does not see it"
        elif action.draft.code == version.content.code:
            draft = ""
        else:
            draft = ", and the draft is different again"
        diff = _diff(plan, version.content, f"version {version.number}")
        yield Finding(part.kind, f"{runs} other code than the program's{draft}", plan.name, diff=diff)


def _draft(plan: ActionPlan, action: ActionSnapshot) -> Iterator[Finding]:
    """The draft is what the next deployment by anyone puts live."""
    running = action.deployed.content if action.deployed else None
    if action.draft == plan.content:
        if running == plan.content and not action.all_changes_deployed:
            yield Finding(Kind.DRAFT, "Auth0 says that the draft has changes that are not deployed", plan.name)
        return
    if action.draft == running:
        # Reported as what runs.
        return
    titles = [difference.part.title for difference in plan.content.differences(action.draft)]
    diff = _diff(plan, action.draft, "draft") if "code" in titles else None
    what = f"the draft has other {', '.join(titles)} than the program, not deployed yet"
    yield Finding(Kind.DRAFT, what, plan.name, diff=diff)


def _flow(plan: FlowPlan, bound: Sequence[Binding], ours: Mapping[str, str]) -> Iterator[Finding]:
    def find(kind: Kind, what: str, action: str | None = None, **more: str) -> Finding:
        return Finding(kind, what, action, plan.trigger, **more)

    for binding in bound:
        if binding.action_id not in ours:
            what = f"{binding.action_name} ({binding.action_id}) is bound, and the program does not know it"
            yield find(Kind.FOREIGN, what, binding.action_name, tenant=binding.action_id)
        elif ours[binding.action_id] not in plan.order:
            yield find(Kind.ELSEWHERE, _ELSEWHERE.format(ours[binding.action_id]), ours[binding.action_id])
    found = [ours[each.action_id] for each in bound if ours.get(each.action_id) in plan.order]
    for name in plan.order:
        if name not in found:
            yield find(Kind.NOT_BOUND, f"{name} is not bound, so it does not run", name)
    wanted = [name for name in plan.order if name in found]
    if found != wanted:
        what = f"the order is {_sequence(found)}, not {_sequence(wanted)}"
        yield find(Kind.ORDER, what, program=_sequence(wanted), tenant=_sequence(found))
        return
    titles = {each.action_name: each.display_name for each in plan.bindings}
    for binding in bound:
        title = titles.get(ours.get(binding.action_id, ""))
        if title is not None and title != binding.display_name:
            what = f"{binding.action_name} is shown as {binding.display_name}"
            yield find(Kind.DISPLAY_NAME, what, binding.action_name, program=title, tenant=binding.display_name)


def _elsewhere(trigger: str, bound: Sequence[Binding], ours: Mapping[str, str]) -> Iterator[Finding]:
    """A flow that the program leaves alone is its owners' business, unless one of our Actions is in it."""
    for binding in bound:
        if binding.action_id in ours:
            name = ours[binding.action_id]
            yield Finding(Kind.ELSEWHERE, _ELSEWHERE.format(name), name, trigger)


def _diff(plan: ActionPlan, content: Content, source: str) -> str:
    return "".join(
        difflib.unified_diff(
            _lines(plan.content.code),
            _lines(content.code),
            f"{plan.name} (program)",
            f"{plan.name} ({source})",
        )
    )


def _lines(code: str) -> list[str]:
    lines = code.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    # As git tells it: the last line would run into the next one otherwise.
    return [*ended, f"{lines[-1]}\n\\ No newline at end of file\n"] if lines[-1] else ended


def _sequence(names: Sequence[str]) -> str:
    return " → ".join(names) or "empty"

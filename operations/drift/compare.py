"""Compares what the program would deploy with what a tenant holds. It reads nothing itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from operations.content import Binding, Content
from operations.drift.findings import Finding, Kind
from operations.drift.secret_writes import Notes, touched
from operations.program import ActionPlan, FlowPlan, ProgramPlan
from operations.pulumi_stack import Managed
from operations.tenant import ActionSnapshot, TenantSnapshot, VersionSnapshot

_ELSEWHERE = "{} is bound here, and the program does not say so"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a comparison rests on.

    Attributes:
        plan: what the program would deploy.
        tenant: what the tenant holds.
        managed: what the state knows of each Action, by logical name.
        notes: which writes of secrets the stack noted.
    """

    plan: ProgramPlan
    tenant: TenantSnapshot
    managed: Mapping[str, Managed]
    notes: Notes

    def action_of(self, plan: ActionPlan) -> ActionSnapshot | None:
        """The Action that the stack manages, by its id, whatever its name is now; None if the tenant has it not."""
        managed = self.managed.get(plan.logical_name)
        return next((action for action in self.tenant.actions if managed and action.id == managed.id), None)


def compare(evidence: Evidence) -> list[Finding]:
    """Every difference: Actions by name, then flows by trigger; an empty list says that all is as programmed."""
    findings = [finding for plan in evidence.plan.actions for finding in _action(evidence, plan)]
    ours = {action.id: plan.name for plan in evidence.plan.actions if (action := evidence.action_of(plan))}
    for trigger in sorted({flow.trigger for flow in evidence.plan.flows} | set(evidence.tenant.flows)):
        flow = evidence.plan.flow(trigger)
        bound = evidence.tenant.flows.get(trigger, ())
        findings += _elsewhere(trigger, bound, ours) if flow is None else _flow(flow, bound, ours)
    return findings


def _action(evidence: Evidence, plan: ActionPlan) -> Iterator[Finding]:
    action = evidence.action_of(plan)
    others = [each.id for each in evidence.tenant.named(plan.name) if action is None or each.id != action.id]
    ids = ", ".join(others)
    if action is None:
        if others:
            what = f"the tenant's Action of this name ({ids}) is not in the stack's state"
            yield Finding(Kind.UNMANAGED, what, plan.name, tenant=ids)
        else:
            yield Finding(Kind.MISSING, "the tenant does not have it", plan.name)
        return
    if action.name != plan.name:
        what = f"it is named {action.name} on the tenant; it is the stack's by its id ({action.id})"
        yield Finding(Kind.RENAMED, what, plan.name, program=plan.name, tenant=action.name)
    if others:
        what = f"the stack's is {action.id}; of the same name: {ids}"
        yield Finding(Kind.DUPLICATE, what, plan.name, tenant=ids)
    if action.deployed is None:
        yield Finding(Kind.NOT_DEPLOYED, "it was never deployed, so it does not run", plan.name)
    else:
        yield from _deployed(plan, action, action.deployed)
    yield from _draft(plan, action)
    reasons = touched(plan, action, evidence.managed[plan.logical_name], evidence.notes)
    if reasons:
        what = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
        yield Finding(Kind.SECRET_TOUCHED, what, plan.name)


def _deployed(plan: ActionPlan, action: ActionSnapshot, version: VersionSnapshot) -> Iterator[Finding]:
    runs = f"version {version.number} runs"
    for difference in plan.content.differences(version.content):
        part, program, running = difference.part, difference.program, difference.auth0
        if part.kind != "code":
            what = f"{runs} with {part.title} {running}, not {program}"
            yield Finding(part.kind, what, plan.name, program=program, tenant=running)
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
            what = _ELSEWHERE.format(ours[binding.action_id])
            yield find(Kind.ELSEWHERE, what, ours[binding.action_id], tenant=binding.action_id)
    actual = [ours[each.action_id] for each in bound if ours.get(each.action_id) in plan.order]
    for name in plan.order:
        if name not in actual:
            yield find(Kind.NOT_BOUND, f"{name} is not bound, so it does not run", name)
    expected = [name for name in plan.order if name in actual]
    if actual != expected:
        what = f"the order is {_sequence(actual)}, not {_sequence(expected)}"
        yield find(Kind.ORDER, what, program=_sequence(expected), tenant=_sequence(actual))
        return
    titles = {each.action_name: each.display_name for each in plan.bindings}
    for binding in bound:
        title = titles.get(ours.get(binding.action_id, ""))
        if title is not None and title != binding.display_name:
            what = f"{binding.action_name} has the display name {binding.display_name}"
            yield find(Kind.DISPLAY_NAME, what, binding.action_name, program=title, tenant=binding.display_name)


def _elsewhere(trigger: str, bound: Sequence[Binding], ours: Mapping[str, str]) -> Iterator[Finding]:
    """A flow that the program leaves alone is its owners' business, unless one of our Actions is in it."""
    for binding in bound:
        if binding.action_id in ours:
            name = ours[binding.action_id]
            yield Finding(Kind.ELSEWHERE, _ELSEWHERE.format(name), name, trigger, tenant=binding.action_id)


def _diff(plan: ActionPlan, content: Content, source: str) -> str:
    return "".join(
        difflib.unified_diff(
            _lines(plan.content.code), _lines(content.code), f"{plan.name} (program)", f"{plan.name} ({source})"
        )
    )


def _lines(code: str) -> list[str]:
    lines = code.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    # As git does: the last line would run into the next one otherwise.
    return [*ended, f"{lines[-1]}\n\\ No newline at end of file\n"] if lines[-1] else ended


def _sequence(names: Sequence[str]) -> str:
    return " → ".join(names) or "empty"

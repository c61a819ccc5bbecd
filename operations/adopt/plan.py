"""Which resource of the program is which Action or flow of the tenant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from operations.program import ACTION, FLOW, PROVIDER, ActionPlan, ProgramPlan
from operations.tenant import TenantSnapshot


@dataclass(frozen=True, slots=True)
class Adoption:
    """A resource to be taken into the state.

    Attributes:
        type: Pulumi's type.
        logical_name: Pulumi's name.
        description: what it is at Auth0; empty for what exists in Pulumi only, a component or the provider.
        id: its id at Auth0; None for those.
    """

    type: str
    logical_name: str
    description: str
    id: str | None


@dataclass(frozen=True, slots=True)
class AdoptionPlan:
    """What an adoption would do.

    Attributes:
        adoptions: what would be taken into the state.
        import_file: content of the file for `pulumi import`.
        managed: logical names of what is in the state already.
        problems: why it can't be done; empty if it can.
        warnings: what the update after it will change for people, other than code.
    """

    adoptions: tuple[Adoption, ...]
    import_file: Mapping[str, Any]
    managed: tuple[str, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def plan_adoption(
    plan: ProgramPlan,
    tenant: TenantSnapshot,
    import_file: Mapping[str, Any],
    managed: Mapping[str, str],
    without: Collection[str] = (),
) -> AdoptionPlan:
    """Find what the import file leaves open.

    Args:
        plan: what the program would deploy.
        tenant: what the tenant holds.
        import_file: as `pulumi preview --import-file` writes it, ids still to be filled in.
        managed: logical name and id of each Action that the state has.
        without: names of Actions that are not on the tenant, and that the next update may create.
    """
    problems = [*_stale(plan, tenant, managed), *_wrongly_without(plan, tenant, without)]
    left_out = {action.logical_name for action in plan.actions if action.name in without}
    adoptions = []
    entries: list[Mapping[str, Any]] = []
    for entry in import_file.get("resources") or ():
        if entry["type"] == ACTION and entry["name"] in left_out:
            continue
        adoption = _find(entry, plan, tenant)
        if isinstance(adoption, str):
            problems.append(adoption)
            continue
        adoptions.append(adoption)
        entries.append(entry if adoption.id is None else {**entry, "id": adoption.id})
    names = {adoption.logical_name for adoption in adoptions}
    return AdoptionPlan(
        tuple(sorted(adoptions, key=lambda adoption: (adoption.id is not None, adoption.type, adoption.logical_name))),
        {**import_file, "resources": entries},
        tuple(sorted(name for name in managed if name not in names)),
        tuple(problems),
        tuple(_warnings(plan, tenant)),
    )


def _find(entry: Mapping[str, Any], plan: ProgramPlan, tenant: TenantSnapshot) -> Adoption | str:
    """The resource at Auth0, or the problem."""
    type_, name = str(entry["type"]), str(entry["name"])
    if entry.get("component") or type_ == PROVIDER:
        return Adoption(type_, name, "", None)
    if type_ == ACTION:
        [action] = [each for each in plan.actions if each.logical_name == name]
        return _find_action(action, tenant)
    if type_ == FLOW:
        [flow] = [each for each in plan.flows if each.logical_name == name]
        bound = " → ".join(each.action_name for each in tenant.flows.get(flow.trigger, ())) or "nothing bound"
        return Adoption(type_, name, f"flow: {bound}", flow.trigger)
    return (
        f"{name} ({type_}) can't be identified by a name\n"
        "  fix: import it with `pulumi import`, or deploy it with `pulumi up --target`"
    )


def _find_action(plan: ActionPlan, tenant: TenantSnapshot) -> Adoption | str:
    named = tenant.named(plan.name)
    if len(named) == 1:
        return Adoption(ACTION, plan.logical_name, f"Action {plan.name}", named[0].id)
    if named:
        bound = {action.id: ", ".join(tenant.bound(action.id)) or "not bound" for action in named}
        ids = "; ".join(f"{action_id} ({where})" for action_id, where in bound.items())
        return (
            f"{len(named)} Actions are named {plan.name}: {ids}\n"
            "  fix: rename or delete those that are not to be adopted, then run this again"
        )
    names = {action.name.casefold(): action.name for action in tenant.actions}
    close = get_close_matches(plan.name.casefold(), names, n=1)
    hint = f"; did you mean {names[close[0]]}?" if close else ""
    rename = "rename that one; " if close else ""
    return (
        f"no Action of the tenant is named {plan.name}{hint}\n"
        f"  fix: {rename}if the next `pulumi up` is to create it: --without {plan.name}"
    )


def _wrongly_without(plan: ProgramPlan, tenant: TenantSnapshot, without: Collection[str]) -> Iterator[str]:
    known = {action.name for action in plan.actions}
    for name in without:
        if name not in known:
            yield f"the program has no Action named {name}\n  fix: --without one of {', '.join(sorted(known))}"
        elif tenant.named(name):
            yield f"--without {name}: the tenant has it, and an update would create a second one\n  fix: leave it out"


def _stale(plan: ProgramPlan, tenant: TenantSnapshot, managed: Mapping[str, str]) -> Iterator[str]:
    ids = {action.id for action in tenant.actions}
    for action in plan.actions:
        known = managed.get(action.logical_name)
        if known is not None and known not in ids:
            yield (
                f"the stack's state has {action.logical_name} as {known}, which the tenant does not have\n"
                "  fix: run `pulumi refresh` on this stack, which forgets it, then this again"
            )


def _warnings(plan: ProgramPlan, tenant: TenantSnapshot) -> Iterator[str]:
    names = {action.name for action in plan.actions}
    for flow in plan.flows:
        for binding in tenant.flows.get(flow.trigger, ()):
            if binding.action_name not in names:
                yield (
                    f"flow {flow.trigger} runs {binding.action_name} ({binding.action_id}), which the program does not "
                    "know: the next `pulumi up` takes it out of the flow"
                )
    for action in plan.actions:
        unknown: Sequence[str] = [
            secret.name
            for each in tenant.named(action.name)
            for secret in each.secrets
            if secret.name not in action.content.secrets
        ]
        if unknown:
            yield (
                f"Action {action.name} has secrets that the program does not know ({', '.join(unknown)}): the provider "
                "refuses to update it until they are deleted, in the dashboard or by `actions-ops drift --repair`"
            )

"""A program and a tenant that runs just what it says; tests change one thing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from operations.content import Binding, Content
from operations.drift.compare import Evidence
from operations.drift.secret_writes import Notes
from operations.program import ActionPlan, FlowPlan, ProgramPlan
from operations.pulumi_stack import Managed
from operations.tenant import ActionSnapshot, SecretTime, TenantSnapshot, VersionSnapshot

LOGIN = "post-login"
SIGN_UP = "pre-user-registration"

# The program's Actions were created, each with its secrets, and deployed by an update.
CREATED = datetime(2026, 11, 1, 12, 0, 2, 123456, tzinfo=UTC)
DEPLOYED = CREATED + timedelta(seconds=1)
UPDATE_ENDED = CREATED + timedelta(seconds=3)

CODE = "exports.onExecutePostLogin = async () => {};\n"


def content(**changed: Any) -> Content:  # noqa: ANN401 - fields
    inputs = {"code": CODE, "runtime": "node18", "supportedTriggers": {"id": LOGIN, "version": "v3"}}
    return replace(Content.of_program(inputs), **changed)


def binding(name: str, action_id: str | None = None, display_name: str | None = None) -> Binding:
    return Binding(action_id or f"id-of-{name}", name, display_name or name)


MFA = ActionPlan("mfa_action", "mfa", content(secrets=("TEST_TENANT",)), MappingProxyType({"TEST_TENANT": "value"}))
IP = ActionPlan("ip_action", "ip", content(), MappingProxyType({}))
SIGN = ActionPlan("sign_action", "sign", content(trigger=f"{SIGN_UP} v2"), MappingProxyType({}))
PROGRAM = ProgramPlan(
    (IP, MFA, SIGN),
    (
        FlowPlan("login_flow", LOGIN, (binding("ip"), binding("mfa"))),
        FlowPlan("sign_up_flow", SIGN_UP, (binding("sign"),)),
    ),
    (),
)


def secrets(plan: ActionPlan, written: datetime = CREATED) -> tuple[SecretTime, ...]:
    return tuple(SecretTime(name, written) for name in plan.content.secrets)


def version(plan: ActionPlan, **changed: Any) -> VersionSnapshot:  # noqa: ANN401 - fields
    return replace(VersionSnapshot(f"version-of-{plan.name}", 1, DEPLOYED, plan.content, secrets(plan)), **changed)


def action(plan: ActionPlan, **changed: Any) -> ActionSnapshot:  # noqa: ANN401 - fields
    right = ActionSnapshot(
        f"id-of-{plan.name}",
        plan.name,
        CREATED,
        "built",
        all_changes_deployed=True,
        draft=plan.content,
        secrets=secrets(plan),
        deployed=version(plan),
        newest_secrets={secret.name: secret.updated_at for secret in secrets(plan)},
    )
    return replace(right, **changed)


def tenant(
    *actions: ActionSnapshot, flows: Mapping[str, Sequence[Binding]] | None = None, without: Sequence[str] = ()
) -> TenantSnapshot:
    """A right tenant, but for the Actions given (in place of those of their ids, or besides them) and these flows."""
    actions_by_id = {f"id-of-{plan.name}": action(plan) for plan in PROGRAM.actions if plan.name not in without}
    actions_by_id.update({each.id: each for each in actions})
    right = {LOGIN: (binding("ip"), binding("mfa")), SIGN_UP: (binding("sign"),)}
    changed = {trigger: tuple(flow) for trigger, flow in (flows or {}).items()}
    return TenantSnapshot(tuple(actions_by_id.values()), {**right, **changed})


def update(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - fields
    """An entry of the stack's history: the update that deployed everything."""
    return {
        "kind": "update",
        "message": "",
        "endTime": UPDATE_ENDED.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "result": "succeeded",
        "resourceChanges": {"create": 7},
        **changed,
    }


def evidence(
    snapshot: TenantSnapshot | None = None,
    *,
    managed: Mapping[str, Managed] | None = None,
    history: Sequence[Mapping[str, Any]] | None = None,
) -> Evidence:
    known = {
        plan.logical_name: Managed(
            f"id-of-{plan.name}", f"version-of-{plan.name}", has_secrets=bool(plan.content.secrets)
        )
        for plan in PROGRAM.actions
    }
    return Evidence(
        PROGRAM,
        tenant() if snapshot is None else snapshot,
        known if managed is None else managed,
        Notes.of([update()] if history is None else history),
    )

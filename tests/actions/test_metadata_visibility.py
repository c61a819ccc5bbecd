"""No Action depends on when another one's metadata becomes visible, which Auth0's documentation leaves open."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from action_runtime import ActionRuntime, ActionVersion, BoundAction, Execution, Flow, Visibility
from action_runtime.events import event_request, event_user, post_login_event

from policy import Case, Decision, EmailDomain, Kind, Tenant, decision_table

ACTIONS = Path(__file__).parents[2] / "actions"
SECRETS = {
    "TEST_TENANT": "another-tenant",
    "INTEGRATION_TEST_DOMAIN": "integration-test.example",
    "FORCE_MFA_DOMAIN": "force-mfa.example",
}
MODELS: tuple[Visibility, Visibility] = ("next-transaction", "next-action")


def login_flow() -> Flow:
    def bound(name: str, secrets: dict[str, str]) -> BoundAction:
        code = (ACTIONS / f"{name}.js").read_text("utf-8")
        return BoundAction(name, name, ActionVersion(f"{name}-1", 1, code, secrets))

    return Flow("post-login", (bound("add_ip_to_metadata", {}), bound("mfa_action", SECRETS)))


async def run(folder: Path, model: Visibility, event: dict[str, Any]) -> Execution:
    runtime = ActionRuntime(folder, metadata_visibility=model)
    await runtime.start()
    try:
        return await runtime.run(login_flow(), event)
    finally:
        await runtime.close()


CASES = [
    case
    for case in decision_table()
    if case.tenant is Tenant.PROD
    and case.kind is Kind.PASSWORD
    and case.email_domain is EmailDomain.OTHER
    and not case.challenge_required
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_login_flow_behaves_the_same_in_both_models(tmp_path: Path, case: Case) -> None:
    event = post_login_event(
        tenant="floatme-local",
        logins_count=case.number.logins_count,
        request=event_request(ip="203.0.113.7"),
        user=event_user(
            app_metadata={"auth_require_mfa": case.auth_require_mfa}, user_metadata={"last_ip": "198.51.100.1"}
        ),
    )
    results = [asyncio.run(run(tmp_path, model, event)) for model in MODELS]
    assert results[0].effects == results[1].effects
    assert results[0].effects.user_metadata == {"last_ip": "203.0.113.7"}
    assert (results[0].effects.multifactor is not None) == (case.decision is Decision.CHALLENGE)
    assert [result.trace.stale_reads for result in results] == [(), ()]

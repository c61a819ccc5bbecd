"""The state machine of a draft: pending, building, then built or failed, and what each write does to it."""

from local_tenant.testing import TenantClient, expect, wait_until

UNRESOLVABLE = [{"name": "no-such-package", "version": "0.0.1"}]


def states_until(tenant: TenantClient, action_id: str, last: str) -> list[str]:
    """The states that a polling client sees, each once, in order."""
    states: list[str] = []

    def look() -> dict[str, str]:
        action = tenant.action(action_id)
        if not states or states[-1] != action["status"]:
            states.append(action["status"])
        return action

    wait_until(look, lambda now: now["status"] == last)
    return states


def test_a_draft_is_pending_then_building_then_built(tenant: TenantClient) -> None:
    action = tenant.create_action()
    assert action["status"] == "pending"
    states = states_until(tenant, action["id"], "built")
    # A client on a busy machine misses some of them.
    assert states == [state for state in ("pending", "building", "built") if state in states]


def test_a_slow_build_stays_building(tenant: TenantClient) -> None:
    tenant.inject("slow_build", path="slow", seconds=60)
    slow = tenant.create_action("slow")["id"]
    wait_until(lambda: tenant.action(slow), lambda now: now["status"] == "building")
    tenant.built(tenant.create_action("quick")["id"])
    assert tenant.action(slow)["status"] == "building"


def test_code_is_not_checked_for_syntax(tenant: TenantClient) -> None:
    action = tenant.deploy_action(code='exports.onExecutePostLogin = "unterminated')
    assert action["status"] == "built"
    assert action["deployed_version"]["code"] == 'exports.onExecutePostLogin = "unterminated'


def test_a_failing_build_is_retried_and_then_failed_without_a_reason(tenant: TenantClient) -> None:
    tenant.inject("failed_build", path="an_action")
    action = tenant.create_action()
    states = states_until(tenant, action["id"], "failed")
    assert states[-2:] == ["retrying", "failed"]
    assert "errors" not in tenant.action(action["id"])


def test_a_dependency_that_does_not_resolve_fails_the_build(tenant: TenantClient) -> None:
    action = tenant.create_action(dependencies=UNRESOLVABLE)
    failed = wait_until(lambda: tenant.action(action["id"]), lambda now: now["status"] in ("built", "failed"))
    assert failed["status"] == "failed"
    assert "errors" not in failed


def test_a_failed_draft_cannot_be_deployed(tenant: TenantClient) -> None:
    tenant.inject("failed_build")
    action = tenant.create_action()
    wait_until(lambda: tenant.action(action["id"]), lambda now: now["status"] == "failed")
    refused = expect(tenant.api.post(f"/api/v2/actions/actions/{action['id']}/deploy"), 400)
    assert refused["message"] == "A draft must be in the 'built' state before it can be deployed."
    assert "deployed_version" not in tenant.action(action["id"])


def test_the_next_patch_builds_a_failed_draft_again(tenant: TenantClient) -> None:
    tenant.inject("failed_build")
    action = tenant.create_action()
    failed = wait_until(lambda: tenant.action(action["id"]), lambda now: now["status"] == "failed")
    assert tenant.change_action(action["id"], code=failed["code"])["status"] == "pending"
    assert tenant.deploy(action["id"])["number"] == 1


def test_a_patch_while_building_is_accepted_and_only_its_own_build_counts(tenant: TenantClient) -> None:
    tenant.inject("slow_build", seconds=1)
    action = tenant.create_action(code="// first", deploy=True)
    wait_until(lambda: tenant.action(action["id"]), lambda now: now["status"] == "building")
    tenant.inject("failed_build")
    assert tenant.change_action(action["id"], code="// second")["status"] == "pending"
    wait_until(lambda: tenant.action(action["id"]), lambda now: now["status"] == "failed")
    # The first build ends later, and well, for the version; the draft that it was for is no more.
    last = wait_until(lambda: tenant.action(action["id"]), lambda now: now["deployed_version"]["status"] == "built")
    assert last["status"] == "failed"


def test_a_draft_that_is_not_built_yet_cannot_be_deployed(tenant: TenantClient) -> None:
    tenant.inject("slow_build", seconds=2)
    action = tenant.create_action()
    refused = expect(tenant.api.post(f"/api/v2/actions/actions/{action['id']}/deploy"), 400)
    assert refused == {
        "statusCode": 400,
        "error": "Bad Request",
        "message": "A draft must be in the 'built' state before it can be deployed.",
    }
    tenant.deploy(action["id"])


def test_deleting_an_action_while_it_is_built_leaves_nothing(tenant: TenantClient) -> None:
    tenant.inject("slow_build", path="gone", seconds=0.1)
    gone = tenant.create_action("gone")
    assert tenant.api.delete(f"/api/v2/actions/actions/{gone['id']}").status_code == 204
    tenant.built(tenant.create_action("another")["id"])
    assert tenant.api.get(f"/api/v2/actions/actions/{gone['id']}").status_code == 404

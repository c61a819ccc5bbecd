"""Auth0's own Python SDK as a client: what works for it works for other programs than Pulumi."""

import time
from collections.abc import Iterator
from itertools import count

import httpx
import pytest
from auth0.management import (
    ActionBindingRef,
    ActionBindingWithRef,
    ActionModuleReference,
    ActionSecretRequest,
    ActionTrigger,
    ConflictError,
    DeployActionVersionRequestContent,
    ManagementClient,
    NotFoundError,
    PreconditionFailedError,
    TooManyRequestsError,
)
from auth0.management.core.api_error import ApiError
from auth0.management.core.request_options import RequestOptions
from local_tenant.testing import TenantClient
from local_tenant.testing.client import SECONDS_BETWEEN_LOOKS
from local_tenant.testing.process import trusted

# It tries again after 409, 429 and 5xx, and waits in between.
AT_ONCE: RequestOptions = {"max_retries": 0}

POST_LOGIN = [ActionTrigger(id="post-login", version="v3")]


@pytest.fixture
def sdk(tenant: TenantClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagementClient]:
    """The SDK as a user sets it up: a domain, credentials, and a CA to trust."""
    # Its request for a token is made with a client of its own, which reads the environment.
    monkeypatch.setenv("SSL_CERT_FILE", tenant.ready["ca_file"])
    context = trusted(tenant.ready)
    with httpx.Client(verify=context) as http:
        yield ManagementClient(domain=tenant.ready["domain"], httpx_client=http, **tenant.ready["management"])


def wait_until_built(sdk: ManagementClient, action_id: str) -> None:
    for look in count():
        action = sdk.actions.get(action_id)
        if action.status == "built":
            return
        assert action.status in ("pending", "building")
        assert look < 2_000
        time.sleep(SECONDS_BETWEEN_LOOKS)


def create(sdk: ManagementClient, name: str = "by_sdk", code: str = "// one") -> str:
    action = sdk.actions.create(
        name=name,
        supported_triggers=POST_LOGIN,
        code=code,
        runtime="node22",
        secrets=[ActionSecretRequest(name="KEY", value="x")],
    )
    assert action.id
    wait_until_built(sdk, action.id)
    return action.id


def bind(sdk: ManagementClient, *action_ids: str) -> None:
    refs = [ActionBindingWithRef(ref=ActionBindingRef(type="action_id", value=action_id)) for action_id in action_ids]
    sdk.actions.triggers.bindings.update_many("post-login", bindings=refs)


def flow(sdk: ManagementClient) -> list[str | None]:
    return [
        binding.action.name if binding.action else None for binding in sdk.actions.triggers.bindings.list("post-login")
    ]


def test_an_action_can_be_created_changed_deployed_and_deleted(sdk: ManagementClient) -> None:
    action_id = create(sdk)
    first = sdk.actions.deploy(action_id)
    assert (first.number, first.status, first.deployed) == (1, "built", False)
    bind(sdk, action_id)
    assert flow(sdk) == ["by_sdk"]

    changed = sdk.actions.update(action_id, code="// two")
    assert (changed.status, changed.all_changes_deployed) == ("pending", False)
    wait_until_built(sdk, action_id)
    assert sdk.actions.deploy(action_id).number == 2
    assert [version.number for version in sdk.actions.versions.list(action_id)] == [2, 1]

    assert first.id
    rolled_back = sdk.actions.versions.deploy(
        action_id, first.id, request=DeployActionVersionRequestContent(update_draft=True)
    )
    assert (rolled_back.number, rolled_back.code) == (3, "// one")
    action = sdk.actions.get(action_id)
    assert (action.code, action.all_changes_deployed) == ("// one", True)
    assert action.deployed_version
    assert action.deployed_version.id == rolled_back.id
    assert [secret.name for secret in action.secrets or []] == ["KEY"]

    with pytest.raises(ApiError, match="Unable to delete an action bound to a trigger"):
        sdk.actions.delete(action_id, request_options=AT_ONCE)
    sdk.actions.delete(action_id, force=True)
    assert flow(sdk) == []
    with pytest.raises(NotFoundError, match="That action does not exist"):
        sdk.actions.get(action_id)


def test_its_pager_sees_each_action_once(sdk: ManagementClient) -> None:
    created = {create(sdk, f"action_{number}") for number in range(5)}
    listed = [action.id for action in sdk.actions.list(per_page=2)]
    assert len(listed) == 5
    assert set(listed) == created
    assert [action.name for action in sdk.actions.list(action_name="action_3")] == ["action_3"]
    assert list(sdk.actions.list(deployed=True)) == []


def test_a_flow_of_two_has_the_requested_order(sdk: ManagementClient) -> None:
    ids = [create(sdk, name) for name in ("one", "two")]
    for action_id in ids:
        sdk.actions.deploy(action_id)
    bind(sdk, *ids)
    assert flow(sdk) == ["one", "two"]
    bind(sdk, *reversed(ids))
    assert flow(sdk) == ["two", "one"]
    bind(sdk)
    assert flow(sdk) == []


def test_triggers_and_modules(sdk: ManagementClient) -> None:
    assert {trigger.id for trigger in sdk.actions.triggers.list().triggers or []} >= {"post-login", "event-stream"}
    module = sdk.actions.modules.create(name="shared", code="exports.one = 1;")
    assert module.id
    version = sdk.actions.modules.versions.create(module.id)
    used = ActionModuleReference(module_id=module.id, module_version_id=version.id)
    action = sdk.actions.create(name="user", supported_triggers=POST_LOGIN, code="", modules=[used])
    assert action.id
    wait_until_built(sdk, action.id)
    sdk.actions.deploy(action.id)
    assert [user.action_id for user in sdk.actions.modules.list_actions(module.id)] == [action.id]
    assert [each.actions_using_module_total for each in sdk.actions.modules.list()] == [1]
    with pytest.raises(ConflictError, match="A module with the name 'shared' already exists"):
        sdk.actions.modules.create(name="shared", code="", request_options=AT_ONCE)
    with pytest.raises(PreconditionFailedError, match="Unable to delete a module that is used by an action"):
        sdk.actions.modules.delete(module.id, request_options=AT_ONCE)


def test_it_retries_after_a_rate_limit(tenant: TenantClient, sdk: ManagementClient) -> None:
    tenant.inject("rate_limit", path="/api/v2/actions/triggers")
    assert sdk.actions.triggers.list().triggers


def test_it_reports_a_lasting_rate_limit(tenant: TenantClient, sdk: ManagementClient) -> None:
    tenant.inject("rate_limit", path="/api/v2/actions/triggers", times=10)
    with pytest.raises(TooManyRequestsError, match="Global limit has been reached"):
        sdk.actions.triggers.list(request_options=AT_ONCE)


def test_an_endpoint_that_is_not_built_is_a_clear_error(sdk: ManagementClient) -> None:
    with pytest.raises(ApiError, match="is not built in the local tenant"):
        sdk.jobs.get("job_1", request_options=AT_ONCE)

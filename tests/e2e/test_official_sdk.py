"""A client that is not Pulumi: Auth0's own SDK for Python, at work on the same tenant."""

from collections.abc import Iterator

import httpx
import pytest
from auth0.management import ManagementClient
from auth0.management.types import (
    ActionBindingRef,
    ActionBindingTypeEnum,
    ActionBindingWithRef,
    ActionSecretRequest,
    ActionTrigger,
)

from tests.deployment import FLOWS, LOGIN, TRIGGERS, Deployment


@pytest.fixture
def sdk(deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagementClient]:
    """The SDK, with the tenant's domain and credentials, as anyone would set it up."""
    ready = deployed.process.ready
    monkeypatch.setenv("SSL_CERT_FILE", ready["ca_file"])
    # Its own http client would keep its connections open until Python finds it as garbage, in whatever test.
    with httpx.Client() as http:
        yield ManagementClient(
            domain=ready["domain"],
            client_id=ready["management"]["client_id"],
            client_secret=ready["management"]["client_secret"],
            httpx_client=http,
        )


def bindings_of(*actions: str) -> list[ActionBindingWithRef]:
    by_id: ActionBindingTypeEnum = "action_id"
    return [
        ActionBindingWithRef(ref=ActionBindingRef(type=by_id, value=action), display_name=action) for action in actions
    ]


def test_the_sdk_works_next_to_pulumi_and_the_next_up_puts_the_flow_back(
    deployed: Deployment, sdk: ManagementClient
) -> None:
    ours = {str(action.name): action for action in sdk.actions.list()}
    assert set(ours) == set(TRIGGERS)
    assert all(action.all_changes_deployed for action in ours.values())

    created = sdk.actions.create(
        name="foreign",
        supported_triggers=[ActionTrigger(id=LOGIN, version="v3")],
        code="exports.onExecutePostLogin = async (event, api) => {};",
        secrets=[ActionSecretRequest(name="KEY", value="a value that is never shown")],
    )
    assert created.id is not None
    assert created.status == "pending"
    deployed.tenant.built(created.id)
    version = sdk.actions.deploy(created.id)
    assert version.number == 1
    foreign = sdk.actions.get(created.id)
    assert foreign.deployed_version is not None
    assert foreign.deployed_version.id == version.id
    assert [secret.name for secret in foreign.secrets or []] == ["KEY"]
    assert "never shown" not in foreign.model_dump_json()

    bound = [str(binding.action.id) for binding in sdk.actions.triggers.bindings.list(LOGIN) if binding.action]
    sdk.actions.triggers.bindings.update_many(LOGIN, bindings=bindings_of(created.id, *bound))
    assert deployed.order(LOGIN) == ["foreign", *FLOWS[LOGIN]]

    deployed.project.up("--refresh")

    assert [str(binding.action and binding.action.name) for binding in sdk.actions.triggers.bindings.list(LOGIN)] == (
        FLOWS[LOGIN]
    )
    deployed.assert_converged()
    sdk.actions.delete(created.id)
    assert {str(action.name) for action in sdk.actions.list()} == set(TRIGGERS)

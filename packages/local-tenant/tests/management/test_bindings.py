"""Bindings: the list that is sent becomes the flow."""

from typing import Any

import pytest
from local_tenant.testing import Json, TenantClient, expect
from local_tenant.testing.client import trigger_of

FLOW = "/api/v2/actions/triggers/post-login/bindings"


def patch(tenant: TenantClient, status: int, *bindings: Any, path: str = FLOW) -> Json:  # noqa: ANN401 - right or wrong
    return expect(tenant.api.patch(path, json={"bindings": list(bindings)}), status)


def by_id(action: Json, **more: str) -> Json:
    return {"ref": {"type": "action_id", "value": action["id"]}, **more}


def ids(bindings: list[Json]) -> list[str]:
    return [binding["action"]["id"] for binding in bindings]


def test_the_flow_has_the_order_of_the_request(tenant: TenantClient) -> None:
    one, two, three = (tenant.deploy_action(name) for name in ("one", "two", "three"))
    answer = patch(tenant, 200, by_id(three), by_id(one), by_id(two))
    assert set(answer) == {"bindings"}
    assert ids(answer["bindings"]) == [three["id"], one["id"], two["id"]]
    assert tenant.flow("post-login") == answer["bindings"]


def test_each_write_creates_every_binding_again(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    before = tenant.bind("post-login", [action["id"]])[0]
    after = tenant.bind("post-login", [action["id"]])[0]
    assert after["id"] != before["id"]
    assert after["created_at"] == after["updated_at"]
    assert after["created_at"] > before["updated_at"]


def test_an_empty_list_unbinds_all(tenant: TenantClient) -> None:
    tenant.bind("post-login", [tenant.deploy_action()["id"]])
    assert patch(tenant, 200) == {"bindings": []}
    assert expect(tenant.api.get(FLOW, params={"per_page": 50}), 200) == {"bindings": [], "per_page": 50}


def test_an_action_can_be_referred_to_by_name(tenant: TenantClient) -> None:
    action = tenant.deploy_action("named")
    request = {"ref": {"type": "action_name", "value": "named"}, "display_name": "Shown"}
    (binding,) = patch(tenant, 200, request)["bindings"]
    assert binding["action"]["id"] == action["id"]
    assert binding["display_name"] == "Shown"
    assert binding["trigger_id"] == "post-login"


def test_an_action_can_be_referred_to_by_its_binding(tenant: TenantClient) -> None:
    one, two = tenant.deploy_action("one"), tenant.deploy_action("two")
    first, second = tenant.bind("post-login", [one["id"], two["id"]])
    swapped = [{"ref": {"type": "binding_id", "value": binding["id"]}} for binding in (second, first)]
    assert ids(patch(tenant, 200, *swapped)["bindings"]) == [two["id"], one["id"]]
    # Those bindings are gone: all are new.
    assert patch(tenant, 404, *swapped)["message"] == "That binding does not exist."


def test_a_display_name_left_out_is_the_name_of_the_action(tenant: TenantClient) -> None:
    assert tenant.bind("post-login", [tenant.deploy_action("named")["id"]])[0]["display_name"] == "named"


def test_each_trigger_has_its_own_flow(tenant: TenantClient) -> None:
    login = tenant.deploy_action("login")
    signup = tenant.deploy_action("signup", trigger="pre-user-registration")
    tenant.bind("post-login", [login["id"]])
    tenant.bind("pre-user-registration", [signup["id"]])
    tenant.bind("post-login", [])
    assert ids(tenant.flow("pre-user-registration")) == [signup["id"]]


def test_bindings_show_the_version_that_is_deployed_now(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    (before,) = tenant.bind("post-login", [action["id"]])
    tenant.deploy(action["id"])
    (after,) = tenant.flow("post-login")
    assert (before["action"]["deployed_version"]["number"], after["action"]["deployed_version"]["number"]) == (1, 2)
    assert after["id"] == before["id"]


class TestRefused:
    """A refused list leaves the flow as it was."""

    @pytest.fixture
    def bound(self, tenant: TenantClient) -> list[Json]:
        return tenant.bind("post-login", [tenant.deploy_action("bound")["id"]])

    def test_an_action_that_is_not_deployed(self, tenant: TenantClient, bound: list[Json]) -> None:
        draft = tenant.built(tenant.create_action()["id"])
        refused = patch(tenant, 400, by_id(bound[0]["action"]), by_id(draft))
        assert refused["message"].startswith("Trying to create a binding for an action that has not been deployed yet")
        assert tenant.flow("post-login") == bound

    def test_an_action_of_another_trigger(self, tenant: TenantClient, bound: list[Json]) -> None:
        signup = tenant.deploy_action("signup", trigger="pre-user-registration")
        refused = patch(tenant, 400, by_id(bound[0]["action"]), by_id(signup))
        assert refused == {
            "statusCode": 400,
            "error": "Bad Request",
            "message": "Trying to create a binding between an incompatible action and trigger.",
        }
        assert tenant.flow("post-login") == bound

    @pytest.mark.parametrize("kind", ["action_id", "action_name"])
    def test_an_action_that_does_not_exist(self, tenant: TenantClient, bound: list[Json], kind: str) -> None:
        refused = patch(tenant, 404, by_id(bound[0]["action"]), {"ref": {"type": kind, "value": "nothing"}})
        assert refused["message"] == "That action does not exist."
        assert tenant.flow("post-login") == bound

    def test_a_name_that_two_actions_have(self, tenant: TenantClient, bound: list[Json]) -> None:
        tenant.deploy_action("twice")
        tenant.deploy_action("twice")
        refused = patch(tenant, 400, {"ref": {"type": "action_name", "value": "twice"}})
        assert "'twice'" in refused["message"]
        assert tenant.flow("post-login") == bound

    @pytest.mark.parametrize(
        ("binding", "message"),
        [
            ({}, "Payload validation error: 'Missing required property: ref' on property bindings[0]."),
            (
                {"ref": {"type": "action_id"}},
                "Payload validation error: 'Missing required property: value' on property bindings[0].ref.",
            ),
            (
                {"ref": {"type": "id", "value": "x"}},
                "Payload validation error: 'No enum match for: id' on property bindings[0].ref.type.",
            ),
            (
                {"ref": {"type": "action_id", "value": "x"}, "more": 1},
                "Payload validation error: 'Additional properties not allowed: more' on property bindings[0].",
            ),
            ("x", "Payload validation error: 'Expected type object but found type string' on property bindings[0]."),
        ],
    )
    def test_a_binding_of_another_shape(
        self,
        tenant: TenantClient,
        bound: list[Json],
        binding: Any,  # noqa: ANN401
        message: str,
    ) -> None:
        assert patch(tenant, 400, binding) == {
            "statusCode": 400,
            "error": "Bad Request",
            "message": message,
            "errorCode": "invalid_body",
        }
        assert tenant.flow("post-login") == bound


def test_a_trigger_that_does_not_exist_is_not_found(tenant: TenantClient) -> None:
    path = "/api/v2/actions/triggers/nothing/bindings"
    assert expect(tenant.api.get(path), 404)["message"] == "That trigger does not exist."
    assert patch(tenant, 404, path=path)["message"] == "That trigger does not exist."


def test_an_action_for_the_older_compatible_version_can_be_bound(tenant: TenantClient) -> None:
    older = tenant.create_action(supported_triggers=[{"id": "post-login", "version": "v2"}])
    tenant.deploy(older["id"])
    assert ids(tenant.bind("post-login", [older["id"]])) == [older["id"]]


def test_the_triggers_of_a_bound_action_may_change_and_its_binding_stays(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    tenant.bind("post-login", [action["id"]])
    tenant.change_action(action["id"], supported_triggers=[trigger_of("pre-user-registration")])
    assert ids(tenant.flow("post-login")) == [action["id"]]

"""Documented limits: what is at one passes, what is over one is refused and changes nothing."""

import json
from typing import Any

import pytest
from local_tenant.testing import Json, TenantClient, expect

ACTIONS = "/api/v2/actions/actions"
BODY: Json = {"name": "an_action", "supported_triggers": [{"id": "post-login", "version": "v3"}], "code": ""}


def secrets(count: int = 1, name: int = 1, value: int = 1) -> list[Json]:
    return [{"name": f"{number:02}".rjust(name, "x"), "value": "v" * value} for number in range(count)]


def dependencies(count: int) -> list[Json]:
    return [{"name": f"p{number}", "version": "1", "registry_url": "http://127.0.0.1:9/"} for number in range(count)]


AT_AND_OVER = [
    pytest.param({"code": "x" * 100_000}, {"code": "x" * 100_001}, id="code"),
    pytest.param({"code": "é" * 50_000}, {"code": "é" * 50_001}, id="code in bytes, not in characters"),
    pytest.param({"name": "n" * 255}, {"name": "n" * 256}, id="name"),
    pytest.param({"name": "n"}, {"name": ""}, id="name, shortest"),
    pytest.param({"secrets": secrets(30)}, {"secrets": secrets(31)}, id="secrets"),
    pytest.param({"secrets": secrets(name=128)}, {"secrets": secrets(name=129)}, id="name of a secret"),
    pytest.param({"secrets": secrets(value=4_096)}, {"secrets": secrets(value=4_097)}, id="value of a secret"),
    pytest.param({"secrets": secrets()}, {"secrets": [{"name": "", "value": "x"}]}, id="name of a secret, shortest"),
    pytest.param({"dependencies": dependencies(10)}, {"dependencies": dependencies(11)}, id="dependencies"),
    pytest.param(
        {"supported_triggers": BODY["supported_triggers"]},
        {"supported_triggers": BODY["supported_triggers"] * 2},
        id="triggers",
    ),
    pytest.param({}, {"supported_triggers": []}, id="triggers, none"),
]


@pytest.mark.parametrize(("at", "over"), AT_AND_OVER)
def test_of_an_action(tenant: TenantClient, at: Json, over: Json) -> None:
    action = expect(tenant.api.post(ACTIONS, json=BODY | at), 201)
    refused = expect(tenant.api.post(ACTIONS, json=BODY | over), 400)
    assert refused["errorCode"] == "invalid_body"
    assert len(tenant.api.get(ACTIONS).json()["actions"]) == 1
    expect(tenant.api.patch(f"{ACTIONS}/{action['id']}", json=at), 200)
    assert expect(tenant.api.patch(f"{ACTIONS}/{action['id']}", json=over), 400) == refused
    assert {key: tenant.action(action["id"])[key] for key in at if key != "secrets"} == {
        key: value for key, value in at.items() if key != "secrets"
    }


@pytest.mark.parametrize(("at", "over"), [case for case in AT_AND_OVER if "triggers" not in str(case.id)])
def test_of_a_module(tenant: TenantClient, at: Json, over: Json) -> None:
    body: Json = {"name": "a_module", "code": ""}
    expect(tenant.api.post("/api/v2/actions/modules", json=body | at), 201)
    refused = expect(tenant.api.post("/api/v2/actions/modules", json={**body, "name": "another"} | over), 400)
    assert refused["errorCode"] == "invalid_body"


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"code": "é" * 50_001}, "String is too long (100002 bytes), maximum 100000' on property code"),
        ({"name": "n" * 256}, "String is too long (256 chars), maximum 255' on property name"),
        ({"secrets": secrets(31)}, "Array is too long (31), maximum 30' on property secrets"),
        (
            {"secrets": secrets(value=4_097)},
            "String is too long (4097 chars), maximum 4096' on property secrets[0].value",
        ),
        ({"supported_triggers": []}, "Array is too short (0), minimum 1' on property supported_triggers"),
    ],
)
def test_the_error_names_the_limit_and_the_place(tenant: TenantClient, over: Json, message: str) -> None:
    refused = expect(tenant.api.post(ACTIONS, json=BODY | over), 400)
    assert refused["message"] == f"Payload validation error: '{message}."


def test_a_body_at_every_limit_fits_even_fully_escaped(tenant: TenantClient) -> None:
    at = {
        "code": "\N{GRINNING FACE}" * 25_000,
        "secrets": [{"name": f"{n:02}", "value": "\N{GRINNING FACE}" * 4_096} for n in range(30)],
    }
    escaped = json.dumps(BODY | at)
    assert escaped.isascii()
    action = expect(tenant.api.post(ACTIONS, content=escaped), 201)
    assert tenant.action(action["id"])["code"] == at["code"]


def test_a_body_beyond_all_limits_is_refused_and_the_connection_goes_on(tenant: TenantClient) -> None:
    answer = tenant.api.post(ACTIONS, content=b'{"code": "' + b"x" * 4_000_000)
    assert expect(answer, 413) == {
        "statusCode": 413,
        "error": "Request Entity Too Large",
        "message": "Payload content length greater than maximum allowed: 4000000",
    }
    tenant.create_action()


def test_a_hundred_actions_fit_into_a_tenant(tenant: TenantClient) -> None:
    created = [tenant.create_action(f"action_{number}") for number in range(100)]
    refused = expect(tenant.api.post(ACTIONS, json=BODY), 403)
    assert refused["errorCode"] == "too_many_entities"
    assert tenant.api.delete(f"{ACTIONS}/{created[50]['id']}").status_code == 204
    expect(tenant.api.post(ACTIONS, json=BODY), 201)


def test_twenty_bindings_fit_into_a_flow(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    assert len(tenant.bind("post-login", [action["id"]] * 20)) == 20
    body: Any = {"bindings": [{"ref": {"type": "action_id", "value": action["id"]}}] * 21}
    refused = expect(tenant.api.patch("/api/v2/actions/triggers/post-login/bindings", json=body), 400)
    assert refused["message"] == "Payload validation error: 'Array is too long (21), maximum 20' on property bindings."
    assert len(tenant.flow("post-login")) == 20

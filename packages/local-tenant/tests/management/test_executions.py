from typing import ClassVar

import pytest
from local_tenant.testing import Json, TenantClient, expect

ACTIONS = "/api/v2/actions/actions"


def newest_execution_id(tenant: TenantClient) -> str:
    return str(tenant.traces(limit=1)[0]["execution_id"])


def test_an_execution_holds_a_result_for_each_action(tenant: TenantClient) -> None:
    person = tenant.sign_up()
    first = tenant.deploy_action("first")
    second = tenant.deploy_action(
        "second", code='exports.onExecutePostLogin = async () => { throw new Error("broken"); };'
    )
    tenant.bind("post-login", [first["id"], second["id"]])
    person.log_in()
    execution_id = newest_execution_id(tenant)
    execution = expect(tenant.api.get(f"/api/v2/actions/executions/{execution_id}"), 200)
    assert set(execution) == {"id", "trigger_id", "status", "results", "created_at", "updated_at"}
    assert (execution["id"], execution["trigger_id"]) == (execution_id, "post-login")
    assert [result["action_name"] for result in execution["results"]] == ["first", "second"]
    assert "error" not in execution["results"][0]
    assert execution["results"][1]["error"]["msg"] == "broken"


def test_an_unknown_execution_is_not_found(tenant: TenantClient) -> None:
    answer = expect(tenant.api.get("/api/v2/actions/executions/d2b1d5b4-0000-4000-8000-000000000000"), 404)
    assert answer == {"statusCode": 404, "error": "Not Found", "message": "That execution does not exist."}


def test_a_trace_holds_each_step_and_the_outcome(tenant: TenantClient) -> None:
    tenant.bind_action(
        "exports.onExecutePostLogin = async (event, api) => "
        '{ console.log("hello"); api.user.setUserMetadata("last_ip", event.request.ip); };'
    )
    person = tenant.sign_up()
    expect(person.log_in(), 200)
    trace = tenant.trace()
    (action,) = trace["trace"]["actions"]
    assert (action["name"], action["number"], action["status"]) == ("decides", 1, "ran")
    assert action["console"] == [{"level": "log", "text": "hello"}]
    assert action["calls"][0]["method"] == "user.setUserMetadata"
    assert action["changes"] == [{"container": "user_metadata", "key": "last_ip", "before": None, "after": "127.0.0.1"}]
    outcome = trace["outcome"]
    assert (outcome["answer"], outcome["email"], outcome["logins_count"]) == ("tokens", person.email, 1)


def test_traces_are_listed_newest_first_up_to_a_limit(tenant: TenantClient) -> None:
    tenant.bind_action("exports.onExecutePostLogin = async () => {};")
    people = [tenant.sign_up(f"{name}@example.com") for name in ("ada", "bob", "cleo")]
    for person in people:
        expect(person.log_in(), 200)
    traces = tenant.traces(limit=2)
    assert [trace["outcome"]["email"] for trace in traces] == ["cleo@example.com", "bob@example.com"]
    assert tenant.api.get("/_local/traces", params={"limit": 0}).status_code == 400
    assert tenant.http.get("/_local/traces").status_code == 401


class TestTrialRuns:
    EVENT: ClassVar[Json] = {
        "user": {"user_id": "auth0|x", "app_metadata": {}, "user_metadata": {}},
        "request": {"ip": "::1"},
    }

    def test_a_test_run_uses_the_draft_and_the_event_sent_and_stores_nothing(self, tenant: TenantClient) -> None:
        person = tenant.sign_up()
        action = tenant.create_action(
            code="exports.onExecutePostLogin = async (event, api) => "
            '{ console.log(event.secrets.KEY); api.user.setUserMetadata("last_ip", event.request.ip); };',
            secrets={"KEY": "s3cr3t-value-of-the-key"},
        )
        tenant.built(action["id"])
        answer = expect(
            tenant.api.post(
                f"{ACTIONS}/{action['id']}/test", json={"payload": {**self.EVENT, "user": person.profile()}}
            ),
            200,
        )
        assert set(answer) == {"payload", "stats"}
        (ran,) = answer["payload"]["actions"]
        assert ran["changes"][0]["after"] == "::1"
        assert ran["console"] == [{"level": "log", "text": "[secret KEY]"}]
        assert "user_metadata" not in person.profile()
        assert tenant.traces() == []

    def test_the_next_test_run_uses_the_changed_draft(self, tenant: TenantClient) -> None:
        action = tenant.create_action()
        for word in ("one", "two"):
            code = f'exports.onExecutePostLogin = async () => {{ console.log("{word}"); }};'
            tenant.change_action(action["id"], code=code)
            tenant.built(action["id"])
            answer = expect(tenant.api.post(f"{ACTIONS}/{action['id']}/test", json={"payload": self.EVENT}), 200)
            assert answer["payload"]["actions"][0]["console"][0]["text"] == word

    def test_a_failing_action_is_part_of_the_result(self, tenant: TenantClient) -> None:
        action = tenant.create_action(code="no JavaScript")
        tenant.built(action["id"])
        answer = expect(tenant.api.post(f"{ACTIONS}/{action['id']}/test", json={"payload": self.EVENT}), 200)
        assert answer["payload"]["status"] == "failed"

    @pytest.mark.parametrize("body", [{}, {"payload": "x"}, {"payload": {}, "more": 1}])
    def test_a_body_without_a_payload_is_refused(self, tenant: TenantClient, body: Json) -> None:
        action = tenant.create_action()
        tenant.built(action["id"])
        assert tenant.api.post(f"{ACTIONS}/{action['id']}/test", json=body).status_code == 400

    @pytest.mark.parametrize("user", ["x", {"app_metadata": 1}, {"user_metadata": "x"}, [{}]])
    def test_an_event_with_an_invalid_user_is_refused(self, tenant: TenantClient, user: object) -> None:
        action = tenant.create_action()
        tenant.built(action["id"])
        answer = tenant.api.post(f"{ACTIONS}/{action['id']}/test", json={"payload": {"user": user}})
        assert expect(answer, 400)["errorCode"] == "invalid_body"

    def test_an_action_of_a_trigger_that_cannot_run_here_says_so(self, tenant: TenantClient) -> None:
        action = tenant.create_action(trigger="post-user-registration")
        tenant.built(action["id"])
        answer = tenant.api.post(f"{ACTIONS}/{action['id']}/test", json={"payload": {}})
        assert expect(answer, 403)["errorCode"] == "not_built_locally"

    def test_an_action_that_does_not_exist_is_not_found(self, tenant: TenantClient) -> None:
        assert tenant.api.post(f"{ACTIONS}/gone/test", json={"payload": {}}).status_code == 404

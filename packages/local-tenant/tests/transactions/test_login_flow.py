from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gate import closed_gate
from local_tenant.testing import Person, TenantClient, expect, expect_error
from token_reader import client_id, read_token, userinfo_audience

NO_DUO = "An Action asks for the MFA provider 'duo', which is not built in the local tenant."
NO_PUSH = (
    "An Action asks for the factor push-notification, which is not built in the local tenant: 'otp' is. "
    "`python -m local_tenant.fidelity` lists what is."
)


def post_login(body: str) -> str:
    return f"exports.onExecutePostLogin = async (event, api) => {{ {body} }};\n"


class TestEffects:
    def test_metadata_is_merged_at_the_root_and_null_deletes(self, tenant: TenantClient, ada: Person) -> None:
        old = {"kept": 1, "replaced": {"a": 1, "b": 2}, "deleted": True}
        tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"app_metadata": old})
        tenant.bind_action(
            post_login(
                'api.user.setAppMetadata("replaced", { c: 3 }); api.user.setAppMetadata("deleted", null); '
                'api.user.setUserMetadata("last_ip", event.request.ip);'
            )
        )
        expect(ada.log_in(), 200)
        profile = ada.profile()
        assert profile["app_metadata"] == {"kept": 1, "replaced": {"c": 3}}
        assert profile["user_metadata"] == {"last_ip": "127.0.0.1"}

    def test_concurrent_metadata_writes_survive_those_of_the_action(self, tenant: TenantClient, ada: Person) -> None:
        with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
            tenant.bind_action(post_login(f'{gate.stop} api.user.setAppMetadata("mine", 1);'))
            login = pool.submit(ada.log_in)
            gate.wait_for(1)
            expect(tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"app_metadata": {"theirs": 2}}), 200)
            gate.open()
            expect(login.result(), 200)
        assert ada.profile()["app_metadata"] == {"mine": 1, "theirs": 2}

    def test_claims_and_scopes_are_in_the_tokens(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action(
            post_login(
                'api.idToken.setCustomClaim("https://example.com/plan", "gold"); '
                'api.accessToken.setCustomClaim("https://example.com/plan", ["gold"]); '
                'api.accessToken.addScope("read:things"); api.accessToken.removeScope("email");'
            )
        )
        answer = expect(ada.log_in(scope="openid email"), 200)
        assert answer["scope"] == "openid read:things"
        access = read_token(tenant, answer["access_token"], userinfo_audience(tenant))
        assert access["scope"] == "openid read:things"
        assert access["https://example.com/plan"] == ["gold"]
        assert read_token(tenant, answer["id_token"], client_id(tenant))["https://example.com/plan"] == "gold"

    @pytest.mark.parametrize("name", ["sub", "iss", "aud", "exp", "iat", "azp", "scope", "gty"])
    def test_no_action_can_replace_a_claim_of_the_tenant(self, tenant: TenantClient, ada: Person, name: str) -> None:
        before = read_token(tenant, expect(ada.log_in(), 200)["access_token"], userinfo_audience(tenant))
        tenant.bind_action(
            post_login(
                f"try {{ api.accessToken.setCustomClaim('{name}', 'forged'); "
                f"api.idToken.setCustomClaim('{name}', 'forged'); }} catch {{}}"
            )
        )
        answer = expect(ada.log_in(), 200)
        claims = read_token(tenant, answer["access_token"], userinfo_audience(tenant))
        assert set(claims) == set(before)
        assert claims[name] != "forged"
        assert "forged" not in read_token(tenant, answer["id_token"], client_id(tenant)).values()

    def test_without_the_scope_offline_access_there_is_no_refresh_token(
        self, tenant: TenantClient, ada: Person
    ) -> None:
        tenant.bind_action(post_login('api.accessToken.removeScope("offline_access");'))
        assert "refresh_token" not in expect(ada.log_in(scope="openid offline_access"), 200)


class TestSnapshot:
    READS = post_login('api.user.setUserMetadata("seen", String(event.user.app_metadata.flag));')
    WRITES = post_login('api.user.setAppMetadata("flag", "written");')

    def bind_both(self, tenant: TenantClient) -> None:
        actions = [tenant.deploy_action(name, code=code) for name, code in (("w", self.WRITES), ("r", self.READS))]
        tenant.bind("post-login", [action["id"] for action in actions])

    def test_a_later_action_sees_what_an_earlier_one_wrote_only_in_the_next_login(
        self, tenant: TenantClient, ada: Person
    ) -> None:
        self.bind_both(tenant)
        expect(ada.log_in(), 200)
        assert ada.profile()["user_metadata"] == {"seen": "undefined"}
        expect(ada.log_in(), 200)
        assert ada.profile()["user_metadata"] == {"seen": "written"}

    def test_the_trace_marks_a_read_that_depends_on_the_read_model(self, tenant: TenantClient, ada: Person) -> None:
        self.bind_both(tenant)
        expect(ada.log_in(), 200)
        (read,) = tenant.trace()["trace"]["actions"][1]["stale_reads"]
        assert (read["key"], read["written_by"], read["seen"], read["other"]) == ("flag", "w", None, "written")

    def test_the_other_model_is_one_switch_away(self, fresh_tenant: Any) -> None:  # noqa: ANN401 - a fixture
        tenant = TenantClient(fresh_tenant(None, "--metadata-visibility=next-action").ready)
        person = tenant.sign_up()
        self.bind_both(tenant)
        expect(person.log_in(), 200)
        assert person.profile()["user_metadata"] == {"seen": "written"}
        tenant.close()


class TestProvedOnce:
    def test_an_answered_challenge_is_not_repeated_at_the_end(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action()
        app = ada.enrol().app
        tenant.bind_action(
            post_login(
                'api.multifactor.enable("any"); api.authentication.challengeWith({ type: "otp" }); '
                'api.user.setUserMetadata("asked", event.stats.logins_count);'
            ),
            "asks_twice",
        )
        mfa_token = ada.mfa_token()
        assert "user_metadata" not in ada.profile()
        expect(ada.prove(mfa_token, app.next_code()), 200)
        assert ada.profile()["user_metadata"] == {"asked": 2}
        assert ada.profile()["logins_count"] == 2


class TestFailingClosed:
    @pytest.mark.parametrize(
        ("body", "answer"),
        [
            ('throw new Error("broken");', (500, "access_denied", "broken")),
            (
                'Promise.reject(new Error("not awaited")); await new Promise((r) => setTimeout(r, 50));',
                (500, "access_denied", "not awaited"),
            ),
            ("process.exit(0);", (500, "access_denied", "The Action called process.exit()")),
            (
                'api.session.setMetadata("a", "b");',
                (500, "access_denied", "Failed to set session metadata: this transaction has no session"),
            ),
            ('api.multifactor.enable("duo");', (500, "access_denied", NO_DUO)),
            ('api.authentication.challengeWith({ type: "push-notification" });', (500, "access_denied", NO_PUSH)),
            (
                'api.redirect.sendUserTo("https://example.com/");',
                (403, "interaction_required", "A redirect is not possible in this grant."),
            ),
        ],
    )
    def test_a_failed_login_gives_and_stores_nothing_but_is_counted(
        self, tenant: TenantClient, ada: Person, body: str, answer: tuple[int, str, str]
    ) -> None:
        tenant.bind_action(post_login(f'api.user.setAppMetadata("a", 1); {body}'))
        response = ada.log_in(scope="openid offline_access")
        content = response.json()
        assert (response.status_code, content["error"], content["error_description"]) == answer
        assert set(content) == {"error", "error_description"}
        profile = ada.profile()
        assert "app_metadata" not in profile
        assert profile["logins_count"] == 1
        entry = tenant.api.get("/api/v2/logs").json()[0]
        assert entry["type"] == "f"
        assert entry["description"] == content["error_description"]
        trace = tenant.trace()
        assert trace["outcome"]["answer"] == content["error"]
        assert entry["details"]["actions"]["executions"] == [trace["trace"]["execution_id"]]

    def test_code_that_cannot_be_loaded_fails_the_login(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action("this is no JavaScript")
        expect_error(ada.log_in(), 500, "access_denied")

    def test_a_denial_stops_later_actions_and_writes_earlier_metadata(self, tenant: TenantClient, ada: Person) -> None:
        denies = post_login('api.user.setAppMetadata("a", 1); api.access.deny("not today");')
        later = post_login('api.user.setAppMetadata("b", 2);')
        actions = [tenant.deploy_action(name, code=code) for name, code in (("denies", denies), ("later", later))]
        tenant.bind("post-login", [action["id"] for action in actions])
        expect_error(ada.log_in(), 500, "access_denied", "not today")
        assert ada.profile()["app_metadata"] == {"a": 1}
        assert [action["status"] for action in tenant.trace()["trace"]["actions"]] == ["ran", "not-run"]
        assert tenant.log_types() == ["ss", "f"]


class TestWhichVersionRuns:
    def test_the_deployed_version_runs_not_the_draft(self, tenant: TenantClient, ada: Person) -> None:
        action = tenant.bind_action(post_login('api.user.setUserMetadata("version", 1);'))
        change = {"code": post_login('api.user.setUserMetadata("version", 2);')}
        tenant.change_action(action["id"], **change)
        tenant.built(action["id"])
        expect(ada.log_in(), 200)
        assert ada.profile()["user_metadata"] == {"version": 1}
        tenant.deploy(action["id"])
        expect(ada.log_in(), 200)
        assert ada.profile()["user_metadata"] == {"version": 2}
        first = tenant.api.get(f"/api/v2/actions/actions/{action['id']}/versions").json()["versions"][-1]
        tenant.api.post(f"/api/v2/actions/actions/{action['id']}/versions/{first['id']}/deploy")
        expect(ada.log_in(), 200)
        assert ada.profile()["user_metadata"] == {"version": 1}

    def test_changed_bindings_apply_from_the_next_login_on(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action(post_login('api.user.setUserMetadata("ran", event.stats.logins_count);'))
        expect(ada.log_in(), 200)
        tenant.bind("post-login", [])
        expect(ada.log_in(), 200)
        assert ada.profile()["user_metadata"] == {"ran": 1}
        assert len(tenant.traces()) == 1

    def test_actions_run_in_the_order_of_their_bindings(self, tenant: TenantClient, ada: Person) -> None:
        code = "api.user.setUserMetadata('last', '%s');"
        ids = [tenant.deploy_action(name, code=post_login(code % name))["id"] for name in ("a", "b")]
        for order in (ids, ids[::-1]):
            tenant.bind("post-login", order)
            expect(ada.log_in(), 200)
            assert ada.profile()["user_metadata"]["last"] == ("b" if order == ids else "a")

    def test_deleting_a_bound_action_removes_it_from_the_flow(self, tenant: TenantClient, ada: Person) -> None:
        action = tenant.bind_action(post_login('api.access.deny("no");'))
        expect_error(ada.log_in(), 500, "access_denied")
        tenant.api.delete(f"/api/v2/actions/actions/{action['id']}", params={"force": "true"})
        expect(ada.log_in(), 200)


class TestSecrecy:
    def test_no_secret_and_no_password_is_in_logs_traces_or_executions(self, tenant: TenantClient, ada: Person) -> None:
        action = tenant.deploy_action(
            "talks",
            code=post_login(
                "console.log(event.secrets.KEY, JSON.stringify(event)); "
                "api.access.deny('because of ' + event.secrets.KEY);"
            ),
            secrets={"KEY": "s3cr3t-value-of-the-key"},
        )
        tenant.bind("post-login", [action["id"]])
        expect_error(ada.log_in(), 500, "access_denied", "because of s3cr3t-value-of-the-key")
        logs = tenant.api.get("/api/v2/logs").text
        trace = tenant.trace()
        execution_id = trace["trace"]["execution_id"]
        execution = expect(tenant.api.get(f"/api/v2/actions/executions/{execution_id}"), 200)
        for text in (logs, str(trace), str(execution), str(tenant.traces())):
            assert "s3cr3t-value" not in text
            assert "Correct-horse" not in text
            assert tenant.ready["application"]["client_secret"] not in text
        assert "because of [secret KEY]" in logs
        assert "[secret KEY]" in str(trace)

    def test_no_password_is_anywhere_in_the_data_folder(self, fresh_tenant: Any) -> None:  # noqa: ANN401 - a fixture
        process = fresh_tenant()
        tenant = TenantClient(process.ready)
        person = tenant.sign_up()
        tenant.bind_action(post_login("console.log(JSON.stringify(event));"))
        expect(person.log_in(scope="offline_access"), 200)
        tenant.close()
        process.end()
        content = b"".join(path.read_bytes() for path in process.data.rglob("*") if path.is_file())
        assert b"Correct-horse" not in content
        assert person.email.encode() in content

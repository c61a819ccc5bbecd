"""What Actions ask for and see: the snapshot, pauses, providers."""

import pytest
from local_tenant.testing import AuthenticatorApp, Json, Person, TenantClient, expect, expect_error
from local_tenant.testing.process import StartTenant

# The story of a custom Action that enrols people and of a prompt that looks at who is enrolled.
ENROLS = """
exports.onExecutePostLogin = async (event, api) => {
  if (!event.user.enrolledFactors.some((factor) => factor.type === 'otp')) {
    api.authentication.enrollWith({ type: 'otp' });
  }
};
"""
PROMPTS = """
exports.onExecutePostLogin = async (event, api) => {
  const enrolled = event.user.enrolledFactors.some((factor) => factor.type === 'otp');
  api.user.setUserMetadata('seen_enrolled', enrolled);
  if (enrolled) api.multifactor.enable('any');
};
"""
CHALLENGES = """
exports.onExecutePostLogin = async (event, api) => {
  api.authentication.challengeWith({ type: 'otp' });
};
"""
NOTES = """
exports.onExecutePostLogin = async (event, api) => {
  api.user.setUserMetadata('methods', event.authentication.methods.map((method) => `${method.name}:${method.type}`));
  api.user.setUserMetadata('asked_otp', event.request.body.otp ?? null);
  api.user.setUserMetadata('asked_color', event.request.body.color ?? null);
};
"""


def bind_actions(tenant: TenantClient, *codes: str) -> list[Json]:
    """Let these be the Actions of the post-login flow, in this order."""
    actions = [tenant.deploy_action(f"action {number}", code=code) for number, code in enumerate(codes)]
    tenant.bind("post-login", [action["id"] for action in actions])
    return actions


def metadata(person: Person) -> Json:
    content: Json = person.profile().get("user_metadata", {})
    return content


def log_in_and_enrol(person: Person) -> AuthenticatorApp:
    token = person.mfa_token()
    app = AuthenticatorApp(person.tenant, expect(person.associate(token), 200)["secret"])
    expect(person.prove(token, app.code()), 200)
    return app


def test_a_user_who_enrols_in_the_first_login_is_prompted_from_the_second_on(tenant: TenantClient) -> None:
    bind_actions(tenant, ENROLS, PROMPTS)
    ada = tenant.sign_up()

    app = log_in_and_enrol(ada)
    # The snapshot is from before the enrolment: the second Action saw no factor, and no prompt followed.
    assert metadata(ada)["seen_enrolled"] is False

    token = ada.mfa_token()
    assert metadata(ada)["seen_enrolled"] is True
    expect_error(ada.associate(token), 403, "access_denied", "User is already enrolled.")
    expect(ada.prove(token, app.next_code()), 200)


def test_with_live_reads_an_enrolment_is_visible_in_the_same_login(fresh_tenant: StartTenant) -> None:
    with TenantClient(fresh_tenant(None, "--metadata-visibility", "next-action").ready) as tenant:
        bind_actions(tenant, ENROLS, PROMPTS)
        ada = tenant.sign_up()
        # The factor that the second Action asks for is the one that was proved a moment ago: no second prompt follows.
        log_in_and_enrol(ada)
        assert metadata(ada)["seen_enrolled"] is True


def test_an_unsupported_provider_fails_the_login_after_another_challenge_too(tenant: TenantClient) -> None:
    tenant.bind_action()
    ada = tenant.sign_up()
    enrolled = ada.enrol()
    bind_actions(
        tenant, CHALLENGES, "exports.onExecutePostLogin = async (e, api) => { api.multifactor.enable('duo'); };"
    )
    expect_error(ada.prove(ada.mfa_token(), enrolled.app.next_code()), 403, "access_denied")


def test_an_enrolment_by_multifactor_enable_is_visible_from_the_next_login_on(tenant: TenantClient) -> None:
    bind_actions(
        tenant,
        "exports.onExecutePostLogin = async (event, api) => {"
        " api.user.setUserMetadata('factors', [event.user.enrolledFactors.map((f) => f.type), event.user.multifactor]);"
        " api.multifactor.enable('any'); };",
    )
    ada = tenant.sign_up()
    enrolled = ada.enrol()
    assert metadata(ada)["factors"] == [[], []]
    expect(ada.prove(ada.mfa_token(), enrolled.app.next_code()), 200)
    assert metadata(ada)["factors"] == [["otp"], ["guardian"]]


def test_metadata_is_written_even_if_the_challenge_is_never_answered(tenant: TenantClient) -> None:
    bind_actions(
        tenant,
        "exports.onExecutePostLogin = async (event, api) => {"
        " api.user.setUserMetadata('last_ip', event.request.ip); api.multifactor.enable('any'); };",
    )
    ada = tenant.sign_up()
    ada.mfa_token()
    assert metadata(ada)["last_ip"] in {"127.0.0.1", "::1"}


def test_actions_run_once_for_a_login_that_is_challenged(tenant: TenantClient) -> None:
    bind_actions(
        tenant,
        "exports.onExecutePostLogin = async (event, api) => {"
        " api.user.setUserMetadata('runs', (event.user.user_metadata.runs ?? 0) + 1);"
        " api.accessToken.setCustomClaim('https://example.com/count', event.stats.logins_count);"
        " api.multifactor.enable('any'); };",
    )
    ada = tenant.sign_up()
    ada.enrol()
    assert metadata(ada)["runs"] == 1
    assert ada.profile()["logins_count"] == 1


def test_a_challenge_pauses_the_flow_until_it_is_answered(tenant: TenantClient) -> None:
    tenant.bind_action()
    ada = tenant.sign_up()
    enrolled = ada.enrol()
    bind_actions(tenant, CHALLENGES, NOTES)

    token = ada.mfa_token(color="green")
    assert "methods" not in metadata(ada)
    expect_error(ada.prove(token, enrolled.app.wrong_code()), 403, "invalid_grant", "Invalid otp_code.")
    assert "methods" not in metadata(ada)
    ada.tenant.advance_clock(30)
    body = {"grant_type": "http://auth0.com/oauth/grant-type/mfa-otp", "mfa_token": token, "color": "blue"}
    expect(ada.token(**body, otp=enrolled.app.code()), 200)

    assert metadata(ada)["methods"] == ["pwd:undefined", "mfa:otp"]
    assert metadata(ada)["asked_color"] == "blue"
    assert "asked_otp" not in metadata(ada)
    assert ada.profile()["logins_count"] == 2


def test_a_denial_after_the_challenge_gives_no_tokens(tenant: TenantClient) -> None:
    tenant.bind_action()
    ada = tenant.sign_up()
    enrolled = ada.enrol()
    denies = "exports.onExecutePostLogin = async (event, api) => { api.access.deny('not today'); };"
    bind_actions(tenant, CHALLENGES, denies)
    token = ada.mfa_token()
    expect_error(ada.prove(token, enrolled.app.next_code()), 403, "access_denied", "not today")
    expect_error(ada.prove(token, enrolled.app.next_code()), 403, "invalid_grant", "Malformed mfa_token")


def test_a_paused_flow_resumes_with_the_versions_it_began_with(tenant: TenantClient) -> None:
    tenant.bind_action()
    ada = tenant.sign_up()
    enrolled = ada.enrol()
    _, notes = bind_actions(tenant, CHALLENGES, NOTES)
    token = ada.mfa_token()
    tenant.change_action(notes["id"], code=NOTES.replace("methods'", "other'"))
    tenant.deploy(notes["id"])
    expect(ada.prove(token, enrolled.app.next_code()), 200)
    assert metadata(ada)["methods"] == ["pwd:undefined", "mfa:otp"]
    assert "other" not in metadata(ada)


def test_a_challenge_for_a_factor_that_is_not_enrolled_fails_the_login(tenant: TenantClient) -> None:
    bind_actions(tenant, CHALLENGES)
    ada = tenant.sign_up()
    answer = ada.log_in()
    expect_error(answer, 500, "access_denied")
    assert "enrolled none of them" in answer.json()["error_description"]
    assert "mfa_token" not in answer.json()


def test_enrolling_an_enrolled_factor_again_fails_the_login(tenant: TenantClient) -> None:
    tenant.bind_action()
    ada = tenant.sign_up()
    ada.enrol()
    bind_actions(
        tenant, "exports.onExecutePostLogin = async (e, api) => { api.authentication.enrollWith({type:'otp'}); };"
    )
    expect_error(ada.log_in(), 500, "access_denied")


@pytest.mark.parametrize(
    "call",
    [
        "api.multifactor.enable('duo')",
        "api.authentication.challengeWith({ type: 'phone' })",
        "api.authentication.challengeWith({ type: 'recovery-code' })",
        "api.authentication.enrollWith({ type: 'push-notification' })",
        "api.authentication.enrollWithAny([{ type: 'phone' }, { type: 'webauthn-roaming' }])",
    ],
)
def test_an_unsupported_factor_fails_the_login_and_is_named(tenant: TenantClient, call: str) -> None:
    bind_actions(tenant, f"exports.onExecutePostLogin = async (event, api) => {{ {call}; }};")
    answer = tenant.sign_up().log_in()
    expect_error(answer, 500, "access_denied")
    assert "not built" in answer.json()["error_description"]


@pytest.mark.parametrize("provider", ["any", "guardian", "google-authenticator"])
def test_a_provider_that_one_time_passwords_satisfy_is_challenged(tenant: TenantClient, provider: str) -> None:
    bind_actions(tenant, f"exports.onExecutePostLogin = async (e, api) => {{ api.multifactor.enable('{provider}'); }};")
    tenant.sign_up().enrol()


def test_a_refresh_is_challenged_like_a_login(tenant: TenantClient) -> None:
    ada = tenant.sign_up()
    refresh_token = expect(ada.log_in(scope="openid offline_access"), 200)["refresh_token"]
    tenant.bind_action()
    enrolled = ada.enrol()

    def refresh() -> str:
        answer = expect(ada.token(grant_type="refresh_token", refresh_token=refresh_token), 403)
        assert answer["error"] == "mfa_required"
        return str(answer["mfa_token"])

    expect_error(ada.prove(refresh(), enrolled.app.wrong_code()), 403, "invalid_grant", "Invalid otp_code.")
    tokens = expect(ada.prove(refresh(), enrolled.app.next_code()), 200)
    assert tokens["scope"] == "openid offline_access"
    assert "access_token" in tokens

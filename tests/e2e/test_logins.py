"""Every row of the decision table once more, now as logins on a tenant that `pulumi up` deployed to."""

from collections.abc import Iterator

import pytest
from local_tenant.testing import TenantClient

from operations.demo.story import IS_CHALLENGED, PASSES
from operations.demo.story import play as play_demo
from policy import Case, Decision, EmailDomain, Kind, Login, LoginNumber, Tenant, decide, decision_table
from tests.deployment import Deployment
from tests.e2e.person import MfaRequiredError, Person

STACKS = {Tenant.TEST: ("test", "floatme-test"), Tenant.PROD: ("prod", "floatme-prod")}
# As Pulumi.test.yaml and Pulumi.prod.yaml set them, and Pulumi.yaml by default.
DOMAINS = {
    EmailDomain.INTEGRATION: "integration-test.floatme.io",
    EmailDomain.FORCE_MFA: "forcemfa.floatme.io",
    EmailDomain.OTHER: "example.com",
}


@pytest.fixture(scope="module", params=list(Tenant), ids=str)
def kind(request: pytest.FixtureRequest) -> Tenant:
    """Which of the two tenants the module's tests run on."""
    tenant: Tenant = request.param
    return tenant


@pytest.fixture(scope="module")
def deployed_as(
    kind: Tenant,
    engine_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployment]:
    """Stack test or prod, rehearsed on a local tenant of that name, and trusted by clients of this process."""
    stack, name = STACKS[kind]
    folder = tmp_path_factory.mktemp(name)
    deployment = Deployment.start(folder, engine_environment, stack=stack, name=name)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", deployment.process.ready["ca_file"])
        try:
            deployment.project.create_stack()
            deployment.project.set_config("auth0-actions:rehearsalDomain", deployment.process.ready["domain"])
            deployment.project.up()
            yield deployment
        finally:
            deployment.stop()


def test_each_row_of_the_decision_table_holds_for_the_deployed_actions(kind: Tenant, deployed_as: Deployment) -> None:
    rows = [case for case in decision_table() if case.tenant is kind]
    wrong = [difference for case in rows if (difference := play(case, deployed_as))]
    assert not wrong, "\n".join(wrong)


def play(case: Case, deployment: Deployment) -> str | None:
    """Bring an account to where the row begins, log it in, and say what was otherwise than the row says."""
    person = Person(deployment, DOMAINS[case.email_domain])
    person.set_app_metadata(auth_require_mfa=False)
    # A refresh follows a login and is none itself: its count is that of the logins before it.
    logins_before = case.number.logins_count - (1 if case.kind is Kind.PASSWORD else 0)
    for _ in range(logins_before):
        person.log_in_whatever_it_takes()
    person.set_app_metadata(auth_require_mfa=case.auth_require_mfa)

    custom = {"challengeRequired": "true"} if case.challenge_required else {}
    try:
        (person.log_in if case.kind is Kind.PASSWORD else person.refresh)(**custom)
    except MfaRequiredError:
        decision = Decision.CHALLENGE
    else:
        decision = Decision.SKIP

    run = person.last_run()
    assert run["outcome"]["logins_count"] == case.number.logins_count, case
    assert [action["name"] for action in run["trace"]["actions"]] == ["add_ip_to_metadata", "mfa_action"], case
    assert person.user()["user_metadata"] == {"last_ip": "127.0.0.1"}, case
    return None if decision is case.decision else f"{case}: {decision} instead of {case.decision} ({case.reason})"


def test_a_sign_up_sets_both_flags_before_the_user_first_logs_in(deployed_as: Deployment) -> None:
    person = Person(deployed_as, "example.com")
    assert person.user()["app_metadata"] == {"auth_require_mfa": True, "uses_new_mfa_action": True}
    assert "user_metadata" not in person.user()


def test_the_flow_reads_nothing_that_it_wrote_itself(deployed_as: Deployment) -> None:
    """So it does the same whether metadata is visible in the next transaction or to the next Action."""
    person = Person(deployed_as, "example.com")
    person.log_in()
    run = person.last_run()
    assert run["trace"]["metadata_visibility"] == "next-transaction"
    assert [action["stale_reads"] for action in run["trace"]["actions"]] == [[], []]


def test_the_secrets_of_the_deployment_decide_and_are_never_shown(deployed_as: Deployment, kind: Tenant) -> None:
    person = Person(deployed_as, DOMAINS[EmailDomain.INTEGRATION])
    for number in LoginNumber:
        login = Login(
            tenant=kind,
            kind=Kind.PASSWORD,
            email_domain=EmailDomain.INTEGRATION,
            number=number,
            auth_require_mfa=True,
            challenge_required=False,
        )
        if decide(login).decision is Decision.CHALLENGE:
            with pytest.raises(MfaRequiredError):
                person.log_in()
            break
        person.log_in()
    assert DOMAINS[EmailDomain.INTEGRATION] not in str(person.last_run()["trace"])


@pytest.mark.parametrize("kind", [Tenant.TEST], ids=str, indirect=True)
def test_every_step_of_the_demo_ends_as_the_table_says(deployed_as: Deployment) -> None:
    with TenantClient(deployed_as.process.ready) as tenant:
        steps = list(play_demo(tenant, DOMAINS))
    assert {step.expected for step in steps} >= {PASSES, IS_CHALLENGED}
    assert [step for step in steps if not step.is_as_expected] == []

"""Every row of the decision table once more, now as logins on a tenant that `pulumi up` deployed to."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from local_tenant.testing import Json, TenantClient

from operations.demo.story import CLIENT_IP, IS_CHALLENGED, PASSES, Account
from operations.demo.story import play as play_demo
from policy import Case, Decision, EmailDomain, Kind, LoginNumber, Tenant, decision_table
from tests.deployment import Deployment

STACKS = {Tenant.TEST: ("test", "floatme-test"), Tenant.PROD: ("prod", "floatme-prod")}
# As Pulumi.test.yaml and Pulumi.prod.yaml set them, and Pulumi.yaml by default.
DOMAINS = {
    EmailDomain.INTEGRATION: "integration-test.floatme.io",
    EmailDomain.FORCE_MFA: "forcemfa.floatme.io",
    EmailDomain.OTHER: "example.com",
}
DECISIONS = {IS_CHALLENGED: Decision.CHALLENGE, PASSES: Decision.SKIP}


@pytest.fixture(scope="module", params=list(Tenant), ids=str)
def kind(request: pytest.FixtureRequest) -> Tenant:
    """Which of the two tenants the module's tests run on."""
    tenant: Tenant = request.param
    return tenant


@pytest.fixture(scope="module")
def deployed_as(
    kind: Tenant, engine_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Stack test or prod, rehearsed on a local tenant of that name."""
    stack, name = STACKS[kind]
    folder = tmp_path_factory.mktemp(name)
    deployment = Deployment.start(folder, engine_environment, stack=stack, name=name)
    try:
        deployment.project.create_stack()
        deployment.project.set_config("auth0-actions:rehearsalDomain", deployment.process.ready["domain"])
        deployment.project.up()
        yield deployment
    finally:
        deployment.stop()


def sign_up(deployment: Deployment, kind: Tenant, domain: EmailDomain = EmailDomain.OTHER) -> Account:
    return Account(deployment.tenant, f"{uuid4().hex}@{DOMAINS[domain]}", kind, domain)


def last_run(account: Account) -> Json:
    """`{trace, outcome}` of the newest run of Actions, which must be of this account."""
    run = account.user.tenant.trace()
    assert run["outcome"]["email"] == account.user.email
    return run


def test_each_row_of_the_decision_table_holds_for_the_deployed_actions(kind: Tenant, deployed_as: Deployment) -> None:
    rows = [case for case in decision_table() if case.tenant is kind]
    wrong = [difference for case in rows if (difference := play(case, deployed_as))]
    assert not wrong, "\n".join(wrong)


def play(case: Case, deployment: Deployment) -> str | None:
    """Bring an account to where the row begins, log it in, and say what was otherwise than the row says."""
    account = sign_up(deployment, case.tenant, case.email_domain)
    account.take_flag_away()
    # A refresh follows a login and is none itself: its count is that of the logins before it.
    for _ in range(case.number.logins_count - (1 if case.kind is Kind.PASSWORD else 0)):
        account.log_in()
        if account.mfa_token is not None:
            account.pass_challenge()
    account.user.change(app_metadata={"auth_require_mfa": case.auth_require_mfa})

    act = account.log_in if case.kind is Kind.PASSWORD else account.refresh
    decision = DECISIONS.get(actual := act(challenge_required=case.challenge_required).actual)

    run = last_run(account)
    assert run["outcome"]["logins_count"] == case.number.logins_count, case
    assert [action["name"] for action in run["trace"]["actions"]] == ["add_ip_to_metadata", "mfa_action"], case
    assert account.user.profile()["user_metadata"] == {"last_ip": CLIENT_IP}, case
    return None if decision is case.decision else f"{case}: {actual} instead of {case.decision} ({case.reason})"


def test_a_sign_up_sets_both_flags_before_the_user_first_logs_in(kind: Tenant, deployed_as: Deployment) -> None:
    profile = sign_up(deployed_as, kind).user.profile()
    assert profile["app_metadata"] == {"auth_require_mfa": True, "uses_new_mfa_action": True}
    assert "user_metadata" not in profile


def test_the_flow_reads_nothing_that_it_wrote_itself(kind: Tenant, deployed_as: Deployment) -> None:
    """So it does the same whether metadata is visible in the next transaction or to the next Action."""
    account = sign_up(deployed_as, kind)
    account.log_in()
    run = last_run(account)
    assert run["trace"]["metadata_visibility"] == "next-transaction"
    assert [action["stale_reads"] for action in run["trace"]["actions"]] == [[], []]


def test_the_secrets_of_the_deployment_decide_and_are_never_shown(deployed_as: Deployment, kind: Tenant) -> None:
    account = sign_up(deployed_as, kind, EmailDomain.INTEGRATION)
    for _ in LoginNumber:
        assert account.log_in().is_as_expected
        if account.mfa_token is not None:
            break
    assert DOMAINS[EmailDomain.INTEGRATION] not in str(last_run(account)["trace"])


@pytest.mark.parametrize("kind", [Tenant.TEST], ids=str, indirect=True)
def test_every_step_of_the_demo_ends_as_the_table_says(deployed_as: Deployment) -> None:
    with TenantClient(deployed_as.process.ready) as tenant:
        steps = list(play_demo(tenant, DOMAINS))
    assert {step.expected for step in steps} >= {PASSES, IS_CHALLENGED}
    assert [step for step in steps if not step.is_as_expected] == []

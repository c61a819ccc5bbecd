"""Each guard stops the program, with its message, before anything is registered."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.guards import broken_guards, prod_tenants
from components.problems import SettingsError
from components.settings import parse_settings
from tests.unit.conftest import RunStack
from tests.unit.program import EXAMPLES, STACK_TYPE, Run

TENANT = "auth0-actions:tenant"
TEST_TENANT = "auth0-actions:testTenant"
ENVIRONMENT = "auth0-actions:environment"
INTEGRATION = "auth0-actions:integrationTestDomain"
FORCE_MFA = "auth0-actions:forceMfaDomain"
REHEARSAL = "auth0-actions:rehearsalDomain"


def refused(run: Run) -> str:
    """The message of a program that registered nothing but its stack, which Pulumi does by itself."""
    assert isinstance(run.error, SettingsError)
    assert {each.type for each in run.registered.values()} == {STACK_TYPE}
    assert run.exports == {}
    return str(run.error)


def breaks(stack: str, domain: str, **config: str) -> list[str]:
    """What the guards find wrong with a stack's own settings on a domain."""
    named = {f"auth0-actions:{key}": value for key, value in config.items()}
    settings = parse_settings(stack, {**EXAMPLES[stack], **named}, {"AUTH0_DOMAIN": domain})
    return [problem.what for problem in broken_guards(settings, {})]


def write_stack(folder: Path, stack: str, **config: str) -> None:
    """Write the file of another stack."""
    lines = [f"  auth0-actions:{key}: {value}\n" for key, value in config.items()]
    (folder / f"Pulumi.{stack}.yaml").write_text("".join(["config:\n", *lines]))


@pytest.mark.parametrize(
    ("stack", "config", "expected"),
    [
        pytest.param(
            "prod",
            {TEST_TENANT: "floatme-prod"},
            [
                f"{TENANT} and {TEST_TENANT} are both floatme-prod in environment prod",
                "pulumi config set auth0-actions:testTenant TEST_TENANT --stack prod",
            ],
            id="prod is the test tenant",
        ),
        pytest.param(
            "test",
            {TENANT: "floatme-prod"},
            [
                f"{TENANT} is floatme-prod but {TEST_TENANT} is floatme-test in environment test",
                "pulumi config set auth0-actions:tenant floatme-test --stack test",
            ],
            id="test is not the test tenant",
        ),
        pytest.param(
            "prod",
            {ENVIRONMENT: "test", TEST_TENANT: "floatme-prod"},
            [
                f"{ENVIRONMENT} is test on stack prod",
                "pulumi config set auth0-actions:environment prod --stack prod",
                f"{TENANT} and {TEST_TENANT} are both floatme-prod in environment prod",
            ],
            id="stack prod calls itself test",
        ),
        pytest.param(
            "test",
            {ENVIRONMENT: "prod", TEST_TENANT: "floatme-other"},
            [f"{ENVIRONMENT} is prod on stack test"],
            id="stack test calls itself prod",
        ),
        pytest.param(
            "local",
            {ENVIRONMENT: "prod", TEST_TENANT: "floatme-other"},
            [f"{ENVIRONMENT} is prod on stack local", "pulumi config set auth0-actions:environment test --stack local"],
            id="stack local calls itself prod",
        ),
        pytest.param(
            "test",
            {INTEGRATION: "ForceMFA.FloatMe.io"},
            [
                f"{INTEGRATION} and {FORCE_MFA} are both forcemfa.floatme.io",
                "pulumi config set auth0-actions:integrationTestDomain integration-test.floatme.io --stack test",
            ],
            id="one domain skips and forces MFA",
        ),
        pytest.param(
            "test",
            {INTEGRATION: "gmail.com"},
            [f'{INTEGRATION} is "gmail.com"', "on a public one, such as gmail.com, anyone could skip MFA"],
            id="public mail domain",
        ),
    ],
)
def test_settings_that_open_a_bypass_are_refused(
    run_stack: RunStack, stack: str, config: dict[str, str | None], expected: list[str]
) -> None:
    message = refused(run_stack(stack, config))

    for text in expected:
        assert text in message


@pytest.mark.parametrize(
    ("stack", "domain", "expected"),
    [
        ("local", "floatme-local.us.auth0.com", "AUTH0_DOMAIN is floatme-local.us.auth0.com on stack local"),
        ("local", "10.0.0.1:8443", "AUTH0_DOMAIN is 10.0.0.1:8443 on stack local"),
        ("local", "localhost.floatme.io", "AUTH0_DOMAIN is localhost.floatme.io on stack local"),
        ("local", "not-localhost:8443", "AUTH0_DOMAIN is not-localhost:8443 on stack local"),
        ("local", "128.0.0.1", "AUTH0_DOMAIN is 128.0.0.1 on stack local"),
        ("test", "localhost:8443", "AUTH0_DOMAIN is localhost:8443, an address of this machine, on stack test"),
        ("prod", "localhost", "AUTH0_DOMAIN is localhost, an address of this machine, on stack prod"),
        ("prod", "127.8.9.1", "AUTH0_DOMAIN is 127.8.9.1, an address of this machine, on stack prod"),
        ("prod", "[::1]:443", "AUTH0_DOMAIN is [::1]:443, an address of this machine, on stack prod"),
        ("prod", "floatme-prod.us.auth0.com.localhost", "an address of this machine, on stack prod"),
        ("prod", "floatme-test.us.auth0.com", "this one is of tenant floatme-test"),
        ("test", "floatme-prod.us.auth0.com", "this one is of tenant floatme-prod"),
        ("test", "floatme-test2.us.auth0.com", "this one is of tenant floatme-test2"),
        ("test", "us.auth0.com", "this one is of tenant us"),
        ("prod", "FLOATME-TEST.EU.AUTH0.COM", "AUTH0_DOMAIN is floatme-test.eu.auth0.com"),
        ("prod", "floatme-prod.us.auth0.com.evil.com", "with nothing after it; this one is another host"),
        ("prod", "auth0.com", "with nothing after it; this one is another host"),
        ("prod", "floatme-prod.us-auth0.com", "a domain that says which tenant it is"),
        ("prod", "floatme-prod.us.auth0.co", "a domain that says which tenant it is"),
        ("prod", "login.floatme.io", "a domain that says which tenant it is"),
        ("prod", "10.0.0.1", "an IP address does not say which tenant it is"),
        ("prod", "[::ffff:127.0.0.1]", "an IP address does not say which tenant it is"),
        ("prod", "floatme-prod.login.auth0.com", "this one is another host"),
        ("prod", "floatme-prod.us.us.auth0.com", "this one is another host"),
        ("prod", "floatme-prod.guardian.us.auth0.com", "this one is another host"),
        ("prod", "0.0.0.0", "an IP address does not say which tenant it is"),  # noqa: S104  # nothing listens
    ],
)
def test_a_domain_of_another_tenant_or_place_is_refused(
    run_stack: RunStack, stack: str, domain: str, expected: str
) -> None:
    assert expected in refused(run_stack(stack, environ={"AUTH0_DOMAIN": domain}))


@pytest.mark.parametrize(
    ("stack", "domain"),
    [
        ("local", "localhost"),
        ("local", "LOCALHOST:8443"),
        ("local", "floatme-local.localhost:8443"),
        ("local", "127.0.0.1:8443"),
        ("local", "[::1]:8443"),
        ("local", "[0:0:0:0:0:0:0:1]:8443"),
        ("test", "floatme-test.us.auth0.com"),
        ("test", "floatme-test.auth0.com"),
        ("prod", "FloatMe-Prod.EU.Auth0.com"),
        ("prod", "floatme-prod.us.auth0.com:443"),
    ],
)
def test_the_stacks_own_domain_is_deployed_to(run_stack: RunStack, stack: str, domain: str) -> None:
    run = run_stack(stack, environ={"AUTH0_DOMAIN": domain})

    assert run.error is None
    assert len(run.actions) == 3


@pytest.mark.parametrize("stack", ["test", "prod"])
def test_a_rehearsal_named_in_the_config_is_deployed_to_this_machine(run_stack: RunStack, stack: str) -> None:
    run = run_stack(stack, {REHEARSAL: "LocalHost:9000"}, {"AUTH0_DOMAIN": "localhost:9000"})

    assert run.error is None
    assert len(run.actions) == 3


@pytest.mark.parametrize("stack", sorted(EXAMPLES))
@pytest.mark.parametrize(
    "domain", ["localhost:9001", "localhost", "127.0.0.1:9000", "a.localhost:9000", "floatme-prod.us.auth0.com"]
)
def test_a_rehearsal_is_deployed_to_no_domain_but_the_one_named(run_stack: RunStack, stack: str, domain: str) -> None:
    """A real tenant least of all: it was not meant."""
    message = refused(run_stack(stack, {REHEARSAL: "localhost:9000"}, {"AUTH0_DOMAIN": domain}))

    assert f"{REHEARSAL} asks for a rehearsal on localhost:9000, but AUTH0_DOMAIN is {domain}" in message
    assert f"pulumi config rm {REHEARSAL} --stack {stack}" in message


@pytest.mark.parametrize("environment", ["test", "prod"])
def test_a_stack_of_any_other_name_is_guarded_by_its_environment(run_stack: RunStack, environment: str) -> None:
    config: dict[str, str | None] = {ENVIRONMENT: environment, TENANT: f"floatme-{environment}"}

    run = run_stack("staging", config, {"AUTH0_DOMAIN": f"floatme-{environment}.us.auth0.com"})
    assert run.error is None
    message = refused(run_stack("staging", config, {"AUTH0_DOMAIN": "localhost:8443"}))
    assert "pulumi config set auth0-actions:rehearsalDomain localhost:8443 --stack staging" in message


@pytest.mark.parametrize(
    ("audience", "is_accepted"),
    [
        ("https://floatme-prod.us.auth0.com/api/v2/", True),
        ("https://floatme-test.us.auth0.com/api/v2/", False),
        ("https://login.floatme.io/api/v2/", False),
        ("http://floatme-prod.us.auth0.com/api/v2/", False),
        ("https://floatme-prod.us.auth0.com.evil.com/api/v2/", False),
        ("https://floatme-prod.us.auth0.com@evil.com/api/v2/", False),
        ("https://[/api/v2/", False),
        ("floatme-prod.us.auth0.com", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("in_config", [True, False])
def test_a_custom_domain_needs_its_tenants_audience(
    run_stack: RunStack, audience: str, *, is_accepted: bool, in_config: bool
) -> None:
    config: dict[str, str | None] = {"auth0:audience": audience} if in_config else {}
    environ: dict[str, str | None] = {"AUTH0_DOMAIN": "login.floatme.io"}
    if not in_config:
        environ["AUTH0_AUDIENCE"] = audience
    run = run_stack("prod", config, environ)

    if is_accepted:
        assert run.error is None
    else:
        assert "auth0:audience https://floatme-prod.REGION.auth0.com/api/v2/" in refused(run)


@pytest.mark.parametrize(
    ("key", "variable"),
    [
        ("auth0:apiToken", "AUTH0_API_TOKEN"),
        ("auth0:cliLogin", "AUTH0_CLI_LOGIN"),
        ("auth0:dynamicCredentials", "AUTH0_DYNAMIC_CREDENTIALS"),
    ],
)
@pytest.mark.parametrize("in_config", [True, False])
def test_an_audience_proves_nothing_for_a_token_that_it_was_not_requested_for(
    run_stack: RunStack, key: str, variable: str, *, in_config: bool
) -> None:
    config: dict[str, str | None] = {key: "true"} if in_config else {}
    environ: dict[str, str | None] = {
        "AUTH0_DOMAIN": "login.test.floatme.io",
        "AUTH0_AUDIENCE": "https://floatme-prod.us.auth0.com/api/v2/",
        variable: None if in_config else "true",
    }

    assert "client credentials instead of an API token" in refused(run_stack("prod", config, environ))


def test_an_audience_does_not_excuse_a_look_alike(run_stack: RunStack) -> None:
    environ: dict[str, str | None] = {
        "AUTH0_DOMAIN": "floatme-prod.us.auth0.com.evil.com",
        "AUTH0_AUDIENCE": "https://floatme-prod.us.auth0.com/api/v2/",
    }

    assert "this one is another host" in refused(run_stack("prod", environ=environ))


@pytest.mark.parametrize("stack", ["test", "production", "Prod", "prod-eu"])
def test_no_stack_of_environment_test_is_deployed_to_a_tenant_of_prod(
    run_stack: RunStack, tmp_path: Path, stack: str
) -> None:
    write_stack(tmp_path, "prod", tenant="floatme-prod")
    config: dict[str, str | None] = {ENVIRONMENT: "test", TENANT: "floatme-prod", TEST_TENANT: "floatme-prod"}

    message = refused(run_stack(stack, config, {"AUTH0_DOMAIN": "floatme-prod.us.auth0.com"}))

    assert f"{TENANT} is floatme-prod in environment test, and Pulumi.prod.yaml says that it is prod's" in message
    assert f"pulumi config set {TENANT} TEST_TENANT --stack {stack}" in message


def test_a_stack_is_of_prod_by_its_name_or_its_environment(tmp_path: Path) -> None:
    write_stack(tmp_path, "prod", tenant="a-prod", environment="test")
    write_stack(tmp_path, "prod.eu", tenant="b-prod", environment="prod")
    write_stack(tmp_path, "test", tenant="a-test", environment="prod")
    write_stack(tmp_path, "staging", tenant="b-test", environment="test")
    write_stack(tmp_path, "new")
    (tmp_path / "Pulumi.empty.yaml").write_text("")
    (tmp_path / "Pulumi.us.yml").write_text(f'config: {{"{ENVIRONMENT}": prod, "{TENANT}": c-prod}}')
    (tmp_path / "Pulumi.au.json").write_text(json.dumps({"config": {ENVIRONMENT: "prod", TENANT: "d-prod"}}))
    (tmp_path / "Pulumi.yaml").write_text(f"config: {{{TENANT}: e-prod}}")

    assert prod_tenants(tmp_path) == {
        "a-prod": "Pulumi.prod.yaml",
        "b-prod": "Pulumi.prod.eu.yaml",
        "c-prod": "Pulumi.us.yml",
        "d-prod": "Pulumi.au.json",
    }


@pytest.mark.parametrize("content", ["[", "text", "- 1", "config: 7", "config: {auth0-actions:tenant: {secure: x}}"])
def test_a_file_that_hides_which_tenant_is_prod_stops_the_program(
    run_stack: RunStack, tmp_path: Path, content: str
) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_text(content)

    assert "Pulumi.prod.yaml does not say which tenant it deploys to" in refused(run_stack("test"))


def test_all_broken_guards_are_reported_at_once(run_stack: RunStack) -> None:
    message = refused(
        run_stack(
            "prod",
            {ENVIRONMENT: "test", TEST_TENANT: "floatme-prod", INTEGRATION: "forcemfa.floatme.io"},
            {"AUTH0_DOMAIN": "localhost:8443"},
        )
    )

    assert "stack prod: 4 settings to fix; no Action was changed" in message
    assert f"{ENVIRONMENT} is test on stack prod" in message
    assert f"{TENANT} and {TEST_TENANT} are both floatme-prod" in message
    assert f"{INTEGRATION} and {FORCE_MFA} are both" in message
    assert "AUTH0_DOMAIN is localhost:8443, an address of this machine" in message


def test_a_wrong_environment_leads_to_no_advice_about_right_tenants(run_stack: RunStack) -> None:
    error = run_stack("prod", {ENVIRONMENT: "test"}).error

    assert isinstance(error, SettingsError)
    assert [problem.what for problem in error.problems] == [f"{ENVIRONMENT} is test on stack prod"]


def test_a_domain_in_the_config_is_fixed_in_the_config(run_stack: RunStack) -> None:
    message = refused(run_stack("prod", {"auth0:domain": "floatme-test.us.auth0.com"}))

    assert (
        "pulumi config rm auth0:domain --stack prod, then export AUTH0_DOMAIN=floatme-prod.REGION.auth0.com" in message
    )


HOSTILE_PARTS = st.sampled_from(
    [
        *["floatme-prod", "floatme-test", "us", "auth0.com", "evil.com", "localhost", "127.0.0.1", "443", "AUTH0.COM"],
        *[".", "..", ":", "@", "/", "#", "?", "%2e", "*", "\\", " ", "\n", "https://", "[::1]", "xn--", "-"],
        *["\u212a", "\u3002"],
    ]
)
HOSTILE = st.lists(HOSTILE_PARTS, max_size=8).map("".join)


@given(domain=HOSTILE)
@example("floatme-prod.us.auth0.com")
@example("floatme-prod.auth0.com:443")
@example("floatme-prod.us.auth0.com.")
@example("floatme-prod@us.auth0.com")
@example("evil.com/floatme-prod.us.auth0.com")
def test_prod_is_deployed_to_no_host_but_its_tenants(domain: str) -> None:
    is_its_own = re.fullmatch(r"(?ai:floatme-prod(\.(au|ca|eu|jp|uk|us))?\.auth0\.com)(:[0-9]+)?", domain)
    try:
        is_accepted = breaks("prod", domain) == []
    except SettingsError:
        is_accepted = False

    assert not is_accepted or is_its_own
    if domain in {"floatme-prod.us.auth0.com", "floatme-prod.auth0.com:443"}:
        assert is_accepted


NAMES = st.sampled_from(["floatme-local", "floatme-test", "floatme-prod"])


@given(
    stack=st.sampled_from(["local", "test", "prod", "staging"]),
    environment=st.sampled_from(["test", "prod"]),
    tenant=NAMES,
    test_tenant=NAMES,
    named=NAMES | st.just("localhost"),
    rehearsal=st.sampled_from(["", "localhost", "localhost:8443"]),
    prod=st.sampled_from([{}, {"floatme-prod": "Pulumi.prod.yaml"}]),
)
def test_what_passes_every_guard_cannot_bypass_mfa_on_another_tenant(  # noqa: PLR0917  # one argument each
    stack: str, environment: str, tenant: str, test_tenant: str, named: str, rehearsal: str, prod: dict[str, str]
) -> None:
    """The rules, stated once more over every combination of names."""
    domain = "localhost" if named == "localhost" else f"{named}.us.auth0.com"
    config = {
        **EXAMPLES["prod"],
        ENVIRONMENT: environment,
        TENANT: tenant,
        TEST_TENANT: test_tenant,
        REHEARSAL: rehearsal,
    }
    settings = parse_settings(stack, config, {"AUTH0_DOMAIN": domain})

    has_bypasses = tenant == test_tenant
    is_local = domain == "localhost"
    may_pass = (
        has_bypasses == (environment == "test")
        and not (has_bypasses and tenant in prod)
        and (stack == "staging" or environment == ("prod" if stack == "prod" else "test"))
        and (is_local if stack == "local" or rehearsal else named == tenant)
        and rehearsal in {"", domain}
    )
    assert (broken_guards(settings, prod) == []) == may_pass

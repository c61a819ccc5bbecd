"""The rule of each key, and the error message."""

import ipaddress
import re
import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.addresses import parse_address, parse_mail_domain
from components.guards import broken_guards
from components.problems import SettingsError
from components.public_mail import PUBLIC_MAIL_DOMAINS, is_public_mail_domain
from components.settings import FIELDS, KEYS, Settings, parse_settings
from tests.unit.conftest import RunStack
from tests.unit.program import EXAMPLE_DOMAINS, EXAMPLES, STACK_TYPE

ENVIRON = {"AUTH0_DOMAIN": "floatme-test.us.auth0.com"}
REHEARSAL_DOMAIN = "auth0-actions:rehearsalDomain"
OPTIONAL = {REHEARSAL_DOMAIN, "auth0-actions:protect"}
TOO_LONG = "a" * 64


def parse(**config: str) -> Settings:
    """The settings of stack test with some keys changed."""
    changed = {f"auth0-actions:{key}": value for key, value in config.items()}
    return parse_settings("test", {**EXAMPLES["test"], **changed}, ENVIRON)


def refusal(**config: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        parse(**config)
    return caught.value


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        *(("environment", wrong) for wrong in ["staging", "Test", "PROD", " test", "test\n", "local"]),
        *(
            (key, wrong)
            for key in ["tenant", "testTenant"]
            for wrong in ["ab", TOO_LONG, "-floatme", "floatme-", "FloatMe", "float_me", "float.me", "f\u2010m", "ab\n"]
        ),
        *(
            (key, wrong)
            for key in ["integrationTestDomain", "forceMfaDomain"]
            for wrong in [
                "@floatme.io",
                "robot@floatme.io",
                "*.floatme.io",
                "floatme",
                "floatme.io.",
                ".floatme.io",
                "float_me.io",
                "floatme..io",
                "-floatme.io",
                f"{TOO_LONG}.io",
                "floatme.io:443",
                "https://floatme.io",
                "floatme.io/",
                "floatme.io\n",
                "a.io, b.io",
                "127.0.0.1",
                "[::1]",
                "floatme.0x7f",
                "\u212a.io",
                "flo\u0430tme.io",
                ".".join(["a" * 60] * 5),
            ]
        ),
        *(("integrationTestDomain", wrong) for wrong in ["gmail.com", "GMail.com", "a.fastmail.com", "yopmail.com"]),
        *(("protect", wrong) for wrong in ["yes", "True", "1", "prod", "true "]),
        *(("runtime", wrong) for wrong in ["node16", "node20", "18", "node18-actions", "NODE18"]),
        *(
            ("rehearsalDomain", wrong)
            for wrong in [
                "floatme-prod.us.auth0.com",
                "yes",
                "localhost:0",
                "localhost:65536",
                "localhost:",
                "localhost.",
                "localhost.evil.com",
                "https://localhost",
                "10.0.0.1",
                "0.0.0.0:8443",
                "127.1",
                "[::1",
                "::1",
                "[::1]x",
                "[::1]:",
                "[::1%lo]",
                "[127.0.0.1]",
                "localhost:443:1",
                "localhost:0443",
                "localhost?",
                "localhost#",
            ]
        ),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_fixes_it(key: str, wrong: str) -> None:
    error = refusal(**{key: wrong})

    (problem,) = error.problems
    assert problem.what.startswith(f"auth0-actions:{key} is ")
    assert problem.fix.startswith(f"pulumi config set auth0-actions:{key} ")
    assert problem.fix.endswith(" --stack test")
    assert problem.accepted == FIELDS[f"auth0-actions:{key}"].description


KEY = pytest.mark.parametrize("key", [f"auth0-actions:{key}" for key in KEYS])
STACK = pytest.mark.parametrize("stack", sorted(EXAMPLES))


@KEY
@STACK
def test_what_fixes_a_wrong_value_is_accepted(stack: str, key: str) -> None:
    environ = {"AUTH0_DOMAIN": EXAMPLE_DOMAINS[stack]}
    config = {**EXAMPLES[stack], key: "*"}
    with pytest.raises(SettingsError) as caught:
        parse_settings(stack, config, environ)

    command = shlex.split(caught.value.problems[0].fix)
    assert command[:4] == ["pulumi", "config", "set", key]
    assert command[5:] == ["--stack", stack]
    settings = parse_settings(stack, {**config, key: command[4]}, environ)
    # Another address than the stack's own is no rehearsal of it.
    assert key == REHEARSAL_DOMAIN or broken_guards(settings, {}) == []


@KEY
@pytest.mark.parametrize("is_left_out", [True, False])
def test_a_missing_key_is_named(key: str, *, is_left_out: bool) -> None:
    config = {**EXAMPLES["test"], key: ""}
    if is_left_out:
        del config[key]

    if key in OPTIONAL:
        settings = parse_settings("test", config, ENVIRON)
        assert (settings.rehearsal_domain, settings.protect) == (None, None)
        return
    with pytest.raises(SettingsError) as caught:
        parse_settings("test", config, ENVIRON)
    assert [problem.what for problem in caught.value.problems] == [f"{key} is not set"]


def test_every_wrong_key_is_reported_at_once_and_nothing_is_registered(run_stack: RunStack) -> None:
    run = run_stack(
        "test",
        {
            "auth0-actions:environment": "staging",
            "auth0-actions:tenant": "",
            "auth0-actions:testTenant": "floatme_test",
            "auth0-actions:integrationTestDomain": "*.floatme.io",
            "auth0-actions:forceMfaDomain": "robot@floatme.io",
            "auth0-actions:runtime": "node16",
            "auth0-actions:rehearsalDomain": "yes",
            "auth0-actions:integrationTestDomian": "floatme.io",
        },
        {"AUTH0_DOMAIN": None},
    )

    assert {each.type for each in run.registered.values()} == {STACK_TYPE}
    assert run.exports == {}
    assert str(run.error) == EVERYTHING_WRONG


def test_a_key_that_the_provider_does_not_know_is_refused_without_its_value() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings("test", {**EXAMPLES["test"], "auth0:clientSecrt": "abc"}, ENVIRON)

    assert "auth0:clientSecrt is set, and there is no such key; did you mean clientSecret?" in str(caught.value)
    assert "abc" not in str(caught.value)


EVERYTHING_WRONG = """\
stack test: 9 settings to fix; no Action was changed

  auth0-actions:environment is "staging"
    accepted: test or prod
    fix:      pulumi config set auth0-actions:environment test --stack test

  auth0-actions:tenant is not set
    accepted: an Auth0 tenant's name: 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end
    fix:      pulumi config set auth0-actions:tenant floatme-test --stack test

  auth0-actions:testTenant is "floatme_test"
    accepted: an Auth0 tenant's name: 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end
    fix:      pulumi config set auth0-actions:testTenant floatme-test --stack test

  auth0-actions:integrationTestDomain is "*.floatme.io"
    accepted: an email domain as a plain host name (no @, no wildcard, no port) of your own: on a public one, such as \
gmail.com, anyone could skip MFA
    fix:      pulumi config set auth0-actions:integrationTestDomain integration-test.floatme.io --stack test

  auth0-actions:forceMfaDomain is "robot@floatme.io"
    accepted: an email domain as a plain host name (no @, no wildcard, no port)
    fix:      pulumi config set auth0-actions:forceMfaDomain forcemfa.floatme.io --stack test

  auth0-actions:runtime is "node16"
    accepted: node18 or node22
    fix:      pulumi config set auth0-actions:runtime node18 --stack test

  auth0-actions:rehearsalDomain is "yes"
    accepted: the loopback HOST or HOST:PORT of a tenant on this machine, or no value for a real deployment
    fix:      pulumi config set auth0-actions:rehearsalDomain localhost:8443 --stack test

  the tenant's domain is not set (AUTH0_DOMAIN is empty)
    accepted: the tenant's domain as a plain host name, such as floatme-test.us.auth0.com (a port may follow; no \
https://, no path, no dot at its end)
    fix:      export AUTH0_DOMAIN=TENANT.REGION.auth0.com

  auth0-actions:integrationTestDomian is "floatme.io", and there is no such key; did you mean integrationTestDomain?
    accepted: environment, tenant, testTenant, integrationTestDomain, forceMfaDomain, runtime, protect, rehearsalDomain
    fix:      pulumi config rm auth0-actions:integrationTestDomian --stack test
"""  # as long as the message's own lines


@pytest.mark.parametrize(
    ("stack", "config", "domain", "what", "fix"),
    [
        ("test", None, None, "AUTH0_DOMAIN is empty", "export AUTH0_DOMAIN=TENANT.REGION.auth0.com"),
        ("test", None, "", "AUTH0_DOMAIN is empty", "export AUTH0_DOMAIN=TENANT.REGION.auth0.com"),
        ("local", None, None, "AUTH0_DOMAIN is empty", 'eval "$(make -s env)"'),
        ("test", "", "floatme-test.us.auth0.com", "auth0:domain is empty", "pulumi config rm auth0:domain"),
        ("test", None, "https://floatme-test.us.auth0.com", 'is "https://floatme-test', "export AUTH0_DOMAIN="),
        ("test", None, "floatme-test.us.auth0.com/", 'us.auth0.com/"', "export AUTH0_DOMAIN="),
        ("test", None, "floatme-test.us.auth0.com.", 'us.auth0.com."', "export AUTH0_DOMAIN="),
        ("test", None, "floatme-test.us.auth0.com:0", 'us.auth0.com:0"', "export AUTH0_DOMAIN="),
        ("test", None, "floatme-test.us.auth0.com\n", 'us.auth0.com\\n"', "export AUTH0_DOMAIN="),
        ("test", None, "floatme\u2010test.us.auth0.com", '"floatme\\u2010test', "export AUTH0_DOMAIN="),
        ("test", None, "localhost@floatme-test.us.auth0.com", '"localhost@', "export AUTH0_DOMAIN="),
        ("local", "127.1", "localhost", 'auth0:domain is "127.1"', "pulumi config rm auth0:domain --stack local"),
    ],
)
def test_a_domain_that_is_no_plain_host_is_refused(  # noqa: PLR0917  # one column of the table each
    run_stack: RunStack, stack: str, config: str | None, domain: str | None, what: str, fix: str
) -> None:
    run = run_stack(stack, {"auth0:domain": config}, {"AUTH0_DOMAIN": domain})

    assert isinstance(run.error, SettingsError)
    (problem,) = run.error.problems
    assert what in problem.what
    assert fix in problem.fix
    assert {each.type for each in run.registered.values()} == {STACK_TYPE}


def test_a_variable_that_the_provider_does_not_read_is_not_read_here(run_stack: RunStack) -> None:
    """Pulumi's Config would take it for auth0:domain, and the guards would look at another domain."""
    environ: dict[str, str | None] = {
        "PULUMI_CONFIG_AUTH0_DOMAIN": "floatme-test.us.auth0.com",
        "AUTH0_DOMAIN": "floatme-prod.us.auth0.com",
    }
    run = run_stack("test", environ=environ)

    assert "AUTH0_DOMAIN is floatme-prod.us.auth0.com" in str(run.error)


def test_keys_of_other_projects_and_providers_are_left_alone() -> None:
    config = {**EXAMPLES["test"], "auth0:debug": "true", "auth0-actions-2:tenant": "x", "pulumi:tags": "{}"}

    assert parse_settings("test", config, ENVIRON).tenant == "floatme-test"


def test_a_stacks_name_cannot_break_out_of_the_command() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings("a; rm -rf b", {}, {})

    assert caught.value.problems[0].fix.endswith(" --stack 'a; rm -rf b'")


def test_a_very_long_value_does_not_bury_the_message() -> None:
    error = refusal(tenant="x" * 10_000)

    assert "… (10000 characters)" in str(error)
    assert max(map(len, str(error).splitlines())) < 200


@given(domain=st.from_regex(r"(?a)[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?\.floatme\.io", fullmatch=True))
def test_a_host_name_in_any_case_is_the_same_domain(domain: str) -> None:
    settings = parse(integrationTestDomain=domain, forceMfaDomain=domain.swapcase())

    assert settings.integration_test_domain == domain.lower() == settings.force_mfa_domain


MAIL_LIKE = st.text(st.sampled_from("aZ09-.@*_: \n/[]%\u212a\u0430\u3002"), max_size=12) | st.text(max_size=12)


@given(text=MAIL_LIKE)
@example("a.io")
def test_nothing_but_a_host_name_is_an_email_domain(text: str) -> None:
    label = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    is_host_name = re.fullmatch(rf"({label}\.)+{label}", text) and not re.search(r"\.([0-9]+|0[xX][0-9a-fA-F]*)$", text)
    try:
        accepted = parse(forceMfaDomain=text).force_mfa_domain
    except SettingsError:
        accepted = None

    assert accepted == (text.lower() if is_host_name else None)


@given(st.sampled_from(sorted(PUBLIC_MAIL_DOMAINS)), st.sampled_from(["", "robots.", "a.b."]))
def test_a_public_mail_domain_and_its_subdomains_are_public(domain: str, prefix: str) -> None:
    assert is_public_mail_domain(prefix + domain)
    assert not is_public_mail_domain(f"not{domain}.floatme.io")
    assert not is_public_mail_domain(f"{domain}.floatme.io")


def test_every_listed_mail_domain_is_one() -> None:
    assert [domain for domain in PUBLIC_MAIL_DOMAINS if parse_mail_domain(domain) != domain] == []
    assert not is_public_mail_domain("floatme.io")
    assert not is_public_mail_domain("notgmail.com")
    assert not is_public_mail_domain("com")


@given(st.ip_addresses(v=4))
@example(ipaddress.IPv4Address("127.0.0.0"))
@example(ipaddress.IPv4Address("127.255.255.255"))
@example(ipaddress.IPv4Address("128.0.0.0"))
@example(ipaddress.IPv4Address("126.255.255.255"))
def test_the_loopback_network_and_no_other_ipv4_is_this_machine(address: ipaddress.IPv4Address) -> None:
    parsed = parse_address(str(address))

    assert parsed.is_ip
    assert parsed.is_loopback == str(address).startswith("127.")


@given(st.ip_addresses(v=6))
@example(ipaddress.IPv6Address("::1"))
@example(ipaddress.IPv6Address("::ffff:127.0.0.1"))
def test_one_ipv6_address_is_this_machine_however_it_is_written(address: ipaddress.IPv6Address) -> None:
    parsed = parse_address(f"[{address.exploded.upper()}]:443")

    assert str(parsed) == f"[{address.compressed}]:443"
    assert parsed.is_loopback == (int(address) == 1)


@pytest.mark.parametrize(
    "text", ["127.1", "2130706433", "0x7f000001", "0x7f.1", "127.0.0.01", "0177.0.0.1", "1.2.3.4.5"]
)
def test_an_ipv4_address_in_an_unusual_form_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        parse_address(text)

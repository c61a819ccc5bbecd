"""Hostile events for Hypothesis."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.actions.events import MISSING, Event, changed
from tests.actions.odd_logins import DOTTED_I, FULLWIDTH_F, KELVIN_SIGN, LONG_S, plain

TEXTS = ["user.email", "tenant.id", "transaction.protocol"]
SECRETS = ["secrets.TEST_TENANT", "secrets.INTEGRATION_TEST_DOMAIN", "secrets.FORCE_MFA_DOMAIN"]
FLAGS = ["user.app_metadata.auth_require_mfa", "request.body.challengeRequired"]
COUNT = "stats.logins_count"
PARTS = ["request", "request.body", "secrets", "stats", "tenant", "transaction", "user", "user.app_metadata"]
PATHS = [*TEXTS, *SECRETS, *FLAGS, COUNT, *PARTS]

# Lone surrogates included: JavaScript has them.
_texts = st.text(st.characters(), max_size=8)
_numbers = st.integers() | st.floats()
_simple = st.none() | st.booleans() | _numbers | _texts
_names = _texts | st.sampled_from(sorted({name for path in PATHS for name in path.split(".")}))
_lists = st.lists(_simple, max_size=2)
_objects = st.dictionaries(_names, _simple | _lists, max_size=3)
anything = _simple | _lists | _objects

_domains = st.sampled_from(["forcemfa.floatme.io", "integration-test.floatme.io", "kiosk.floatme.example"])
_cases = st.sampled_from([str.lower, str.upper, str.title])
_disguises: SearchStrategy[Callable[[str], str]] = st.just(str) | st.sampled_from(
    [
        "sub.{}".format,
        "evil{}".format,
        "{}.evil.com".format,
        "{}@example.com".format,
        "{}\n@example.com".format,
        "{}.".format,
        "{} ".format,
        " {}".format,
        "{}\n".format,
        "{}\0".format,
        lambda domain: domain.replace("k", KELVIN_SIGN),
        lambda domain: domain.replace("s", LONG_S),
        lambda domain: domain.replace("i", DOTTED_I),
        lambda domain: domain.replace("f", FULLWIDTH_F),
        lambda domain: domain[1:],
        lambda _: "",
    ]
)
_before_domain = st.just("jane@") | st.sampled_from(["@", '"a@b"@', "jane@example.com@", "jané@", "jane", ""]) | _texts

# Often a later login on the test tenant, where most rules are.
_tenants = st.just("floatme-test") | st.sampled_from(["floatme-prod", "Floatme-Test", ""])
_protocols = st.just("oauth2-refresh-token") | st.sampled_from(
    ["oauth2-password", "oidc-basic-profile", "refresh_token"]
)
_counts = st.just(3) | st.sampled_from([0, 1, 2, -1, 0.5, 1.0]) | _numbers
_flags = st.sampled_from([True, False, None, MISSING, "true", "false", "", 0, 1])


@st.composite
def logins(draw: st.DrawFn) -> Event:
    """Post-login events whose fields have the documented types, with hostile values.

    The email is at, or near, one of the domains in the secrets: elsewhere few mistakes would show.
    """
    force_mfa, integration, other = draw(_domains), draw(_domains), draw(_domains)
    domain = draw(_disguises)(draw(_cases)(draw(st.sampled_from([force_mfa, integration, other]))))
    values = {
        "user.email": draw(_before_domain) + domain,
        "tenant.id": draw(_tenants),
        "transaction.protocol": draw(_protocols),
        "secrets.TEST_TENANT": draw(_tenants),
        "secrets.INTEGRATION_TEST_DOMAIN": draw(_cases)(integration),
        "secrets.FORCE_MFA_DOMAIN": draw(_cases)(force_mfa),
        COUNT: draw(_counts),
        **{flag: draw(_flags) for flag in FLAGS},
    }
    event = plain
    for path, value in values.items():
        event = changed(event, path, value)
    return event


@st.composite
def odd_logins(draw: st.DrawFn) -> Event:
    """The same with up to three fields, or whole parts, missing or anything at all."""
    event = draw(logins())
    values = st.just(MISSING) | anything
    for path, value in draw(st.lists(st.tuples(st.sampled_from(PATHS), values), max_size=3)):
        event = changed(event, path, value)
    return event


def nothing_usable(path: str) -> SearchStrategy[object]:
    """What says nothing at the path: missing, null, or of a type that the field never has."""
    nothing = st.just(MISSING) | st.none() | st.booleans() | _lists
    if path in PARTS:
        return nothing | _numbers | _texts
    if path == COUNT:
        return nothing | _texts | _objects
    return nothing | _numbers | _objects

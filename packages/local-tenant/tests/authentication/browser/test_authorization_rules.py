"""PKCE and redirect URIs alone."""

import base64
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_tenant.authentication import redirect_uris
from local_tenant.authentication.tokens import pkce

VERIFIERS = st.text("ABCXYZabcxyz0189-._~", min_size=43, max_size=128)


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def test_the_example_of_rfc_7636_matches() -> None:
    assert pkce.matches("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")


@given(VERIFIERS, VERIFIERS)
def test_only_the_verifier_of_a_challenge_matches_it(verifier: str, other: str) -> None:
    challenge = challenge_of(verifier)
    assert pkce.is_challenge(challenge)
    assert pkce.matches(verifier, challenge)
    assert pkce.matches(other, challenge) == (other == verifier)


@pytest.mark.parametrize("verifier", ["", "a" * 42, "a" * 129, "a" * 42 + "é", "a" * 42 + "+"])
def test_a_verifier_of_the_wrong_form_never_matches(verifier: str) -> None:
    assert not pkce.matches(verifier, challenge_of(verifier))


@pytest.mark.parametrize("challenge", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "+"])
def test_a_challenge_that_no_verifier_can_match_is_refused(challenge: str) -> None:
    assert not pkce.is_challenge(challenge)


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:3000/callback",
        "https://localhost/callback?a=b",
        "http://127.0.0.1:65535",
        "http://[::1]:8080/callback",
        "HTTP://LOCALHOST:3000/callback",
        "http://tenant-1.app.localhost:3000/callback",
    ],
)
def test_a_loopback_address_is_allowed(uri: str) -> None:
    assert redirect_uris.is_allowed(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "//localhost/callback",
        "http://example.com/callback",
        "http://localhost.example.com/callback",
        "http://localhost@example.com/callback",
        "http://example.com@localhost/callback",
        "http://example.com\\@localhost/callback",
        "http://localhost\\.example.com/",
        "http://localhost /callback",
        "http://localhost\t/callback",
        "http://localhost\n/callback",
        "\x00http://localhost/callback",
        "http://localhost/callback#fragment",
        "http://localhost/callback#",
        "http://localhost:0/callback",
        "http://localhost:99999/callback",
        "http://localhost:x/callback",
        "http://[::1/callback",
        "http://example.com[::1]/callback",
        "http://[::1]example.com/callback",
        "http://[::1];x/callback",
        "http://localhost:/callback",
        "http://127.0.0.2/callback",
        "http://.localhost/callback",
        "http://-.localhost/callback",
        "http://localhost./callback",
        "http://examplelocalhost/callback",
        "http://app.localhost.example.com/callback",
        "http://2130706433/callback",
        "javascript:alert(1)//localhost",
        "ftp://localhost/callback",
        "com.example.app://localhost/callback",
    ],
)
def test_any_other_address_is_refused(uri: str) -> None:
    assert not redirect_uris.is_allowed(uri)


def test_parameters_are_added_to_those_of_the_address() -> None:
    callback = redirect_uris.with_parameters("http://localhost/cb?a=b&empty=", {"code": "x&y", "state": "é"})
    assert callback == "http://localhost/cb?a=b&empty=&code=x%26y&state=%C3%A9"


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("http://localhost:3000/callback?a=b", "http://localhost:3000"),
        ("https://127.0.0.1/callback", "https://127.0.0.1"),
        ("http://[::1]:3000/callback", "http:"),
    ],
)
def test_form_action_allows_the_origin_of_the_address_alone(uri: str, source: str) -> None:
    assert redirect_uris.csp_source(uri) == source


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("http://localhost:3000/callback?a=b", "http://localhost:3000"),
        ("HTTPS://App.LOCALHOST", "https://app.localhost"),
        ("http://[::1]:3000/callback", "http://[::1]:3000"),
    ],
)
def test_an_origin_is_written_as_browsers_do(uri: str, origin: str) -> None:
    assert redirect_uris.origin(uri) == origin


@given(st.text("htps:/[]@.;,%#?\\ \n\t-_a1localhost", max_size=40))
def test_every_allowed_address_is_on_this_machine_however_it_is_parsed(text: str) -> None:
    """Nothing but a plain authority: what programs read differently cannot be in it."""
    uri = f"http://{text}"
    if redirect_uris.is_allowed(uri):
        authority = re.match(r"http://([^/?]*)", uri)
        assert authority
        assert re.fullmatch(r"(?:(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(?::[0-9]+)?", authority[1])
        assert redirect_uris.origin(uri) == f"http://{authority[1]}"
        assert "\n" not in redirect_uris.csp_source(uri)

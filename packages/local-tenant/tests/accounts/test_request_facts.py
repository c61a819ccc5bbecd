from typing import Any

import pytest
from local_tenant.accounts.request_facts import RequestFacts, facts_of
from local_tenant.store.clients import Client
from starlette.requests import Request

TRUSTED = Client("id", "secret", "app", (), trusts_forwarded_ip=True)
OTHER = Client("id", "secret", "app", ())
PUBLIC = Client("id", "secret", "app", (), trusts_forwarded_ip=True, settings={"token_endpoint_auth_method": "none"})


def facts(
    client: Client | None,
    headers: dict[str, str],
    *,
    peer: str = "127.0.0.1",
    query: str = "",
    body: dict[str, Any] | None = None,
) -> RequestFacts:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/oauth/token",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": (peer, 50_000),
    }
    return facts_of(Request(scope), body or {}, client)


@pytest.mark.parametrize(
    ("headers", "ip"),
    [
        ({}, "127.0.0.1"),
        ({"auth0-forwarded-for": "203.0.113.7"}, "203.0.113.7"),
        ({"auth0-forwarded-for": "203.0.113.7", "x-forwarded-for": "203.0.113.8"}, "203.0.113.7"),
        ({"auth0-forwarded-for": "203.0.113.7, 10.0.0.1,10.0.0.2"}, "203.0.113.7"),
        ({"auth0-forwarded-for": "2001:DB8::1"}, "2001:db8::1"),
        ({"auth0-forwarded-for": "::ffff:203.0.113.7"}, "203.0.113.7"),
        ({"auth0-forwarded-for": "nonsense, 203.0.113.7"}, "127.0.0.1"),
        ({"auth0-forwarded-for": "203.0.113.7:443"}, "127.0.0.1"),
        ({"auth0-forwarded-for": "fe80::1%<b>any text</b>"}, "127.0.0.1"),
        ({"auth0-forwarded-for": ""}, "127.0.0.1"),
        ({"x-forwarded-for": "203.0.113.7"}, "127.0.0.1"),
    ],
)
def test_a_trusted_client_names_the_ip(headers: dict[str, str], ip: str) -> None:
    assert facts(TRUSTED, headers).ip == ip


@pytest.mark.parametrize("client", [OTHER, PUBLIC, None])
def test_no_other_client_names_the_ip(client: Client | None) -> None:
    headers = {"auth0-forwarded-for": "203.0.113.7", "x-forwarded-for": "203.0.113.7"}
    assert facts(client, headers).ip == "127.0.0.1"


def test_an_ipv4_peer_on_an_ipv6_socket_has_an_ipv4_address() -> None:
    assert facts(None, {}, peer="::ffff:127.0.0.1").ip == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "hostname"),
    [("localhost:8443", "localhost"), ("localhost", "localhost"), ("[::1]:8443", "[::1]"), ("[bad", "[bad"), ("", "")],
)
def test_the_hostname_has_no_port(host: str, hostname: str) -> None:
    assert facts(None, {"host": host}).hostname == hostname


def test_credentials_are_in_neither_body_nor_query() -> None:
    names = ("client_secret", "refresh_token", "auth_session", "client_assertion", "authn_response", "password")
    secret = dict.fromkeys(names, "s")
    event = facts(TRUSTED, {}, query="client_secret=s&password=s&colour=blue", body={**secret, "colour": "red"})
    assert event.body == {"colour": "red"}
    assert event.query == {"colour": "blue"}


def test_the_language_is_the_first_of_accept_language() -> None:
    assert facts(None, {"accept-language": "de-DE;q=0.9,en"}).language == "de-DE"
    assert facts(None, {}).language is None

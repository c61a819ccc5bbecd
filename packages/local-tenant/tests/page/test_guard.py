"""Who may see the page, and who may change something with it."""

import re

import pytest
from local_tenant.page.guard import is_own_host
from local_tenant.page.routes import ROUTES
from local_tenant.testing import TenantClient
from local_tenant.ui import PREFIX
from page.visitor import Visitor
from starlette.routing import Mount, Route

# Those that a browser opens before it has the cookie.
OPEN = {"/enter", "/assets/{name}"}


def paths(method: str) -> list[str]:
    """A path of every route of the page for this method, except the open ones."""
    routes = [route for mount in ROUTES if isinstance(mount, Mount) for route in mount.routes]
    return [
        PREFIX + re.sub(r"{\w+}", "x", route.path_format)
        for route in routes
        if isinstance(route, Route) and method in (route.methods or ()) and route.path not in OPEN
    ]


PATHS = ["/", *paths("GET")]
BUTTONS = paths("POST")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_shown_without_the_cookie(stranger: Visitor, path: str) -> None:
    assert stranger.http.get(path).status_code == 401


@pytest.mark.parametrize("path", BUTTONS)
def test_nothing_is_done_without_the_cookie(stranger: Visitor, path: str) -> None:
    assert stranger.press(path, what="everything").status_code == 401


@pytest.mark.parametrize("key", ["", "0" * 64, "é"])
def test_a_wrong_key_opens_nothing(stranger: Visitor, key: str) -> None:
    answer = stranger.http.get("/_page/enter", params={"key": key})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_printed_address_sets_an_http_only_same_site_cookie(stranger: Visitor) -> None:
    answer = stranger.enter()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-page-")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert stranger.http.get("/").status_code == 200


def test_the_cookie_does_not_reveal_the_key(stranger: Visitor) -> None:
    answer = stranger.enter()
    assert answer.url.params["key"] not in answer.headers["set-cookie"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "tenant.localhost"])
def test_every_name_of_this_machine_is_answered(visitor: Visitor, host: str) -> None:
    named = {"Host": f"{host}:{visitor.tenant.port}", "Cookie": _cookie(visitor)}
    assert visitor.http.get("/", headers=named).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example.localhost.",
        "127.0.0.1.nip.io",
        "192.168.0.1",
        "",
        "a_b.localhost",
    ],
)
@pytest.mark.parametrize("path", ["/", "/_page/enter", "/_page/assets/page.js", "/_page/events"])
def test_another_host_name_that_resolves_to_this_machine_is_refused(visitor: Visitor, host: str, path: str) -> None:
    named = {"Host": f"{host}:{visitor.tenant.port}", "Cookie": _cookie(visitor)}
    assert visitor.http.get(path, headers=named).status_code == 421


def test_another_port_in_the_host_is_refused(visitor: Visitor) -> None:
    assert visitor.http.get("/", headers={"Host": "localhost:1", "Cookie": _cookie(visitor)}).status_code == 421
    assert visitor.http.get("/", headers={"Host": "localhost", "Cookie": _cookie(visitor)}).status_code == 421


@pytest.mark.parametrize("path", BUTTONS)
def test_a_button_counts_only_from_the_page_itself(visitor: Visitor, path: str) -> None:
    own = visitor.tenant.url
    forged: tuple[dict[str, str], ...] = (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        # Another port of this machine: the same site, but not the same origin.
        {"Origin": "https://localhost:3000", "Sec-Fetch-Site": "same-site"},
        {"Origin": own.replace("https:", "http:")},
        {"Origin": own, "Sec-Fetch-Site": "cross-site"},
        {"Origin": own, "Sec-Fetch-Site": "none"},
    )
    for headers in forged:
        assert visitor.press(path, headers, what="everything").status_code == 403, headers


def test_every_response_has_a_strict_policy_and_is_not_cached(visitor: Visitor) -> None:
    for path in ("/", "/_page/enter", "/_page/users", "/_page/assets/page.css", "/_page/nothing"):
        headers = visitor.http.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == ("no-referrer" if path == "/_page/enter" else "same-origin")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_apis_ask_for_no_cookie(tenant: TenantClient) -> None:
    assert tenant.http.get("/_local/health").status_code == 200
    assert tenant.http.get("/.well-known/jwks.json", headers={"Host": "anything"}).status_code == 200


def _cookie(visitor: Visitor) -> str:
    return "; ".join(f"{name}={value}" for name, value in visitor.http.cookies.items())


@pytest.mark.parametrize(
    ("host", "port", "is_own"),
    [
        ("localhost:443", "443", True),
        # Browsers leave out the port that https has by default.
        ("localhost", "443", True),
        ("[::1]", "443", True),
        ("localhost", "8443", False),
        ("localhost:8443", "443", False),
        ("localhost:", "443", False),
        ("evil.example", "443", False),
        ("evil.example:443", "443", False),
    ],
)
def test_a_host_without_a_port_is_this_one_on_443_alone(host: str, port: str, is_own: bool) -> None:  # noqa: FBT001
    assert is_own_host(host, port) == is_own

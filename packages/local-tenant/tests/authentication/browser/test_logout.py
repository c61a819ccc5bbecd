"""The end of a session: /v2/logout and /oidc/logout, where they lead, and who may end whose."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from authentication.browser.visits import claims, cookie, knows, plant, tokens
from local_tenant.testing import Json, Person, TenantClient, expect
from login_browser import Browser, PageReader, Visit

BACK = "http://localhost:3000/goodbye"
FOREIGN = [
    "https://example.com/",
    "//example.com/",
    "/\\example.com",
    "http://localhost:3000@example.com/",
    "http://localhost\\.example.com/",
    "http://localhost:3000/#x",
    "http://localhost:3000/\r\nSet-Cookie: a=b",
    "http://example.com[::1]/",
    "javascript:alert(1)",
]


def v2(browser: Browser, **query: str) -> httpx.Response:
    return browser.http.get("/v2/logout", params=query)


def oidc(browser: Browser, method: str = "GET", **parameters: str) -> httpx.Response:
    where = "params" if method == "GET" else "data"
    members: dict[str, Any] = {where: parameters}
    return browser.http.request(method, "/oidc/logout", **members)


def logged_in(browser: Browser, person: Person) -> tuple[str, Json]:
    """Id token and claims of a login."""
    visit = browser.log_in(person)
    sid = claims(person, browser.authorize())
    return str(tokens(person, visit)["id_token"]), sid


def assert_refused(browser: Browser, answer: httpx.Response) -> None:
    """A page says what is wrong, there is no redirect, and the session is there."""
    assert answer.status_code == 400, answer.text
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "You are not logged out" in answer.text
    assert browser.tenant.log_types()[-1] == "flo"
    assert knows(browser)


# /v2/logout


def test_it_ends_the_session_and_returns(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    opened = cookie(browser)
    answer = v2(browser, client_id=ada.application["client_id"], returnTo=BACK + "?a=b")
    assert (answer.status_code, answer.headers["location"]) == (302, BACK + "?a=b")
    assert answer.headers["cache-control"] == "no-store"
    gone = answer.headers["set-cookie"]
    for attribute in ("Max-Age=0", "Secure", "HttpOnly", "SameSite=none", "Path=/"):
        assert attribute in gone
    assert cookie(browser) is None
    entry = ada.tenant.api.get("/api/v2/logs").json()[0]
    assert (entry["type"], entry["user_id"], entry["user_name"]) == ("slo", ada.user_id, ada.email)
    assert entry["client_id"] == ada.application["client_id"]
    # The session is over, not only its cookie.
    plant(browser, opened)
    assert not knows(browser)


def test_without_return_to_a_page_confirms_the_logout(ada: Person, browser: Browser) -> None:
    for query in ({}, {"returnTo": ""}, {"client_id": ""}):
        browser.log_in(ada, prompt="login")
        answer = v2(browser, **query)
        assert answer.status_code == 200
        assert "Logged out" in answer.text
        assert not knows(browser)


def test_a_browser_without_a_session_is_redirected_too(ada: Person, browser: Browser) -> None:
    assert v2(browser, returnTo=BACK).headers["location"] == BACK
    assert oidc(browser, post_logout_redirect_uri=BACK).headers["location"] == BACK
    assert oidc(browser, id_token_hint=ada_token(ada)).status_code == 200
    assert "slo" not in ada.tenant.log_types()


def ada_token(person: Person) -> str:
    with Browser(person.tenant) as other:
        return logged_in(other, person)[0]


@pytest.mark.parametrize("address", FOREIGN)
def test_no_redirect_leaves_this_machine(ada: Person, browser: Browser, address: str) -> None:
    id_token, _ = logged_in(browser, ada)
    assert_refused(browser, v2(browser, returnTo=address))
    assert_refused(browser, oidc(browser, post_logout_redirect_uri=address))
    assert_refused(browser, oidc(browser, "POST", post_logout_redirect_uri=address, id_token_hint=id_token))


def test_an_unknown_application_ends_nothing(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    hostile = '"><script>alert(1)</script>'
    for ask in (v2, oidc):
        answer = ask(browser, client_id=hostile)
        assert_refused(browser, answer)
        assert "<script" not in answer.text


def test_it_ends_the_session_of_this_browser_alone(ada: Person, browser: Browser) -> None:
    with Browser(ada.tenant) as other:
        for one in (browser, other):
            one.log_in(ada)
        v2(browser)
        assert (knows(browser), knows(other)) == (False, True)


def test_tokens_stay_valid(ada: Person, browser: Browser) -> None:
    first = tokens(ada, browser.log_in(ada, scope="openid offline_access"))
    unused = browser.authorize(scope="openid offline_access")
    v2(browser)
    expect(ada.token(grant_type="refresh_token", refresh_token=first["refresh_token"]), 200)
    headers = {"Authorization": f"Bearer {first['access_token']}"}
    expect(ada.tenant.http.get("/userinfo", headers=headers), 200)
    assert tokens(ada, unused)["refresh_token"]


# /oidc/logout


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("hints", ["id_token_hint", "logout_hint", "both"])
def test_an_id_token_hint_of_the_session_ends_it_at_once(
    ada: Person, browser: Browser, method: str, hints: str
) -> None:
    id_token, named = logged_in(browser, ada)
    both = {"id_token_hint": id_token, "logout_hint": named["sid"], "client_id": ada.application["client_id"]}
    parameters = both if hints == "both" else {hints: both[hints]}
    answer = oidc(browser, method, **parameters, post_logout_redirect_uri=BACK + "?a=b", state="x&y é")
    assert answer.status_code == 302
    location = urlsplit(answer.headers["location"])
    assert location._replace(query="").geturl() == BACK
    assert parse_qs(location.query) == {"a": ["b"], "state": ["x&y é"]}
    assert ada.tenant.log_types()[-1] == "slo"
    assert not knows(browser)


def test_without_a_redirect_uri_a_page_confirms_the_logout(ada: Person, browser: Browser) -> None:
    id_token, _ = logged_in(browser, ada)
    answer = oidc(browser, id_token_hint=id_token, state="x")
    assert (answer.status_code, "Logged out" in answer.text) == (200, True)
    assert not knows(browser)


def test_an_expired_id_token_hint_is_accepted(ada: Person, browser: Browser) -> None:
    id_token, _ = logged_in(browser, ada)
    ada.tenant.advance_clock(40_000)
    assert oidc(browser, id_token_hint=id_token, post_logout_redirect_uri=BACK).status_code == 302
    assert not knows(browser)


def test_an_id_token_hint_of_another_issuer_is_refused(
    ada: Person, browser: Browser, rotating_tenant: TenantClient
) -> None:
    id_token, _ = logged_in(browser, ada)
    head, payload, signature = id_token.split(".")
    with Browser(rotating_tenant) as elsewhere:
        another_tenants = logged_in(elsewhere, rotating_tenant.sign_up())[0]
    hints = [
        "x",
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature[:-4]}AAAA",
        f"{head}.{payload[:-2]}.{signature}",
        "eyJhbGciOiJub25lIn0." + payload + ".",
        another_tenants,
        tokens(ada, browser.authorize())["access_token"],
        ada.tenant.token(),
    ]
    for hint in hints:
        assert_refused(browser, oidc(browser, id_token_hint=hint, post_logout_redirect_uri=BACK))


def test_an_id_token_of_a_refresh_names_no_session_and_does_not_end_one(ada: Person, browser: Browser) -> None:
    first = tokens(ada, browser.log_in(ada, scope="openid offline_access"))
    sid = jwt.decode(first["id_token"], options={"verify_signature": False})["sid"]
    renewed = expect(ada.token(grant_type="refresh_token", refresh_token=first["refresh_token"]), 200)["id_token"]
    for hints in ({}, {"logout_hint": "another"}):
        confirmation = oidc(browser, id_token_hint=renewed, post_logout_redirect_uri=BACK, **hints)
        assert (confirmation.status_code, "Log out?" in confirmation.text) == (200, True)
        assert knows(browser)
    assert_refused(browser, oidc(browser, id_token_hint=first["id_token"], logout_hint="another"))
    answer = oidc(browser, id_token_hint=renewed, logout_hint=sid, post_logout_redirect_uri=BACK)
    assert (answer.status_code, answer.headers["location"]) == (302, BACK)
    assert not knows(browser)


@pytest.mark.parametrize("address", ["/v2/logout", "/oidc/logout", "/authorize"])
def test_a_head_request_ends_no_session(ada: Person, browser: Browser, address: str) -> None:
    browser.log_in(ada)
    before = ada.tenant.log_types()
    assert browser.http.head(address).status_code == 405
    assert ada.tenant.log_types() == before
    assert knows(browser)


def test_hints_and_application_must_belong_together(ada: Person, browser: Browser) -> None:
    id_token, named = logged_in(browser, ada)
    other = ada.tenant.ready["single_page_application"]["client_id"]
    for parameters in ({"client_id": other}, {"logout_hint": "another"}, {"logout_hint": named["sid"][:-1]}):
        assert_refused(browser, oidc(browser, id_token_hint=id_token, post_logout_redirect_uri=BACK, **parameters))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("hint", [None, "made-up", "another's sid", "another's token"])
def test_without_a_hint_of_the_session_the_user_has_to_confirm(
    ada: Person, browser: Browser, method: str, hint: str | None
) -> None:
    with Browser(ada.tenant) as other:
        others_token, others = logged_in(other, ada.tenant.sign_up("grace@example.com"))
        _, named = logged_in(browser, ada)
        parameters = {
            None: {},
            "made-up": {"logout_hint": "made-up"},
            "another's sid": {"logout_hint": others["sid"]},
            "another's token": {"id_token_hint": others_token},
        }[hint]
        answer = oidc(browser, method, **parameters, post_logout_redirect_uri=BACK, state='"><b>&')
        page = PageReader()
        page.feed(answer.text)
        assert (answer.status_code, page.heading) == (200, "Log out?")
        assert page.inputs == {
            "logout_hint": named["sid"],
            "post_logout_redirect_uri": BACK,
            "state": '"><b>&',
            # Whose list of addresses the answer to the form is checked against.
            **({"client_id": named["aud"]} if hint == "another's token" else {}),
        }
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["content-security-policy"].endswith("form-action 'self' http://localhost:3000")
        assert "slo" not in ada.tenant.log_types()
        assert knows(browser)

        left = browser.send(Visit(answer, page, f"{ada.tenant.url}/oidc/logout"))
        assert left.address.startswith(BACK)
        assert parse_qs(urlsplit(left.address).query)["state"] == ['"><b>&']
        assert (knows(browser), knows(other)) == (False, True)


def test_a_form_of_another_site_cannot_end_a_session(ada: Person, browser: Browser) -> None:
    """The session's cookie comes with it, because an application's hidden frame needs that."""
    logged_in(browser, ada)
    for parameters in ({}, {"logout_hint": ""}, {"id_token_hint": ""}, {"state": "x", "confirm": "true"}):
        answer = browser.http.post("/oidc/logout", data=parameters, headers={"Origin": "https://example.com"})
        assert "Log out?" in answer.text
        assert "access-control-allow-origin" not in answer.headers
    assert knows(browser)


def test_an_unreadable_body_is_an_error(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    headers = {"Content-Type": "application/json"}
    for content in ("{", "[]"):
        assert_refused(browser, browser.http.post("/oidc/logout", content=content, headers=headers))
    answer = browser.http.post("/oidc/logout", json={"logout_hint": {"a": 1}, "id_token_hint": 7})
    assert "Log out?" in answer.text

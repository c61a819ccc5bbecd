"""How long a browser's session lives, what ends it, and the cookie that opens it."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from authentication.browser.visits import DAY, claims, cookie, cookie_name, knows, plant
from hypothesis import example, given, settings
from hypothesis import strategies as st
from local_tenant.accounts import sessions
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.clock import Clock
from local_tenant.store import users
from local_tenant.store.database import Database
from local_tenant.store.users import User
from local_tenant.testing import PASSWORD, Person, TenantClient
from login_browser import CALLBACK, Browser
from properties import EMPTIED_ONCE
from starlette.requests import Request
from stored import stored_bytes

HOUR = 3_600


# Time


@given(st.lists(st.integers(1, 80), min_size=1, max_size=12))
@example([71, 71])
@example([72])
@example([60, 60, 47])
@example([60, 60, 48])
@settings(max_examples=15, deadline=None, suppress_health_check=EMPTIED_ONCE)
def test_it_expires_three_days_after_its_last_use_and_after_seven_at_most(
    ada: Person, browser: Browser, hours_between: list[int]
) -> None:
    browser.http.cookies.clear()
    browser.log_in(ada)
    total, alive = 0, True
    for hours in hours_between:
        ada.tenant.advance_clock(hours * HOUR)
        total += hours
        alive = alive and hours < 72 and total < 168
        assert knows(browser) == alive, (hours, total)


def test_a_request_with_a_smaller_max_age_is_a_use_too(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    for _ in range(3):
        ada.tenant.advance_clock(2 * DAY)
        assert browser.authorize(max_age="60").path == "/u/login"
    assert knows(browser)


# The cookie


def test_the_cookie_is_host_only_secure_and_http_only(ada: Person, browser: Browser) -> None:
    page = browser.authorize()
    answer = browser.http.post(page.address, data={"username": ada.email, "password": PASSWORD})
    (sent,) = (text for text in answer.headers.get_list("set-cookie") if "session" in text)
    ((name, morsel),) = SimpleCookie(sent).items()
    assert name == cookie_name(ada.tenant)
    assert name.startswith("__Host-")
    attributes = {attribute: value for attribute, value in morsel.items() if value}
    assert attributes == {
        "secure": True,
        "httponly": True,
        # An application's hidden frame sends it too.
        "samesite": "none",
        "path": "/",
        "max-age": str(7 * DAY),
    }
    assert len(morsel.value) >= 43
    content = stored_bytes(ada.tenant)
    assert morsel.value.encode() not in content


def test_the_session_id_is_no_cookie(ada: Person, browser: Browser) -> None:
    sid = claims(ada, browser.log_in(ada))["sid"]
    for value in (sid, "", "x" * 43, "%00", '"\\303\\251"', (cookie(browser) or "")[:-1]):
        with Browser(ada.tenant) as other:
            other.http.headers["Cookie"] = f"{cookie_name(ada.tenant)}={value}"
            assert other.authorize().path == "/u/login", value
            assert other.authorize(prompt="none").callback["error"] == "login_required"
            assert other.http.get("/v2/logout").status_code == 200
    assert knows(browser)


def test_a_cookie_chosen_by_an_attacker_is_never_adopted(ada: Person, browser: Browser) -> None:
    with Browser(ada.tenant) as mallory:
        ada.tenant.sign_up("mallory@example.com")
        planted = "planted-before-the-login-0123456789-abcdefghij"
        plant(browser, planted)
        browser.log_in(ada)
        assert cookie(browser) != planted
        plant(mallory, planted)
        assert not knows(mallory)


def test_a_planted_session_of_another_user_ends_with_the_next_login(ada: Person, browser: Browser) -> None:
    with Browser(ada.tenant) as mallorys:
        mallory = ada.tenant.sign_up("mallory@example.com")
        mallorys.log_in(mallory)
        plant(browser, cookie(mallorys))
        assert claims(ada, browser.log_in(ada, prompt="login"))["sub"] == ada.user_id
        assert not knows(mallorys)
        assert claims(ada, browser.authorize())["sub"] == ada.user_id


# Changes of the user


@pytest.mark.parametrize(
    "members",
    [{"blocked": True}, {"email": "lovelace@example.com"}, {"password": "Another-horse-7-battery"}],
    ids=lambda members: next(iter(members)),
)
def test_a_block_or_new_credentials_end_every_session(
    ada: Person, browser: Browser, members: dict[str, object]
) -> None:
    grace = ada.tenant.sign_up("grace@example.com")
    with Browser(ada.tenant) as second, Browser(ada.tenant) as others:
        for one in (browser, second):
            one.log_in(ada)
        others.log_in(grace)
        ada.change(**members)
        assert [knows(one) for one in (browser, second, others)] == [False, False, True]
        if "blocked" in members:
            ada.change(blocked=False)
            assert not knows(browser)


def test_an_email_that_is_no_longer_verified_ends_every_session(ada: Person, browser: Browser) -> None:
    ada.change(email_verified=True)
    browser.log_in(ada)
    ada.change(email_verified=True)
    assert knows(browser)
    ada.change(email_verified=False)
    assert not knows(browser)


@pytest.mark.parametrize(
    "members",
    [
        {"blocked": False},
        {"user_metadata": {"a": 1}},
        {"app_metadata": {"a": 1}},
        {"name": "Ada"},
        {"given_name": "Ada", "nickname": "ada"},
        {"email_verified": True},
        {"email": "ada@example.com"},
    ],
    ids=lambda members: next(iter(members)),
)
def test_other_changes_end_no_session(ada: Person, browser: Browser, members: dict[str, object]) -> None:
    browser.log_in(ada)
    ada.change(**members)
    assert knows(browser)


def test_a_refused_change_ends_no_session(ada: Person, browser: Browser) -> None:
    ada.tenant.sign_up("grace@example.com")
    browser.log_in(ada)
    answer = ada.tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"email": "grace@example.com"})
    assert answer.status_code == 400
    assert knows(browser)


def test_the_session_of_a_deleted_user_is_gone(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    assert ada.tenant.api.delete(f"/api/v2/users/{ada.user_id}").status_code == 204
    assert not knows(browser)
    ada.tenant.sign_up()
    assert not knows(browser)
    browser.log_in(ada.tenant.sign_up("grace@example.com"))
    ada.tenant.reset()
    assert not knows(browser)


ADA = User(
    "auth0|a", "db", "ada@example.com", email_verified=False, password_hash="h", profile={}, created_at=0, updated_at=0
)


@pytest.mark.parametrize(
    ("meanwhile", "begins"),
    [
        ({}, True),
        ({"app_metadata": {"a": 1}, "logins_count": 3}, True),
        ({"password_hash": "another"}, False),
        ({"email": "lovelace@example.com"}, False),
        ({"email_verified": True}, True),
        ({"blocked": True}, False),
    ],
    ids=["nothing", "metadata", "password", "email", "email_verified", "blocked"],
)
def test_a_password_checked_before_such_a_change_begins_no_session(
    tmp_path: Path,
    meanwhile: dict[str, Any],
    begins: bool,  # noqa: FBT001 - an example
) -> None:
    """As when the change is kept between the two: no login can be stopped there from outside."""
    tenant: Any = SimpleNamespace(domain="localhost:1", port=1, clock=Clock())
    facts = RequestFacts("POST", {}, {}, "127.0.0.1", "localhost", None, None)
    opened = sessions.new(tenant, ADA, facts, {"name": "pwd", "timestamp": ""})
    request = Request({"type": "http", "headers": []})

    def work(connection: sqlite3.Connection) -> bool:
        users.add(connection, replace(ADA, **meanwhile))
        sessions.begin(connection, opened, ADA, request, tenant)
        return sessions.still_open(connection, opened.session.id, tenant.clock.now()) is not None

    with closing(Database(tmp_path / "db")) as database:
        assert asyncio.run(database.write(work)) == begins


# Restarts, and several tenants


def test_it_survives_a_restart(fresh_tenant: Any) -> None:  # noqa: ANN401 - a fixture
    process = fresh_tenant()
    tenant = TenantClient(process.ready)
    person, port = tenant.sign_up(), process.port
    with Browser(tenant) as browser:
        browser.log_in(person)
        opened = cookie(browser)
    tenant.close()
    process.kill()

    again = TenantClient(fresh_tenant(port=port).ready)
    person.tenant = again
    with Browser(again) as browser:
        plant(browser, opened)
        assert claims(person, browser.authorize())["sub"] == person.user_id
    again.close()


def test_tenants_on_one_host_leave_each_others_cookies_alone(ada: Person, fresh_tenant: Any) -> None:  # noqa: ANN401
    """Cookies know no ports: the browser sends each of them both."""
    other = TenantClient(fresh_tenant(name="another-local").ready)
    others = other.sign_up()
    with Browser(ada.tenant) as here, Browser(other) as there:
        there.http.cookies.jar = here.http.cookies.jar
        here.log_in(ada)
        assert there.authorize().path == "/u/login"
        there.log_in(others)
        assert claims(ada, here.authorize())["sub"] == ada.user_id
        assert claims(others, there.authorize())["sub"] == others.user_id
        assert there.http.get("/v2/logout", params={"returnTo": CALLBACK}).status_code == 302
        assert (knows(here), knows(there)) == (True, False)
    other.close()

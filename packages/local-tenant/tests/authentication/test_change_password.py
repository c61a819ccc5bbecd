"""A forgotten password: the request, the mail, its page, and what a new password ends."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from local_tenant.testing import PASSWORD, Json, Person, TenantClient, expect_error
from local_tenant.testing.people import CONNECTION
from login_browser import Browser, Visit

NEW = "An0ther-password"
SENT = "We've just sent you an email to reset your password."
FIVE_DAYS = 432_000


def ask(tenant: TenantClient, email: str, /, **change: object) -> httpx.Response:
    body = {"client_id": tenant.ready["application"]["client_id"], "connection": CONNECTION, "email": email, **change}
    return tenant.http.post("/dbconnections/change_password", json=body)


def link(person: Person) -> str:
    """The link of a mail to the user."""
    assert ask(person.tenant, person.email).status_code == 200
    mail = person.tenant.mails()[0]
    assert (mail["recipient"], mail["subject"]) == (person.email, "Reset your password")
    return str(mail["link"])


def set_password(browser: Browser, address: str, password: str = NEW, again: str | None = None) -> Visit:
    return browser.send(browser.open(address), password=password, again=password if again is None else again)


def status_of_login(person: Person, password: str) -> int:
    return person.token(grant_type="password", username=person.email, password=password).status_code


def test_a_mailed_link_sets_a_new_password(ada: Person, browser: Browser) -> None:
    address = link(ada)
    assert address.startswith(f"{ada.tenant.url}/u/reset-password?ticket=")
    assert set_password(browser, address).page.heading == "Password changed"
    assert status_of_login(ada, NEW) == 200
    assert status_of_login(ada, PASSWORD) == 403
    assert ada.profile()["last_password_reset"]
    assert ada.tenant.log_types()[1:3] == ["scpr", "scp"]


def test_the_request_may_be_a_form_and_come_from_a_script(ada: Person) -> None:
    body = {"client_id": ada.application["client_id"], "connection": CONNECTION, "email": ada.email.upper()}
    headers = {"Origin": "http://localhost:3000"}
    answer = ada.tenant.http.post("/dbconnections/change_password", data=body, headers=headers)
    assert (answer.status_code, answer.text) == (200, SENT)
    assert answer.headers["access-control-allow-origin"] == headers["Origin"]
    assert len(ada.tenant.mails()) == 1


def test_the_answer_does_not_reveal_who_has_an_account(ada: Person) -> None:
    known, unknown = ask(ada.tenant, ada.email), ask(ada.tenant, "nobody@example.com")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text) == (200, SENT)
    assert set(known.headers) == set(unknown.headers)
    assert [mail["recipient"] for mail in ada.tenant.mails()] == [ada.email]
    assert ada.tenant.log_types()[-2:] == ["scpr", "fcpr"]


@pytest.mark.parametrize(
    "change", [{"email": None}, {"email": 7}, {"connection": "other"}, {"client_id": "unknown"}, {"client_id": None}]
)
def test_an_incomplete_request_is_refused(ada: Person, change: Json) -> None:
    expect_error(ask(ada.tenant, ada.email, **change), 400, "invalid_request")
    assert ada.tenant.mails() == []


def test_a_link_works_once(ada: Person, browser: Browser) -> None:
    address = link(ada)
    form = browser.open(address)
    assert set_password(browser, address).page.heading == "Password changed"
    for visit in (browser.open(address), browser.send(form, password=PASSWORD, again=PASSWORD)):
        assert visit.answer.status_code == 400
        assert "not valid" in visit.page.alert
    assert status_of_login(ada, NEW) == 200


def test_of_two_requests_with_one_link_one_sets_the_password(ada: Person) -> None:
    ticket = parse_qs(urlsplit(link(ada)).query)["ticket"][0]

    def send(number: int) -> str:
        password = f"{NEW}-{number}"
        answer = ada.tenant.http.post(
            "/u/reset-password", params={"ticket": ticket}, data={"password": password, "again": password}
        )
        return password if answer.headers["location"].endswith("success=true") else ""

    with ThreadPoolExecutor(4) as pool:
        (winner,) = filter(None, pool.map(send, range(4)))
    assert status_of_login(ada, winner) == 200


def test_a_newer_link_a_new_password_and_time_end_a_link(ada: Person, browser: Browser) -> None:
    older, newer = link(ada), link(ada)
    assert browser.open(older).answer.status_code == 400
    assert browser.open(newer).answer.status_code == 200
    ada.change(password=NEW)
    assert browser.open(newer).answer.status_code == 400
    last = link(ada)
    ada.tenant.advance_clock(FIVE_DAYS - 1)
    assert browser.open(last).answer.status_code == 200
    ada.tenant.advance_clock(2)
    assert browser.open(last).answer.status_code == 400


def test_a_link_in_the_mailbox_of_an_earlier_email_is_not_valid(ada: Person, browser: Browser) -> None:
    address = link(ada)
    ada.change(email="ada@example.org")
    assert browser.open(address).answer.status_code == 400


@pytest.mark.parametrize("address", ["/u/reset-password", "/u/reset-password?ticket=", "/u/reset-password?ticket=x"])
def test_an_invented_link_shows_no_form(browser: Browser, address: str) -> None:
    visit = browser.open(address)
    assert visit.answer.status_code == 400
    assert "form" not in visit.page.tags
    assert browser.http.post(address, data={"password": NEW, "again": NEW}).headers["location"].count("success") == 0


def test_a_link_of_a_deleted_user_is_not_valid(ada: Person, browser: Browser) -> None:
    address = link(ada)
    ada.tenant.api.delete(f"/api/v2/users/{ada.user_id}")
    assert browser.open(address).answer.status_code == 400


def test_a_weak_password_or_a_slip_is_said_on_the_page_and_uses_nothing_up(ada: Person, browser: Browser) -> None:
    address = link(ada)
    weak = set_password(browser, address, "short")
    assert weak.answer.status_code == 400
    assert "At least 8 characters" in weak.page.alert
    different = set_password(browser, address, NEW, NEW + "x")
    assert "not the same" in different.page.alert
    assert NEW not in different.answer.text + different.address
    assert set_password(browser, address).page.heading == "Password changed"


def test_a_new_password_ends_sessions_blocks_and_logins_under_way(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    under_way = browser.log_in(ada, prompt="login", response_mode="form_post").address
    ada.tenant.bind_action()
    mfa_token = ada.mfa_token()
    address = link(ada)
    for _ in range(10):
        status_of_login(ada, "wrong")
    assert status_of_login(ada, PASSWORD) == 429
    set_password(browser, address)
    assert browser.authorize(prompt="none").callback["error"] == "login_required"
    assert browser.open(under_way).answer.status_code == 400
    assert ada.associate(mfa_token).status_code == 403
    expect_error(ada.token(grant_type="password", username=ada.email, password=NEW), 403, "mfa_required")


def test_the_page_keeps_its_link_to_itself(ada: Person, browser: Browser) -> None:
    visit = browser.open(link(ada))
    headers = visit.answer.headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].endswith("form-action 'self'")
    assert visit.page.tags.isdisjoint({"script", "a"})


def test_mails_are_for_operators_alone(ada: Person) -> None:
    link(ada)
    assert ada.tenant.http.get("/_local/mails").status_code == 401
    entries = str(ada.tenant.api.get("/api/v2/logs").json())
    assert "ticket" not in entries

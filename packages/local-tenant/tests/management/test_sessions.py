"""Sessions in the Management API: seen, ended one by one and all at once."""

import httpx
import pytest
from local_tenant.testing import Json, Person, TenantClient, expect, expect_error
from login_browser import Browser, redeem


def sessions_of(person: Person, **query: str | int) -> Json:
    return expect(person.tenant.api.get(f"/api/v2/users/{person.user_id}/sessions", params=query), 200)


def logged_in_from(person: Person, browsers: int) -> list[str]:
    """Ids of the sessions of so many browsers, newest first."""
    for _ in range(browsers):
        with Browser(person.tenant) as other:
            assert other.log_in(person).at_application
    return [session["id"] for session in sessions_of(person)["sessions"]]


def asks_for_a_password(browser: Browser) -> bool:
    visit = browser.authorize()
    return not visit.at_application and visit.path == "/u/login"


def test_a_session_is_shown_with_its_applications_times_and_methods(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    (session,) = sessions_of(ada)["sessions"]
    assert expect(ada.tenant.api.get(f"/api/v2/sessions/{session['id']}"), 200) == session
    assert set(session) == {
        "id",
        "user_id",
        "created_at",
        "updated_at",
        "authenticated_at",
        "idle_expires_at",
        "expires_at",
        "last_interacted_at",
        "device",
        "clients",
        "authentication",
        "cookie",
        "session_metadata",
    }
    assert session["user_id"] == ada.user_id
    assert session["clients"] == [{"client_id": ada.application["client_id"]}]
    assert [method["name"] for method in session["authentication"]["methods"]] == ["pwd"]
    assert session["cookie"] == {"mode": "persistent"}
    assert session["device"]["initial_ip"] in ("127.0.0.1", "::1")
    assert session["created_at"] < session["idle_expires_at"] < session["expires_at"]


def test_a_deleted_session_ends_in_its_browser_alone(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    (session,) = sessions_of(ada)["sessions"]
    with Browser(ada.tenant) as other:
        other.log_in(ada)
        assert ada.tenant.api.delete(f"/api/v2/sessions/{session['id']}").status_code == 202
        assert asks_for_a_password(browser)
        assert other.authorize().at_application


@pytest.mark.parametrize(("ended_by", "stays_good"), [("delete", True), ("revoke", False)])
def test_revoking_a_session_revokes_its_refresh_tokens_but_deleting_does_not(
    ada: Person, browser: Browser, *, ended_by: str, stays_good: bool
) -> None:
    code = browser.log_in(ada, scope="openid offline_access").callback["code"]
    token = expect(redeem(ada, code), 200)["refresh_token"]
    unused = browser.authorize(scope="openid offline_access").callback["code"]
    elsewhere = expect(ada.log_in(scope="openid offline_access"), 200)["refresh_token"]
    address = f"/api/v2/sessions/{sessions_of(ada)['sessions'][0]['id']}"
    api = ada.tenant.api
    ended = api.delete(address) if ended_by == "delete" else api.post(f"{address}/revoke")
    assert ended.status_code == 202
    assert asks_for_a_password(browser)
    answer = ada.token(grant_type="refresh_token", refresh_token=token)
    if stays_good:
        expect(answer, 200)
    else:
        expect_error(answer, 403, "invalid_grant", "Unknown or invalid refresh token.")
    assert redeem(ada, unused).status_code == (200 if stays_good else 403)
    expect(ada.token(grant_type="refresh_token", refresh_token=elsewhere), 200)


def test_all_sessions_of_one_user_end_at_once(ada: Person, browser: Browser) -> None:
    grace = ada.tenant.sign_up("grace@example.com")
    logged_in_from(ada, 2)
    browser.log_in(grace)
    assert ada.tenant.api.delete(f"/api/v2/users/{ada.user_id}/sessions").status_code == 202
    assert sessions_of(ada) == {"sessions": []}
    assert browser.authorize().at_application


def test_sessions_come_in_pages_newest_first(ada: Person) -> None:
    ids = logged_in_from(ada, 3)
    assert len(set(ids)) == 3
    first = sessions_of(ada, take=2)
    assert [session["id"] for session in first["sessions"]] == ids[:2]
    assert first["next"] == ids[1]
    rest = sessions_of(ada, take=2, **{"from": first["next"]})
    assert [session["id"] for session in rest["sessions"]] == ids[2:]
    assert "next" not in rest
    gone = first["sessions"][0]["id"]
    assert ada.tenant.api.delete(f"/api/v2/sessions/{gone}").status_code == 202
    for wrong in ({"take": "0"}, {"take": "101"}, {"take": "two"}, {"take": "9" * 5_000}, {"from": gone}):
        assert ada.tenant.api.get(f"/api/v2/users/{ada.user_id}/sessions", params=wrong).status_code == 400


def test_an_expired_session_is_not_listed(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    session = sessions_of(ada)["sessions"][0]["id"]
    ada.tenant.advance_clock(3 * 86_400)
    assert sessions_of(ada) == {"sessions": []}
    expect(ada.tenant.api.get(f"/api/v2/sessions/{session}"), 404)
    expect(ada.tenant.api.post(f"/api/v2/sessions/{session}/revoke"), 404)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_sessions_of_an_unknown_user(tenant: TenantClient, method: str) -> None:
    answer: httpx.Response = tenant.api.request(method, "/api/v2/users/auth0|nobody/sessions")
    assert answer.status_code == 404

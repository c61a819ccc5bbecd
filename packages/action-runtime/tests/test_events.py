"""Events have the documented members, and no others."""

from __future__ import annotations

from action_runtime.events import (
    event_request,
    event_transaction,
    event_user,
    post_login_event,
    pre_user_registration_event,
)


def test_a_password_login_has_the_members_that_are_always_there() -> None:
    event = post_login_event()
    assert set(event) == {
        "authentication",
        "authorization",
        "client",
        "connection",
        "request",
        "stats",
        "tenant",
        "transaction",
        "user",
    }
    assert event["transaction"]["protocol"] == "oauth2-password"
    assert event["user"]["identities"][0]["user_id"] == "1"


def test_optional_members_are_there_when_they_are_passed() -> None:
    event = post_login_event(
        audience="https://api.example",
        session={"id": "s"},
        refresh_token={"id": "r"},
        request=event_request(language="de", user_agent="a browser"),
        transaction=event_transaction("oidc-basic-profile", browser={"prompt": ["login"], "state": "x"}),
        user=event_user(factors=("otp",), last_password_reset="2026-01-02T00:00:00.000Z"),
    )
    assert event["resource_server"] == {"identifier": "https://api.example"}
    assert (event["session"], event["refresh_token"]) == ({"id": "s"}, {"id": "r"})
    assert (event["request"]["language"], event["request"]["user_agent"]) == ("de", "a browser")
    assert (event["transaction"]["prompt"], event["transaction"]["state"]) == (["login"], "x")
    assert (event["user"]["multifactor"], event["user"]["enrolledFactors"]) == (["guardian"], [{"type": "otp"}])
    assert event["user"]["last_password_reset"] == "2026-01-02T00:00:00.000Z"


def test_a_login_without_a_completed_method_has_none() -> None:
    assert post_login_event(methods=())["authentication"] == {"methods": []}


def test_a_sign_up_has_no_user_id_and_no_query() -> None:
    event = pre_user_registration_event(request=event_request(query={"state": "x"}))
    assert set(event) == {"client", "connection", "request", "tenant", "user"}
    assert "user_id" not in event["user"]
    assert "query" not in event["request"]


def test_events_share_nothing_with_what_they_were_made_from() -> None:
    metadata = {"plan": "gold"}
    event = post_login_event(user=event_user(app_metadata=metadata))
    event["user"]["app_metadata"]["plan"] = "none"
    assert metadata == {"plan": "gold"}

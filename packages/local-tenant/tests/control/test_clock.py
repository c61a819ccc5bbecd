"""The tenant's clock: moved, it runs on from there, and stored times stay."""

from datetime import UTC, datetime
from typing import Any

import pytest
from local_tenant.testing import Json, TenantClient, expect


def move(tenant: TenantClient, **change: Any) -> Json:  # noqa: ANN401 - right or wrong members
    return expect(tenant.api.patch("/_local/clock", json=change), 200)


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_it_shows_real_time_at_first(tenant: TenantClient) -> None:
    clock = expect(tenant.api.get("/_local/clock"), 200)
    assert set(clock) == {"now", "offset_seconds"}
    assert clock["offset_seconds"] == 0
    assert abs(moment(clock["now"]) - datetime.now(UTC).timestamp()) < 60


def test_it_can_be_advanced_again_and_again(tenant: TenantClient) -> None:
    assert move(tenant, advance_seconds=100)["offset_seconds"] == 100
    assert move(tenant, advance_seconds=0.5)["offset_seconds"] == 100.5
    assert move(tenant, advance_seconds=-200)["offset_seconds"] == -99.5


def test_it_can_be_set_to_a_moment(tenant: TenantClient) -> None:
    moved = move(tenant, now="2031-05-06T07:08:09.25Z")
    assert 0 <= moment(moved["now"]) - moment("2031-05-06T07:08:09.25Z") < 60
    tenant.renew_token()
    assert tenant.create_action()["created_at"].startswith("2031-05-06T07:")


def test_it_can_be_set_back_to_real_time(tenant: TenantClient) -> None:
    move(tenant, advance_seconds=100)
    assert move(tenant, real=True)["offset_seconds"] == 0


def test_stored_times_do_not_move_with_the_clock(tenant: TenantClient) -> None:
    before = tenant.built(tenant.create_action()["id"])
    tenant.advance_clock(3_600)
    assert tenant.action(before["id"]) == before
    assert moment(tenant.change_action(before["id"])["updated_at"]) - moment(before["updated_at"]) >= 3_600


def test_no_two_moments_are_equal(tenant: TenantClient) -> None:
    created = [tenant.create_action(f"action_{number}")["created_at"] for number in range(20)]
    assert created == sorted(set(created))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"real": False},
        {"real": None},
        {"advance_seconds": None},
        {"advance_seconds": "10"},
        {"advance_seconds": 1, "real": True},
        {"now": "2031-05-06T07:08:09"},
        {"now": "tomorrow"},
        {"now": "1969-12-31T23:59:59Z"},
        {"now": "2200-01-02T00:00:00Z"},
        {"now": "0001-01-01T00:00:00+14:00"},
        {"advance_seconds": 1e11},
        {"advance_seconds": -1e11},
        {"advance_seconds": 1e308},
    ],
)
def test_an_invalid_change_is_refused(tenant: TenantClient, change: dict[str, Any]) -> None:
    assert expect(tenant.api.patch("/_local/clock", json=change), 400)["errorCode"] == "invalid_body"
    assert expect(tenant.api.get("/_local/clock"), 200)["offset_seconds"] == 0

"""Faults on demand: each happens to the requests it is for, as often as requested, and then no more."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from local_tenant.testing import FaultKind, Json, TenantClient, expect
from local_tenant.testing.client import SECONDS_BETWEEN_LOOKS, SECONDS_TO_WAIT, trigger_of
from local_tenant.testing.process import trusted

ACTIONS = "/api/v2/actions/actions"
BODY: Json = {"name": "x", "supported_triggers": [trigger_of("post-login")], "code": ""}

CUT = (httpx.RemoteProtocolError, httpx.ReadError)


def actions(tenant: TenantClient) -> list[Json]:
    listed: list[Json] = expect(tenant.api.get(ACTIONS), 200)["actions"]
    return listed


def pending(tenant: TenantClient) -> list[Json]:
    faults: list[Json] = expect(tenant.api.get("/_local/faults"), 200)["faults"]
    return faults


@contextmanager
def connected(tenant: TenantClient) -> Iterator[ssl.SSLSocket]:
    context = trusted(tenant.ready)
    with (
        socket.create_connection(("localhost", tenant.port), SECONDS_TO_WAIT) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        yield connection


def test_a_rate_limit_says_when_it_ends(tenant: TenantClient) -> None:
    tenant.inject("rate_limit", seconds=3)
    before = time.time()
    answer = tenant.api.get(ACTIONS)
    assert expect(answer, 429) == {
        "statusCode": 429,
        "error": "Too Many Requests",
        "message": "Global limit has been reached",
        "errorCode": "too_many_requests",
    }
    assert before + 3 <= int(answer.headers["X-RateLimit-Reset"]) <= time.time() + 4
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert actions(tenant) == []


def test_a_rate_limit_ends_in_real_time_whatever_the_clock_of_the_tenant(tenant: TenantClient) -> None:
    """Clients wait by their own clocks: a day ahead, and they would wait for a day."""
    tenant.advance_clock(86_400)
    tenant.inject("rate_limit", path="/api/v2/*")
    assert int(tenant.api.get(ACTIONS).headers["X-RateLimit-Reset"]) <= time.time() + 2


@pytest.mark.parametrize(("kind", "status"), [("rate_limit", 429), ("server_error", 500)])
def test_an_injected_error_does_nothing_else(tenant: TenantClient, kind: FaultKind, status: int) -> None:
    tenant.inject(kind, method="POST")
    assert tenant.api.post(ACTIONS, json=BODY).status_code == status
    assert actions(tenant) == []
    expect(tenant.api.post(ACTIONS, json=BODY), 201)


def test_a_server_error_has_the_shape_of_one(tenant: TenantClient) -> None:
    tenant.inject("server_error")
    assert expect(tenant.api.get(ACTIONS), 500) == {
        "statusCode": 500,
        "error": "Internal Server Error",
        "message": "An internal server error occurred",
    }


def test_a_request_can_be_dropped_before_it_is_handled(tenant: TenantClient) -> None:
    tenant.inject("drop_request", method="POST", path=ACTIONS)
    with pytest.raises(CUT):
        tenant.api.post(ACTIONS, json=BODY)
    assert actions(tenant) == []
    expect(tenant.api.post(ACTIONS, json=BODY), 201)


def test_a_response_can_be_dropped_after_the_request_was_handled(tenant: TenantClient) -> None:
    tenant.inject("drop_answer", method="POST", path=ACTIONS)
    with pytest.raises(CUT):
        tenant.api.post(ACTIONS, json=BODY)
    assert [action["name"] for action in actions(tenant)] == ["x"]
    tenant.built(actions(tenant)[0]["id"])


def test_a_response_can_be_delayed(tenant: TenantClient) -> None:
    tenant.inject("slow", method="POST", seconds=0.3)
    before = time.monotonic()
    expect(tenant.api.post(ACTIONS, json=BODY), 201)
    assert time.monotonic() - before >= 0.3


def test_a_slow_response_delays_no_other_request(tenant: TenantClient) -> None:
    # Longer than any client of these tests waits.
    tenant.inject("slow", path="/api/v2/actions/triggers", seconds=60)
    with connected(tenant) as connection:
        connection.sendall(b"GET /api/v2/actions/triggers HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while pending(tenant):
            time.sleep(SECONDS_BETWEEN_LOOKS)
        assert actions(tenant) == []


def test_a_fault_happens_as_often_as_requested(tenant: TenantClient) -> None:
    tenant.inject("server_error", times=3)
    assert [tenant.api.get(ACTIONS).status_code for _ in range(5)] == [500, 500, 500, 200, 200]
    assert pending(tenant) == []


def test_faults_happen_in_the_order_of_their_injection(tenant: TenantClient) -> None:
    tenant.inject("server_error")
    tenant.inject("rate_limit")
    assert [tenant.api.get(ACTIONS).status_code for _ in range(3)] == [500, 429, 200]


@pytest.mark.parametrize(
    ("fault", "method", "path", "hit"),
    [
        ({"method": "PATCH"}, "GET", ACTIONS, False),
        ({"method": "GET"}, "GET", ACTIONS, True),
        ({"path": f"{ACTIONS}/*"}, "GET", ACTIONS, False),
        ({"path": f"{ACTIONS}/*"}, "GET", f"{ACTIONS}/x/versions", True),
        ({"path": "/api/v2/*/actions"}, "GET", ACTIONS, True),
        ({"path": "/oauth/token"}, "POST", "/oauth/token", True),
        ({"path": "/oauth/token"}, "GET", ACTIONS, False),
        ({}, "GET", "/.well-known/jwks.json", True),
        ({}, "GET", "/api/v2/nothing", True),
    ],
)
def test_a_fault_hits_only_the_requests_that_it_names(
    tenant: TenantClient, fault: dict[str, Any], method: str, path: str, *, hit: bool
) -> None:
    tenant.inject("server_error", **fault)
    assert (tenant.api.request(method, path).status_code == 500) is hit
    assert bool(pending(tenant)) is not hit


def test_controls_are_never_hit(tenant: TenantClient) -> None:
    tenant.inject("drop_request", times=100)
    assert len(pending(tenant)) == 1
    assert tenant.api.delete("/_local/faults").status_code == 204
    assert actions(tenant) == []


def test_faults_of_builds_are_not_for_requests(tenant: TenantClient) -> None:
    tenant.inject("failed_build")
    assert actions(tenant) == []
    assert [fault["kind"] for fault in pending(tenant)] == ["failed_build"]


def test_pending_faults_are_listed(tenant: TenantClient) -> None:
    tenant.inject("slow", method="GET", path="/x/*", times=2, seconds=1.5)
    assert pending(tenant) == [{"kind": "slow", "method": "GET", "path": "/x/*", "times": 2, "seconds": 1.5}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "slow", "times": 0},
        {"kind": "slow", "times": 1.5},
        {"kind": "slow", "seconds": -1},
        {"kind": "slow", "seconds": 3_601},
        {"kind": "slow", "method": 1},
        {"kind": "slow", "unknown": 1},
    ],
)
def test_an_invalid_fault_is_refused(tenant: TenantClient, body: dict[str, Any]) -> None:
    assert expect(tenant.api.post("/_local/faults", json=body), 400)["errorCode"] == "invalid_body"
    assert pending(tenant) == []


@pytest.mark.parametrize(("kind", "status"), [("rate_limit", 429), ("server_error", 500)])
def test_an_injected_error_is_sent_after_the_body_was_read(tenant: TenantClient, kind: FaultKind, status: int) -> None:
    tenant.inject(kind, method="POST")
    head = f"POST {ACTIONS} HTTP/1.1\r\nHost: localhost:{tenant.port}\r\nContent-Length: 10\r\n\r\n".encode()
    with connected(tenant) as connection:
        connection.sendall(head + b"12345")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(SECONDS_TO_WAIT)
        connection.sendall(b"67890")
        assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())

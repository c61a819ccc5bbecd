"""Odd requests to every route: none is answered with a 500, none is left without an answer.

`FUZZ_REQUESTS=300000 pytest -s packages/local-tenant/tests/proof/test_fuzz.py` sends more, FUZZ_SEED others. A failure
names the number of its request: `FUZZ_FIRST=NUMBER FUZZ_REQUESTS=1` sends that one alone.

A new route takes part by itself. What it accepts is added to `samples` in fuzz_routes.py.
"""

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException

import pytest
from local_tenant.management.endpoints import ENDPOINTS as MANAGEMENT
from local_tenant.management.endpoints import STANDING
from local_tenant.testing import TenantClient, expect
from local_tenant.testing.process import ReadyLine, StartTenant
from proof.fuzz_routes import Endpoint, Sample, World, build_world, endpoints, names_of_ids, samples
from proof.odd_requests import Answer, Connection, Maker, Request

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "2000"))
FIRST = int(os.environ.get("FUZZ_FIRST", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
CONNECTIONS = 4
# Between two emptied tenants: requests delete users, lock accounts and move the clock.
REQUESTS_PER_WORLD = 1_000
MOST_FAILURES = 50

ENDPOINTS = endpoints()
# Routes of the Management API that answer something; STANDING may answer that there is none.
BUILT = {(each.method, f"/api/v2{each.path}".replace("servers/{id}", "servers/{id:path}")) for each in MANAGEMENT}
READ_ONLY = {("GET", f"/api/v2{each.path}") for each in STANDING}
PATHS = sorted({endpoint.path for endpoint in ENDPOINTS})


@dataclass
class Report:
    """What became of the requests: how many got which status, and a text for each that failed."""

    statuses: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, number: int, request: Request, result: Answer | Exception | None) -> None:
        if result is None:
            self.statuses["not awaited"] += 1
            return
        if isinstance(result, Answer):
            self.statuses[str(result.status)] += 1
            if not result.is_failure:
                return
        else:
            self.statuses["no answer"] += 1
        content = request.content
        excerpt = f"{content[:3_000]!r} ({len(content)} bytes)"
        self.failures.append(f"request {number} of seed {SEED}: {result!r}\n  {excerpt}")


def make(number: int, world: World, table: dict[Endpoint, Sample]) -> Request:
    """The request of that number: the same for the same seed, but for ids and tokens."""
    rng = random.Random(f"{SEED} {number}")  # noqa: S311 - to be repeated
    # Half of them have a body. Otherwise the path first: some have many methods.
    if rng.random() < 0.5:
        endpoint = rng.choice([endpoint for endpoint, sample in table.items() if sample.body is not None])
    else:
        path = rng.choice(PATHS)
        endpoint = rng.choice([endpoint for endpoint in ENDPOINTS if endpoint.path == path])
    if endpoint.is_disruptive and rng.random() < 0.9:
        return make(number + 1_000_000_000, world, table)
    return Maker(rng, world).request(endpoint, table.get(endpoint, Sample()))


def send_all(ready: ReadyLine, numbers: range, world: World, report: Report) -> None:
    """Send the requests of these numbers over one connection."""
    table = samples(world)
    with Connection(ready) as connection:
        for number in numbers:
            request = make(number, world, table)
            try:
                result: Answer | Exception | None = connection.send(request)
            except (OSError, HTTPException) as error:
                result = error
            report.add(number, request, result)


@pytest.mark.timeout(60 + REQUESTS / 20)
def test_no_odd_request_is_answered_with_a_500(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    report = Report()
    began = time.monotonic()
    with TenantClient(process.ready) as tenant, ThreadPoolExecutor(CONNECTIONS) as pool:
        for start in range(FIRST, FIRST + REQUESTS, REQUESTS_PER_WORLD):
            end = min(start + REQUESTS_PER_WORLD, FIRST + REQUESTS)
            world = build_world(tenant)
            slices = [range(start + offset, end, CONNECTIONS) for offset in range(CONNECTIONS)]
            for sent in [pool.submit(send_all, process.ready, numbers, world, report) for numbers in slices]:
                sent.result()
            if len(report.failures) > MOST_FAILURES:
                break
        tenant.reset()
        expect(tenant.sign_up().log_in(), 200)
    print(f"{report.statuses.total()} requests in {time.monotonic() - began:.0f} s: {dict(report.statuses)}")  # noqa: T201 - asked for with -s
    assert report.failures == [], "\n".join(report.failures)
    assert process.end() == 0
    log = process.log.read_text()
    assert "Traceback" not in log, log[:10_000]
    assert " ERROR " not in log, log[:10_000]


def test_every_route_with_an_identifier_or_a_body_has_a_sample(tenant: TenantClient) -> None:
    table = samples(build_world(tenant))
    assert set(table) <= set(ENDPOINTS)
    catch_all = ("/api/v2/{path:path}", "/_local/{path:path}", "/_page/{path:path}")
    without_body = ("/_local/reset", "/userinfo")
    for endpoint in ENDPOINTS:
        if is_unbuilt(endpoint) or (endpoint.method, endpoint.path) in READ_ONLY:
            continue
        needs_sample = endpoint.method in ("POST", "PUT", "PATCH") or names_of_ids(endpoint.path)
        if endpoint.path in (*catch_all, *without_body) or not needs_sample:
            continue
        assert endpoint in table, f"what does {endpoint} accept? Add it to `samples` in fuzz_routes.py"


def is_unbuilt(endpoint: Endpoint) -> bool:
    """Whether Auth0 has it, and the tenant answers that it is not built."""
    return endpoint.path.startswith("/api/v2") and (endpoint.method, endpoint.path) not in BUILT | READ_ONLY


def test_the_samples_are_accepted(tenant: TenantClient) -> None:
    world = build_world(tenant)
    table = samples(world)
    # What takes away what others read comes late.
    in_order = sorted(
        ENDPOINTS,
        key=lambda e: (e.is_disruptive, e.method == "DELETE", e.credential != "management", e.method, -len(e.path)),
    )
    refused = []
    with Connection(tenant.ready) as connection:
        for endpoint in in_order:
            sample = table.get(endpoint, Sample())
            request = Maker(random.Random(0), world).request(endpoint, sample, odd=False)  # noqa: S311 - decides nothing
            answer = connection.send(request)
            has_none = (endpoint.method, endpoint.path) in READ_ONLY and answer is not None and answer.status == 404
            if is_unbuilt(endpoint) or has_none:
                continue
            if sample.accepted and "{path" not in endpoint.path and (answer is None or answer.status >= 400):
                refused.append((endpoint, answer))
    assert refused == [], "\n".join(map(str, refused))

"""Answered requests survive any end of the process; interrupted builds are resumed."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from local_tenant.testing import Json, TenantClient, TenantProcess, expect, wait_until
from local_tenant.testing.process import StartTenant, spare_port

WRITERS = 4


@contextmanager
def client_of(process: TenantProcess) -> Iterator[TenantClient]:
    client = TenantClient(process.ready)
    try:
        yield client
    finally:
        client.close()


class Writer:
    """Writes one thing after the other until it is cut off, and knows which it had an answer to.

    Attributes:
        answered: number of the last write that was answered; the next one may have been made too.
    """

    def __init__(self, tenant: TenantClient, write: Callable[[TenantClient, int], httpx.Response]) -> None:
        """`write` makes the write of that number."""
        self.answered = 0
        self._tenant = tenant
        self._write = write

    def run(self, enough: threading.Event, writes: int) -> None:
        try:
            while True:
                answer = self._write(self._tenant, self.answered + 1)
                assert answer.is_success, answer.text
                self.answered += 1
                if self.answered == writes:
                    enough.set()
        except httpx.TransportError:
            enough.set()


def storm(process: TenantProcess, writers: list[Writer], writes: int) -> None:
    """Let all write at once, and kill the tenant as soon as one has made that many writes."""
    enough = threading.Event()
    with ThreadPoolExecutor(len(writers)) as pool:
        running = [pool.submit(writer.run, enough, writes) for writer in writers]
        enough.wait()
        process.kill()
        for run in running:
            run.result()


def test_a_kill_during_many_writes_loses_no_answered_write(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    with client_of(process) as tenant:
        ids = [tenant.create_action(f"action_{number}", code="// 0")["id"] for number in range(WRITERS)]
    before = [0] * WRITERS
    for writes in (1, 60):
        with client_of(process) as tenant:

            def write(number: int, action_id: str) -> Callable[[TenantClient, int], httpx.Response]:
                path = f"/api/v2/actions/actions/{action_id}"
                return lambda client, count: client.api.patch(path, json={"code": f"// {before[number] + count}"})

            writers = [Writer(tenant, write(number, action_id)) for number, action_id in enumerate(ids)]
            storm(process, writers, writes)
        process = fresh_tenant()
        with client_of(process) as tenant:
            for number, (action_id, writer) in enumerate(zip(ids, writers, strict=True)):
                revision = int(tenant.built(action_id)["code"].removeprefix("// "))
                last = before[number] + writer.answered
                assert revision in (last, last + 1)
                before[number] = revision
    assert sum(before) >= 61


def test_a_kill_during_creation_leaves_no_partial_action(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    answers: list[Json] = []

    def create(client: TenantClient, count: int) -> httpx.Response:
        name = f"{threading.get_ident()}_{count}"
        body = {"name": name, "supported_triggers": [{"id": "post-login", "version": "v3"}], "deploy": True}
        answer = client.api.post("/api/v2/actions/actions", json=body)
        answers.append(answer.json())
        return answer

    with client_of(process) as tenant:
        storm(process, [Writer(tenant, create) for _ in range(WRITERS)], 10)
    with client_of(fresh_tenant()) as tenant:
        for created in answers:
            action = tenant.built(created["id"])
            assert action["name"] == created["name"]
            assert action["deployed_version"]["id"] == created["deployed_version"]["id"]
            assert action["deployed_version"]["status"] == "built"
        listed = expect(tenant.api.get("/api/v2/actions/actions", params={"per_page": 100}), 200)
        assert len(answers) <= listed["total"] <= len(answers) + WRITERS


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_interrupted_build_is_finished_after_the_next_start(
    fresh_tenant: StartTenant, number: signal.Signals
) -> None:
    process = fresh_tenant()
    with client_of(process) as tenant:
        tenant.inject("slow_build", times=2, seconds=600)
        draft_id = tenant.create_action("draft")["id"]
        deployed_id = tenant.create_action("deployed", deploy=True)["id"]
        for action_id in (draft_id, deployed_id):
            wait_until(lambda: tenant.action(action_id), lambda now: now["status"] == "building")  # noqa: B023
    assert process.end(number) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    with client_of(fresh_tenant()) as tenant:
        assert "deployed_version" not in tenant.built(draft_id)
        assert tenant.built(deployed_id)["deployed_version"]["status"] == "built"


def test_everything_survives_a_restart(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant(port=spare_port())
    with client_of(process) as tenant:
        body = {"name": "shared", "code": "", "secrets": [{"name": "A", "value": "1"}], "publish": True}
        module = expect(tenant.api.post("/api/v2/actions/modules", json=body), 201)
        used = {"module_id": module["id"], "module_version_id": module["latest_version"]["id"]}
        action = tenant.deploy_action(secrets={"KEY": "x"}, modules=[used])
        flow = tenant.bind("post-login", [action["id"]])
        tenant.advance_clock(86_400)
        token = tenant.token()
    ready = process.ready
    process.kill()
    process = fresh_tenant(port=process.port)
    assert {**process.ready, "pid": 0} == {**ready, "pid": 0}
    with client_of(process) as tenant:
        tenant.api.headers["Authorization"] = f"Bearer {token}"
        assert expect(tenant.api.get("/_local/clock"), 200)["offset_seconds"] == 86_400
        assert tenant.action(action["id"]) == action
        assert tenant.flow("post-login") == flow
        path = f"/api/v2/actions/modules/{module['id']}"
        assert expect(tenant.api.get(path), 200) == {**module, "actions_using_module_total": 1}
        changed = tenant.change_action(action["id"], secrets=[{"name": "KEY", "value": "x"}])
        assert changed["all_changes_deployed"] is True

"""Password logins over https: their rate with and without Actions, the time to start, and growth.

Memory and disk are compared before and after 100,000 logins; the variable BENCH_LOGINS sets another number.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from local_tenant.testing import TenantClient, TenantProcess

from tools.benchmarks import login_flow
from tools.benchmarks.load import rate, request
from tools.benchmarks.rows import Row, Say, in_turns, ratio_of_rates

ROUNDS = 3
SECONDS = 5.0
CONNECTIONS = 16
USERS = 200
STARTS = 3

# Old log entries and traces are deleted, so that only users may add to this.
MOST_GROWTH_MB = 8.0


def run(say: Say) -> list[Row]:
    """Measure rates in turns on one server, then growth by many more logins."""
    say(f"{STARTS} starts")
    ready = statistics.median(_seconds_to_ready() for _ in range(STARTS))
    with (
        tempfile.TemporaryDirectory() as folder,
        TenantProcess(Path(folder) / "data") as process,
        TenantClient(process.ready) as tenant,
    ):
        flows = {"with": _deploy(tenant), "without": []}
        messages = _logins(tenant)
        say(f"{USERS} users, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:g} s each")
        with_actions, without = in_turns(ROUNDS, *(partial(_rate, tenant, flow, messages) for flow in flows.values()))
        durations = _action_durations(tenant)
        growth = _growth(say, tenant, flows["with"], messages)
    return [
        ratio_of_rates("password logins with both Actions / without any", with_actions, without, at_least=0.5),
        Row(
            "password logins with both Actions",
            f"{with_actions:,.0f}/s",
            f"{os.cpu_count()} cores, load generator included",
            "at least 500/s",
            with_actions >= 500,  # noqa: PLR2004 - the aim
        ),
        Row(
            "one Action's time in its worker",
            f"{durations:.3f} ms",
            "median of the newest logins",
            "below 1 ms",
            durations < 1,
        ),
        Row(
            "from start to ready",
            f"{ready:.2f} s",
            f"median of {STARTS}, empty folder",
            "below 1.5 s",
            ready < 1.5,  # noqa: PLR2004
        ),
        growth,
    ]


def _seconds_to_ready() -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with TenantProcess(Path(folder) / "data"):
            return time.perf_counter() - started


def _deploy(tenant: TenantClient) -> list[str]:
    """Deploy the Actions of the post-login flow: their ids, in their order."""
    return [
        str(tenant.deploy_action(name, code=login_flow.code(name), secrets=secrets)["id"])
        for name, secrets in login_flow.SECRETS.items()
    ]


def _logins(tenant: TenantClient) -> list[str]:
    """Requests of users whom no Action challenges."""
    users = [tenant.sign_up(f"user-{number}@example.com") for number in range(USERS)]
    return [
        request(
            "POST",
            "/oauth/token",
            form={
                "grant_type": "password",
                "username": user.email,
                "password": user.password,
                "scope": "openid profile email",
                **user.application,
            },
        )
        for user in users
    ]


def _rate(tenant: TenantClient, flow: list[str], messages: list[str]) -> float:
    tenant.bind("post-login", flow)
    return rate(tenant.ready, *messages, seconds=SECONDS, connections=CONNECTIONS)


def _action_durations(tenant: TenantClient) -> float:
    """The median, in milliseconds."""
    traces = tenant.traces(limit=500)
    return float(statistics.median(action["duration_ms"] for trace in traces for action in trace["actions"]))


def _growth(say: Say, tenant: TenantClient, flow: list[str], messages: list[str]) -> Row:
    """Memory and disk by many logins, once the store has begun to delete old log entries."""
    tenant.bind("post-login", flow)
    count = int(os.environ.get("BENCH_LOGINS", "100000"))
    rate(tenant.ready, *messages, count=3_000, connections=CONNECTIONS)
    memory, disk = _resident_mb(tenant.ready["pid"]), _disk_mb(tenant.data)
    say(f"{count:,} more logins, for growth")
    rate(tenant.ready, *messages, count=count, connections=CONNECTIONS)
    more_memory = _resident_mb(tenant.ready["pid"]) - memory
    more_disk = _disk_mb(tenant.data) - disk
    return Row(
        f"growth by {count:,} logins",
        f"{more_memory:+.1f} MB, {more_disk:+.1f} MB",
        f"memory from {memory:.0f} MB, disk from {disk:.1f} MB",
        f"at most {MOST_GROWTH_MB:g} MB each",
        max(more_memory, more_disk) <= MOST_GROWTH_MB,
    )


def _resident_mb(pid: int) -> float:
    """Memory of the server and of its child processes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_resident_kb(process) for process in [pid, *map(int, children)]) / 1_024


def _resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def _disk_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6

"""Password logins over https: with the project's Actions and without, how soon, and whether anything grows.

`python -m benchmarks logins` sends 100,000 logins to see whether memory and disk grow; BENCH_LOGINS sets another count.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from local_tenant.testing import TenantClient, TenantProcess, expect

from tools.benchmarks.load import rate
from tools.benchmarks.rows import Row, Say, in_turns, ratio_of_rates

ROUNDS = 3
SECONDS = 5.0
CONNECTIONS = 16
PEOPLE = 200
STARTS = 3

# As deployed for production, with names of their own.
SECRETS = {
    "TEST_TENANT": "another-tenant",
    "INTEGRATION_TEST_DOMAIN": "integration-test.example",
    "FORCE_MFA_DOMAIN": "forcemfa.example",
}
ACTIONS = {"add_ip_to_metadata": None, "mfa_action": SECRETS}
PASSWORD = "Correct-horse-7-battery"  # noqa: S105 - of people who do not exist

# What the store keeps at most besides its users; more than this is growth.
MOST_GROWTH_MB = 8.0


def run(say: Say) -> list[Row]:
    """Rates by rounds in turns on one server; then many more logins, and what they left."""
    say(f"{STARTS} starts")
    ready = statistics.median(_seconds_to_ready() for _ in range(STARTS))
    with tempfile.TemporaryDirectory() as folder, TenantProcess(Path(folder) / "data") as process:
        tenant = TenantClient(process.ready)
        flows = {"with": _deploy(tenant), "without": []}
        messages = _logins(tenant)
        say(f"{PEOPLE} people, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:g} s each")
        with_actions, without = in_turns(
            ROUNDS,
            *(partial(_rate, tenant, flow, messages) for flow in flows.values()),
        )
        durations = _action_durations(tenant)
        growth = _growth(say, tenant, flows["with"], messages)
        tenant.close()
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
    """The Actions of the post-login flow, in their order: their ids."""
    root = Path(__file__).parents[2]
    return [
        str(tenant.deploy_action(name, code=(root / "actions" / f"{name}.js").read_text(), secrets=secrets)["id"])
        for name, secrets in ACTIONS.items()
    ]


def _logins(tenant: TenantClient) -> list[str]:
    """Requests of people whom no Action holds back: nothing requires MFA of them."""
    messages = []
    for number in range(PEOPLE):
        email = f"person-{number}@example.com"
        body = {"connection": "Username-Password-Authentication", "email": email, "password": PASSWORD}
        expect(tenant.api.post("/api/v2/users", json=body), 201)
        form = urlencode(
            {
                "grant_type": "password",
                "username": email,
                "password": PASSWORD,
                "scope": "openid profile email",
                **tenant.ready["application"],
            },
        )
        lines = [
            "POST /oauth/token HTTP/1.1",
            "Host: localhost",
            "User-Agent: benchmark",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(form)}",
        ]
        messages.append("\r\n".join([*lines, "", form]))
    return messages


def _rate(tenant: TenantClient, flow: list[str], messages: list[str]) -> float:
    tenant.bind("post-login", flow)
    return rate(tenant.ready, *messages, seconds=SECONDS, connections=CONNECTIONS)


def _action_durations(tenant: TenantClient) -> float:
    """Milliseconds."""
    traces = expect(tenant.api.get("/_local/traces", params={"limit": 500}), 200)["traces"]
    return float(statistics.median(action["duration_ms"] for trace in traces for action in trace["actions"]))


def _growth(say: Say, tenant: TenantClient, flow: list[str], messages: list[str]) -> Row:
    """Memory and disk, once what the store keeps is full and again after many more logins."""
    tenant.bind("post-login", flow)
    count = int(os.environ.get("BENCH_LOGINS", "100000"))
    rate(tenant.ready, *messages, count=3_000, connections=CONNECTIONS)
    memory, disk = _resident_mb(tenant.ready["pid"]), _disk_mb(tenant.data)
    say(f"{count:,} more logins, to see what they leave")
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
    """Of the server and the processes that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_resident_kb(process) for process in [pid, *map(int, children)]) / 1_024


def _resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def _disk_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6

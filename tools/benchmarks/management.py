"""The rate of the Management API, compared with the health route, which does nothing."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path

from local_tenant.testing import TenantClient, TenantProcess

from tools.benchmarks.load import rate, request
from tools.benchmarks.rows import Row, Say, in_turns, ratio_of_rates

ROUNDS = 5
SECONDS = 1.0


def run(say: Say) -> list[Row]:
    """Requests per second over https, one at a time on each of a few connections."""
    with (
        tempfile.TemporaryDirectory() as folder,
        TenantProcess(Path(folder) / "data") as process,
        TenantClient(process.ready) as tenant,
    ):
        action = tenant.deploy_action()
        tenant.bind("post-login", [action["id"]])
        token = tenant.token()
        flow = json.dumps({"bindings": [{"ref": {"type": "action_id", "value": action["id"]}}]})
        bindings = "/api/v2/actions/triggers/post-login/bindings"
        requests = {
            "health": request("GET", "/_local/health"),
            "GET of an Action": request("GET", f"/api/v2/actions/actions/{action['id']}", token=token),
            "GET of a flow": request("GET", bindings, token=token),
            "PATCH of a flow, a durable write": request("PATCH", bindings, token=token, body=flow),
        }
        say(f"{len(requests)} requests in turns, {ROUNDS} rounds of {SECONDS:g} s each")
        rates = in_turns(
            ROUNDS, *(partial(rate, tenant.ready, message, seconds=SECONDS) for message in requests.values())
        )
    health, *others = rates
    return [
        ratio_of_rates(f"{name} / health route", measured, health)
        for name, measured in zip(list(requests)[1:], others, strict=True)
    ]

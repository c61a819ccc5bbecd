"""kill -9 of the Node worker under load: its logins fail closed, and everything else goes on."""

import os
import signal
import sys
from contextlib import suppress

import pytest
from local_tenant.testing import Json, TenantClient, expect
from local_tenant.testing.process import StartTenant
from proof.crowd import Member, bind_flows, busy, new_crowd, wait_for
from proof.processes import children

CROWD = 6
FAILURES = 5
MOST_KILLS = 200

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")


def slipped_past(crowd: list[Member]) -> list[Member]:
    """Members who passed unchallenged with a login other than their first; a failed login counts as one."""
    return [member for member in crowd if any(number > 1 for number in member.unchallenged)]


@pytest.mark.timeout(180)
def test_logins_in_a_killed_worker_fail_closed_and_the_others_go_on(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    application: Json = {**process.ready["application"]}
    crowd = new_crowd(CROWD, 0)
    with TenantClient(process.ready) as tenant:
        bind_flows(tenant)
        first = children(process.pid)
        with busy(process, crowd, logins=CROWD):
            for _ in range(MOST_KILLS):
                if sum(member.failed for member in crowd) >= FAILURES or slipped_past(crowd):
                    break
                total = sum(member.logins for member in crowd)
                wait_for(lambda: sum(member.logins for member in crowd) > total + CROWD, lambda: False)  # noqa: B023
                for worker in children(process.pid):
                    with suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
        assert slipped_past(crowd) == []
        assert sum(member.failed for member in crowd) >= FAILURES
        assert process.running
        assert not set(first) & set(children(process.pid))

        traces = tenant.traces(limit=1000)
        outcomes = {(trace["status"], trace["outcome"]["answer"]) for trace in traces}
        assert {answer for status, answer in outcomes if status == "failed"} <= {"access_denied", "extensibility_error"}
        assert {answer for status, answer in outcomes if status == "completed"} <= {"user", "tokens", "mfa_required"}
        for member in [member for member in crowd if member.logins]:
            user = expect(tenant.api.get(f"/api/v2/users/{member.user_id}"), 200)
            assert user["app_metadata"] == {"must_prove": True}
            # Every login was answered, so that every one is counted; those that failed have written nothing.
            assert user["logins_count"] == member.logins
            metadata = user["user_metadata"]
            assert metadata.get("noted", 0) == metadata.get("decided", 0) == member.noted
            assert member.log_in(tenant.http, application)["error"] == "mfa_required"

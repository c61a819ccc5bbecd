"""kill -9 of the server under load: what was answered is stored, and no login passes without its challenge."""

import sys
import threading

import httpx
import pytest
from local_tenant.testing import PASSWORD, Json, TenantClient, wait_until
from local_tenant.testing.process import StartTenant, spare_port
from proof.crowd import Member, bind_flows, busy, new_crowd
from proof.processes import children, ended, handles

KILLS = 5
NEWCOMERS = 4
ENOUGH = 8

# What an Action could do, by accident or not, so that the end of its server is not noticed.
ESCAPES = (
    "for (const name of ['SIGIO', 'SIGPIPE', 'SIGHUP', 'SIGTERM']) { try { process.on(name, () => {}); } catch {} }",
    "process.stdin.destroy(); try { require('fs').closeSync(0); } catch {}",
)


def assert_kept(tenant: TenantClient, member: Member, application: Json) -> None:
    """Check that all answered requests are stored, and that a user who has logged in is challenged."""
    users = tenant.api.get("/api/v2/users-by-email", params={"email": member.email}).json()
    if not member.user_id:
        # The sign-up was cut off before its response: stored as a whole, or not at all.
        assert all(user["app_metadata"] == {"must_prove": True} for user in users)
        return
    (user,) = users
    assert member.user_id in (user["user_id"], member.email)
    assert user["app_metadata"] == {"must_prove": True}
    metadata, counted = user["user_metadata"], user.get("logins_count", 0)
    assert metadata["nick"] == member.email
    # For each kill, one more may be stored whose response was lost.
    assert member.logins <= counted <= member.logins + KILLS
    if counted:
        # The writes of both Actions and the count are stored together or not at all.
        assert user["last_ip"] == metadata["last_ip"] == member.ip
        assert metadata["noted"] == metadata["decided"] == counted
    assert len(member.unchallenged) <= 1
    if member.secret:
        assert user["multifactor"] == ["guardian"]
    for token in member.refresh_tokens:
        # The token is known; from the second login on, a refresh is challenged as a login is.
        answer = member.refresh(tenant.http, application, token)
        assert answer.get("error") == (None if counted == 1 else "mfa_required"), answer
    if counted:
        again = Member(member.email, member.ip, user["user_id"])
        assert again.log_in(tenant.http, application)["error"] == "mfa_required"
        member.logins += 1


@pytest.mark.timeout(180)
def test_a_killed_server_keeps_what_it_answered_and_challenges_as_before(fresh_tenant: StartTenant) -> None:
    port = spare_port()
    process = fresh_tenant(port=port)
    application: Json = {**process.ready["application"]}
    with TenantClient(process.ready) as tenant:
        bind_flows(tenant)
    crowd: list[Member] = []
    for kill in range(KILLS):
        newcomers = new_crowd(NEWCOMERS, kill)
        crowd += newcomers
        with busy(process, [*crowd[-2 * NEWCOMERS :]], logins=ENOUGH):
            process.kill()
        process = fresh_tenant(port=port)
        with TenantClient(process.ready) as tenant:
            for member in newcomers:
                assert_kept(tenant, member, application)
    with TenantClient(process.ready) as tenant:
        for member in crowd:
            assert_kept(tenant, member, application)
    assert any(member.unchallenged for member in crowd)
    assert any(member.secret for member in crowd)


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")


@on_linux
def test_killed_it_leaves_no_worker_behind(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    with handles(children(process.pid)) as workers:
        assert len(workers) == 1
        process.kill()
        assert ended(workers[0])


@on_linux
@pytest.mark.parametrize("before", ["", *ESCAPES], ids=["looping", "handling signals", "closing stdin"])
def test_killed_it_leaves_no_worker_behind_that_an_action_blocks(fresh_tenant: StartTenant, before: str) -> None:
    process = fresh_tenant()
    with TenantClient(process.ready) as tenant:
        person = tenant.sign_up()
        loops = f"exports.onExecutePostLogin = async () => {{ {before} for (;;); }};"
        tenant.bind("post-login", [tenant.deploy_action("loops", code=loops)["id"]])
    grant = {"grant_type": "password", "username": person.email, "password": PASSWORD}
    body = {**process.ready["application"], **grant}

    def log_in() -> None:
        with process.client() as client, pytest.raises(httpx.TransportError):
            client.post("/oauth/token", json=body)

    logins = [threading.Thread(target=log_in) for _ in range(2)]
    for login in logins:
        login.start()
    # A second worker starts once the first is blocked.
    wait_until(lambda: {"workers": len(children(process.pid))}, lambda state: state["workers"] == 2)
    with handles(children(process.pid)) as workers:
        process.kill()
        for login in logins:
            login.join()
        assert [ended(worker) for worker in workers] == [True, True]

from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import Any

import httpx
from local_tenant.testing import TenantClient, expect

KEEPS_COUNT = (
    "exports.onExecutePostLogin = async (event, api) => "
    '{ api.user.setUserMetadata("count", event.stats.logins_count); };'
)


def test_no_answered_login_is_lost_when_the_server_is_killed(fresh_tenant: Any) -> None:  # noqa: ANN401 - a fixture
    process = fresh_tenant()
    tenant = TenantClient(process.ready)
    person = tenant.sign_up()
    tenant.bind_action(KEEPS_COUNT)
    tokens = []
    answers = Semaphore(0)

    def log_in_for_ever() -> None:
        while True:
            try:
                tokens.append(expect(person.log_in(scope="openid offline_access"), 200)["refresh_token"])
            except httpx.HTTPError:
                return
            answers.release()

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(log_in_for_ever)
        for _ in range(40):
            answers.acquire()
        process.kill()
    tenant.close()

    again = TenantClient(fresh_tenant().ready)
    person.tenant = again
    profile = person.profile()
    # A login that was kept and not answered counts too: at most one for each of the four that were under way.
    assert len(tokens) <= profile["logins_count"] <= len(tokens) + 4
    # A login counts the others under way before they are kept, so the last one kept may be up to three ahead.
    assert profile["user_metadata"]["count"] <= profile["logins_count"] + 3
    for token in tokens[-4:]:
        expect(person.token(grant_type="refresh_token", refresh_token=token), 200)
    again.close()


def test_users_actions_and_tokens_survive_a_restart(
    fresh_tenant: Any,  # noqa: ANN401 - a fixture
) -> None:
    process = fresh_tenant()
    tenant = TenantClient(process.ready)
    person = tenant.sign_up()
    tenant.bind_action(KEEPS_COUNT)
    token = expect(person.log_in(scope="offline_access"), 200)["refresh_token"]
    tenant.close()
    assert process.end() == 0

    again = TenantClient(fresh_tenant().ready)
    person.tenant = again
    expect(person.log_in(), 200)
    assert person.profile()["user_metadata"] == {"count": 2}
    expect(person.token(grant_type="refresh_token", refresh_token=token), 200)
    again.close()

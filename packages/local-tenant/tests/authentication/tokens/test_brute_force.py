from concurrent.futures import ThreadPoolExecutor

import httpx
from local_tenant.testing import PASSWORD, Person, TenantClient, expect, expect_error

DAY = 86_400


def attempt(person: Person, password: str, *, email: str | None = None, ip: str = "203.0.113.7") -> httpx.Response:
    body = {"grant_type": "password", "username": email or person.email, "password": password, **person.application}
    return person.tenant.http.post("/oauth/token", json=body, headers={"auth0-forwarded-for": ip})


def fail(person: Person, times: int, **where: str) -> None:
    for _ in range(times):
        expect_error(attempt(person, "Wrong-7-password", **where), 403, "invalid_grant")


def test_ten_wrong_passwords_block_the_user_for_that_ip(tenant: TenantClient, ada: Person) -> None:
    fail(ada, 10)
    expect_error(attempt(ada, PASSWORD), 429, "too_many_attempts")
    assert tenant.log_types() == ["ss", *["fp"] * 10, "limit_wc"]
    expect(attempt(ada, PASSWORD, ip="203.0.113.8"), 200)


def test_a_right_password_in_between_starts_the_count_again(ada: Person) -> None:
    for _ in range(2):
        fail(ada, 9)
        expect(attempt(ada, PASSWORD), 200)


def test_an_email_of_no_user_is_blocked_in_the_same_way(ada: Person) -> None:
    fail(ada, 10, email="eve@example.com")
    expect_error(attempt(ada, PASSWORD, email="eve@example.com"), 429, "too_many_attempts")
    expect(attempt(ada, PASSWORD), 200)


def test_the_case_of_the_email_makes_no_difference(ada: Person) -> None:
    fail(ada, 5)
    fail(ada, 5, email=ada.email.upper())
    expect_error(attempt(ada, PASSWORD), 429, "too_many_attempts")


def test_a_block_ends_after_thirty_days(tenant: TenantClient, ada: Person) -> None:
    fail(ada, 10)
    tenant.advance_clock(29 * DAY)
    expect_error(attempt(ada, PASSWORD), 429, "too_many_attempts")
    tenant.advance_clock(2 * DAY)
    expect(attempt(ada, PASSWORD), 200)


def test_a_new_password_ends_the_block(tenant: TenantClient, ada: Person) -> None:
    fail(ada, 10)
    tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"password": "Another-7-password"})
    expect(attempt(ada, "Another-7-password"), 200)


def test_the_management_api_shows_and_ends_blocks(tenant: TenantClient, ada: Person) -> None:
    path = f"/api/v2/user-blocks/{ada.user_id}"
    assert expect(tenant.api.get(path), 200) == {"blocked_for": []}
    fail(ada, 10)
    blocked = {"blocked_for": [{"identifier": ada.email, "ip": "203.0.113.7"}]}
    assert expect(tenant.api.get(path), 200) == blocked
    assert expect(tenant.api.get("/api/v2/user-blocks", params={"identifier": ada.email}), 200) == blocked
    assert tenant.api.delete(path).status_code == 204
    expect(attempt(ada, PASSWORD), 200)


def test_of_many_concurrent_attempts_only_ten_check_the_password(ada: Person) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: attempt(ada, "Wrong-7-password"), range(40)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(403) == 10
    assert statuses.count(429) == 30


def test_it_can_be_switched_off(rotating_tenant: TenantClient) -> None:
    person = rotating_tenant.sign_up()
    fail(person, 12)
    expect(attempt(person, PASSWORD), 200)

import httpx
import pytest
from local_tenant.management.errors import ApiError
from local_tenant.management.search import read_search
from local_tenant.testing import PASSWORD, Json, TenantClient, expect

USERS = "/api/v2/users"
PEOPLE = ("ada", "bob", "cleo")


@pytest.fixture
def people(tenant: TenantClient) -> TenantClient:
    """Three users: ada (gold), bob (gold, blocked), cleo."""
    for name in PEOPLE:
        body: Json = {
            "connection": "Username-Password-Authentication",
            "email": f"{name}@example.com",
            "password": PASSWORD,
            "name": name.title(),
            "blocked": name == "bob",
        }
        if name != "cleo":
            body["app_metadata"] = {"plan": {"name": "Gold"}, "tags": ["a", name]}
        expect(tenant.api.post(USERS, json=body), 201)
    return tenant


def search(tenant: TenantClient, q: str) -> list[str]:
    answer = tenant.api.get(USERS, params={"q": q, "search_engine": "v3"})
    assert answer.status_code == 200, answer.text
    return [user["email"].partition("@")[0] for user in answer.json()]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ('email:"ada@example.com"', ["ada"]),
        ('email:"ADA@example.com"', ["ada"]),
        ("email:nobody@example.com", []),
        ("email:a*", ["ada"]),
        ("name:bob", ["bob"]),
        ("blocked:true", ["bob"]),
        ("email_verified:false", ["ada", "bob", "cleo"]),
        ('app_metadata.plan.name:"gold"', ["ada", "bob"]),
        ("app_metadata.tags:bob", ["bob"]),
        ("app_metadata.plan.name:gold AND blocked:true", ["bob"]),
        ('email:"ada@example.com" AND blocked:true', []),
        ("_exists_:app_metadata.plan", ["ada", "bob"]),
        ("_exists_:last_login", []),
        ('identities.connection:"Username-Password-Authentication"', ["ada", "bob", "cleo"]),
        ("  ", ["ada", "bob", "cleo"]),
    ],
)
def test_a_search_finds_the_matching_users(people: TenantClient, q: str, names: list[str]) -> None:
    assert search(people, q) == names


@pytest.mark.parametrize(
    "q",
    [
        "ada",
        "email:a OR email:b",
        "NOT blocked:true",
        "(blocked:true)",
        "logins_count:[1 TO 3]",
        "email:a*b*",
        "name:/a/",
        "name:ada~",
        'email:"ada',
        "shoe_size:4",
        "email:",
    ],
)
def test_an_unsupported_query_is_refused_and_never_guessed(people: TenantClient, q: str) -> None:
    answer = expect(people.api.get(USERS, params={"q": q}), 400)
    assert answer["errorCode"] == "invalid_query_string"


def test_quoted_values_can_hold_anything() -> None:
    search = read_search(r'name:"O\"Neill AND (x)"', lambda _: True)
    assert search.fits({"name": 'o"neill and (x)'})
    with pytest.raises(ApiError):
        read_search('name:"a" name:"b"', lambda _: True)


def test_pages_and_totals(people: TenantClient) -> None:
    def page(**parameters: str) -> httpx.Response:
        return people.api.get(USERS, params={"per_page": "2", **parameters})

    assert [user["name"] for user in page().json()] == ["Ada", "Bob"]
    second = expect(page(page="1", include_totals="true"), 200)
    assert [user["name"] for user in second.pop("users")] == ["Cleo"]
    assert second == {"start": 2, "limit": 2, "length": 1, "total": 3}
    assert page(page="7").json() == []
    assert [user["name"] for user in page(sort="created_at:-1").json()] == ["Cleo", "Bob"]
    searched = expect(page(q="email_verified:false", include_totals="true", per_page="1"), 200)
    assert (searched["total"], searched["length"]) == (3, 1)


@pytest.mark.parametrize("parameters", [{"per_page": "101"}, {"page": "10", "per_page": "100"}, {"sort": "name:1"}])
def test_invalid_pages_are_refused(people: TenantClient, parameters: dict[str, str]) -> None:
    assert people.api.get(USERS, params=parameters).status_code == 400


def test_fields_choose_the_keys_that_are_returned(people: TenantClient) -> None:
    rows = people.api.get(USERS, params={"fields": "email,name", "per_page": "1"}).json()
    assert rows == [{"email": "ada@example.com", "name": "Ada"}]
    without = people.api.get(USERS, params={"fields": "email,name", "include_fields": "false", "per_page": "1"}).json()
    assert not {"email", "name"} & set(without[0])
    assert "user_id" in without[0]


def test_by_email_compares_in_lower_case(people: TenantClient) -> None:
    def by_email(email: str) -> list[str]:
        answer = people.api.get("/api/v2/users-by-email", params={"email": email, "fields": "email"})
        return [user["email"] for user in answer.json()]

    assert by_email("ada@example.com") == ["ada@example.com"]
    assert by_email("Ada@example.com") == []
    assert people.api.get("/api/v2/users-by-email").status_code == 400


def test_a_consumer_finds_the_last_ip(tenant: TenantClient) -> None:
    code = (
        'exports.onExecutePostLogin = async (event, api) => { api.user.setUserMetadata("last_ip", event.request.ip); };'
    )
    action = tenant.deploy_action(code=code)
    tenant.bind("post-login", [action["id"]])
    person = tenant.sign_up()
    expect(person.log_in(), 200)
    (user,) = tenant.api.get("/api/v2/users-by-email", params={"email": person.email}).json()
    assert user["user_metadata"]["last_ip"] == user["last_ip"] == "127.0.0.1"
    assert user["logins_count"] == 1

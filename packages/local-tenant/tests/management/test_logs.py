import httpx
import pytest
from local_tenant.store.logs import KEPT
from local_tenant.store.pruning import STRIDE
from local_tenant.testing import Json, Person, TenantClient, expect

LOGS = "/api/v2/logs"


@pytest.fixture
def ada(ada: Person) -> Person:
    """A user who failed to log in once and then logged in."""
    ada.token(grant_type="password", username=ada.email, password="Wrong-7-password")
    expect(ada.log_in(), 200)
    return ada


def types(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["type"] for entry in answer.json()]


def test_the_newest_comes_first_unless_asked_otherwise(tenant: TenantClient, ada: Person) -> None:
    assert types(tenant.api.get(LOGS)) == ["sepft", "s", "fp", "ss"]
    assert types(tenant.api.get(LOGS, params={"sort": "date:1"})) == ["ss", "fp", "s", "sepft"]
    assert ada.email in tenant.api.get(LOGS).text


def test_an_entry_has_user_client_type_and_address(tenant: TenantClient, ada: Person) -> None:
    entry = tenant.api.get(LOGS, params={"q": "type:fp"}).json()[0]
    assert entry == {
        "_id": entry["log_id"],
        "log_id": entry["log_id"],
        "date": entry["date"],
        "type": "fp",
        "description": "Wrong email or password.",
        "tenant_name": "local-tenant",
        "ip": "127.0.0.1",
        "user_agent": entry["user_agent"],
        "hostname": "localhost",
        "client_id": tenant.ready["application"]["client_id"],
        "client_name": "Application",
        "user_id": ada.user_id,
        "user_name": ada.email,
        "connection": "Username-Password-Authentication",
        "connection_id": entry["connection_id"],
        "strategy": "auth0",
        "strategy_type": "database",
    }
    assert expect(tenant.api.get(f"{LOGS}/{entry['log_id']}"), 200) == entry
    assert tenant.api.get(f"{LOGS}/900").status_code == 404


@pytest.mark.usefixtures("ada")
def test_pages_totals_fields_and_search(tenant: TenantClient) -> None:
    second = expect(tenant.api.get(LOGS, params={"per_page": 3, "page": 1, "include_totals": "true"}), 200)
    assert (second["start"], second["limit"], second["length"], second["total"]) == (3, 3, 1, 4)
    assert [entry["type"] for entry in second["logs"]] == ["ss"]
    assert tenant.api.get(LOGS, params={"fields": "type", "q": "type:ss"}).json() == [{"type": "ss"}]
    assert types(tenant.api.get(LOGS, params={"q": 'user_name:"ada@example.com" AND type:s'})) == ["s"]
    assert tenant.api.get(LOGS, params={"q": "weather:fine"}).status_code == 400


def test_a_checkpoint_returns_the_entries_after_it(tenant: TenantClient, ada: Person) -> None:
    first = tenant.api.get(LOGS, params={"take": 1}).json()[0]
    assert first["type"] == "ss"
    after = tenant.api.get(LOGS, params={"from": first["log_id"], "take": 2})
    assert types(after) == ["fp", "s"]
    last = tenant.api.get(LOGS, params={"from": after.json()[-1]["log_id"]}).json()[-1]
    assert tenant.api.get(LOGS, params={"from": last["log_id"]}).json() == []
    expect(ada.log_in(), 200)
    assert types(tenant.api.get(LOGS, params={"from": last["log_id"]})) == ["s", "sepft"]
    assert tenant.api.get(LOGS, params={"from": "900"}).status_code == 400
    assert tenant.api.get(LOGS, params={"take": 101}).status_code == 400
    assert tenant.api.get(LOGS, params={"take": "9" * 5_000}).status_code == 400


def test_ids_grow_and_are_never_equal(tenant: TenantClient, ada: Person) -> None:
    for _ in range(20):
        expect(ada.log_in(), 200)
    ids = [entry["log_id"] for entry in tenant.api.get(LOGS, params={"per_page": 100, "sort": "date:1"}).json()]
    assert ids == sorted(set(ids))


def test_the_entries_of_one_user(tenant: TenantClient, ada: Person) -> None:
    other = tenant.sign_up("eve@example.com")
    assert types(tenant.api.get(f"/api/v2/users/{other.user_id}/logs")) == ["ss"]
    assert types(tenant.api.get(f"/api/v2/users/{ada.user_id}/logs")) == ["sepft", "s", "fp", "ss"]
    assert tenant.api.get("/api/v2/users/auth0|nobody/logs").status_code == 404


@pytest.mark.timeout(180)
def test_only_about_the_newest_thousand_entries_and_executions_are_kept(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    tenant.bind("post-login", [action["id"]])
    person = tenant.sign_up()
    most = KEPT + STRIDE
    for _ in range(most + 40):
        expect(person.log_in(scope="profile"), 200)
    total = expect(tenant.api.get(LOGS, params={"include_totals": "true"}), 200)["total"]
    assert KEPT <= total <= most
    traces: list[Json] = tenant.traces(limit=KEPT)
    assert len(traces) == KEPT
    oldest = tenant.api.get(LOGS, params={"take": 1}).json()[0]
    assert oldest["type"] in ("s", "sepft")


def test_a_reset_empties_everything(tenant: TenantClient, ada: Person) -> None:
    expect(ada.log_in(scope="offline_access"), 200)
    tenant.reset()
    assert tenant.api.get(LOGS).json() == []
    assert tenant.api.get("/api/v2/users").json() == []
    assert tenant.traces() == []
    assert ada.log_in().status_code == 403

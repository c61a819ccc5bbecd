"""Pages and filters; zeroes are left out of a page, and an empty page never has a total."""

from typing import Any

import pytest
from local_tenant.testing import Json, TenantClient, expect

ACTIONS = "/api/v2/actions/actions"


def listed(tenant: TenantClient, path: str = ACTIONS, **query: Any) -> Json:  # noqa: ANN401 - strings and numbers
    return expect(tenant.api.get(path, params=query), 200)


def test_an_empty_tenant_answers_no_total_and_no_page(tenant: TenantClient) -> None:
    assert listed(tenant, per_page=100) == {"actions": [], "per_page": 100}
    assert listed(tenant) == {"actions": [], "per_page": 20}
    assert listed(tenant, page=3, per_page=5) == {"actions": [], "page": 3, "per_page": 5}


def test_the_first_page_has_a_total_and_no_page_number(tenant: TenantClient) -> None:
    created = [tenant.create_action(f"action_{number}")["id"] for number in range(3)]
    page = listed(tenant, page=0, per_page=2)
    assert set(page) == {"actions", "total", "per_page"}
    assert page["total"] == 3
    assert page["per_page"] == 2
    assert [action["id"] for action in page["actions"]] == created[:2]


def test_a_later_page_echoes_its_number(tenant: TenantClient) -> None:
    created = [tenant.create_action(f"action_{number}")["id"] for number in range(3)]
    page = listed(tenant, page=1, per_page=2)
    assert {key: page[key] for key in ("page", "total", "per_page")} == {"page": 1, "total": 3, "per_page": 2}
    assert [action["id"] for action in page["actions"]] == created[2:]


def test_a_page_after_the_last_has_no_total(tenant: TenantClient) -> None:
    """The Auth0 provider would page for ever if it had: it tests `total > start + limit`, and neither is ever sent."""
    tenant.create_action()
    assert listed(tenant, page=1, per_page=100) == {"actions": [], "page": 1, "per_page": 100}


def test_the_paging_of_the_provider_ends(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    tenant.bind("post-login", [action["id"]])
    for path, key in ((ACTIONS, "actions"), ("/api/v2/actions/triggers/post-login/bindings", "bindings")):
        pages = 0
        while True:
            page = listed(tenant, path, page=pages, per_page=100)
            pages += 1
            if not page.get("total", 0) > page.get("start", 0) + page.get("limit", 0):
                break
        assert pages == 2, key


@pytest.mark.parametrize("path", [f"{ACTIONS}/{{id}}/versions", "/api/v2/actions/triggers/post-login/bindings"])
def test_versions_and_bindings_have_the_same_pages(tenant: TenantClient, path: str) -> None:
    action = tenant.deploy_action()
    tenant.deploy(action["id"])
    tenant.deploy(action["id"])
    tenant.bind("post-login", [action["id"], action["id"], action["id"]])
    path = path.format(id=action["id"])
    key = path.rpartition("/")[2]
    whole = listed(tenant, path)[key]
    assert listed(tenant, path, per_page=2) == {key: whole[:2], "total": 3, "per_page": 2}
    assert listed(tenant, path, page=1, per_page=2) == {key: whole[2:], "total": 3, "page": 1, "per_page": 2}
    assert listed(tenant, path, page=2, per_page=2) == {key: [], "page": 2, "per_page": 2}


@pytest.mark.parametrize("value", ["0", "101", "-1", "x", "", "1.5", "9999999999", "٣"])
def test_a_page_size_out_of_range_is_refused(tenant: TenantClient, value: str) -> None:
    answer = expect(tenant.api.get(ACTIONS, params={"per_page": value}), 400)
    assert answer["errorCode"] == "invalid_query_string"
    assert answer["message"].startswith("Query validation error: '")
    assert answer["message"].endswith("' on property per_page.")


@pytest.mark.parametrize("value", ["-1", "x", "", "1e3"])
def test_a_page_that_is_not_a_number_is_refused(tenant: TenantClient, value: str) -> None:
    assert expect(tenant.api.get(ACTIONS, params={"page": value}), 400)["errorCode"] == "invalid_query_string"


class TestFilters:
    @pytest.fixture(autouse=True)
    def actions(self, tenant: TenantClient) -> None:
        tenant.deploy_action("deployed")
        tenant.create_action("draft")
        tenant.create_action("signup", trigger="pre-user-registration")
        tenant.create_action("draft", code="// of the same name")

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({}, ["deployed", "draft", "signup", "draft"]),
            ({"actionName": "draft"}, ["draft", "draft"]),
            ({"actionName": "Draft"}, []),
            ({"triggerId": "post-login"}, ["deployed", "draft", "draft"]),
            ({"triggerId": "pre-user-registration"}, ["signup"]),
            ({"triggerId": "nothing"}, []),
            ({"deployed": "true"}, ["deployed"]),
            ({"deployed": "false"}, ["draft", "signup", "draft"]),
            ({"installed": "true"}, []),
            ({"installed": "false"}, ["deployed", "draft", "signup", "draft"]),
            ({"triggerId": "post-login", "actionName": "draft", "deployed": "false"}, ["draft", "draft"]),
            ({"include_totals": "true"}, ["deployed", "draft", "signup", "draft"]),
        ],
    )
    def test_each_filter_narrows_the_list(self, tenant: TenantClient, query: dict[str, str], names: list[str]) -> None:
        page = listed(tenant, **query)
        assert [action["name"] for action in page["actions"]] == names
        assert page.get("total", 0) == len(names)

    def test_total_counts_the_matches_of_all_pages(self, tenant: TenantClient) -> None:
        page = listed(tenant, actionName="draft", per_page=1)
        assert (len(page["actions"]), page["total"]) == (1, 2)

    @pytest.mark.parametrize("name", ["deployed", "installed"])
    def test_a_flag_is_true_or_false(self, tenant: TenantClient, name: str) -> None:
        assert expect(tenant.api.get(ACTIONS, params={name: "1"}), 400)["errorCode"] == "invalid_query_string"


def test_the_list_shows_each_action_as_a_single_read_does(tenant: TenantClient) -> None:
    action = tenant.deploy_action(secrets={"A": "1"})
    assert listed(tenant)["actions"] == [action]

"""What an adoption finds, and what is in its way."""

from typing import Any

from operations.adopt.plan import AdoptionPlan, plan_adoption
from operations.program import ACTION, FLOW
from tests.operations.samples import IP, LOGIN, MFA, PROGRAM, SIGN_UP, action, binding, content, secrets, tenant

COMPONENT: dict[str, Any] = {"type": "auth0-actions:auth0:LoginActions", "name": "component", "component": True}


def entry(type_: str, name: str) -> dict[str, Any]:
    return {"type": type_, "name": name, "id": "<PLACEHOLDER>", "parent": "component", "version": "3.50.1"}


FILE: dict[str, Any] = {
    "nameTable": {"a": "urn"},
    "resources": [
        COMPONENT,
        *(entry(ACTION, plan.logical_name) for plan in PROGRAM.actions),
        entry(FLOW, "login_flow"),
        entry(FLOW, "sign_up_flow"),
    ],
}


def planned(snapshot: Any = None, managed: dict[str, str] | None = None, **more: Any) -> AdoptionPlan:  # noqa: ANN401
    return plan_adoption(PROGRAM, snapshot or tenant(), more.pop("file", FILE), managed or {}, **more)


def test_every_resource_gets_its_id_and_keeps_its_parent() -> None:
    plan = planned()
    assert plan.problems == ()
    assert plan.import_file["nameTable"] == {"a": "urn"}
    assert plan.import_file["resources"] == [
        COMPONENT,
        {**entry(ACTION, "ip_action"), "id": "id-of-ip"},
        {**entry(ACTION, "mfa_action"), "id": "id-of-mfa"},
        {**entry(ACTION, "sign_action"), "id": "id-of-sign"},
        {**entry(FLOW, "login_flow"), "id": LOGIN},
        {**entry(FLOW, "sign_up_flow"), "id": SIGN_UP},
    ]


def test_only_what_the_state_has_not_is_adopted() -> None:
    plan = planned(managed={"ip_action": "id-of-ip"}, file={"resources": [entry(ACTION, "mfa_action")]})
    assert [adoption.id for adoption in plan.adoptions] == ["id-of-mfa"]
    assert plan.managed == ("ip_action",)


def test_two_actions_of_one_name_are_listed_with_their_flows() -> None:
    [problem] = planned(tenant(action(MFA, id="second"))).problems
    assert problem.startswith("2 Actions are named mfa: id-of-mfa (post-login); second (not bound)")


def test_a_missing_action_is_named_with_one_that_reads_alike() -> None:
    [problem] = planned(tenant(action(MFA, id="x", name="theirs"), without=["mfa"])).problems
    assert problem.startswith("no Action of the tenant is named mfa\n  fix: if the next `pulumi up`")
    [problem] = planned(tenant(action(MFA, id="x", name="mfaa"), without=["mfa"])).problems
    assert "did you mean mfaa?" in problem
    # Letter by letter these two have nothing in common.
    [problem] = planned(tenant(action(MFA, id="x", name="MFA"), without=["mfa"])).problems
    assert "did you mean MFA?" in problem


def test_a_missing_action_can_be_left_to_the_next_up_but_not_one_that_is_there() -> None:
    plan = planned(tenant(without=["mfa"]), without=["mfa"])
    assert plan.problems == ()
    assert "mfa_action" not in {adoption.logical_name for adoption in plan.adoptions}

    [problem] = planned(without=["mfa"]).problems
    assert "an update would create a second one" in problem
    [problem] = planned(without=["mfaa"]).problems
    assert "the program has no Action named mfaa\n  fix: --without one of ip, mfa, sign" in problem


def test_a_state_that_has_an_action_which_is_gone_is_in_the_way() -> None:
    [problem] = planned(managed={"mfa_action": "gone"}, file={"resources": []}).problems
    assert "the stack's state has mfa_action as gone, which the tenant does not have" in problem


def test_a_resource_of_another_kind_is_in_the_way() -> None:
    [problem] = planned(file={"resources": [entry("auth0:index/client:Client", "app")]}).problems
    assert problem.startswith("app (auth0:index/client:Client) can't be identified by a name")


def test_what_the_next_up_takes_away_is_warned_of() -> None:
    left_over = action(MFA, secrets=(*secrets(MFA), *secrets(MFA)[:1]))
    snapshot = tenant(
        action(IP, draft=content(secrets=("OLD",)), secrets=tuple(secrets(MFA))),
        left_over,
        flows={LOGIN: [binding("ip"), binding("mfa"), binding("theirs")]},
    )
    foreign, secret = planned(snapshot).warnings
    assert "flow post-login runs theirs (id-of-theirs)" in foreign
    assert "Action ip has secrets that the program does not know (TEST_TENANT)" in secret

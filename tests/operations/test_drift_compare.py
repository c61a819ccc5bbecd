"""The drift between a program and a tenant, and its messages."""

from dataclasses import replace
from typing import Any

import pytest

from operations.content import Binding, Content
from operations.drift.compare import compare
from operations.drift.findings import Finding
from operations.tenant import ActionSnapshot, TenantSnapshot
from tests.operations.samples import IP, LOGIN, MFA, SIGN_UP, action, binding, content, evidence, tenant, version

OTHER = "exports.onExecutePostLogin = async () => { return; };\n"


def findings(snapshot: TenantSnapshot, **more: Any) -> list[Finding]:  # noqa: ANN401 - as evidence takes
    return compare(evidence(snapshot, **more))


def kinds(snapshot: TenantSnapshot, **more: Any) -> list[tuple[str, str | None]]:  # noqa: ANN401 - as evidence takes
    return [(finding.kind, finding.trigger or finding.action) for finding in findings(snapshot, **more)]


def running(changed: Content, *, draft: Content | None = None) -> ActionSnapshot:
    """The Action `ip` whose deployed version has this content, and its draft too unless another is given."""
    return action(IP, draft=changed if draft is None else draft, deployed=version(IP, content=changed, number=4))


def test_a_right_tenant_has_no_drift() -> None:
    assert findings(tenant()) == []


def test_flows_and_actions_of_others_are_left_alone() -> None:
    theirs = action(replace(IP, name="theirs"), id="their-id", draft=content(code=OTHER), deployed=None)
    assert findings(tenant(theirs, flows={"credentials-exchange": [binding("theirs", "their-id")]})) == []


@pytest.mark.parametrize(
    ("changed", "kind", "program", "on_the_tenant"),
    [
        ({"runtime": "node22"}, "runtime", "node18", "node22"),
        ({"dependencies": ("lodash@4.17.21",)}, "dependencies", "none", "lodash@4.17.21"),
        ({"modules": ("module@1",)}, "modules", "none", "module@1"),
        ({"secrets": ("LEFT_OVER",)}, "secret-names", "none", "LEFT_OVER"),
        ({"trigger": f"{SIGN_UP} v2"}, "trigger", f"{LOGIN} v3", f"{SIGN_UP} v2"),
    ],
)
def test_a_deployed_version_that_differs_from_the_program_is_reported(
    changed: dict[str, Any], kind: str, program: str, on_the_tenant: str
) -> None:
    [finding] = findings(tenant(running(content(**changed))))
    assert (finding.kind, finding.action) == (kind, "ip")
    assert (finding.program, finding.tenant) == (program, on_the_tenant)


def test_other_code_comes_with_a_diff_from_the_programs_to_what_runs() -> None:
    [finding] = findings(tenant(running(content(code=OTHER))))
    assert finding.kind == "code"
    assert finding.diff is not None
    assert finding.diff.splitlines() == [
        "--- ip (program)",
        "+++ ip (version 4)",
        "@@ -1 +1 @@",
        "-exports.onExecutePostLogin = async () => {};",
        "+exports.onExecutePostLogin = async () => { return; };",
    ]


def test_a_diff_marks_a_missing_line_end_as_git_does() -> None:
    [finding] = findings(tenant(running(content(code=OTHER.rstrip("\n")))))
    assert finding.diff is not None
    assert finding.diff.endswith("return; };\n\\ No newline at end of file\n")


def test_a_rollback_is_reported_differently_from_a_deployed_edit() -> None:
    [rolled_back] = findings(tenant(running(content(code=OTHER), draft=IP.content)))
    assert rolled_back.kind == "code"
    assert "`pulumi up` does not see it" in rolled_back.what

    [deployed] = findings(tenant(running(content(code=OTHER))))
    assert deployed.what == "version 4 runs other code than the program's"


def test_a_draft_that_is_not_deployed_is_found_with_its_diff() -> None:
    edited = content(code=OTHER, runtime="node22")
    [finding] = findings(tenant(action(IP, draft=edited)))
    assert finding.kind == "draft"
    assert "other code, runtime than the program" in finding.what
    assert finding.diff is not None
    assert "+++ ip (draft)" in finding.diff


def test_a_draft_that_only_auth0_knows_to_be_changed_is_found() -> None:
    assert kinds(tenant(action(IP, all_changes_deployed=False))) == [("draft", "ip")]


def test_an_action_that_was_never_deployed_is_found() -> None:
    assert kinds(tenant(action(IP, deployed=None))) == [("action-not-deployed", "ip")]


def test_a_missing_action_is_found_in_its_flow_too() -> None:
    missing = tenant(without=["mfa"], flows={LOGIN: [binding("ip")]})
    assert kinds(missing) == [("action-missing", "mfa"), ("not-bound", LOGIN)]


def test_a_renamed_action_is_found_by_its_id_and_compared() -> None:
    renamed = action(MFA, name="x", deployed=version(MFA, content=content(code=OTHER, secrets=("TEST_TENANT",))))
    rename, code = findings(tenant(renamed, flows={LOGIN: [binding("ip"), binding("x", "id-of-mfa", "mfa")]}))
    assert (rename.kind, rename.action, rename.program, rename.tenant) == ("action-renamed", "mfa", "mfa", "x")
    assert (code.kind, code.action) == ("code", "mfa")


def test_an_action_that_took_the_name_of_a_renamed_one_is_not_taken_for_ours() -> None:
    renamed, theirs = action(MFA, name="x"), action(MFA, id="their-id", draft=content(code=OTHER))
    assert kinds(tenant(renamed, theirs)) == [("action-renamed", "mfa"), ("action-duplicate", "mfa")]


def test_a_second_action_of_the_same_name_is_found_and_not_taken_for_ours() -> None:
    second = action(MFA, id="another-id", draft=content(code=OTHER))
    assert kinds(tenant(second)) == [("action-duplicate", "mfa")]


def test_an_action_that_the_state_does_not_have_is_found_and_not_compared() -> None:
    stranger = action(MFA, id="another-id", draft=content(code=OTHER))
    [finding, *_] = findings(tenant(stranger, without=["mfa"]))
    assert (finding.kind, finding.action, finding.tenant) == ("action-not-in-state", "mfa", "another-id")


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ([binding("mfa"), binding("ip")], ["flow-order"]),
        ([binding("ip"), binding("mfa"), binding("ip")], ["flow-order"]),
        ([binding("mfa")], ["not-bound"]),
        ([], ["not-bound", "not-bound"]),
        ([binding("theirs"), binding("ip"), binding("mfa")], ["foreign-binding"]),
        # Of the same name, and another Action.
        ([binding("ip"), binding("mfa", "another-id")], ["foreign-binding", "not-bound"]),
        ([binding("ip"), binding("mfa"), binding("sign")], ["bound-elsewhere"]),
        ([binding("ip"), binding("mfa", display_name="MFA")], ["display-name"]),
    ],
)
def test_a_flow_that_differs_from_the_program_is_reported(flow: list[Binding], expected: list[str]) -> None:
    assert kinds(tenant(flows={LOGIN: flow})) == [(kind, LOGIN) for kind in expected]


def test_one_of_our_actions_in_a_flow_of_others_is_found() -> None:
    elsewhere = tenant(flows={"post-user-registration": [binding("theirs"), binding("ip")]})
    assert kinds(elsewhere) == [("bound-elsewhere", "post-user-registration")]

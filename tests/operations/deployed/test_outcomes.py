"""`actions-ops outcomes`: which logins a change of the Actions, or of their settings, lets end differently."""

import shutil
import subprocess
from pathlib import Path

import pytest

from operations.project import copy_program
from policy import EmailDomain, Kind, Login, LoginNumber, Tenant, decide, decision_table
from tests.operations.deployed.command import ACTIONS_OPS, SECONDS_TO_RUN, Json, Ran
from tests.project import ROOT


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Jane", "-c", "user.email=jane@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """This project as the first commit of a repository."""
    folder = tmp_path / "project"
    copy_program(ROOT, folder)
    shutil.copytree(ROOT / "policy", folder / "policy")
    (folder / ".gitignore").write_text("/.venv\n/.local/\n")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "--message", "The base")
    return folder


def edit(folder: Path, path: str, old: str, new: str) -> None:
    file = folder / path
    before = file.read_text()
    assert before.count(old) == 1
    file.write_text(before.replace(old, new))


def begin_mfa_action(folder: Path, statement: str) -> None:
    handler = "exports.onExecutePostLogin = async (event, api) => {\n"
    edit(folder, "actions/mfa_action.js", handler, f"{handler}  {statement}\n")


def outcomes(folder: Path, *options: str) -> Ran:
    ran = subprocess.run(  # noqa: S603 - this project's own
        [ACTIONS_OPS, "outcomes", *options],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_RUN,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def changed(folder: Path, *options: str) -> list[Json]:
    changes: list[Json] = outcomes(folder, "--json", *options).json(1)["changes"]
    return changes


def test_nothing_changed_says_so(project: Path) -> None:
    # Other code, the same for everybody.
    edit(project, "actions/mfa_action.js", "exports.", "// A comment.\nexports.")

    ran = outcomes(project)

    assert ran.exit_code == 0, ran.output
    counts = (
        f"0 of {len(decision_table())} logins of the decision table, 0 of 6 sign-ups, 0 of 500 odd logins (seed 0)."
    )
    assert f"no login ends differently: {counts}" in " ".join(ran.stdout.split())


def test_a_changed_rule_names_who_is_challenged_now_where_and_why(project: Path) -> None:
    begin_mfa_action(
        project,
        "if (event.tenant.id !== event.secrets.TEST_TENANT && event.stats?.logins_count === 1)"
        ' return api.multifactor.enable("any");',
    )

    changes = changed(project, "--sample", "0")

    assert {(each["was"]["what"], each["now"]["what"]) for each in changes} == {("skipped", "challenged")}
    assert {each["source"] for each in changes} == {"decision table"}
    [one] = [
        each
        for each in changes
        if each["who"] == "jane@example.com, MFA flag" and each["where"] == "prod, password, login 1"
    ]
    case = decide(
        Login(
            tenant=Tenant.PROD,
            kind=Kind.PASSWORD,
            email_domain=EmailDomain.OTHER,
            number=LoginNumber.FIRST,
            auth_require_mfa=True,
            challenge_required=False,
        )
    )
    rule = case.reason.replace("-", " ")
    table = f"against the decision table, which says {case.decision}; rule: {rule}"
    assert one["why"] == table
    # The bypasses of the test tenant are not touched.
    assert not [each for each in changes if each["where"].startswith("test") and "@integration-test" in each["who"]]


def test_a_changed_setting_is_seen_for_the_people_of_both_domains(project: Path) -> None:
    edit(project, "Pulumi.test.yaml", "integration-test.floatme.io", "it.floatme.io")

    changes = changed(project, "--sample", "0")

    assert {(each["who"].partition(",")[0], each["was"]["what"], each["now"]["what"]) for each in changes} == {
        ("jane@integration-test.floatme.io", "skipped", "challenged"),
        ("jane@it.floatme.io", "challenged", "skipped"),
    }
    assert all(each["where"].startswith("test, ") for each in changes)
    why = "rule: metadata requires (before: integration domain)"
    assert any(each["why"] == why for each in changes)


def test_a_base_from_before_the_move_is_read_with_its_own_table(project: Path) -> None:
    table = project / "mfa_policy" / "decision_table.csv"
    table.parent.mkdir()
    table.write_text(
        "tenant,flow,email_domain,logins_count,auth_require_mfa,challenge_required,outcome,reason\n"
        "test,password,integration,2,true,false,skipped,a-reason-of-the-base\n"
    )
    shutil.rmtree(project / "policy")
    git(project, "add", ".")
    git(project, "commit", "--amend", "--no-edit")
    shutil.rmtree(table.parent)
    shutil.copytree(ROOT / "policy", project / "policy")
    edit(project, "Pulumi.test.yaml", "integration-test.floatme.io", "it.floatme.io")

    reasons = [each["why"] for each in changed(project, "--sample", "0")]

    assert any("metadata requires (before: a reason of the base)" in reason for reason in reasons)


def test_a_flow_without_one_of_its_actions_is_seen_in_what_is_written(project: Path) -> None:
    edit(project, "components/login_actions.py", '    Action("ip_metadata_action", "add_ip_to_metadata", LOGIN),\n', "")
    edit(project, "actions/enable_mfa.js", '  api.user.setAppMetadata("uses_new_mfa_action", true);\n', "")

    changes = changed(project, "--sample", "20")

    assert {each["source"] for each in changes} == {"decision table", "sign-up", "sample"}
    [login, *_] = [each for each in changes if each["source"] == "decision table"]
    assert login["was"]["effects"]["user_metadata"] == {"last_ip": "203.0.113.7"}
    assert login["now"]["effects"] == {}
    assert "user_metadata.last_ip is no longer set" in login["why"]
    [sign_up, *_] = [each for each in changes if each["source"] == "sign-up"]
    assert sign_up["was"]["effects"]["app_metadata"] == {"auth_require_mfa": True, "uses_new_mfa_action": True}
    assert sign_up["now"]["effects"]["app_metadata"] == {"auth_require_mfa": True}


def test_an_action_that_breaks_on_odd_logins_is_found_by_the_sample(project: Path) -> None:
    begin_mfa_action(project, "event.stats.logins_count;")

    changes = changed(project)

    assert {each["source"] for each in changes} == {"sample"}
    assert {each["now"]["what"] for each in changes} == {"failed"}
    assert all("stats missing" in each["who"] for each in changes)


def test_the_comment_for_a_pull_request_shows_addresses_as_text(project: Path) -> None:
    git(project, "switch", "--create", "a-branch")
    begin_mfa_action(
        project, 'if (event.user?.email?.includes("@integration-test.")) return api.multifactor.enable("any");'
    )
    git(project, "commit", "--all", "--message", "A change")

    ran = outcomes(project, "--format", "markdown", "--sample", "0")

    # Nothing is changed in the working tree: the base is where the branch left main.
    assert ran.exit_code == 1, ran.output
    assert "<summary>skipped → challenged: " in ran.stdout
    assert "jane&#64;integration-test.floatme.io" in ran.stdout
    assert "jane@" not in ran.stdout


def test_a_base_that_cannot_be_run_is_no_finding(project: Path) -> None:
    unknown = outcomes(project, "--base", "no-such-commit")
    assert unknown.exit_code == 2, unknown.output
    assert "git knows no commit no-such-commit" in unknown.stderr

    edit(project, "Pulumi.prod.yaml", "testTenant: floatme-test", "testTenant: floatme-prod")
    refused = outcomes(project)
    assert refused.exit_code == 2, refused.output
    assert "are both floatme-prod in environment prod" in refused.stderr

"""`actions-ops rehearse`: a stack's own deployment on a throw-away tenant, of which nothing is left."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from operations.project import copy_program
from policy import decision_table
from tests.operations.deployed.by_hand import LETS_EVERYBODY_IN
from tests.operations.deployed.command import ACTIONS_OPS, SECONDS_BETWEEN_LOOKS, Ran, run_in
from tests.project import ROOT, Running

NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Caller:
    """A checkout, and the shell of somebody who deploys to prod from it."""

    folder: Path
    environment: dict[str, str]
    temporary: Path
    state: Path

    def rehearse(self, stack: str, *options: str, **environment: str) -> Ran:
        ran = run_in(self.folder, {**self.environment, **environment}, "rehearse", "--stack", stack, *options)
        self.assert_nothing_is_left()
        return ran

    def assert_nothing_is_left(self) -> None:
        """Neither a file of the rehearsal, nor a process, nor anything in the real state."""
        assert list(self.temporary.iterdir()) == []
        assert list(self.state.iterdir()) == []
        assert [each for each in map(command_line, Path("/proc").glob("[0-9]*")) if str(self.temporary) in each] == []


@pytest.fixture
def caller(tmp_path: Path, engine_environment: dict[str, str]) -> Caller:
    folder, temporary, state = tmp_path / "project", tmp_path / "temporary", tmp_path / "state"
    copy_program(ROOT, folder)
    temporary.mkdir()
    state.mkdir()
    environment = {
        **engine_environment,
        "TMPDIR": str(temporary),
        "AUTH0_DOMAIN": "floatme-prod.us.auth0.com",
        "AUTH0_API_TOKEN": "of-the-real-prod",
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "of-the-real-prod",
        # What leaves this machine gets no further.
        "HTTPS_PROXY": NOWHERE,
        "NO_PROXY": "localhost",
    }
    return Caller(folder, environment, temporary, state)


def command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


@pytest.mark.parametrize("stack", ["test", "prod"])
def test_every_line_of_the_table_holds_whatever_the_callers_shell_and_file_say(caller: Caller, stack: str) -> None:
    file = caller.folder / f"Pulumi.{stack}.yaml"
    # As after `pulumi stack init`, with the tenant and its credentials in the stack's config.
    pinned = "  auth0:domain: floatme-prod.us.auth0.com\n  auth0:clientSecret:\n    secure: v1:of:the-real-prod\n"
    file.write_text(f"{file.read_text()}{pinned}encryptionsalt: v1:of:the-real-prod\nenvironment: [floatme/{stack}]\n")
    before = file.read_bytes()

    content = caller.rehearse(stack, "--json").json(0)

    assert (content["stack"], content["tenant"], content["drift"]) == (stack, f"floatme-{stack}", [])
    steps = [step for row in content["rows"] for step in row["decisions"]]
    assert len(steps) == len([case for case in decision_table() if case.tenant == stack])
    assert [step for step in steps if step["expected"] != step["actual"]] == []
    assert file.read_bytes() == before


def test_wrong_actions_are_found_and_the_table_fits_a_terminal(caller: Caller) -> None:
    (caller.folder / "actions" / "mfa_action.js").write_text(LETS_EVERYBODY_IN)

    ran = caller.rehearse("prod")

    assert ran.exit_code == 1, ran.output
    challenged = len([case for case in decision_table() if case.tenant == "prod" and case.decision == "challenge"])
    assert " ".join(ran.stdout.split()).count("expected MFA required") == ran.stdout.count("  ✗") == challenged
    assert f"{72 - challenged} of 72 lines of the decision table hold." in ran.stdout
    table = ran.stdout.partition("\nAccount")[2].partition("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 80


def test_settings_that_the_guards_refuse_reach_no_tenant(caller: Caller) -> None:
    file = caller.folder / "Pulumi.prod.yaml"
    file.write_text(file.read_text().replace("testTenant: floatme-test", "testTenant: floatme-prod"))

    ran = caller.rehearse("prod")

    assert ran.exit_code == 2, ran.output
    assert "are both floatme-prod in environment prod" in ran.stderr


def test_stack_local_needs_no_rehearsal(caller: Caller) -> None:
    ran = caller.rehearse("local", "--json")
    assert ran.json(2)["error"] == "stack local is on this machine already"


def test_a_deployment_that_fails_leaves_nothing(caller: Caller, tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "pulumi"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho it is broken >&2\nexit 255\n")
    broken.chmod(0o755)

    ran = caller.rehearse("prod", "--json", PATH=f"{broken.parent}:{caller.environment['PATH']}")

    assert "it is broken" in ran.json(2)["error"]


def test_ctrl_c_in_the_middle_of_the_deployment_leaves_nothing(caller: Caller) -> None:
    running = Running([str(ACTIONS_OPS), "rehearse", "--stack", "prod"], caller.folder, caller.environment)
    # Its state has a lock while the engine deploys.
    while not list(caller.temporary.glob("rehearsal-*/state/.pulumi/locks/**/*.json")):
        assert running.running, running.end()[1]
        time.sleep(SECONDS_BETWEEN_LOOKS)

    exit_code, output = running.interrupt()

    assert exit_code == 130, output
    caller.assert_nothing_is_left()

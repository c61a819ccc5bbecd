"""A rollback is a commit: the earlier code runs again, as a new version."""

import subprocess
from pathlib import Path

from tests.deployment import Deployment
from tests.operations.deployed.command import drift


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Jane", "-c", "user.email=jane@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607


def test_a_reverted_commit_runs_the_old_code_again(deployed: Deployment) -> None:
    project = deployed.project
    old, ids = deployed.running("mfa_action")["code"], {each["name"]: each["id"] for each in deployed.actions()}
    git(project.folder, "init")
    git(project.folder, "add", "actions")
    git(project.folder, "commit", "--message", "It works")

    project.edit("actions/mfa_action.js", "if (isIntegrationTestAccount) return;", "if (true) return;")
    git(project.folder, "commit", "--all", "--message", "It lets everybody in")
    project.up()
    assert deployed.running("mfa_action")["code"] == project.code("mfa_action") != old

    git(project.folder, "revert", "--no-edit", "HEAD")
    project.up()

    assert deployed.running("mfa_action")["code"] == old
    assert deployed.numbers()["mfa_action"] == 3
    assert {each["name"]: each["id"] for each in deployed.actions()} == ids
    deployed.assert_as_programmed()
    assert drift(deployed).exit_code == 0

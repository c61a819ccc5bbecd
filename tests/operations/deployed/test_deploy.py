"""`actions-ops plan` and `actions-ops up`: what is deployed is what somebody approved."""

import os
import pty
import select
import subprocess
import time
from pathlib import Path

from tests.deployment import FLOWS, Deployment
from tests.operations.deployed.command import ACTIONS_OPS, Ran, actions_ops

SECONDS_TO_ANSWER = 120
QUESTION = "Do you want to perform this update?"


def plan(deployment: Deployment, path: Path) -> str:
    ran = actions_ops(deployment, "plan", "--stack", deployment.project.stack, "--out", str(path))
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def up(deployment: Deployment, *options: str) -> Ran:
    return actions_ops(deployment, "up", "--stack", deployment.project.stack, *options)


def assert_refused(ran: Ran, *texts: str) -> None:
    assert ran.exit_code == 2, ran.output
    output = " ".join(ran.output.split())
    for text in (*texts, "fix:"):
        assert text in output, ran.output


def test_what_is_deployed_is_the_plan_and_neither_less_nor_more(fresh: Deployment, tmp_path: Path) -> None:
    path, project = tmp_path / "plans" / "local.json", fresh.project
    preview = plan(fresh, path)
    assert "+ auth0:index/action:Action: (create)" in preview
    assert "+ 8 to create" in preview
    assert f"make up STACK=local PLAN={path}" in preview
    assert "pulumi up" not in preview
    assert path.stat().st_mode & 0o777 == 0o600
    saved = path.read_text()
    assert fresh.process.ready["management"]["client_secret"] not in saved
    assert fresh.actions() == []

    # Another program.
    code = (project.folder / "actions" / "mfa_action.js").read_bytes()
    project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
    assert_refused(up(fresh, "--plan", str(path)), "mfa_action violates plan", "`make plan` again")
    (project.folder / "actions" / "mfa_action.js").write_bytes(code)
    # Other settings.
    project.set_config("forceMfaDomain", "force.floatme.io")
    assert_refused(up(fresh, "--plan", str(path)), "violates plan")
    project.run("config", "rm", "auth0-actions:forceMfaDomain")
    # Another tenant: an Action by one of the names is there now.
    ours = str(fresh.tenant.create_action("mfa_action")["id"])
    assert_refused(up(fresh, "--plan", str(path)), f"Action mfa_action ({ours}) has changed", "make drift")
    assert [action["id"] for action in fresh.actions()] == [ours]
    fresh.tenant.api.delete(f"/api/v2/actions/actions/{ours}")

    deployed = up(fresh, "--plan", str(path))

    assert deployed.exit_code == 0, deployed.output
    fresh.assert_as_programmed()
    # Once is enough: the tenant is not as it was.
    assert_refused(up(fresh, "--plan", str(path)), "flow post-login has changed")


def test_values_of_secrets_are_encrypted_in_a_plan(fresh: Deployment, tmp_path: Path) -> None:
    """Those that come from the settings are as readable there as in the stack's file; no other value is."""
    fresh.project.edit(
        "components/login_actions.py",
        "pulumi.Output.secret(secrets[secret])",
        'pulumi.Output.secret("sec" + "ret-value")',
    )
    plan(fresh, tmp_path / "plan.json")

    saved = (tmp_path / "plan.json").read_text()
    assert "secret-value" not in saved
    assert "ciphertext" in saved


def test_without_a_terminal_or_a_plan_nothing_is_deployed(fresh: Deployment, tmp_path: Path) -> None:
    refused = up(fresh)

    assert_refused(refused, "nothing was changed", "make plan STACK=local", "make up STACK=local PLAN=FILE")
    (tmp_path / "other.json").write_text("{}")
    assert_refused(up(fresh, "--plan", str(tmp_path / "other.json")), "other.json is not a plan", "make plan")
    assert fresh.actions() == []


def test_on_a_terminal_the_preview_is_shown_and_only_a_yes_deploys(fresh: Deployment) -> None:
    exit_code, output = answer(fresh, "no")
    assert exit_code == 2, output
    assert "auth0:index/action:Action: (create)" in output
    assert fresh.actions() == []

    exit_code, output = answer(fresh, "yes")
    assert exit_code == 0, output
    assert fresh.flows() == FLOWS


def answer(deployment: Deployment, text: str) -> tuple[int, str]:
    """Run `actions-ops up` on a terminal and answer its question: the exit code and the output."""
    terminal, end = pty.openpty()
    environment = {name: value for name, value in deployment.project.environment.items() if name != "CI"}
    with subprocess.Popen(  # noqa: S603 - this project's own
        [ACTIONS_OPS, "up", "--stack", deployment.project.stack],
        cwd=deployment.project.folder,
        # A shell that never wants to be asked is asked all the same.
        env={**environment, "TERM": "xterm", "PULUMI_SKIP_CONFIRMATIONS": "true"},
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
    ) as process:
        os.close(end)
        output, has_answered, last = "", False, time.monotonic() + SECONDS_TO_ANSWER
        while time.monotonic() < last:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    output += os.read(terminal, 65536).decode(errors="replace")
                except OSError:  # all of it has ended
                    break
            if QUESTION in output and not has_answered:
                os.write(terminal, f"{text}\r".encode())
                has_answered = True
        else:
            process.kill()
    os.close(terminal)
    assert has_answered, output
    return process.returncode, output

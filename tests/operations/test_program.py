"""What the program would deploy, by running it: the real one, and programs that go wrong."""

from pathlib import Path

import pytest

from operations.errors import OperationsError
from operations.program import ACTION, ProgramPlan, read_program
from operations.program.plan import plan_of
from operations.project import Project, StackConfig
from tests.unit.program import EXAMPLE_DOMAINS, EXAMPLES, PROJECT, ROOT

ENVIRON = {"AUTH0_DOMAIN": EXAMPLE_DOMAINS["test"]}


def run(folder: Path, **settings: str) -> ProgramPlan:
    config = StackConfig({**EXAMPLES["test"], **{f"{PROJECT}:{key}": value for key, value in settings.items()}})
    return read_program(Project(folder, PROJECT, {}), "test", config, environ=ENVIRON)


def test_the_real_program_is_read_with_its_flows_and_the_values_of_its_secrets() -> None:
    plan = run(ROOT)

    assert [action.name for action in plan.actions] == ["add_ip_to_metadata", "enable_mfa", "mfa_action"]
    assert {flow.trigger: flow.order for flow in plan.flows} == {
        "post-login": ("add_ip_to_metadata", "mfa_action"),
        "pre-user-registration": ("enable_mfa",),
    }
    for action in plan.actions:
        assert action.content.code == (ROOT / "actions" / f"{action.name}.js").read_bytes().decode()
        assert action.content.runtime == "node18"
    assert dict(plan.actions[2].secret_values) == {
        "TEST_TENANT": "floatme-test",
        "INTEGRATION_TEST_DOMAIN": "integration-test.floatme.io",
        "FORCE_MFA_DOMAIN": "forcemfa.floatme.io",
    }
    # A plan may be printed or logged; values of secrets may not.
    assert "forcemfa.floatme.io" not in repr(plan).replace(plan.actions[2].content.code, "")
    assert plan.others == ()


def test_settings_that_the_program_refuses_are_reported_in_its_words() -> None:
    with pytest.raises(OperationsError, match=r'integrationTestDomain is "gmail\.com"'):
        run(ROOT, integrationTestDomain="gmail.com")


def test_modules_come_from_the_folder_and_what_is_printed_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "components.py").write_text("NAME = 'from the folder'\n")
    (tmp_path / "__main__.py").write_text(
        "import components, pulumi\nprint('hello')\nraise pulumi.RunError(components.NAME)\n"
    )
    with pytest.raises(OperationsError, match="from the folder"):
        run(tmp_path)


def test_a_crash_of_the_program_is_reported_with_its_traceback(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("1 / 0\n")
    with pytest.raises(OperationsError, match="ZeroDivisionError"):
        run(tmp_path)


def test_a_program_that_asks_the_tenant_is_refused(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import pulumi_auth0\npulumi_auth0.get_tenant()\n")
    with pytest.raises(OperationsError, match="asks the tenant for auth0:index/getTenant:getTenant"):
        run(tmp_path)


def recorded(name: str, **inputs: object) -> dict[str, object]:
    trigger = {"id": "post-login", "version": "v3"}
    content = {"name": "an_action", "code": "", "supportedTriggers": trigger, **inputs}
    return {"type": ACTION, "name": name, "id": f"id of {name}", "inputs": content}


def test_two_actions_of_one_name_and_bindings_of_others_are_refused() -> None:
    with pytest.raises(OperationsError, match="two of the program's Actions are named an_action"):
        plan_of([recorded("a"), recorded("b")])
    flow = {"trigger": "post-login", "actions": [{"id": "fixed", "displayName": "x"}]}
    with pytest.raises(OperationsError, match="binds fixed, which is none"):
        plan_of([{"type": "auth0:index/triggerActions:TriggerActions", "name": "flow", "id": "f", "inputs": flow}])


def test_resources_that_no_command_looks_at_are_listed() -> None:
    other = {"type": "auth0:index/client:Client", "name": "app", "id": "a", "inputs": {}}
    assert plan_of([recorded("a"), other]).others == ("auth0:index/client:Client app",)

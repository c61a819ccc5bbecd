"""What the program registers for each stack."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

import components.login_actions as login_actions_module
from tests.unit.conftest import RunStack
from tests.unit.program import (
    EXAMPLE_DOMAINS,
    ROOT,
    STACK_TYPE,
    UNKNOWN,
    Run,
    contains_secret,
    secret_value,
    stack_config,
)

COMPONENT = "auth0-actions:auth0:LoginActions"
PROVIDER = "pulumi:providers:auth0"
CODE = {"mfa_action": "mfa_action.js", "ip_metadata_action": "add_ip_to_metadata.js", "set_mfa_action": "enable_mfa.js"}
TRIGGERS = {
    "mfa_action": {"id": "post-login", "version": "v3"},
    "ip_metadata_action": {"id": "post-login", "version": "v3"},
    "set_mfa_action": {"id": "pre-user-registration", "version": "v2"},
}


def secrets_of(run: Run, action: str) -> dict[str, Any]:
    return {each["name"]: secret_value(each["value"]) for each in run.actions[action].inputs["secrets"]}


def test_the_tree_is_a_provider_and_a_component_with_three_actions_and_two_flows(deploy: RunStack, stack: str) -> None:
    run = deploy(stack)

    prefix = f"urn:pulumi:{stack}::auth0-actions::"
    assert set(run.registered) == {
        f"{prefix}{STACK_TYPE}::auth0-actions-{stack}",
        f"{prefix}{PROVIDER}::tenant",
        f"{prefix}{COMPONENT}::login_actions",
        f"{prefix}{COMPONENT}$auth0:index/action:Action::ip_metadata_action",
        f"{prefix}{COMPONENT}$auth0:index/action:Action::mfa_action",
        f"{prefix}{COMPONENT}$auth0:index/action:Action::set_mfa_action",
        f"{prefix}{COMPONENT}$auth0:index/triggerActions:TriggerActions::login_flow",
        f"{prefix}{COMPONENT}$auth0:index/triggerActions:TriggerActions::sign_up_flow",
    }


def test_actions_and_flows_are_children_of_the_component(deploy: RunStack, stack: str) -> None:
    run = deploy(stack)

    (component,) = run.of_type(COMPONENT).values()
    (root,) = run.of_type(STACK_TYPE).values()
    assert component.parent == root.urn
    children = [*run.actions.values(), *run.flows.values()]
    assert len(children) == 5
    assert {child.parent for child in children} == {component.urn}


@pytest.mark.parametrize("action", CODE)
def test_an_actions_code_is_its_file_byte_for_byte(deploy: RunStack, stack: str, action: str) -> None:
    run = deploy(stack)

    assert run.actions[action].inputs["code"].encode() == (ROOT / "actions" / CODE[action]).read_bytes()


@pytest.mark.parametrize("action", CODE)
def test_an_action_is_deployed_for_its_trigger(deploy: RunStack, stack: str, action: str) -> None:
    inputs = deploy(stack).actions[action].inputs

    assert inputs["name"] == Path(CODE[action]).stem
    assert inputs["supportedTriggers"] == TRIGGERS[action]
    assert inputs["runtime"] == stack_config(stack)["auth0-actions:runtime"]
    assert inputs["deploy"] is True


def test_a_runtime_from_the_config_reaches_every_action(deploy: RunStack, stack: str) -> None:
    run = deploy(stack, {"auth0-actions:runtime": "node22"})

    assert {each.inputs["runtime"] for each in run.actions.values()} == {"node22"}


def test_each_stacks_settings_reach_the_mfa_action_as_secrets(deploy: RunStack, stack: str) -> None:
    run = deploy(stack)

    config = stack_config(stack)
    assert secrets_of(run, "mfa_action") == {
        "TEST_TENANT": config["auth0-actions:testTenant"],
        "INTEGRATION_TEST_DOMAIN": config["auth0-actions:integrationTestDomain"].lower(),
        "FORCE_MFA_DOMAIN": config["auth0-actions:forceMfaDomain"].lower(),
    }


def test_a_changed_setting_changes_its_secret(run_stack: RunStack) -> None:
    changed = {
        "auth0-actions:integrationTestDomain": "Robots.FloatMe.io",
        "auth0-actions:forceMfaDomain": "always.floatme.io",
    }

    assert secrets_of(run_stack("test", changed), "mfa_action") == {
        "TEST_TENANT": "floatme-test",
        "INTEGRATION_TEST_DOMAIN": "robots.floatme.io",
        "FORCE_MFA_DOMAIN": "always.floatme.io",
    }


def test_no_other_action_has_secrets_and_nothing_else_is_one(deploy: RunStack, stack: str) -> None:
    run = deploy(stack)

    assert [name for name, each in run.actions.items() if "secrets" in each.inputs] == ["mfa_action"]
    for registration in run.registered.values():
        others = {key: value for key, value in registration.inputs.items() if key != "secrets"}
        assert not contains_secret(others)
    assert not contains_secret(run.exports)


@pytest.mark.parametrize(
    ("flow", "trigger", "order"),
    [
        (
            "login_flow",
            "post-login",
            [("id-of-ip_metadata_action", "add_ip_to_metadata"), ("id-of-mfa_action", "mfa_action")],
        ),
        ("sign_up_flow", "pre-user-registration", [("id-of-set_mfa_action", "enable_mfa")]),
    ],
)
def test_a_flow_binds_its_actions_in_order_by_their_ids(
    deploy: RunStack, stack: str, flow: str, trigger: str, order: list[tuple[str, str]]
) -> None:
    inputs = deploy(stack).flows[flow].inputs

    assert inputs == {
        "trigger": trigger,
        "actions": [{"id": id_, "displayName": display_name} for id_, display_name in order],
    }


def test_a_flow_depends_on_its_actions_and_on_no_other(deploy: RunStack, stack: str) -> None:
    """So that an Action is deployed before it is bound, and unbound before it is deleted."""
    run = deploy(stack)

    depends = {name: set(each.request.dependencies) for name, each in run.flows.items()}
    assert depends == {
        "login_flow": {run.actions["ip_metadata_action"].urn, run.actions["mfa_action"].urn},
        "sign_up_flow": {run.actions["set_mfa_action"].urn},
    }


def test_no_option_keeps_a_change_or_a_removal_from_the_tenant(deploy: RunStack, stack: str) -> None:
    for registration in deploy(stack).registered.values():
        request = registration.request
        assert not request.retainOnDelete
        assert not request.ignoreChanges


@pytest.mark.parametrize(
    ("stack", "setting", "is_protected"),
    [
        ("prod", "", True),
        ("prod", "false", False),
        ("prod", "true", True),
        ("test", "", False),
        ("test", "true", True),
        ("local", "", False),
    ],
)
def test_actions_and_flows_are_protected_in_prod_or_where_the_config_says_so(
    deploy: RunStack, stack: str, setting: str, *, is_protected: bool
) -> None:
    run = deploy(stack, {"auth0-actions:protect": setting})

    protected = {each.request.protect for each in [*run.actions.values(), *run.flows.values()]}
    assert protected == {is_protected}


def test_the_outputs_name_what_is_deployed(deploy: RunStack, stack: str) -> None:
    run = deploy(stack)

    expected = {
        "actions": {
            Path(file).stem: {
                "id": f"id-of-{action}",
                "deployed_version_id": f"version-of-{action}",
                "code_sha256": hashlib.sha256((ROOT / "actions" / file).read_bytes()).hexdigest(),
            }
            for action, file in CODE.items()
        },
        "flows": {
            "login_flow": {"trigger": "post-login", "order": ["add_ip_to_metadata", "mfa_action"]},
            "sign_up_flow": {"trigger": "pre-user-registration", "order": ["enable_mfa"]},
        },
    }
    assert run.exports == expected
    (component,) = run.of_type(COMPONENT).values()
    assert run.outputs[component.urn] == expected


def test_the_first_preview_where_no_id_is_known_registers_the_same_tree(deploy: RunStack, stack: str) -> None:
    preview = deploy(stack, preview=True)

    assert set(preview.registered) == set(deploy(stack).registered)
    bound = [binding["id"] for flow in preview.flows.values() for binding in flow.inputs["actions"]]
    assert bound == [UNKNOWN] * 3


def test_every_resource_has_the_provider_with_the_tenants_domain(deploy: RunStack, stack: str) -> None:
    run = deploy(stack)

    (provider,) = run.of_type(PROVIDER).values()
    tenant = stack_config(stack)["auth0-actions:tenant"]
    assert provider.inputs == {"domain": "localhost:8443" if stack == "local" else f"{tenant}.us.auth0.com"}
    providers = {each.request.provider.rpartition("::")[0] for each in [*run.actions.values(), *run.flows.values()]}
    assert providers == {provider.urn}


def test_the_provider_gets_the_stacks_own_keys_and_nothing_of_the_environment(run_stack: RunStack) -> None:
    config = {"auth0:clientId": "id", "auth0:clientSecret": "in config", "auth0:debug": "true", "auth0:audience": ""}
    run = run_stack("test", config, {"AUTH0_API_TOKEN": "token", "AUTH0_AUDIENCE": "https://floatme-test/"})

    (provider,) = run.of_type(PROVIDER).values()
    inputs = dict(provider.inputs)
    assert secret_value(inputs.pop("clientSecret")) == "in config"
    assert inputs == {"domain": EXAMPLE_DOMAINS["test"], "clientId": "id", "debug": "true"}


def test_the_domain_in_the_config_comes_before_the_environments(run_stack: RunStack) -> None:
    """As in the provider: the guards look at the domain that it will use."""
    right, wrong = "floatme-test.us.auth0.com", "floatme-prod.us.auth0.com"

    assert run_stack("test", {"auth0:domain": right}, {"AUTH0_DOMAIN": wrong}).error is None
    refused = run_stack("test", {"auth0:domain": wrong}, {"AUTH0_DOMAIN": right})
    assert refused.error is not None
    assert f"auth0:domain is {wrong}" in str(refused.error)


@pytest.fixture
def actions_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of actions/ that the program reads instead."""
    for file in CODE.values():
        (tmp_path / file).write_bytes((ROOT / "actions" / file).read_bytes())
    monkeypatch.setattr(login_actions_module, "ACTIONS_FOLDER", tmp_path)
    return tmp_path


def test_an_edit_of_one_file_changes_one_action(run_stack: RunStack, actions_folder: Path) -> None:
    before = run_stack("local")
    edited = b"exports.onExecutePostLogin = async () => {};\r\n// \xe2\x80\x93\r\n"
    (actions_folder / "mfa_action.js").write_bytes(edited)
    after = run_stack("local")

    assert after.actions["mfa_action"].inputs["code"].encode() == edited
    assert after.exports["actions"]["mfa_action"]["code_sha256"] == hashlib.sha256(edited).hexdigest()
    unchanged = {urn: each.inputs for urn, each in before.registered.items() if each.name != "mfa_action"}
    assert {urn: after.registered[urn].inputs for urn in unchanged} == unchanged


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_code_that_cannot_be_read_ends_the_program_before_it_registers(
    run_stack: RunStack, actions_folder: Path, content: bytes | None
) -> None:
    path = actions_folder / "enable_mfa.js"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    run = run_stack("local")

    assert "the code of Action enable_mfa cannot be read from actions/enable_mfa.js" in str(run.error)
    assert {each.type for each in run.registered.values()} <= {STACK_TYPE, PROVIDER}


@pytest.mark.parametrize("removed", CODE)
def test_an_action_without_its_line_is_gone_and_unbound(
    run_stack: RunStack, monkeypatch: pytest.MonkeyPatch, removed: str
) -> None:
    left = tuple(each for each in login_actions_module.ACTIONS if each.logical_name != removed)
    monkeypatch.setattr(login_actions_module, "ACTIONS", left)
    run = run_stack("local")

    assert set(run.actions) == set(CODE) - {removed}
    bound = [binding["id"] for flow in run.flows.values() for binding in flow.inputs["actions"]]
    assert sorted(bound) == sorted(f"id-of-{name}" for name in run.actions)
    assert ("sign_up_flow" in run.flows) == (removed != "set_mfa_action")

"""The Actions of sign-up and login, and the flows that run them, as one component resource.

To add an Action, put its code into actions/NAME.js and a line into ACTIONS. To remove one, remove its line: the next
`pulumi up` unbinds it, then deletes it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import pulumi
import pulumi_auth0 as auth0

ACTIONS_FOLDER = Path(__file__).parent.parent / "actions"


@dataclass(frozen=True, slots=True)
class Flow:
    """A trigger's flow: the Actions that are bound to it, in order.

    Attributes:
        logical_name: Pulumi's name of the binding. A new name needs an alias to the old one: otherwise Pulumi creates
            the new binding, then deletes the old one, which empties the trigger that they share.
        trigger: Auth0's id of the trigger.
        version: The trigger's version.
    """

    logical_name: str
    trigger: str
    version: str


@dataclass(frozen=True, slots=True)
class Action:
    """An Action of this project.

    Attributes:
        logical_name: Pulumi's name of the Action.
        name: The Action's name at Auth0; its code is actions/NAME.js.
        flow: The flow that runs it.
        secrets: Names of the secrets that it reads from `event.secrets`.
    """

    logical_name: str
    name: str
    flow: Flow
    secrets: tuple[str, ...] = ()


LOGIN = Flow("login_flow", "post-login", "v3")
SIGN_UP = Flow("sign_up_flow", "pre-user-registration", "v2")
FLOWS = (LOGIN, SIGN_UP)

# In the order in which a flow runs them: the IP is recorded before any MFA challenge.
ACTIONS = (
    Action("ip_metadata_action", "add_ip_to_metadata", LOGIN),
    Action("mfa_action", "mfa_action", LOGIN, ("TEST_TENANT", "INTEGRATION_TEST_DOMAIN", "FORCE_MFA_DOMAIN")),
    Action("set_mfa_action", "enable_mfa", SIGN_UP),
)


@dataclass(frozen=True, slots=True)
class LoginActionsArgs:
    """What differs from stack to stack.

    Attributes:
        runtime: Node.js runtime of the Actions, node18 or node22.
        test_tenant: Name of the tenant where MFA can be bypassed.
        integration_test_domain: Email domain of the integration tests' accounts.
        force_mfa_domain: Email domain of the accounts that need MFA even on the test tenant.
    """

    runtime: pulumi.Input[str]
    test_tenant: pulumi.Input[str]
    integration_test_domain: pulumi.Input[str]
    force_mfa_domain: pulumi.Input[str]


class ActionOutputs(TypedDict):
    """A deployed Action: its ids at Auth0, and the SHA-256 of its code in hexadecimal."""

    id: pulumi.Output[str]
    deployed_version_id: pulumi.Output[str]
    code_sha256: str


class FlowOutputs(TypedDict):
    """A flow's trigger, and the names of its Actions in the order in which they run."""

    trigger: pulumi.Output[str]
    order: pulumi.Output[list[str]]


class LoginActions(pulumi.ComponentResource):
    """Every Action in ACTIONS, deployed, and each flow's binding; once in a program, as the names are fixed.

    Attributes:
        actions: The deployed Actions, by their names at Auth0.
        flows: The flows, by their logical names.
    """

    actions: dict[str, ActionOutputs]
    flows: dict[str, FlowOutputs]

    def __init__(self, name: str, args: LoginActionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Register the Actions and their bindings.

        Raises:
            pulumi.RunError: The code of an Action cannot be read. Nothing is registered.
        """
        codes = {action: read_code(action) for action in ACTIONS}
        super().__init__("auth0-actions:auth0:LoginActions", name, {}, opts)
        secrets = {
            "TEST_TENANT": args.test_tenant,
            "INTEGRATION_TEST_DOMAIN": args.integration_test_domain,
            "FORCE_MFA_DOMAIN": args.force_mfa_domain,
        }
        resources = {
            action: auth0.Action(
                action.logical_name,
                name=action.name,
                code=codes[action],
                runtime=args.runtime,
                deploy=True,
                supported_triggers=auth0.ActionSupportedTriggersArgs(
                    id=action.flow.trigger, version=action.flow.version
                ),
                secrets=[
                    auth0.ActionSecretArgs(name=secret, value=pulumi.Output.secret(secrets[secret]))
                    for secret in action.secrets
                ]
                or None,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for action in ACTIONS
        }
        self.actions = {
            action.name: ActionOutputs(
                id=resource.id,
                deployed_version_id=resource.version_id,
                code_sha256=hashlib.sha256(codes[action].encode()).hexdigest(),
            )
            for action, resource in resources.items()
        }
        self.flows = {}
        for flow in FLOWS:
            bound = [action for action in ACTIONS if action.flow == flow]
            if not bound:
                continue
            binding = auth0.TriggerActions(
                flow.logical_name,
                trigger=flow.trigger,
                actions=[
                    auth0.TriggerActionsActionArgs(id=resources[action].id, display_name=action.name)
                    for action in bound
                ],
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.flows[flow.logical_name] = FlowOutputs(
                trigger=binding.trigger,
                order=binding.actions.apply(lambda actions: [action.display_name for action in actions]),
            )
        self.register_outputs({"actions": self.actions, "flows": self.flows})


def read_code(action: Action) -> str:
    """The code of an Action, byte for byte: line ends are left as they are, so its SHA-256 is the file's.

    Raises:
        pulumi.RunError: There is no such file, or it is not UTF-8.
    """
    path = ACTIONS_FOLDER / f"{action.name}.js"
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise pulumi.RunError(
            f"the code of Action {action.name} cannot be read from actions/{path.name}: {error}\n"
            "fix: write the file, in UTF-8, or remove the Action from components/login_actions.py"
        ) from error

"""The tenant as the tests find it: with the three Actions, deployed through the Management API."""

from pathlib import Path

from local_tenant.testing import Json, TenantClient

ACTIONS = Path(__file__).parents[4] / "actions"
FORCE_MFA_DOMAIN = "forcemfa.example.com"

SECRETS = {
    "TEST_TENANT": "floatme-local",
    "INTEGRATION_TEST_DOMAIN": "integration-test.example.com",
    "FORCE_MFA_DOMAIN": FORCE_MFA_DOMAIN,
}

FAILS = """\
exports.onExecutePostLogin = async (event, api) => {
  console.log('looking up', event.user.email);
  api.user.setAppMetadata('customer', 'unknown');
  throw new Error('the customer service did not answer');
};
"""


def deploy_three_actions(tenant: TenantClient) -> list[Json]:
    """The Actions under the program's names, in its flows; those of post-login, in their order."""
    ip = tenant.deploy_action("add_ip_to_metadata", code=_code("add_ip_to_metadata"), runtime="node18-actions")
    mfa = tenant.deploy_action("mfa_action", code=_code("mfa_action"), secrets=SECRETS, runtime="node18-actions")
    signup = tenant.deploy_action(
        "enable_mfa",
        code=_code("enable_mfa"),
        trigger="pre-user-registration",
        runtime="node18-actions",
    )
    tenant.bind("post-login", [ip["id"], mfa["id"]])
    tenant.bind("pre-user-registration", [signup["id"]])
    return [ip, mfa]


def bind_failing_action(tenant: TenantClient, others: list[Json]) -> None:
    """Add an Action that throws to the end of post-login."""
    fails = tenant.deploy_action("look-up-customer", code=FAILS, runtime="node22")
    tenant.bind("post-login", [action["id"] for action in (*others, fails)])


def _code(name: str) -> str:
    return (ACTIONS / f"{name}.js").read_text()

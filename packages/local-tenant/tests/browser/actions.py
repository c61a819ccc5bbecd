"""Small Actions for the browser tests, deployed through the Management API."""

from local_tenant.testing import Json, TenantClient

SECRETS = {"STAFF_DOMAIN": "staff.example.com"}
STAFF = "ada@staff.example.com"

REMEMBERS_IP = """\
exports.onExecutePostLogin = async (event, api) => {
  api.user.setUserMetadata("last_ip", event.request.ip);
};
"""
CHALLENGES_LATER_LOGINS = """\
exports.onExecutePostLogin = async (event, api) => {
  if (event.stats.logins_count > 1) api.multifactor.enable("any");
};
"""
MARKS_USERS = """\
exports.onExecutePreUserRegistration = async (event, api) => {
  api.user.setAppMetadata("marked", true);
};
"""
FAILS = """\
exports.onExecutePostLogin = async (event, api) => {
  console.log("looking up", event.user.email);
  api.user.setAppMetadata("customer", "unknown");
  throw new Error("the customer service did not answer");
};
"""


def deploy_actions(tenant: TenantClient) -> list[Json]:
    """Two Actions in post-login, the second of which challenges later logins, and one in pre-user-registration.

    Returns:
        Those of post-login, in their order.
    """
    remembers = tenant.deploy_action("remember-ip", code=REMEMBERS_IP)
    challenges = tenant.deploy_action("challenge", code=CHALLENGES_LATER_LOGINS, secrets=SECRETS)
    tenant.bind("post-login", [remembers["id"], challenges["id"]])
    tenant.bind_action(MARKS_USERS, "mark", trigger="pre-user-registration")
    return [remembers, challenges]


def bind_failing_action(tenant: TenantClient, others: list[Json]) -> None:
    """Bind an Action that throws after these in post-login."""
    fails = tenant.deploy_action("look-up-customer", code=FAILS, secrets=SECRETS)
    tenant.bind("post-login", [action["id"] for action in (*others, fails)])

"""The Pulumi program: a stack's settings in, the Actions of the login and the sign-up out."""

import pulumi

from components.guards import guarded_settings
from components.login_actions import LoginActions, LoginActionsArgs
from components.tenant_provider import tenant_provider

settings = guarded_settings()
login_actions = LoginActions(
    "login_actions",
    LoginActionsArgs(
        runtime=settings.runtime,
        test_tenant=settings.test_tenant,
        integration_test_domain=settings.integration_test_domain,
        force_mfa_domain=settings.force_mfa_domain,
    ),
    pulumi.ResourceOptions(providers=[tenant_provider(settings)], protect=settings.is_protected),
)
pulumi.export("actions", login_actions.actions)
pulumi.export("flows", login_actions.flows)

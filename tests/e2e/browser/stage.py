"""The tenant of the story and of the pictures: the three Actions, deployed by `pulumi up`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_tenant.testing import TenantClient

from policy import Decision, EmailDomain, Kind, Login, LoginNumber, Tenant, decide
from tests.deployment import Deployment
from tests.project import isolated_environment

# Of the domain of Pulumi.local.yaml whose users need MFA.
EMAIL = "ada@forcemfa.floatme.io"


@contextmanager
def pulumi_up(folder: Path) -> Iterator[TenantClient]:
    """Deploy stack local to a new tenant with the real engine; everything is kept in `folder`."""
    deployment = Deployment.start(folder, isolated_environment(folder), stack="local", name="floatme-local")
    try:
        deployment.project.create_stack()
        deployment.project.up()
        yield deployment.tenant
    finally:
        deployment.stop()


def number_of_the_challenged_login() -> int:
    """The first password login of EMAIL that the decision table challenges."""
    user = {"tenant": Tenant.TEST, "email_domain": EmailDomain.FORCE_MFA, "auth_require_mfa": True}
    request = {"kind": Kind.PASSWORD, "challenge_required": False}
    logins = [Login.model_validate({**user, **request, "number": number}) for number in LoginNumber]
    return next(login.number.logins_count for login in logins if decide(login).decision is Decision.CHALLENGE)

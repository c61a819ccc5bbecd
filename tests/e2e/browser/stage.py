"""The tenant of the story and of the pictures: the three Actions, deployed by `pulumi up`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_tenant.testing import TenantClient

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

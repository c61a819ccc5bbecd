"""The tenant as the story finds it: with the three Actions, deployed by `pulumi up`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_tenant.testing import TenantClient

from tests.deployment import Deployment
from tests.project import isolated_environment


@contextmanager
def pulumi_up(folder: Path) -> Iterator[TenantClient]:
    """A new tenant with stack local deployed to it by the real engine; `folder` keeps all of it."""
    deployment = Deployment.start(folder, isolated_environment(folder), stack="local", name="floatme-local")
    try:
        deployment.project.create_stack()
        deployment.project.up()
        yield deployment.tenant
    finally:
        deployment.stop()

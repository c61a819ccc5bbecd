"""What tests of a deployment share: the engine, and projects deployed to tenants of their own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pulumi_engine
import pytest

from tests.deployment import Deployment, copy_deployment
from tests.project import isolated_environment

DEPLOYED = tuple(Path(__file__).parent / folder for folder in ("e2e", "operations/deployed"))
# A deployment is a dozen processes on a machine that may have other work.
SECONDS_FOR_A_TEST = 180

StartDeployment = Callable[..., Deployment]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests that deploy more time."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in DEPLOYED):
            item.add_marker(pytest.mark.timeout(SECONDS_FOR_A_TEST))


@pytest.fixture(scope="session")
def engine_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of every `pulumi` command; a missing engine fails the tests, and is never a skip."""
    try:
        return isolated_environment(tmp_path_factory.mktemp("engine"))
    except pulumi_engine.EngineMissing as error:
        missing = str(error)
    pytest.fail(missing, pytrace=False)


@pytest.fixture
def start_deployment(tmp_path: Path, engine_environment: dict[str, str]) -> Iterator[StartDeployment]:
    """Starts deployments of this test's own; their tenants are ended after the test."""
    with ExitStack() as started:

        def start(folder: Path | None = None, *, stack: str = "local", name: str = "floatme-local") -> Deployment:
            folder = folder or tmp_path / "deployment"
            folder.mkdir(exist_ok=True)
            deployment = Deployment.start(folder, engine_environment, stack=stack, name=name)
            started.callback(deployment.stop)
            return deployment

        yield start


@pytest.fixture
def fresh(_created_once: Path, tmp_path: Path, start_deployment: StartDeployment) -> Deployment:
    """Stack local, not yet deployed, and an empty tenant."""
    copy_deployment(_created_once, tmp_path / "deployment")
    return start_deployment()


@pytest.fixture
def deployed(_deployed_once: Path, tmp_path: Path, start_deployment: StartDeployment) -> Deployment:
    """Stack local, deployed to a tenant of this test's own."""
    copy_deployment(_deployed_once, tmp_path / "deployment")
    deployment = start_deployment()
    deployment.claim_state()
    return deployment


@pytest.fixture(scope="session")
def _created_once(tmp_path_factory: pytest.TempPathFactory, engine_environment: dict[str, str]) -> Path:
    """Stack local, created but not deployed, and its tenant, stopped: what `fresh` copies."""
    folder = tmp_path_factory.mktemp("created") / "deployment"
    folder.mkdir()
    deployment = Deployment.start(folder, engine_environment, stack="local", name="floatme-local")
    try:
        deployment.project.create_stack()
    finally:
        deployment.stop()
    return folder


@pytest.fixture(scope="session")
def _deployed_once(
    _created_once: Path, tmp_path_factory: pytest.TempPathFactory, engine_environment: dict[str, str]
) -> Path:
    """The same, deployed by a first `pulumi up`: what `deployed` copies."""
    folder = tmp_path_factory.mktemp("deployed") / "deployment"
    copy_deployment(_created_once, folder)
    deployment = Deployment.start(folder, engine_environment, stack="local", name="floatme-local")
    try:
        deployment.project.up()
    finally:
        deployment.stop()
    return folder

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from action_runtime import dependencies, install_dependencies
from local_tenant.testing import TenantClient, expect, expect_error
from local_tenant.testing.process import StartTenant

USES_PACKAGE = (
    'const greeting = require("greeting");\n'
    "exports.onExecutePostLogin = async (event, api) => { api.user.setUserMetadata('greeting', greeting); };\n"
)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Path]:
    """Puts the package `greeting` where npm would have installed it, and returns the folder."""

    async def run_nothing(*_arguments: object) -> None:
        """In place of npm."""

    def install(data: Path) -> Path:
        folder = asyncio.run(install_dependencies([("greeting", "1.0.0")], data / "dependencies"))
        assert folder is not None
        module = folder / "node_modules" / "greeting"
        module.mkdir(parents=True)
        (module / "index.js").write_text("module.exports = 'hello';\n")
        return folder

    monkeypatch.setattr(dependencies, "_run", run_nothing)
    return install


def test_an_action_without_its_packages_fails_the_login(
    fresh_tenant: StartTenant, installed: Callable[[Path], Path], tmp_path: Path
) -> None:
    process = fresh_tenant()
    folder = installed(tmp_path / "data")
    with TenantClient(process.ready) as tenant:
        person = tenant.sign_up()
        tenant.bind_action(USES_PACKAGE, dependencies=[{"name": "greeting", "version": "1.0.0"}])
        expect(person.log_in(), 200)
        assert person.profile()["user_metadata"] == {"greeting": "hello"}
    assert process.end() == 0
    shutil.rmtree(folder)
    with TenantClient(fresh_tenant().ready) as tenant:
        person.tenant = tenant
        expect_error(person.log_in(), 500, "access_denied")
        assert "greeting" in tenant.trace()["outcome"]["error_description"]

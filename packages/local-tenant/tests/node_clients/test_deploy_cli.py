"""auth0-deploy-cli, unchanged: it exports a tenant with secrets, and imports its own export."""

import os
import subprocess
from pathlib import Path

import pytest
from javascript import installed_packages
from local_tenant.testing import TenantClient, expect

HERE = Path(__file__).parent
SECONDS_TO_RUN = 200
SAYS_ITS_SECRET = "exports.onExecutePostLogin = async (event, api) => console.log(event.secrets.KEY.length);"

# A tool of a hundred packages that paces its own requests.
pytestmark = pytest.mark.timeout(SECONDS_TO_RUN + 40)


class DeployCli:
    def __init__(self, packages: Path, tenant: TenantClient, folder: Path) -> None:
        """Files are read and written in `folder`."""
        self._command = ["node", str(packages / "auth0-deploy-cli" / "lib" / "index.js")]
        self._environment = {**os.environ, **tenant.environment()}
        self.folder = folder

    def run(self, *arguments: str, only: str = "[]") -> str:
        """Run it to its end: what it printed; fails the test if it fails."""
        only_these = {} if only == "[]" else {"AUTH0_INCLUDED_ONLY": only}
        ran = subprocess.run(  # noqa: S603 - of this environment
            [*self._command, *arguments],
            cwd=self.folder,
            env={**self._environment, **only_these},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=SECONDS_TO_RUN,
        )
        assert ran.returncode == 0, ran.stdout
        return ran.stdout


@pytest.fixture
def deploy_cli(pytestconfig: pytest.Config, tenant: TenantClient, tmp_path: Path) -> DeployCli:
    return DeployCli(installed_packages(pytestconfig, HERE), tenant, tmp_path)


def test_a_full_export_ends_and_names_what_is_not_built(deploy_cli: DeployCli, tenant: TenantClient) -> None:
    tenant.create_client("Mine", callbacks=["http://localhost:3000"])
    printed = deploy_cli.run("export", "--format", "yaml", "--output_folder", ".")
    assert "Export Successful" in printed
    text = (deploy_cli.folder / "tenant.yaml").read_text()
    assert "name: Mine" in text
    assert "rules: []" in text


def test_its_own_export_with_secrets_can_be_imported(deploy_cli: DeployCli, tenant: TenantClient) -> None:
    tenant.bind_action(SAYS_ITS_SECRET, name="reads", secrets={"KEY": "twelve chars"})
    client = tenant.create_client("Mine", callbacks=["http://localhost:3000"])
    only = '["actions","triggers","clients"]'
    deploy_cli.run("export", "--format", "yaml", "--output_folder", ".", only=only)
    file = deploy_cli.folder / "tenant.yaml"
    file.write_text(file.read_text().replace("http://localhost:3000", "http://localhost:4000"))

    assert "Mine" in deploy_cli.run("import", "--dry_run", "--input_file", "tenant.yaml", only=only)
    assert expect(tenant.api.get(f"/api/v2/clients/{client['client_id']}"), 200) == client
    assert "Import Successful" in deploy_cli.run("import", "--input_file", "tenant.yaml", only=only)
    changed = expect(tenant.api.get(f"/api/v2/clients/{client['client_id']}"), 200)
    assert changed == {**client, "callbacks": ["http://localhost:4000"]}

    ada = tenant.sign_up()
    expect(ada.log_in(), 200)
    [action] = tenant.trace()["trace"]["actions"]
    assert "12" in str(action["console"]), "the secret kept its value"

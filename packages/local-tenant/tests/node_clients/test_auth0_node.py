"""auth0 for Node, unchanged: it manages users and clients, and gets an error for what is not built."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from javascript import installed_packages
from local_tenant.testing import TenantClient

HERE = Path(__file__).parent
PROGRAM = """
const { ManagementClient } = require(process.env.PACKAGES + "/auth0");
const domain = process.env.AUTH0_DOMAIN;

(async () => {
  const management = new ManagementClient({
    domain, clientId: process.env.AUTH0_CLIENT_ID, clientSecret: process.env.AUTH0_CLIENT_SECRET,
  });
  const user = await management.users.create({
    connection: "Username-Password-Authentication", email: "ada@example.com", password: "Local-tenant-1",
  });
  const client = await management.clients.create({ name: "Mine", grant_types: ["password"] });
  const names = [];
  for await (const each of await management.clients.list()) names.push(each.name);
  const missing = await management.roles.create({ name: "x" }).catch((error) => error);
  const rotated = await management.clients.rotateSecret(client.client_id);
  await management.clients.delete(client.client_id);
  await management.users.delete(user.user_id);
  console.log(JSON.stringify({
    names, missing: [missing.statusCode, missing.body.errorCode],
    rotated: rotated.client_secret !== client.client_secret,
  }));
})();
"""


def test_it_manages_clients_and_learns_what_is_not_built(pytestconfig: pytest.Config, tenant: TenantClient) -> None:
    packages = installed_packages(pytestconfig, HERE)
    ran = subprocess.run(  # noqa: S603 - of this environment
        ["node", "-e", PROGRAM],  # noqa: S607 - of this environment
        env={**os.environ, **tenant.environment(), "PACKAGES": str(packages)},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "names": ["Management client", "Application", "Single page application", "Mine"],
        "missing": [403, "not_built_locally"],
        "rotated": True,
    }

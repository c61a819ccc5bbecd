"""Private-key JWT: the real provider and the operations sign assertions instead of sending a secret."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from operations.doctor.checks import SCOPES
from tests.deployment import Deployment
from tests.operations.deployed.command import actions_ops, drift

SECRETS = ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET")


@pytest.fixture
def signing(fresh: Deployment) -> Deployment:
    """Stack local, not deployed yet; its credentials are a client's id and private key."""
    key = rsa.generate_private_key(65_537, 2_048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    client = fresh.tenant.create_client("deployer", app_type="non_interactive", grant_types=["client_credentials"])
    scopes = sorted({scope for scopes in SCOPES.values() for scope in scopes})
    fresh.tenant.grant_api(client["client_id"], fresh.tenant.audience, *scopes)
    fresh.tenant.use_key(client["client_id"], public, "PS256")
    for name in SECRETS:
        del fresh.project.environment[name]
    fresh.project.environment |= {
        "AUTH0_CLIENT_ID": client["client_id"],
        "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY": key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode(),
        "AUTH0_CLIENT_ASSERTION_SIGNING_ALG": "PS256",
    }
    return fresh


def test_a_stack_is_deployed_and_compared_with_a_private_key_alone(signing: Deployment) -> None:
    signing.project.up()
    signing.assert_converged()

    assert drift(signing, "--json").json(0)["drift"] == []
    data = str(signing.process.data)
    ran = actions_ops(signing, "doctor", "--stack", signing.project.stack, "--json", LOCAL_TENANT_DATA=data)
    assert [line for line in ran.json(0)["lines"] if line["level"] == "WRONG"] == []


def test_a_key_that_is_not_the_clients_is_refused_with_the_setting_to_look_at(signing: Deployment) -> None:
    wrong = rsa.generate_private_key(65_537, 2_048)
    pem = wrong.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    signing.project.environment["AUTH0_CLIENT_ASSERTION_PRIVATE_KEY"] = pem

    assert "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY" in drift(signing, "--json").json(2)["fix"]
    assert "invalid_client" in signing.project.failing_up()

    signing.project.environment["AUTH0_CLIENT_ASSERTION_PRIVATE_KEY"] = "no key"
    assert "PEM, with its line breaks" in drift(signing, "--json").json(2)["fix"]

"""Clients that sign assertions instead of sending a secret (private_key_jwt)."""

import time
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import jwt
import pytest
from auth0.authentication.client_authentication import create_client_assertion_jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from local_tenant.testing import Json, TenantClient, expect, expect_error

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def new_key(number: int = 0) -> rsa.RSAPrivateKey:
    """A key for each number."""
    return _keys(2_048)[number]


@cache
def _keys(bits: int) -> list[rsa.RSAPrivateKey]:
    return [rsa.generate_private_key(65_537, bits) for _ in range(2)]


def private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass
class Machine:
    """A client that may read Actions, and its key."""

    tenant: TenantClient
    client_id: str
    client_secret: str
    kid: str

    def claims(self, **changes: Any) -> Json:  # noqa: ANN401 - right or wrong claims; None leaves one out
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": f"{self.tenant.url}/",
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, **changes: Any) -> str:  # noqa: ANN401 - as `claims`
        return jwt.encode(self.claims(**changes), new_key(), "RS256")

    def ask(self, assertion: str, **changes: Any) -> httpx.Response:  # noqa: ANN401 - right or wrong members
        form = {
            "grant_type": "client_credentials",
            "audience": self.tenant.audience,
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion,
            **changes,
        }
        return self.tenant.http.post("/oauth/token", data=form)


def machine_with(tenant: TenantClient, alg: str) -> Machine:
    client = tenant.create_client(app_type="non_interactive", grant_types=["client_credentials"])
    tenant.grant_api(client["client_id"], tenant.audience, "read:actions")
    credential = tenant.use_key(client["client_id"], public_pem(new_key()), alg)
    return Machine(tenant, client["client_id"], client["client_secret"], credential["kid"])


@pytest.fixture
def machine(tenant: TenantClient) -> Machine:
    return machine_with(tenant, "RS256")


@pytest.mark.parametrize("alg", ["RS256", "RS384", "PS256"])
def test_an_assertion_of_auth0s_sdk_gets_a_token_once(tenant: TenantClient, alg: str) -> None:
    machine = machine_with(tenant, alg)
    domain = tenant.ready["domain"]
    assertion = create_client_assertion_jwt(domain, machine.client_id, private_pem(new_key()), alg)

    answer = expect(machine.ask(assertion, client_id=machine.client_id), 200)

    assert answer["scope"] == "read:actions"
    again = machine.ask(assertion)
    expect_error(again, 401, "invalid_client")
    assert "jti was used before" in again.text


def test_the_kid_names_the_key_and_the_token_endpoint_is_a_recipient_too(machine: Machine) -> None:
    claims = machine.claims(aud=f"{machine.tenant.url}/oauth/token")
    expect(machine.ask(jwt.encode(claims, new_key(), "RS256", headers={"kid": machine.kid})), 200)
    other = jwt.encode(machine.claims(), new_key(), "RS256", headers={"kid": "another"})
    expect_error(machine.ask(other), 401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://floatme-prod.us.auth0.com/"},
        {"aud": None},
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"sub": 7},
        {"exp": None},
        {"exp": 1},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 65},
    ],
    ids=str,
)
def test_an_assertion_with_a_wrong_claim_proves_nothing(machine: Machine, changes: Json) -> None:
    expect_error(machine.ask(machine.signed(**changes)), 401, "invalid_client")


def test_an_assertion_for_several_recipients_proves_nothing(machine: Machine) -> None:
    ours = f"{machine.tenant.url}/"
    expect(machine.ask(machine.signed(aud=[ours])), 200)
    expect_error(machine.ask(machine.signed(aud=[ours, "https://other.example.com/"])), 401, "invalid_client")


def test_no_other_key_and_no_other_algorithm_signs_for_it(machine: Machine) -> None:
    claims = machine.claims()
    public = public_pem(new_key())
    forged = [
        jwt.encode(claims, new_key(1), "RS256"),
        jwt.encode(claims, new_key(), "RS384"),
        jwt.encode(claims, new_key(), "PS256"),
        jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256"),
        jwt.encode(claims, "", "none"),
        # The public key as a secret: what an endpoint that trusts the header takes.
        jwt.encode(claims, machine.client_secret, "HS256"),
        hs256_with(public.encode(), claims),
        machine.signed()[:-8] + "AAAAAAAA",
        "not.a.jwt",
        "",
    ]
    for assertion in forged:
        expect_error(machine.ask(assertion), 401, "invalid_client")


def hs256_with(secret: bytes, claims: Json) -> str:
    """PyJWT refuses to take a public key for a secret, as it should."""
    algorithm = jwt.get_algorithm_by_name("HS256")
    head = jwt.utils.base64url_encode(b'{"alg":"HS256","typ":"JWT"}')
    body = jwt.encode(claims, "x" * 32, "HS256").split(".")[1].encode()
    signature = algorithm.sign(head + b"." + body, secret)
    return b".".join([head, body, jwt.utils.base64url_encode(signature)]).decode()


def test_the_secret_no_longer_counts_and_is_not_accepted_beside_an_assertion(machine: Machine) -> None:
    credentials = {"client_id": machine.client_id, "client_secret": machine.client_secret}
    form = {"grant_type": "client_credentials", "audience": machine.tenant.audience, **credentials}
    expect_error(machine.tenant.http.post("/oauth/token", data=form), 401, "access_denied")
    expect_error(machine.ask(machine.signed(), **credentials), 401, "invalid_client")

    # Until it authenticates with the secret again.
    body = {"token_endpoint_auth_method": "client_secret_post"}
    client = expect(machine.tenant.api.patch(f"/api/v2/clients/{machine.client_id}", json=body), 200)
    assert "client_authentication_methods" not in client
    expect(machine.tenant.http.post("/oauth/token", data=form), 200)
    expect_error(machine.ask(machine.signed()), 401, "invalid_client")


def test_a_client_with_a_secret_cannot_assert_and_another_type_is_a_bad_request(machine: Machine) -> None:
    management = machine.tenant.ready["management"]["client_id"]
    expect_error(machine.ask(machine.signed(iss=management, sub=management)), 401, "invalid_client")
    expect_error(machine.ask(machine.signed(), client_id=management), 401, "invalid_client")
    expect_error(machine.ask(machine.signed(), client_assertion_type="saml"), 400, "invalid_request")


def test_a_key_that_expires_or_is_deleted_signs_no_longer(machine: Machine) -> None:
    path = f"/api/v2/clients/{machine.client_id}/credentials"
    [credential] = machine.tenant.api.get(path).json()
    assert set(credential) == {"id", "credential_type", "kid", "alg", "created_at", "updated_at"}
    one = f"{path}/{credential['id']}"

    expect(machine.tenant.api.patch(one, json={"expires_at": "2020-01-01T00:00:00Z"}), 200)
    expect_error(machine.ask(machine.signed()), 401, "invalid_client")
    expect(machine.tenant.api.patch(one, json={"expires_at": None}), 200)
    expect(machine.ask(machine.signed()), 200)

    assert machine.tenant.api.delete(one).status_code == 204
    assert machine.tenant.api.get(one).status_code == 404
    expect_error(machine.ask(machine.signed()), 401, "invalid_client")


def test_two_keys_count_at_a_time_so_that_they_can_be_rotated(machine: Machine) -> None:
    path = f"/api/v2/clients/{machine.client_id}"
    body = {"credential_type": "public_key", "pem": public_pem(new_key(1))}
    second = expect(machine.tenant.api.post(f"{path}/credentials", json=body), 201)
    assert machine.tenant.api.post(f"{path}/credentials", json=body).status_code == 400
    ids = [each["id"] for each in machine.tenant.api.get(f"{path}/credentials").json()]
    methods = {"private_key_jwt": {"credentials": [{"id": each} for each in ids]}}
    expect(machine.tenant.api.patch(path, json={"client_authentication_methods": methods}), 200)

    assert second["alg"] == "RS256"
    for number in (0, 1):
        expect(machine.ask(jwt.encode(machine.claims(), new_key(number), "RS256")), 200)


def test_keys_that_auth0_does_not_take_are_refused(machine: Machine) -> None:
    path = f"/api/v2/clients/{machine.client_id}"
    curve = ec.generate_private_key(ec.SECP256R1())
    for pem in (private_pem(new_key()), public_pem(_keys(1_024)[0]), public_pem(curve), "no key", ""):
        body = {"credential_type": "public_key", "pem": pem}
        assert machine.tenant.api.post(f"{path}/credentials", json=body).status_code == 400
    for changes in ({"alg": "ES256"}, {"credential_type": "x509_cert"}, {"expires_at": "soon"}):
        body = {"credential_type": "public_key", "pem": public_pem(new_key()), **changes}
        assert machine.tenant.api.post(f"{path}/credentials", json=body).status_code == 400
    methods = {"private_key_jwt": {"credentials": [{"id": "cred_of_nobody"}]}}
    answer = machine.tenant.api.patch(path, json={"client_authentication_methods": methods})
    assert answer.status_code == 400
    assert "credential does not exist" in answer.text


def test_the_openid_configuration_names_method_and_algorithms(tenant: TenantClient) -> None:
    configuration = tenant.http.get("/.well-known/openid-configuration").json()
    assert "private_key_jwt" in configuration["token_endpoint_auth_methods_supported"]
    assert configuration["token_endpoint_auth_signing_alg_values_supported"] == ["RS256", "RS384", "PS256"]

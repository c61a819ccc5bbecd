"""Management tokens as an attacker or a mistaken client would send them."""

import base64
import hashlib
import hmac
import json
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from local_tenant.scopes import ALL_SCOPES
from local_tenant.testing import Json, TenantClient

STRANGERS_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@cache
def own_key(data: Path) -> tuple[str, rsa.RSAPrivateKey]:
    """A tenant's key and its id, out of its database."""
    with closing(sqlite3.connect(f"file:{data / 'tenant.sqlite3'}?mode=ro", uri=True)) as connection:
        kid, pem = connection.execute("SELECT kid, private_pem FROM signing_keys").fetchone()
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return kid, key


def claims(tenant: TenantClient, **other: object) -> Json:
    """Claims of a good token, with `other` in the place of some."""
    good = jwt.decode(tenant.token(), options={"verify_signature": False})
    return {**good, **other}


def signed(tenant: TenantClient, **other: object) -> str:
    """A token signed with the tenant's own key."""
    kid, key = own_key(tenant.data)
    return jwt.encode(claims(tenant, **other), key, algorithm="RS256", headers={"kid": kid})


def signed_by_a_stranger(tenant: TenantClient) -> str:
    return jwt.encode(claims(tenant), STRANGERS_KEY, algorithm="RS256", headers={"kid": own_key(tenant.data)[0]})


def unsigned(tenant: TenantClient) -> str:
    """`alg: none`, with an empty signature."""
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims(tenant))}."


def signed_with_the_public_key(tenant: TenantClient) -> str:
    """HS256 with the RS256 public key as its secret: works on a reader that lets the header choose the algorithm."""
    key = jwt.PyJWK(tenant.http.get("/.well-known/jwks.json").json()["keys"][0]).key
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = {"alg": "HS256", "typ": "JWT", "kid": own_key(tenant.data)[0]}
    signing_input = f"{_encoded(head)}.{_encoded(claims(tenant))}"
    signature = hmac.new(pem, signing_input.encode(), hashlib.sha256).digest()
    return f"{signing_input}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def tampered(tenant: TenantClient) -> str:
    """More scopes than were granted, under the signature of fewer."""
    head, _, signature = tenant.token("read:actions").split(".")
    return f"{head}.{_encoded(claims(tenant, scope=' '.join(ALL_SCOPES)))}.{signature}"


def _encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

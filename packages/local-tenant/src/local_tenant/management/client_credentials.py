"""Credentials of clients: public keys whose owner signs assertions (private_key_jwt)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from action_runtime.timestamps import NANOSECONDS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from joserfc.jwk import RSAKey
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.profiles import time_text
from local_tenant.http import Json
from local_tenant.identifiers import alphanumeric
from local_tenant.management.clients import find_client
from local_tenant.management.errors import ApiError, invalid_body
from local_tenant.management.validation import Payload, read_payload
from local_tenant.store import client_credentials
from local_tenant.store.client_credentials import ClientCredential
from local_tenant.tenant import tenant_of

# Documented.
MOST_CREDENTIALS = 2
KEY_BITS = range(2_048, 4_097)


class NewCredential(Payload):
    """POST /clients/{id}/credentials."""

    credential_type: Literal["public_key"]
    pem: str
    name: Annotated[str, Field(max_length=128)] = ""
    alg: Literal["RS256", "RS384", "PS256"] = "RS256"
    expires_at: str | None = None


class CredentialChange(Payload):
    """PATCH /clients/{id}/credentials/{credential_id}."""

    expires_at: str | None


async def create(request: Request) -> Response:
    """POST /clients/{id}/credentials: 201; the client uses it once its authentication method names it."""
    tenant = tenant_of(request)
    payload = await read_payload(request, NewCredential)
    pem, now = _public_key(payload.pem), tenant.clock.now()

    def work(connection: sqlite3.Connection) -> ClientCredential:
        client = find_client(connection, request)
        if len(client_credentials.of_client(connection, client.client_id)) >= MOST_CREDENTIALS:
            raise ApiError(400, f"A client has at most {MOST_CREDENTIALS} credentials", "too_many_credentials")
        credential = ClientCredential(
            id=f"cred_{alphanumeric(22)}",
            client_id=client.client_id,
            name=payload.name,
            kid=RSAKey.import_key(pem).thumbprint(),
            alg=payload.alg,
            pem=pem,
            created_at=now,
            updated_at=now,
            expires_at=_time(payload.expires_at),
        )
        client_credentials.add(connection, credential)
        return credential

    return Json(_json(await tenant.database.write(work)), status_code=201)


async def listing(request: Request) -> Response:
    """GET /clients/{id}/credentials: a plain list."""

    def look(connection: sqlite3.Connection) -> list[ClientCredential]:
        return client_credentials.of_client(connection, find_client(connection, request).client_id)

    return Json([_json(credential) for credential in tenant_of(request).database.read(look)])


async def read(request: Request) -> Response:
    """GET /clients/{id}/credentials/{credential_id}: without the key itself."""
    return Json(_json(tenant_of(request).database.read(_find, request)))


async def change(request: Request) -> Response:
    """PATCH /clients/{id}/credentials/{credential_id}: when it expires."""
    tenant = tenant_of(request)
    payload = await read_payload(request, CredentialChange)
    expires_at = _time(payload.expires_at)

    def work(connection: sqlite3.Connection) -> ClientCredential:
        credential = replace(_find(connection, request), expires_at=expires_at, updated_at=tenant.clock.now())
        client_credentials.update(connection, credential)
        return credential

    return Json(_json(await tenant.database.write(work)))


async def delete(request: Request) -> Response:
    """DELETE /clients/{id}/credentials/{credential_id}: 204; its assertions are refused from now on."""
    await tenant_of(request).database.write(
        lambda connection: client_credentials.delete(connection, _find(connection, request))
    )
    return Response(status_code=204)


def _find(connection: sqlite3.Connection, request: Request) -> ClientCredential:
    client = find_client(connection, request)
    credential = client_credentials.get(connection, client.client_id, request.path_params["credential_id"])
    if credential is None:
        raise ApiError(404, "The credential does not exist", "inexistent_credential")
    return credential


def _public_key(pem: str) -> str:
    """The RSA key in a public key or a certificate, both in PEM."""
    try:
        text = pem.encode()
        is_certificate = "BEGIN CERTIFICATE" in pem
        key = load_pem_x509_certificate(text).public_key() if is_certificate else load_pem_public_key(text)
    except ValueError as error:
        raise invalid_body("'Invalid public key or certificate' on property pem.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size not in KEY_BITS:
        raise invalid_body(f"'Expected an RSA key of {KEY_BITS[0]} to {KEY_BITS[-1]} bits' on property pem.")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _time(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return int(time.replace(tzinfo=time.tzinfo or UTC).timestamp()) * NANOSECONDS
    except (ValueError, OverflowError) as error:
        raise invalid_body("'Expected a date and time' on property expires_at.") from error


def _json(credential: ClientCredential) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": credential.id,
        "credential_type": "public_key",
        "kid": credential.kid,
        "alg": credential.alg,
        "created_at": time_text(credential.created_at),
        "updated_at": time_text(credential.updated_at),
    }
    if credential.name:
        content["name"] = credential.name
    if credential.expires_at is not None:
        content["expires_at"] = time_text(credential.expires_at)
    return content

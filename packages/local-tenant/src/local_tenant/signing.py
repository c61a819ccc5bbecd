"""RS256 tokens: signed with the tenant's key, read back against its clock."""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64encode
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import RSAKey

from local_tenant.store.signing_keys import StoredKey

ALGORITHM = "RS256"


class TokenError(Exception):
    """A token that cannot be trusted."""


class MalformedTokenError(TokenError):
    """It is not a signed token of this kind at all."""


class SignatureError(TokenError):
    """Nobody with the tenant's key signed it."""


class ExpiredTokenError(TokenError):
    """Its time is over, by the tenant's clock."""


def new_key() -> StoredKey:
    """Make an RSA key of 2,048 bits, as Auth0's are."""
    key = RSAKey.generate_key(2048, private=True)
    return StoredKey(uuid.uuid4().hex, key.as_pem(private=True).decode())


class Signer:
    """Signs claims, and gives them back when the signature holds."""

    def __init__(self, stored: StoredKey) -> None:
        """Import the key once; signing then costs little more than RSA itself."""
        self._key = RSAKey.import_key(stored.private_pem, {"kid": stored.kid, "use": "sig", "alg": ALGORITHM})
        header = orjson.dumps({"alg": ALGORITHM, "typ": "JWT", "kid": stored.kid})
        self._protected = urlsafe_b64encode(header).rstrip(b"=")
        private_key = self._key.private_key
        if private_key is None:
            raise AssertionError("a stored key is a private key")
        self._private_key = private_key

    def public_jwks(self) -> dict[str, Any]:
        """The JSON Web Key Set: `{"keys": [{kty, use, alg, kid, n, e}]}`."""
        return {"keys": [self._key.as_dict(private=False)]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact JWS of the claims (RFC 7515, section 7.1).

        Put together here, because each login needs two: what joserfc checks about the header costs a quarter of a
        signature each time, and the header is always the same.
        """
        signed = self._protected + b"." + urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=")
        signature = self._private_key.sign(signed, PKCS1v15(), SHA256())
        return (signed + b"." + urlsafe_b64encode(signature).rstrip(b"=")).decode()

    def read(self, token: str, now: int) -> dict[str, Any]:
        """Claims of a token whose signature and times hold at `now` (seconds since 1970).

        Raises:
            MalformedTokenError: not a JWS with RS256 and an object of claims.
            SignatureError: signed by another key.
            ExpiredTokenError: `exp` is past, or absent.
        """
        try:
            jws.extract_compact(token.encode())
        except (JoseError, ValueError) as error:
            raise MalformedTokenError from error
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
        except BadSignatureError as error:
            raise SignatureError from error
        except (JoseError, ValueError) as error:
            raise MalformedTokenError from error
        expires = claims.get("exp")
        if not isinstance(expires, int) or expires <= now:
            raise ExpiredTokenError
        return claims

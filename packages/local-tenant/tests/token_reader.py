"""Reads tokens as a consumer does: with PyJWT, by the keys that the tenant publishes."""

import jwt
from local_tenant.testing import Json, TenantClient, expect


def read_token(tenant: TenantClient, token: str, audience: str, *, verify_exp: bool = True) -> Json:
    """The claims, after a check of signature, issuer and audience."""
    keys = jwt.PyJWKSet.from_dict(expect(tenant.http.get("/.well-known/jwks.json"), 200))
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims: Json = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=audience,
        issuer=f"{tenant.url}/",
        options={"require": ["exp", "iat", "sub"], "verify_exp": verify_exp},
    )
    return claims


def client_id(tenant: TenantClient) -> str:
    return tenant.ready["application"]["client_id"]


def userinfo_audience(tenant: TenantClient) -> str:
    return f"{tenant.url}/userinfo"

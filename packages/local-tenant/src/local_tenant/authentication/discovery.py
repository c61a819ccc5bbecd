"""What the tenant publishes for readers of its tokens: JWKS and the OpenID configuration."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.client_assertions import ALGORITHMS
from local_tenant.authentication.browser.authorize_request import RESPONSE_MODES
from local_tenant.http import Json
from local_tenant.tenant import tenant_of

PUBLIC = {"Cache-Control": "public, max-age=15", "Access-Control-Allow-Origin": "*"}


async def jwks(request: Request) -> Response:
    """GET /.well-known/jwks.json."""
    return Json(tenant_of(request).signer.public_jwks(), headers=PUBLIC)


async def openid_configuration(request: Request) -> Response:
    """GET /.well-known/openid-configuration: what this tenant supports."""
    tenant = tenant_of(request)
    return Json(
        {
            "issuer": tenant.issuer,
            "authorization_endpoint": f"{tenant.url}/authorize",
            "token_endpoint": f"{tenant.url}/oauth/token",
            "userinfo_endpoint": f"{tenant.url}/userinfo",
            "mfa_challenge_endpoint": f"{tenant.url}/mfa/challenge",
            "jwks_uri": f"{tenant.url}/.well-known/jwks.json",
            "revocation_endpoint": f"{tenant.url}/oauth/revoke",
            "end_session_endpoint": f"{tenant.url}/oidc/logout",
            "scopes_supported": ["openid", "profile", "offline_access", "email"],
            "response_types_supported": [
                "code",
                "token",
                "id_token",
                "code token",
                "code id_token",
                "token id_token",
                "code token id_token",
            ],
            "response_modes_supported": list(RESPONSE_MODES),
            "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
                "none",
            ],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "claims_supported": [
                "aud",
                "auth_time",
                "email",
                "email_verified",
                "exp",
                "iat",
                "iss",
                "name",
                "nickname",
                "picture",
                "sid",
                "sub",
            ],
        },
        headers=PUBLIC,
    )

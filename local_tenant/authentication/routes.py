"""Paths of the Authentication API."""

from __future__ import annotations

from starlette.routing import Route

from local_tenant.authentication import discovery
from local_tenant.authentication.token_endpoint import token

ROUTES = [
    Route("/oauth/token", token, methods=["POST"]),
    Route("/.well-known/jwks.json", discovery.jwks, methods=["GET"]),
    Route("/.well-known/openid-configuration", discovery.openid_configuration, methods=["GET"]),
]

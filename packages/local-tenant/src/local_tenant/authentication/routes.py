"""Paths of the Authentication API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local_tenant.authentication import discovery, unbuilt
from local_tenant.authentication.browser import logout, universal_login
from local_tenant.authentication.browser.authorize import authorize, authorize_by_post
from local_tenant.authentication.browser.resume import resume
from local_tenant.authentication.mfa import endpoints as mfa_endpoints
from local_tenant.authentication.signup.endpoint import signup
from local_tenant.authentication.tokens.endpoint import token
from local_tenant.authentication.tokens.revocation import revoke
from local_tenant.authentication.tokens.userinfo import userinfo


def _get(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    """A route for GET alone: HEAD, as link checkers send it, must not log in or out, nor begin an enrolment."""
    route = Route(path, endpoint, methods=["GET"])
    # Starlette makes every route for GET answer HEAD too.
    route.methods = {"GET"}
    return route


ROUTES = [
    Route("/oauth/token", token, methods=["POST"]),
    Route("/oauth/revoke", revoke, methods=["POST"]),
    Route("/dbconnections/signup", signup, methods=["POST"]),
    Route("/userinfo", userinfo, methods=["GET", "POST"]),
    _get("/authorize", authorize),
    Route("/authorize", authorize_by_post, methods=["POST"]),
    _get(universal_login.RESUME, resume),
    _get(logout.AUTH0_LOGOUT, logout.logout),
    _get(logout.OIDC_LOGOUT, logout.oidc_logout),
    Route(logout.OIDC_LOGOUT, logout.oidc_logout, methods=["POST"]),
    _get(universal_login.LOGIN, universal_login.show_login),
    Route(universal_login.LOGIN, universal_login.send_login, methods=["POST"]),
    _get(universal_login.SIGNUP, universal_login.show_signup),
    Route(universal_login.SIGNUP, universal_login.send_signup, methods=["POST"]),
    _get(universal_login.ENROLMENT, universal_login.show_enrolment),
    Route(universal_login.ENROLMENT, universal_login.send_enrolment, methods=["POST"]),
    _get(universal_login.CHALLENGE, universal_login.show_challenge),
    Route(universal_login.CHALLENGE, universal_login.send_challenge, methods=["POST"]),
    _get(universal_login.RECOVERY, universal_login.show_recovery),
    Route(universal_login.RECOVERY, universal_login.send_recovery, methods=["POST"]),
    _get(universal_login.NEW_RECOVERY_CODE, universal_login.show_new_code),
    Route(universal_login.NEW_RECOVERY_CODE, universal_login.send_new_code, methods=["POST"]),
    Route("/mfa/associate", mfa_endpoints.associate, methods=["POST"]),
    Route("/mfa/challenge", mfa_endpoints.challenge, methods=["POST"]),
    Route("/mfa/authenticators", mfa_endpoints.listing, methods=["GET"]),
    Route("/mfa/authenticators/{id}", mfa_endpoints.remove, methods=["DELETE"]),
    Route("/.well-known/jwks.json", discovery.jwks, methods=["GET"]),
    Route("/.well-known/openid-configuration", discovery.openid_configuration, methods=["GET"]),
]

NOT_BUILT = [Route(path, unbuilt.answer, methods=methods) for path, methods in unbuilt.ENDPOINTS]

"""Paths of the Authentication API."""

from __future__ import annotations

from starlette.routing import Route

from local_tenant.authentication import change_password, discovery, unbuilt
from local_tenant.authentication.browser import logout, resume, universal_login
from local_tenant.authentication.browser.authorize import authorize, authorize_by_post
from local_tenant.authentication.mfa import endpoints as mfa_endpoints
from local_tenant.authentication.signup.endpoint import signup
from local_tenant.authentication.tokens.endpoint import token
from local_tenant.authentication.tokens.revocation import revoke
from local_tenant.authentication.tokens.userinfo import userinfo


def _route(path: str, endpoint: universal_login.Handler, *methods: str) -> Route:
    """A route without HEAD, which must not log in or out, nor begin an enrolment when a link checker sends it."""
    route = Route(path, endpoint, methods=methods)
    # Starlette makes every route for GET answer HEAD too.
    route.methods = set(methods)
    return route


ROUTES = [
    Route("/oauth/token", token, methods=["POST"]),
    Route("/oauth/revoke", revoke, methods=["POST"]),
    Route("/dbconnections/signup", signup, methods=["POST"]),
    Route("/dbconnections/change_password", change_password.change_password, methods=["POST"]),
    _route(change_password.PAGE, change_password.show, "GET"),
    Route(change_password.PAGE, change_password.send, methods=["POST"]),
    Route("/userinfo", userinfo, methods=["GET", "POST"]),
    _route("/authorize", authorize, "GET"),
    Route("/authorize", authorize_by_post, methods=["POST"]),
    _route(resume.RESUME, resume.resume, "GET"),
    _route(resume.CONFIRMATION, resume.confirmation, "GET", "POST"),
    _route(logout.AUTH0_LOGOUT, logout.logout, "GET"),
    _route(logout.OIDC_LOGOUT, logout.oidc_logout, "GET", "POST"),
    *(_route(path, page, "GET", "POST") for path, page in universal_login.PAGES.items()),
    Route("/mfa/associate", mfa_endpoints.associate, methods=["POST"]),
    Route("/mfa/challenge", mfa_endpoints.challenge, methods=["POST"]),
    Route("/mfa/authenticators", mfa_endpoints.listing, methods=["GET"]),
    Route("/mfa/authenticators/{id}", mfa_endpoints.remove, methods=["DELETE"]),
    Route("/.well-known/jwks.json", discovery.jwks, methods=["GET"]),
    Route("/.well-known/openid-configuration", discovery.openid_configuration, methods=["GET"]),
]

NOT_BUILT = [Route(path, unbuilt.answer, methods=methods) for path, methods in unbuilt.ENDPOINTS]

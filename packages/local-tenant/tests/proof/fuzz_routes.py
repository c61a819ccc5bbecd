"""Every route of the tenant, a request that each of them accepts, and a tenant in which there is something to find."""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pyotp
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from local_tenant.app import create_app
from local_tenant.authentication.unbuilt import ENDPOINTS as NOT_BUILT
from local_tenant.page.addresses import cookie_name, entry_key, login_state, session_key
from local_tenant.tenant import Tenant
from local_tenant.testing import PASSWORD, TenantClient, expect
from local_tenant.testing.people import CONNECTION, OTP_GRANT
from login_browser import CALLBACK, CHALLENGE, VERIFIER, Browser
from starlette.routing import BaseRoute, Mount, Route

# What is sent reaches claims and metadata.
ECHOES = """
exports.onExecutePostLogin = async (event, api) => {
  const odd = event.request.body?.odd ?? event.request.query?.odd ?? null;
  api.user.setUserMetadata("odd", odd);
  api.user.setAppMetadata("odd", odd);
  api.idToken.setCustomClaim("odd", odd);
  api.accessToken.setCustomClaim("odd", odd);
  if (event.user.app_metadata.challenged) api.multifactor.enable("any");
};
"""
ECHOES_AT_SIGN_UP = """
exports.onExecutePreUserRegistration = async (event, api) => {
  api.user.setAppMetadata("odd", event.user.user_metadata?.odd ?? null);
};
"""

_PUBLIC = rsa.generate_private_key(65_537, 2_048).public_key()
_PEM = _PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
KEY = {"credential_type": "public_key", "name": "odd", "pem": _PEM, "alg": "PS256"}

Credential = Literal["management", "mfa", "access", "page", "browser", "none"]
World = Mapping[str, str]


@dataclass(frozen=True)
class Endpoint:
    """A method of a route; `path` has `{id}` for an identifier."""

    method: str
    path: str

    @property
    def is_disruptive(self) -> bool:
        """Whether it takes from other requests what they need: the user, or the time."""
        return self.path in ("/_local/reset", "/_local/clock", "/_page/reset", "/_page/clock")

    @property
    def cookies(self) -> str:
        """The world's name for the cookies that a browser has there."""
        for beginning, cookies in (
            ("/u/mfa", "challenge cookies"),
            ("/u/signup", "signup cookies"),
            ("/u/", "login cookies"),
        ):
            if self.path.startswith(beginning):
                return cookies
        return "browser"

    @property
    def takes_form(self) -> bool:
        return self.path.startswith(("/_page", "/authorize", "/u/", "/oidc"))

    @property
    def credential(self) -> Credential:
        """What the endpoint asks for."""
        if self.path.startswith(("/api/v2", "/_local")):
            return "management"
        if self.path == "/" or self.path.startswith("/_page"):
            return "page"
        if self.path.startswith("/mfa"):
            return "mfa"
        if self.path.startswith(("/u/", "/authorize", "/oidc", "/v2")):
            return "browser"
        return "access" if self.path == "/userinfo" else "none"


@dataclass(frozen=True)
class Sample:
    """What an endpoint accepts.

    Attributes:
        ids: the world's names for the identifiers in the path.
        query: of the address.
        body: JSON; of a form its fields.
        credential: None for the one that the endpoint asks for.
        accepted: whether the endpoint answers it with less than 400.
    """

    ids: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    credential: Credential | None = None
    accepted: bool = True


def endpoints() -> list[Endpoint]:
    """All of them, from the application's own table of routes."""

    def never_opened() -> AbstractAsyncContextManager[Tenant]:
        raise NotImplementedError

    routes = _routes("", create_app(never_opened).routes)
    # HEAD comes with GET; the odd methods of requests send it.
    pairs = {(path, method) for path, route in routes for method in (route.methods or set()) - {"HEAD"}}
    return [Endpoint(method, path) for path, method in sorted(pairs)]


def _routes(prefix: str, routes: list[BaseRoute]) -> Iterator[tuple[str, Route]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _routes(prefix + route.path, route.routes)
        elif isinstance(route, Route):
            yield prefix + route.path, route


def names_of_ids(path: str) -> list[str]:
    """The placeholders of a path."""
    return re.findall(r"\{(?:[^}]+)\}", path)


def build_world(tenant: TenantClient) -> dict[str, str]:
    """Empty the tenant and put into it what samples name: ids, tokens, cookies and addresses."""
    tenant.reset()
    action = tenant.bind_action(ECHOES, "echoes")
    tenant.bind_action(ECHOES_AT_SIGN_UP, "echoes-at-sign-up", trigger="pre-user-registration")
    spare = tenant.deploy_action("spare")
    module, spare_module = (
        expect(tenant.api.post("/api/v2/actions/modules", json={"name": name, "code": "", "publish": True}), 201)
        for name in ("a-module", "spare")
    )

    ada, eve = tenant.sign_up(), tenant.sign_up("eve@example.com")
    tokens = expect(ada.log_in(scope="openid profile email offline_access"), 200)
    eve.change(app_metadata={"challenged": True})
    enrolled = eve.enrol()
    spare_user = tenant.sign_up("spare@example.com")

    with Browser(tenant) as browser, Browser(tenant) as challenged, Browser(tenant) as visitor:
        code = browser.log_in(ada).callback["code"]
        session = _cookies(browser)
        login = browser.authorize(prompt="login")
        login_cookies = _cookies(browser)
        signup = visitor.authorize(screen_hint="signup")
        signup_cookies = _cookies(visitor)
        challenge = challenged.log_in(eve)
        challenge_cookies = _cookies(challenged)

    other, api = tenant.create_client(), tenant.create_api("https://odd.example.com", "read:odd")
    grant = tenant.grant_api(other["client_id"], api["identifier"], "read:odd")
    mfa_token = eve.mfa_token()
    authenticators = eve.authenticators(mfa_token).json()
    methods = tenant.api.get(f"/api/v2/users/{eve.user_id}/authentication-methods").json()
    sessions = expect(tenant.api.get(f"/api/v2/users/{ada.user_id}/sessions"), 200)["sessions"]
    secret = tenant.ready["management"]["client_secret"]
    reset = {"client_id": tenant.ready["application"]["client_id"], "connection": CONNECTION, "email": spare_user.email}
    tenant.http.post("/dbconnections/change_password", json=reset)
    (mail,) = tenant.api.get("/_local/mails").json()["mails"]
    return {
        "ticket": mail["link"].partition("ticket=")[2],
        "action": action["id"],
        "version": action["deployed_version"]["id"],
        "spare action": spare["id"],
        "trigger": "post-login",
        "module": module["id"],
        "spare module": spare_module["id"],
        "module version": module["latest_version"]["id"],
        "execution": tenant.traces(1)[0]["execution_id"],
        "log": tenant.api.get("/api/v2/logs").json()[0]["log_id"],
        "user": ada.user_id,
        "challenged user": eve.user_id,
        "spare user": spare_user.user_id,
        "email": ada.email,
        "challenged email": eve.email,
        "spare email": spare_user.email,
        "session": sessions[0]["id"],
        "other client": other["client_id"],
        "key": expect(tenant.api.post(f"/api/v2/clients/{other['client_id']}/credentials", json=KEY), 201)["id"],
        "api": api["id"],
        "grant": grant["id"],
        "method": methods[0]["id"],
        "authenticator": next(entry["id"] for entry in authenticators if entry["authenticator_type"] == "otp"),
        "code": code,
        "otp": pyotp.TOTP(enrolled.app.secret).now(),
        "recovery code": enrolled.recovery_code,
        "management": tenant.token(),
        "mfa": mfa_token,
        "access": tokens["access_token"],
        "id token": tokens["id_token"],
        "refresh token": tokens["refresh_token"],
        "client": tenant.ready["application"]["client_id"],
        "client secret": tenant.ready["application"]["client_secret"],
        "management client": tenant.ready["management"]["client_id"],
        "management secret": secret,
        "audience": tenant.audience,
        "url": tenant.url,
        "page": f"{cookie_name(str(tenant.port))}={session_key(secret)}",
        "page key": entry_key(secret),
        "page state": login_state(secret),
        "browser": session,
        "login cookies": login_cookies,
        "login state": _state(login.address),
        "signup cookies": signup_cookies,
        "signup state": _state(signup.address),
        "challenge cookies": challenge_cookies,
        "challenge state": _state(challenge.address),
    }


def _cookies(browser: Browser) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.http.cookies.jar)


def _state(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


def samples(world: World) -> dict[Endpoint, Sample]:
    """A request that the endpoint accepts; for endpoints without a line `Sample()` is one.

    An endpoint that takes a body, a query or an identifier needs a line of its own: test_fuzz.py says so.
    """
    client = {"client_id": world["client"], "client_secret": world["client secret"]}
    login = {**client, "grant_type": "password", "username": world["email"], "password": PASSWORD, "odd": "x"}
    action = {
        "name": "new",
        "supported_triggers": [{"id": "post-login", "version": "v3"}],
        "code": "exports.onExecutePostLogin = async () => {};",
        "dependencies": [],
        "runtime": "node22",
        "secrets": [{"name": "KEY", "value": "secret"}],
        "modules": [{"module_id": world["module"], "module_version_id": world["module version"]}],
    }
    module = {"code": "exports.x = 1;", "dependencies": [], "secrets": [{"name": "KEY", "value": "secret"}]}
    binding = {"ref": {"type": "action_id", "value": world["action"]}, "display_name": "echoes"}
    event = {"user": {"user_id": "auth0|1", "email": "x@example.com", "app_metadata": {}, "user_metadata": {}}}
    user = {
        "user_metadata": {"odd": {"deep": [1, "x"]}},
        "app_metadata": {"odd": [True, None]},
        "given_name": "Ada",
        "blocked": False,
    }
    authorization = {
        "client_id": world["client"],
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "response_mode": "query",
        "scope": "openid email offline_access",
        "audience": "",
        "state": "odd",
        "nonce": "n",
        "prompt": "",
        "max_age": "600",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "login_hint": world["email"],
        "odd": "x",
    }
    paging = {"page": "0", "per_page": "2", "include_totals": "true"}
    search = {**paging, "q": 'email:"ada@example.com"', "sort": "created_at:1", "fields": "email"}
    logs = {**paging, "q": "type:s", "sort": "date:-1", "fields": "type", "include_fields": "true"}
    logout = {"client_id": world["client"], "id_token_hint": world["id token"], "logout_hint": world["session"]}
    login_page = Sample(query={"state": world["login state"]}, body={"username": world["email"], "password": PASSWORD})
    signup_page = Sample(
        query={"state": world["signup state"]}, body={"email": "odd@example.com", "password": PASSWORD}
    )
    challenge_page = Sample(query={"state": world["challenge state"]}, body={"code": "000000"}, accepted=False)
    one = "/api/v2/actions/actions/{id}"
    version = one + "/versions/{version_id}"
    a_module, a_user = "/api/v2/actions/modules/{id}", "/api/v2/users/{id}"
    a_client, an_api = "/api/v2/clients/{id}", "/api/v2/resource-servers/{id:path}"
    a_grant, a_key = "/api/v2/client-grants/{id}", a_client + "/credentials/{credential_id}"
    application = {
        "name": "new",
        "callbacks": [CALLBACK],
        "grant_types": ["authorization_code"],
        "app_type": "regular_web",
        "client_metadata": {"odd": "x"},
        "refresh_token": {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 1},
        "jwt_configuration": {"lifetime_in_seconds": 60, "alg": "RS256"},
    }
    api = {"name": "new", "scopes": [{"value": "read:odd", "description": "x"}], "token_lifetime": 60}
    a_method = a_user + "/authentication-methods/{method_id}"

    table = {
        "POST /oauth/token": Sample(body=login),
        "POST /oauth/revoke": Sample(body={**client, "token": world["refresh token"]}),
        "POST /dbconnections/signup": Sample(
            body={
                "client_id": world["client"],
                "connection": CONNECTION,
                "email": "new@example.com",
                "password": PASSWORD,
                "given_name": "New",
                "user_metadata": {"odd": "x"},
            }
        ),
        "POST /dbconnections/change_password": Sample(
            body={"client_id": world["client"], "connection": CONNECTION, "email": world["spare email"]}
        ),
        "GET /u/reset-password": Sample(query={"ticket": world["ticket"], "problem": "weak"}, accepted=False),
        "POST /u/reset-password": Sample(
            query={"ticket": world["ticket"]}, body={"password": PASSWORD, "again": PASSWORD}
        ),
        "GET /authorize": Sample(query=authorization),
        "POST /authorize": Sample(body=authorization),
        "GET /u/confirm-login": Sample(query={"state": world["login state"]}, accepted=False),
        "POST /u/confirm-login": Sample(query={"state": world["login state"]}, body={}, accepted=False),
        "GET /authorize/resume": Sample(query={"state": world["login state"]}, accepted=False),
        "GET /v2/logout": Sample(query={"client_id": world["client"], "returnTo": CALLBACK, "federated": ""}),
        "GET /oidc/logout": Sample(query={**logout, "post_logout_redirect_uri": CALLBACK, "state": "x"}),
        "POST /oidc/logout": Sample(body={**logout, "post_logout_redirect_uri": CALLBACK, "state": "x"}),
        "GET /u/login": login_page,
        "POST /u/login": login_page,
        "GET /u/signup": signup_page,
        "POST /u/signup": signup_page,
        "GET /u/mfa-otp-enrollment": challenge_page,
        "POST /u/mfa-otp-enrollment": challenge_page,
        "GET /u/mfa-otp-challenge": challenge_page,
        "POST /u/mfa-otp-challenge": challenge_page,
        "GET /u/mfa-recovery-code-challenge": challenge_page,
        "POST /u/mfa-recovery-code-challenge": challenge_page,
        "GET /u/mfa-recovery-code-enrollment": challenge_page,
        "POST /u/mfa-recovery-code-enrollment": challenge_page,
        "POST /mfa/associate": Sample(body={"authenticator_types": ["otp"]}, accepted=False),
        "POST /mfa/challenge": Sample(
            body={
                **client,
                "mfa_token": world["mfa"],
                "challenge_type": "otp",
                "authenticator_id": world["authenticator"],
            }
        ),
        "DELETE /mfa/authenticators/{id}": Sample(("authenticator",), accepted=False),
        "GET /api/v2/actions/actions": Sample(
            query={**paging, "triggerId": "post-login", "actionName": "echoes", "deployed": "true"}
        ),
        "POST /api/v2/actions/actions": Sample(body={**action, "deploy": True}),
        f"GET {one}": Sample(("action",)),
        f"PATCH {one}": Sample(("spare action",), body=action),
        f"DELETE {one}": Sample(("spare action",), {"force": "true"}),
        f"POST {one}/deploy": Sample(("action",)),
        f"POST {one}/test": Sample(("action",), body={"payload": event}),
        f"GET {one}/versions": Sample(("action",), paging),
        f"GET {version}": Sample(("action", "version")),
        f"POST {version}/deploy": Sample(("action", "version"), body={"update_draft": True}),
        "GET /api/v2/actions/executions/{id}": Sample(("execution",)),
        "GET /api/v2/actions/triggers/{id}/bindings": Sample(("trigger",), paging),
        "PATCH /api/v2/actions/triggers/{id}/bindings": Sample(("trigger",), body={"bindings": [binding]}),
        "GET /api/v2/actions/modules": Sample(query=paging),
        "POST /api/v2/actions/modules": Sample(body={"name": "new", **module, "publish": True}),
        f"GET {a_module}": Sample(("module",)),
        f"PATCH {a_module}": Sample(("module",), body=module),
        f"DELETE {a_module}": Sample(("spare module",)),
        f"GET {a_module}/actions": Sample(("module",), paging),
        f"POST {a_module}/rollback": Sample(("module",), body={"module_version_id": world["module version"]}),
        f"GET {a_module}/versions": Sample(("module",), paging),
        f"POST {a_module}/versions": Sample(("module",)),
        f"GET {a_module}/versions/{{version_id}}": Sample(("module", "module version")),
        f"GET {a_user}/authentication-methods": Sample(("challenged user",), paging),
        f"DELETE {a_user}/authentication-methods": Sample(("challenged user",)),
        f"GET {a_method}": Sample(("challenged user", "method")),
        f"DELETE {a_method}": Sample(("challenged user", "method")),
        f"GET {a_user}/enrollments": Sample(("challenged user",)),
        f"DELETE {a_user}/authenticators": Sample(("challenged user",)),
        "GET /api/v2/users": Sample(query=search),
        "POST /api/v2/users": Sample(
            body={**user, "connection": CONNECTION, "email": "other@example.com", "password": PASSWORD}
        ),
        f"GET {a_user}": Sample(("user",), {"fields": "email,user_metadata", "include_fields": "true"}),
        f"PATCH {a_user}": Sample(("user",), body=user),
        f"DELETE {a_user}": Sample(("spare user",)),
        # Linking would take away a user whom others read.
        f"POST {a_user}/identities": Sample(("user",), body={"provider": "auth0", "user_id": "nobody"}, accepted=False),
        f"DELETE {a_user}/identities/{{provider}}/{{user_id}}": Sample(("user", "user", "user"), accepted=False),
        "GET /api/v2/users-by-email": Sample(query={"email": world["email"], "fields": "email"}),
        "GET /api/v2/guardian/factors": Sample(),
        "GET /api/v2/guardian/policies": Sample(),
        "GET /api/v2/user-blocks": Sample(query={"identifier": world["email"]}),
        "DELETE /api/v2/user-blocks": Sample(query={"identifier": world["email"]}),
        "GET /api/v2/user-blocks/{id}": Sample(("user",)),
        "DELETE /api/v2/user-blocks/{id}": Sample(("user",)),
        "GET /api/v2/sessions/{id}": Sample(("session",)),
        "DELETE /api/v2/sessions/{id}": Sample(("session",)),
        "POST /api/v2/sessions/{id}/revoke": Sample(("session",)),
        f"GET {a_user}/sessions": Sample(("user",), {"from": "", "take": "2", **paging}, accepted=False),
        f"DELETE {a_user}/sessions": Sample(("user",)),
        "GET /api/v2/logs": Sample(query=logs),
        "GET /api/v2/logs/{id}": Sample(("log",)),
        f"GET {a_user}/logs": Sample(("user",), {**paging, "sort": "date:1"}),
        "GET /api/v2/clients": Sample(query={**paging, "app_type": "spa", "fields": "name", "is_first_party": "true"}),
        "POST /api/v2/clients": Sample(body=application),
        f"GET {a_client}": Sample(("other client",), {"fields": "name", "include_fields": "true"}),
        f"PATCH {a_client}": Sample(("other client",), body=application),
        f"DELETE {a_client}": Sample(("other client",)),
        f"POST {a_client}/rotate-secret": Sample(("other client",)),
        f"GET {a_client}/credentials": Sample(("other client",)),
        f"POST {a_client}/credentials": Sample(("other client",), body={**KEY, "expires_at": "2040-01-01T00:00:00Z"}),
        f"GET {a_key}": Sample(("other client", "key")),
        f"PATCH {a_key}": Sample(("other client", "key"), body={"expires_at": "2040-01-01T00:00:00Z"}),
        f"DELETE {a_key}": Sample(("other client", "key")),
        "GET /api/v2/resource-servers": Sample(query={**paging, "identifiers": "https://odd.example.com"}),
        "POST /api/v2/resource-servers": Sample(body={**api, "identifier": "https://new.example.com"}),
        f"GET {an_api}": Sample(("api",)),
        f"PATCH {an_api}": Sample(("api",), body=api),
        f"DELETE {an_api}": Sample(("api",)),
        "GET /api/v2/client-grants": Sample(query={**paging, "audience": "https://odd.example.com"}),
        "POST /api/v2/client-grants": Sample(
            body={"client_id": world["client"], "audience": "https://odd.example.com", "scope": ["read:odd"]}
        ),
        f"GET {a_grant}": Sample(("grant",)),
        f"PATCH {a_grant}": Sample(("grant",), body={"scope": ["read:odd"]}),
        f"DELETE {a_grant}": Sample(("grant",)),
        "PATCH /_local/clock": Sample(body={"advance_seconds": 1.5}),
        "GET /_local/mails": Sample(query={"limit": "5"}),
        "GET /_local/traces": Sample(query={"limit": "5", "user_id": world["user"]}),
        "GET /_local/traces/{id}": Sample(("execution",)),
        # A fault that no request meets.
        "POST /_local/faults": Sample(
            body={"kind": "slow_build", "method": "*", "path": "nothing", "times": 1, "seconds": 0}
        ),
        "GET /_page/enter": Sample(query={"key": world["page key"]}),
        "GET /_page/assets/{name}": Sample(("asset",), accepted=False),
        "GET /_page/events": Sample(query={"after": "0"}),
        "GET /_page/actions/{id}": Sample(("action",), {"show": "1", "against": "draft"}),
        "GET /_page/transactions": Sample(query={"after": "0"}),
        "GET /_page/transactions/{id}": Sample(("execution",)),
        "POST /_page/transactions/{id}/code": Sample(
            ("execution",), body={"mfa_token": world["mfa"], "code": world["otp"]}
        ),
        "POST /_page/users": Sample(body={"email": "third@example.com", "password": PASSWORD}),
        "GET /_page/users/{id}": Sample(("user",)),
        "POST /_page/users/{id}/login": Sample(("user",), body={"ip": "203.0.113.7", "parameters": "odd=x"}),
        "POST /_page/users/{id}/browser": Sample(("user",)),
        "POST /_page/users/{id}/sessions/end": Sample(("user",)),
        "GET /_page/callback": Sample(
            query={"state": world["page state"], "code": world["code"], "error": "e", "error_description": "d"},
            accepted=False,
        ),
        "POST /_page/clock": Sample(body={"seconds": "60"}),
        "POST /_page/reset": Sample(body={"what": "people"}),
    }
    table |= {
        f"{method} {path}": Sample(("client",) if "{" in path else (), accepted=False)
        for path, methods in NOT_BUILT
        for method in methods
    }
    return {Endpoint(*name.split(" ", 1)): sample for name, sample in table.items()}


def grants(world: World) -> list[dict[str, str]]:
    """Further bodies of POST /oauth/token, one for each grant."""
    client = {"client_id": world["client"], "client_secret": world["client secret"]}
    mfa = {**client, "mfa_token": world["mfa"]}
    return [
        {**client, "grant_type": "refresh_token", "refresh_token": world["refresh token"], "odd": "x"},
        {
            **client,
            "grant_type": "authorization_code",
            "code": world["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        },
        {
            "grant_type": "client_credentials",
            "client_id": world["management client"],
            "client_secret": world["management secret"],
            "audience": world["audience"],
        },
        {
            **client,
            "grant_type": "http://auth0.com/oauth/grant-type/password-realm",
            "username": world["challenged email"],
            "password": PASSWORD,
            "realm": CONNECTION,
            "scope": "openid offline_access",
        },
        {**mfa, "grant_type": OTP_GRANT, "otp": world["otp"]},
        {
            **mfa,
            "grant_type": "http://auth0.com/oauth/grant-type/mfa-recovery-code",
            "recovery_code": world["recovery code"],
        },
    ]

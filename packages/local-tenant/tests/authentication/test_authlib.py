"""A server's application that logs people in with Authlib, configured by the tenant's discovery document alone."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

# Authlib has no types of its own.
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.starlette_client import OAuth  # type: ignore[import-untyped]
from local_tenant.testing import PASSWORD, Json, Person, TenantClient
from local_tenant.testing.process import trusted
from login_browser import CALLBACK, Browser, Visit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

HOME = CALLBACK.removesuffix("/callback")
SCOPE = "openid profile email offline_access"


def application(tenant: TenantClient) -> Starlette:
    """The application: /login, /callback, /me (asks /userinfo, with a new token where the old one is over), /logout."""
    ready = tenant.ready
    renewed: list[Json] = []

    async def keep(_name: str, token: Json, refresh_token: str, **_: object) -> None:
        renewed.append({**token, "exchanged": refresh_token})

    oauth = OAuth(update_token=keep)
    client: Any = oauth.register(
        "tenant",
        client_id=ready["application"]["client_id"],
        client_secret=ready["application"]["client_secret"],
        server_metadata_url=f"{ready['url']}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "verify": trusted(ready)},
    )

    async def login(request: Request) -> Response:
        answer: Response = await client.authorize_redirect(request, CALLBACK, **dict(request.query_params))
        return answer

    async def callback(request: Request) -> Response:
        try:
            token = await client.authorize_access_token(request)
        except OAuthError as error:
            return JSONResponse({"error": error.error, "description": error.description}, 400)
        return JSONResponse(token)

    async def me(request: Request) -> Response:
        user = await client.userinfo(token=await request.json())
        return JSONResponse({"user": user, "renewed": renewed})

    async def logout(request: Request) -> Response:
        answer: Response = await client.logout_redirect(request, f"{HOME}/bye", **dict(request.query_params))
        return answer

    async def bye(request: Request) -> Response:
        return JSONResponse(await client.validate_logout_response(request))

    return Starlette(
        routes=[
            Route("/login", login),
            Route("/callback", callback),
            Route("/me", me, methods=["POST"]),
            Route("/logout", logout),
            Route("/bye", bye),
        ],
        middleware=[Middleware(SessionMiddleware, secret_key="signs the application's own cookie")],
    )


class Visitor:
    """A user whose browser goes back and forth between the application and the tenant."""

    def __init__(self, tenant: TenantClient, app: TestClient, browser: Browser) -> None:
        """At both, without any cookie."""
        self.tenant = tenant
        self.app = app
        self.browser = browser

    def address_of(self, path: str = "/login", **query: str) -> str:
        """The address that the application sends the browser to."""
        answer = self.app.get(path, params=query)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    def at_tenant(self, person: Person, address: str) -> Visit:
        """Log in where the application has sent the browser."""
        return self.browser.send(self.browser.open(address), username=person.email, password=PASSWORD)

    def back(self, visit: Visit) -> httpx2.Response:
        """Go back to the application with the tenant's response."""
        assert visit.at_application, (visit.address, visit.page.alert)
        return self.app.get(visit.address)

    def log_in(self, person: Person, **query: str) -> Json:
        """Log in from start to end: the tokens that the application received."""
        tokens: Json = self.back(self.at_tenant(person, self.address_of(**query))).json()
        assert "access_token" in tokens, tokens
        return tokens


@pytest.fixture
def visitor(tenant: TenantClient) -> Iterator[Visitor]:
    with TestClient(application(tenant), base_url=HOME, follow_redirects=False) as app, Browser(tenant) as browser:
        yield Visitor(tenant, app, browser)


def test_a_user_logs_in(ada: Person, visitor: Visitor) -> None:
    address = visitor.address_of()
    assert address.startswith(f"{ada.tenant.url}/authorize?")
    query = parse_qs(urlsplit(address).query)
    assert query["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(query)

    tokens = visitor.back(visitor.at_tenant(ada, address)).json()

    # What Authlib has made of the id token, once its signature, issuer, audience, nonce and times were right.
    claims = tokens["userinfo"]
    assert (claims["sub"], claims["email"]) == (ada.user_id, ada.email)
    assert claims["iss"] == f"{ada.tenant.url}/"
    assert claims["nonce"] == query["nonce"][0]
    visit = expect_json(visitor.app.post("/me", json=tokens))
    assert visit["user"]["email"] == ada.email
    assert visit["renewed"] == []


def test_an_expired_token_is_renewed(ada: Person, visitor: Visitor) -> None:
    tokens = visitor.log_in(ada)
    over = {**tokens, "expires_at": int(time.time()) - 1}
    visit = expect_json(visitor.app.post("/me", json=over))
    assert visit["user"]["sub"] == ada.user_id
    (renewed,) = visit["renewed"]
    assert renewed["exchanged"] == tokens["refresh_token"]
    assert set(renewed["scope"].split()) == set(SCOPE.split())
    assert ada.tenant.log_types()[-2:] == ["seacft", "sertft"]


def test_a_wrong_state_is_refused(ada: Person, visitor: Visitor) -> None:
    """An attacker's code, sent to the browser in a link."""
    parameters = visitor.at_tenant(ada, visitor.address_of()).callback
    for state in ("another", ""):
        answer = visitor.app.get("/callback", params={"code": parameters["code"], "state": state})
        assert answer.status_code == 400
        assert answer.json()["error"] == "mismatching_state"
    assert "seacft" not in ada.tenant.log_types()
    expect_json(visitor.app.get("/callback", params=parameters))


def test_a_code_of_another_login_of_the_same_browser_is_refused(ada: Person, visitor: Visitor) -> None:
    first, second = visitor.address_of(), visitor.address_of(prompt="login")
    stolen = visitor.at_tenant(ada, first).callback["code"]
    state = visitor.at_tenant(ada, second).callback["state"]
    answer = visitor.app.get("/callback", params={"code": stolen, "state": state})
    assert answer.json() == {"error": "invalid_grant", "description": "Failed to verify code verifier"}


def test_an_id_token_for_another_nonce_is_refused(ada: Person, visitor: Visitor) -> None:
    address = visitor.address_of()
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    changed = parts._replace(query=urlencode({**query, "nonce": "another"})).geturl()
    visit = visitor.at_tenant(ada, changed)
    with pytest.raises(Exception, match="nonce"):
        visitor.back(visit)


def test_a_denial_is_answered_as_access_denied(ada: Person, visitor: Visitor) -> None:
    ada.tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('Not <today>'); };")
    answer = visitor.back(visitor.at_tenant(ada, visitor.address_of()))
    assert (answer.status_code, answer.json()) == (400, {"error": "access_denied", "description": "Not <today>"})


def test_custom_parameters_reach_the_actions(ada: Person, visitor: Visitor) -> None:
    ada.tenant.bind_action(
        "exports.onExecutePostLogin = async (event, api) => {"
        " api.idToken.setCustomClaim('https://example.com/query', JSON.stringify(event.request.query)); };"
    )
    own = {"ext-campaign": "spring", "colour": "blå & grøn"}
    query = json.loads(visitor.log_in(ada, **own)["userinfo"]["https://example.com/query"])
    assert {name: query[name] for name in own} == own


def test_a_user_who_logged_out_has_to_log_in_again(ada: Person, visitor: Visitor) -> None:
    tokens = visitor.log_in(ada)
    assert visitor.browser.open(visitor.address_of()).at_application
    location = visitor.address_of("/logout", id_token_hint=tokens["id_token"])
    assert location.startswith(f"{ada.tenant.url}/oidc/logout?")
    visit = visitor.browser.open(location)
    assert visit.address.startswith(f"{HOME}/bye?")
    assert expect_json(visitor.app.get(visit.address)) == {"post_logout_redirect_uri": f"{HOME}/bye"}
    assert visitor.browser.open(visitor.address_of()).path == "/u/login"


def expect_json(answer: httpx2.Response) -> Json:
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content

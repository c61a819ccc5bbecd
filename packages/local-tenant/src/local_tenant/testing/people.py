"""Somebody who signs up, logs in and proves factors, with an authenticator app that shows the tenant's time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pyotp

from local_tenant.testing.client import Json, TenantClient, expect
from local_tenant.testing.process import Credentials

PASSWORD = "Correct-horse-7-battery"

OTP_GRANT = "http://auth0.com/oauth/grant-type/mfa-otp"
RECOVERY_GRANT = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
OOB_GRANT = "http://auth0.com/oauth/grant-type/mfa-oob"

REQUIRES_MFA = 'exports.onExecutePostLogin = async (event, api) => { api.multifactor.enable("any"); };\n'


def tenant_seconds(tenant: TenantClient) -> float:
    """The tenant's time, seconds since 1970."""
    now = expect(tenant.api.get("/_local/clock"), 200)["now"]
    return datetime.fromisoformat(now[:26] + "+00:00").timestamp()


def bind_action(tenant: TenantClient, code: str = REQUIRES_MFA, name: str = "decides") -> Json:
    """Let this be the one Action of the post-login flow."""
    action = tenant.deploy_action(name, code=code)
    tenant.bind("post-login", [action["id"]])
    return action


def log_types(tenant: TenantClient) -> list[str]:
    """Types of the tenant's log entries, oldest first."""
    entries = tenant.api.get("/api/v2/logs", params={"per_page": 100}).json()
    return [entry["type"] for entry in reversed(entries)]


@dataclass
class App:
    """An authenticator app that holds one secret."""

    tenant: TenantClient
    secret: str

    def code(self, *, steps: int = 0) -> str:
        """What it shows now, or that many steps later."""
        return pyotp.TOTP(self.secret).at(int(tenant_seconds(self.tenant)) + 30 * steps)

    def next_code(self) -> str:
        """What it shows after the next step: a code that was not used yet."""
        self.tenant.advance_clock(30)
        return self.code()

    def wrong_code(self) -> str:
        """Six digits that it shows neither now nor a step earlier or later."""
        shown = {self.code(steps=step) for step in (-2, -1, 0, 1, 2)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in shown)


@dataclass
class Person:
    """A user of the tenant."""

    tenant: TenantClient
    email: str
    user_id: str

    @property
    def application(self) -> Credentials:
        return self.tenant.ready["application"]

    def token(self, **parameters: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
        """POST /oauth/token as the application."""
        return self.tenant.http.post("/oauth/token", json={**self.application, **parameters})

    def log_in(self, **parameters: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
        """The password grant."""
        return self.token(grant_type="password", username=self.email, password=PASSWORD, **parameters)

    def mfa_token(self, **parameters: Any) -> str:  # noqa: ANN401 - members of the body
        """The mfa_token of a login that is challenged."""
        answer = expect(self.log_in(**parameters), 403)
        assert answer["error"] == "mfa_required", answer
        assert answer["error_description"] == "Multifactor authentication required"
        return str(answer["mfa_token"])

    def associate(self, token: str, **body: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
        """POST /mfa/associate."""
        content = {"authenticator_types": ["otp"], **body}
        return self.tenant.http.post("/mfa/associate", json=content, headers={"Authorization": f"Bearer {token}"})

    def challenge(self, mfa_token: str, **body: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
        """POST /mfa/challenge."""
        return self.tenant.http.post("/mfa/challenge", json={**self.application, "mfa_token": mfa_token, **body})

    def authenticators(self, token: str) -> httpx.Response:
        """GET /mfa/authenticators."""
        return self.tenant.http.get("/mfa/authenticators", headers={"Authorization": f"Bearer {token}"})

    def prove(self, mfa_token: str, code: str) -> httpx.Response:
        """The mfa-otp grant."""
        return self.token(grant_type=OTP_GRANT, mfa_token=mfa_token, otp=code)

    def recover(self, mfa_token: str, code: str) -> httpx.Response:
        """The mfa-recovery-code grant."""
        return self.token(grant_type=RECOVERY_GRANT, mfa_token=mfa_token, recovery_code=code)

    def enrol(self, mfa_token: str | None = None) -> "Enrolled":
        """Enrol an authenticator app in a login that is challenged, and prove it."""
        token = mfa_token or self.mfa_token()
        begun = expect(self.associate(token), 200)
        app = App(self.tenant, begun["secret"])
        tokens = expect(self.prove(token, app.code()), 200)
        return Enrolled(app, begun["recovery_codes"][0], tokens)

    def profile(self) -> Json:
        """GET the user."""
        return expect(self.tenant.api.get(f"/api/v2/users/{self.user_id}"), 200)


@dataclass
class Enrolled:
    """What somebody holds who has enrolled."""

    app: App
    recovery_code: str
    tokens: Json


def sign_up(tenant: TenantClient, email: str = "ada@floatme.io") -> Person:
    """Somebody new."""
    body = {
        "client_id": tenant.ready["application"]["client_id"],
        "email": email,
        "password": PASSWORD,
        "connection": "Username-Password-Authentication",
    }
    answer = expect(tenant.http.post("/dbconnections/signup", json=body), 200)
    return Person(tenant, email, f"auth0|{answer['_id']}")


def refused(answer: httpx.Response, status: int, error: str, description: str | None = None) -> None:
    """Fail unless the answer is this OAuth error."""
    content = expect(answer, status)
    assert content["error"] == error, content
    if description is not None:
        assert content["error_description"] == description

"""A user who logs in and proves second factors, with an authenticator app that shows codes of the tenant's time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pyotp

from local_tenant.testing.process import Credentials
from local_tenant.testing.responses import Json, expect, expect_error

if TYPE_CHECKING:
    from local_tenant.testing.client import TenantClient

CONNECTION = "Username-Password-Authentication"
PASSWORD = "Correct-horse-7-battery"

OTP_GRANT = "http://auth0.com/oauth/grant-type/mfa-otp"
RECOVERY_GRANT = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
OOB_GRANT = "http://auth0.com/oauth/grant-type/mfa-oob"

SECONDS_PER_STEP = 30


@dataclass
class AuthenticatorApp:
    """An authenticator app that holds one secret.

    Attributes:
        tenant: whose time the codes are of.
        secret: base32, as the tenant gave it at the enrolment.
    """

    tenant: TenantClient
    secret: str

    def code(self, *, steps: int = 0) -> str:
        """The code of now, or of that many steps of 30 seconds later."""
        return pyotp.TOTP(self.secret).at(int(self.tenant.now().timestamp()) + SECONDS_PER_STEP * steps)

    def next_code(self) -> str:
        """Move the tenant's clock one step on and show the code of then: one that was not used yet."""
        self.tenant.advance_clock(SECONDS_PER_STEP)
        return self.code()

    def wrong_code(self) -> str:
        """Six digits that are the code of no step near now."""
        codes = {self.code(steps=step) for step in (-2, -1, 0, 1, 2)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in codes)


@dataclass
class Person:
    """A user of the tenant, by `TenantClient.sign_up`.

    Methods that call the tenant return its response, whatever it is; `expect` reads it.

    Attributes:
        tenant: where the user is.
        email: of the user.
        user_id: at the Management API; only `profile` and `change` need it.
        password: which `log_in` sends.
        ip: the user's address, as an application on a server forwards it; None for the address of this machine.
    """

    tenant: TenantClient
    email: str
    user_id: str = ""
    password: str = PASSWORD
    ip: str | None = None

    @property
    def application(self) -> Credentials:
        """The application that the user logs in with."""
        return self.tenant.ready["application"]

    def token(self, **parameters: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
        """POST /oauth/token as the application."""
        forwarded = {} if self.ip is None else {"auth0-forwarded-for": self.ip}
        return self.tenant.http.post("/oauth/token", json={**self.application, **parameters}, headers=forwarded)

    def log_in(self, **parameters: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
        """Log in by the password grant; parameters, `scope` among them, reach the Actions in event.request.body."""
        return self.token(grant_type="password", username=self.email, password=self.password, **parameters)

    def refresh(self, refresh_token: str, **parameters: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
        """Exchange a refresh token, which a login with the scope `offline_access` gives."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **parameters)

    def mfa_token(self, **parameters: Any) -> str:  # noqa: ANN401 - members of the body
        """Log in, be challenged, and return the mfa_token.

        Raises:
            UnexpectedResponseError: The login was not challenged.
        """
        response = self.log_in(**parameters)
        expect_error(response, 403, "mfa_required", "Multifactor authentication required")
        return str(response.json()["mfa_token"])

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
        """Answer a challenge with a code of the authenticator app (the mfa-otp grant)."""
        return self.token(grant_type=OTP_GRANT, mfa_token=mfa_token, otp=code)

    def recover(self, mfa_token: str, code: str) -> httpx.Response:
        """Answer a challenge with the recovery code (the mfa-recovery-code grant)."""
        return self.token(grant_type=RECOVERY_GRANT, mfa_token=mfa_token, recovery_code=code)

    def enrol(self, mfa_token: str | None = None) -> Enrolled:
        """Enrol an authenticator app in a login that is challenged, and answer the challenge with it.

        Args:
            mfa_token: of the challenged login; by default the user logs in for it.
        """
        token = mfa_token or self.mfa_token()
        association = expect(self.associate(token), 200)
        app = AuthenticatorApp(self.tenant, association["secret"])
        tokens = expect(self.prove(token, app.code()), 200)
        return Enrolled(app, association["recovery_codes"][0], tokens)

    def profile(self) -> Json:
        """GET the user from the Management API."""
        return expect(self.tenant.api.get(f"/api/v2/users/{self.user_id}"), 200)

    def change(self, **members: Any) -> Json:  # noqa: ANN401 - members of the body
        """PATCH the user at the Management API: `change(app_metadata={"plan": "gold"})`."""
        return expect(self.tenant.api.patch(f"/api/v2/users/{self.user_id}", json=members), 200)


@dataclass
class Enrolled:
    """What a user holds after the enrolment.

    Attributes:
        app: the authenticator app.
        recovery_code: the current one.
        tokens: of the login in which the user enrolled.
    """

    app: AuthenticatorApp
    recovery_code: str
    tokens: Json

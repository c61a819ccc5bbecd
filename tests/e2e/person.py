"""Somebody with an account, who logs in through Auth0's official SDK as FloatMe's services do."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import jwt
import pyotp
from auth0.authentication import Database, GetToken
from auth0.authentication.exceptions import Auth0Error
from local_tenant.testing import expect

from tests.deployment import Deployment

Json = dict[str, Any]

CONNECTION = "Username-Password-Authentication"
PASSWORD = "Rehearsal-1"
SCOPE = "openid email offline_access"
TOKEN_ERROR = "mfa_required"


class MfaRequiredError(Exception):
    """The login goes on with a second factor."""

    def __init__(self, mfa_token: str) -> None:
        """`mfa_token` is what goes on with it."""
        super().__init__(mfa_token)
        self.mfa_token = mfa_token


@dataclass(slots=True)
class Person:
    """An account on a deployed tenant, and its device.

    Attributes:
        deployment: where the account is.
        email: a new one for each person.
        user_id: given at the sign-up.
        refresh_token: of the last login.
        device: makes the codes; None until it is enrolled.
    """

    deployment: Deployment
    domain: str
    email: str = field(init=False)
    user_id: str = field(init=False)
    refresh_token: str = field(init=False, default="")
    device: pyotp.TOTP | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Sign up."""
        self.email = f"{uuid4().hex}@{self.domain}"
        ready = self.deployment.process.ready
        database = Database(ready["domain"], ready["application"]["client_id"])
        signed_up = database.signup(self.email, PASSWORD, CONNECTION)
        self.user_id = f"auth0|{signed_up['_id']}"

    def log_in(self, **custom: str) -> Json:
        """The password grant: claims of the access token.

        Raises:
            MfaRequiredError: a second factor is needed.
        """
        grant = {"grant_type": "password", "username": self.email, "password": PASSWORD, "scope": SCOPE}
        return self._tokens({**grant, **custom})

    def refresh(self, **custom: str) -> Json:
        """The refresh_token grant; otherwise as `log_in`."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": self.refresh_token, **custom})

    def log_in_whatever_it_takes(self) -> None:
        """Log in, and answer a challenge with the device, which is enrolled at the first one."""
        try:
            self.log_in()
        except MfaRequiredError as challenge:
            code = (
                self.device.at(datetime.now(UTC) + timedelta(seconds=self.device.interval))
                if self.device
                else self._enrol(challenge.mfa_token).now()
            )
            self._tokens(
                {
                    "grant_type": "http://auth0.com/oauth/grant-type/mfa-otp",
                    "mfa_token": challenge.mfa_token,
                    # Each code counts once; the next one is accepted too.
                    "otp": code,
                },
            )

    def _enrol(self, mfa_token: str) -> pyotp.TOTP:
        http = self.deployment.tenant.http
        bearer = {"Authorization": f"Bearer {mfa_token}"}
        factor = expect(http.post("/mfa/associate", json={"authenticator_types": ["otp"]}, headers=bearer), 200)
        self.device = pyotp.TOTP(factor["secret"])
        return self.device

    def user(self) -> Json:
        """The account, as the Management API shows it."""
        return expect(self.deployment.tenant.api.get(self._path), 200)

    def set_app_metadata(self, **values: object) -> None:
        expect(self.deployment.tenant.api.patch(self._path, json={"app_metadata": values}), 200)

    def last_run(self) -> Json:
        """`{trace, outcome}` of the newest run of Actions on the tenant."""
        newest = self.deployment.tenant.trace()
        assert newest["outcome"]["email"] == self.email
        return newest

    @property
    def _path(self) -> str:
        return f"/api/v2/users/{quote(self.user_id, safe='')}"

    def _tokens(self, parameters: Json) -> Json:
        ready = self.deployment.process.ready
        sdk = GetToken(ready["domain"], **ready["application"])
        data = {"client_id": ready["application"]["client_id"], **parameters}
        try:
            answer = sdk.authenticated_post(f"{ready['url']}/oauth/token", data=data)
        except Auth0Error as error:
            if error.error_code != TOKEN_ERROR:
                raise
            raise MfaRequiredError((error.content or {})["mfa_token"]) from error
        self.refresh_token = answer.get("refresh_token", self.refresh_token)
        return self._claims(answer["access_token"])

    def _claims(self, token: str) -> Json:
        # PyJWT, and the keys as they are published: nothing of the tenant's own code reads the token.
        keys = jwt.PyJWKSet.from_dict(expect(self.deployment.tenant.http.get("/.well-known/jwks.json"), 200))
        key = keys[jwt.get_unverified_header(token)["kid"]]
        url = self.deployment.process.url
        claims: Json = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=f"{url}/",
            options={"verify_aud": False, "require": ["exp", "iat", "sub", "aud"]},
        )
        assert claims["sub"] == self.user_id
        return claims

"""The running tenant as its command line sees it: both of Auth0's APIs and the traces, over https like any client."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
import pyotp

from local_tenant.cli.background import require_running
from local_tenant.errors import LocalTenantError
from local_tenant.loopback import local_url

CONNECTION = "Username-Password-Authentication"
SCOPE = "openid profile email offline_access"
MFA_OTP = "http://auth0.com/oauth/grant-type/mfa-otp"


@dataclass(frozen=True, slots=True)
class Answer:
    """How the tenant answered.

    Attributes:
        status: HTTP status.
        body: parsed JSON; empty for no content.
    """

    status: int
    body: dict[str, Any]

    @property
    def succeeded(self) -> bool:
        """Whether what was asked for was done."""
        return self.status < 400  # noqa: PLR2004 - where HTTP's errors begin

    @property
    def mfa_token(self) -> str | None:
        """What goes on with a login that needs a second factor; None for any other answer."""
        return str(self.body["mfa_token"]) if self.body.get("error") == "mfa_required" else None

    @property
    def error(self) -> str:
        """What was wrong, in the tenant's words."""
        text = self.body.get("error_description") or self.body.get("message") or self.body.get("description")
        return f"{self.body.get('error') or self.body.get('code') or self.status}: {text}"


class TenantApi:
    """A client of a running tenant; a context manager."""

    def __init__(self, ready: dict[str, Any]) -> None:
        """`ready` is the tenant's ready line."""
        self._ready = ready
        trusted = ssl.create_default_context(cafile=ready["ca_file"])
        # Not by the environment's proxies: the tenant is on this machine.
        self._http = httpx.Client(base_url=local_url(ready["domain"]), verify=trusted, trust_env=False, timeout=60)
        self._token: str | None = None

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._http.close()

    def sign_up(self, email: str, password: str) -> Answer:
        """POST /dbconnections/signup."""
        content = {"email": email, "password": password, "connection": CONNECTION}
        return self._post("/dbconnections/signup", {"client_id": self._ready["application"]["client_id"], **content})

    def log_in(self, email: str, password: str, custom: dict[str, str], ip: str | None = None) -> Answer:
        """The password grant; `custom` parameters reach the Actions in event.request.body, `ip` in event.request.ip."""
        grant = {"grant_type": "password", "username": email, "password": password, "scope": SCOPE}
        return self._token_request({**custom, **grant}, ip)

    def refresh(self, refresh_token: str, custom: dict[str, str], ip: str | None = None) -> Answer:
        """The refresh_token grant."""
        return self._token_request({**custom, "grant_type": "refresh_token", "refresh_token": refresh_token}, ip)

    def enrol(self, mfa_token: str) -> Answer:
        """POST /mfa/associate for a one-time password: `{secret, barcode_uri, recovery_codes?}`."""
        bearer = {"Authorization": f"Bearer {mfa_token}"}
        return self._post("/mfa/associate", {"authenticator_types": ["otp"]}, bearer)

    def answer_challenge(self, mfa_token: str, code: str) -> Answer:
        """The mfa-otp grant."""
        return self._token_request({"grant_type": MFA_OTP, "mfa_token": mfa_token, "otp": code})

    def otp(self, secret: str, steps_ahead: int = 0) -> str:
        """The code that a device with this secret shows now, by the tenant's clock."""
        now = self.control("GET", "/clock").body["now"]
        return str(pyotp.TOTP(secret).at(_seconds(now), counter_offset=steps_ahead))

    def manage(self, method: str, path: str, **parameters: str) -> Any:  # noqa: ANN401 - lists and objects
        """A call of the Management API, path under /api/v2.

        Raises:
            LocalTenantError: it was refused.
        """
        answer = self._http.request(method, f"/api/v2{path}", params=parameters, headers=self._bearer())
        if answer.is_error:
            raise LocalTenantError(
                f"{method} /api/v2{path} was answered {answer.status_code}: {answer.text}",
                fix="see the tenant's log",
            )
        return answer.json() if answer.content else None

    def change_user(self, user_id: str, change: dict[str, Any]) -> Answer:
        """PATCH /users/{id}: metadata is merged at its root."""
        path = f"/api/v2/users/{quote(user_id, safe='')}"
        return _answer(self._http.patch(path, json=change, headers=self._bearer()))

    def control(self, method: str, path: str, content: dict[str, Any] | None = None) -> Answer:
        """A call of the test controls, path under /_local."""
        return _answer(self._http.request(method, f"/_local{path}", json=content, headers=self._bearer()))

    def newest_traces(self, limit: int) -> list[dict[str, Any]]:
        """Summaries of the newest runs of Actions, newest first."""
        traces: list[dict[str, Any]] = self.control("GET", f"/traces?limit={limit}").body["traces"]
        return traces

    def trace(self, execution_id: str) -> dict[str, Any] | None:
        """`{trace, outcome}` of one run; None when it is not kept (any more)."""
        answer = self.control("GET", f"/traces/{execution_id}")
        return answer.body if answer.succeeded else None

    def trace_of(self, email: str) -> dict[str, Any] | None:
        """`{trace, outcome}` of the newest run for this account; None when none ran."""
        for summary in self.newest_traces(100):
            if summary["outcome"].get("email", "").lower() == email.lower():
                return self.trace(summary["execution_id"])
        return None

    def _token_request(self, parameters: dict[str, str], ip: str | None = None) -> Answer:
        forwarded = {"auth0-forwarded-for": ip} if ip else {}
        return self._post("/oauth/token", {**parameters, **self._ready["application"]}, forwarded)

    def _post(self, path: str, content: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
        return _answer(self._http.post(path, json=content, headers=headers))

    def _bearer(self) -> dict[str, str]:
        if self._token is None:
            grant = {"grant_type": "client_credentials", "audience": f"{self._ready['url']}/api/v2/"}
            self._token = self._post("/oauth/token", {**grant, **self._ready["management"]}).body["access_token"]
        return {"Authorization": f"Bearer {self._token}"}


def connect(data: Path) -> TenantApi:
    """A client of the tenant that serves this data folder.

    Raises:
        LocalTenantError: none does.
    """
    return TenantApi(require_running(data))


def _answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.json() if response.content else {})


def _seconds(moment: str) -> int:
    # Whole seconds are enough for a code, and nine fraction digits are more than datetime reads.
    return int(datetime.fromisoformat(f"{moment[:19]}+00:00").timestamp())

"""Users who sign up, log in, enrol and refresh at the same time, and remember every response."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pyotp
from local_tenant.testing import PASSWORD, Json, TenantClient, TenantProcess
from local_tenant.testing.people import OTP_GRANT

# Sign-ups are marked, each login is noted, and from the second login on MFA is required.
REGISTERS = """
exports.onExecutePreUserRegistration = async (event, api) => {
  api.user.setAppMetadata("must_prove", true);
};
"""
NOTES = """
exports.onExecutePostLogin = async (event, api) => {
  api.user.setUserMetadata("last_ip", event.request.ip);
  api.user.setUserMetadata("noted", event.stats.logins_count);
};
"""
REQUIRES = """
exports.onExecutePostLogin = async (event, api) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  api.user.setUserMetadata("decided", event.stats.logins_count);
  if (event.user.app_metadata.must_prove && event.stats.logins_count > 1) api.multifactor.enable("any");
};
"""


@dataclass
class Member:
    """A user, and the responses so far.

    Attributes:
        ip: of all logins.
        user_id: once the sign-up was answered.
        logins: how many password logins were answered.
        unchallenged: which of these got tokens, counted from 1.
        failed: how many of these failed because of the Actions.
        noted: the newest of these when a flow of the user last ran to its end.
        refresh_tokens: all that the user got.
        secret: of the authenticator app, once its first code was accepted.
    """

    email: str
    ip: str
    user_id: str = ""
    logins: int = 0
    unchallenged: list[int] = field(default_factory=list)
    failed: int = 0
    noted: int = 0
    refresh_tokens: list[str] = field(default_factory=list)
    secret: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"auth0-forwarded-for": self.ip}

    def run(self, client: httpx.Client, application: Json, stop: threading.Event) -> None:
        """Act until `stop` is set or the server is gone."""
        try:
            while not stop.is_set():
                self.act(client, application)
        except httpx.TransportError:
            return

    def act(self, client: httpx.Client, application: Json) -> None:
        """Do the next thing."""
        if not self.user_id:
            self.sign_up(client, application)
            return
        answer = self.log_in(client, application)
        if answer.get("error") == "mfa_required" and not self.secret:
            self.enrol(client, application, answer["mfa_token"])
        elif self.refresh_tokens and self.logins % 2:
            refreshed = self.refresh(client, application, self.refresh_tokens[-1])
            assert refreshed.get("error") in (None, "mfa_required", "access_denied"), refreshed

    def sign_up(self, client: httpx.Client, application: Json) -> None:
        body = {
            "client_id": application["client_id"],
            "email": self.email,
            "password": PASSWORD,
            "connection": "Username-Password-Authentication",
            "user_metadata": {"nick": self.email},
        }
        answer = client.post("/dbconnections/signup", json=body)
        content = answer.json()
        if answer.status_code == 200:
            self.user_id = f"auth0|{content['_id']}"
        elif content["code"] == "invalid_signup":
            # An earlier sign-up was stored, and its response lost.
            self.user_id = self.email
        else:
            assert content["code"] == "extensibility_error", content

    def log_in(self, client: httpx.Client, application: Json) -> Json:
        grant = {"grant_type": "password", "username": self.email, "password": PASSWORD}
        body = {**application, **grant, "scope": "openid offline_access"}
        answer = client.post("/oauth/token", json=body, headers=self.headers)
        content: Json = answer.json()
        self.logins += 1
        if answer.status_code == 200:
            self.unchallenged.append(self.logins)
            self.refresh_tokens.append(content["refresh_token"])
        elif answer.status_code == 500:
            assert content["error"] == "access_denied", content
            assert "access_token" not in content
            self.failed += 1
        else:
            assert (answer.status_code, content["error"]) == (403, "mfa_required"), content
        if answer.status_code != 500:
            self.noted = self.logins
        return content

    def refresh(self, client: httpx.Client, application: Json, token: str) -> Json:
        body = {**application, "grant_type": "refresh_token", "refresh_token": token}
        content: Json = client.post("/oauth/token", json=body, headers=self.headers).json()
        if content.get("error") != "access_denied":
            self.noted = self.logins
        return content

    def enrol(self, client: httpx.Client, application: Json, mfa_token: str) -> None:
        bearer = {"Authorization": f"Bearer {mfa_token}"}
        association = client.post("/mfa/associate", json={"authenticator_types": ["otp"]}, headers=bearer)
        if association.status_code == 403:
            # An earlier enrolment was stored, and its response lost.
            assert association.json()["error_description"] == "User is already enrolled.", association.text
            return
        assert association.status_code == 200, association.text
        secret = association.json()["secret"]
        body = {**application, "grant_type": OTP_GRANT, "mfa_token": mfa_token, "otp": pyotp.TOTP(secret).now()}
        answer = client.post("/oauth/token", json=body)
        assert answer.status_code == 200, answer.text
        self.secret = secret
        self.refresh_tokens.append(answer.json()["refresh_token"])


def new_crowd(size: int, round_number: int) -> list[Member]:
    return [Member(f"{round_number}-{n}@example.com", f"198.51.100.{n + 1}") for n in range(size)]


def bind_flows(tenant: TenantClient) -> None:
    """Deploy and bind the Actions."""
    registers = tenant.deploy_action("registers", code=REGISTERS, trigger="pre-user-registration")
    tenant.bind("pre-user-registration", [registers["id"]])
    flow = [tenant.deploy_action(name, code=code) for name, code in (("notes", NOTES), ("requires", REQUIRES))]
    tenant.bind("post-login", [action["id"] for action in flow])


@contextmanager
def busy(process: TenantProcess, crowd: list[Member], logins: int) -> Iterator[None]:
    """Let the crowd act; the block begins after `logins` more answered logins and ends the crowd."""
    application: Json = {**process.ready["application"]}
    stop = threading.Event()
    enough = sum(member.logins for member in crowd) + logins
    with ThreadPoolExecutor(len(crowd)) as pool, process.client() as client:
        running = [pool.submit(member.run, client, application, stop) for member in crowd]
        try:
            wait_for(lambda: sum(member.logins for member in crowd) >= enough, lambda: any(r.done() for r in running))
            yield
        finally:
            stop.set()
        for run in running:
            run.result()


def wait_for(reached: Callable[[], bool], failed: Callable[[], bool]) -> None:
    """Wait until one of the two is true."""
    pause = threading.Event()
    while not reached() and not failed():
        pause.wait(random.uniform(0, 0.004))  # noqa: S311 - a different moment each time

"""A client of a running tenant: its APIs, its Actions, its clock, its faults, and users who sign up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from local_tenant.cli.background import client_environment
from local_tenant.faults import Kind
from local_tenant.loopback import port_of
from local_tenant.testing.people import CONNECTION, PASSWORD, Person
from local_tenant.testing.process import ReadyLine, https_client
from local_tenant.testing.responses import Json, UnexpectedResponseError, expect

SECONDS_BETWEEN_LOOKS = 0.005
SECONDS_TO_WAIT = 20.0

RETURNS_AT_ONCE = "exports.onExecutePostLogin = async (event, api) => {};\n"
REQUIRES_MFA = 'exports.onExecutePostLogin = async (event, api) => { api.multifactor.enable("any"); };\n'

VERSIONS = {"post-login": "v3", "pre-user-registration": "v2", "post-user-registration": "v2"}


def trigger_of(trigger_id: str) -> Json:
    """The entry of `supported_triggers` for the current version of a trigger."""
    return {"id": trigger_id, "version": VERSIONS[trigger_id]}


def wait_until(look: Callable[[], Json], condition: Callable[[Json], bool]) -> Json:
    """Look again and again until the condition holds.

    Returns:
        What `look` returned last.

    Raises:
        TimeoutError: The condition did not hold within `SECONDS_TO_WAIT`; says what `look` returned last.
    """
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while True:
        state = look()
        if condition(state):
            return state
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {SECONDS_TO_WAIT:g} s still {state}")
        time.sleep(SECONDS_BETWEEN_LOOKS)


class TenantClient:
    """A client of one running tenant; a context manager that closes its connections.

    Every method that calls the tenant raises UnexpectedResponseError if the tenant refuses.

    Attributes:
        ready: the tenant's ready line: its URL, its CA, its applications and their credentials.
        http: https client without credentials; paths from the root (`/oauth/token`).
        api: https client with a management token; paths from the root (`/api/v2/users`, `/_local/clock`).
    """

    def __init__(self, ready: ReadyLine) -> None:
        """Connect to the tenant of this ready line and take a management token."""
        self.ready = ready
        self.http = self.new_http()
        self.api = self.new_http()
        self.renew_token()

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close its connections."""
        self.close()

    def close(self) -> None:
        """Close its connections; the tenant goes on running."""
        self.http.close()
        self.api.close()

    @property
    def url(self) -> str:
        """`https://localhost:PORT`, without a slash at its end."""
        return self.ready["url"]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return port_of(self.ready["domain"])

    @property
    def data(self) -> Path:
        """Its data folder."""
        return Path(self.ready["ca_file"]).parent

    @property
    def audience(self) -> str:
        """The identifier of its Management API."""
        return f"{self.url}/api/v2/"

    def new_http(self, **headers: str) -> httpx.Client:
        """Open another https client that trusts the tenant's CA and nothing else; paths from the root."""
        return https_client(self.ready, **headers)

    def environment(self) -> dict[str, str]:
        """The variables of `local-tenant env`: a process that has them uses the Management API and trusts the CA."""
        return client_environment(dict(self.ready))

    # Tokens

    def token(self, *scopes: str) -> str:
        """Take a management token with these scopes, or with all of them."""
        form = {"grant_type": "client_credentials", "audience": self.audience, **self.ready["management"]}
        if scopes:
            form["scope"] = " ".join(scopes)
        return str(expect(self.http.post("/oauth/token", data=form), 200)["access_token"])

    def renew_token(self) -> None:
        """Give `api` a new token: needed once the tenant's clock has passed the end of the old one."""
        self.api.headers["Authorization"] = f"Bearer {self.token()}"

    # The tenant as a whole

    def reset(self) -> None:
        """Empty the tenant: no Actions, users, logs or faults, and the real time."""
        response = self.api.post("/_local/reset")
        if response.status_code == 401:
            self.renew_token()
            response = self.api.post("/_local/reset")
        _expect_no_content(response)

    def now(self) -> datetime:
        """The tenant's time, in UTC, to the microsecond."""
        return datetime.fromisoformat(expect(self.api.get("/_local/clock"), 200)["now"][:26] + "+00:00")

    def advance_clock(self, seconds: float) -> None:
        """Move the tenant's clock forward, or back, and take a management token that is valid then."""
        expect(self.api.patch("/_local/clock", json={"advance_seconds": seconds}), 200)
        self.renew_token()

    def inject(self, kind: Kind, *, method: str = "*", path: str = "*", times: int = 1, seconds: float = 0) -> None:
        """Let something go wrong from the next request on.

        Args:
            kind: `rate_limit` (429), `server_error` (500), `drop_request` (the connection is cut before the request is
                handled), `drop_answer` (the connection is cut after it), `slow`, `slow_build`, `failed_build`.
            method: HTTP method of the requests; `*` for any.
            path: shell pattern of their path (`/api/v2/actions/*`); for builds, of the Action's name.
            times: how many requests or builds fail.
            seconds: how long a rate limit, a slow response or a slow build lasts.
        """
        fault = {"kind": kind, "method": method, "path": path, "times": times, "seconds": seconds}
        expect(self.api.post("/_local/faults", json=fault), 201)

    def faults(self) -> list[Json]:
        """Injected faults that have not happened yet, or not as often as they should."""
        faults: list[Json] = expect(self.api.get("/_local/faults"), 200)["faults"]
        return faults

    def clear_faults(self) -> None:
        """Remove all injected faults."""
        _expect_no_content(self.api.delete("/_local/faults"))

    # Actions

    def create_action(
        self,
        name: str = "an_action",
        *,
        code: str = RETURNS_AT_ONCE,
        trigger: str = "post-login",
        secrets: dict[str, str] | None = None,
        **members: Any,  # noqa: ANN401 - other members of the body
    ) -> Json:
        """POST an Action: the body of the response, status `pending`."""
        body = {"name": name, "supported_triggers": [trigger_of(trigger)], "code": code, **members}
        if secrets is not None:
            body["secrets"] = [{"name": key, "value": value} for key, value in secrets.items()]
        return expect(self.api.post("/api/v2/actions/actions", json=body), 201)

    def action(self, action_id: str) -> Json:
        """GET an Action."""
        return expect(self.api.get(f"/api/v2/actions/actions/{action_id}"), 200)

    def change_action(self, action_id: str, **members: Any) -> Json:  # noqa: ANN401 - members of the body
        """PATCH an Action: the body of the response, status `pending`."""
        return expect(self.api.patch(f"/api/v2/actions/actions/{action_id}", json=members), 200)

    def built(self, action_id: str) -> Json:
        """Wait until the Action is built, and GET it.

        Raises:
            UnexpectedResponseError: Its build failed.
        """
        action = wait_until(lambda: self.action(action_id), lambda action: action["status"] in ("built", "failed"))
        if action["status"] == "failed":
            raise UnexpectedResponseError(f"the build of the Action {action['name']} failed: {action.get('errors')}")
        return action

    def deploy(self, action_id: str) -> Json:
        """Deploy the draft once it is built: the body of the response, a version."""
        self.built(action_id)
        return expect(self.api.post(f"/api/v2/actions/actions/{action_id}/deploy"), 200)

    def deploy_action(self, name: str = "an_action", **members: Any) -> Json:  # noqa: ANN401 - as `create_action` takes
        """Create, build and deploy an Action, and GET it."""
        action_id = self.create_action(name, **members)["id"]
        self.deploy(action_id)
        return self.action(action_id)

    def bind(self, trigger: str, action_ids: Sequence[str]) -> list[Json]:
        """Make these Actions the flow of a trigger, in this order: its bindings."""
        bindings = [{"ref": {"type": "action_id", "value": action_id}} for action_id in action_ids]
        response = self.api.patch(f"/api/v2/actions/triggers/{trigger}/bindings", json={"bindings": bindings})
        bound: list[Json] = expect(response, 200)["bindings"]
        return bound

    def bind_action(
        self,
        code: str = REQUIRES_MFA,
        name: str = "decides",
        *,
        trigger: str = "post-login",
        **members: Any,  # noqa: ANN401 - as `create_action` takes
    ) -> Json:
        """Deploy an Action, make it the only one of its trigger's flow, and GET it."""
        action = self.deploy_action(name, code=code, trigger=trigger, **members)
        self.bind(trigger, [action["id"]])
        return action

    def flow(self, trigger: str) -> list[Json]:
        """The bindings of a trigger, in the order in which they run."""
        bindings: list[Json] = expect(self.api.get(f"/api/v2/actions/triggers/{trigger}/bindings"), 200)["bindings"]
        return bindings

    # Applications

    def create_client(self, name: str = "another", **properties: Any) -> Json:  # noqa: ANN401 - members of the body
        """POST a client: the body of the response, with its client_id and client_secret."""
        return expect(self.api.post("/api/v2/clients", json={"name": name, **properties}), 201)

    def change_client(self, client_id: str, **properties: Any) -> Json:  # noqa: ANN401 - members of the body
        """PATCH a client: the body of the response."""
        return expect(self.api.patch(f"/api/v2/clients/{client_id}", json=properties), 200)

    def create_api(self, identifier: str, *scopes: str, **properties: Any) -> Json:  # noqa: ANN401 - members of the body
        """POST a resource server with these scopes: the body of the response."""
        named = [{"value": scope} for scope in scopes]
        body = {"name": identifier, "identifier": identifier, "scopes": named, **properties}
        return expect(self.api.post("/api/v2/resource-servers", json=body), 201)

    def use_key(self, client_id: str, pem: str, alg: str = "RS256") -> Json:
        """Let a client authenticate with assertions (private_key_jwt) by this public key: its credential."""
        path = f"/api/v2/clients/{client_id}"
        body = {"credential_type": "public_key", "pem": pem, "alg": alg}
        credential = expect(self.api.post(f"{path}/credentials", json=body), 201)
        methods = {"private_key_jwt": {"credentials": [{"id": credential["id"]}]}}
        expect(self.api.patch(path, json={"client_authentication_methods": methods}), 200)
        return credential

    def grant_api(self, client_id: str, audience: str, *scopes: str) -> Json:
        """POST a client grant: the client may get tokens for the API without a user."""
        body = {"client_id": client_id, "audience": audience, "scope": scopes}
        return expect(self.api.post("/api/v2/client-grants", json=body), 201)

    # Users, and what their logins leave

    def register(self, email: str, password: str = PASSWORD) -> httpx.Response:
        """POST /dbconnections/signup as the tenant's application does."""
        body = {
            "client_id": self.ready["application"]["client_id"],
            "email": email,
            "password": password,
            "connection": CONNECTION,
        }
        return self.http.post("/dbconnections/signup", json=body)

    def sign_up(self, email: str = "ada@example.com", password: str = PASSWORD) -> Person:
        """Sign a new user up as the tenant's application does."""
        user = expect(self.register(email, password), 200)
        return Person(self, email, f"auth0|{user['_id']}", password)

    def traces(self, limit: int = 20) -> list[Json]:
        """Summaries of the newest runs of flows, newest first: `{execution_id, trigger_id, status, …}`."""
        traces: list[Json] = expect(self.api.get("/_local/traces", params={"limit": limit}), 200)["traces"]
        return traces

    def trace(self, execution_id: str | None = None) -> Json:
        """What one run of a flow did: `{trace, outcome}`; of the newest run unless one is named.

        `trace["actions"]` holds for each Action what it called, logged and how it ended. Secrets are masked.

        Raises:
            LookupError: No Action has run yet.
        """
        if execution_id is None:
            newest = self.traces(limit=1)
            if not newest:
                raise LookupError("no Action has run since the tenant was emptied")
            execution_id = newest[0]["execution_id"]
        return expect(self.api.get(f"/_local/traces/{execution_id}"), 200)

    def mails(self) -> list[Json]:
        """What the tenant has mailed, newest first: `{recipient, subject, link, created_at}`."""
        mails: list[Json] = expect(self.api.get("/_local/mails"), 200)["mails"]
        return mails

    def trace_of(self, email: str) -> Json | None:
        """The same of the newest 100 runs' newest one for this account; None if there is none."""
        for summary in self.traces(limit=100):
            if summary["outcome"].get("email", "").lower() == email.lower():
                return self.trace(summary["execution_id"])
        return None

    def management_list(self, path: str, **parameters: str | int) -> list[Json]:
        """GET a list of the Management API: `management_list("users", per_page=100)`."""
        response = self.api.get(f"/api/v2/{path}", params=parameters)
        if response.is_error:
            raise UnexpectedResponseError.of(response, 200)
        rows: list[Json] = response.json()
        return rows

    def log_types(self) -> list[str]:
        """Types of the newest 100 log entries (`s`, `f`, `ss`, …), oldest first."""
        return [entry["type"] for entry in reversed(self.management_list("logs", per_page=100))]


def _expect_no_content(response: httpx.Response) -> None:
    if response.status_code != 204:
        raise UnexpectedResponseError.of(response, 204)

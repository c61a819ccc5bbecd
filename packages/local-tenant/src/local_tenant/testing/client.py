"""What tests ask of a running tenant: its Management API with a token, its controls, and waiting for a state."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from hypothesis import HealthCheck

from local_tenant.testing.process import ReadyLine, TenantProcess

Json = dict[str, Any]

SECONDS_BETWEEN_LOOKS = 0.005
SECONDS_TO_WAIT = 20.0

# For properties that clean up after themselves: the fixture `tenant` empties it for the test, not for each example.
EMPTIED_ONCE = [HealthCheck.function_scoped_fixture]

RETURNS_AT_ONCE = "exports.onExecutePostLogin = async (event, api) => {};\n"

VERSIONS = {"post-login": "v3", "pre-user-registration": "v2", "post-user-registration": "v2"}


def trigger_of(trigger_id: str) -> Json:
    """The entry of `supported_triggers` for the current version of a trigger."""
    return {"id": trigger_id, "version": VERSIONS[trigger_id]}


def wait_until(look: Callable[[], Json], wanted: Callable[[Json], bool]) -> Json:
    """What `look` shows as soon as it is `wanted`; fails if it never is."""
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while True:
        seen = look()
        if wanted(seen):
            return seen
        assert time.monotonic() < deadline, f"still {seen}"
        time.sleep(SECONDS_BETWEEN_LOOKS)


class TenantClient:
    """A client of one running tenant.

    Attributes:
        process: the tenant.
        http: https client without credentials; paths from the root (`/oauth/token`).
        api: https client with a management token; paths from the root (`/api/v2/actions/actions`, `/_local/clock`).
    """

    def __init__(self, process: TenantProcess) -> None:
        """Take a first token."""
        self.process = process
        self.http = process.client()
        self.api = process.client()
        self.renew_token()

    @property
    def ready(self) -> ReadyLine:
        return self.process.ready

    @property
    def url(self) -> str:
        return self.process.url

    @property
    def audience(self) -> str:
        return f"{self.url}/api/v2/"

    def close(self) -> None:
        self.http.close()
        self.api.close()

    # Tokens

    def token(self, *scopes: str) -> str:
        """A management token with all scopes, or with just these."""
        form = {"grant_type": "client_credentials", "audience": self.audience, **self.ready["management"]}
        if scopes:
            form["scope"] = " ".join(scopes)
        answer = self.http.post("/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def renew_token(self) -> None:
        """Let `api` use a new token: needed once the tenant's clock has passed the end of the old one."""
        self.api.headers["Authorization"] = f"Bearer {self.token()}"

    # Controls

    def reset(self) -> None:
        """Empty the tenant; its clock is real again and no fault is left."""
        answer = self.api.post("/_local/reset")
        if answer.status_code == 401:
            self.renew_token()
            answer = self.api.post("/_local/reset")
        assert answer.status_code == 204, answer.text

    def advance_clock(self, seconds: float) -> None:
        """Move the tenant's clock, and take a token that is valid there."""
        answer = self.api.patch("/_local/clock", json={"advance_seconds": seconds})
        assert answer.status_code == 200, answer.text
        self.renew_token()

    def inject(self, kind: str, **options: Any) -> None:  # noqa: ANN401 - method, path, times, seconds
        """Ask for a fault (see local_tenant/control/faults.py)."""
        answer = self.api.post("/_local/faults", json={"kind": kind, **options})
        assert answer.status_code == 201, answer.text

    # Actions

    def create_action(
        self,
        name: str = "an_action",
        *,
        code: str = RETURNS_AT_ONCE,
        trigger: str = "post-login",
        secrets: dict[str, str] | None = None,
        **more: Any,  # noqa: ANN401 - other members of the body
    ) -> Json:
        """POST an Action: the answer's body, still pending."""
        body = {"name": name, "supported_triggers": [trigger_of(trigger)], "code": code, **more}
        if secrets is not None:
            body["secrets"] = [{"name": key, "value": value} for key, value in secrets.items()]
        return expect(self.api.post("/api/v2/actions/actions", json=body), 201)

    def action(self, action_id: str) -> Json:
        """GET an Action."""
        return expect(self.api.get(f"/api/v2/actions/actions/{action_id}"), 200)

    def change_action(self, action_id: str, **change: Any) -> Json:  # noqa: ANN401 - members of the body
        """PATCH an Action: the answer's body, pending again."""
        return expect(self.api.patch(f"/api/v2/actions/actions/{action_id}", json=change), 200)

    def built(self, action_id: str) -> Json:
        """The Action once it is built; fails if the build does."""
        seen = wait_until(lambda: self.action(action_id), lambda action: action["status"] in ("built", "failed"))
        assert seen["status"] == "built", seen
        return seen

    def deploy(self, action_id: str) -> Json:
        """Deploy the draft once it is built: the answer's body, a version."""
        self.built(action_id)
        return expect(self.api.post(f"/api/v2/actions/actions/{action_id}/deploy"), 200)

    def deploy_action(self, name: str = "an_action", **more: Any) -> Json:  # noqa: ANN401 - as `create_action` takes
        """Create, build and deploy an Action: what GET then shows."""
        action_id = self.create_action(name, **more)["id"]
        self.deploy(action_id)
        return self.action(action_id)

    def bind(self, trigger: str, action_ids: Sequence[str]) -> list[Json]:
        """Let these Actions be the flow of a trigger, in this order: its bindings."""
        bindings = [{"ref": {"type": "action_id", "value": action_id}} for action_id in action_ids]
        answer = self.api.patch(f"/api/v2/actions/triggers/{trigger}/bindings", json={"bindings": bindings})
        shown: list[Json] = expect(answer, 200)["bindings"]
        return shown

    def flow(self, trigger: str) -> list[Json]:
        """The bindings of a trigger."""
        bindings: list[Json] = expect(self.api.get(f"/api/v2/actions/triggers/{trigger}/bindings"), 200)["bindings"]
        return bindings


def expect(answer: httpx.Response, status: int) -> Json:
    """The JSON object of an answer that must have this status."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    content = answer.json()
    assert isinstance(content, dict)
    return content

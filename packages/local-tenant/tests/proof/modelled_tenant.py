"""A tenant beside its model: the expected response of each request, and the expected state after it."""

import httpx
import jwt
from hypothesis.stateful import RuleBasedStateMachine, invariant
from local_tenant.testing import Json, TenantClient, expect, expect_error
from proof.model import LOGIN, REGISTRATION, Action, RefreshToken, Run, User, Version, Waiting

MFA_TOKEN_SECONDS = 600


class ModelledTenant(RuleBasedStateMachine):
    """The state of a tenant and of its model, and the checks that both agree.

    Attributes:
        client: of the tenant.
        known: Actions by id.
        flows: ids of the bound Actions by trigger.
        users: by email.
        refresh_tokens: all that were ever issued.
        revoked: values of those that are revoked.
        waiting: logins that were ever challenged.
        wrong_passwords: in a row, by email and IP.
        ahead: seconds that the tenant's clock was moved.
        scripts: how many were created.
        newest: summary of the newest trace.
    """

    client: TenantClient

    def __init__(self) -> None:
        """An empty tenant."""
        super().__init__()
        self.client.reset()
        self.known: dict[str, Action] = {}
        self.flows: dict[str, list[str]] = {LOGIN: [], REGISTRATION: []}
        self.users: dict[str, User] = {}
        self.refresh_tokens: list[RefreshToken] = []
        self.revoked: set[str] = set()
        self.waiting: list[Waiting] = []
        self.wrong_passwords: dict[tuple[str, str], int] = {}
        self.ahead = 0
        self.scripts = 0
        self.newest: Json = {}

    def flow(self, trigger: str) -> tuple[Version, ...]:
        return tuple(self.known[action_id].deployed for action_id in self.flows[trigger])

    def wrong_password(self, answer: httpx.Response, email: str, ip: str) -> None:
        before = self.wrong_passwords.get((email, ip), 0)
        if before >= 10:
            expect_error(answer, 429, "too_many_attempts")
        else:
            expect_error(answer, 403, "invalid_grant", "Wrong email or password.")
            self.wrong_passwords[email, ip] = before + 1
        self.nothing_ran()

    # What must be answered and left behind

    def token(self, grant_type: str, ip: str | None, **parameters: str) -> httpx.Response:
        body = {**self.client.ready["application"], "grant_type": grant_type, **parameters}
        headers = {} if ip is None else {"auth0-forwarded-for": ip}
        return self.client.http.post("/oauth/token", json=body, headers=headers)

    def user(self, user_id: str) -> User | None:
        return next((user for user in self.users.values() if user.id == user_id), None)

    def new_run(self, user: User) -> Run:
        must_prove = bool(user.app_metadata.get("must_prove"))
        last, factors = user.user_metadata.get("last"), int(user.secret is not None)
        return Run(self.flow(LOGIN), user.logins_count, last, must_prove, factors)

    def decided(
        self,
        answer: httpx.Response,
        user: User,
        run: Run,
        exchanged: RefreshToken | None = None,
        *,
        goes_on: Waiting | None = None,
    ) -> None:
        """Check the response of a transaction, and what it stores, against the run."""
        user.write(run.stored)
        if run.outcome == "passed":
            self.passed(answer, user, exchanged)
            ending = "tokens"
        elif run.outcome in ("challenged", "paused"):
            expect_error(answer, 403, "mfa_required", "Multifactor authentication required")
            ending = "mfa_required"
        else:
            expect_error(answer, 403 if goes_on else 500, "access_denied")
            assert run.message in answer.json()["error_description"]
            ending = "access_denied"
        assert "access_token" not in answer.json() or ending == "tokens"
        self.ran(run.ran, ending, goes_on)
        if ending == "mfa_required":
            execution_id = goes_on.execution_id if goes_on else self.newest["execution_id"]
            waiting = Waiting(answer.json()["mfa_token"], user.id, run, exchanged, self.ahead, execution_id)
            self.waiting.append(waiting)
        elif goes_on:
            goes_on.answer = ending

    def passed(self, answer: httpx.Response, user: User, exchanged: RefreshToken | None) -> None:
        tokens = expect(answer, 200)
        claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
        assert claims["sub"] == user.id
        # Documented: tokens of the MFA API and of a refresh have none.
        assert "amr" not in claims
        assert ("refresh_token" in tokens) == (exchanged is None)
        if exchanged is None:
            self.refresh_tokens.append(RefreshToken(tokens["refresh_token"], user.id))

    def newest_trace(self) -> Json:
        traces = self.client.traces(limit=1)
        return traces[0] if traces else {}

    def nothing_ran(self) -> None:
        assert self.newest_trace().get("execution_id") == self.newest.get("execution_id")

    def ran(self, expected: list[tuple[str, int, str]], answer: str, goes_on: Waiting | None = None) -> None:
        if not expected:
            return self.nothing_ran()
        if goes_on is not None:
            self.nothing_ran()
            trace = self.client.trace(goes_on.execution_id)
            trace = {**trace["trace"], "outcome": trace["outcome"]}
        else:
            trace = self.newest_trace()
            assert trace["execution_id"] != self.newest.get("execution_id")
            self.newest = trace
        assert [(action["name"], action["number"], action["status"]) for action in trace["actions"]] == expected
        assert trace["outcome"]["answer"] == answer
        return None

    def expired(self, waiting: Waiting) -> bool:
        return self.ahead - waiting.begun >= MFA_TOKEN_SECONDS

    @invariant()
    def each_challenged_login_shows_how_it_ended(self) -> None:
        # An execution that was challenged twice shows its last challenge.
        for waiting in {waiting.execution_id: waiting for waiting in self.waiting}.values():
            outcome = self.client.trace(waiting.execution_id)["outcome"]
            assert outcome["answer"] == waiting.answer
            expected = waiting.challenge or ("expired" if self.expired(waiting) else "waiting")
            assert outcome["challenge"]["status"] == expected, (waiting, outcome)

    @invariant()
    def users_are_as_the_model_has_them(self) -> None:
        profiles = {user["email"]: user for user in self.client.api.get("/api/v2/users").json()}
        assert profiles.keys() == self.users.keys()
        for email, user in self.users.items():
            profile = profiles[email]
            assert profile["user_id"] == user.id
            assert profile.get("user_metadata", {}) == user.user_metadata
            assert profile.get("app_metadata", {}) == user.app_metadata
            assert profile.get("logins_count", 0) == user.logins_count
            assert profile.get("last_ip") == user.last_ip
            assert profile.get("blocked", False) is user.blocked
            assert profile.get("multifactor", []) == (["guardian"] if user.secret else [])

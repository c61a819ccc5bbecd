"""Any sequence of sign-ups, logins, refreshes, proofs, deployments and bindings, held against the model."""

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from local_tenant.testing import PASSWORD, AuthenticatorApp, TenantClient, expect, expect_error
from local_tenant.testing.people import OTP_GRANT, RECOVERY_GRANT
from proof.model import (
    LOGIN,
    LOGIN_DEEDS,
    REGISTRATION,
    REGISTRATION_DEEDS,
    Action,
    Registration,
    Script,
    Trip,
    User,
    Waiting,
)
from proof.modelled_tenant import ModelledTenant

ACTIONS = "/api/v2/actions/actions"
MFA_TOKEN_SECONDS = 600
# Far from the limits, which have tests of their own.
MOST_WRONG_CODES = 8
MOST_BOUND = 4

ADA, EVE, BOB = "ada@example.com", "eve@example.com", "bob@example.com"
EMAILS = st.sampled_from([ADA, EVE, BOB])
IPS = st.sampled_from(["203.0.113.7", "2001:db8::7"])
TRIPS: st.SearchStrategy[Trip] = st.sampled_from(["none", "none", "deny", "throw"])
SOME = st.integers(0, 20)
DEEDS = st.sampled_from([*LOGIN_DEEDS])
TRIGGERS = st.sampled_from([LOGIN, LOGIN, REGISTRATION])


class Tenant(ModelledTenant):
    """Rules are requests; whatever they answer and leave behind must follow from the model."""

    # Actions

    def script(self, trigger: str, which: int) -> Script:
        deeds = list(LOGIN_DEEDS if trigger == LOGIN else REGISTRATION_DEEDS)
        return self.new_script(deeds[which % len(deeds)])

    def new_script(self, deed: str) -> Script:
        self.scripts += 1
        return Script(self.scripts, deed)

    def deployed_action(self, trigger: str, script: Script) -> Action:
        name = f"action_{script.content}"
        created = self.client.create_action(name, trigger=trigger, code=script.code(trigger, name))
        self.known[created["id"]] = action = Action(created["id"], name, trigger, script)
        self.deploy(action)
        return action

    @initialize(
        first=st.sampled_from(["requires", "asks"]), second=DEEDS, registers=st.sampled_from([*REGISTRATION_DEEDS])
    )
    def begin(self, first: str, second: str, registers: str) -> None:
        """Begin with users and a flow that requires MFA: most failures need both."""
        logins = [self.deployed_action(LOGIN, self.new_script(deed)) for deed in (first, second)]
        self.bind(LOGIN, [action.id for action in logins])
        self.bind(REGISTRATION, [self.deployed_action(REGISTRATION, self.new_script(registers)).id])
        for email in (ADA, EVE):
            self.sign_up(email, "none")
        self.flag(self.users[ADA], must_prove=True)

    @rule(trigger=TRIGGERS, which=SOME)
    def create_and_bind(self, trigger: str, which: int) -> None:
        action = self.deployed_action(trigger, self.script(trigger, which))
        self.bind(trigger, [*self.flows[trigger][-MOST_BOUND:], action.id])

    @precondition(lambda self: self.known)
    @rule(who=SOME, which=SOME, how=st.sampled_from(["edit", "edit and deploy", "deploy", "roll back", "delete"]))
    def change(self, who: int, which: int, how: str) -> None:
        action = list(self.known.values())[who % len(self.known)]
        if how in ("edit", "edit and deploy"):
            action.draft = self.script(action.trigger, which)
            self.client.change_action(action.id, code=action.draft.code(action.trigger, action.name))
        if how in ("deploy", "edit and deploy"):
            self.deploy(action)
        if how == "roll back":
            script, old_id = action.versions[which % len(action.versions)]
            path = f"{ACTIONS}/{action.id}/versions/{old_id}/deploy"
            action.versions.append((script, expect(self.client.api.post(path, json={}), 200)["id"]))
        if how == "delete":
            assert self.client.api.delete(f"{ACTIONS}/{action.id}", params={"force": "true"}).status_code == 204
            del self.known[action.id]
            self.flows = {
                trigger: [other for other in flow if other != action.id] for trigger, flow in self.flows.items()
            }

    def deploy(self, action: Action) -> None:
        version = self.client.deploy(action.id)
        action.versions.append((action.draft, version["id"]))
        assert version["number"] == len(action.versions)

    @rule(trigger=TRIGGERS, choice=st.lists(SOME, max_size=4, unique=True))
    def bind_some(self, trigger: str, choice: list[int]) -> None:
        fitting = [action.id for action in self.known.values() if action.trigger == trigger]
        self.bind(trigger, [fitting[which] for which in choice if which < len(fitting)])

    def bind(self, trigger: str, flow: list[str]) -> None:
        self.flows[trigger] = flow
        self.client.bind(trigger, flow)

    # People

    @rule(email=EMAILS, trip=TRIPS)
    def sign_up(self, email: str, trip: Trip) -> None:
        body = {
            "client_id": self.client.ready["application"]["client_id"],
            "email": email,
            "password": PASSWORD,
            "connection": "Username-Password-Authentication",
            "user_metadata": {"trip": trip},
        }
        answer = self.client.http.post("/dbconnections/signup", json=body)
        if email in self.users:
            assert expect(answer, 400)["code"] == "invalid_signup"
            self.nothing_ran()
            return
        run = Registration(self.flow(REGISTRATION), trip, {"trip": trip})
        if run.message is None:
            user_id = f"auth0|{expect(answer, 200)['_id']}"
            self.users[email] = User(user_id, email, run.user_metadata, run.app_metadata)
            self.ran(run.ran, "user")
        else:
            assert expect(answer, 400)["code"] == "extensibility_error"
            assert run.message in answer.json()["description"]
            self.ran(run.ran, "extensibility_error")

    @rule(who=SOME, ip=IPS, trip=TRIPS)
    def log_in(self, who: int, ip: str, trip: Trip) -> None:
        self.log_in_as([*self.users, BOB][who % len([*self.users, BOB])], ip, trip)

    @rule(who=SOME, ip=IPS, trip=TRIPS)
    def log_in_and_prove_a_factor(self, who: int, ip: str, trip: Trip) -> None:
        before = len(self.waiting)
        self.log_in(who, ip, trip)
        if len(self.waiting) > before:
            self.prove(-1, "right", "none")

    @rule(ip=IPS, trip=TRIPS)
    def everybody_logs_in(self, ip: str, trip: Trip) -> None:
        for email in list(self.users):
            self.log_in_as(email, ip, trip)

    def log_in_as(self, email: str, ip: str, trip: Trip) -> None:
        answer = self.password_login(email, PASSWORD, ip, trip=trip)
        user = self.users.get(email)
        if user is None:
            return self.wrong_password(answer, email, ip)
        if self.wrong_passwords.get((email, ip), 0) >= 10:
            expect_error(answer, 429, "too_many_attempts")
            return self.nothing_ran()
        self.wrong_passwords.pop((email, ip), None)
        user.logins_count += 1
        user.last_ip = ip
        if user.blocked:
            expect_error(answer, 401, "unauthorized", "user is blocked")
            return self.nothing_ran()
        return self.decided(answer, user, self.new_run(user).begin(trip))

    @rule(email=EMAILS, ip=IPS, times=st.sampled_from([1, 1, 1, 1, 10]))
    def guess(self, email: str, ip: str, times: int) -> None:
        for _ in range(times):
            self.wrong_password(self.password_login(email, "Wrong-horse-7", ip), email, ip)

    def password_login(self, email: str, password: str, ip: str, **custom: str) -> httpx.Response:
        return self.token("password", ip, username=email, password=password, scope="openid offline_access", **custom)

    @precondition(lambda self: self.refresh_tokens)
    @rule(which=SOME, ip=IPS, trip=TRIPS)
    def refresh(self, which: int, ip: str, trip: Trip) -> None:
        token = self.refresh_tokens[which % len(self.refresh_tokens)]
        answer = self.token("refresh_token", ip, refresh_token=token.value, trip=trip)
        user = self.user(token.user_id)
        if user is None or token.value in self.revoked:
            expect_error(answer, 403, "invalid_grant", "Unknown or invalid refresh token.")
            return self.nothing_ran()
        if user.blocked:
            expect_error(answer, 403, "invalid_grant", "user is blocked")
            return self.nothing_ran()
        return self.decided(answer, user, self.new_run(user).begin(trip), token)

    # Second factors

    @precondition(lambda self: self.waiting)
    @rule(which=SOME, how=st.sampled_from(["right", "right", "wrong", "used", "recovery"]), trip=TRIPS)
    def prove(self, which: int, how: str, trip: Trip) -> None:
        waiting = self.waiting[which % len(self.waiting)]
        user = self.user(waiting.user_id)
        if waiting.over or user is None:
            answer = self.token(OTP_GRANT, None, mfa_token=waiting.mfa_token, otp="000000")
            expect_error(answer, 403, "invalid_grant", "Malformed mfa_token")
            return self.nothing_ran()
        if self.expired(waiting):
            answer = self.token(OTP_GRANT, None, mfa_token=waiting.mfa_token, otp="000000")
            expect_error(answer, 401, "expired_token", "mfa_token is expired")
            return self.nothing_ran()
        secret, recovery = self.associate(waiting, user)
        if how == "recovery" and user.recovery is not None:
            body = {"mfa_token": waiting.mfa_token, "recovery_code": user.recovery, "trip": trip}
            answer = self.token(RECOVERY_GRANT, None, **body)
            user.recovery = answer.json()["recovery_code"]
            return self.proved(answer, waiting, user, trip)
        app = AuthenticatorApp(self.client, secret)
        if how in ("wrong", "used"):
            code = app.wrong_code() if how == "wrong" or user.used is None else user.used
            if user.wrong_codes < MOST_WRONG_CODES:
                user.wrong_codes += 1
                answer = self.token(OTP_GRANT, None, mfa_token=waiting.mfa_token, otp=code)
                expect_error(answer, 403, "invalid_grant", "Invalid otp_code.")
                self.nothing_ran()
            return None
        self.ahead += 30
        code = app.next_code()
        answer = self.token(OTP_GRANT, None, mfa_token=waiting.mfa_token, otp=code, trip=trip)
        if user.secret is None:
            user.recovery = recovery
        user.secret, user.used = secret, code
        return self.proved(answer, waiting, user, trip)

    def associate(self, waiting: Waiting, user: User) -> tuple[str, str | None]:
        """The secret of the user's app, and the recovery code that comes with a new one."""
        bearer = {"Authorization": f"Bearer {waiting.mfa_token}"}
        answer = self.client.http.post("/mfa/associate", json={"authenticator_types": ["otp"]}, headers=bearer)
        if user.secret is None:
            begun = expect(answer, 200)
            return begun["secret"], begun["recovery_codes"][0]
        expect_error(answer, 403, "access_denied", "User is already enrolled.")
        return user.secret, None

    def proved(self, answer: httpx.Response, waiting: Waiting, user: User, trip: Trip) -> None:
        waiting.over, waiting.challenge = True, "passed"
        run, token = waiting.run, waiting.exchanged
        if token is not None and token.value in self.revoked:
            expect_error(answer, 403, "invalid_grant", "Unknown or invalid refresh token.")
            waiting.answer = "invalid_grant"
            return self.nothing_ran()
        if user.blocked:
            waiting.answer = "unauthorized" if token is None else "invalid_grant"
            expect_error(answer, 401 if token is None else 403, waiting.answer, "user is blocked")
            return self.nothing_ran()
        if run.outcome != "paused":
            self.passed(answer, user, token)
            waiting.answer = "tokens"
            return self.nothing_ran()
        existing = {version_id for action in self.known.values() for _, version_id in action.versions}
        if any(version.id not in existing for version in run.flow):
            expect_error(answer, 403, "access_denied", "The Actions of this login no longer exist.")
            waiting.answer = "access_denied"
            return self.nothing_ran()
        run.go_on(trip, enrolled_meanwhile=run.factors == 0)
        return self.decided(answer, user, run, token, goes_on=waiting)

    # Support

    @precondition(lambda self: self.users)
    @rule(who=SOME, what=st.sampled_from(["flag", "flag", "unflag", "block", "unblock", "reset", "delete"]))
    def administer(self, who: int, what: str) -> None:
        user = list(self.users.values())[who % len(self.users)]
        if what in ("flag", "unflag"):
            self.flag(user, must_prove=True if what == "flag" else None)
        elif what in ("block", "unblock"):
            user.blocked = what == "block"
            expect(self.client.api.patch(f"/api/v2/users/{user.id}", json={"blocked": user.blocked}), 200)
        elif what == "reset":
            assert self.client.api.delete(f"/api/v2/users/{user.id}/authenticators").status_code == 204
            user.secret = user.recovery = user.used = None
            self.cancel_challenges(user)
        else:
            assert self.client.api.delete(f"/api/v2/users/{user.id}").status_code == 204
            self.cancel_challenges(user)
            del self.users[user.email]
            self.wrong_passwords = {key: n for key, n in self.wrong_passwords.items() if key[0] != user.email}

    def cancel_challenges(self, user: User) -> None:
        for waiting in self.waiting:
            if waiting.user_id == user.id and not waiting.over:
                waiting.over = True
                waiting.challenge = None if self.expired(waiting) else "canceled"

    def flag(self, user: User, *, must_prove: bool | None) -> None:
        change = {"app_metadata": {"must_prove": must_prove}}
        expect(self.client.api.patch(f"/api/v2/users/{user.id}", json=change), 200)
        user.app_metadata = {"must_prove": True} if must_prove else {}

    @rule(which=SOME, what=st.sampled_from(["revoke", "wait"]))
    def end_something(self, which: int, what: str) -> None:
        if what == "wait":
            self.client.advance_clock(660)
            self.ahead += 660
        elif self.refresh_tokens:
            token = self.refresh_tokens[which % len(self.refresh_tokens)].value
            body = {**self.client.ready["application"], "token": token}
            assert self.client.http.post("/oauth/revoke", json=body).status_code == 200
            self.revoked.add(token)


@pytest.mark.timeout(180)
def test_answers_what_is_stored_and_which_version_ran_follow_from_the_model(tenant: TenantClient) -> None:
    Live = type("Live", (Tenant,), {"client": tenant})  # noqa: N806 - a class
    # Not shrunk: the time limit of the test would end that before it reports what failed.
    phases = (Phase.reuse, Phase.generate)
    few = settings(max_examples=20, stateful_step_count=30, phases=phases, suppress_health_check=[HealthCheck.too_slow])
    run_state_machine_as_test(Live, settings=few)

"""Any sequence of actions of two users in two browsers: who gets a code without a page follows from the model."""

from dataclasses import dataclass, field

import pytest
from authentication.browser.visits import claims, cookie, plant
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from local_tenant.testing import Enrolled, Person, TenantClient
from login_browser import Browser, Visit

HOUR = 3_600
IDLE, ABSOLUTE = 72 * HOUR, 168 * HOUR
# Asks whom the application names, and those who have not proved a factor in this session where it says so.
CODE = """
exports.onExecutePostLogin = async (event, api) => {
  const { ask } = event.request.query;
  const proved = event.authentication.methods.some((method) => method.name === "mfa");
  if (ask === "deny") api.access.deny("denied");
  if (ask === "revoke") api.session.revoke("revoked");
  if (ask === "always" || (ask === "once" && !proved)) api.multifactor.enable("any");
};
"""
MOST_WRONG_CODES = 6

WHICH = st.integers(0, 1)
ASKS = st.sampled_from([None, None, "once", "always", "deny", "revoke"])


@dataclass
class Session:
    """A session as the model has it; seconds since the test began."""

    person: int
    begun: int
    used: int
    proved: bool = False

    def alive(self, now: int) -> bool:
        return now - self.used < IDLE and now - self.begun < ABSOLUTE


@dataclass
class Window:
    """A browser, what it may be known as, and the login that waits in it for a factor."""

    browser: Browser
    session: Session | None = None
    waiting: tuple[Visit, Session] | None = None
    ended: list[str] = field(default_factory=list)


class Sessions(RuleBasedStateMachine):
    """Each rule is something that a user does."""

    tenant: TenantClient

    def __init__(self) -> None:
        """Two people with an authenticator app each, and two browsers."""
        super().__init__()
        self.tenant.reset()
        self.now = 0
        self.people: list[Person] = []
        self.apps: list[Enrolled] = []
        for name in ("ada", "grace"):
            person = self.tenant.sign_up(f"{name}@example.com")
            self.people.append(person)
        self.tenant.bind_action(name="enrols")
        self.apps = [person.enrol() for person in self.people]
        self.tenant.bind_action(CODE)
        self.blocked = [False, False]
        self.wrong = [0, 0]
        self.windows = [Window(Browser(self.tenant)) for _ in range(2)]

    def teardown(self) -> None:
        for window in self.windows:
            window.browser.http.close()

    @rule(which=WHICH, who=WHICH, ask=ASKS)
    def log_in(self, which: int, who: int, ask: str | None) -> None:
        window = self.windows[which]
        visit = window.browser.log_in(self.people[who], prompt="login", ask=ask)
        self._end(window)
        if self.blocked[who]:
            assert visit.callback["error"] == "unauthorized"
            return
        window.session = Session(who, self.now, self.now)
        self._arrives(window, visit, ask)

    @rule(which=WHICH, ask=ASKS)
    def come(self, which: int, ask: str | None) -> None:
        window = self.windows[which]
        visit = window.browser.authorize(ask=ask)
        if not self._alive(window):
            assert visit.path == "/u/login"
        else:
            self._arrives(window, visit, ask)

    @rule(which=WHICH, ask=ASKS)
    def come_silently(self, which: int, ask: str | None) -> None:
        window = self.windows[which]
        visit = window.browser.authorize(prompt="none", ask=ask)
        alive = self._alive(window)
        if alive and (ask == "always" or (ask == "once" and window.session and not window.session.proved)):
            assert visit.callback["error_description"] == "Multifactor authentication required"
        elif alive:
            self._arrives(window, visit, ask)
        else:
            assert visit.callback["error"] == "login_required"

    @rule(which=WHICH, right=st.booleans())
    def prove(self, which: int, right: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        window = self.windows[which]
        if window.waiting is None:
            return
        challenge, session = window.waiting
        self.wrong[session.person] += not right
        # Far from the limit of wrong codes, which has tests of its own.
        right = right or self.wrong[session.person] > MOST_WRONG_CODES
        app = self.apps[session.person].app
        self.now += 30
        code = app.next_code()
        visit = window.browser.send(challenge, code=code if right else app.wrong_code())
        if window.session is session and session.alive(self.now) and right:
            assert claims(self.people[session.person], visit)["sub"] == self.people[session.person].user_id
            session.proved = True
            window.waiting = None
        else:
            assert visit.answer.status_code == 400
            assert not visit.at_application

    @rule(which=WHICH)
    def log_out(self, which: int) -> None:
        window = self.windows[which]
        opened = cookie(window.browser)
        window.browser.http.get("/v2/logout")
        self._end(window)
        window.ended.append(opened or "")

    @rule(who=WHICH, what=st.sampled_from(["blocked", "unblocked", "verified", "renamed"]))
    def is_changed(self, who: int, what: str) -> None:
        members: dict[str, dict[str, object]] = {
            "blocked": {"blocked": True},
            "unblocked": {"blocked": False},
            "verified": {"email_verified": True},
            "renamed": {"name": "another"},
        }
        self.people[who].change(**members[what])
        if what in {"blocked", "unblocked"}:
            self.blocked[who] = what == "blocked"
        if what == "blocked":
            for window in self.windows:
                if window.session is not None and window.session.person == who:
                    self._end(window)

    @rule(hours=st.sampled_from([1, 24, 60, 72]))
    def wait(self, hours: int) -> None:
        self.tenant.advance_clock(hours * HOUR)
        self.now += hours * HOUR
        for window in self.windows:
            # The page took too long.
            window.waiting = None

    @rule(which=WHICH)
    def steal_what_has_ended(self, which: int) -> None:
        for opened in self.windows[which].ended:
            with Browser(self.tenant) as thief:
                plant(thief, opened)
                assert thief.authorize(prompt="none").callback["error"] == "login_required"

    @invariant()
    def logins_of_one_do_not_count_for_the_other(self) -> None:
        """The cookies of the two browsers are never the same."""
        opened = [value for window in self.windows if (value := cookie(window.browser))]
        assert len(opened) == len(set(opened))

    def _arrives(self, window: Window, visit: Visit, ask: str | None) -> None:
        session = window.session
        assert session is not None
        if ask in {"deny", "revoke"}:
            assert visit.callback["error"] == "access_denied"
            if ask == "revoke":
                self._end(window)
        elif ask == "always" or (ask == "once" and not session.proved):
            assert visit.path == "/u/mfa-otp-challenge"
            window.waiting = (visit, session)
        else:
            content = claims(self.people[session.person], visit)
            assert content["sub"] == self.people[session.person].user_id
            # The factor was proved before this login, if at all.
            assert "amr" not in content

    def _alive(self, window: Window) -> bool:
        """Whether the browser is known; then it was used."""
        if window.session is None or not window.session.alive(self.now):
            window.session = None
            return False
        window.session.used = self.now
        return True

    def _end(self, window: Window) -> None:
        window.session = None


@pytest.mark.timeout(180)
def test_after_any_sequence_the_live_sessions_are_those_of_the_model(tenant: TenantClient) -> None:
    class OfThisTenant(Sessions):
        pass

    OfThisTenant.tenant = tenant
    run_state_machine_as_test(
        OfThisTenant,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        ),
    )

"""A small model of sign-ups and logins: no clock, no store, no JavaScript."""

import json
from dataclasses import dataclass, field
from typing import Literal

Metadata = dict[str, object]
Trip = Literal["none", "deny", "throw"]
Outcome = Literal["passed", "challenged", "paused", "denied", "failed"]

LOGIN, REGISTRATION = "post-login", "pre-user-registration"

# What the code of an Action does, besides writing down that it ran and what it saw.
LOGIN_DEEDS = {
    "notes": "",
    "requires": "if (user.app_metadata.must_prove) api.multifactor.enable('any');",
    "lifts": "api.multifactor.enable('none');",
    "asks": """if (user.app_metadata.must_prove) {
        if (user.enrolledFactors.length) api.authentication.challengeWith({ type: 'otp' });
        else api.authentication.enrollWith({ type: 'otp' });
      }""",
    "denies": "if (request.body.trip === 'deny') api.access.deny(`${me} denies`);",
    "throws": "if (request.body.trip === 'throw') throw new Error(`${me} throws`);",
}
REGISTRATION_DEEDS = {
    "notes": "",
    "flags": "api.user.setAppMetadata('must_prove', true);",
    "denies": "if (user.user_metadata.trip === 'deny') api.access.deny(`${me} denies`, 'Sorry');",
    "throws": "if (user.user_metadata.trip === 'throw') throw new Error(`${me} throws`);",
}


@dataclass(frozen=True)
class Script:
    """The code of an Action, which tells by itself which one it is.

    Attributes:
        content: a number that no other script of the run has.
        does: its deed.
    """

    content: int
    does: str

    def code(self, trigger: str, name: str) -> str:
        me = f"const me = {json.dumps(self.says(name))};\n"
        if trigger == REGISTRATION:
            return f"""{me}exports.onExecutePreUserRegistration = async ({{ user }}, api) => {{
      api.user.setUserMetadata({json.dumps(name)}, me);
      {REGISTRATION_DEEDS[self.does]}
    }};"""
        return f"""{me}exports.onExecutePostLogin = async ({{ user, stats, request }}, api) => {{
      const saw = [stats.logins_count, user.user_metadata.last ?? 'nobody', user.enrolledFactors.length];
      api.user.setUserMetadata({json.dumps(name)}, `${{me}} saw ${{saw.join(', ')}}`);
      api.user.setUserMetadata('last', me);
      {LOGIN_DEEDS[self.does]}
    }};"""

    def says(self, name: str) -> str:
        return f"{name} with content {self.content}"


@dataclass(frozen=True)
class Version:
    """A version of an Action in a flow."""

    id: str
    name: str
    number: int
    script: Script


@dataclass
class Action:
    """An Action: its draft, and the contents and ids of its versions, oldest first; the last one is deployed."""

    id: str
    name: str
    trigger: str
    draft: Script
    versions: list[tuple[Script, str]] = field(default_factory=list)

    @property
    def deployed(self) -> Version:
        script, version_id = self.versions[-1]
        return Version(version_id, self.name, len(self.versions), script)


@dataclass
class User:
    """An account.

    Attributes:
        secret: of the enrolled authenticator app, if any.
        recovery: the recovery code in force.
        used: the last code that was accepted.
        wrong_codes: how many were typed.
    """

    id: str
    email: str
    user_metadata: Metadata
    app_metadata: Metadata
    logins_count: int = 0
    last_ip: str | None = None
    blocked: bool = False
    secret: str | None = None
    recovery: str | None = None
    used: str | None = None
    wrong_codes: int = 0

    def write(self, changes: Metadata) -> None:
        """Merge at the root level."""
        self.user_metadata |= changes


@dataclass
class Run:
    """A run of a flow for one transaction.

    Attributes:
        flow: as it was deployed and bound when the transaction began.
        logins_count: in the event.
        last: `user_metadata.last` of the snapshot.
        must_prove: the flag of the snapshot.
        factors: how many the snapshot has.
        statuses: of the Actions that have had their turn.
        writes: user metadata so far.
        outcome: how it ended, or where it waits.
        message: the Action that ended it.
    """

    flow: tuple[Version, ...]
    logins_count: int
    last: object
    must_prove: bool
    factors: int
    statuses: list[str] = field(default_factory=list)
    writes: Metadata = field(default_factory=dict)
    wants_factor: bool = False
    outcome: Outcome = "passed"
    message: str = ""

    @property
    def stored(self) -> Metadata:
        """The metadata that the run writes to the profile: none if it failed or is paused."""
        return {} if self.outcome in ("failed", "paused") else self.writes

    @property
    def ran(self) -> list[tuple[str, int, str]]:
        """(name, version, status) of all its Actions, as in the trace."""
        statuses = [*self.statuses, *["not-run"] * (len(self.flow) - len(self.statuses))]
        return [(v.name, v.number, status) for v, status in zip(self.flow, statuses, strict=True)]

    def begin(self, trip: Trip) -> "Run":
        self._go(trip)
        if self.outcome == "passed" and self.wants_factor:
            self.outcome = "challenged"
        return self

    def go_on(self, trip: Trip, *, enrolled_meanwhile: bool) -> "Run":
        """Go on after a pause: the factor is proved; a second enrolment fails."""
        self._go(trip)
        if self.outcome == "paused" and enrolled_meanwhile:
            self.outcome, self.message = "failed", "enrolled already"
        return self

    def _go(self, trip: Trip) -> None:
        for version in self.flow[len(self.statuses) :]:
            self.outcome = self._turn(version, trip)
            if self.outcome != "passed":
                return
        self.outcome = "passed"

    def _turn(self, version: Version, trip: Trip) -> Outcome:
        me = version.script.says(version.name)
        self.writes[version.name] = f"{me} saw {self.logins_count}, {self.last or 'nobody'}, {self.factors}"
        self.writes["last"] = me
        self.statuses.append("ran")
        match version.script.does:
            case "requires" if self.must_prove:
                self.wants_factor = True
            case "lifts":
                self.wants_factor = False
            case "asks" if self.must_prove:
                return "paused"
            case "denies" if trip == "deny":
                self.message = f"{me} denies"
                return "denied"
            case "throws" if trip == "throw":
                self.message = f"{me} throws"
                self.statuses[-1] = "failed"
                return "failed"
        return "passed"


@dataclass
class Registration:
    """A run of the pre-user-registration flow."""

    flow: tuple[Version, ...]
    trip: Trip
    user_metadata: Metadata
    app_metadata: Metadata = field(default_factory=dict)
    statuses: list[str] = field(default_factory=list)
    message: str | None = None

    def __post_init__(self) -> None:
        """Run it."""
        for version in self.flow:
            me = version.script.says(version.name)
            if self.message is not None:
                self.statuses.append("not-run")
                continue
            self.statuses.append("ran")
            self.user_metadata[version.name] = me
            match version.script.does:
                case "flags":
                    self.app_metadata["must_prove"] = True
                case "denies" if self.trip == "deny":
                    self.message = f"{me} denies"
                case "throws" if self.trip == "throw":
                    self.message = f"{me} throws"
                    self.statuses[-1] = "failed"

    @property
    def ran(self) -> list[tuple[str, int, str]]:
        return [(v.name, v.number, status) for v, status in zip(self.flow, self.statuses, strict=True)]


@dataclass(frozen=True)
class RefreshToken:
    """What a login was answered with."""

    value: str
    user_id: str


@dataclass
class Waiting:
    """A login that waits for a factor.

    Attributes:
        run: what ran before it; goes on if it is paused.
        exchanged: the refresh token, if one is exchanged.
        begun: the tenant's clock, seconds that it was moved ahead.
        over: used up, or ended by a reset of the user's factors.
        execution_id: of what ran before it.
        challenge: how it has ended: `passed` or `canceled`; None before, and if it expires.
        answer: of the login that goes on.
    """

    mfa_token: str
    user_id: str
    run: Run
    exchanged: RefreshToken | None
    begun: int
    execution_id: str
    over: bool = False
    challenge: str | None = None
    answer: str = "mfa_required"

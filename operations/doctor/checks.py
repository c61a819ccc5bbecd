"""The checks. Each takes facts that were read before; its lines say what is so, why it matters and how to fix it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from operations.drift.findings import Finding, Kind
from operations.errors import OperationsError
from operations.program import ProgramPlan

# Scopes that each command needs of the Management API; docs/operations.md has the same table.
SCOPES: Mapping[str, tuple[str, ...]] = {
    "make up": ("read:actions", "create:actions", "update:actions", "delete:actions"),
    "make drift": ("read:actions",),
    "make adopt": ("read:actions",),
    "make smoke": ("read:users", "update:users", "delete:users"),
    "make doctor": ("read:actions", "read:guardian_factors", "read:mfa_policies", "read:clients"),
}
_PASSWORD_GRANTS = frozenset({"password", "http://auth0.com/oauth/grant-type/password-realm"})


class Level(StrEnum):
    """How bad it is: `warn` will be wrong one day, or could not be read."""

    OK = "ok"
    WARN = "warn"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was checked.

    Attributes:
        level: how bad it is.
        what: what is so.
        why: why it matters; empty where all is well.
        fix: how to fix it; likewise.
    """

    level: Level
    what: str
    why: str = ""
    fix: str = ""

    @classmethod
    def of_error(cls, error: OperationsError, why: str, level: Level = Level.WRONG) -> Line:
        """An error where something was read."""
        return cls(level, error.what, why, error.fix)


def check_scopes(granted: Collection[str], *, is_test: bool) -> Iterator[Line]:
    """The credentials' scopes, command by command; smoke is for the test tenant alone."""
    for command, scopes in SCOPES.items():
        missing = [scope for scope in scopes if scope not in granted]
        if command == "make smoke" and not is_test:
            continue
        if missing:
            # Without these the rest of this command's lines are missing, not the tenant's protection.
            level = Level.WARN if command == "make doctor" else Level.WRONG
            yield Line(
                level,
                f"`{command}` lacks the scopes {', '.join(missing)}",
                "Auth0 refuses a request without its scope (403), perhaps in the middle of a deployment",
                f"authorize the application (AUTH0_CLIENT_ID) for {' '.join(missing)} of the Auth0 Management API",
            )
        else:
            yield Line(Level.OK, f"the credentials have the scopes of `{command}`")


def check_mfa(factors: Mapping[str, bool], policies: Sequence[str]) -> Iterator[Line]:
    """The tenant's factors, by name whether each is on, and its MFA policies."""
    where = "in the dashboard, Security > Multi-factor Auth"
    names = [name for name, enabled in factors.items() if enabled]
    if [name for name in names if name != "recovery-code"]:
        yield Line(Level.OK, f"second factors are enabled: {', '.join(names)}")
    else:
        yield Line(
            Level.WRONG,
            "no second factor is enabled",
            "Auth0 cannot challenge anybody: a login that needs MFA fails or goes through without it",
            f"{where}: enable One-time Password, or another factor",
        )
    if policies:
        yield Line(
            Level.WRONG,
            f'the MFA policy is {", ".join(policies)}, not "Never"',
            "Auth0 then asks for MFA itself, whatever the Actions decide: the rules do not hold",
            f'{where}: set "Require Multi-factor Auth" to "Never"; the Actions then require it by the rules',
        )
    else:
        yield Line(Level.OK, 'the MFA policy is "Never", so that the Actions decide')


def check_application(client_id: str, grant_types: Collection[str], authentication: str) -> Iterator[Line]:
    """Whether smoke can log in with its application: the grant types it has, and how it authenticates."""
    fix = f"in the dashboard, Applications > {client_id} > Advanced Settings > Grant Types: enable "
    missing = [
        title
        for title, names in (("Password", _PASSWORD_GRANTS), ("Refresh Token", {"refresh_token"}))
        if not names.intersection(grant_types)
    ]
    if missing:
        why = "smoke logs in with a password and exchanges a refresh token"
        yield Line(
            Level.WRONG,
            f"smoke's application lacks the grant types {', '.join(missing)}",
            why,
            fix + ", ".join(missing),
        )
    if authentication == "none":
        yield Line(
            Level.WRONG,
            "smoke's application has no secret",
            "anybody could try passwords with its id alone",
            "name a confidential application in AUTH0_APP_CLIENT_ID and AUTH0_APP_CLIENT_SECRET",
        )
    elif not missing:
        yield Line(Level.OK, "smoke's application can log in with a password and refresh")


def check_strangers(findings: Iterable[Finding], stack: str) -> Iterator[Line]:
    """Actions and bindings by the program's names and in its flows that this stack does not manage."""
    fixes = {
        Kind.UNMANAGED: f"make adopt STACK={stack}",
        Kind.DUPLICATE: "delete or rename the other one in the dashboard",
        Kind.FOREIGN: "add it to the program, or let `make up` unbind it",
    }
    why = {
        Kind.UNMANAGED: "the next `make up` would create a second Action of that name",
        Kind.DUPLICATE: "two Actions of one name are easily confused",
        Kind.FOREIGN: "it runs in our flow now; the next `make up` unbinds it",
    }
    strangers = [each for each in findings if each.kind in fixes]
    # Bound or not, they are the same Actions.
    unmanaged = {each.action for each in strangers if each.kind == Kind.UNMANAGED}
    strangers = [each for each in strangers if each.kind != Kind.FOREIGN or each.action not in unmanaged]
    for each in strangers:
        kind = Kind(each.kind)
        yield Line(Level.WRONG, f"{each.where}: {each.what}", why[kind], fixes[kind])
    if not strangers:
        yield Line(Level.OK, "no other Actions have our names, and none but ours are in our flows")


def check_runtimes(plan: ProgramPlan, runtimes: Mapping[str, Collection[str]], stack: str) -> Iterator[Line]:
    """The program's runtimes against those that the tenant lists for each trigger, as `TRIGGER VERSION`."""
    fix = f"pulumi config set auth0-actions:runtime node22 --stack {stack}"
    rehearse = "" if stack == "local" else f"`make rehearse STACK={stack}` and "
    for runtime in sorted({action.content.runtime for action in plan.actions}):
        triggers = sorted({action.content.trigger for action in plan.actions if action.content.runtime == runtime})
        refused = [
            trigger
            for trigger in triggers
            if runtime not in {listed.removesuffix("-actions") for listed in runtimes.get(trigger, ())}
        ]
        if refused:
            why = "Auth0 refuses to create or change an Action on it"
            yield Line(Level.WRONG, f"{runtime} is not listed for {', '.join(refused)}", why, fix)
        elif runtime == "node18":
            yield Line(
                Level.WARN,
                "the Actions run on node18, which Auth0 still lists",
                "Node.js 18 has had no security fixes since April 2025; Auth0 may stop accepting it",
                f"{fix}; then {rehearse}`make up STACK={stack}`",
            )
        else:
            yield Line(Level.OK, f"{runtime} is listed for {', '.join(triggers)}")

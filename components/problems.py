"""How the program reports what is wrong with a stack's settings."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

_LONGEST_VALUE = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        what: The key and its value, and what is wrong with it.
        accepted: What is accepted instead, or why this is not.
        fix: The command that fixes it, or a choice of commands.
    """

    what: str
    accepted: str
    fix: str

    def __str__(self) -> str:
        """Three lines: what, accepted, fix."""
        return f"  {self.what}\n    accepted: {self.accepted}\n    fix:      {self.fix}"


class SettingsError(pulumi.RunError):
    """All that is wrong with a stack's settings. Pulumi shows the message of a RunError without a traceback."""

    def __init__(self, stack: str, problems: Sequence[Problem]) -> None:
        """Report the problems of a stack."""
        count = "1 setting" if len(problems) == 1 else f"{len(problems)} settings"
        body = "\n\n".join(map(str, problems))
        super().__init__(f"stack {stack}: {count} to fix; no Action was changed\n\n{body}\n")
        self.problems = tuple(problems)


def quote(value: str) -> str:
    """The value in double quotes, look-alike letters escaped, cut where it is very long."""
    quoted = json.dumps(value)
    return quoted if len(quoted) <= _LONGEST_VALUE else f"{quoted[:_LONGEST_VALUE]}… ({len(value)} characters)"


def config_set(stack: str, key: str, value: str) -> str:
    """The shell command that sets a config key."""
    return shlex.join(["pulumi", "config", "set", key, value, "--stack", stack])


def config_rm(stack: str, key: str) -> str:
    """The shell command that removes a config key."""
    return shlex.join(["pulumi", "config", "rm", key, "--stack", stack])


def fix_domain(stack: str, origin: str, tenant: str = "TENANT") -> str:
    """How to name a stack's domain. One in the config comes before AUTH0_DOMAIN, so it has to go first."""
    command = f"export AUTH0_DOMAIN={tenant}.REGION.auth0.com" if stack != "local" else 'eval "$(make -s env)"'
    return f"{config_rm(stack, origin)}, then {command}" if origin == "auth0:domain" else command

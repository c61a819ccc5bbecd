"""How the program tells a person what is wrong with a stack's settings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

_LONGEST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        what: The key and its value, and what is wrong with it.
        accepted: What is accepted instead, or why this is not.
        fix: The command, or the choice of commands, that fixes it.
    """

    what: str
    accepted: str
    fix: str

    def __str__(self) -> str:
        """Three lines: what, accepted, fix."""
        return f"  {self.what}\n    accepted: {self.accepted}\n    fix:      {self.fix}"


class SettingsError(pulumi.RunError):
    """A stack's settings are wrong, or a guard does not hold.

    Pulumi shows the message of a RunError alone, without a traceback, and ends the program as failed.
    """

    def __init__(self, stack: str, problems: Sequence[Problem]) -> None:
        """Report all problems at once: a person who fixes them one by one needs one run for each."""
        count = "1 setting" if len(problems) == 1 else f"{len(problems)} settings"
        body = "\n\n".join(map(str, problems))
        super().__init__(f"stack {stack}: {count} to fix; no Action was changed\n\n{body}\n")
        self.stack = stack
        self.problems = tuple(problems)


def shown(value: str) -> str:
    """The value in double quotes, with look-alike letters escaped and the end of a very long one left out."""
    quoted = json.dumps(value)
    return quoted if len(quoted) <= _LONGEST_SHOWN else f"{quoted[:_LONGEST_SHOWN]}… ({len(value)} characters)"

"""Errors and exit codes of the commands."""

from __future__ import annotations

# What a shell or a workflow reads. 2 is also what click ends a wrong command line with.
FOUND_NOTHING = 0
FOUND_SOMETHING = 1
FAILED = 2
# As in shells after Ctrl-C.
INTERRUPTED = 130


class OperationsError(Exception):
    """A command could not find out, or could not finish: exit code 2.

    Attributes:
        what: what went wrong, and where.
        fix: what to do about it; empty if `what` says it.
    """

    def __init__(self, what: str, *, fix: str = "") -> None:
        """Both are printed."""
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        """Two lines: what, and how to fix it."""
        return f"{self.what}\n  fix: {self.fix}" if self.fix else self.what

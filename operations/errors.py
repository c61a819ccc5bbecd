"""How a command tells that it could not do its work."""

from __future__ import annotations

# What a shell or a workflow reads. 2 is also what click ends a wrong command line with.
FOUND_NOTHING = 0
FOUND_SOMETHING = 1
COULD_NOT_TELL = 2
# As shells tell Ctrl-C.
INTERRUPTED = 130


class OperationsError(Exception):
    """A command could not tell, or could not finish; it ends with exit code 2.

    Attributes:
        what: what went wrong, and where.
        fix: what to do about it.
    """

    def __init__(self, what: str, *, fix: str) -> None:
        """Both are shown to the person who ran the command."""
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        """Two lines: what, and how to fix it."""
        return f"{self.what}\n  fix: {self.fix}"


class RefusedError(OperationsError):
    """A command found a reason not to begin: exit code 1, nothing was changed."""

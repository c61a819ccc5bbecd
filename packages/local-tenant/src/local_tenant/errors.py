"""Errors that end a command of the local tenant: what is wrong, and how to fix it."""

from __future__ import annotations


class LocalTenantError(Exception):
    """Something that the person at the command line can put right.

    Attributes:
        fix: what to do about it, as an imperative clause.
    """

    def __init__(self, message: str, *, fix: str) -> None:
        """`message` says what is wrong and where."""
        super().__init__(message)
        self.fix = fix

    def __str__(self) -> str:
        """Both halves, as a person reads them."""
        return f"{self.args[0]}\n  fix: {self.fix}"

"""What the tenant's behaviour rests on, endpoint by endpoint; fidelity.py prints it."""

from __future__ import annotations

from enum import StrEnum


class Basis(StrEnum):
    """How well a behaviour is known."""

    RECORDED = "recorded"
    """Seen in traffic of real tenants."""

    DOCUMENTED = "documented"
    """In Auth0's documentation, its SDKs, or messages quoted in public issues."""

    GUESS = "guess"
    """Not known from outside Auth0: chosen here."""

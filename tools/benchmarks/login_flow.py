"""The Actions of the post-login flow, as deployed to prod, with domains of their own."""

from __future__ import annotations

from pathlib import Path

_ACTIONS = Path(__file__).resolve().parents[2] / "actions"

SECRETS: dict[str, dict[str, str]] = {
    "add_ip_to_metadata": {},
    "mfa_action": {
        "TEST_TENANT": "another-tenant",
        "INTEGRATION_TEST_DOMAIN": "integration-test.example",
        "FORCE_MFA_DOMAIN": "forcemfa.example",
    },
}
"""Secrets by the name of the Action, in the order of the flow."""


def code(name: str) -> str:
    """The code of an Action."""
    return (_ACTIONS / f"{name}.js").read_text(encoding="utf-8")

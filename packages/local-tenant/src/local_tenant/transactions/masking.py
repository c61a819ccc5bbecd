"""Keeps the secrets of a flow out of logs and stored errors."""

from __future__ import annotations

from action_runtime import Flow
from action_runtime.masking import Masker


def masker_of(flow: Flow) -> Masker:
    """Masks every secret of the flow's Actions and of their modules."""
    versions = [bound.version for bound in flow.actions]
    modules = [module for version in versions for module in version.modules]
    return Masker([version.secrets for version in versions] + [module.secrets for module in modules])

"""user_metadata and app_metadata: how a change is merged into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Metadata = dict[str, Any]


def merged(current: Mapping[str, Any], changes: Mapping[str, Any]) -> Metadata:
    """`current` with `changes` merged in at the root level only; a key whose new value is None goes (documented)."""
    both = {**current, **changes}
    return {key: value for key, value in both.items() if value is not None}

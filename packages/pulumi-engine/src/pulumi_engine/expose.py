"""Puts an engine's programs where the clone looks for them, as links to the one copy that the machine has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pulumi_engine.model import Layout


def programs(layout: Layout, targets: Iterable[Path]) -> list[Path]:
    """Link ``targets`` into the clone's engine folder and remove what an earlier engine left there; give the links.

    The engine resolves links before it looks for a language host beside itself, so that links work as the files do.
    """
    layout.bin.mkdir(parents=True, exist_ok=True)
    links = [link(target, layout.bin / target.name) for target in targets]
    for other in layout.bin.iterdir():
        if other not in links:
            other.unlink()
    return links


def plugin(layout: Layout, version: str, target: Path) -> Path:
    """Link the provider ``target`` into the clone's PULUMI_HOME as an installed plugin; give the link."""
    place = layout.plugin(version)
    # The engine takes real folders only for installed plugins; the file in it may be a link.
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # With this marker the engine would hold the plugin for half installed.
    place.parent.with_name(f"{place.parent.name}.partial").unlink(missing_ok=True)
    return link(target, place)


def link(target: Path, place: Path) -> Path:
    """Make ``place`` a link to ``target``, in one step for whoever looks at it meanwhile."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(place)
    return place

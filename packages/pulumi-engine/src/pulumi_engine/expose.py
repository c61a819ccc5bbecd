"""Links in an engine's folder to programs that the machine has once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pulumi_engine.model import Layout, partial_marker


def programs(layout: Layout, targets: Iterable[Path]) -> list[Path]:
    """Link ``targets`` into the folder for PATH, remove the links to an earlier engine, and return the new ones.

    The engine resolves links before it looks for a language host beside itself, so links work as the files do.
    """
    layout.bin.mkdir(parents=True, exist_ok=True)
    links = [_link(target, layout.bin / target.name) for target in targets]
    for other in layout.bin.iterdir():
        if other not in links:
            other.unlink()
    return links


def plugin(layout: Layout, version: str, target: Path) -> Path:
    """Link the provider ``target`` into PULUMI_HOME as an installed plugin; return the link."""
    link = layout.plugin(version)
    # The folder must be a real one, or the engine does not see an installed plugin; the file in it may be a link.
    link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial_marker(link).unlink(missing_ok=True)
    return _link(target, link)


def _link(target: Path, link: Path) -> Path:
    """Make ``link`` point to ``target``, in one step for concurrent readers."""
    draft = link.with_name(f".{link.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)
    return link

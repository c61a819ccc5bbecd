"""Finds or builds what deploys this project: the Pulumi engine with its Python language host, and the Auth0 provider.

* :func:`locate` answers at once from what was found before; it starts no process and reaches for no network.
* :func:`ensure` finds or builds what is missing (``make engine``, ``python -m engine``).

Importing this package imports the standard library alone, and little of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_engine.model import Engine, EngineError, EngineMissing, Origin
from pulumi_engine.record import locate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Engine", "EngineError", "EngineMissing", "Origin", "ensure", "locate"]


def ensure(root: Path | None, report: Callable[[str], None]) -> Engine:
    """Give the engine of the clone ``root`` (None: of this package), found or built first if need be.

    What :func:`locate` gives is given at once. Else the engine is the first of: a usable ``pulumi`` on PATH, one that
    an earlier run left in the cache, what Pulumi's installer downloads, a build from Go modules. The provider is the
    first of: an installed plugin of the version that the Python package pulumi-auth0 wants, a build in the cache,
    ``pulumi plugin install``, a build from Go modules.

    Args:
        root: Folder of the clone.
        report: Gets each line that a person waiting should see, at least every ten seconds or so.

    Raises:
        EngineError: Nothing worked. The text tells what was tried and what to install.
    """
    # Imported late, because who only wants to know where the engine is should not wait for what can build one.
    from pulumi_engine.choice import choose  # noqa: PLC0415

    return choose(root, report)

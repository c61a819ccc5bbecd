"""The Pulumi engine with its Python language host, and the Auth0 provider: installed, downloaded, or built from source.

* :func:`locate` reads what an earlier run recorded. It starts no process and uses no network.
* :func:`ensure` finds, downloads or builds what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pulumi_engine import choice, record
from pulumi_engine.model import Engine, EngineError, EngineMissing, Layout, Origin

__all__ = ["Engine", "EngineError", "EngineMissing", "Origin", "ensure", "locate"]


def locate(folder: Path, *, environment: Path | None = None) -> Engine:
    """Return the engine that :func:`ensure` recorded in ``folder``.

    Args:
        folder: Holds the links to the engine, PULUMI_HOME and the state of the local backend.
        environment: The virtual environment with the Python packages pulumi and pulumi-auth0; by default the one
            that runs this.

    Raises:
        EngineMissing: Nothing is recorded there, or something has changed since.
    """
    return record.locate(Layout.of(folder, environment))


def ensure(folder: Path, report: Callable[[str], None], *, environment: Path | None = None) -> Engine:
    """Return the engine of ``folder``; find, download or build it first if necessary.

    The engine is the first of: what :func:`locate` returns, a usable ``pulumi`` on PATH, a download or build in the
    cache, a download by Pulumi's installer, a build from Go modules. The provider is the first of: an installed plugin
    of the version that the Python package pulumi-auth0 requires, a build in the cache, ``pulumi plugin install``, a
    build from Go modules.

    Args:
        folder: As for :func:`locate`; created if necessary.
        report: Called with each line of progress, about every ten seconds.
        environment: As for :func:`locate`.

    Raises:
        EngineError: Nothing worked. The text says what was tried and what to install.
    """
    return choice.choose(Layout.of(folder, environment), report)

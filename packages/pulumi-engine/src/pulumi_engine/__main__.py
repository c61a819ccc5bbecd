"""``python -m engine``: finds or builds the Pulumi engine and the Auth0 provider for this clone (``make engine``)."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from pulumi_engine import EngineError, ensure, locate


def main() -> int:
    """Run the command; give its exit code: 0 there is an engine, 1 there is none, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m engine", description=__doc__)
    parser.add_argument(
        "command", nargs="?", choices=["env"], help="print the shell's variables; find or build nothing"
    )
    parser.add_argument("--root", type=Path, help="folder of the clone (default: the one this file is in)")
    arguments = parser.parse_args()
    try:
        if arguments.command == "env":
            for name, value in locate(arguments.root).environment().items():
                print(f"export {name}={shlex.quote(value)}")  # noqa: T201
        else:
            ensure(arguments.root, _say)
    except EngineError as error:
        sys.stderr.write(f"engine: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("engine: interrupted; the next run goes on from what Go has compiled so far\n")
        return 130
    return 0


def _say(line: str) -> None:
    # Not on standard output: `env` and other targets of make that others evaluate have that for themselves.
    sys.stderr.write(f"engine: {line}\n")


if __name__ == "__main__":
    sys.exit(main())

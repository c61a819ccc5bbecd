"""Find, download or build the Pulumi engine and the Auth0 provider; `env` prints the variables that `pulumi` needs."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from pulumi_engine import EngineError, ensure, locate


def main() -> int:
    """Run the command; return its exit code: 0 success, 1 no engine, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m pulumi_engine", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="folder of the engine's links, home and state")
    parser.add_argument("command", nargs="?", choices=["env"], help="print export lines for a shell; build nothing")
    arguments = parser.parse_args()
    try:
        if arguments.command == "env":
            for name, value in locate(arguments.folder).environment().items():
                print(f"export {name}={shlex.quote(value)}")  # noqa: T201
        else:
            ensure(arguments.folder, _report)
    except EngineError as error:
        _report(str(error))
        return 1
    except KeyboardInterrupt:
        _report("interrupted; the next run continues with what Go has already compiled")
        return 130
    return 0


def _report(line: str) -> None:
    # Standard output is for `env` alone.
    sys.stderr.write(f"engine: {line}\n")


if __name__ == "__main__":
    sys.exit(main())

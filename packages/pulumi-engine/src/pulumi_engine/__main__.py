"""``python -m engine``: finds or builds the Pulumi engine and the Auth0 provider for this clone (``make engine``)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pulumi_engine import EngineError, ensure, locate


def main() -> int:
    """Run the command; give its exit code: 0 there is an engine, 1 there is none, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m engine", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether there is an engine, find or build none")
    parser.add_argument("--root", type=Path, help="folder of the clone (default: the one this file is in)")
    arguments = parser.parse_args()
    try:
        engine = locate(arguments.root) if arguments.check else ensure(arguments.root, _say)
    except EngineError as error:
        sys.stderr.write(f"engine: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("engine: interrupted; the next run goes on from what Go has compiled so far\n")
        return 130
    _say(
        f"Pulumi {engine.version} ({_ORIGINS[engine.origin]}) and the Auth0 provider {engine.provider_version} are here"
    )
    return 0


_ORIGINS = {
    "path": "found on PATH",
    "installer": "from Pulumi's installer",
    "built": "built from its Go modules",
}


def _say(line: str) -> None:
    # Flushed, so that a person or a log that reads through a pipe sees each line when it is said.
    print(f"engine: {line}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

"""Whether a backend, where Pulumi keeps the stacks' state, is chosen; looked up where Pulumi looks it up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency

from operations.errors import OperationsError

CHOICES = """no backend is chosen for the stacks' state

1. Pulumi Cloud: locks, history and encryption are the service's.
     pulumi login                      (in CI: PULUMI_ACCESS_TOKEN)

2. An object store of your own, s3://, gs:// or azblob://: each deployer needs
   access to it, and the passphrase of the secrets.
     export PULUMI_BACKEND_URL=s3://BUCKET PULUMI_CONFIG_PASSPHRASE=…

3. A folder in this checkout: no account. A team has to commit it after each
   update; nothing keeps two people from deploying at once, and a deployment
   from an old commit works on an old state.
     mkdir -p state
     export PULUMI_BACKEND_URL="file://$PWD/state?metadata=skip"
     export PULUMI_CONFIG_PASSPHRASE=…
"""


def require_backend(folder: Path, stack: str, environ: Mapping[str, str]) -> None:
    """Check that a backend is chosen for the project in `folder`.

    Raises:
        OperationsError: none is; names the choices, each with its command.
    """
    if chosen_backend(folder, environ) is not None:
        return
    if stack == "local":
        raise OperationsError("PULUMI_BACKEND_URL is not set", fix='for stack local: eval "$(make -s env)"')
    raise OperationsError(CHOICES, fix=f"choose one, then, once: pulumi stack init {stack}")


def chosen_backend(folder: Path, environ: Mapping[str, str]) -> str | None:
    """URL of the backend: of the environment, of Pulumi.yaml, or of the last `pulumi login`; None if none is chosen."""
    if environ.get("PULUMI_BACKEND_URL"):
        return environ["PULUMI_BACKEND_URL"]
    project: Mapping[str, Any] = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8")) or {}
    own = (project.get("backend") or {}).get("url")
    if own:
        return str(own)
    if environ.get("PULUMI_ACCESS_TOKEN"):
        return environ.get("PULUMI_API") or "https://api.pulumi.com"
    home = environ.get("PULUMI_CREDENTIALS_PATH") or environ.get("PULUMI_HOME") or str(Path.home() / ".pulumi")
    try:
        content = json.loads((Path(home) / "credentials.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(content.get("current") or "") or None

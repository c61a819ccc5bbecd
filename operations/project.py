"""A Pulumi project's folder and its stacks' config, read from its files alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency

from operations.errors import OperationsError


@dataclass(frozen=True, slots=True)
class StackConfig:
    """A stack's whole config, defaults included.

    Attributes:
        values: keys with their namespace.
        secret_keys: those whose values are secret.
    """

    values: dict[str, str]
    secret_keys: tuple[str, ...] = ()

    def settings(self, project: str) -> dict[str, str]:
        """The project's own settings, without its namespace."""
        prefix = f"{project}:"
        return {key.removeprefix(prefix): value for key, value in self.values.items() if key.startswith(prefix)}


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a Pulumi program.

    Attributes:
        folder: holds Pulumi.yaml and __main__.py.
        name: the project's name.
        defaults: default values of its config; keys with their namespace.
    """

    folder: Path
    name: str
    defaults: Mapping[str, str]

    def stack_config(self, stack: str) -> StackConfig:
        """A stack's config as its file has it: defaults under the values of Pulumi.STACK.yaml.

        What the provider reads (`auth0:…`, the tenant's domain and credentials) is left out: it may be encrypted.

        Raises:
            OperationsError: there is no such file, or a value in it is encrypted.
        """
        path = self.folder / f"Pulumi.{stack}.yaml"
        if not path.is_file():
            raise OperationsError(f"there is no {path}", fix="put it there: it holds the stack's settings")
        own: Mapping[str, Any] = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("config") or {}
        own = {key: value for key, value in own.items() if not key.startswith("auth0:")}
        for key, value in own.items():
            if isinstance(value, Mapping):
                raise OperationsError(f"{key} in {path} is not plain text", fix="keep this project's settings as text")
        return StackConfig({**self.defaults, **{key: _text(value) for key, value in own.items()}})


def find_project(start: Path) -> Project:
    """The project that `start` lies in, as Pulumi finds it: in this folder, or in one above it.

    Raises:
        OperationsError: there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "Pulumi.yaml").is_file():
            return read_project(folder)
    raise OperationsError(
        f"no Pulumi.yaml in {start.resolve()} or above it", fix="run this in the project's folder, or name it with -C"
    )


def read_project(folder: Path) -> Project:
    """The project of just this folder."""
    content = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    name = str(content["name"])
    declared: Mapping[str, Any] = content.get("config") or {}
    defaults = {
        key if ":" in key else f"{name}:{key}": _text(declaration["default"])
        for key, declaration in declared.items()
        if isinstance(declaration, Mapping) and "default" in declaration
    }
    return Project(folder, name, defaults)


def copy_program(source: Path, target: Path) -> None:
    """Copy what a deployment needs: the program, its stacks' files, and a link to its Python environment.

    Not pyproject.toml: `toolchain: uv` would sync the environment with the copy.
    """
    target.mkdir()
    for file in [source / "__main__.py", *source.glob("Pulumi*.yaml")]:
        shutil.copy2(file, target)
    for folder in ("actions", "components"):
        shutil.copytree(source / folder, target / folder)
    (target / ".venv").symlink_to((source / ".venv").resolve(), target_is_directory=True)


def _text(value: object) -> str:
    """As Pulumi hands it over: text as it is, anything else (true, a list) as JSON."""
    return value if isinstance(value, str) else json.dumps(value)

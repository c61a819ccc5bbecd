"""Reads a seed file, YAML or JSON, and says of each mistake where it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency
from pydantic import ValidationError

from local_tenant.errors import LocalTenantError
from local_tenant.seed.document import Document

MOST_LEVELS = 60
MOST_MISTAKES = 10

# Keys and positions from the root of the file to a value.
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A seed file that fits the schema.

    Attributes:
        path: of the file.
        document: its content.
        lines: line of each value, from 1, by its place.
        digest: SHA-256, in hex, of the file and those that it names.
    """

    path: Path
    document: Document
    lines: dict[Place, int]
    digest: str

    def mistake(self, place: Place, what: str) -> LocalTenantError:
        """The error for a value that does not fit the rest of the file or the tenant."""
        return _refusal(self.path, [_line(self.lines, place, what)])


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # untyped
    """Without YAML's own times: a time in a seed file is the text that the Management API shows."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_seed(path: Path) -> SeedFile:
    """The seed file at `path`.

    Raises:
        LocalTenantError: it cannot be read, is no YAML, or does not fit the schema; line and key of each mistake.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise LocalTenantError(f"the seed file {path} cannot be read: {why}", fix="name a file with --seed") from error
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f"line {mark.line + 1}: "
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise _refusal(path, [f"{where}{problem}"]) from error
    lines: dict[Place, int] = {}
    try:
        content = None if node is None else _value(loader, node, (), lines)
    except _StructureError as error:
        raise _refusal(path, [str(error)]) from error
    except yaml.YAMLError as error:
        raise _refusal(path, [str(error).partition("\n")[0]]) from error
    try:
        document = Document.model_validate({} if content is None else content)
    except ValidationError as error:
        mistakes = [_line(lines, mistake["loc"], _words(mistake)) for mistake in error.errors(include_url=False)]
        raise _refusal(path, mistakes) from error
    digest = hashlib.sha256(text.encode())
    for action in document.actions:
        file = path.parent / action.code_file if action.code_file else None
        if file is not None and file.is_file():
            digest.update(file.read_bytes())
    return SeedFile(path, document, lines, digest.hexdigest())


class _StructureError(Exception):
    """A key that comes twice, or nesting without end."""


def _value(loader: Any, node: Any, place: Place, lines: dict[Place, int]) -> Any:  # noqa: ANN401 - PyYAML is untyped
    lines.setdefault(place, node.start_mark.line + 1)
    if len(place) > MOST_LEVELS:
        raise _StructureError(f"line {node.start_mark.line + 1}: nested more than {MOST_LEVELS} levels deep")
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*place, number), lines) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(loader, node)
    content: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = _joined(str(key_node.value))
        line = key_node.start_mark.line + 1
        if key in content:
            raise _StructureError(f"line {line}: {_dotted((*place, key))} comes twice")
        lines[*place, key] = line
        content[key] = _value(loader, value_node, (*place, key), lines)
    return content


def _scalar(loader: Any, node: Any) -> str | float | bool | None:  # noqa: ANN401 - PyYAML is untyped
    """A value that JSON has, as everything that the tenant stores is JSON."""
    try:
        scalar = loader.construct_object(node)
    # Of a tag that the text does not fit.
    except (ValueError, AttributeError):
        scalar = ...
    if isinstance(scalar, str):
        return _joined(scalar)
    is_number = isinstance(scalar, int | float) and -(2**63) <= scalar < 2**64
    if not is_number and scalar is not None:
        raise _StructureError(f"line {node.start_mark.line + 1}: {node.value} is no text, number of 64 bits or boolean")
    return cast("float | None", scalar)


def _joined(text: str) -> str:
    """JSON writes a character beyond the first 65,536 as two escapes, which YAML reads as two characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _words(mistake: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    if mistake["type"] == "extra_forbidden":
        return "no such key"
    if mistake["type"] == "missing":
        return "is missing"
    return str(mistake["msg"]).removeprefix("Value error, ")


def _line(lines: dict[Place, int], place: Place, what: str) -> str:
    known = next(place[:length] for length in range(len(place), -1, -1) if place[:length] in lines or not length)
    return f"line {lines.get(known, 1)}: {_dotted(place) or 'the file'}: {what}"


def _dotted(place: Place) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _refusal(path: Path, mistakes: list[str]) -> LocalTenantError:
    shown = mistakes[:MOST_MISTAKES]
    more = [f"and {len(mistakes) - len(shown)} more"] if len(mistakes) > len(shown) else []
    lines = "\n".join(f"  {line}" for line in (*shown, *more))
    return LocalTenantError(
        f"the seed file {path} is refused:\n{lines}",
        fix="correct these lines; `python -m local_tenant.seed.document` prints the schema of all keys",
    )

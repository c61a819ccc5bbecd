"""How commands show things to people. All text comes from outside, so none of it is read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

# Where nobody looks at a terminal, a line of a log is as wide as it needs to be to read.
_WIDTH_OF_A_LOG = 200


def console() -> Console:
    """What writes to stdout: in colour on a terminal, plain elsewhere."""
    found = Console(highlight=False, soft_wrap=False, markup=False, emoji=False)
    if not found.is_terminal:
        found.width = _WIDTH_OF_A_LOG
    return found


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with a heading; nothing is cut, long cells go on in the next line."""
    found = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in columns:
        found.add_column(title, overflow="fold")
    for row in rows:
        found.add_row(*map(Text, row))
    return found


def diff(text: str) -> Text:
    """A unified diff: what goes in red, what comes in green."""
    found = Text()
    for line in text.splitlines():
        found.append(f"{line}\n", _style(line))
    return found


def _style(line: str) -> Style:
    if line.startswith(("+++", "---", "@@")):
        return Style(bold=True)
    return Style(color={"+": "green", "-": "red"}.get(line[:1]))

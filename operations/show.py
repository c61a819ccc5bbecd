"""How commands show things to people. All text comes from outside, so none of it is read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

# Without a terminal: a log does not wrap sooner than this.
_WIDTH_OF_A_LOG = 200


def console() -> Console:
    """What writes to stdout: in colour on a terminal, plain elsewhere."""
    out = Console(highlight=False, soft_wrap=False, markup=False, emoji=False)
    if not out.is_terminal:
        out.width = _WIDTH_OF_A_LOG
    return out


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with a heading; nothing is cut, long cells go on in the next line."""
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in columns:
        grid.add_column(title, overflow="fold")
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid


def diff(text: str) -> Text:
    """A unified diff: what goes in red, what comes in green."""
    colored = Text()
    for line in text.splitlines():
        colored.append(f"{line}\n", _style(line))
    return colored


def _style(line: str) -> Style:
    if line.startswith(("+++", "---", "@@")):
        return Style(bold=True)
    return Style(color={"+": "green", "-": "red"}.get(line[:1]))

"""How commands print. Text comes from outside, so none of it is read as markup."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text


def console() -> Console:
    """What writes to stdout: in colour and as wide as the terminal; plain elsewhere, 80 columns or COLUMNS wide."""
    return Console(highlight=False, soft_wrap=False, markup=False, emoji=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with a heading; long cells go on in the next line, except in a column whose title ends with `!`."""
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in columns:
        grid.add_column(title.removesuffix("!"), overflow="fold", no_wrap=title.endswith("!"))
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid


def diff(text: str) -> Text:
    """A unified diff: removed lines in red, added lines in green."""
    lines = Text(text)
    lines.highlight_regex(r"(?m)^-.*", "red")
    lines.highlight_regex(r"(?m)^\+.*", "green")
    lines.highlight_regex(r"(?m)^(---|\+\+\+|@@) .*", "bold not dim default")
    return lines


def wrapped(text: str) -> str:
    """Text for stderr: on a terminal, long lines continue indented."""
    if not sys.stderr.isatty():
        return text
    width = shutil.get_terminal_size().columns
    return "\n".join(_wrapped(line, width) for line in text.splitlines())


def _wrapped(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)

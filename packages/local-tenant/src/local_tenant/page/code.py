"""Code for people: JavaScript with its tokens marked, and what differs between two texts."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import JavascriptLexer

Change = Literal["same", "added", "removed", "gap"]

_LEXER = JavascriptLexer(stripnl=False, ensurenl=False)
_FORMATTER = HtmlFormatter(nowrap=True)
UNCHANGED_LINES = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff.

    Attributes:
        change: what happened to it; `gap` stands for unchanged lines that are left out.
        before: its number in the old text, if it is there.
        after: its number in the new text, if it is there.
        html: the line, escaped, tokens marked.
    """

    change: Change
    before: int | None
    after: int | None
    html: Markup


@lru_cache(maxsize=64)
def highlighted(code: str) -> tuple[Markup, ...]:
    """The lines of JavaScript, escaped, tokens in `<span>`s with Pygments' short classes; none spans two lines."""
    lines = highlight(code, _LEXER, _FORMATTER).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    # Pygments escapes all text; what it adds are spans with its own class names.
    return tuple(Markup(line) for line in lines)  # noqa: S704


def diff(before: str, after: str) -> list[DiffLine]:
    """What differs, with a few unchanged lines around; empty when nothing does."""
    if before == after:
        return []
    old, new = highlighted(before), highlighted(after)
    # Compared as they are shown: a "\r" or a form feed within a line is no line end to either.
    matcher = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    lines: list[DiffLine] = []
    for number, group in enumerate(matcher.get_grouped_opcodes(UNCHANGED_LINES)):
        if number:
            lines.append(DiffLine("gap", None, None, Markup("")))
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                pairs = zip(range(old_start, old_end), range(new_start, new_end), strict=True)
                lines += [DiffLine("same", i + 1, j + 1, _line(new, j)) for i, j in pairs]
                continue
            lines += [DiffLine("removed", i + 1, None, _line(old, i)) for i in range(old_start, old_end)]
            lines += [DiffLine("added", None, j + 1, _line(new, j)) for j in range(new_start, new_end)]
    return lines


def _line(lines: tuple[Markup, ...], index: int) -> Markup:
    return lines[index] if index < len(lines) else Markup("")

"""A line of the table: two things measured in turns, their ratio, and what it should be."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Say = Callable[[str], None]
"""Prints what is being measured."""

Run = Callable[[Say], "list[Row]"]
"""A benchmark: measures, and returns its lines of the table."""


_TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Row:
    """One result.

    Attributes:
        what: what was compared with what.
        result: the ratio, or the figure, with its unit.
        measured: the figures that it comes from.
        aim: what it should be; empty where nothing is claimed.
        met: whether the aim is met; None where nothing is claimed.
    """

    what: str
    result: str
    measured: str
    aim: str = ""
    met: bool | None = None


def in_turns(runs: int, *measurements: Callable[[], float]) -> list[float]:
    """Run the measurements in turns (A B A B …), so that a busy minute of the machine slows all of them.

    Returns:
        For each measurement the median of its runs.
    """
    taken: list[list[float]] = [[] for _ in measurements]
    for _ in range(runs):
        for measure, figures in zip(measurements, taken, strict=True):
            figures.append(measure())
    return [statistics.median(figures) for figures in taken]


def ratio_of_times(what: str, ours: float, base: float, *, at_most: float | None = None) -> Row:
    """Our time divided by the base's, both in seconds."""
    ratio = ours / base
    met = None if at_most is None else ratio <= at_most
    aim = "" if at_most is None else f"at most {at_most:g}{_TIMES}"
    return Row(what, f"{ratio:.2f}{_TIMES}", f"{ours:.2f} s, {base:.2f} s", aim, met)


def ratio_of_rates(what: str, ours: float, base: float, *, at_least: float | None = None) -> Row:
    """Our rate divided by the base's, both in requests per second."""
    ratio = ours / base
    met = None if at_least is None else ratio >= at_least
    aim = "" if at_least is None else f"at least {at_least:g}{_TIMES}"
    return Row(what, f"{ratio:.2f}{_TIMES}", f"{ours:,.0f}/s, {base:,.0f}/s", aim, met)


def missed(rows: Sequence[Row]) -> int:
    """How many aims were missed."""
    return sum(row.met is False for row in rows)

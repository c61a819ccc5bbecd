"""The comparison as text, as JSON, and as Markdown for a pull request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from operations import show
from operations.outcomes.runs import Change, Outcome

# A comment on a pull request is cut at 65,536 characters; JSON has all of them.
MOST_SHOWN = 40

_COLUMNS = ("Who", "Where", "Was", "Is now", "Why")
_MARKS = re.compile(r"[\\`*_{}\[\]<>|@#~&]")


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, and the result.

    Attributes:
        base: name of the base.
        head: name of what it is compared with.
        counts: how many of each source were compared.
        seed: of the sample.
        changes: those that end differently.
    """

    base: str
    head: str
    counts: dict[str, int]
    seed: int
    changes: Sequence[Change]

    @property
    def summary(self) -> str:
        """One sentence."""
        changed = Counter(change.transaction.source for change in self.changes)
        counts = ", ".join(f"{changed[source]} of {count} ({source})" for source, count in self.counts.items())
        if not self.changes:
            return f"No login changes its outcome from {self.base} to {self.head}: {counts}, seed {self.seed}."
        return f"From {self.base} to {self.head} logins change their outcome: {counts}, seed {self.seed}."

    @property
    def transitions(self) -> list[tuple[str, str, str]]:
        """Was, is now, how many logins; the most frequent first."""
        counts = Counter((change.was.what, _now(change)) for change in self.changes)
        return [(was, now, str(count)) for (was, now), count in counts.most_common()]

    @property
    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Who, where, was, is now, why; one row for all the places where the same happens to the same person."""
        places: dict[tuple[str, str, str, str], list[str]] = {}
        for change in self.changes:
            places.setdefault((change.transaction.who, *_cells(change), change.why), []).append(
                change.transaction.where
            )
        return [(who, "; ".join(where), was, now, why) for (who, was, now, why), where in places.items()]

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "base": self.base,
            "head": self.head,
            "compared": self.counts,
            "seed": self.seed,
            "changes": [
                {
                    "source": change.transaction.source,
                    "who": change.transaction.who,
                    "where": change.transaction.where,
                    "was": _outcome_json(change.was),
                    "now": _outcome_json(change.now),
                    "why": change.why,
                }
                for change in self.changes
            ],
        }

    def print_text(self, out: Console) -> None:
        """For a terminal."""
        out.print(self.summary)
        if not self.changes:
            return
        out.print("", show.table(["Was", "Is now", "Logins"], self.transitions), "")
        out.print(show.table(_COLUMNS, self.rows[:MOST_SHOWN]))
        if len(self.rows) > MOST_SHOWN:
            out.print(f"and {len(self.rows) - MOST_SHOWN} more lines; --json has all of them.")

    def as_markdown(self) -> str:
        """For a comment on a pull request."""
        lines = ["### What this change means for logins", "", _escaped(self.summary)]
        if self.changes:
            lines += ["", *_markdown_table(["Was", "Is now", "Logins"], self.transitions)]
            lines += ["", "<details><summary>Which ones, and why</summary>", ""]
            lines += _markdown_table(_COLUMNS, self.rows[:MOST_SHOWN])
            if len(self.rows) > MOST_SHOWN:
                more = len(self.rows) - MOST_SHOWN
                lines += ["", f"and {more} more lines; `actions-ops outcomes --json` has all of them."]
            lines += ["", "</details>"]
        return "\n".join(lines)


def _markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *([_escaped(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _now(change: Change) -> str:
    return change.now.what if change.now.what != change.was.what else f"{change.now.what}, with other data"


def _cells(change: Change) -> tuple[str, str]:
    """Was and is now."""
    was, now = str(change.was), str(change.now)
    if was == now:
        # The same for the person who logs in; what is written about them is not.
        was, now = _with_effects(change.was), _with_effects(change.now)
    return was, now


def _with_effects(outcome: Outcome) -> str:
    written = ", ".join(f"{name} {value}" for name, value in outcome.effects.items()) or "nothing written"
    return f"{outcome}; {written}"


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "what": outcome.what,
        "detail": outcome.detail,
        "effects": dict(outcome.effects),
        "calls": list(outcome.calls),
    }


def _escaped(text: str) -> str:
    """Text as Markdown shows it unchanged, in a cell of a table: addresses must not turn into links or mentions."""
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", text).replace("\n", " ")

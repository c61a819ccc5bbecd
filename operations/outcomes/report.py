"""The comparison as text, as JSON, and as Markdown for a pull request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from operations.outcomes.runs import Change

# A comment on a pull request is cut at 65,536 characters; JSON has all of them.
MOST_SHOWN = 40

_TITLES = {"decision table": "logins of the decision table", "sign-up": "sign-ups", "sample": "odd logins"}
_MARKS = re.compile(r"[\\`*_{}\[\]<>|@#~&]")


@dataclass(frozen=True, slots=True)
class Group:
    """Logins that change in the same way.

    Attributes:
        title: how they ended, how they end, and how many they are.
        logins: for each reason, one line for each login; no reason is known where it is empty.
    """

    title: str
    logins: Mapping[str, Sequence[str]]


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
        counts = [f"{changed[source]} of {count} {_TITLES[source]}" for source, count in self.counts.items()]
        ends = "these end differently" if self.changes else "no login ends differently"
        return f"From {self.base} to {self.head}, {ends}: {', '.join(counts)} (seed {self.seed})."

    @property
    def groups(self) -> list[Group]:
        """The changes, grouped by what changed, then by the reason; the largest group first, `MOST_SHOWN` logins."""
        counts = Counter(map(_transition, self.changes))
        reasons = Counter((_transition(change), change.why) for change in self.changes)
        ordered = sorted(
            self.changes,
            key=lambda change: (
                -counts[_transition(change)],
                _transition(change),
                # What the rules name comes first.
                change.transaction.source == "sample",
                -reasons[_transition(change), change.why],
                change.why,
            ),
        )
        groups = []
        for transition, changes in groupby(ordered[:MOST_SHOWN], _transition):
            logins: dict[str, list[str]] = {}
            for change in changes:
                logins.setdefault(change.why, []).append(f"{change.transaction.where}: {change.transaction.who}")
            count = counts[transition]
            groups.append(Group(f"{transition}: {count} login{'' if count == 1 else 's'}", logins))
        return groups

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
                    "was": asdict(change.was),
                    "now": asdict(change.now),
                    "why": change.why,
                }
                for change in self.changes
            ],
        }

    def print_text(self, out: Console) -> None:
        """For a terminal, as wide as that: each login is one line."""
        out.print(self.summary)
        for group in self.groups:
            out.print("", Text(group.title), sep="\n")
            for why, logins in group.logins.items():
                if why:
                    out.print(Padding(Text(why), (0, 0, 0, 2), expand=False))
                for login in logins:
                    out.print(Text(f"    {login}"), no_wrap=True, overflow="ellipsis")
        if self._more:
            out.print("", f"and {self._more} more; --json has all of them.", sep="\n")

    def as_markdown(self) -> str:
        """For a comment on a pull request."""
        lines = ["### What this change means for logins", "", _escaped(self.summary)]
        for group in self.groups:
            lines += ["", f"<details><summary>{_escaped(group.title)}</summary>"]
            for why, logins in group.logins.items():
                lines += ["", *([_escaped(why), ""] if why else []), *(f"- {_escaped(login)}" for login in logins)]
            lines += ["", "</details>"]
        if self._more:
            lines += ["", f"and {self._more} more; `actions-ops outcomes --json` has all of them."]
        return "\n".join(lines)

    @property
    def _more(self) -> int:
        return max(len(self.changes) - MOST_SHOWN, 0)


def _transition(change: Change) -> str:
    was, now = str(change.was), str(change.now)
    return f"{was} → {now}" if was != now else f"{was} as before, with other data"


def _escaped(text: str) -> str:
    """Text as Markdown shows it unchanged: addresses must not turn into links or mentions."""
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", text).replace("\n", " ")

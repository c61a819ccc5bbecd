"""Who wrote an Action's secrets: Auth0 returns no values, but the time at which each was last written.

A value changed by hand can open a bypass of MFA (TEST_TENANT set to the prod tenant's name), and neither the provider
nor a comparison of names sees it. So a secret counts as touched unless it is certain that this stack wrote it:

* the draft and the deployed version have it as of the same time, and no version has a newer one: else it was changed
  and not deployed, or an older version was deployed again;
* the deployed version is the one in the stack's state;
* it was written by the request that created the Action, and the stack created it; or by `actions-ops`, which notes the
  time that Auth0 returned, to the microsecond, in the message of the update that follows.

Times are Auth0's own and are compared for equality, so that no difference of clocks matters. What an update of the
provider writes later is not certain, as the provider does not learn when: `drift --write-secrets` settles it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.program import ActionPlan
from operations.pulumi_stack import Managed
from operations.tenant import ActionSnapshot

# The search for a note ends at updates that were over long before the write. Clocks that differ by more only make a
# secret count as touched.
_LONG_BEFORE = timedelta(days=1)
_NOTE = "actions-ops wrote the secrets of "
_NOTED = re.compile(r"(?P<action_id>[^\s,]+) at (?P<times>\d{4}-[0-9T:.-]+Z(?: \d{4}-[0-9T:.-]+Z)*)")


def note(written: Mapping[str, Collection[datetime]]) -> str:
    """The message of the update that follows a write; `written` has the times of the secrets for each Action's id."""
    texts = (f"{action_id} at {' '.join(sorted(set(map(_text, times))))}" for action_id, times in written.items())
    return f"{_NOTE}{', '.join(texts)}" if written else ""


@dataclass(slots=True)
class Notes:
    """What this stack noted, from its history (newest first), read only as far back as necessary."""

    _history: Iterator[Mapping[str, Any]]
    _entries: list[Mapping[str, Any]]

    @classmethod
    def of(cls, history: Iterable[Mapping[str, Any]]) -> Notes:
        """`history` as `pulumi stack history --json` prints it, newest first."""
        return cls(iter(history), [])

    def has(self, action_id: str, time: datetime) -> bool:
        """Whether the newest note on this Action names this time."""
        for entry in self._read():
            message = str(entry.get("message") or "")
            if message.startswith(_NOTE):
                times = {match["action_id"]: match["times"].split() for match in _NOTED.finditer(message)}
                if action_id in times:
                    return _text(time) in times[action_id]
            if _time(entry.get("endTime")) + _LONG_BEFORE < time:
                return False
        return False

    def _read(self) -> Iterator[Mapping[str, Any]]:
        yield from self._entries
        for entry in self._history:
            self._entries.append(entry)
            yield entry


def touched(plan: ActionPlan, action: ActionSnapshot, managed: Managed, notes: Notes) -> dict[str, list[str]]:
    """For each reason why secrets of the Action count as touched, their names; empty if none does."""
    version = action.deployed
    if version is None:
        return {}
    deployed = {secret.name: secret.updated_at for secret in version.secrets}
    names: dict[str, list[str]] = {}
    for secret in action.secrets:
        if secret.name not in plan.secret_values:
            continue
        time, running = secret.updated_at, deployed.get(secret.name)
        newest = max(time, action.newest_secrets.get(secret.name, time))
        if running is None or running < time:
            reason = f"written at {_text(time)}, after version {version.number}, which runs, and not deployed"
        elif running != time or running < newest:
            reason = f"version {version.number}, which runs, has an older one than another version"
        elif version.id != managed.version_id:
            reason = f"version {version.number}, which runs, was not deployed by this stack"
        elif (managed.has_secrets and time == action.created_at) or notes.has(action.id, time):
            continue
        else:
            reason = f"written at {_text(time)}, and this stack has no note of it"
        names.setdefault(reason, []).append(secret.name)
    return names


def _time(text: object) -> datetime:
    """A time of the history; an update without one may be of any age."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC) - _LONG_BEFORE


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

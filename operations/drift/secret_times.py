"""Who wrote an Action's secrets: nobody can read their values, but Auth0 tells when each was last written.

A value that was changed by hand can open a bypass of MFA (TEST_TENANT set to the prod tenant's name), and neither the
provider nor a comparison of names sees it. So a secret counts as touched unless it is known that the stack wrote it,
and that the running version has it as it was written last:

* the draft's is newer than the deployed version's: changed, or rolled back, and not deployed since;
* the running version is none that the stack deployed: its secrets may be of any age;
* it was written at a time when no update of the stack was at work. An update reaches into Auth0 only between its start
  and its end; the clocks may differ by a minute. What `drift --repair` writes it notes, to the microsecond, in the
  message of the update that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.program import ActionPlan
from operations.tenant import ActionSnapshot

CLOCKS_MAY_DIFFER = timedelta(seconds=60)
# What an update does that can write secrets; one that only found all unchanged did not.
_WRITES = frozenset({"create", "update", "replace", "create-replacement"})
_NOTE = "actions-ops drift --repair wrote the secrets of "
_NOTED = re.compile(r"(?P<action>[^\s,]+) at (?P<time>\d{4}-[0-9T:.-]+Z)")


def note(written: Mapping[str, datetime]) -> str:
    """The message of the update that follows a repair; `written` has a time for each Action's name."""
    times = ", ".join(f"{name} at {_text(time)}" for name, time in sorted(written.items()))
    return f"{_NOTE}{times}"


@dataclass(slots=True)
class SecretWrites:
    """When the stack wrote secrets, from its history (newest first); read only as far back as is asked for."""

    _history: Iterator[Mapping[str, Any]]
    _read: list[Mapping[str, Any]]

    @classmethod
    def of(cls, history: Iterable[Mapping[str, Any]]) -> SecretWrites:
        """`history` as `pulumi stack history --json` prints it, newest first."""
        return cls(iter(history), [])

    def touched(self, plan: ActionPlan, action: ActionSnapshot, version_id: str | None) -> dict[str, list[str]]:
        """For each reason why secrets of the Action count as touched, their names; empty if none does.

        Args:
            plan: the Action as programmed.
            action: the Action as it is.
            version_id: the version that the stack deployed, as far as its state knows.
        """
        version = action.deployed
        if version is None:
            return {}
        found: dict[str, list[str]] = {}
        deployed = {secret.name: secret.updated_at for secret in version.secrets}
        ours = [secret for secret in action.secrets if secret.name in plan.secret_values]
        for secret in ours:
            if secret.updated_at > min(version.created_at, deployed.get(secret.name, version.created_at)):
                reason = f"written after what version {version.number} has of it, and not deployed"
            elif version.id != version_id:
                reason = f"version {version.number}, which runs, was not deployed by this stack"
            elif not self._by_stack(plan.name, secret.updated_at):
                reason = f"written at {_text(secret.updated_at)}, when no update of this stack was at work"
            else:
                continue
            found.setdefault(reason, []).append(secret.name)
        return found

    def _by_stack(self, action: str, time: datetime) -> bool:
        for entry in self._entries():
            message = str(entry.get("message") or "")
            if message.startswith(_NOTE) and (action, _text(time)) in _NOTED.findall(message):
                return True
            end = _time(entry.get("endTime")) + CLOCKS_MAY_DIFFER
            if end < time:
                return False
            begin = _time(entry.get("startTime")) - CLOCKS_MAY_DIFFER
            if begin <= time and _may_have_written(entry):
                return True
        return False

    def _entries(self) -> Iterator[Mapping[str, Any]]:
        yield from self._read
        for entry in self._history:
            self._read.append(entry)
            yield entry


def _may_have_written(entry: Mapping[str, Any]) -> bool:
    changes = entry.get("resourceChanges") or {}
    return entry.get("kind") == "update" and (
        entry.get("result") != "succeeded" or any(changes.get(operation) for operation in _WRITES)
    )


def _time(text: object) -> datetime:
    """A time of the history; one that an update does not have is long ago."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

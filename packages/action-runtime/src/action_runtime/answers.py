"""What a worker answers for each Action.

An answer is `{type, flow, number, over, start, duration, console, cut, calls, reads, error, transactionMetadata?}`:
start and duration in milliseconds, the lists as `ConsoleLine`, `ApiCall` and `StaleRead` have them.
"""

from __future__ import annotations

from typing import Any, Final

from action_runtime.masking import Masker
from action_runtime.trace import ApiCall

Answer = tuple[dict[str, Any], bytes]
"""An answer, and the line that it came in."""

SUCCEEDED: Final = 2
"""Length of a call that had an effect: method and arguments."""


MOST_LEVELS: Final = 220
"""How deep an answer may be nested: a value that an Action may set, and what the answer has around it."""


def too_deep(answer: dict[str, Any], line: bytes) -> bool:
    """Whether an answer is nested more than `MOST_LEVELS` deep: no trace of it could be written as JSON."""
    if line.count(b"[") + line.count(b"{") <= MOST_LEVELS:
        return False
    level: list[Any] = [answer]
    for _ in range(MOST_LEVELS):
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def masked_answer(answer: dict[str, Any], masker: Masker) -> dict[str, Any]:
    """The answer with secrets masked in all that an Action can put into it."""
    error = answer["error"]
    return {
        **answer,
        "console": [[level, masker.text(text)] for level, text in answer["console"]],
        "calls": [[call[0], *map(masker.value, call[1:])] for call in answer["calls"]],
        "reads": [
            [container, masker.text(key), by, masker.value(seen), masker.value(other)]
            for container, key, by, seen, other in answer["reads"]
        ],
        "error": error and {**error, "message": masker.text(error["message"]), "stack": masker.text(error["stack"])},
    }


def api_call(call: list[Any]) -> ApiCall:
    """A call, as the trace has it."""
    method, arguments, *more = call
    outcome = dict(zip(more[::2], more[1::2], strict=True))
    return ApiCall(method, arguments, outcome.get("error"), outcome.get("ignored"))

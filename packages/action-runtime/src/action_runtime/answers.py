"""What a worker answers for each Action.

An answer is `{type, execution, number, over, start, duration, console, cut, calls, reads, error, kept?}`: start and
duration in milliseconds, the lists as `ConsoleLine`, `ApiCall` and `StaleRead` have them. The last of a flow has
`kept`: metadata of session, refresh token and transaction, and the cookie's mode, null where no Action changed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from action_runtime.errors import ErrorCode
from action_runtime.masking import Masker
from action_runtime.trace import ApiCall

Answer = tuple[dict[str, Any], bytes]
"""An answer, and the line that it came in."""

_WITH_REMARK: Final = 4
"""Length of a call with a remark: method, arguments, kind and text of the remark."""


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


_Check = Callable[[object], bool]


def _text(value: object) -> bool:
    return isinstance(value, str)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _anything(_value: object) -> bool:
    return True


def _object(value: object) -> bool:
    return isinstance(value, dict)


def _texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


def _all(checks: Iterable[_Check], values: Iterable[object]) -> bool:
    # A loop: this runs for each answer, and all() of a generator takes twice as long.
    for check, value in zip(checks, values, strict=False):  # noqa: SIM110
        if not check(value):
            return False
    return True


def _or_none(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


def _list_of(check: _Check) -> _Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _tuple_of(*checks: _Check) -> _Check:
    return lambda value: isinstance(value, list) and len(value) == len(checks) and _all(checks, value)


def _members(**checks: _Check) -> _Check:
    """An object whose members pass; one that is absent counts as None, further ones do not matter."""
    names, all_checks = tuple(checks), tuple(checks.values())
    return lambda value: isinstance(value, dict) and _all(all_checks, map(value.get, names))


_FACTOR: Final = _members(type=_text, options=_or_none(_object))
_FACTOR_OPTIONS: Final = _or_none(_members(additionalFactors=_or_none(_list_of(_FACTOR))))
_ARGUMENTS: Final[dict[str, tuple[_Check, ...]]] = {
    "access.deny": (_text, _or_none(_text)),
    "accessToken.addScope": (_text,),
    "accessToken.removeScope": (_text,),
    "accessToken.setCustomClaim": (_text, _anything),
    "authentication.challengeWith": (_FACTOR, _FACTOR_OPTIONS),
    "authentication.challengeWithAny": (_list_of(_FACTOR),),
    "authentication.enrollWith": (_FACTOR, _FACTOR_OPTIONS),
    "authentication.enrollWithAny": (_list_of(_FACTOR),),
    "authentication.recordMethod": (_text,),
    "authentication.setPrimaryUser": (_text,),
    "idToken.setCustomClaim": (_text, _anything),
    "multifactor.enable": (
        _text,
        _or_none(_members(allowRememberBrowser=_or_none(_flag), providerOptions=_or_none(_object))),
    ),
    "redirect.sendUserTo": (_text, _or_none(_members(query=_or_none(_texts)))),
    "refreshToken.revoke": (_text,),
    "refreshToken.setExpiresAt": (_whole,),
    "refreshToken.setIdleExpiresAt": (_whole,),
    "session.revoke": (_text, _or_none(_members(preserveRefreshTokens=_or_none(_flag)))),
    "session.setExpiresAt": (_whole,),
    "session.setIdleExpiresAt": (_whole,),
    "user.setAppMetadata": (_text, _anything),
    "user.setUserId": (_text,),
    "user.setUserMetadata": (_text, _anything),
    "validation.error": (_text, _text),
}
"""Arguments of the calls that have effects."""


def has_effect(call: list[Any]) -> bool:
    """Whether a call did what it asks for: it neither threw nor was it ignored."""
    return len(call) < _WITH_REMARK or call[2] == "note"


def _call(value: object) -> bool:
    if not isinstance(value, list) or len(value) not in {_WITH_REMARK - 2, _WITH_REMARK}:
        return False
    method, arguments, *remark = value
    if not _text(method) or not isinstance(arguments, list):
        return False
    if remark and not (remark[0] in ("error", "ignored", "note") and _text(remark[1])):
        return False
    if not has_effect(value):
        return True
    checks = _ARGUMENTS.get(method, ())
    return _all(checks, [*arguments, *[None] * (len(checks) - len(arguments))])


_CODES: Final = frozenset(ErrorCode)
_ANSWER: Final = _members(
    number=_whole,
    over=_flag,
    start=_number,
    duration=_number,
    console=_list_of(_tuple_of(_text, _text)),
    cut=_flag,
    calls=_list_of(_call),
    reads=_list_of(_tuple_of(_text, _text, _whole, _anything, _anything)),
    error=_or_none(_members(code=_CODES.__contains__, message=_text, stack=_text)),
    kept=_or_none(
        _members(
            transaction=_or_none(_object),
            session=_or_none(_object),
            refresh_token=_or_none(_object),
            cookieMode=_or_none(_text),
        )
    ),
)


def check_answer(answer: dict[str, Any], index: int) -> None:
    """Refuse what is no answer of an Action, whatever wrote it.

    Args:
        answer: as read.
        index: of the Action whose turn it is.

    Raises:
        ValueError: it has another shape, or is of another Action.
    """
    if not _ANSWER(answer):
        raise ValueError("an answer has another shape")
    if answer["number"] != index or any(not -1 <= read[2] <= index for read in answer["reads"]):
        raise ValueError("an answer is of another Action")


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
    method, arguments, *remark = call
    return ApiCall(method, arguments, **dict(zip(remark[::2], remark[1::2], strict=True)))

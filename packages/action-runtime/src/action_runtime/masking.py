"""Keeps the values of secrets out of traces.

A value is found as it is and in the forms in which it usually travels: escaped as JSON or as console.log shows it (at
most twice), URL-encoded, in base64 (also inside a longer encoded text, as in an Authorization header) and in hex. Of a
value of several lines each line counts too, since a key is often printed line by line. Values of three characters or
less are masked only where they are all of a text: a secret "1" would otherwise blot out every number. What an Action
takes to pieces or encrypts before it prints it cannot be found.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

SHORTEST_IN_TEXT: Final = 4
"""Characters that a value has at least to be masked inside a longer text."""

# Shorter than these, a core of base64 or a line (such as "}") would be found by chance.
_SHORTEST_CORE: Final = 6
_SHORTEST_LINE: Final = 8

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")

# How Node's console shows a text inside an object.
_SHOWN_AS_CODE: Final = re.compile(r"[\x00-\x1f\\\x7f-\x9f]")
_SHORT_CODES: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\"}


class Masker:
    """Masks the secrets of one flow as `[secret NAME]`."""

    def __init__(self, secrets: Iterable[Mapping[str, str]]) -> None:
        """`secrets` are those of every Action and module of the flow, values by name."""
        self._whole: dict[str, str] = {}
        names: dict[str, str] = {}
        for mapping in secrets:
            for name, value in mapping.items():
                if not value:
                    continue
                mask = f"[secret {name}]"
                self._whole.setdefault(value, mask)
                if len(value) >= SHORTEST_IN_TEXT:
                    for form in _forms(value):
                        names.setdefault(form, mask)
        self._names = names
        # The longest first: one secret can contain another.
        self._forms = sorted(names, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self._forms)))
        # How all of this looks in the JSON in which it comes.
        needles = {json.dumps(value, ensure_ascii=False) for value in self._whole}
        needles |= {json.dumps(form, ensure_ascii=False)[1:-1] for form in self._forms}
        needles |= {value for value in self._whole if _NUMBER.fullmatch(value)}
        self._needles = [needle.encode("utf-8", "surrogatepass") for needle in needles]

    def occur_in(self, encoded: bytes) -> bool:
        """Whether this JSON holds something to mask; errs on the side of yes."""
        for needle in self._needles:  # noqa: SIM110 - any() takes three times as long, in every run
            if needle in encoded:
                return True
        return False

    def text(self, text: str) -> str:
        """The text with every secret masked."""
        whole = self._whole.get(text)
        if whole is not None:
            return whole
        # Most texts hold no secret, which a search for each form finds out sooner than the pattern does.
        for form in self._forms:
            if form in text:
                return self._pattern.sub(lambda match: self._names[match.group()], text)
        return text

    def cut_text(self, text: str) -> str:
        """Likewise for a text that was cut off: what may be the beginning of a secret at its end goes too."""
        masked = self.text(text)
        longest = max((len(form) for form in self._forms), default=1) - 1
        for start in range(max(0, len(masked) - longest), len(masked)):
            tail = masked[start:]
            if any(form.startswith(tail) for form in self._forms):
                return masked[:start]
        return masked

    def value(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """The JSON value with every secret masked, in keys too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return self.mapping(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._whole.get(str(value), value)
        return value

    def mapping(self, mapping: dict[str, Any]) -> dict[str, Any]:
        """The JSON object with every secret masked, in keys too."""
        return {self.text(key): self.value(item) for key, item in mapping.items()}


def _forms(value: str) -> set[str]:
    texts = {value, *(line for line in value.splitlines() if len(line) >= _SHORTEST_LINE)}
    once = {form for text in texts for form in _escaped(text)}
    twice = {form for text in once for form in _escaped(text)}
    encoded = value.encode("utf-8", "surrogatepass")
    return {
        *texts,
        *once,
        *twice,
        quote(value, safe="", errors="replace"),
        # What encodeURIComponent leaves alone.
        quote(value, safe="!'()*~", errors="replace"),
        quote_plus(value, errors="replace"),
        encoded.hex(),
        encoded.hex().upper(),
        *_base64_cores(encoded),
    }


def _escaped(text: str) -> set[str]:
    code = _SHOWN_AS_CODE.sub(_code, text)
    return {json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1], code, code.replace("'", "\\'")}


def _code(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_CODES.get(character) or f"\\x{ord(character):02X}"


def _base64_cores(encoded: bytes) -> set[str]:
    # Base64 takes three bytes at a time, so a value inside a longer text can begin at three places. What its neighbours
    # share with it is left out.
    cores = set()
    for skipped in range(3):
        code = base64.b64encode(bytes(skipped) + encoded).rstrip(b"=").decode("ascii")
        core = code[(0, 2, 3)[skipped] : (skipped + len(encoded)) * 8 // 6]
        if len(core) >= _SHORTEST_CORE:
            cores |= {core, core.translate(str.maketrans("+/", "-_"))}
    return cores

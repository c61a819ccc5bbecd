"""The `q` of users and logs: a part of Lucene's query syntax, and a clear refusal of the rest.

    email:"jane@example.com"   name:jane   email:jane*   user_metadata.plan:gold   _exists_:blocked   A AND B

Words are compared without regard to case, as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_tenant.management.validation import invalid_query

_TERM = re.compile(
    r'(?P<field>[A-Za-z_][\w.]*):(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s"()\[\]{}*?~^/]+)(?P<prefix>\*)?)'
)
_AND = re.compile(r"\s+AND\s+")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition.

    Attributes:
        field: path of an attribute, `user_metadata.plan`.
        value: what it is to be; in lower case.
        prefix: whether it is only to begin with that.
    """

    field: str
    value: str
    prefix: bool = False

    def fits(self, item: Mapping[str, Any]) -> bool:
        """Whether one of the values at the path matches."""
        if self.field == "_exists_":
            return any(True for _ in _values(item, self.value.split(".")))
        return any(self._equals(_text(value)) for value in _values(item, self.field.split(".")))

    def _equals(self, text: str) -> bool:
        return text.startswith(self.value) if self.prefix else text == self.value


@dataclass(frozen=True, slots=True)
class Search:
    """Conditions that must all hold.

    Attributes:
        terms: at least one.
    """

    terms: tuple[Term, ...]

    def fits(self, item: Mapping[str, Any]) -> bool:
        """Whether all hold for an item as the API shows it."""
        return all(term.fits(item) for term in self.terms)

    def exactly(self, field: str) -> str | None:
        """The value that this field must have, if one of the conditions says so: an index can answer it."""
        for term in self.terms:
            if term.field == field and not term.prefix:
                return term.value
        return None


def read_search(text: str, known: Callable[[str], bool]) -> Search:
    """The search that `q` stands for; `known` tells which fields there are.

    Raises:
        ApiError: 400 `invalid_query_string` for what is not understood, naming what is.
    """
    terms = []
    position = 0
    while True:
        match = _TERM.match(text, position)
        if match is None:
            raise _not_understood(text[position:])
        terms.append(_term(match, known))
        position = match.end()
        if not text[position:].strip():
            return Search(tuple(terms))
        joint = _AND.match(text, position)
        if joint is None:
            raise _not_understood(text[position:].strip())
        position = joint.end()


def _term(match: re.Match[str], known: Callable[[str], bool]) -> Term:
    field, quoted = match["field"], match["quoted"]
    value = re.sub(r"\\(.)", r"\1", match["word"] if quoted is None else quoted)
    if field == "_exists_":
        # A path keeps its case.
        return Term(field, value)
    if not known(field):
        raise invalid_query(f"'Cannot search by {field}' on property q.")
    return Term(field, value.lower(), prefix=match["prefix"] is not None)


def _not_understood(rest: str) -> Exception:
    return invalid_query(
        f'\'Cannot parse {rest}: the local tenant understands field:value, field:"value", field:prefix* and '
        "_exists_:field, joined by AND' on property q."
    )


def _values(item: object, path: list[str]) -> Iterator[Any]:
    """The values at a path; a list on the way stands for each of its members."""
    if isinstance(item, list):
        for member in item:
            yield from _values(member, path)
    elif not path:
        yield item
    elif isinstance(item, Mapping) and path[0] in item:
        yield from _values(item[path[0]], path[1:])


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).lower()

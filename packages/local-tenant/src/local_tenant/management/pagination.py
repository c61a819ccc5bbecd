"""Pages of the Actions endpoints, with the habits of the service behind them (recorded).

`total` and `page` are left out when they are 0, and an empty page never has a `total`. That matters: the Auth0
provider asks for a next page while `total` is larger than what it believes it has seen, so that an empty page with a
`total` would keep it asking for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from local_tenant.management.validation import invalid_query

LARGEST_PAGE = 100
DEFAULT_PAGE = 20


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was asked for.

    Attributes:
        number: from 0.
        size: items on it.
    """

    number: int
    size: int

    def slice(self, items: Sequence[Any]) -> Sequence[Any]:
        """The items that stand on it."""
        return items[self.number * self.size : (self.number + 1) * self.size]

    def answer(self, key: str, shown: Sequence[Any], total: int) -> dict[str, Any]:
        """`{key: shown, total?, page?, per_page}` with zeroes left out."""
        content: dict[str, Any] = {key: shown}
        if shown and total:
            content["total"] = total
        if self.number:
            content["page"] = self.number
        content["per_page"] = self.size
        return content

    def full_answer(self, key: str, shown: Sequence[Any], total: int) -> dict[str, Any]:
        """`{key: shown, total, page, per_page}` always, as modules and their versions answer (recorded)."""
        return {key: shown, "total": total, "page": self.number, "per_page": self.size}


def page_of(request: Request, *, default: int = DEFAULT_PAGE) -> Page:
    """`page` and `per_page` (by default `default`) of the query string.

    Raises:
        ApiError: 400 for a number that is none, is negative, or is over `LARGEST_PAGE`.
    """
    size = _number(request, "per_page", default)
    if size > LARGEST_PAGE:
        raise invalid_query(f"'Value {size} is greater than maximum {LARGEST_PAGE}' on property per_page.")
    if size < 1:
        raise invalid_query(f"'Value {size} is less than minimum 1' on property per_page.")
    return Page(_number(request, "page", 0), size)


def take_of(request: Request, name: str, default: int, largest: int) -> int:
    """How many are asked for by the query parameter `name`.

    Raises:
        ApiError: 400 for what is no number from 1 to `largest`.
    """
    text = request.query_params.get(name, str(default))
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(largest))
    if not digits or not 1 <= int(text) <= largest:
        raise invalid_query(f"'Expected an integer from 1 to {largest}' on property {name}.")
    return int(text)


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004 - keeps the product in 64 bits
        raise invalid_query(f"'Expected type integer but found type string' on property {name}.")
    return int(text)

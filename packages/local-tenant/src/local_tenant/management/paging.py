"""Pages of lists, as the two kinds of endpoints answer them.

Actions and what belongs to them (recorded): `total` and `page` are left out when they are 0, and an empty page never
has a `total`. That matters: the Auth0 provider asks for the next page while `total` is larger than what it has
counted, so an empty page with a `total` would keep it asking forever.

Users and logs (documented): a bare list, or with `include_totals` an object around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from local_tenant.management.errors import ApiError
from local_tenant.management.validation import invalid_query, query_flag

LARGEST_PAGE = 100
DEFAULT_PAGE = 20

# Of users and logs. Documented: to get more than the first thousand one has to narrow the search.
MOST_REACHABLE = 1_000
DEFAULT_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A requested page.

    Attributes:
        number: from 0.
        size: items on it.
    """

    number: int
    size: int

    @property
    def start(self) -> int:
        """Items before the page."""
        return self.number * self.size

    def slice(self, items: Sequence[Any]) -> Sequence[Any]:
        """The items on this page."""
        return items[self.start : self.start + self.size]

    def answer(self, key: str, items: Sequence[Any], total: int) -> Any:  # noqa: ANN401 - a subclass answers a list
        """`{key: items, total?, page?, per_page}` with zeroes left out."""
        content: dict[str, Any] = {key: items}
        if items and total:
            content["total"] = total
        if self.number:
            content["page"] = self.number
        content["per_page"] = self.size
        return content

    def full_answer(self, key: str, items: Sequence[Any], total: int) -> dict[str, Any]:
        """`{key: items, total, page, per_page}` always, as modules and their versions answer (recorded)."""
        return {key: items, "total": total, "page": self.number, "per_page": self.size}


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


@dataclass(frozen=True, slots=True)
class ListPage(Page):
    """A page of users or logs.

    Attributes:
        totals: whether the answer states how much there is.
    """

    totals: bool

    def answer(self, key: str, items: Sequence[Any], total: int) -> Any:  # noqa: ANN401 - a list or an object
        """The items, or `{start, limit, length, total, <key>: items}`."""
        if not self.totals:
            return list(items)
        return {"start": self.start, "limit": self.size, "length": len(items), "total": total, key: list(items)}


def list_page_of(request: Request) -> ListPage:
    """`page`, `per_page` and `include_totals` of a query string.

    Raises:
        ApiError: 400 for numbers that are none, and for a page beyond the first thousand.
    """
    page = page_of(request, default=DEFAULT_SIZE)
    if (page.number + 1) * page.size > MOST_REACHABLE:
        raise ApiError(400, f"You can only page through the first {MOST_REACHABLE} records.", "invalid_paging")
    return ListPage(page.number, page.size, query_flag(request, "include_totals") is True)


def sorting(request: Request, field: str, *, newest_first: bool) -> bool:
    """`sort` of a query string, by the one field that lists can be sorted by: whether the newest comes first.

    Raises:
        ApiError: 400 for another field or direction.
    """
    text = request.query_params.get("sort")
    if text is None:
        return newest_first
    if text not in (f"{field}:1", f"{field}:-1"):
        raise invalid_query(f"'The local tenant sorts by {field}:1 or {field}:-1' on property sort.")
    return text.endswith("-1")


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004 - keeps the product in 64 bits
        raise invalid_query(f"'Expected type integer but found type string' on property {name}.")
    return int(text)

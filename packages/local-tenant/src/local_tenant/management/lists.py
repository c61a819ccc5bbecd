"""Pages of users and logs: a bare list, or with `include_totals` an object around it (documented)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from local_tenant.management.errors import ApiError
from local_tenant.management.pagination import Page, page_of
from local_tenant.management.validation import invalid_query, query_flag

# Documented: whoever wants more than the first thousand has to narrow the search.
MOST_REACHABLE = 1_000
DEFAULT_SIZE = 50


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A part of a list that was asked for.

    Attributes:
        page: which part.
        totals: whether to tell how much there is.
    """

    page: Page
    totals: bool

    @property
    def start(self) -> int:
        """Items before the page."""
        return self.page.number * self.page.size

    def answer(self, key: str, shown: Sequence[dict[str, Any]], total: int) -> Any:  # noqa: ANN401 - a list or an object
        """The items, or `{start, limit, length, total, <key>: items}`."""
        if not self.totals:
            return list(shown)
        return {
            "start": self.start,
            "limit": self.page.size,
            "length": len(shown),
            "total": total,
            key: list(shown),
        }


def list_request(request: Request) -> ListRequest:
    """`page`, `per_page` and `include_totals` of a query string.

    Raises:
        ApiError: 400 for numbers that are none, and for a page beyond the first thousand.
    """
    page = page_of(request, default=DEFAULT_SIZE)
    if (page.number + 1) * page.size > MOST_REACHABLE:
        raise ApiError(400, f"You can only page through the first {MOST_REACHABLE} records.", "invalid_paging")
    return ListRequest(page, query_flag(request, "include_totals") is True)


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

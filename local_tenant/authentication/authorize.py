"""GET /authorize: the start of a login in the browser."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from local_tenant.authentication import authorization_requests, browser_logins, pages
from local_tenant.authentication.authorization_requests import AnsweredError, PageError
from local_tenant.tenant import tenant_of

LOGIN_PAGE = "/u/login"


async def authorize(request: Request) -> Response:
    """Redirect to the login page; errors go to the application, or to a page where it cannot be told."""
    tenant = tenant_of(request)
    counted = Counter(name for name, _ in request.query_params.multi_items())
    repeated = frozenset(name for name, times in counted.items() if times > 1)
    try:
        asked = authorization_requests.read(tenant, request.query_params, repeated=repeated)
    except PageError as error:
        return pages.problem(error)
    except AnsweredError as error:
        return RedirectResponse(error.location, 302, headers={"Cache-Control": "no-store"})
    return await browser_logins.begin(tenant, request, asked, LOGIN_PAGE)

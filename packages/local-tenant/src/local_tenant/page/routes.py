"""Addresses of the page."""

from __future__ import annotations

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from local_tenant.page import forms, views
from local_tenant.page.events import events
from local_tenant.page.guard import private, public
from local_tenant.page.render import HEADERS, html
from local_tenant.tenant import Tenant
from local_tenant.ui import PREFIX

_ASSETS = {
    name: (files("local_tenant.ui").joinpath("assets", name).read_bytes(), kind)
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml"))
}


async def _asset(_tenant: Tenant, request: Request) -> Response:
    asset = _ASSETS.get(request.path_params["name"])
    if asset is None:
        return Response(status_code=404, headers=HEADERS)
    content, kind = asset
    return Response(content, headers=HEADERS, media_type=kind)


async def _unknown(tenant: Tenant, _request: Request) -> Response:
    return html(tenant, "missing.html", status=404, what="page")


ROUTES = [
    Route("/", private(views.home), methods=["GET"]),
    Mount(
        PREFIX,
        routes=[
            Route("/enter", public(views.enter), methods=["GET"]),
            Route("/assets/{name}", public(_asset), methods=["GET"]),
            Route("/events", private(events), methods=["GET"]),
            Route("/actions/{id}", private(views.action), methods=["GET"]),
            Route("/transactions", private(views.transactions), methods=["GET"]),
            Route("/transactions/{id}", private(views.transaction), methods=["GET"]),
            Route("/transactions/{id}/code", private(forms.send_code), methods=["POST"]),
            Route("/users", private(views.people), methods=["GET"]),
            Route("/users", private(forms.sign_up), methods=["POST"]),
            Route("/users/{id}", private(views.person), methods=["GET"]),
            Route("/users/{id}/login", private(forms.log_in_as), methods=["POST"]),
            Route("/users/{id}/browser", private(forms.browser_login), methods=["POST"]),
            Route("/users/{id}/sessions/end", private(forms.end_sessions), methods=["POST"]),
            Route("/callback", private(forms.callback), methods=["GET"]),
            Route("/clock", private(forms.change_clock), methods=["POST"]),
            Route("/reset", private(forms.reset), methods=["POST"]),
            Route("/{path:path}", private(_unknown), methods=["GET"]),
        ],
    ),
]

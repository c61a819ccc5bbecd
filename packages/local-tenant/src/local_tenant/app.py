"""The tenant's web application: its APIs, each on its own paths."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from local_tenant.authentication.routes import NOT_BUILT
from local_tenant.authentication.routes import ROUTES as AUTHENTICATION_ROUTES
from local_tenant.authentication.signup.errors import SignupError, answer_signup_error
from local_tenant.control.fault_middleware import FaultMiddleware
from local_tenant.control.routes import PREFIX as CONTROL_PREFIX
from local_tenant.control.routes import ROUTES as CONTROL_ROUTES
from local_tenant.http import BodyError
from local_tenant.management.errors import ApiError, answer_api_error, answer_internal_error, answer_storage_error
from local_tenant.management.routes import management_routes
from local_tenant.oauth_errors import OAuthError, answer_body_error, answer_oauth_error
from local_tenant.page.routes import ROUTES as PAGE_ROUTES
from local_tenant.store.database import StorageError
from local_tenant.tenant import Tenant
from local_tenant.ui import PREFIX as PAGE_PREFIX

OpenTenant = Callable[[], AbstractAsyncContextManager[Tenant]]


def create_app(open_tenant: OpenTenant) -> Starlette:
    """The ASGI application; the tenant is opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_tenant() as tenant:
            app.state.tenant = tenant
            # Set when the server ends: an answer that never ends by itself watches it.
            app.state.ending = asyncio.Event()
            yield

    return Starlette(
        routes=[*AUTHENTICATION_ROUTES, *NOT_BUILT, management_routes(), CONTROL_ROUTES, *PAGE_ROUTES],
        middleware=[Middleware(FaultMiddleware, spared=(CONTROL_PREFIX, PAGE_PREFIX))],
        exception_handlers={
            ApiError: answer_api_error,
            BodyError: answer_body_error,
            OAuthError: answer_oauth_error,
            SignupError: answer_signup_error,
            StorageError: answer_storage_error,
            ClientDisconnect: _answer_nobody,
            Exception: answer_internal_error,
        },
        lifespan=lifespan,
    )


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    """The client went away before its request was complete: the server drops this answer."""
    return Response(status_code=400)

"""Errors of the Management API, with how to fix each."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx
from auth0.management.core.api_error import ApiError
from pydantic import ValidationError

from operations.errors import OperationsError

_EXPECTED = re.compile(r"expected any of: (?P<scopes>[\w:,\- ]+)")


@contextmanager
def explained_errors(domain: str, what: str, scope: str) -> Iterator[None]:
    """Turn what the SDK raises into an OperationsError that names the missing scope or setting.

    Args:
        domain: the tenant's.
        what: what was being done, as in "reading the Actions".
        scope: the scope that it needs.
    """
    try:
        yield
    except ApiError as error:
        raise _of_api(error, domain, what, scope) from error
    except httpx.HTTPStatusError as error:
        raise _of_token(error, domain) from error
    except httpx.HTTPError as error:
        raise _of_network(error, domain) from error
    except ValidationError as error:
        raise OperationsError(
            f"{what} on {domain}: the answer is not what Auth0's SDK knows: {error}",
            fix="see whether a newer auth0-python knows it: uv lock --upgrade-package auth0-python",
        ) from error


def _of_api(error: ApiError, domain: str, what: str, scope: str) -> OperationsError:
    body = error.body if isinstance(error.body, dict) else {}
    message = str(body.get("message") or error.body)
    if error.status_code == HTTPStatus.FORBIDDEN:
        match = _EXPECTED.search(message)
        scopes = match["scopes"].replace(",", " or ") if match else scope
        return OperationsError(
            f"{what} on {domain} was refused: {message}",
            fix=f"grant the application (AUTH0_CLIENT_ID) the scope {scopes} of the Auth0 Management API",
        )
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return OperationsError(
            f"{what} on {domain} was refused: {message}",
            fix="AUTH0_API_TOKEN may have expired; leave it out to use AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET",
        )
    if error.status_code == HTTPStatus.BAD_REQUEST and "authentication header" in message:
        return OperationsError(
            f"{what} on {domain} was refused: {message}",
            fix="AUTH0_API_TOKEN is not an access token: copy all of it, or leave it out to use AUTH0_CLIENT_ID and "
            "AUTH0_CLIENT_SECRET",
        )
    if error.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return OperationsError(
            f"{what} on {domain}: {message}", fix="wait a minute: the tenant's rate limit is used up by other callers"
        )
    return OperationsError(
        f"{what} on {domain}: {error.status_code} {message}", fix="as the message says, then run this command again"
    )


def _of_token(error: httpx.HTTPStatusError, domain: str) -> OperationsError:
    try:
        body = json.loads(error.response.text)
        reason = f"{body.get('error')}: {body.get('error_description')}"
    except (ValueError, AttributeError):
        reason = str(error)
    what = f"{domain} gives no token for its Management API: {error.response.status_code} {reason}"
    if error.response.status_code == HTTPStatus.UNAUTHORIZED:
        return OperationsError(
            what,
            fix="check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET (or AUTH0_CLIENT_ASSERTION_PRIVATE_KEY): "
            "they are not of an application of this tenant",
        )
    return OperationsError(
        what,
        fix="authorize the application (AUTH0_CLIENT_ID) for the Auth0 Management API; "
        "with a custom domain set AUTH0_AUDIENCE too",
    )


def _of_network(error: httpx.HTTPError, domain: str) -> OperationsError:
    if isinstance(error.__cause__, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return OperationsError(
            f"the certificate of {domain} is not trusted: {error}",
            fix='for a local tenant: eval "$(make -s env)", which sets SSL_CERT_FILE',
        )
    return OperationsError(
        f"{domain} can't be reached: {str(error) or type(error).__name__}",
        fix="check AUTH0_DOMAIN and the network; for stack local: local-tenant start",
    )

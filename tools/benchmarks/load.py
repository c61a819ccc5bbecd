"""The rate at which a tenant responds, measured by the load generator in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from urllib.parse import urlencode

from local_tenant.testing import ReadyLine

CONNECTIONS = 8
# More responses than any server gives while a measurement lasts.
COUNT = 10_000_000


class UnexpectedResponseError(Exception):
    """A response has another status than expected, so the rate means nothing."""


def request(
    method: str, path: str, *, token: str = "", body: str = "", form: Mapping[str, object] | None = None
) -> str:
    """An HTTP/1.1 request as sent over the wire, with a JSON text or a form as its body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    kind = "application/json"
    if form is not None:
        kind, body = "application/x-www-form-urlencoded", urlencode(form)
    if body:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([*lines, "", body])


def rate(
    ready: ReadyLine,
    *messages: str,
    seconds: float = 3_600,
    count: int = COUNT,
    connections: int = CONNECTIONS,
    status: int = 200,
) -> float:
    """Responses per second to these requests in turns; each connection waits for a response before the next request.

    The measurement ends after that many seconds or responses, whichever is first.

    Raises:
        UnexpectedResponseError: A response has another status.
    """
    host, _, port = ready["domain"].rpartition(":")
    arguments = [host, port, ready["ca_file"], str(connections), str(count), str(seconds)]
    ran = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-m", "tools.benchmarks.load_generator", *arguments],
        input=json.dumps(messages),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result = json.loads(ran.stdout)
    if set(result["statuses"]) != {str(status)}:
        raise UnexpectedResponseError(f"{messages[0].partition('HTTP')[0]}responses by status: {result['statuses']}")
    return float(result["answers"] / result["seconds"])

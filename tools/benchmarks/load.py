"""The rate at which a tenant answers one request, measured by the load generator in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

from local_tenant.testing import ReadyLine

CONNECTIONS = 8
# More answers than any server gives in the seconds that a measurement lasts.
COUNT = 10_000_000


class UnexpectedAnswerError(Exception):
    """The server answered otherwise than asked, so its rate means nothing."""


def request(method: str, path: str, *, token: str = "", body: str = "") -> str:
    """An HTTP/1.1 request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([*lines, "", body])


def rate(
    ready: ReadyLine,
    *messages: str,
    seconds: float = 3_600,
    count: int = COUNT,
    connections: int = CONNECTIONS,
    status: int = 200,
) -> float:
    """Answers per second to requests that take turns, each connection sending the next as soon as one is answered.

    It ends after so many seconds or answers, whichever is first.

    Raises:
        UnexpectedAnswerError: An answer has another status.
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
        raise UnexpectedAnswerError(f"{messages[0].partition('HTTP')[0]}was answered with {result['statuses']}")
    return float(result["answers"] / result["seconds"])

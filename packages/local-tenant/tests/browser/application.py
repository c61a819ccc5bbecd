"""A single-page application on an origin of its own, whose users log in at the tenant."""

import json
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme
from local_tenant.testing import ReadyLine
from serving import serving

HERE = Path(__file__).parent


@dataclass
class Application:
    """The application's server.

    Attributes:
        url: its origin.
        options: of its Auth0Client.
        login: `authorizationParams` of its logins.
    """

    url: str
    options: dict[str, Any]
    login: dict[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Print the error unless a connection was closed."""
        # A browser that does not know the certificate's CA closes the connection and opens another.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # what the standard library hands on


@contextmanager
def served(ready: ReadyLine, folder: str, library: bytes, scheme: str = "http") -> Iterator[Application]:
    """Serve the application of a folder, with the library's code, on a free port of localhost while the block runs.

    To a browser http://localhost and https://localhost are two sites, whatever the ports: over http the tenant is a
    third party to the application, and many browsers send no cookies of third parties from its frames.
    """
    contents: dict[str, tuple[str, bytes]] = {
        "/": ("text/html; charset=utf-8", (HERE / folder / "index.html").read_bytes()),
        "/app.js": ("text/javascript; charset=utf-8", (HERE / folder / "app.js").read_bytes()),
        "/library.js": ("text/javascript; charset=utf-8", library),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/config.json":
                config = {"options": application.options, "login": application.login}
                self._answer("application/json", json.dumps(config).encode())
            elif path in contents:
                self._answer(*contents[path])
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
            """Keep requests out of the test's output."""

        def _answer(self, kind: str, content: bytes) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = _Server(("127.0.0.1", 0), Handler)
    if scheme == "https":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert("localhost").configure_cert(context)
        # The handshake is the handler's: a browser also opens connections that it never uses.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    client_id = ready["single_page_application"]["client_id"]
    application = Application(
        f"{scheme}://localhost:{server.server_port}", {"domain": ready["domain"], "clientId": client_id}
    )
    with serving(server):
        yield application

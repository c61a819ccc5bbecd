"""An npm registry on the loopback interface, with the packages that a test puts into it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


@dataclass
class Registry:
    """What is served.

    Attributes:
        url: of the registry.
        answers: by path.
        requests: paths that were asked for.
    """

    url: str = ""
    answers: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def publish(self, name: str, version: str, code: str, **manifest: object) -> None:
        """Add a package of one file in one version."""
        package = {"name": name, "version": version, "main": "index.js", **manifest}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for path, content in (("package.json", json.dumps(package)), ("index.js", code)):
                entry = tarfile.TarInfo(f"package/{path}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content.encode()))
        tarball = f"/-/{name}-{version}.tgz"
        self.answers[tarball] = packed.getvalue()
        integrity = base64.b64encode(hashlib.sha512(packed.getvalue()).digest()).decode()
        dist = {"tarball": self.url + tarball, "integrity": f"sha512-{integrity}"}
        document = {"name": name, "dist-tags": {"latest": version}, "versions": {version: {**package, "dist": dist}}}
        self.answers[f"/{name}"] = json.dumps(document).encode()


@contextmanager
def npm_registry() -> Iterator[Registry]:
    """A running registry."""
    registry = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.requests.append(self.path)
            body = registry.answers.get(unquote(self.path))
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"{}")))
            self.end_headers()
            self.wfile.write(body or b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Requests of odd shapes: each is made from a seeded generator, so that it can be made again."""

import json
import random
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any, Self
from urllib.parse import quote, urlencode

from local_tenant.http import LARGEST_BODY, MOST_FIELDS, MOST_LEVELS
from local_tenant.loopback import port_of
from local_tenant.testing.process import ReadyLine, trusted
from proof.fuzz_routes import Credential, Endpoint, Sample, World, grants

SECONDS_FOR_AN_ANSWER = 40

TEXTS = [
    "",
    " ",
    "x",
    "null",
    "true",
    "-1",
    "9" * 400,
    "1e400",
    "\0",
    "a\0b",
    "\r\nX: y",
    "é",
    "e\u0301",
    "İ",
    "\u202eabc",
    "\ufeff",
    "\uffff",
    "\U0001f4a9",
    "\ud800",
    "\udfff\ud800",
    "'; DROP TABLE users; --",
    '"\\',
    "{{7*7}}",
    "<script>alert(1)</script>",
    "%",
    "%00",
    "%zz",
    "../../etc/passwd",
    "__proto__",
    "constructor",
    "auth0|",
    "a@b",
    "a@b@c.d",
    "@",
    "x" * 300,
    "x" * 5_000,
    # Comes back in Location headers, of which http.client reads 65,536 bytes.
    "é" * 4_000,
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "0000",
    "http://[::1",
    "http://localhost:99999/",
    "javascript:alert(1)",
    "//localhost",
    "fe80::1%eth0",
    "name:*",
    'email:"',
    "NOT (a OR",
    "[1 TO *]",
    "created_at:1",
    "node18",
    "post-login",
    "binding_id",
]
NUMBERS = [0, -0.0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400, 0.1, 1e308, 5e-324]
NOT_JSON = [float("nan"), float("inf"), float("-inf")]
LEVELS = [MOST_LEVELS - 1, MOST_LEVELS, MOST_LEVELS + 1, 127, 128, 253, 254, 255, 256, 500, 959, 960, 990, 1_000]
LEVELS += [1_022, 1_023, 1_024, 1_025, 5_000, 100_000]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"]
CONTENT_TYPES = [
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    "APPLICATION/JSON;;;",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=shift_jis",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "text/plain",
    "application/xml",
    "",
    ";",
    "é",
]
ENCODINGS = ["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp037"]
HEADER_VALUES = ["", " ", "x", ",", ";", "=", "é", "\x7f", "a" * 60_000, "0", "-1", '"', "\\", "a=b; a=c", "🐐"]
ODD_HEADERS: list[tuple[str, Sequence[str]]] = [
    ("Host", ["", "localhost", "example.com", "localhost:1", "[::1]", "[::1", "a:b:c", "localhost:99999", "é", ":"]),
    (
        "Authorization",
        [
            "",
            "Bearer",
            "Bearer ",
            "Bearer a.b.c",
            "Bearer e30.e30.",
            "Basic",
            "Basic é",
            "Basic Og==",
            "Basic " + "A" * 999,
            "Basic YQ==",
            "Digest x",
            "Bearer " + "." * 3_000,
            "Basic /w==",
        ],
    ),
    ("Cookie", ["", "=", ";", "a", "a=b; a=c", "__Host-session-1=x", "x" * 9_000, '"', "a=\\"]),
    ("Expect", ["100-continue", "200-ok"]),
    ("Auth0-Forwarded-For", ["", "x", "::1", "fe80::1%lo", "1.2.3.4, 5.6.7.8", "999.1.1.1", "::ffff:1.2.3.4"]),
    ("X-Forwarded-For", ["x", "1.2.3.4"]),
    ("X-Forwarded-Proto", ["x", "http"]),
    ("Forwarded", ["for=x", '"']),
    ("Origin", ["", "null", "http://localhost", "http://[::1", "https://example.com", "http://localhost:99999"]),
    ("Sec-Fetch-Site", ["cross-site", "none", "x"]),
    ("Accept-Language", ["de;q=x", "é", ",,,;q=", "*"]),
    ("User-Agent", ["", "é", "x" * 9_000]),
    ("Access-Control-Request-Method", ["POST", "", "é"]),
    ("Access-Control-Request-Headers", ["authorization", "", "é"]),
    ("Last-Event-ID", ["x", "-1", "9" * 30, "²"]),
    ("Content-Encoding", ["gzip", "x"]),
    ("Upgrade", ["websocket", "h2c"]),
    ("Connection", ["close", "upgrade", "x"]),
    ("If-None-Match", ["*"]),
    ("Range", ["bytes=0-1", "bytes=9-1", "x"]),
    ("Auth0-Client", ["e30=", "é"]),
    ("DPoP", ["x"]),
]


@dataclass(frozen=True)
class Request:
    """What is sent, byte by byte.

    Attributes:
        head: the request line and the headers, without the line that ends them.
        complete: whether all of the body is sent that the headers announce.
        closes: whether the connection cannot be used any more.
    """

    method: str
    head: bytes
    body: bytes = b""
    complete: bool = True
    closes: bool = False

    @property
    def content(self) -> bytes:
        return self.head + b"\r\n\r\n" + self.body


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def is_failure(self) -> bool:
        """Whether it is a 5xx that is not asked for: failed Actions end a login with a 500 `access_denied`."""
        if self.status == 500:
            return b'"access_denied"' not in self.body
        return self.status > 500


class Connection:
    """One connection that is kept alive, and opened again when an answer has closed it."""

    def __init__(self, ready: ReadyLine) -> None:
        """Connect with the first request."""
        self._port = port_of(ready["domain"])
        self._tls = trusted(ready)
        self._socket: ssl.SSLSocket | None = None

    def send(self, request: Request) -> Answer | None:
        """The answer; None for a request that is not sent completely.

        Raises:
            OSError, HTTPException: the connection was dropped without an answer.
        """
        if self._socket is None:
            plain = socket.create_connection(("127.0.0.1", self._port), timeout=SECONDS_FOR_AN_ANSWER)
            self._socket = self._tls.wrap_socket(plain, server_hostname="localhost")
        # The tenant may answer before the end of the body.
        with suppress(OSError):
            self._socket.sendall(request.content)
        if not request.complete:
            self.close()
            return None
        answer = HTTPResponse(self._socket, method=request.method)
        try:
            answer.begin()
            endless = answer.headers.get_content_type() == "text/event-stream"
            body = b"" if endless else answer.read()
        except (OSError, HTTPException):
            self.close()
            raise
        if endless or answer.will_close or request.closes:
            self.close()
        return Answer(answer.status, body)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Self:
        """It connects by itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it, however the block ended."""
        self.close()


@dataclass
class Maker:
    """Makes a request for one endpoint.

    Attributes:
        rng: decides everything.
        world: ids and tokens that the tenant knows.
    """

    rng: random.Random
    world: World
    headers: list[tuple[str, str]] = field(default_factory=list)

    def request(self, endpoint: Endpoint, sample: Sample, *, odd: bool = True) -> Request:
        """The sample as it is, or with odd parts."""
        self._odd = odd
        path = self._path(endpoint.path, sample)
        query = self._query(sample)
        self.headers = [("Host", self.world["url"].removeprefix("https://"))]
        self._credentials(sample.credential or endpoint.credential, endpoint)
        body = self._body(endpoint, sample)
        if self._now(0.15):
            self._odd_header()
        method = self.rng.choice(METHODS) if self._now(0.03) else endpoint.method
        return self._framed(method, path + query, body)

    def _now(self, chance: float) -> bool:
        return self._odd and self.rng.random() < chance

    def _path(self, path: str, sample: Sample) -> str:
        names = iter(sample.ids)

        def identifier(_: re.Match[str]) -> str:
            known = self.world.get(next(names, ""), "page.css")
            if self._now(0.1):
                known = self.rng.choice([*self.world.values()])
            if self._now(0.1):
                known = self._text()
            return quote(known, safe="/" if self._now(0.1) else "", errors="surrogatepass")

        path = re.sub(r"\{[^}]+\}", identifier, path)
        if self._now(0.02):
            path = self.rng.choice([path + "/", "/" + path, path.upper(), path + "/..", path + "%2f", path + ";x"])
        return path

    def _query(self, sample: Sample) -> str:
        query = dict(sample.query)
        if self._now(0.4) and query:
            query[self.rng.choice([*query])] = self._text()
        if self._now(0.2) and query:
            del query[self.rng.choice([*query])]
        if self._now(0.05):
            query[self._text()] = self._text()
        pairs = list(query.items())
        if self._now(0.05) and pairs:
            pairs.append((self.rng.choice(pairs)[0], self._text()))
        text = urlencode(pairs, errors="surrogatepass")
        if self._now(0.02):
            text = self.rng.choice(["&" * 2_000, "%ff%fe", "a=%", text + "&" + "x" * 5_000, text * 20])
        return f"?{text}" if text else ""

    def _credentials(self, credential: Credential, endpoint: Endpoint) -> None:
        others: list[Credential] = ["management", "mfa", "access", "page", "browser", "none"]
        if self._now(0.1):
            credential = self.rng.choice(others)
        if credential in ("management", "mfa", "access"):
            token = self.world[credential]
            if self._now(0.02):
                token = self.rng.choice([token[:-3], token + "x", token.replace(".", ""), self.world["id token"]])
            self.headers.append(("Authorization", f"Bearer {token}"))
        elif credential == "page":
            origin = [("Origin", self.world["url"]), ("Sec-Fetch-Site", "same-origin")]
            self.headers += [("Cookie", self.world["page"]), *origin]
        elif credential == "browser":
            self.headers.append(("Cookie", self.world[endpoint.cookies]))

    def _body(self, endpoint: Endpoint, sample: Sample) -> bytes:
        content = sample.body
        if endpoint.path == "/oauth/token" and self._now(0.6):
            content = self.rng.choice(grants(self.world))
        if content is None and not self._now(0.1):
            return b""
        if self._now(0.05):
            return self._bytes()
        for _ in range(self.rng.choice([0, 1, 1, 1, 2, 3]) if self._odd else 0):
            content = self._changed(content)
        as_form = endpoint.takes_form != self._now(0.1)
        content_type = "application/x-www-form-urlencoded" if as_form else "application/json"
        self.headers.append(("Content-Type", self.rng.choice(CONTENT_TYPES) if self._now(0.05) else content_type))
        return self._form(content) if as_form else self._json(content)

    def _changed(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """The value with a change at one place."""
        if isinstance(value, dict) and value and self.rng.random() < 0.95:
            key = self.rng.choice([*value])
            others = {name: child for name, child in value.items() if name != key}
            kind = self.rng.random()
            if kind < 0.2:
                return others if kind < 0.1 else {**others, self._text(): value[key]}
            if kind < 0.4:
                # Reaches the Actions, and what they set.
                return {**value, "odd": self._value()}
            return {**value, key: self._changed(value[key])}
        if isinstance(value, list) and value and self.rng.random() < 0.8:
            kind = self.rng.random()
            if kind < 0.2 and len(value) < 30:
                return value * self.rng.choice([2, 30, 200])
            return [self._changed(value[0]), *value[1:]]
        return self._value()

    def _value(self) -> Any:  # noqa: ANN401 - any JSON
        makers: list[Callable[[], Any]] = [
            self._text,
            self._text,
            lambda: self.rng.choice(NUMBERS),
            lambda: self.rng.choice(NOT_JSON),
            lambda: self.rng.choice([None, True, False, [], {}, [[]], [None], {"": None}]),
            lambda: [self._text(), self._value()],
            lambda: {self._text(): self._value(), "odd": self._value()},
            # Becomes that many levels in `_json`.
            *[lambda: f"@{self.rng.choice(LEVELS)}@"] * 3,
            lambda: dict.fromkeys(map(str, range(300)), 1),
            lambda: self.rng.choice(list(self.world.values())),
        ]
        return self.rng.choice(makers)()

    def _text(self) -> str:
        text = self.rng.choice(TEXTS)
        return text if self.rng.random() < 0.8 else text + self.rng.choice(TEXTS)

    def _json(self, content: Any) -> bytes:  # noqa: ANN401 - any JSON
        text = json.dumps(content, ensure_ascii=self.rng.random() < 0.5)
        text = re.sub(r'"@(\d+)@"', lambda match: nested(int(match[1])), text)
        if self._now(0.03):
            text = '{"client_id":1,"odd":2,' + text[1:]
        encoding = self.rng.choice(ENCODINGS) if self._now(0.1) else "utf-8"
        try:
            return text.encode(encoding, "surrogatepass")
        except UnicodeEncodeError:
            return text.encode("utf-8", "surrogatepass")

    def _form(self, content: Any) -> bytes:  # noqa: ANN401 - any JSON
        fields = content if isinstance(content, dict) else {"odd": content}
        text = urlencode({name: str(value) for name, value in fields.items()}, errors="surrogatepass")
        if self._now(0.03):
            text += self.rng.choice(["&", "&=", "&%ff=%fe", "&a" * MOST_FIELDS, "&a=1" * (MOST_FIELDS - 20)])
        return text.encode()

    def _bytes(self) -> bytes:
        """A body that is nothing, or a lot of it."""
        kind = self.rng.choice(["application/json", "application/x-www-form-urlencoded"])
        self.headers.append(("Content-Type", kind))
        makers: list[Callable[[], bytes]] = [
            lambda: self.rng.randbytes(self.rng.choice([1, 10, 1_000])),
            lambda: nested(self.rng.choice(LEVELS)).encode(),
            lambda: b'{"a":' * self.rng.choice(LEVELS),
            lambda: b"[" + b"1," * 50_000 + b"1]",
            lambda: b'{"odd":"' + b"x" * 200_000 + b'"}',
            lambda: b"\xed\xa0\x80",
            lambda: b'{"odd":"\\ud800"}',
            lambda: b'"x"',
            lambda: b"NaN",
            lambda: b"\xef\xbb\xbf{}",
            lambda: b"{}" + b" " * 100_000,
            lambda: b"a=b&" * (MOST_FIELDS + 1),
            lambda: b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b--",
        ]
        if self.rng.random() < 0.05:
            return b" " * (LARGEST_BODY + self.rng.choice([-1, 0, 1, 500_000]))
        return self.rng.choice(makers)()

    def _odd_header(self) -> None:
        name, values = self.rng.choice(ODD_HEADERS)
        value = self.rng.choice(values if self.rng.random() < 0.8 else HEADER_VALUES)
        if self.rng.random() < 0.7:
            self.headers = [header for header in self.headers if header[0] != name]
        self.headers.append((name, value))

    def _framed(self, method: str, target: str, body: bytes) -> Request:
        headers, complete, closes, version = list(self.headers), True, False, "HTTP/1.1"
        kind = self.rng.random() if self._odd else 1
        if kind < 0.01:
            headers.append(("Content-Length", str(len(body) + self.rng.choice([1, 1_000, 10_000_000]))))
            complete = False
        elif kind < 0.02:
            headers.append(("Content-Length", str(len(body) // 2)))
            closes = True
        elif kind < 0.03:
            headers.append(("Content-Length", self.rng.choice(["x", "-1", "9" * 30, "1, 2", "0x1"])))
            closes = True
        elif kind < 0.06:
            headers.append(("Transfer-Encoding", "chunked"))
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        elif kind < 0.065:
            headers += [("Transfer-Encoding", "chunked"), ("Content-Length", str(len(body)))]
            closes = True
        else:
            headers.append(("Content-Length", str(len(body))))
        if kind > 0.99 and self._odd:
            version = self.rng.choice(["HTTP/1.0", "HTTP/1.1", "HTTP/3.7"])
            target = target.replace("%", self.rng.choice(["%", " ", "\0", "é"]))
            closes = True
        lines = [f"{method} {target} {version}", *(f"{name}: {value}" for name, value in headers)]
        return Request(method, "\r\n".join(lines).encode("utf-8", "surrogatepass"), body, complete, closes)


def nested(levels: int) -> str:
    """JSON of that many levels."""
    return "[" * levels + "]" * levels

"""A browser without JavaScript: it keeps cookies, follows the tenant's redirects, reads pages and sends forms."""

import base64
import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from local_tenant.testing import PASSWORD, Person, TenantClient

CALLBACK = "http://localhost:3000/callback"
VERIFIER = "a-verifier-that-is-long-enough-for-rfc-7636-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@dataclass
class PageReader(HTMLParser):
    """The heading, alert, inputs, links, tags and elements with an id of a page; method and address of its form."""

    heading: str = ""
    alert: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    by_id: dict[str, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    form: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        """Start outside of every element."""
        super().__init__(convert_charrefs=True)
        self._into = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        if tag == "input":
            self.inputs[attributes["name"]] = attributes.get("value", "")
        elif tag == "form":
            self.form = attributes["method"], attributes.get("action", "")
        elif tag == "a":
            self.links.append(attributes["href"])
        self._into = "#" + attributes["id"] if tag == "code" else attributes.get("role", tag)

    def handle_endtag(self, _tag: str) -> None:
        self._into = ""

    def handle_data(self, data: str) -> None:
        if self._into == "h1":
            self.heading += data
        elif self._into == "alert":
            self.alert += data
        elif self._into.startswith("#"):
            self.by_id[self._into[1:]] = self.by_id.get(self._into[1:], "") + data


@dataclass
class Visit:
    """Where the browser has arrived: at a page of the tenant, or at the application.

    Attributes:
        answer: the tenant's last response.
        page: its content.
        address: where the browser is.
    """

    answer: httpx.Response
    page: PageReader
    address: str

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @property
    def at_application(self) -> bool:
        return self.address.startswith(CALLBACK)

    @property
    def callback(self) -> dict[str, str]:
        """The parameters with which the browser came back to the application, in query or fragment."""
        assert self.at_application, (self.address, self.answer.text)
        parts = urlsplit(self.address)
        assert not (parts.query and parts.fragment), self.address
        return dict(parse_qsl(parts.fragment or parts.query, strict_parsing=True))


class Browser:
    """One browser."""

    def __init__(self, tenant: TenantClient) -> None:
        """Without any cookie."""
        self.tenant = tenant
        self.http = tenant.new_http()

    def __enter__(self) -> Self:
        """It is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it, however the block ended."""
        self.http.close()

    def open(self, address: str) -> Visit:
        """Open an address and follow the tenant's redirects."""
        return self.arrive(self.http.get(address))

    def send(self, form: Visit, **fields: str) -> Visit:
        """Fill in the form of a page and send it."""
        assert set(fields) <= set(form.page.inputs), form.page.inputs
        return self.arrive(self.http.post(form.address, data={**form.page.inputs, **fields}))

    def authorize(self, **parameters: str | None) -> Visit:
        """Begin a login from the application, with PKCE; None removes a parameter."""
        defaults: dict[str, str | None] = {
            "client_id": self.tenant.ready["application"]["client_id"],
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid email",
            "state": "the application's own",
            "nonce": "a-nonce",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **parameters,
        }
        query = {name: value for name, value in defaults.items() if value is not None}
        return self.arrive(self.http.get("/authorize", params=query))

    def log_in(self, person: Person, **parameters: str | None) -> Visit:
        """Begin a login from the application and enter the right password."""
        return self.send(self.authorize(**parameters), username=person.email, password=PASSWORD)

    def arrive(self, answer: httpx.Response) -> Visit:
        """Follow the tenant's redirects."""
        while answer.is_redirect:
            address = urljoin(str(answer.url), answer.headers["location"])
            if not address.startswith(self.tenant.url + "/"):
                return Visit(answer, PageReader(), address)
            answer = self.http.get(address)
        page = PageReader()
        page.feed(answer.text)
        return Visit(answer, page, str(answer.url))


def redeem(person: Person, code: str, **change: str | None) -> httpx.Response:
    """POST /oauth/token with the code, as the application does; None removes a parameter."""
    parameters: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **change,
    }
    return person.token(**{name: value for name, value in parameters.items() if value is not None})

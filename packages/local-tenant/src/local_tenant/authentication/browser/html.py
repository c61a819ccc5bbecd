"""The pages of a login in the browser: HTML without scripts, every value escaped."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse

from local_tenant.authentication.browser.authorize_request import PageError
from local_tenant.ui import environment

_PAGE = environment("local_tenant.authentication.browser").get_template("login.html")

_HEADERS = {
    "Cache-Control": "no-store",
    # The address of a page holds the state of the login.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Field:
    """An input.

    Attributes:
        name: of the parameter.
        label: shown above it.
        kind: HTML's type of input.
        autocomplete: HTML's token for its content.
        value: what it contains at first.
        inputmode: HTML's hint for an on-screen keyboard; None for the usual one.
    """

    name: str
    label: str
    kind: str
    autocomplete: str
    value: str = ""
    inputmode: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page.

    Attributes:
        fields: in their order.
        button: its label.
        action: where it is sent.
        targets: sources that its answer may redirect to besides the tenant.
    """

    fields: tuple[Field, ...]
    button: str
    action: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link below the form.

    Attributes:
        href: its target.
        text: its label.
    """

    href: str
    text: str


def page(
    title: str,
    *,
    texts: tuple[str, ...] = (),
    qr: str | None = None,
    facts: tuple[tuple[str, str, str], ...] = (),
    folded: tuple[tuple[str, str, str], ...] = (),
    error: str = "",
    form: Form | None = None,
    links: tuple[Link, ...] = (),
    status: int | None = None,
) -> HTMLResponse:
    """A page.

    Args:
        title: its heading.
        texts: paragraphs.
        qr: content of a QR code.
        facts: values to copy, each as (id of the element, name, value).
        folded: the same, but folded behind its name.
        error: what was wrong with the form; empty if nothing was.
        form: at most one.
        links: below the form.
        status: HTTP status; by default 400 with an error, else 200.
    """
    content = _PAGE.render(
        title=title,
        texts=texts,
        qr=_qr(qr) if qr else None,
        facts=facts,
        folded=folded,
        error=error,
        form=form,
        links=links,
    )
    actions = " ".join(("'self'", *(form.targets if form else ())))
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {actions}"
    )
    # A page that is shown again after a mistake is no success.
    status = status or (400 if error else 200)
    return HTMLResponse(content, status, headers={**_HEADERS, "Content-Security-Policy": policy})


def problem(error: PageError, title: str = "This login cannot continue") -> HTMLResponse:
    """The page for an error that no application can receive."""
    return page(title, error=error.message, status=error.status)


def redirect(location: str) -> RedirectResponse:
    """To the next page, or back to the application, without a Referer."""
    headers = {name: _HEADERS[name] for name in ("Cache-Control", "Referrer-Policy")}
    return RedirectResponse(location, 302, headers=headers)


def _qr(text: str) -> Markup:
    # Dark on light in either colour scheme, or no camera reads it; with the margin that the standard asks for.
    picture: str = segno.make(text, micro=False).svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None)
    labelled = picture.replace("<svg ", '<svg role="img" aria-label="QR code for an authenticator app" ', 1)
    # segno draws the text as lines; nothing of it is in the markup.
    return Markup(labelled)  # noqa: S704

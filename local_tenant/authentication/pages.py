"""The pages of a login in the browser: plain HTML, without scripts or styles, everything in it escaped."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from local_tenant.authentication.authorization_requests import PageError

_HEADERS = {
    "Cache-Control": "no-store",
    # The address of a page holds the state of the login.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Field:
    """Something to type.

    Attributes:
        name: of the parameter.
        label: for people.
        kind: HTML's type of input.
        autocomplete: HTML's token for what belongs here.
        value: what stands there already.
        inputmode: HTML's hint for the keyboard on a screen; None for the usual one.
    """

    name: str
    label: str
    kind: str
    autocomplete: str
    value: str = ""
    inputmode: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is sent back to where its page came from.

    Attributes:
        fields: in their order.
        button: what it says.
        targets: sources that its answer may redirect to, beside the tenant itself.
    """

    fields: tuple[Field, ...]
    button: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A way on.

    Attributes:
        href: where to.
        text: what it says.
    """

    href: str
    text: str


def page(
    title: str,
    *,
    texts: tuple[str, ...] = (),
    facts: tuple[tuple[str, str, str], ...] = (),
    error: str | None = None,
    form: Form | None = None,
    links: tuple[Link, ...] = (),
    status: int = 200,
) -> HTMLResponse:
    """A page.

    Args:
        title: its heading.
        texts: paragraphs.
        facts: things to copy, each as (id of the element, name, value).
        error: what was wrong with what was sent.
        form: what to fill in.
        links: other ways on.
        status: HTTP status.
    """
    content = "".join(
        (
            "<!doctype html>\n",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title></head><body><main><h1>{escape(title)}</h1>",
            *(f"<p>{escape(text)}</p>" for text in texts),
            _facts(facts),
            f'<p role="alert">{escape(error)}</p>' if error else "",
            _form(form) if form else "",
            *(f'<p><a href="{escape(link.href)}">{escape(link.text)}</a></p>' for link in links),
            "</main></body></html>\n",
        ),
    )
    actions = " ".join(("'self'", *(form.targets if form else ())))
    policy = f"default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action {actions}"
    return HTMLResponse(content, status, headers={**_HEADERS, "Content-Security-Policy": policy})


def problem(error: PageError) -> HTMLResponse:
    """The page for something that only the person at the browser can be told."""
    return page("This login cannot go on", error=error.message, status=error.status)


def _facts(facts: tuple[tuple[str, str, str], ...]) -> str:
    if not facts:
        return ""
    rows = "".join(
        f'<dt>{escape(name)}</dt><dd><code id="{escape(identifier)}">{escape(value)}</code></dd>'
        for identifier, name, value in facts
    )
    return f"<dl>{rows}</dl>"


def _form(form: Form) -> str:
    fields = "".join(_field(field) for field in form.fields)
    # Without an action the form goes to the page's own address, which holds the state.
    return f'<form method="post">{fields}<p><button type="submit">{escape(form.button)}</button></p></form>'


def _field(field: Field) -> str:
    name = escape(field.name)
    keyboard = f' inputmode="{escape(field.inputmode)}"' if field.inputmode else ""
    return (
        f'<p><label for="{name}">{escape(field.label)}</label><br>'
        f'<input id="{name}" name="{name}" type="{escape(field.kind)}" autocomplete="{escape(field.autocomplete)}" '
        f'value="{escape(field.value)}"{keyboard} required></p>'
    )

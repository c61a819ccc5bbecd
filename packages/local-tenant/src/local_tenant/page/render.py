"""Templates into answers: everything escaped, nothing from any other host."""

from __future__ import annotations

import json
from typing import Any

from action_runtime.node import node_version
from action_runtime.timestamps import NANOSECONDS, timestamp
from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from local_tenant.page.code import highlighted
from local_tenant.store.actions import Action
from local_tenant.tenant import Tenant
from local_tenant.transactions.ending import ending
from local_tenant.ui import environment

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not "no-referrer": under that a browser says "Origin: null" of the page's own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def html(tenant: Tenant, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """A page of the tenant."""
    text = _TEMPLATES.get_template(template).render(
        tenant_name=tenant.name,
        now=timestamp(tenant.clock.now()),
        clock_offset=offset_text(tenant.clock.offset),
        **values,
    )
    return HTMLResponse(text, status, headers=HEADERS)


def fragment(template: str, **values: Any) -> str:  # noqa: ANN401
    """A part of a page."""
    return _TEMPLATES.get_template(template).render(**values)


def message_page(title: str, text: str, *, status: int, location: str | None = None) -> HTMLResponse:
    """A page with one message and nothing of the tenant; with `location` the browser goes there by itself."""
    page = _TEMPLATES.get_template("message.html").render(title=title, text=text, location=location)
    # What it was asked with may hold a key.
    return HTMLResponse(page, status, headers={**HEADERS, "Referrer-Policy": "no-referrer"})


def offset_text(offset: int) -> str | None:
    """How far a clock is from real time, in words; None when it is not."""
    seconds = round(abs(offset) / NANOSECONDS)
    if seconds == 0:
        return None
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return f"{' '.join(parts[:2])} {'ahead of' if offset > 0 else 'behind'} real time"


def as_json(value: object) -> str:
    """JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False)


def short(value: object) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def call_text(call: dict[str, Any]) -> str:
    """An api call as an Action writes it."""
    return f"api.{call['method']}({', '.join(short(argument) for argument in call['arguments'])})"


def moment(value: object) -> str:
    """A time as nanoseconds since 1970 or RFC 3339, to the second: `2026-11-21 20:15:07`."""
    text = timestamp(value) if isinstance(value, int) else str(value)
    return text[:19].replace("T", " ")


def address(email: object) -> Markup:
    """An email address that a narrow column breaks after its @."""
    return escape(email).replace("@", Markup("@<wbr>"))


def milliseconds(value: float) -> str:
    """A duration: `3.2 ms`, `1.25 s`."""
    return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.1f} ms"  # noqa: PLR2004 - a second


def undeployed(action: Action) -> str | None:
    """What is not deployed of an Action; None when nothing is."""
    if action.deployed is None:
        return "never deployed"
    return None if action.all_changes_deployed else "undeployed changes"


def _templates() -> Environment:
    templates = environment("local_tenant.page")
    templates.globals |= {"ending": ending, "undeployed": undeployed, "node_version": node_version()}
    templates.filters |= {
        "pretty": as_json,
        "short": short,
        "moment": moment,
        "ms": milliseconds,
        "address": address,
        "call": call_text,
        "javascript": highlighted,
    }
    return templates


_TEMPLATES = _templates()

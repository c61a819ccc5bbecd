"""What the tenant rests on, as one document: `python -m local_tenant.fidelity` prints it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files

from starlette.routing import Route

from local_tenant.authentication import fidelity as authentication
from local_tenant.authentication import unbuilt
from local_tenant.authentication.routes import ROUTES as AUTHENTICATION_ROUTES
from local_tenant.basis import Basis
from local_tenant.control.routes import PREFIX
from local_tenant.control.routes import ROUTES as CONTROL_ROUTES
from local_tenant.management.endpoints import ENDPOINTS, STANDING
from local_tenant.management.routes import is_known, known_endpoints

_HEAD = """\
# Fidelity

Printed by `python -m local_tenant.fidelity`; do not edit it by hand.

How well the status and the shape of each endpoint's answer are known:

- **recorded**: seen in traffic of real tenants;
- **documented**: in Auth0's documentation, its SDKs, or messages quoted in public issues;
- **guess**: not known, chosen here.
"""


def render() -> str:
    """The whole document."""
    return "\n".join(
        [
            _HEAD,
            "## Management API, under /api/v2\n",
            _table(
                ("Endpoint", "Scope", "Based on", "Note"),
                [
                    (f"{e.method} {e.path}", " or ".join(f"`{scope}`" for scope in e.scopes), e.basis, e.note)
                    for e in [*ENDPOINTS, *STANDING]
                ],
            ),
            "## Authentication API\n",
            _table(
                ("Endpoint", "Based on", "Note"),
                [(endpoint, *authentication.BASIS[endpoint]) for endpoint in authentication_endpoints()],
            ),
            "## Known to Auth0, not built here\n",
            "These answer 403 with `not_built_locally`; any other path under /api/v2 answers Auth0's 404.\n",
            _table(("Family", "Endpoints"), [(family, str(count)) for family, count in _not_built()]),
            f"Of the Authentication API: {_unbuilt_endpoints()}.\n",
            "In an Action, `api.prompt.render` throws. `api.redirect` refuses the login. The error names the call.\n",
            "## Not Auth0's: test controls\n",
            "They need a management token, except for `health`.\n",
            _table(("Endpoint", "What it does"), _controls()),
            "## Guesses\n",
            "### Management API\n",
            files("local_tenant.management").joinpath("guesses.md").read_text(),
            "### Authentication API\n",
            files("local_tenant.authentication").joinpath("guesses.md").read_text(),
        ]
    )


def authentication_endpoints() -> list[str]:
    """`METHOD /path` of each route of the Authentication API."""
    return [f"{method} {path}" for method, path in _methods_and_paths(AUTHENTICATION_ROUTES)]


def _methods_and_paths(routes: Iterable[object]) -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def _not_built() -> list[tuple[str, int]]:
    missing = Counter(_family(path) for _, path in known_endpoints())
    missing.subtract(
        _family(endpoint.path) for endpoint in [*ENDPOINTS, *STANDING] if is_known(endpoint.method, endpoint.path)
    )
    return [(family, count) for family, count in sorted(missing.items()) if count]


def _unbuilt_endpoints() -> str:
    return ", ".join(f"{' and '.join(methods)} {path}" for path, methods in unbuilt.ENDPOINTS)


def _family(path: str) -> str:
    return path.split("/")[1]


def _controls() -> list[tuple[str, str]]:
    return [
        (f"{method} {PREFIX}{route.path}", _described(route))
        for route in CONTROL_ROUTES.routes
        if isinstance(route, Route) and not route.path.endswith(":path}")
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def _described(route: Route) -> str:
    # The first line of each docstring begins with the endpoint itself.
    _method, _path, what = (route.endpoint.__doc__ or "").partition("\n")[0].split(" ", 2)
    return what


def _table(head: Sequence[str], rows: Sequence[Sequence[str | Basis]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())

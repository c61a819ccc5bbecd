"""What the tenant's page and its login pages share: templates, style sheet, icon, and how HTML is escaped."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

PREFIX = "/_page"


def environment(package: str) -> Environment:
    """Templates of a package's folder `templates` and of this one; every value is escaped."""
    templates = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("local_tenant.ui")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["prefix"] = PREFIX
    return templates

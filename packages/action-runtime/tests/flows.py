"""Flows and events that the tests of the runtime are made of."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from action_runtime import ActionRuntime, ActionVersion, BoundAction, Flow, ModuleVersion
from action_runtime.events import Event, event_transaction, event_user, post_login_event

Start = Callable[..., Awaitable[ActionRuntime]]

_ids = itertools.count(1)


def action(
    code: str,
    name: str = "an_action",
    *,
    secrets: dict[str, str] | None = None,
    modules: tuple[ModuleVersion, ...] = (),
) -> BoundAction:
    """An Action with this code, in a new version."""
    number = next(_ids)
    version = ActionVersion(f"version-{number}", number, code, secrets or {}, modules=modules)
    return BoundAction(f"action-{number}", name, version)


def post_login(*actions: BoundAction | str) -> Flow:
    """A post-login flow of these Actions; a text is the body of a handler."""
    return Flow("post-login", tuple(_bound(item, "onExecutePostLogin") for item in actions))


def pre_user_registration(*actions: BoundAction | str) -> Flow:
    """A pre-user-registration flow of these Actions; a text is the body of a handler."""
    return Flow("pre-user-registration", tuple(_bound(item, "onExecutePreUserRegistration") for item in actions))


def _bound(item: BoundAction | str, handler: str) -> BoundAction:
    return action(f"exports.{handler} = async (event, api) => {{ {item} }};") if isinstance(item, str) else item


def login(**changes: Any) -> Event:  # noqa: ANN401 - any JSON
    """The event of a password login, with other members."""
    user = event_user(app_metadata={"plan": "gold"}, user_metadata={"color": "blue"})
    return {**post_login_event(user=user), **changes}


def browser_login(**changes: Any) -> Event:  # noqa: ANN401 - any JSON
    """The event of a login in a browser, with other members."""
    return login(transaction=event_transaction("oidc-basic-profile"), **changes)

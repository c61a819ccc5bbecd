"""The Management API by way of Auth0's own SDK: one read of everything that is compared, and three writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import chain, repeat
from typing import TypeVar

from auth0.management.core.pagination import SyncPager
from auth0.management.core.request_options import RequestOptions
from auth0.management.types.action import Action
from auth0.management.types.action_binding_with_ref import ActionBindingWithRef
from auth0.management.types.action_deployed_version import ActionDeployedVersion
from auth0.management.types.action_secret_request import ActionSecretRequest
from auth0.management.types.action_version import ActionVersion
from auth0.management.types.get_action_response_content import GetActionResponseContent

from operations.content import Binding, Content
from operations.errors import OperationsError
from operations.tenant.connection import Connection
from operations.tenant.failures import explained_errors
from operations.tenant.model import ActionSnapshot, SecretTime, TenantSnapshot, VersionSnapshot

READ = "read:actions"
UPDATE = "update:actions"
# Auth0 asks for this one, and not for update:actions, when a draft is deployed.
DEPLOY = "create:actions"

PAGE = 100
# A build that installs npm packages takes about ten seconds.
SECONDS_TO_BUILD = 120.0
SECONDS_BETWEEN_LOOKS = (0.1, 0.2, 0.5, 1.0)
# A free tenant allows about two requests a second: the SDK waits as long as a 429 says, this often.
_OPTIONS: RequestOptions = {"max_retries": 6}

T = TypeVar("T")
R = TypeVar("R")


class ManagementApi:
    """The Actions of one tenant.

    Attributes:
        domain: the tenant's domain.
    """

    def __init__(self, connection: Connection) -> None:
        """No request is sent yet."""
        self.domain = connection.domain
        self._client = connection.client()

    def snapshot(self, *, versions_of: Collection[str] = ()) -> TenantSnapshot:
        """Every Action, and every flow that has one. Needs read:actions.

        The calls: one for each 100 Actions, one for the triggers, one for each trigger that can have a flow, one for
        each 100 versions of the Actions whose ids are in `versions_of`.
        """
        with self._errors("reading the Actions", READ):
            pager = self._client.actions.list(per_page=PAGE, request_options=_OPTIONS)
            actions = tuple(
                _action(action, self._newest_secrets(action.id) if action.id and action.id in versions_of else {})
                for action in _every(pager)
            )
            flows = {trigger: self._flow(trigger) for trigger in self._triggers()}
        return TenantSnapshot(actions, {trigger: flow for trigger, flow in flows.items() if flow})

    def runtimes(self) -> dict[str, list[str]]:
        """Runtimes that the tenant lists for each version of a trigger, as `TRIGGER VERSION`. Needs read:actions."""
        with self._errors("reading the triggers", READ):
            triggers = self._client.actions.triggers.list(request_options=_OPTIONS).triggers or ()
        return {f"{trigger.id} {trigger.version}": trigger.runtimes or [] for trigger in triggers}

    def write_secrets(self, action_id: str, values: Mapping[str, str]) -> list[datetime]:
        """Replace the secrets of the draft with these, and wait until it is built. Needs update:actions.

        Returns:
            When each was written, as Auth0's response to this very write has it: a later read could have somebody
            else's.
        """
        secrets = [ActionSecretRequest(name=name, value=value) for name, value in values.items()]
        with self._errors("writing the secrets of an Action", UPDATE):
            response = self._client.actions.update(action_id, secrets=secrets, request_options=_OPTIONS)
        self._wait(action_id, lambda action: action.status == "built", "its draft is not built")
        return [secret.updated_at for secret in response.secrets or () if secret.updated_at is not None]

    def deploy(self, action_id: str) -> int:
        """Deploy the draft as it is, and wait until it runs: the new version's number. Needs create:actions."""
        with self._errors("deploying an Action", DEPLOY):
            version = self._client.actions.deploy(action_id, request_options=_OPTIONS)
        self._wait(
            action_id,
            lambda action: (
                action.deployed_version is not None
                and action.deployed_version.id == version.id
                and action.deployed_version.deployed is True
            ),
            "its draft is not deployed",
        )
        return int(version.number or 0)

    def bind(self, trigger: str, flow: Sequence[Binding]) -> None:
        """Replace the flow of a trigger with these, in this order. Needs update:actions."""
        bindings = [ActionBindingWithRef.model_validate(binding.to_auth0()) for binding in flow]
        with self._errors(f"binding the Actions of {trigger}", UPDATE):
            self._client.actions.triggers.bindings.update_many(trigger, bindings=bindings, request_options=_OPTIONS)

    def _triggers(self) -> list[str]:
        """Triggers that can have a flow, each once: the API lists their versions."""
        triggers = self._client.actions.triggers.list(request_options=_OPTIONS).triggers or ()
        return sorted({str(trigger.id) for trigger in triggers if trigger.binding_policy != "entity-bound"})

    def _newest_secrets(self, action_id: str) -> dict[str, datetime]:
        """When each secret of any version of the Action was last written."""
        pager = self._client.actions.versions.list(action_id, per_page=PAGE, request_options=_OPTIONS)
        newest: dict[str, datetime] = {}
        for version in _every(pager):
            for secret in _secrets(version):
                newest[secret.name] = max(secret.updated_at, newest.get(secret.name, secret.updated_at))
        return newest

    def _flow(self, trigger: str) -> tuple[Binding, ...]:
        pager = self._client.actions.triggers.bindings.list(trigger, per_page=PAGE, request_options=_OPTIONS)
        return tuple(Binding.of_auth0(binding.model_dump()) for binding in _every(pager))

    def _wait(
        self, action_id: str, over: Callable[[GetActionResponseContent], bool], what: str
    ) -> GetActionResponseContent:
        deadline = time.monotonic() + SECONDS_TO_BUILD
        for pause in chain(SECONDS_BETWEEN_LOOKS, repeat(SECONDS_BETWEEN_LOOKS[-1])):
            with self._errors("reading an Action", READ):
                action = self._client.actions.get(action_id, request_options=_OPTIONS)
            if action.status == "failed":
                raise OperationsError(
                    f"the draft of Action {action.name} on {self.domain} can't be built",
                    fix="look at it in the dashboard: only that shows the error",
                )
            if over(action):
                return action
            if time.monotonic() > deadline:
                break
            time.sleep(pause)
        raise OperationsError(
            f"an Action on {self.domain} ({action_id}): {what} after {SECONDS_TO_BUILD:.0f} s",
            fix="see Auth0's status page, then run this command again",
        )

    def _errors(self, what: str, scope: str) -> AbstractContextManager[None]:
        return explained_errors(self.domain, what, scope)


def _every(pager: SyncPager[T, R]) -> Iterable[T]:
    """All items; a page that is not full is the last."""
    page: SyncPager[T, R] | None = pager
    while page is not None and page.items:
        yield from page.items
        page = page.next_page() if len(page.items) == PAGE else None


def _action(action: Action, newest_secrets: Mapping[str, datetime]) -> ActionSnapshot:
    return ActionSnapshot(
        id=action.id or "",
        name=action.name or "",
        created_at=action.created_at,
        status=str(action.status),
        all_changes_deployed=action.all_changes_deployed is True,
        draft=Content.of_auth0(action.model_dump()),
        secrets=_secrets(action),
        deployed=_version(action),
        newest_secrets=newest_secrets,
    )


def _version(action: Action) -> VersionSnapshot | None:
    version = action.deployed_version
    if version is None or version.created_at is None:
        return None
    content = version.model_dump()
    # Older versions do not have their triggers; what is bound is the Action's.
    content["supported_triggers"] = content["supported_triggers"] or action.model_dump()["supported_triggers"]
    return VersionSnapshot(
        id=version.id or "",
        number=int(version.number or 0),
        created_at=version.created_at,
        content=Content.of_auth0(content),
        secrets=_secrets(version),
    )


def _secrets(source: Action | ActionDeployedVersion | ActionVersion) -> tuple[SecretTime, ...]:
    return tuple(
        SecretTime(each.name or "", each.updated_at) for each in source.secrets or () if each.updated_at is not None
    )

"""Logins that wait for a factor, stored as JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import orjson
from action_runtime import Continuation, Pause

from local_tenant.accounts.entitlement import Entitlement, with_methods
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.accounts.sessions import LoginSession
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import refresh_tokens
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.events import event_request
from local_tenant.transactions.login import Login
from local_tenant.transactions.record import LoginRefusedError
from local_tenant.transactions.run import Run

TRIGGER = "post-login"


@dataclass(frozen=True, slots=True)
class Paused:
    """A flow paused by an Action.

    Attributes:
        versions: Action id and version id of each of its Actions: the same ones continue, whatever is deployed since.
        event: their input.
        continuation: the runtime's own state.
    """

    versions: tuple[tuple[str, str], ...]
    event: dict[str, Any]
    continuation: Continuation


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login that waits for a factor.

    Attributes:
        entitlement: what its client gets then; of a paused flow, still without its Actions' effects.
        execution_id: of its Actions; None if none ran.
        paused: where the flow continues; None when all its Actions have run.
    """

    entitlement: Entitlement
    execution_id: str | None
    paused: Paused | None = None

    @classmethod
    def of_pause(cls, entitlement: Entitlement, run: Run, pause: Pause) -> Self:
        """The pending login of a flow that has been paused."""
        versions = tuple((bound.action_id, bound.version.id) for bound in run.flow.actions)
        return cls(entitlement, run.execution_id, Paused(versions, run.event, pause.continuation))

    def to_text(self) -> str:
        """As JSON."""
        paused = self.paused and {
            "versions": self.paused.versions,
            "event": self.paused.event,
            "continuation": self.paused.continuation.to_json(),
        }
        content = {"entitlement": self.entitlement.to_json(), "execution_id": self.execution_id, "paused": paused}
        return orjson.dumps(content).decode()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The inverse of `to_text`."""
        content = orjson.loads(text)
        entitlement, paused = Entitlement.from_json(content["entitlement"]), content["paused"]
        # A login that was waiting before these were stored has none.
        execution_id = content.get("execution_id")
        if paused is None:
            return cls(entitlement, execution_id)
        versions = tuple((action_id, version_id) for action_id, version_id in paused["versions"])
        continuation = Continuation.from_json(paused["continuation"])
        return cls(entitlement, execution_id, Paused(versions, paused["event"], continuation))

    def proved(self, method: dict[str, Any]) -> PendingLogin:
        """The same with one more authentication method."""
        methods = with_methods(self.entitlement.methods, (method,))
        return replace(self, entitlement=replace(self.entitlement, methods=methods, factor_proved=True))

    def login(self, tenant: Tenant, user: User, client: Client, facts: RequestFacts) -> Login:
        """The login that continues, with the request that brought the proof.

        Raises:
            OAuthError: the refresh token that it exchanges no longer exists.
        """
        entitlement = self.entitlement
        token_hash = entitlement.exchanged
        exchanged = token_hash and tenant.database.read(refresh_tokens.get, bytes.fromhex(token_hash))
        if token_hash and exchanged is None:
            raise OAuthError(403, "invalid_grant", "Unknown or invalid refresh token.")
        session = entitlement.session_id and LoginSession(
            id=entitlement.session_id,
            authenticated_at=entitlement.authenticated_at,
            single_sign_on=entitlement.single_sign_on,
        )
        return Login(
            user=user,
            client=client,
            facts=facts,
            protocol=entitlement.protocol,
            scopes=entitlement.requested_scopes,
            audience=entitlement.audience,
            nonce=entitlement.nonce,
            methods=entitlement.methods,
            factor_proved=entitlement.factor_proved,
            exchanged=exchanged or None,
            session=session or None,
        )


async def resume(tenant: Tenant, paused: Paused, login: Login, enrolled: list[str], proved: dict[str, Any]) -> Run:
    """Run the Actions after the pause; `enrolled` are the types of the factors that the user has by now.

    `proved` is the authentication method with which the login goes on.

    Raises:
        LoginRefusedError: one of the flow's versions no longer exists.
    """
    flow = await tenant.flows.of_versions(TRIGGER, paused.versions)
    if flow is None:
        raise LoginRefusedError(403, "access_denied", "The Actions of this login no longer exist.")
    event = {**paused.event, "request": event_request(login.facts), "authentication": {"methods": list(login.methods)}}
    changes = {"enrolledFactors": [{"type": factor} for factor in enrolled]}
    result = await tenant.runtime.resume(flow, paused.continuation, event, user_changes=changes)
    return Run(login, flow, event, result, enrolled, proved)

"""Logins that wait for a factor, as the JSON that is kept meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import orjson
from action_runtime import Continuation, Pause

from local_tenant.accounts.entitlement import Grant, with_methods
from local_tenant.accounts.login_session import LoginSession
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.store import refresh_tokens
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.events import request_json
from local_tenant.transactions.login import Login
from local_tenant.transactions.record import LoginRefusedError
from local_tenant.transactions.run import Run

TRIGGER = "post-login"


@dataclass(frozen=True, slots=True)
class Paused:
    """A flow that an Action has paused.

    Attributes:
        versions: Action id and version id of each of its Actions: the same ones go on, whatever is deployed since.
        event: what they were given.
        continuation: the runtime's own note.
    """

    versions: tuple[tuple[str, str], ...]
    event: dict[str, Any]
    continuation: Continuation


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login that waits for a factor.

    Attributes:
        grant: the tokens that it is good for then; of a paused flow, still without what its Actions ask for.
        paused: where the flow goes on; None when all its Actions have run.
    """

    grant: Grant
    paused: Paused | None = None

    @classmethod
    def of_pause(cls, grant: Grant, run: Run, pause: Pause) -> Self:
        """The pending login of a flow that has been paused."""
        versions = tuple((bound.action_id, bound.version.id) for bound in run.flow.actions)
        return cls(grant, Paused(versions, run.event, pause.continuation))

    def to_text(self) -> str:
        """As JSON."""
        paused = self.paused and {
            "versions": self.paused.versions,
            "event": self.paused.event,
            "continuation": self.paused.continuation.to_json(),
        }
        return orjson.dumps({"grant": self.grant.to_json(), "paused": paused}).decode()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The inverse of `to_text`."""
        content = orjson.loads(text)
        grant, paused = Grant.from_json(content["grant"]), content["paused"]
        if paused is None:
            return cls(grant)
        versions = tuple((action_id, version_id) for action_id, version_id in paused["versions"])
        return cls(grant, Paused(versions, paused["event"], Continuation.from_json(paused["continuation"])))

    def proved(self, method: dict[str, Any]) -> PendingLogin:
        """The same with one more authentication method."""
        return replace(self, grant=replace(self.grant, methods=with_methods(self.grant.methods, (method,))))

    def login(self, tenant: Tenant, user: User, client: Client, facts: RequestFacts) -> Login:
        """The login that goes on, with the request that brought the proof."""
        grant = self.grant
        token_hash = grant.exchanged
        exchanged = token_hash and tenant.database.read(
            lambda connection: refresh_tokens.get(connection, bytes.fromhex(token_hash)),
        )
        if grant.exchanged and exchanged is None:
            raise LoginRefusedError(403, "invalid_grant", "Unknown or invalid refresh token.")
        session = grant.session_id and LoginSession(
            id=grant.session_id,
            authenticated_at=grant.authenticated_at,
            single_sign_on=grant.single_sign_on,
        )
        return Login(
            user=user,
            client=client,
            facts=facts,
            protocol=grant.protocol,
            scopes=grant.requested_scopes,
            audience=grant.audience,
            nonce=grant.nonce,
            methods=grant.methods,
            exchanged=exchanged or None,
            session=session or None,
        )


async def resumed(tenant: Tenant, paused: Paused, login: Login, user: User, enrolled: list[str]) -> Run:
    """Let the Actions after the pause run; `enrolled` are the types of the factors that the user has by now.

    Raises:
        LoginRefusedError: one of the flow's versions does not exist any more.
    """
    flow = await tenant.flows.of_versions(TRIGGER, paused.versions)
    if flow is None:
        raise LoginRefusedError(403, "access_denied", "The Actions of this login do not exist any more.")
    event = {
        **paused.event,
        "request": request_json(login.facts, with_query=True),
        "authentication": {"methods": list(login.methods)},
    }
    changes = {"enrolledFactors": [{"type": factor} for factor in enrolled]}
    result = await tenant.runtime.resume(flow, paused.continuation, event, user_changes=changes)
    return Run(login, user, flow, event, result, bool(enrolled), resumed=True)

"""One run of the post-login flow, and the execution that is stored of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import action_runtime
from action_runtime import Flow
from action_runtime.masking import Masker

from local_tenant.oauth_errors import OAuthError
from local_tenant.store.executions import Execution
from local_tenant.transactions.ending import ending_members
from local_tenant.transactions.login import Login


@dataclass(frozen=True, slots=True)
class Run:
    """A flow that has run.

    Attributes:
        login: whose flow it was; its user is the transaction's snapshot.
        flow: the Actions.
        event: their input.
        execution: the runtime's: effects, denial, pause or error, and the trace.
        enrolled: types of the user's confirmed factors.
        proved: the authentication method with which it continued a paused flow; None for a flow run from its start.
    """

    login: Login
    flow: Flow
    event: dict[str, Any]
    execution: action_runtime.Execution
    enrolled: Collection[str]
    proved: dict[str, Any] | None = None

    @property
    def resumed(self) -> bool:
        """Whether it continued a paused flow, so that the login is counted already."""
        return self.proved is not None

    @property
    def execution_id(self) -> str | None:
        """Id of the stored execution; None for a flow without Actions, of which none is stored."""
        return self.execution.trace.execution_id if self.flow.actions else None

    def stored_execution(self, *, answer: str, error: OAuthError | None = None) -> Execution | None:
        """The trace with the answer to the login; None for a flow without Actions.

        `answer` is `tokens`, `mfa_required` or the error's code.
        """
        if not self.flow.actions:
            return None
        login = self.login
        outcome: dict[str, Any] = {
            **ending_members(answer, proved=self.proved, error=error),
            "protocol": login.protocol,
            "client_id": login.client.client_id,
            "user_id": login.user.user_id,
            "email": login.user.email,
            "ip": login.facts.ip,
            "logins_count": self.event["stats"]["logins_count"],
        }
        if login.single_sign_on:
            outcome["single_sign_on"] = True
        return Execution(self.execution.trace.execution_id, self.execution.trace.to_json(), outcome)


def masker_of(flow: Flow) -> Masker:
    """Masks every secret of the flow's Actions and of their modules."""
    versions = [bound.version for bound in flow.actions]
    modules = [module for version in versions for module in version.modules]
    return Masker([version.secrets for version in versions] + [module.secrets for module in modules])

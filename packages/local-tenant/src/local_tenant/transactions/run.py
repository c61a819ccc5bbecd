"""One run of the post-login flow, and what is kept of it for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import action_runtime

from local_tenant.oauth_errors import OAuthError
from local_tenant.store.executions import Execution
from local_tenant.store.users import User
from local_tenant.transactions.login import Login


@dataclass(frozen=True, slots=True)
class Run:
    """A flow that has run.

    Attributes:
        login: which login it was for.
        user: the snapshot of the user that it was given.
        flow: the Actions.
        event: what they were given.
        result: what they made of it.
        enrolled: whether the user has a confirmed factor.
        resumed: whether it goes on after a pause, so that the login is counted already.
    """

    login: Login
    user: User
    flow: action_runtime.Flow
    event: dict[str, Any]
    result: action_runtime.Execution
    enrolled: bool
    resumed: bool = False

    @property
    def execution_ids(self) -> list[str]:
        """Its id, if any Action was there to run: an empty flow leaves no execution."""
        return [self.result.trace.execution_id] if self.flow.actions else []

    def execution(self, *, answer: str, error: OAuthError | None = None) -> Execution | None:
        """Its trace together with how the login was answered; None when there was no Action to run.

        `answer` is `tokens`, `mfa_required` or the error's code.
        """
        if not self.flow.actions:
            return None
        outcome: dict[str, Any] = {
            "answer": answer,
            "protocol": self.login.protocol,
            "client_id": self.login.client.client_id,
            "user_id": self.user.user_id,
            "email": self.user.email,
            "ip": self.login.facts.ip,
            "logins_count": self.event["stats"]["logins_count"],
        }
        if self.login.single_sign_on:
            outcome["single_sign_on"] = True
        if error is not None:
            outcome |= {"status": error.status, "error_description": error.description}
        return Execution(self.result.trace.execution_id, self.result.trace.to_json(), outcome)

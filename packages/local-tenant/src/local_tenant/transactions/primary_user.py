"""`api.authentication.setPrimaryUser`: the login becomes that of the user to whom its account is linked.

Linking is the Action's part, by the Management API. The tokens are the primary user's only if the account of this
login is linked to them (documented); else the login fails. A factor that the account has proved is none of theirs.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from local_tenant.accounts import second_factors
from local_tenant.store import users
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.record import LoginRefusedError, check_user
from local_tenant.transactions.run import Run

# As for a denial.
_STATUS = 500


def of_primary_user(tenant: Tenant, run: Run) -> Run:
    """The run for the user that its Actions name, or as it is.

    Raises:
        LoginRefusedError: the account is not linked to that user, or they are blocked.
    """
    primary_id, login = run.execution.effects.primary_user, run.login
    if primary_id is None or primary_id == login.user.user_id or run.execution.denial is not None:
        return run
    if run.resumed:
        raise LoginRefusedError(
            _STATUS, "access_denied", "The local tenant does not change the primary user of a login after a challenge."
        )
    primary, enrolled = tenant.database.read(_look, login.user.user_id, primary_id)
    if primary is None:
        raise LoginRefusedError(
            _STATUS, "access_denied", "The account of this login is not linked to the primary user that an Action set."
        )
    methods = tuple(method for method in login.methods if method["name"] != "mfa")
    return replace(run, login=replace(login, user=check_user(login, primary), methods=methods), enrolled=enrolled)


def _look(connection: sqlite3.Connection, user_id: str, primary_id: str) -> tuple[User | None, list[str]]:
    account = users.linked_account(connection, user_id)
    linked = account is not None and account.linked_to == primary_id
    return users.get(connection, primary_id) if linked else None, second_factors.enrolled_types(connection, primary_id)

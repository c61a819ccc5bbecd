"""From the effects of the Actions to the outcome of the login."""

from __future__ import annotations

from dataclasses import replace

from action_runtime import Denial, Effects, Pause, RedirectStep

from local_tenant.accounts.entitlement import Entitlement, with_methods
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.profiles import time_text
from local_tenant.oauth_errors import OAuthError
from local_tenant.store.executions import Execution, log_details
from local_tenant.store.logs import LogEntry
from local_tenant.tenant import Tenant
from local_tenant.transactions import challenges
from local_tenant.transactions.audiences import granted_scopes
from local_tenant.transactions.login import Login
from local_tenant.transactions.outcome import Challenged, Passed, Refused
from local_tenant.transactions.record import LoginRecord, RevokedSession
from local_tenant.transactions.run import Run, masker_of
from local_tenant.transactions.waiting import PendingLogin

# Shown by two public reports of a denial at the token endpoint; a guess for a failing Action.
STATUS_OF_A_DENIAL = 500


def decide(tenant: Tenant, run: Run) -> Passed | Challenged | Refused:
    """How the login ends. Only a flow that ran to its end, and asked for nothing that is not built, can pass."""
    execution = run.execution
    if execution.status == "failed" or execution.error is not None:
        message = execution.error.message if execution.error else "The Action failed."
        return _refuse(tenant, run, OAuthError(STATUS_OF_A_DENIAL, "access_denied", message), Effects())
    if execution.denial is not None:
        return _deny(tenant, run, execution.denial)
    if execution.pause is not None:
        return _pause(tenant, run, execution.pause)
    if execution.status != "completed":
        raise AssertionError(f"a run without a reason for being {execution.status}")
    requirement = execution.effects.multifactor
    if requirement is not None and (missing := challenges.not_built(requirement)) is not None:
        return _refuse_unbuilt(tenant, run, missing)
    # A factor that was proved while the flow was paused satisfies the requirement.
    proved = requirement is None or run.resumed
    if proved and not challenges.required_by_audience(tenant, run.login, enrolled=bool(run.enrolled)):
        entries = _success_entries(tenant, run.login, run.execution_id)
        return Passed(_record(tenant, run, "tokens", entries, execution.effects), entitlement_of(tenant, run))
    return _challenge(tenant, run, PendingLogin(entitlement_of(tenant, run), run.execution_id))


def passed_after_mfa(tenant: Tenant, login: Login, entitlement: Entitlement, execution: Execution | None) -> Passed:
    """The login passes: its Actions ran before the challenge, and their effects are in `entitlement`.

    `execution` is that of its Actions, with its new ending.
    """
    record = LoginRecord(
        login=login,
        now=tenant.clock.now(),
        counts=False,
        execution=execution,
        entries=_success_entries(tenant, login, execution.execution_id if execution else None),
    )
    return Passed(record, entitlement)


def refusal_record(
    tenant: Tenant, login: Login, execution: Execution | None, error: OAuthError, *, counts: bool
) -> LoginRecord:
    """What is stored of a login whose user may not log in.

    `execution` is that of its Actions, if any ran. `counts`: whether it adds to `logins_count`, as a blocked user's
    does (documented).
    """
    return LoginRecord(
        login=login,
        now=tenant.clock.now(),
        counts=counts and login.counts,
        execution=execution,
        entries=(_failure_entry(tenant, login, execution.execution_id if execution else None, error.description),),
        requires_user=False,
    )


def entitlement_of(tenant: Tenant, run: Run) -> Entitlement:
    """What the login entitles its client to, with everything that its Actions asked for."""
    login, effects = run.login, run.execution.effects
    now = tenant.clock.now()
    recorded = tuple({"name": name, "timestamp": time_text(now)} for name in effects.recorded_methods)
    return Entitlement(
        user_id=login.user.user_id,
        client_id=login.client.client_id,
        protocol=login.protocol,
        requested_scopes=login.scopes,
        scopes=_scopes(granted_scopes(tenant, login.audience, login.scopes), effects),
        audience=login.audience,
        nonce=login.nonce,
        methods=with_methods(login.methods, recorded),
        factor_proved=login.factor_proved,
        authenticated_at=login.session.authenticated_at if login.session else tenant.clock.seconds(),
        id_token_claims=effects.id_token_claims,
        access_token_claims=effects.access_token_claims,
        exchanged=login.exchanged.token_hash.hex() if login.exchanged else None,
        exchanged_rotates=login.exchanged is not None and login.exchanged.rotating,
        refresh=effects.refresh_token,
        session_id=login.session.id if login.session else None,
        single_sign_on=login.single_sign_on,
        session=effects.session,
    )


def _scopes(granted: tuple[str, ...], effects: Effects) -> tuple[str, ...]:
    remaining = [scope for scope in granted if scope not in effects.scopes_removed]
    return tuple(dict.fromkeys([*remaining, *effects.scopes_added]))


def _deny(tenant: Tenant, run: Run, denial: Denial) -> Refused:
    if denial.kind == "validation":
        error = OAuthError(400, denial.code or "invalid_request", denial.reason)
    elif denial.kind == "refresh-token-revoked":
        error = OAuthError(403, "invalid_grant", denial.reason)
    else:
        error = OAuthError(STATUS_OF_A_DENIAL, "access_denied", denial.reason)
    exchanged, session = run.login.exchanged, run.login.session
    family = exchanged.family if exchanged and denial.kind == "refresh-token-revoked" else None
    revoked_session = None
    if session and denial.kind == "session-revoked":
        revoked_session = RevokedSession(session.id, keeps_refresh_tokens=denial.preserve_refresh_tokens)
    # Documented: metadata set before the denial is still written.
    refused = _refuse(tenant, run, error, run.execution.effects)
    return replace(refused, record=replace(refused.record, revoked_family=family, revoked_session=revoked_session))


def _pause(tenant: Tenant, run: Run, pause: Pause) -> Challenged | Refused:
    for step in pause.steps:
        if isinstance(step, RedirectStep):
            if pause.interactive:
                return _refuse_unbuilt(tenant, run, "api.redirect")
            error = OAuthError(403, "interaction_required", "A redirect is not possible in this grant.")
            return _refuse(tenant, run, error, Effects())
    obstacle = challenges.obstacle(pause, enrolled=run.enrolled)
    if obstacle is not None:
        return _refuse(tenant, run, OAuthError(STATUS_OF_A_DENIAL, "access_denied", obstacle), Effects())
    return _challenge(tenant, run, PendingLogin.of_pause(entitlement_of(tenant, run), run, pause))


def _challenge(tenant: Tenant, run: Run, pending: PendingLogin) -> Challenged | Refused:
    login = run.login
    effects = run.execution.effects if pending.paused is None else Effects()
    if login.silent:
        # prompt=none: no page may ask for a factor (error and text quoted in public issues).
        return _refuse(tenant, run, OAuthError(403, "login_required", "Multifactor authentication required"), effects)
    entries = (
        entry(tenant, "mfar", login.facts, client=login.client, user=login.user, details=log_details(run.execution_id)),
    )
    return Challenged(_record(tenant, run, "mfa_required", entries, effects), pending.to_text())


def _refuse_unbuilt(tenant: Tenant, run: Run, what: str) -> Refused:
    message = f"An Action asks for {what}, which is not built in the local tenant."
    return _refuse(tenant, run, OAuthError(STATUS_OF_A_DENIAL, "access_denied", message), Effects())


def _refuse(tenant: Tenant, run: Run, error: OAuthError, effects: Effects) -> Refused:
    # The client gets the Action's own text, as it would from Auth0; nothing that is stored may hold a secret.
    masked = OAuthError(error.status, error.error, masker_of(run.flow).text(error.description))
    entries = (_failure_entry(tenant, run.login, run.execution_id, masked.description),)
    record = _record(tenant, run, error.error, entries, effects, error=masked)
    return Refused(replace(record, requires_user=False), error)


def _record(
    tenant: Tenant,
    run: Run,
    answer: str,
    entries: tuple[LogEntry, ...],
    effects: Effects,
    *,
    error: OAuthError | None = None,
) -> LoginRecord:
    return LoginRecord(
        login=run.login,
        now=tenant.clock.now(),
        counts=run.login.counts and not run.resumed,
        app_metadata=effects.app_metadata,
        user_metadata=effects.user_metadata,
        execution=run.stored_execution(answer=answer, error=error),
        entries=entries,
    )


def _success_entries(tenant: Tenant, login: Login, execution_id: str | None) -> tuple[LogEntry, ...]:
    """None for a refresh, which the entry of its exchange covers."""
    if login.exchanged is not None:
        return ()
    code = "ssa" if login.silent else "s"
    return (entry(tenant, code, login.facts, client=login.client, user=login.user, details=log_details(execution_id)),)


def _failure_entry(tenant: Tenant, login: Login, execution_id: str | None, description: str) -> LogEntry:
    code = "fertft" if login.exchanged is not None else "fsa" if login.silent else "f"
    details = log_details(execution_id)
    return entry(
        tenant, code, login.facts, client=login.client, user=login.user, description=description, details=details
    )

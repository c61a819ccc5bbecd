"""From what the Actions asked for to what becomes of the login."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from action_runtime import Denial, Effects, LifetimeChanges, Pause, RedirectStep

from local_tenant.accounts.entitlement import Grant, LifetimeTerms, SessionTerms, with_methods
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.profiles import time_text
from local_tenant.oauth_errors import OAuthError
from local_tenant.store.executions import Execution
from local_tenant.store.logs import LogEntry
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions import challenges
from local_tenant.transactions.audiences import granted_scopes
from local_tenant.transactions.login import Login
from local_tenant.transactions.masking import masker_of
from local_tenant.transactions.record import Challenged, LoginRecord, Passed, Record, RevokedSession
from local_tenant.transactions.run import Run
from local_tenant.transactions.waiting import PendingLogin

# Two public reports of an Action's denial at the token endpoint show this status; that a failing Action gets the same
# is a guess.
REFUSED = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """The login gets no tokens.

    Attributes:
        error: the answer.
        record: keeps the transaction.
    """

    error: OAuthError
    record: Record


def judge(tenant: Tenant, run: Run) -> Passed | Challenged | Refused:
    """What a run comes to. Only a flow that ran to its end, with nothing in it that is not built, can pass."""
    result = run.result
    if result.status == "failed" or result.error is not None:
        message = result.error.message if result.error else "The Action failed."
        return _refused(tenant, run, OAuthError(REFUSED, "access_denied", message), Effects())
    if result.denial is not None:
        return _denied(tenant, run, result.denial)
    if result.pause is not None:
        return _paused(tenant, run, result.pause)
    if result.status != "completed":
        raise AssertionError(f"a run without a reason for being {result.status}")
    wanted = result.effects.multifactor
    if wanted is not None and (missing := challenges.not_built(wanted)) is not None:
        return _not_built(tenant, run, missing)
    # A factor that was proved while the flow was paused is proved.
    met = wanted is None or run.resumed
    if met and not challenges.enforced(tenant, run.login, enrolled=run.enrolled):
        entries = _success(tenant, run.login, run.user, run)
        record = _record(tenant, run, run.execution(answer="tokens"), entries, result.effects)
        return Passed(granted(tenant, run), run.user, record)
    return _challenged(tenant, run, PendingLogin(granted(tenant, run)))


def passed_after_mfa(tenant: Tenant, login: Login, user: User, grant: Grant) -> Passed:
    """The login passes: its Actions ran before the challenge, and what they asked for is in `grant`."""
    record = LoginRecord(
        login=login,
        now=tenant.clock.now(),
        counts=False,
        app_metadata={},
        user_metadata={},
        execution=None,
        entries=_success(tenant, login, user, None),
    )
    return Passed(grant, user, record)


def refusal_record(tenant: Tenant, login: Login, run: Run | None, error: OAuthError, *, counts: bool) -> LoginRecord:
    """What is kept of a login whose user may not log in.

    `counts`: whether it is one to `logins_count`, as a blocked user's is (documented).
    """
    return LoginRecord(
        login=login,
        now=tenant.clock.now(),
        counts=counts and login.counts,
        app_metadata={},
        user_metadata={},
        execution=run.execution(answer=error.error, error=error) if run else None,
        entries=(_failure(tenant, login, login.user, run, error.description),),
        requires_user=False,
    )


def granted(tenant: Tenant, run: Run) -> Grant:
    """The tokens that the login is good for, with all that its Actions asked for them."""
    login, effects = run.login, run.result.effects
    now = tenant.clock.now()
    recorded = tuple({"name": name, "timestamp": time_text(now)} for name in effects.recorded_methods)
    return Grant(
        user_id=run.user.user_id,
        client_id=login.client.client_id,
        protocol=login.protocol,
        requested_scopes=login.scopes,
        scopes=_scopes(granted_scopes(tenant, login.audience, login.scopes), effects),
        audience=login.audience,
        nonce=login.nonce,
        methods=with_methods(login.methods, recorded),
        authenticated_at=login.session.authenticated_at if login.session else tenant.clock.seconds(),
        id_token_claims=effects.id_token_claims,
        access_token_claims=effects.access_token_claims,
        exchanged=login.exchanged.token_hash.hex() if login.exchanged else None,
        exchanged_rotates=login.exchanged is not None and login.exchanged.rotating,
        refresh=LifetimeTerms(**_terms(effects.refresh_token)),
        session_id=login.session.id if login.session else None,
        single_sign_on=login.single_sign_on,
        session=SessionTerms(**_terms(effects.session), cookie_mode=effects.session.cookie_mode),
    )


def _terms(changes: LifetimeChanges) -> dict[str, Any]:
    return {
        "expires_at": changes.expires_at,
        "idle_expires_at": changes.idle_expires_at,
        "metadata": dict(changes.metadata),
        "metadata_evicted": changes.metadata_evicted,
    }


def _scopes(allowed: tuple[str, ...], effects: Effects) -> tuple[str, ...]:
    kept = [scope for scope in allowed if scope not in effects.scopes_removed]
    return tuple(dict.fromkeys([*kept, *effects.scopes_added]))


def _denied(tenant: Tenant, run: Run, denial: Denial) -> Refused:
    if denial.kind == "validation":
        error = OAuthError(400, denial.code or "invalid_request", denial.reason)
    elif denial.kind == "refresh-token-revoked":
        error = OAuthError(403, "invalid_grant", denial.reason)
    else:
        error = OAuthError(REFUSED, "access_denied", denial.reason)
    exchanged, session = run.login.exchanged, run.login.session
    revoked = exchanged.family if exchanged and denial.kind == "refresh-token-revoked" else None
    ended = None
    if session and denial.kind == "session-revoked":
        ended = RevokedSession(session.id, keeps_refresh_tokens=denial.preserve_refresh_tokens)
    # Documented: what was asked for before the denial is still written.
    return _refused(tenant, run, error, run.result.effects, revoked_family=revoked, revoked_session=ended)


def _paused(tenant: Tenant, run: Run, pause: Pause) -> Challenged | Refused:
    for step in pause.steps:
        if isinstance(step, RedirectStep):
            if pause.interactive:
                return _not_built(tenant, run, "api.redirect")
            error = OAuthError(403, "interaction_required", "A redirect is not possible in this grant.")
            return _refused(tenant, run, error, Effects())
    unmet = challenges.unmet(pause, enrolled=run.enrolled)
    if unmet is not None:
        return _refused(tenant, run, OAuthError(REFUSED, "access_denied", unmet), Effects())
    return _challenged(tenant, run, PendingLogin.of_pause(granted(tenant, run), run, pause))


def _challenged(tenant: Tenant, run: Run, pending: PendingLogin) -> Challenged | Refused:
    client, facts = run.login.client, run.login.facts
    effects = run.result.effects if pending.paused is None else Effects()
    if run.login.silent:
        # Nobody may be asked for a factor (error and text quoted in public issues).
        return _refused(tenant, run, OAuthError(403, "login_required", "Multifactor authentication required"), effects)
    entries = (entry(tenant, "mfar", facts, client=client, user=run.user, details=_details(run)),)
    record = _record(tenant, run, run.execution(answer="mfa_required"), entries, effects)
    return Challenged(pending.to_text(), run.user, record)


def _not_built(tenant: Tenant, run: Run, what: str) -> Refused:
    message = f"An Action asks for {what}, which is not built in the local tenant. See docs/fidelity.md for what is."
    return _refused(tenant, run, OAuthError(REFUSED, "access_denied", message), Effects())


def _refused(
    tenant: Tenant,
    run: Run,
    error: OAuthError,
    effects: Effects,
    *,
    revoked_family: str | None = None,
    revoked_session: RevokedSession | None = None,
) -> Refused:
    # The client gets what the Action said, as it would from Auth0; what is kept must not hold a secret.
    kept = OAuthError(error.status, error.error, masker_of(run.flow).text(error.description))
    execution = run.execution(answer=error.error, error=kept)
    entries = (_failure(tenant, run.login, run.user, run, kept.description),)
    record = _record(tenant, run, execution, entries, effects)
    ends = replace(record, revoked_family=revoked_family, revoked_session=revoked_session, requires_user=False)
    return Refused(error, ends)


def _record(
    tenant: Tenant,
    run: Run,
    execution: Execution | None,
    entries: tuple[LogEntry, ...],
    effects: Effects,
) -> LoginRecord:
    return LoginRecord(
        login=run.login,
        now=tenant.clock.now(),
        counts=run.login.counts and not run.resumed,
        app_metadata=effects.app_metadata,
        user_metadata=effects.user_metadata,
        execution=execution,
        entries=entries,
    )


def _success(tenant: Tenant, login: Login, user: User, run: Run | None) -> tuple[LogEntry, ...]:
    """A refresh is told by its exchange alone."""
    if login.exchanged is not None:
        return ()
    return (
        entry(
            tenant, "ssa" if login.silent else "s", login.facts, client=login.client, user=user, details=_details(run)
        ),
    )


def _failure(tenant: Tenant, login: Login, user: User, run: Run | None, description: str) -> LogEntry:
    code = "fertft" if login.exchanged is not None else "fsa" if login.silent else "f"
    facts, client = login.facts, login.client
    return entry(tenant, code, facts, client=client, user=user, description=description, details=_details(run))


def _details(run: Run | None) -> dict[str, Any] | None:
    return {"actions": {"executions": [run.result.trace.execution_id]}} if run and run.flow.actions else None

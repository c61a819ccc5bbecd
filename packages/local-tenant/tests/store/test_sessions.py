"""What is kept of sessions, and how a tenant that had none gets them."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from local_tenant.accounts.entitlement import Entitlement, with_methods
from local_tenant.accounts.sessions import finish
from local_tenant.store import authorization_codes, refresh_tokens, sessions, users
from local_tenant.store.authorization_codes import AuthorizationCode
from local_tenant.store.database import Database
from local_tenant.store.refresh_tokens import RefreshToken
from local_tenant.store.schema import MIGRATIONS
from local_tenant.store.sessions import Session
from local_tenant.store.users import User

T = TypeVar("T")
BEFORE_SESSIONS = 3
EARLIER_USER = """
INSERT INTO users (user_id, connection, email, email_verified, password_hash, profile, user_metadata, app_metadata,
  blocked, logins_count, created_at, updated_at)
VALUES ('auth0|a', 'db', 'ada@example.com', 0, 'h', '{}', '{}', '{}', 0, 1, 1, 1);
INSERT INTO refresh_tokens (id, token_hash, family, user_id, client_id, rotating, scopes, methods, device, metadata,
  created_at)
VALUES ('r', x'01', 'f', 'auth0|a', 'c', 0, '[]', '[]', '{}', '{}', 1);
"""
ADA = User(
    "auth0|a", "db", "ada@example.com", email_verified=False, password_hash="h", profile={}, created_at=0, updated_at=0
)
GRACE = replace(ADA, user_id="auth0|g", email="grace@example.com")
SESSION = Session(
    id="s",
    token_hash=b"s",
    user_id=ADA.user_id,
    methods=({"name": "pwd", "timestamp": "2026-01-01T00:00:00.000Z"},),
    clients=("c", "d"),
    device={"initial_ip": "127.0.0.1", "initial_user_agent": None},
    metadata={"a": "b"},
    persistent=False,
    authenticated_at=1,
    created_at=2,
    updated_at=3,
    idle_lifetime=8,
    idle_expires_at=10,
    expires_at=20,
)
ENTITLEMENT = Entitlement(
    user_id=ADA.user_id,
    client_id="c",
    protocol="oidc-basic-profile",
    requested_scopes=("openid",),
    scopes=("openid",),
    methods=SESSION.methods,
    authenticated_at=1,
    session_id="s",
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "db")) as opened:
        write(opened, lambda connection: (users.add(connection, ADA), users.add(connection, GRACE)))
        yield opened


def write(database: Database, work: Callable[[sqlite3.Connection], T]) -> T:
    return asyncio.run(database.write(work))


def put(database: Database, *rows: Session) -> None:
    def work(connection: sqlite3.Connection) -> None:
        for session in rows:
            sessions.put(connection, session)

    write(database, work)


def column(database: Database, query: str) -> set[object]:
    return {row[0] for row in database.read(lambda connection: connection.execute(query).fetchall())}


def ids(database: Database) -> set[object]:
    return column(database, "SELECT id FROM sessions")


def test_a_session_is_read_by_cookie_and_by_id_as_it_was_stored(database: Database) -> None:
    put(database, SESSION)
    assert database.read(sessions.get, "s") == SESSION
    assert database.read(sessions.by_token, b"s") == SESSION
    assert database.read(sessions.get, "t") is None
    assert database.read(sessions.by_token, b"t") is None


def test_a_change_replaces_the_session(database: Database) -> None:
    changed = replace(SESSION, persistent=True, metadata={}, clients=(), updated_at=4)
    put(database, SESSION, changed)
    assert database.read(sessions.get, "s") == changed


@pytest.mark.parametrize(
    ("idle", "absolute", "expired"), [(10, 20, True), (11, 20, False), (20, 10, True), (20, 11, False)]
)
def test_it_ends_at_the_earlier_of_its_two_ends(idle: int, absolute: int, expired: bool) -> None:  # noqa: FBT001
    assert replace(SESSION, idle_expires_at=idle, expires_at=absolute).expired(10) == expired


def test_expired_sessions_are_deleted_when_another_is_stored(database: Database) -> None:
    put(database, SESSION, replace(SESSION, id="t", token_hash=b"t", idle_expires_at=100))
    put(database, replace(SESSION, id="u", token_hash=b"u", updated_at=9, idle_expires_at=100))
    assert ids(database) == {"s", "t", "u"}
    put(database, replace(SESSION, id="u", token_hash=b"u", updated_at=10, idle_expires_at=100))
    assert ids(database) == {"t", "u"}


def test_the_sessions_of_a_user_end_together_and_with_the_user(database: Database) -> None:
    every = [replace(SESSION, id=name, token_hash=name.encode()) for name in ("s", "t")]
    put(database, *every, replace(SESSION, id="g", token_hash=b"g", user_id=GRACE.user_id))
    write(database, lambda connection: sessions.delete_of_user(connection, ADA.user_id))
    assert ids(database) == {"g"}
    assert not write(database, lambda connection: sessions.delete(connection, "s"))
    put(database, *every)
    assert write(database, lambda connection: sessions.delete(connection, "s"))
    write(database, lambda connection: users.delete(connection, ADA.user_id))
    assert ids(database) == {"g"}


def test_revoking_a_session_revokes_its_own_codes_and_refresh_tokens_alone(database: Database) -> None:
    def keep(connection: sqlite3.Connection) -> None:
        for name, session_id, redeemed in (("a", "s", None), ("b", "t", None), ("c", None, None), ("d", "s", 5)):
            grant = '{"session_id": null}' if session_id is None else f'{{"session_id": "{session_id}"}}'
            authorization_codes.add(
                connection,
                AuthorizationCode(name.encode(), "c", ADA.user_id, "", None, grant, 1, 10, redeemed_at=redeemed),
            )
            if redeemed is None:
                token = RefreshToken(
                    id=name,
                    token_hash=name.encode(),
                    family=name,
                    user_id=ADA.user_id,
                    client_id="c",
                    rotating=False,
                    scopes=(),
                    audience=None,
                    methods=(),
                    device={},
                    created_at=1,
                    session_id=session_id,
                )
                refresh_tokens.add(connection, token, 1)
        authorization_codes.delete_of_session(connection, ADA.user_id, "s")
        authorization_codes.delete_of_session(connection, GRACE.user_id, "t")
        refresh_tokens.revoke_of_session(connection, "s")

    write(database, keep)
    codes = "SELECT code_hash FROM authorization_codes"
    tokens = "SELECT token_hash FROM refresh_tokens"
    # A used code is kept, to be known when it returns.
    assert column(database, codes) == {b"b", b"c", b"d"}
    assert column(database, tokens) == {b"b", b"c"}


def test_a_database_without_sessions_is_migrated_and_keeps_its_content(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        for migration in MIGRATIONS[:BEFORE_SESSIONS]:
            connection.executescript(migration)
        connection.executescript(EARLIER_USER + f"PRAGMA user_version = {BEFORE_SESSIONS};")
    with closing(Database(tmp_path / "db")) as database:
        token = database.read(refresh_tokens.get, b"\x01")
        assert token is not None
        assert (token.user_id, token.session_id) == (ADA.user_id, None)
        put(database, SESSION)
        assert ids(database) == {"s"}


def test_a_pending_login_of_a_database_without_sessions_cannot_be_finished(database: Database) -> None:
    earlier = ENTITLEMENT.to_json()
    for name in ("session_id", "single_sign_on", "shows_auth_time", "session"):
        del earlier[name]
    entitlement = Entitlement.from_json(earlier)
    assert entitlement == replace(ENTITLEMENT, session_id=None)
    assert not write(database, lambda connection: finish(connection, entitlement, 5))


@pytest.mark.parametrize(("now", "passes"), [(9, True), (10, False)])
def test_a_login_can_be_finished_only_in_its_session(database: Database, now: int, passes: bool) -> None:  # noqa: FBT001
    assert not write(database, lambda connection: finish(connection, ENTITLEMENT, now))
    put(database, SESSION)
    assert write(database, lambda connection: finish(connection, ENTITLEMENT, now)) == passes


def test_only_the_newest_entry_of_a_method_counts() -> None:
    def proved(name: str, at: int, kind: str | None = None) -> dict[str, str]:
        return {"name": name, "timestamp": f"2026-01-01T00:00:0{at}.000Z", **({"type": kind} if kind else {})}

    known = (proved("pwd", 1), proved("mfa", 2, "otp"))
    assert with_methods(known, known) == known
    assert with_methods(known, [proved("mfa", 3, "otp")]) == (proved("pwd", 1), proved("mfa", 3, "otp"))
    assert with_methods(known, [proved("mfa", 1, "otp")]) == known
    assert with_methods(known, [proved("mfa", 1, "recovery-code")]) == (*known, proved("mfa", 1, "recovery-code"))
    assert with_methods((), [proved("a", 1), proved("a", 2)]) == (proved("a", 2),)

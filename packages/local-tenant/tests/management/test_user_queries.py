"""What a list of users costs: the same number of queries for one user as for many."""

from contextlib import closing
from pathlib import Path

from local_tenant.management.user_json import users_json
from local_tenant.store import authenticators, users
from local_tenant.store.authenticators import Authenticator
from local_tenant.store.database import Database
from local_tenant.store.users import User


def test_a_page_of_users_takes_one_query_for_their_factors(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "tenant.sqlite3")) as database:
        connection = database._reader  # noqa: SLF001 - counts its statements
        connection.execute("BEGIN")
        people = [
            User(
                user_id=f"auth0|{i}",
                connection="Username-Password-Authentication",
                email=f"user-{i}@example.com",
                email_verified=False,
                password_hash="",
                profile={},
                created_at=1,
                updated_at=1,
            )
            for i in range(5)
        ]
        for person in people:
            users.add(connection, person)
        authenticators.add(connection, Authenticator("a", "otp", "auth0|3", "S", 1, confirmed_at=2))
        authenticators.add(connection, Authenticator("b", "otp", "auth0|4", "S", 1))
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        content = users_json(connection, people)
        connection.set_trace_callback(None)
        connection.execute("ROLLBACK")
    assert len(statements) == 1
    assert [user["user_id"] for user in content] == [person.user_id for person in people]
    assert [bool(user.get("multifactor")) for user in content] == [False, False, False, True, False]

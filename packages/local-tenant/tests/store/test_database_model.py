"""Any mixture of writes, in any batches: what is kept is what a dictionary would hold that sees one after the other."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from local_tenant.store.database import Database
from store.test_database import together


class RefusedError(Exception):
    pass


@dataclass(frozen=True)
class Write:
    """Sets each key to its value, one after the other, and then fails if `refused`."""

    changes: tuple[tuple[str, int], ...]
    refused: bool

    def __call__(self, connection: sqlite3.Connection) -> int:
        for key, value in self.changes:
            connection.execute(
                "INSERT INTO settings (key, value) VALUES (?, ?) "
                "ON CONFLICT (key) DO UPDATE SET value = value || excluded.value",
                (key, str(value)),
            )
        if self.refused:
            raise RefusedError
        return len(self.changes)


KEYS = st.sampled_from(["k1", "k2", "k3"])
WRITES = st.builds(Write, st.lists(st.tuples(KEYS, st.integers(0, 9)), max_size=3).map(tuple), st.booleans())


@settings(max_examples=60)
@given(batches=st.lists(st.lists(WRITES, max_size=6), max_size=5))
def test_batched_writes_equal_sequential_writes(batches: list[list[Write]]) -> None:
    expected: dict[str, str] = {}
    with TemporaryDirectory() as folder, closing(Database(Path(folder) / "db")) as database:

        async def run() -> None:
            for batch in batches:
                results = await together(database, *batch)
                for write, result in zip(batch, results, strict=True):
                    if write.refused:
                        assert isinstance(result, RefusedError)
                        continue
                    assert result == len(write.changes)
                    for key, value in write.changes:
                        expected[key] = expected.get(key, "") + str(value)
                assert held(database) == expected

        asyncio.run(run())


def held(database: Database) -> dict[str, str]:
    query = "SELECT key, value FROM settings WHERE key LIKE 'k%'"
    return {row["key"]: row["value"] for row in database.read(lambda connection: connection.execute(query).fetchall())}

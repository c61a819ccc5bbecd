import sqlite3
from contextlib import closing
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from local_tenant.store.table import Table


@dataclass(frozen=True)
class Part:
    name: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class Thing:
    id: str
    blob: bytes
    flag: bool
    maybe: int | None = None
    content: dict[str, str]
    names: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    kinds: frozenset[str] = frozenset()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
THINGS = st.builds(
    Thing,
    id=TEXT,
    blob=st.binary(max_size=5),
    flag=st.booleans(),
    maybe=st.none() | st.integers(-(2**63), 2**63 - 1),
    content=st.dictionaries(TEXT, TEXT, max_size=2),
    names=st.lists(TEXT, max_size=2).map(tuple),
    parts=st.lists(st.builds(Part, TEXT, st.none() | TEXT), max_size=2).map(tuple),
    kinds=st.frozensets(TEXT, max_size=2),
)


@given(thing=THINGS, other=THINGS)
def test_what_is_read_is_what_was_written(thing: Thing, other: Thing) -> None:
    table = Table("things", Thing)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute(
            "CREATE TABLE things (position INTEGER PRIMARY KEY, id TEXT UNIQUE, parts, blob, flag, maybe, content, "
            "names, kinds)"
        )
        assert table.add(connection, thing)
        assert table.get(connection, "id = ?", thing.id) == thing
        assert table.add(connection, other, ignore_conflict=True) == (other.id != thing.id)
        table.put(connection, other)
        assert table.get(connection, "id = ?", other.id) == other
        table.update(connection, thing, "id")
        assert table.all(connection, "ORDER BY position DESC LIMIT 1", *()) in ([thing], [other])
        assert table.get(connection, "id = ?", thing.id) == thing

"""Rows as dataclasses: the columns of a table are the fields of its dataclass.

Collections are JSON in their column: `dict`, `tuple` and `frozenset`, also tuples of dataclasses. `bool` is 0 or 1. A
field that is a dataclass stands for the columns of its fields; one with the metadata `{"column": False}` for none.
Conditions and orders are SQL written by the caller, with `?` for each value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import orjson

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")

Convert = Callable[[Any], Any]


class Table(Generic[R]):
    """A table whose rows are read into `row` and written from it."""

    def __init__(self, name: str, row: type[R]) -> None:
        """`row` is a dataclass with a field for each column, but for those that the database fills by itself."""
        self._name = name
        self._row: Callable[..., R] = row
        hints = get_type_hints(row)
        # Name of the column, path from the dataclass, type.
        columns_of: list[tuple[str, str, object]] = []
        self._parts: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {}
        for field in fields(row):
            part = hints[field.name]
            if is_dataclass(part) and isinstance(part, type):
                part_hints = get_type_hints(part)
                columns_of += [(column, f"{field.name}.{column}", hint) for column, hint in part_hints.items()]
                self._parts[field.name] = part, tuple(part_hints)
            elif field.metadata.get("column", True):
                columns_of.append((field.name, field.name, part))
        self._fields = tuple(column for column, _, _ in columns_of)
        self._values = attrgetter(*(path for _, path, _ in columns_of))
        conversions = [(place, *_conversion(hint)) for place, (_, _, hint) in enumerate(columns_of)]
        self._readers = [(self._fields[place], read) for place, read, _ in conversions if read is not None]
        self._writers = [(place, write) for place, _, write in conversions if write is not None]
        columns, marks = ", ".join(self._fields), ", ".join("?" * len(self._fields))
        self._select = f"SELECT {columns} FROM {name}"  # noqa: S608 - names of this program
        self._delete = f"DELETE FROM {name}"  # noqa: S608 - names of this program
        self._insert = f"INTO {name} ({columns}) VALUES ({marks})"
        self._assignments = ", ".join(f"{field} = ?" for field in self._fields)

    def get(self, connection: sqlite3.Connection, condition: str, *values: object) -> R | None:
        """The first row that meets `condition`, such as `id = ?`; None if there is none."""
        row = connection.execute(f"{self._select} WHERE {condition}", values).fetchone()
        return None if row is None else self.read(row)

    def each(self, connection: sqlite3.Connection, rest: str, *values: object) -> Iterator[R]:
        """The rows of `SELECT … FROM table` and `rest`, one at a time."""
        return map(self.read, connection.execute(f"{self._select} {rest}", values))

    def all(self, connection: sqlite3.Connection, rest: str, *values: object) -> list[R]:
        """The rows of `SELECT … FROM table` and `rest`."""
        return list(self.each(connection, rest, *values))

    def add(self, connection: sqlite3.Connection, row: R, *, ignore_conflict: bool = False) -> bool:
        """Insert a row; False when it conflicts with another one and that is to be ignored."""
        conflict = " ON CONFLICT DO NOTHING" if ignore_conflict else ""
        return connection.execute(f"INSERT {self._insert}{conflict}", self.values(row)).rowcount > 0

    def put(self, connection: sqlite3.Connection, row: R) -> int | None:
        """Insert a row or replace the one of the same key; the row's position."""
        return connection.execute(f"INSERT OR REPLACE {self._insert}", self.values(row)).lastrowid

    def delete(self, connection: sqlite3.Connection, condition: str, *values: object) -> int:
        """Delete the rows that meet `condition`; how many there were."""
        return connection.execute(f"{self._delete} WHERE {condition}", values).rowcount

    def update(self, connection: sqlite3.Connection, row: R, key: str) -> None:
        """Replace the row whose column `key` has the value that it has in `row`."""
        statement = f"UPDATE {self._name} SET {self._assignments} WHERE {key} = ?"  # noqa: S608 - names of this program
        connection.execute(statement, (*self.values(row), getattr(row, key)))

    def read(self, row: sqlite3.Row) -> R:
        """The dataclass of a row that has its columns, and may have others."""
        values: dict[str, Any] = {field: row[field] for field in self._fields}
        for field, convert in self._readers:
            values[field] = convert(values[field])
        for name, (part, columns) in self._parts.items():
            values[name] = part(**{column: values.pop(column) for column in columns})
        return self._row(**values)

    def values(self, row: R) -> list[object]:
        """The values of the columns, in the order of the fields."""
        values = list(self._values(row))
        for place, convert in self._writers:
            values[place] = convert(values[place])
        return values


def _conversion(hint: object) -> tuple[Convert | None, Convert | None]:
    """How a field of that type is read from its column, and written into it; None for as it is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is bool:
        return bool, None
    if origin is dict:
        return orjson.loads, _json
    if origin is frozenset:
        return (lambda text: frozenset(orjson.loads(text))), (lambda items: _json(sorted(items)))
    item: Any = arguments[0] if arguments else None
    if origin is tuple and hasattr(item, "__dataclass_fields__"):
        return (lambda text: tuple(item(**content) for content in orjson.loads(text))), _json
    if origin is tuple:
        return (lambda text: tuple(orjson.loads(text))), _json
    return None, None


def _json(value: object) -> str:
    return orjson.dumps(value).decode()

"""The tenant's mails: none leaves this machine, so they are stored to be read here."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from local_tenant.store.pruning import prune
from local_tenant.store.table import Table

KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail.

    Attributes:
        recipient: an email address.
        subject: in a line.
        link: what it asks the user to open.
        created_at: nanoseconds since 1970.
    """

    recipient: str
    subject: str
    link: str
    created_at: int


_TABLE = Table("mails", Mail)


def add(connection: sqlite3.Connection, mail: Mail) -> None:
    """Store a mail, and delete those beyond the newest `KEPT`."""
    prune(connection, "mails", _TABLE.put(connection, mail), KEPT)


def newest(connection: sqlite3.Connection, limit: int) -> list[Mail]:
    """The newest first."""
    return _TABLE.all(connection, "ORDER BY position DESC LIMIT ?", limit)

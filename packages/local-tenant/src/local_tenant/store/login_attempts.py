"""Consecutive wrong passwords, by email and IP: what brute-force protection counts."""

from __future__ import annotations

import sqlite3

from local_tenant.store.pruning import prune

# Unknown emails are counted too; a client that invents them must not fill the disk.
KEPT = 10_000


def failures(connection: sqlite3.Connection, email: str, ip: str, since: int) -> int:
    """Wrong passwords in a row for this email from this IP, the last one at `since` (ns) or later."""
    row = connection.execute(
        "SELECT failures FROM login_attempts WHERE email = ? AND ip = ? AND last_failure >= ?", (email, ip, since)
    ).fetchone()
    return 0 if row is None else int(row["failures"])


def record_failure(connection: sqlite3.Connection, email: str, ip: str, now: int, since: int) -> int:
    """One more; returns how many there are now, those whose last was before `since` forgotten."""
    so_far = failures(connection, email, ip, since)
    position = connection.execute(
        "INSERT OR REPLACE INTO login_attempts (email, ip, failures, last_failure) VALUES (?, ?, ?, ?)",
        (email, ip, so_far + 1, now),
    ).lastrowid
    prune(connection, "login_attempts", position, KEPT)
    return so_far + 1


def forget(connection: sqlite3.Connection, email: str, ip: str | None = None) -> None:
    """Start again from none: for one IP, or for all."""
    connection.execute("DELETE FROM login_attempts WHERE email = ?1 AND (?2 IS NULL OR ip = ?2)", (email, ip))


def blocked_ips(connection: sqlite3.Connection, email: str, most: int, since: int) -> list[str]:
    """IPs from which `most` or more wrong passwords came in a row, the last one at `since` or later."""
    rows = connection.execute(
        "SELECT ip FROM login_attempts WHERE email = ? AND failures >= ? AND last_failure >= ? ORDER BY ip",
        (email, most, since),
    ).fetchall()
    return [str(row["ip"]) for row in rows]

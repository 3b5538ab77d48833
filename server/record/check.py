"""Proves a record: order, hash chain, projections. Reads one snapshot and stops at the first bad row.

Every event is read, its hash recomputed, and folded; the tickets and visits that the fold gives are compared with the
tables, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct
from sqlite_utils import Database

from server import protocol as p
from server.hall import events as e
from server.hall.fold import Hall
from server.hall.state import FINAL
from server.record import mark, rows
from server.record import tables as schema
from server.record.answers import Stored
from server.record.file import FILE, GENESIS, Damaged, applied, proven, readable
from server.record.tables import sqlite3
from server.settings.shape import ITEMS, BadSettings, policy_of
from server.settings.storing import load_settings


class Faulty(Exception):
    """The record is not what it should be; the message names the first bad row."""


class Proof(Struct, frozen=True, kw_only=True):
    """What was proven."""

    events: int
    tickets: int
    visits: int
    days: int
    head: str
    """The last hash, hexadecimal: the day's closing hash where the day is closed."""


def check(folder: Path, tell: Callable[[int], None] = lambda _seq: None) -> Proof:
    """Prove the record in `folder`, and that it holds what its mark says. `tell` is called with each event's seq.

    Raises :class:`Faulty`.
    """
    try:
        known = mark.read(folder)  # before the record: that may go on meanwhile
    except (mark.BadMark, OSError) as error:
        raise Faulty(f"{error}. The next start asks the kiosks, and makes a new one") from error
    return check_file(folder / FILE, tell, known)


def check_file(path: Path, tell: Callable[[int], None] = lambda _seq: None, known: mark.Mark | None = None) -> Proof:
    """The same of one file, a copy for example; `known` is what it must hold."""
    if not path.is_file():
        raise Faulty(f"there is no record at {path}")
    try:
        with readable(), closing(schema.connect(path, read_only=True).conn) as conn:
            conn.execute("BEGIN")
            whole = conn.execute("PRAGMA integrity_check").fetchone()[0]
            if whole != "ok":
                raise Faulty(f"SQLite finds the file damaged: {whole}")
            schema.verify(Database(conn))
            _read_the_rest(conn)
            with closing(proven(conn, GENESIS)) as events:
                sound = _prove(conn, events, tell)
            if known is not None and mark.lacks(conn, known):
                raise Faulty(
                    f"the record lacks what was on the disk: by {mark.FILE} it went up to event {known.seq}. The next "
                    "start goes on above the numbers that were given, and says so on the desk page"
                )
            return sound
    except sqlite3.DatabaseError as error:
        raise Faulty(f"the file cannot be read: {error}") from error
    except (Damaged, schema.WrongTables, BadSettings) as error:
        raise Faulty(str(error)) from error


def _read_the_rest(conn: Any) -> None:
    """Every row that no event proves: what the hall could not read there would stop it later."""
    for table in _UNPROVEN:
        for _ in conn.execute(f"SELECT * FROM {table}"):
            pass  # each text is decoded
    for table, column, kind in _KEPT:
        for number, row in enumerate(conn.execute(f"SELECT {column} FROM {table}"), 1):
            try:
                msgspec.json.decode(row[0], type=kind)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise Faulty(f"{table}: row {number} cannot be read: {error}") from error
    for table, column, valid in _LISTED:
        for (value,) in conn.execute(f"SELECT DISTINCT {column} FROM {table}"):
            if value not in valid:
                raise Faulty(f"{table}: {column} is {value!r}")
    for table, column in _TOKENS:
        for (size,) in conn.execute(f"SELECT DISTINCT length({column}) FROM {table}"):
            if size != 32:
                raise Faulty(f"{table}: a {column} of {size} bytes")


_UNPROVEN: Final = (
    "requests",
    "comments",
    "meta",
    "changes",
    "people",
    "devices",
    "logins",
    "options",
    *ITEMS,
)
_KEPT: Final = (
    ("requests", "answer", Stored),
    *((table, "body", dict[str, Any]) for table in ITEMS),
    ("options", "body", Any),
)
_LISTED: Final = (("people", "role", get_args(p.PersonRole)), ("devices", "role", get_args(p.DeviceRole)))
_TOKENS: Final = (("devices", "token"), ("logins", "token"), ("requests", "body_hash"), ("events", "hash"))


def _prove(conn: Any, events: Iterator[tuple[Any, e.Event, bytes]], tell: Callable[[int], None]) -> Proof:
    in_force = load_settings(conn)
    if in_force is None:
        raise Faulty("the record has no settings")
    hall = Hall(policy_of(in_force, secret=b""))
    head, last_at, events_read, days, tickets, visits = GENESIS, 0, 0, 0, 0, 0
    touched_tickets: dict[int, tuple[Any, ...]] = {}
    touched_visits: dict[tuple[int, int], tuple[Any, ...]] = {}
    for row, event, digest in events:
        seq = row["seq"]
        events_read += 1
        if event.at < last_at and not isinstance(event, e.DateConfirmed):
            raise Faulty(f"event {seq}: time runs backwards")
        last_at = event.at
        if isinstance(event, e.DayOpened):
            tickets += _compare(conn, "tickets", rows.TICKET_COLUMNS, touched_tickets)
            visits += _compare(conn, "visits", rows.VISIT_COLUMNS, touched_visits)
            _ended(hall)
            days += 1
            if row["note"] != head.hex():
                raise Faulty(f"event {seq}: the day does not open with the hash of the one before")
        head = digest
        touched = applied(hall, event)
        if row["day"] != hall.day:
            raise Faulty(f"event {seq}: stands on {row['day']}, belongs to {hall.day}")
        for ticket in touched:
            touched_tickets[ticket.id] = rows.ticket_row(ticket, hall)
            touched_visits[ticket.id, ticket.visit] = rows.visit_row(ticket, hall)
        tell(seq)
    tickets += _compare(conn, "tickets", rows.TICKET_COLUMNS, touched_tickets)
    visits += _compare(conn, "visits", rows.VISIT_COLUMNS, touched_visits)
    for table, expected in (("tickets", tickets), ("visits", visits)):
        found = conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        if found != expected:
            raise Faulty(f"{table}: {found} rows, the events make {expected}")
    return Proof(events=events_read, tickets=tickets, visits=visits, days=days, head=head.hex())


def _compare(conn: Any, table: str, columns: tuple[str, ...], expected: dict[Any, tuple[Any, ...]]) -> int:
    """Compare the rows of a finished day with the fold's, then forget them; returns how many there were."""
    where = "ticket = ? AND n = ?" if table == "visits" else "id = ?"
    names = ", ".join(f'"{name}"' for name in columns)
    for key, wanted in expected.items():
        found = conn.execute(
            f"SELECT {names} FROM {table} WHERE {where}", key if isinstance(key, tuple) else (key,)
        ).fetchone()
        if found is None:
            raise Faulty(f"{table} {key}: the row is missing")
        for name, is_, should in zip(columns, tuple(found), wanted, strict=True):
            if is_ != should:
                raise Faulty(f"{table} {key}: {name} is {is_!r}, the events say {should!r}")
    count = len(expected)
    expected.clear()
    return count


def _ended(hall: Hall) -> None:
    """A day that is over leaves no ticket without its end."""
    for ticket in hall.tickets.values():
        if ticket.state not in FINAL:
            raise Faulty(f"ticket {ticket.id} ({ticket.number} of {hall.day}) never ended: it is {ticket.state}")

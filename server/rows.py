"""Events and tickets as rows of the record, and rows as events again. No database here.

An event's hash is SHA-256 over the previous hash, the row's version and its named, non-null values, reasons included:
a column added later leaves old hashes valid. The chain finds accidents and naive edits, not a thief with the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import compress
from typing import Any, Final

import msgspec

from server.hall import events as e
from server.hall.calendar import covered
from server.hall.events import KINDS, Event, kind_of
from server.hall.hall import Hall
from server.hall.state import Ticket

VERSION: Final = 1
"""Of the event rows' meaning; a change of meaning raises it."""

COLUMNS: Final[tuple[str, ...]] = (
    "seq", "day", "at", "kind", "v", "ticket", "visit", "number", "area", "procedure", "desk", "clerk", "device",
    "priority", "outcome", "dossiers", "score", "via", "target_area", "target_desk", "because", "since", "until",
    "taken_at", "date", "ref", "note", "request",
)  # fmt: skip
"""All but `hash`, in the table's order."""

_canonical = msgspec.json.Encoder()

Row = tuple[tuple[str, ...], tuple[Any, ...]]
"""A row as its columns and their values, without its nulls: binding a None costs Python's sqlite3 more than binding
five values (it looks for an adapter each time), and most columns of an event are null."""


_GIVEN: Final = frozenset({"seq", "day", "kind", "v", "request"})
"""Columns that are not the event's own."""


def _filled(kind: type[Event]) -> tuple[tuple[str, bool], ...]:
    """The columns a kind can fill, in the table's order; true: from its field of that name."""
    own = set(kind.__struct_fields__)
    filled = own | _GIVEN | ({"note"} if kind is e.DayOpened else set())
    return tuple((name, name in own and name not in _GIVEN) for name in COLUMNS if name in filled)


_FILLED: Final = {kind: _filled(kind) for kind in KINDS.values()}


def event_row(event: Event, *, seq: int, day: str | None, request: str | None, previous: bytes) -> tuple[Row, bytes]:
    """The event's row, its hash included, and that hash (32 bytes)."""
    given = {"seq": seq, "day": day, "kind": kind_of(event), "v": VERSION, "request": request}
    if isinstance(event, e.DayOpened):
        given["note"] = previous.hex()  # each day opens with the hash that closed the one before
    known = []
    for name, own in _FILLED[type(event)]:
        value = getattr(event, name) if own else given[name]
        if value is not None:
            known.append((name, int(value) if value is True or value is False else value))
    digest = _hash(known, VERSION, getattr(event, "reasons", ()), previous)
    known.append(("hash", digest))
    names, values = zip(*known, strict=True)
    return (names, values), digest


def row_hash(values: Mapping[str, Any], reasons: tuple[str, ...], previous: bytes) -> bytes:
    """The hash of a row given as column → value; nulls and the hash itself do not count."""
    known = [(name, value) for name in COLUMNS if (value := values.get(name)) is not None]
    return _hash(known, values["v"], reasons, previous)


def _hash(known: list[tuple[str, Any]], version: int, reasons: tuple[str, ...], previous: bytes) -> bytes:
    payload = _canonical.encode((known, reasons) if reasons else (known,))
    return hashlib.sha256(b"%b%d%b" % (previous, version, payload)).digest()


def event_of(row: Mapping[str, Any], reasons: tuple[str, ...] = ()) -> Event:
    """The event a row stands for. Raises KeyError for a kind this version does not know."""
    kind = KINDS[row["kind"]]
    values = {name: row[name] for name in kind.__struct_fields__ if name != "reasons"}
    if "priority" in values:
        values["priority"] = bool(values["priority"])
    if reasons:
        values["reasons"] = reasons
    return kind(**values)


TICKET_COLUMNS: Final = (
    "id", "day", "number", "area", "procedure", "priority", "device", "via", "issued_at", "state", "visits",
    "absences", "printed", "not_printed",
)  # fmt: skip

VISIT_COLUMNS: Final = (
    "ticket", "n", "day", "number", "area", "procedure", "priority", "desk", "clerk", "queued_at", "called_at",
    "calls", "because", "waited", "started_at", "ended_at", "end", "outcome", "dossiers", "score", "rated_at",
    "rated_via",
)  # fmt: skip


def ticket_row(ticket: Ticket, hall: Hall) -> tuple[Any, ...]:
    """The ticket's summary, in the order of TICKET_COLUMNS."""
    return (
        ticket.id, hall.day, ticket.number, ticket.area, ticket.procedure, int(ticket.priority), ticket.device,
        ticket.via, ticket.issued_at, ticket.state, ticket.visit, ticket.absences, ticket.printed, ticket.not_printed,
    )  # fmt: skip


def visit_row(ticket: Ticket, hall: Hall) -> tuple[Any, ...]:
    """The ticket's current visit, in the order of VISIT_COLUMNS.

    `waited` (ms, open hours) is there once the call was answered: from queued to that call.
    """
    waited = None
    if ticket.started_at is not None and ticket.called_at is not None:
        waited = covered(hall.spans(ticket.area), ticket.queued_at, ticket.called_at)
    return (
        ticket.id, ticket.visit, hall.day, ticket.number, ticket.area, ticket.procedure, int(ticket.priority),
        ticket.desk, ticket.clerk, ticket.queued_at, ticket.called_at, ticket.calls, ticket.because or None, waited,
        ticket.started_at, ticket.ended_at, ticket.end, ticket.outcome, ticket.dossiers, ticket.score,
        ticket.rated_at, ticket.rated_via,
    )  # fmt: skip


@lru_cache(maxsize=512)
def insert(table: str, columns: tuple[str, ...]) -> str:
    """`INSERT INTO table (…) VALUES (…)`."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"


@lru_cache(maxsize=512)
def upsert(table: str, key: tuple[str, ...], columns: tuple[str, ...], given: tuple[str, ...]) -> str:
    """The same for the `given` columns, over a row of that key; the columns not given become null."""
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key)
    return f"{insert(table, given)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


def without_nulls(
    columns: tuple[str, ...], found: Iterable[tuple[Any, ...]]
) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
    """Full rows of a table, grouped by the columns they fill: one statement each."""
    shapes: dict[tuple[bool, ...], list[tuple[Any, ...]]] = {}
    for row in found:
        shapes.setdefault(tuple([value is not None for value in row]), []).append(row)
    return {
        tuple(compress(columns, shape)): [tuple(compress(row, shape)) for row in group]
        for shape, group in shapes.items()
    }


def by_columns(found: Iterable[Row]) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
    """The same for rows that come with their columns."""
    out: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for names, values in found:
        out.setdefault(names, []).append(values)
    return out

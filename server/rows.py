"""Events and tickets as rows of the record, and rows as events again. No database here.

An event's hash is SHA-256 over the previous hash, the row's version and its named, non-null values, reasons included:
a column added later leaves old hashes valid. The chain finds accidents and naive edits, not a thief with the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from server.hall import events as e
from server.hall.calendar import covered
from server.hall.events import KINDS, Event, kind_of
from server.hall.hall import Hall, Ticket

VERSION: Final = 1
"""Of the event rows' meaning; a change of meaning raises it."""

COLUMNS: Final[tuple[str, ...]] = (
    "seq", "day", "at", "kind", "v", "ticket", "visit", "number", "area", "procedure", "desk", "clerk", "device",
    "priority", "outcome", "dossiers", "score", "via", "target_area", "target_desk", "because", "since", "until",
    "taken_at", "date", "ref", "note", "request",
)  # fmt: skip
"""All but `hash`, in the table's order."""

_canonical = msgspec.json.Encoder()
_POSITION: Final = {name: n for n, name in enumerate(COLUMNS)}

EventRow = tuple[Any, ...]


def _fields(kind: type[Event]) -> tuple[tuple[int, str], ...]:
    """(position among COLUMNS, name) of a kind's fields that are columns, in the columns' order."""
    return tuple(sorted((_POSITION[name], name) for name in kind.__struct_fields__ if name != "reasons"))


_FIELDS: Final = {kind: _fields(kind) for kind in KINDS.values()}
_SEQ, _DAY, _KIND, _V, _PRIORITY, _NOTE, _REQUEST = (
    _POSITION[name] for name in ("seq", "day", "kind", "v", "priority", "note", "request")
)


def event_row(
    event: Event, *, seq: int, day: str | None, request: str | None, previous: bytes
) -> tuple[EventRow, bytes]:
    """The event's row in the order of COLUMNS and `hash`, and that hash (32 bytes)."""
    row: list[Any] = [None] * len(COLUMNS)
    for position, name in _FIELDS[type(event)]:
        row[position] = getattr(event, name)
    row[_SEQ], row[_DAY], row[_KIND], row[_V], row[_REQUEST] = seq, day, kind_of(event), VERSION, request
    if row[_PRIORITY] is not None:
        row[_PRIORITY] = int(row[_PRIORITY])
    if isinstance(event, e.DayOpened):
        row[_NOTE] = previous.hex()  # each day opens with the hash that closed the one before
    digest = _hash(row, getattr(event, "reasons", ()), previous)
    row.append(digest)
    return tuple(row), digest


def row_hash(values: Mapping[str, Any], reasons: tuple[str, ...], previous: bytes) -> bytes:
    """The hash of a row given as column → value; nulls and the hash itself do not count."""
    return _hash([values.get(name) for name in COLUMNS], reasons, previous)


def _hash(row: list[Any], reasons: tuple[str, ...], previous: bytes) -> bytes:
    known = [pair for pair in zip(COLUMNS, row, strict=True) if pair[1] is not None]
    payload = _canonical.encode((known, reasons) if reasons else (known,))
    return hashlib.sha256(b"%b%d%b" % (previous, row[_V], payload)).digest()


def event_of(row: Mapping[str, Any], reasons: tuple[str, ...] = ()) -> Event:
    """The event a row stands for. Raises KeyError for a kind this version does not know."""
    kind = KINDS[row["kind"]]
    values = {name: row[name] for _, name in _FIELDS[kind]}
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


def by_shape(
    columns: tuple[str, ...], found: Iterable[tuple[Any, ...]]
) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
    """The same rows without their nulls, grouped by the columns that are left.

    Binding a None costs Python's sqlite3 more than binding five values (it looks for an adapter each time), and most
    columns of an event are null.
    """
    out: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in found:
        present = [pair for pair in zip(columns, row, strict=True) if pair[1] is not None]
        names, values = zip(*present, strict=True)
        out.setdefault(names, []).append(values)
    return out

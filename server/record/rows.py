"""Events and tickets as rows of the record, and rows as events again. No database here.

An event's hash is SHA-256 over the previous hash, the row's version and its named, non-null values, reasons included:
a column added later leaves old hashes valid. The chain finds accidents and naive edits, not a thief with the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import astuple

from server.hall import events as e
from server.hall.calendar import covered
from server.hall.events import KINDS, Event, kind_of
from server.hall.fold import Hall
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

_GIVEN: Final = ("seq", "day", "kind", "v", "request")
"""Columns that are not the event's own. First among a row's sources: an own field of the same name does not count."""


class _Plan(NamedTuple):
    """How the rows of a kind are made from their sources."""

    columns: tuple[str, ...]
    """Those the kind can fill, in the table's order."""
    hashed: tuple[str, ...]
    """The same and `hash`."""
    pick: Callable[[list[Any]], tuple[Any, ...]]
    flag: int | None
    """Where `priority` lies in the sources."""


def _plan(kind: type[Event]) -> _Plan:
    sources = [*_GIVEN, *kind.__struct_fields__, *(("note",) if kind is e.DayOpened else ())]
    columns = tuple(name for name in COLUMNS if name in sources)
    flag = sources.index("priority") if "priority" in sources else None
    return _Plan(columns, (*columns, "hash"), itemgetter(*map(sources.index, columns)), flag)


_PLANS: Final = {kind: _plan(kind) for kind in KINDS.values()}


def event_row(
    event: Event, *, seq: int, day: str | None, request: str | None, previous: bytes
) -> tuple[tuple[str, ...], tuple[Any, ...], bytes]:
    """The event's row as its columns and their values, its hash (32 bytes) included; and that hash."""
    columns, hashed, pick, flag = _PLANS[type(event)]
    sources = [seq, day, kind_of(event), VERSION, request, *astuple(event)]
    if flag is not None:
        sources[flag] = int(sources[flag])
    if isinstance(event, e.DayOpened):
        sources.append(previous.hex())  # each day opens with the hash that closed the one before
    values = pick(sources)
    known = [pair for pair in zip(columns, values, strict=True) if pair[1] is not None]
    digest = _hash(known, VERSION, getattr(event, "reasons", ()), previous)
    return hashed, (*values, digest), digest


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


GIVEN_TICKET: Final = (
    "id", "day", "number", "area", "procedure", "priority", "device", "via", "issued_at", "state", "visits", "absences",
)  # fmt: skip
"""What a ticket has from the moment it is given; nothing else of it is known then."""
TICKET_COLUMNS: Final = (*GIVEN_TICKET, "printed", "not_printed")

GIVEN_VISIT: Final = ("ticket", "n", "day", "number", "area", "procedure", "priority", "queued_at", "calls")
"""The same of a visit."""
VISIT_COLUMNS: Final = (
    *GIVEN_VISIT, "desk", "clerk", "called_at", "because", "waited", "started_at", "ended_at", "end", "outcome",
    "dossiers", "score", "rated_at", "rated_via",
)  # fmt: skip


def given_ticket(ticket: Ticket, day: str | None) -> tuple[Any, ...]:
    """The ticket's summary without its paper, in the order of GIVEN_TICKET."""
    return (
        ticket.id, day, ticket.number, ticket.area, ticket.procedure, int(ticket.priority), ticket.device,
        ticket.via, ticket.issued_at, ticket.state, ticket.visit, ticket.absences,
    )  # fmt: skip


def ticket_row(ticket: Ticket, hall: Hall) -> tuple[Any, ...]:
    """The ticket's summary, in the order of TICKET_COLUMNS."""
    return (*given_ticket(ticket, hall.day), ticket.printed, ticket.not_printed)


def given_visit(ticket: Ticket, day: str | None) -> tuple[Any, ...]:
    """The ticket's current visit before its call, in the order of GIVEN_VISIT."""
    return (
        ticket.id, ticket.visit, day, ticket.number, ticket.area, ticket.procedure, int(ticket.priority),
        ticket.queued_at, ticket.calls,
    )  # fmt: skip


def visit_row(ticket: Ticket, hall: Hall) -> tuple[Any, ...]:
    """The ticket's current visit, in the order of VISIT_COLUMNS.

    `waited` (ms, open hours) is there once the call was answered: from queued to that call.
    """
    waited = None
    if ticket.started_at is not None and ticket.called_at is not None:
        waited = covered(hall.spans(ticket.area), ticket.queued_at, ticket.called_at)
    return (
        *given_visit(ticket, hall.day), ticket.desk, ticket.clerk, ticket.called_at, ticket.because or None, waited,
        ticket.started_at, ticket.ended_at, ticket.end, ticket.outcome, ticket.dossiers, ticket.score,
        ticket.rated_at, ticket.rated_via,
    )  # fmt: skip


@cache
def insert(table: str, columns: tuple[str, ...]) -> str:
    """`INSERT INTO table (…) VALUES (…)`."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"


@cache
def upsert(table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """The same over an older row of that key.

    Never `INSERT OR REPLACE`: a row that collides in another column (a number given twice) would take the other
    ticket's row away instead of failing.
    """
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key)
    return f"{insert(table, columns)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"

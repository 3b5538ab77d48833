"""The log with its filters, and everything that happened to one number. Reads the record, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from server import protocol as p
from server.hall.calendar import iso
from server.reports.days import LAST, between

PAGE: Final = 200
TAKES_BACK: Final = frozenset({"undone", "restored", "rated"})
"""Kinds whose `ref` names what counts no more; others refer to what they answer."""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as a person reads it; absent fields are left out."""

    seq: int
    at: str
    kind: str
    day: str | None = None
    number: str | None = None
    area: str | None = None
    procedure: str | None = None
    desk: str | None = None
    clerk: str | None = None
    device: str | None = None
    priority: bool | None = None
    outcome: p.OutcomeCode | None = None
    dossiers: int | None = None
    score: int | None = None
    via: p.Via | None = None
    because: p.Because | None = None
    visit: int | None = None
    reasons: tuple[str, ...] = ()
    comment: str | None = None
    ticket: int | None = None
    undid: str | None = None
    """The kind of the event that an `undone` or `restored` took back, or a `rated` replaced."""
    date: str | None = None
    """Of a confirmation: the date a person said."""
    until: str | None = None
    """When an extra session is to end."""


class LogPage(Struct, frozen=True, kw_only=True):
    """One page of the log, newest first."""

    entries: tuple[Entry, ...]
    more: int | None
    """The `before` of the next page; null on the last."""


def log(conn: Any, c: p.Log, limit: int = PAGE) -> LogPage:
    """The events of the days `start`…`end`, newest first."""
    found = tuple(entries(conn, c, limit + 1))
    shown = found[:limit]
    return LogPage(entries=shown, more=shown[-1].seq if len(found) > limit else None)


def entries(conn: Any, c: p.Log, limit: int) -> Iterator[Entry]:
    """The same one by one, as they are read."""
    where = ["e.seq BETWEEN ? AND ?", "e.day BETWEEN ? AND ?"]
    first, last = between(conn, c.start, c.end)
    if c.before is not None:  # as one bound: of two SQLite seeks by one and walks through what the other leaves out
        last = min(last, c.before - 1)
    values: list[Any] = [first, last, c.start, c.end]
    for column, value in (
        ("e.kind", c.kind),
        ("coalesce(e.area, t.area)", c.area),
        ("e.desk", c.desk),
        ("e.clerk", c.clerk),
        ("t.number", c.number),
    ):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    # `hours_set` is bookkeeping of the day's opening, many rows that tell a person nothing.
    rows = conn.execute(
        f"{_SELECT} WHERE e.kind <> 'hours_set' AND {' AND '.join(where)} ORDER BY e.seq DESC LIMIT ?",
        (*values, limit),
    )
    return (_entry(conn, row) for row in rows)


def story(conn: Any, date: str, number: str) -> tuple[Entry, ...]:
    """Everything that happened to one number of one day, in order; empty for an unknown one."""
    ticket = conn.execute("SELECT id FROM tickets WHERE day = ? AND number = ?", (date, number)).fetchone()
    if ticket is None:
        return ()
    # From the event that made it, whose `seq` is its id, to the end of its day.
    following = "SELECT min(seq) FROM events WHERE kind = 'day_opened' AND seq > ?"
    ends = conn.execute(following, (ticket["id"],)).fetchone()[0] or LAST
    rows = conn.execute(
        f"{_SELECT} WHERE e.ticket = ? AND e.seq BETWEEN ? AND ? ORDER BY e.seq",
        (ticket["id"], ticket["id"], ends),
    )
    return tuple(_entry(conn, row) for row in rows.fetchall())


_SELECT: Final = (
    "SELECT e.*, t.number AS t_number, t.area AS t_area, c.text AS comment, "
    "(SELECT kind FROM events r WHERE r.seq = e.ref) AS undid FROM events e "
    "LEFT JOIN tickets t ON t.id = e.ticket LEFT JOIN comments c ON c.note = e.note AND e.kind = 'rated'"
)


def _entry(conn: Any, row: Any) -> Entry:
    reasons: tuple[str, ...] = ()
    if row["kind"] == "rated":
        found = conn.execute("SELECT code FROM event_reasons WHERE seq = ? ORDER BY code", (row["seq"],))
        reasons = tuple(code for (code,) in found)
    return Entry(
        seq=row["seq"],
        at=iso(row["at"]),
        kind=row["kind"],
        day=row["day"],
        number=row["t_number"] or row["number"],
        area=row["t_area"] or row["area"],
        procedure=row["procedure"],
        desk=row["desk"],
        clerk=row["clerk"],
        device=row["device"],
        priority=None if row["priority"] is None else bool(row["priority"]),
        outcome=row["outcome"],
        dossiers=row["dossiers"],
        score=row["score"],
        via=row["via"],
        because=row["because"],
        visit=row["visit"],
        reasons=reasons,
        comment=row["comment"],
        ticket=row["ticket"],
        undid=row["undid"] if row["kind"] in TAKES_BACK else None,
        date=row["date"],
        until=iso(row["until"]) if row["kind"] == "session_opened" and row["until"] is not None else None,
    )

"""When a day begins and ends. Pure: the clock's word comes in as a :class:`Reading`.

A day is opened by the first thing that needs one and closed by `due`: once nobody has a desk open and the last session
is long over, or when the next local date begins. While the date is in doubt no day is closed by the clock, and
numbers are given at any hour: a dead battery must never lock a hall or throw its line away.
"""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct

from server import protocol as p
from server.hall import events as e
from server.hall.calendar import MINUTE, inside
from server.hall.events import Event
from server.hall.fold import Hall
from server.hall.state import FINAL, SINCE_A_START


class Reading(Struct, frozen=True):
    """What the clock says: the hall's time (ms UTC, never backwards), and what is wrong with it.

    `corrected` is the time that will count once the date is confirmed.
    """

    now: int
    doubt: p.Doubt | None = None
    corrected: int | None = None


def opening(hall: Hall, reading: Reading) -> list[Event]:
    """The events that must come before work can be done: none where the day is open already."""
    now = max(reading.now, hall.last_at)
    if hall.day_open:
        return []
    today = hall.policy.calendar.date_of(now)
    if hall.day is not None and reading.doubt == "clock_behind":
        # The clock is of no use and yesterday is closed: the next date is the likeliest, until a person says.
        today = (date.fromisoformat(hall.day) + timedelta(days=1)).isoformat()
    if hall.day is not None and today <= hall.day:
        return [e.DayReopened(at=now)]
    return [e.DayOpened(at=now, day=today, because=reading.doubt), *hours(hall, today, now)]


def hours(hall: Hall, day: str, at: int, *, only: str | None = None) -> list[Event]:
    """The open hours of a day, area by area (or of one), as the settings have them now."""
    return [
        e.HoursSet(at=at, area=area, since=since, until=until)
        for area in ((only,) if only else hall.policy.areas)
        for since, until in hall.policy.calendar.spans(day, area)
    ]


def due(hall: Hall, reading: Reading) -> list[Event]:
    """What the passing of time alone brings: doubts, their end, and the end of a day."""
    now = max(reading.now, hall.last_at)
    if reading.doubt and hall.seq and not hall.doubtful:
        # Later than all that was written before the doubt, by which the two are told apart.
        doubted = e.DateDoubted(at=max(reading.now, hall.last_at + 1), because=reading.doubt)
        idle = hall.day_open and all(desk.state == "closed" for desk in hall.desks.values())
        if reading.doubt != "clock_stepped" and idle and not _lives(hall):
            # A start with a wrong clock and nobody at work: that day is over, whatever today is.
            return [*closing(hall, now), doubted]
        return [doubted]
    if hall.doubtful and not reading.doubt:
        at = now if reading.corrected is None else reading.corrected
        day = hall.policy.calendar.date_of(at)
        return confirmation(hall, reading, day, clerk=None, because="clock_returned")
    if hall.doubtful or not hall.day_open or hall.day is None:
        return []
    if hall.policy.calendar.date_of(now) > hall.covers:
        return closing(hall, now)
    if any(desk.state != "closed" for desk in hall.desks.values()):
        return []
    usual = (*hall.policy.calendar.spans(hall.day), *hall.policy.calendar.spans(hall.covers))
    # A day may have no session at all: settings or the date were changed while it was open.
    last = max([hall.opened_at, *(end for _, end in usual), *(min(end, now) for _, end in hall.extra)])
    if now >= last + hall.policy.day_end_minutes * MINUTE:
        return closing(hall, now)
    return []


def closing(hall: Hall, now: int) -> list[Event]:
    """End the day: who is served is finished, who waits or was called expires, desks close."""
    out: list[Event] = []
    for ticket in hall.tickets.values():
        if ticket.state == "serving":
            out.append(
                e.Finished(
                    at=now,
                    ticket=ticket.id,
                    visit=ticket.visit,
                    desk=ticket.desk or "",
                    clerk=ticket.clerk or "",
                    outcome=ticket.outcome,
                    dossiers=ticket.dossiers,
                    because="day_end",
                )
            )
        elif ticket.state not in FINAL:
            out.append(e.Expired(at=now, ticket=ticket.id, visit=ticket.visit))
    out += [
        e.DeskClosed(at=now, desk=desk.code, clerk=desk.clerk or "", because="day_end")
        for desk in hall.desks.values()
        if desk.state != "closed"
    ]
    return [*out, e.DayClosed(at=now)]


def confirmation(hall: Hall, reading: Reading, day: str, *, clerk: str | None, because: p.ConfirmedBy) -> list[Event]:
    """The date is known again: `day` by a person's word, or by a clock that has come to its senses."""
    now = max(reading.now, hall.last_at)
    at = now if reading.corrected is None else reading.corrected
    date_of = hall.policy.calendar.date_of
    if hall.doubtful in SINCE_A_START and date_of(at) == date_of(hall.sure_at):
        # The same date, and so long it has been at least: time does not run backwards for an earlier hour.
        at = max(at, hall.sure_at + now - hall.doubted_at)
    known = e.DateConfirmed(at=at, date=day, taken_at=now, clerk=clerk, because=because)
    nameless = e.DateConfirmed(at=at, date=None, taken_at=now, clerk=clerk, because=because)
    if not hall.day_open or hall.day is None:
        return [nameless]
    again = _extra(hall, at, clerk)
    nameable = hall.provisional or hall.named_by_person
    if hall.day == day or (nameable and day > hall.day_before):
        return [known, *_hours(hall, day, at), *again]
    if nameable or _taken_in_doubt(hall) or (not hall.doubtful and _lives(hall)):
        # Numbers were taken since the doubt began, or nobody doubted but a person, or the named day is on record
        # already with numbers of its own: the day at hand keeps its name and its line. Nobody loses a place because
        # of a clock.
        kept = e.DateConfirmed(at=at, date=hall.day, taken_at=now, clerk=clerk, because=because)
        return [kept, *_hours(hall, hall.day, at), *again]
    # The day at hand was opened in good standing, is another one, and nobody came since: it is over.
    return [*closing(hall, now), nameless]


def _hours(hall: Hall, day: str, at: int) -> list[Event]:
    """Of the day's name, and of the date on which it goes on."""
    return [hour for each in sorted({day, hall.policy.calendar.date_of(at)}) for hour in hours(hall, each, at)]


def _lives(hall: Hall) -> bool:
    return any(ticket.state not in FINAL for ticket in hall.tickets.values())


def _taken_in_doubt(hall: Hall) -> bool:
    return any(ticket.state not in FINAL and ticket.issued_at >= hall.doubted_at for ticket in hall.tickets.values())


def _extra(hall: Hall, at: int, clerk: str | None) -> list[Event]:
    """Desks that work go on working, whatever hour it turns out to be."""
    calendar = hall.policy.calendar
    working = any(desk.state != "closed" for desk in hall.desks.values())
    if not working or inside(calendar.spans(calendar.date_of(at)), at):
        return []
    return [e.SessionOpened(at=at, clerk=clerk)]

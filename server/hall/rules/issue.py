"""Numbers: given, taken back, given back. Pure."""

from __future__ import annotations

from typing import Final

from server import protocol as p
from server.hall import events as e
from server.hall.calendar import iso
from server.hall.day import hours, opening
from server.hall.events import Event
from server.hall.rules.case import Case, Refused
from server.hall.state import at_desk

HIGHEST_COUNTER: Final = 8999
CANCEL_WINDOW: Final = 32_000
"""ms in which a kiosk may take a number back: the 20 s its button shows, ten for its question, and two for the way."""
RESTORE_WINDOW: Final = 12_000
"""ms in which a kiosk may give it back: the ten seconds its button shows, and two for the way."""


def issue(case: Case, c: p.Issue) -> list[Event]:
    """A number is given, within hours and limits; the first one opens the day."""
    if c.area not in case.policy.areas:
        raise Refused("unknown_area", c.area)
    if c.procedure is not None and case.policy.procedures.get(c.procedure) != c.area:
        raise Refused("unknown_area", f"{c.procedure} is no procedure of {c.area}")
    if not case.hall.is_open(c.area, case.now):
        opens = case.policy.calendar.next_opening(case.now, c.area)
        raise Refused("closed", f"opens at {iso(opens)}" if opens else "")
    kiosk = case.who.role == "kiosk"
    desk = None if kiosk else case.desk()
    source = case.who.name if desk is None else at_desk(case.who.name)
    if case.policy.tickets_per_minute and case.hall.allowance(source, case.now) < 1:
        raise Refused("too_fast")
    before = opening(case.hall, case.reading)
    fresh = bool(before) and isinstance(before[0], e.DayOpened)
    prefix = case.policy.areas[c.area].prefix
    lost = case.hall.lost.get(prefix)
    given = max(case.hall.counters.get(c.area, 0), lost[-1].counter if lost else 0)
    counter = 1 if fresh else given + 1
    number = f"{prefix}{counter:03d}"
    while not fresh and number in case.hall.by_number:
        counter += 1  # the prefix was another area's this morning
        number = f"{prefix}{counter:03d}"
    if not fresh and c.area not in case.hall.hours:  # an area that was added today
        before += hours(case.hall, case.hall.day or "", case.now, only=c.area)
    if counter > HIGHEST_COUNTER:
        raise Refused("no_numbers_left")
    issued = e.Issued(
        at=case.now,
        ticket=case.hall.seq + len(before) + 1,
        number=number,
        area=c.area,
        procedure=None if c.procedure in case.policy.sensitive else c.procedure,
        priority=c.priority,
        device=case.who.name if kiosk else None,
        desk=None if desk is None else desk.code,
        clerk=None if kiosk else case.who.name,
        via="kiosk" if kiosk else "desk",
    )
    return [*before, issued]


def cancel(case: Case, c: p.Cancel) -> list[Event]:
    """A number is given up: by the kiosk that gave it and before it is called, or by a desk."""
    ticket = case.hall.tickets.get(c.ticket)
    if case.who.role == "kiosk":
        mine = ticket is not None and ticket.device == case.who.name
        if ticket is None or not mine or ticket.state != "waiting" or ticket.visit != 1:
            raise Refused("too_late")
        if case.now - ticket.issued_at > CANCEL_WINDOW:
            raise Refused("too_late")
        return [e.Cancelled(at=case.now, ticket=ticket.id, visit=ticket.visit, device=case.who.name, because="citizen")]
    desk = case.desk()
    if ticket is None or ticket.state not in {"waiting", "no_show", "called"}:
        raise Refused("too_late")
    if ticket.state == "called" and ticket.desk != desk.code:
        raise Refused("too_late", desk=ticket.desk or "")
    return [
        e.Cancelled(
            at=case.now,
            ticket=ticket.id,
            visit=ticket.visit,
            desk=desk.code,
            clerk=case.who.name,
            because="clerk",
        )
    ]


def restore(case: Case, c: p.Restore) -> list[Event]:
    """The kiosk takes back that its number was given up."""
    ticket = case.hall.tickets.get(c.ticket)
    mine = ticket is not None and ticket.device == case.who.name
    if ticket is None or not mine or ticket.state != "cancelled" or ticket.step_desk is not None:
        raise Refused("too_late")
    if case.now - ticket.step_at > RESTORE_WINDOW or ticket.area not in case.policy.areas:
        raise Refused("too_late")
    return [e.Restored(at=case.now, ticket=ticket.id, visit=ticket.visit, device=case.who.name, ref=ticket.step)]

"""What a display sees, the same for each. Pure."""

from __future__ import annotations

from itertools import islice
from typing import Final

from server import protocol as p
from server.hall.calendar import iso
from server.hall.state import Call
from server.hall.views.moment import Moment

NEXT: Final = 5
"""Numbers of an area that come next."""
CALLS: Final = 20
"""Calls that are answered and still listed."""


def display(at: Moment, notice: p.Text) -> p.DisplayView:
    """What the hall's display shows and says. `notice`: the hall's own sentence, by language."""
    open_now = at.is_open()
    opens = None if open_now else at.opens_at()
    known = [] if at.over else at.hall.calls
    calls = [call for call in known if call.withdrawn is None and _stands(at, call)]
    kept = {call.seq for call in calls[-CALLS:]} | {call.seq for call in calls if not _answered(at, call)}
    working = [d for d in at.hall.desks.values() if d.state != "closed" and at.away_since(d) is None]
    return p.DisplayView(
        calls=tuple(
            p.DisplayCall(
                seq=call.seq,
                number=call.number,
                desk=call.desk,
                area=call.area,
                at=iso(call.at),
                recall=call.recall,
                answered=_answered(at, call),
                said=call.said,
            )
            for call in reversed(calls)
            if call.seq in kept
        ),
        withdrawn=tuple(
            p.Withdrawn(seq=call.seq, call=call.withdrawn, number=call.number, at=iso(call.at))
            for call in reversed(known)
            if call.withdrawn is not None
        ),
        missed=tuple(ticket.number for ticket in at.missed(absent=True)),
        areas=tuple(_display_area(at, area) for area in at.policy.areas),
        open=open_now,
        paused=bool(working) and all(desk.state == "paused" for desk in working),
        opens_at=iso(opens) if opens else None,
        notice=notice,
    )


def _stands(at: Moment, call: Call) -> bool:
    """Is it still where the call sent it? Not once it waits again, or is cancelled or expired."""
    return at.hall.tickets[call.ticket].state not in {"waiting", "cancelled", "expired"}


def _answered(at: Moment, call: Call) -> bool:
    ticket = at.hall.tickets[call.ticket]
    return ticket.state != "called" or call.seq < ticket.call


def _display_area(at: Moment, area: str) -> p.DisplayArea:
    following = list(islice(at.order.line(area), NEXT))
    return p.DisplayArea(
        code=area,
        waiting=at.hall.waiting(area),
        next=tuple(ticket.number for ticket in following),
        priority=tuple(ticket.priority for ticket in following),
        desks_open=at.desks_open(area),
        opens_at=at.opens_today(area),
        open=at.hall.is_open(area, at.now),
        paused=_paused(at, area),
        at_once=at.at_once(area),
    )


def _paused(at: Moment, area: str) -> bool:
    """Nobody sits at its desks now, but one of them was not closed."""
    begun = any(at.hall.desk(desk).state != "closed" for desk in at.policy.desks_of(area))
    return begun and not at.desks_open(area)

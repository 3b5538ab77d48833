"""What one clerk sees. Pure."""

from __future__ import annotations

from itertools import islice
from typing import Final

from server import protocol as p
from server.hall.calendar import MINUTE, iso
from server.hall.state import Ticket
from server.hall.tally import Clerk
from server.hall.views.moment import Moment

QUEUE: Final = 100
"""Who waits, so many of them."""
VISITS: Final = 20
"""Of the clerk's own, so many."""
GIVEN_MINUTES: Final = 10
"""For which a number that a desk gave is listed, to be read out again."""


def desk(at: Moment, clerk: str, faults: tuple[p.DeviceFault, ...], *, held: bool = False) -> p.DeskView:
    """What a clerk's page shows. `held`: another program holds the record."""
    mine = at.hall.desk_of(clerk)
    areas = at.policy.desks[mine.code].areas if mine and mine.code in at.policy.desks else ()
    return p.DeskView(
        me=at.desk_state(mine, full=True) if mine else None,
        desks=at.desks(),
        queue=tuple(_queued(at, ticket) for ticket in islice(at.order.desk_line(areas), QUEUE)),
        total=sum(at.hall.waiting(area) for area in areas),
        only_here=sum(
            at.hall.waiting(area) for area in areas if mine is not None and not set(at.desks_open(area)) - {mine.code}
        ),
        missed=tuple(
            p.MissedTicket(
                ticket=ticket.id,
                number=ticket.number,
                area=ticket.area,
                state="no_show" if ticket.state == "no_show" else "supplement",
                calls=ticket.calls,
                at=iso(ticket.ended_at or 0),
            )
            for ticket in sorted((*at.missed(absent=True), *at.missed(absent=False)), key=lambda t: -(t.ended_at or 0))
        ),
        day=_my_day(at, clerk),
        faults=faults,
        held=held,
        open=at.is_open(),
        doubtful=bool(at.hall.doubtful),
        date=at.date,
        issued=tuple(
            _queued(at, ticket)
            for id in reversed(at.hall.given)
            if (ticket := at.hall.tickets[id]).state == "waiting" and at.now - ticket.issued_at < GIVEN_MINUTES * MINUTE
        ),
        recovered=_recovered(at),
    )


def _recovered(at: Moment) -> tuple[p.AreaRecovered, ...]:
    lost = {} if at.over else at.hall.lost
    return tuple(
        p.AreaRecovered(area=code, next=f"{area.prefix}{lost[area.prefix][-1].counter + 1:03d}")
        for code, area in at.policy.areas.items()
        if area.prefix in lost
    )


def _queued(at: Moment, ticket: Ticket) -> p.QueueTicket:
    return p.QueueTicket(
        ticket=ticket.id,
        number=ticket.number,
        area=ticket.area,
        procedure=ticket.procedure,
        priority=ticket.priority,
        waited=at.order.waited(ticket) // 1000,
        not_printed=ticket.not_printed,
    )


def _my_day(at: Moment, clerk: str) -> p.MyDay:
    done = at.tally.clerks.get(clerk) or Clerk()
    newest = (stay for stays in (done.unrecorded, done.recorded) for stay in reversed(stays))
    open_ones = (ticket for _, id, visit in newest if (ticket := at.hall.tickets[id]).visit == visit)
    return p.MyDay(
        served=len(done.unrecorded) + len(done.recorded),
        service_seconds=round(done.service / done.services / 1000) if done.services else None,
        unrecorded=len(done.unrecorded),
        visits=tuple(
            p.Unrecorded(
                ticket=ticket.id,
                number=ticket.number,
                ended_at=iso(ticket.ended_at or 0),
                outcome=ticket.outcome,
                dossiers=ticket.dossiers,
            )
            for ticket in islice(open_ones, VISITS)
        ),
    )

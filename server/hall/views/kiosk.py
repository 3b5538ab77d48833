"""What a kiosk sees, the same for each. Pure."""

from __future__ import annotations

from itertools import islice
from typing import Final

from server import protocol as p
from server.hall.calendar import MINUTE, iso
from server.hall.rules.paper import JOB_MINUTES
from server.hall.views.moment import Moment

ENDED: Final = 12
"""Numbers just served that can be rated from the list,"""
ENDED_MINUTES: Final = 30
"""for so long."""
UNPRINTED_MINUTES: Final = 40
"""For which a number without a paper is told: kiosks offer it for half an hour."""
UNPRINTED: Final = 300
"""Of which so many at most, the newest: what a hall's kiosks give in that time, and none of them prints."""


def kiosk(at: Moment, notice: p.Text) -> p.KioskView:
    """What the kiosk shows. `notice`: the hall's own sentence, by language."""
    open_now = at.is_open()
    opens = None if open_now else at.opens_at()
    return p.KioskView(
        areas=tuple(
            p.KioskArea(
                code=area,
                waiting=at.hall.waiting(area),
                desks_open=at.desks_open(area),
                open=at.hall.is_open(area, at.now),
                opens_at=at.opens_today(area),
                closes_at=at.closes_at(area),
                at_once=at.at_once(area),
                last=_last(at, area),
            )
            for area in at.policy.areas
        ),
        ended=tuple(_ended(at)),
        jobs=tuple(
            p.PrintJob(seq=job.seq, device=job.device, ticket=at.ticket_result(at.hall.tickets[job.ticket]))
            for job in at.hall.jobs.values()
            if job.ticket in at.hall.tickets
            and at.hall.tickets[job.ticket].state not in {"cancelled", "expired", "served"}
            and at.now - job.at < JOB_MINUTES * MINUTE
        ),
        called=_called(at),
        unprinted=_unprinted(at),
        announces=at.policy.displays,
        open=open_now,
        doubtful=bool(at.hall.doubtful),
        opens_at=iso(opens) if opens else None,
        notice=notice,
    )


def _called(at: Moment) -> tuple[p.CalledNow, ...]:
    held = [at.hall.tickets.get(desk.ticket or 0) for desk in at.hall.desks.values()]
    called = [ticket for ticket in held if ticket and ticket.state == "called" and ticket.device is not None]
    return () if at.over else tuple(p.CalledNow(ticket=one.id, desk=one.desk or "") for one in called)


def _unprinted(at: Moment) -> tuple[int, ...]:
    since = at.now - UNPRINTED_MINUTES * MINUTE
    newest = () if at.over else islice(reversed(at.hall.unprinted), UNPRINTED)
    return tuple(sorted(id for id in newest if at.hall.tickets[id].issued_at > since))


def _ended(at: Moment) -> list[p.EndedTicket]:
    out: list[p.EndedTicket] = []
    for id in reversed(at.hall.ended):
        ticket = at.hall.tickets[id]
        ended_at = ticket.ended_at
        if ended_at is None or at.now - ended_at > ENDED_MINUTES * MINUTE or len(out) == ENDED:
            break
        if ticket.state == "served" and ticket.score is None and all(e.ticket != id for e in out):
            out.append(
                p.EndedTicket(
                    ticket=id,
                    number=ticket.number,
                    area=ticket.area,
                    desk=ticket.desk or "",
                    ended_at=iso(ended_at),
                )
            )
    return out


def _last(at: Moment, area: str) -> str | None:
    prefix = at.policy.areas[area].prefix
    counter = 0 if at.over else at.hall.highest(prefix)
    return f"{prefix}{counter:03d}" if counter else None

"""What a manager sees. Pure."""

from __future__ import annotations

from itertools import islice

from server import protocol as p
from server.hall.calendar import iso
from server.hall.tally import Area
from server.hall.views.moment import Moment


def manager(
    at: Moment,
    *,
    devices: tuple[p.DeviceNow, ...],
    people: tuple[p.PersonNow, ...],
    alarms: tuple[str, ...],
    addresses: tuple[str, ...] = (),
    target_seconds: int,
) -> p.ManagerView:
    """What the manager's page shows of today."""
    scores = at.tally.scores
    opens = None if at.is_open() else at.opens_at()
    return p.ManagerView(
        date=at.date,
        doubtful=bool(at.hall.doubtful),
        open=at.is_open(),
        opens_at=iso(opens) if opens else None,
        areas=tuple(_area_now(at, area, target_seconds) for area in at.policy.areas),
        desks=at.desks(),
        devices=devices,
        people=people,
        alarms=alarms,
        addresses=addresses,
        first_day=not at.hall.day_before and not (at.over and at.hall.tickets),
        ratings=scores.total(),
        satisfied=sum(count for score, count in scores.items() if score >= at.policy.least_satisfied),
        target_minutes=target_seconds // 60,
    )


def _area_now(at: Moment, area: str, target_seconds: int) -> p.AreaNow:
    tally = at.tally.areas.get(area) or Area()
    answered = tally.waits.total()
    return p.AreaNow(
        code=area,
        issued=tally.issued,
        waiting=0 if at.over else at.hall.waiting(area),
        serving=tally.serving,
        served=tally.served,
        no_show=tally.no_show,
        longest_wait=_longest_wait(at, area),
        mean_wait=round(sum(wait * n for wait, n in tally.waits.items()) / answered) if answered else None,
        within_target=(
            round(1000 * sum(n for wait, n in tally.waits.items() if wait <= target_seconds) / answered)
            if answered
            else None
        ),
        answered=answered,
    )


def _longest_wait(at: Moment, area: str) -> int:
    """Seconds that whoever came first has waited by now: most numbers stand in the order of their coming."""
    line = at.hall.line(area)
    earliest = (*islice(line.plain.values(), 1), *islice(line.marked.values(), 1), *line.special.values())
    first = () if at.over else earliest
    return max((at.order.waited(ticket) // 1000 for ticket in first), default=0)

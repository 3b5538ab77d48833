"""What each role sees: the hall, read once at one instant. Pure.

A view is whole: a client that missed any number of changes is right again with the next one. Long lists are cut.
The kiosk's, display's and manager's views are the same for every client of the role; the desk's is one clerk's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Final, Literal, cast

from msgspec.structs import replace

from server import protocol as p
from server.hall import absence
from server.hall.calendar import MINUTE, iso
from server.hall.fold import Hall
from server.hall.order import Order
from server.hall.rules_citizen import JOB_MINUTES
from server.hall.rules_desk import UNDO_WINDOW, undoable
from server.hall.secrets import ticket_secrets
from server.hall.state import OPEN_ENDED, Call, Desk, Ticket
from server.hall.tally import Area, Clerk, Tally

QUEUE: Final = 100
ENDED: Final = 12
ENDED_MINUTES: Final = 30
UNPRINTED_MINUTES: Final = 40
"""For which a number without a paper is told: kiosks offer it for half an hour."""
UNPRINTED: Final = 300
"""Of which so many at most, the newest: what a hall's kiosks give in that time, and none of them prints."""
NEXT: Final = 5
CALLS: Final = 20
MISSED: Final = 12
VISITS: Final = 20
GIVEN_MINUTES: Final = 10


def with_secrets(result: p.TicketResult, secret: bytes) -> p.TicketResult:
    """The same with its token and rating code: again and again the same."""
    token, code = ticket_secrets(secret, result.ticket)
    return replace(result, token=token, rating_code=code)


AWAY_AFTER: Final = MINUTE
"""ms without its clerk's page after which an open desk is no longer counted on: a reload or a short cut is less."""


class Views:
    """All views of one hall at one instant (ms). `away`: since when the desk page of which clerk is not there."""

    def __init__(self, hall: Hall, now: int, away: Mapping[str, int] | None = None) -> None:
        self.hall = hall
        self.away = away or {}
        self.policy = hall.policy
        self.now = max(now, hall.last_at)
        self.order = Order(hall, self.now)

    @property
    def over(self) -> bool:
        """The day at hand was yesterday, and nobody has come yet: its calls and figures are not today's."""
        hall = self.hall
        if hall.day is None or hall.day_open or hall.doubtful:
            return False
        return self.policy.calendar.date_of(self.now) > hall.covers

    def _today(self) -> Collection[Ticket]:
        """The numbers that count as today's."""
        return () if self.over else self.hall.tickets.values()

    @property
    def _tally(self) -> Tally:
        return Tally() if self.over else self.hall.tally

    @property
    def date(self) -> str:
        """The local date that counts now."""
        if self.hall.day is None or self.over:
            return self.policy.calendar.date_of(self.now)
        return self.hall.day

    def away_since(self, desk: Desk) -> int | None:
        """Since when nobody sits at an open desk, as far as its page tells; null while somebody does."""
        since = self.away.get(desk.clerk or "") if desk.state == "open" else None
        return since if since is not None and self.now - since >= AWAY_AFTER else None

    def desks_open(self, area: str) -> tuple[str, ...]:
        """The open desks that serve an area and have somebody at them."""
        open_now = self.hall.desks_open(area)
        return tuple(code for code in open_now if self.away_since(self.hall.desks[code]) is None)

    # --- pieces ---------------------------------------------------------------------------------------------

    def ticket_result(self, ticket: Ticket, *, secrets: bool = True) -> p.TicketResult:
        """The answer to `issue`. Token and rating code are made, not kept: `with_secrets` adds them later too."""
        desks = self.desks_open(ticket.area)
        result = p.TicketResult(
            ticket=ticket.id,
            number=ticket.number,
            area=ticket.area,
            procedure=ticket.procedure,
            priority=ticket.priority,
            ahead=self.order.ahead(ticket, desks) if ticket.state == "waiting" else 0,
            estimate=None,
            desks=desks,
            issued_at=iso(ticket.issued_at),
            token="",
            rating_code="",
        )
        return with_secrets(result, self.policy.secret) if secrets else result

    def opens_at(self, area: str | None = None) -> int | None:
        return self.policy.calendar.next_opening(self.now, area)

    def _opens_at(self, area: str) -> str | None:
        """Local `HH:MM`, where the area is closed and opens again today: none for one that is open without a desk."""
        return None if self.hall.is_open(area, self.now) else self._clock(self.opens_at(area))

    def _clock(self, at: int | None, *, today: bool = True) -> str | None:
        """Local `HH:MM`, of today only."""
        if at is None:
            return None
        local = self.policy.calendar.local(at)
        same = self.policy.calendar.date_of(at) == self.policy.calendar.date_of(self.now)
        return f"{local:%H:%M}" if same or not today else None

    def _closes_at(self, area: str) -> str | None:
        for since, until in self.hall.spans(area):
            if since <= self.now < until and until != OPEN_ENDED:
                return self._clock(until, today=False)
        return None

    def is_open(self) -> bool:
        return self.hall.is_open(None, self.now)

    # --- kiosk, display -------------------------------------------------------------------------------------

    def kiosk(self, notice: p.Text) -> p.KioskView:
        open_now = self.is_open()
        opens = None if open_now else self.opens_at()
        return p.KioskView(
            areas=tuple(
                p.KioskArea(
                    code=area,
                    waiting=self.hall.waiting(area),
                    desks_open=self.desks_open(area),
                    open=self.hall.is_open(area, self.now),
                    opens_at=self._opens_at(area),
                    closes_at=self._closes_at(area),
                    at_once=self._at_once(area),
                    last=self._last(area),
                )
                for area in self.policy.areas
            ),
            ended=tuple(self._ended()),
            jobs=tuple(
                p.PrintJob(seq=job.seq, device=job.device, ticket=self.ticket_result(self.hall.tickets[job.ticket]))
                for job in self.hall.jobs.values()
                if job.ticket in self.hall.tickets
                and self.hall.tickets[job.ticket].state not in {"cancelled", "expired", "served"}
                and self.now - job.at < JOB_MINUTES * MINUTE
            ),
            called=self._called(),
            unprinted=self._unprinted(),
            announces=self.policy.displays,
            open=open_now,
            doubtful=bool(self.hall.doubtful),
            opens_at=iso(opens) if opens else None,
            notice=notice,
        )

    def _called(self) -> tuple[p.CalledNow, ...]:
        held = [self.hall.tickets.get(desk.ticket or 0) for desk in self.hall.desks.values()]
        called = [ticket for ticket in held if ticket and ticket.state == "called" and ticket.device is not None]
        return () if self.over else tuple(p.CalledNow(ticket=one.id, desk=one.desk or "") for one in called)

    def _unprinted(self) -> tuple[int, ...]:
        since = self.now - UNPRINTED_MINUTES * MINUTE
        newest = () if self.over else islice(reversed(self.hall.unprinted), UNPRINTED)
        return tuple(sorted(id for id in newest if self.hall.tickets[id].issued_at > since))

    def _ended(self) -> list[p.EndedTicket]:
        out: list[p.EndedTicket] = []
        for id in reversed(self.hall.ended):
            ticket = self.hall.tickets[id]
            ended_at = ticket.ended_at
            if ended_at is None or self.now - ended_at > ENDED_MINUTES * MINUTE or len(out) == ENDED:
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

    def display(self, notice: p.Text) -> p.DisplayView:
        open_now = self.is_open()
        opens = None if open_now else self.opens_at()
        known = [] if self.over else self.hall.calls
        calls = [call for call in known if call.withdrawn is None and self._stands(call)]
        kept = {call.seq for call in calls[-CALLS:]} | {call.seq for call in calls if not self._answered(call)}
        working = [d for d in self.hall.desks.values() if d.state != "closed" and self.away_since(d) is None]
        return p.DisplayView(
            calls=tuple(
                p.DisplayCall(
                    seq=call.seq,
                    number=call.number,
                    desk=call.desk,
                    area=call.area,
                    at=iso(call.at),
                    recall=call.recall,
                    answered=self._answered(call),
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
            missed=tuple(ticket.number for ticket in self._missed(absent=True)),
            areas=tuple(self._display_area(area) for area in self.policy.areas),
            open=open_now,
            paused=bool(working) and all(desk.state == "paused" for desk in working),
            opens_at=iso(opens) if opens else None,
            notice=notice,
        )

    def _stands(self, call: Call) -> bool:
        """Is it still where the call sent it? Not once it waits again, or is cancelled or expired."""
        return self.hall.tickets[call.ticket].state not in {"waiting", "cancelled", "expired"}

    def _answered(self, call: Call) -> bool:
        ticket = self.hall.tickets[call.ticket]
        return ticket.state != "called" or call.seq < ticket.call

    def _display_area(self, area: str) -> p.DisplayArea:
        following = list(islice(self.order.line(area), NEXT))
        return p.DisplayArea(
            code=area,
            waiting=self.hall.waiting(area),
            next=tuple(ticket.number for ticket in following),
            priority=tuple(ticket.priority for ticket in following),
            desks_open=self.desks_open(area),
            opens_at=self._opens_at(area),
            open=self.hall.is_open(area, self.now),
            paused=self._paused(area),
            at_once=self._at_once(area),
        )

    def _at_once(self, area: str) -> bool:
        """A desk of the area is free, and nobody waits in any area that it serves."""
        free = [desk for desk in self.desks_open(area) if self.hall.desk(desk).ticket is None]
        return any(not any(map(self.hall.waiting, self.policy.desks[desk].areas)) for desk in free)

    def _paused(self, area: str) -> bool:
        """Nobody sits at its desks now, but one of them was not closed."""
        begun = any(self.hall.desk(desk).state != "closed" for desk in self.policy.desks_of(area))
        return begun and not self.desks_open(area)

    def _missed(self, *, absent: bool) -> list[Ticket]:
        """The last who were absent, or else who were sent for a paper, newest first."""
        known = () if self.over else reversed(self.hall.missed[absent])
        return [self.hall.tickets[id] for id in islice(known, MISSED)]

    def _last(self, area: str) -> str | None:
        prefix = self.policy.areas[area].prefix
        counter = 0 if self.over else self.hall.highest(prefix)
        return f"{prefix}{counter:03d}" if counter else None

    def _recovered(self) -> tuple[p.AreaRecovered, ...]:
        lost = {} if self.over else self.hall.lost
        return tuple(
            p.AreaRecovered(area=code, next=f"{area.prefix}{lost[area.prefix][-1].counter + 1:03d}")
            for code, area in self.policy.areas.items()
            if area.prefix in lost
        )

    # --- desk -----------------------------------------------------------------------------------------------

    def desk(self, clerk: str, faults: tuple[p.DeviceFault, ...], *, held: bool = False) -> p.DeskView:
        mine = self.hall.desk_of(clerk)
        areas = self.policy.desks[mine.code].areas if mine and mine.code in self.policy.desks else ()
        return p.DeskView(
            me=self.desk_state(mine, full=True) if mine else None,
            desks=self.desks(),
            queue=tuple(self._queued(ticket) for ticket in islice(self.order.desk_line(areas), QUEUE)),
            total=sum(self.hall.waiting(area) for area in areas),
            only_here=sum(
                self.hall.waiting(area)
                for area in areas
                if mine is not None and not set(self.desks_open(area)) - {mine.code}
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
                for ticket in sorted(
                    (*self._missed(absent=True), *self._missed(absent=False)), key=lambda t: -(t.ended_at or 0)
                )
            ),
            day=self._my_day(clerk),
            faults=faults,
            held=held,
            open=self.is_open(),
            doubtful=bool(self.hall.doubtful),
            date=self.date,
            issued=tuple(
                self._queued(ticket)
                for id in reversed(self.hall.given)
                if (ticket := self.hall.tickets[id]).state == "waiting"
                and self.now - ticket.issued_at < GIVEN_MINUTES * MINUTE
            ),
            recovered=self._recovered(),
        )

    def desks(self) -> tuple[p.DeskState, ...]:
        return tuple(self.desk_state(self.hall.desk(code)) for code in self.policy.desks)

    def desk_state(self, desk: Desk, *, full: bool = False) -> p.DeskState:
        info = self.policy.desks.get(desk.code)
        ticket = self.hall.tickets.get(desk.ticket) if desk.ticket is not None else None
        away = self.away_since(desk)
        return p.DeskState(
            desk=desk.code,
            state=desk.state,
            clerk=desk.clerk,
            areas=info.areas if info else (),
            ticket=self._desk_ticket(ticket) if ticket else None,
            undo=self._undo(desk) if full else None,
            pause_reason=desk.because if desk.state == "paused" else None,
            away_since=iso(away) if away is not None else None,
        )

    def _desk_ticket(self, ticket: Ticket) -> p.DeskTicket:
        called = ticket.state == "called"
        earliest = absence.no_show_at(self.hall, ticket, self.now) if called else None
        return p.DeskTicket(
            ticket=ticket.id,
            number=ticket.number,
            area=ticket.area,
            procedure=ticket.procedure,
            priority=ticket.priority,
            state=cast('Literal["called", "serving"]', ticket.state),
            issued_at=iso(ticket.issued_at),
            waited=self.order.waited(ticket, ticket.called_at) // 1000,
            calls=ticket.calls,
            called_at=iso(ticket.called_at or 0),
            started_at=iso(ticket.started_at) if ticket.started_at is not None else None,
            outcome=ticket.outcome,
            dossiers=ticket.dossiers,
            not_printed=ticket.not_printed,
            no_show_at=iso(earliest) if earliest is not None else None,
            turn=absence.turn(self.hall, ticket, self.now) if called else None,
            because=ticket.because,
        )

    def _undo(self, desk: Desk) -> p.UndoStep | None:
        ticket = self.hall.tickets.get(desk.last) if desk.last is not None else None
        if ticket is None or not undoable(desk, ticket, self.now):
            return None
        return p.UndoStep(
            ticket=ticket.id, number=ticket.number, kind=ticket.step_kind, until=iso(ticket.step_at + UNDO_WINDOW)
        )

    def _queued(self, ticket: Ticket) -> p.QueueTicket:
        return p.QueueTicket(
            ticket=ticket.id,
            number=ticket.number,
            area=ticket.area,
            procedure=ticket.procedure,
            priority=ticket.priority,
            waited=self.order.waited(ticket) // 1000,
            not_printed=ticket.not_printed,
        )

    def _my_day(self, clerk: str) -> p.MyDay:
        done = self._tally.clerks.get(clerk) or Clerk()
        newest = (stay for stays in (done.unrecorded, done.recorded) for stay in reversed(stays))
        open_ones = (ticket for _, id, visit in newest if (ticket := self.hall.tickets[id]).visit == visit)
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

    # --- manager, ticket ------------------------------------------------------------------------------------

    def manager(
        self,
        *,
        devices: tuple[p.DeviceNow, ...],
        people: tuple[p.PersonNow, ...],
        alarms: tuple[str, ...],
        addresses: tuple[str, ...] = (),
        target_seconds: int,
    ) -> p.ManagerView:
        scores = self._tally.scores
        opens = None if self.is_open() else self.opens_at()
        return p.ManagerView(
            date=self.date,
            doubtful=bool(self.hall.doubtful),
            open=self.is_open(),
            opens_at=iso(opens) if opens else None,
            areas=tuple(self._area_now(area, target_seconds) for area in self.policy.areas),
            desks=self.desks(),
            devices=devices,
            people=people,
            alarms=alarms,
            addresses=addresses,
            first_day=not self.hall.day_before and not (self.over and self.hall.tickets),
            ratings=scores.total(),
            satisfied=sum(count for score, count in scores.items() if score >= self.policy.least_satisfied),
            target_minutes=target_seconds // 60,
        )

    def _area_now(self, area: str, target_seconds: int) -> p.AreaNow:
        tally = self._tally.areas.get(area) or Area()
        answered = tally.waits.total()
        return p.AreaNow(
            code=area,
            issued=tally.issued,
            waiting=0 if self.over else self.hall.waiting(area),
            serving=tally.serving,
            served=tally.served,
            no_show=tally.no_show,
            longest_wait=self._longest_wait(area),
            mean_wait=round(sum(wait * n for wait, n in tally.waits.items()) / answered) if answered else None,
            within_target=(
                round(1000 * sum(n for wait, n in tally.waits.items() if wait <= target_seconds) / answered)
                if answered
                else None
            ),
            answered=answered,
        )

    def _longest_wait(self, area: str) -> int:
        """Seconds that whoever came first has waited by now: most numbers stand in the order of their coming."""
        line = self.hall.line(area)
        earliest = (*islice(line.plain.values(), 1), *islice(line.marked.values(), 1), *line.special.values())
        first = () if self.over else earliest
        return max((self.order.waited(ticket) // 1000 for ticket in first), default=0)

    def ticket(self, ticket: Ticket) -> p.TicketView:
        return p.TicketView(
            number=ticket.number,
            area=ticket.area,
            state=ticket.state,
            ahead=self.order.ahead(ticket, self.desks_open(ticket.area)) if ticket.state == "waiting" else None,
            desk=ticket.desk,
        )

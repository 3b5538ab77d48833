"""The hall, read once at one instant: what the views of several roles are made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Final, cast

from msgspec.structs import replace

from server import protocol as p
from server.hall import absence
from server.hall.calendar import MINUTE, iso
from server.hall.fold import Hall
from server.hall.order import Order
from server.hall.rules.desk import UNDO_WINDOW, undoable
from server.hall.secrets import ticket_secrets
from server.hall.state import OPEN_ENDED, Desk, Ticket
from server.hall.tally import Tally

MISSED: Final = 12
"""Numbers that were missed and are shown, of each kind."""
AWAY_AFTER: Final = MINUTE
"""ms without its clerk's page after which an open desk is no longer counted on: a reload or a short cut is less."""


def with_secrets(result: p.TicketResult, secret: bytes) -> p.TicketResult:
    """The same with its token and rating code: again and again the same."""
    token, code = ticket_secrets(secret, result.ticket)
    return replace(result, token=token, rating_code=code)


class Moment:
    """One hall at one instant (ms). `away`: since when the desk page of which clerk is not there."""

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

    @property
    def tally(self) -> Tally:
        """The day's counts; none once it is over."""
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
        """The instant (ms) at which an area, or any, opens next; null where it never does."""
        return self.policy.calendar.next_opening(self.now, area)

    def opens_today(self, area: str) -> str | None:
        """Local `HH:MM`, where the area is closed and opens again today: none for one that is open without a desk."""
        return None if self.hall.is_open(area, self.now) else self.clock(self.opens_at(area))

    def clock(self, at: int | None, *, today: bool = True) -> str | None:
        """Local `HH:MM`, of today only."""
        if at is None:
            return None
        local = self.policy.calendar.local(at)
        same = self.policy.calendar.date_of(at) == self.policy.calendar.date_of(self.now)
        return f"{local:%H:%M}" if same or not today else None

    def closes_at(self, area: str) -> str | None:
        """Local `HH:MM` of the end of an area's session; null where it is closed, or open without an end."""
        for since, until in self.hall.spans(area):
            if since <= self.now < until and until != OPEN_ENDED:
                return self.clock(until, today=False)
        return None

    def is_open(self) -> bool:
        """Are numbers of any area given now?"""
        return self.hall.is_open(None, self.now)

    def at_once(self, area: str) -> bool:
        """A desk of the area is free, and nobody waits in any area that it serves."""
        free = [desk for desk in self.desks_open(area) if self.hall.desk(desk).ticket is None]
        return any(not any(map(self.hall.waiting, self.policy.desks[desk].areas)) for desk in free)

    def missed(self, *, absent: bool) -> list[Ticket]:
        """The last who were absent, or else who were sent for a paper, newest first."""
        known = () if self.over else reversed(self.hall.missed[absent])
        return [self.hall.tickets[id] for id in islice(known, MISSED)]

    def desks(self) -> tuple[p.DeskState, ...]:
        """Every desk of the hall, in the order of the settings."""
        return tuple(self.desk_state(self.hall.desk(code)) for code in self.policy.desks)

    def desk_state(self, desk: Desk, *, full: bool = False) -> p.DeskState:
        """One desk; `full`: with the step that can be undone."""
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
            state=cast("p.AtDesk", ticket.state),
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

"""What may be done: each command becomes events, or is refused with a code. Pure; changes nothing by itself.

`decide(hall, command, who, now)` reads the hall and returns a :class:`Decision`. A refusal may carry events (a
serving ticket is finished even where nobody waits to be called). Every desk command names the ticket it means, so
that two presses, two tabs or a slow link can never act on the wrong person: a mismatch is `stale`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from server import protocol as p
from server.hall import events as e
from server.hall.calendar import MINUTE, iso
from server.hall.day import Reading, confirmation, hours, opening
from server.hall.events import Event
from server.hall.hall import Hall
from server.hall.order import Order
from server.hall.state import FINAL, OPEN_ENDED, Desk, Ticket

HIGHEST_COUNTER: Final = 8999
CANCEL_WINDOW: Final = 22_000
"""ms in which a kiosk may take a number back: the 20 s its button shows, and two for the way."""
UNDO_WINDOW: Final = 60_000
PLAUSIBLE: Final = (2024, 2060)
EARLY: Final = 60 * MINUTE
"""ms before the usual hours within which opening a desk only brings them forward."""


class Who(Struct, frozen=True):
    """Who sends: a role and the device's or person's name."""

    role: str
    name: str


class Refused(Exception):  # noqa: N818
    """The answer is no. `code` is on the wire; the rest helps the client say why."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        ticket: int | UnsetType | None = UNSET,
        number: str = "",
        desk: str = "",
    ) -> None:
        super().__init__(code)
        self.error = p.Error(code=code, detail=detail, ticket=ticket, number=number, desk=desk)


class Decision(Struct, frozen=True):
    """Events to record, in order; and the refusal to answer with, if any."""

    events: tuple[Event, ...] = ()
    refused: p.Error | None = None


def decide(hall: Hall, command: p.Command, who: Who, reading: Reading) -> Decision:
    """The rules. Raises :class:`Refused`; any other exception is a bug, and the hall is unchanged after it."""
    return _Case(hall, who, reading).decide(command)


def ticket_secrets(secret: bytes, ticket: int) -> tuple[str, str]:
    """What the paper of a ticket carries: its token for a phone (128 bits), and its rating code (two digits).

    Both come from one HMAC of the ticket: repeatable, never stored.
    """
    mac = _keyed(secret).copy()
    mac.update(b"ticket:%d" % ticket)
    digest = mac.digest()
    token = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
    return f"{ticket}.{token}", f"{int.from_bytes(digest[16:24]) % 100:02d}"


@lru_cache(maxsize=4)
def _keyed(secret: bytes) -> hmac.HMAC:
    return hmac.new(secret, digestmod="sha256")


def comment_note(secret: bytes, request: str, comment: str) -> str:
    """The reference of a comment in the record: a salted hash, so that the text can be erased and not guessed."""
    return hmac.digest(secret, f"comment:{request}:{comment}".encode(), hashlib.sha256).hex()[:32]


class _Case:
    """One command in front of the rules."""

    def __init__(self, hall: Hall, who: Who, reading: Reading) -> None:
        self.hall = hall
        self.policy = hall.policy
        self.who = who
        self.reading = reading
        self.now = max(reading.now, hall.last_at)

    def decide(self, command: p.Command) -> Decision:
        decided = _RULES[type(command)](self, command)
        return decided if isinstance(decided, Decision) else Decision(tuple(decided))

    # --- issuing --------------------------------------------------------------------------------------------

    def issue(self, c: p.Issue) -> list[Event]:
        if c.area not in self.policy.areas:
            raise Refused("unknown_area", c.area)
        if c.procedure is not None and self.policy.procedures.get(c.procedure) != c.area:
            raise Refused("unknown_area", f"{c.procedure} is no procedure of {c.area}")
        if not self.hall.is_open(c.area, self.now):
            opens = self.policy.calendar.next_opening(self.now, c.area)
            raise Refused("closed", f"opens at {iso(opens)}" if opens else "")
        kiosk = self.who.role == "kiosk"
        if kiosk and self.policy.tickets_per_minute and self.hall.allowance(self.who.name, self.now) < 1:
            raise Refused("too_fast")
        before = opening(self.hall, self.reading)
        fresh = any(isinstance(event, e.DayOpened) for event in before)
        counter = 1 if fresh else self.hall.counters.get(c.area, 0) + 1
        prefix = self.policy.areas[c.area].prefix
        while not fresh and f"{prefix}{counter:03d}" in self.hall.by_number:
            counter += 1  # the prefix was another area's this morning
        if not fresh and c.area not in self.hall.hours:  # an area that was added today
            before += hours(self.hall, self.hall.day or "", self.now, only=c.area)
        if counter > HIGHEST_COUNTER:
            raise Refused("no_numbers_left")
        issued = e.Issued(
            at=self.now,
            ticket=self.hall.seq + len(before) + 1,
            number=f"{prefix}{counter:03d}",
            area=c.area,
            procedure=None if c.procedure in self.policy.sensitive else c.procedure,
            priority=c.priority,
            device=self.who.name if kiosk else None,
            desk=None if kiosk else self._my_desk_code(),
            clerk=None if kiosk else self.who.name,
            via="kiosk" if kiosk else "desk",
        )
        return [*before, issued]

    def printed(self, c: p.Printed) -> list[Event]:
        if c.ticket not in self.hall.tickets:
            return []  # of another day: nobody waits for that paper any more
        return [e.Printed(at=self.now, ticket=c.ticket, device=self.who.name, via=c.result)]

    def print_failed(self, c: p.PrintFailed) -> list[Event]:
        if c.ticket not in self.hall.tickets:
            return []
        return [e.PrintFailed(at=self.now, ticket=c.ticket, device=self.who.name, because=c.reason)]

    def reprint(self, c: p.Reprint) -> list[Event]:
        ticket = self.hall.tickets.get(c.ticket)
        if ticket is None or ticket.state in FINAL:
            raise Refused("too_late")
        if self.who.role == "kiosk":
            return [e.ReprintAsked(at=self.now, ticket=ticket.id, device=self.who.name, via="kiosk")]
        kiosks = self.policy.kiosks
        device = ticket.device if ticket.device in kiosks else (kiosks[0] if kiosks else None)
        if device is None:
            raise Refused("too_late", "no kiosk")
        return [
            e.ReprintAsked(
                at=self.now,
                ticket=ticket.id,
                device=device,
                desk=self._my_desk_code(),
                clerk=self.who.name,
                via="desk",
            )
        ]

    def cancel(self, c: p.Cancel) -> list[Event]:
        ticket = self.hall.tickets.get(c.ticket)
        if self.who.role == "kiosk":
            mine = ticket is not None and ticket.device == self.who.name
            if ticket is None or not mine or ticket.state != "waiting" or ticket.visit != 1:
                raise Refused("too_late")
            if self.now - ticket.issued_at > CANCEL_WINDOW:
                raise Refused("too_late")
            return [
                e.Cancelled(at=self.now, ticket=ticket.id, visit=ticket.visit, device=self.who.name, because="citizen")
            ]
        desk = self._desk()
        if ticket is None or ticket.state not in {"waiting", "no_show", "called"}:
            raise Refused("too_late")
        if ticket.state == "called" and ticket.desk != desk.code:
            raise Refused("too_late", desk=ticket.desk or "")
        return [
            e.Cancelled(
                at=self.now,
                ticket=ticket.id,
                visit=ticket.visit,
                desk=desk.code,
                clerk=self.who.name,
                because="clerk",
            )
        ]

    # --- ratings --------------------------------------------------------------------------------------------

    def rate(self, c: p.Rate) -> list[Event]:
        ticket = self._rated_ticket(c)
        by_code = c.code is not None
        if self.now - (ticket.ended_at or 0) > self.policy.rating_minutes * MINUTE:
            raise Refused("too_late")
        if ticket.score is not None and (not by_code or ticket.rated_via == "code"):
            raise Refused("already_rated")
        if c.score > self.policy.rating_levels:
            raise Refused("bad_message", f"this hall has {self.policy.rating_levels} levels")
        via = {"rate": "tablet", "ticket": "phone"}.get(self.who.role, "list" if c.ticket is not None else "number")
        if by_code:
            via = "code"
        note = comment_note(self.policy.secret, c.id, c.comment) if c.comment else None
        return [
            e.Rated(
                at=self.now,
                ticket=ticket.id,
                visit=ticket.visit,
                score=c.score,
                via=via,
                device=self.who.name,
                reasons=tuple(sorted(set(c.reasons))),
                note=note,
            )
        ]

    def _rated_ticket(self, c: p.Rate) -> Ticket:
        if (c.ticket is None) == (c.number is None):
            raise Refused("bad_message", "either ticket or number")
        found = self.hall.tickets.get(c.ticket) if c.ticket is not None else self.hall.find(c.number or "")
        if found is None or found.end not in {"served", "no_show", "expired"}:
            raise Refused("unknown_number")
        if c.code is not None and not hmac.compare_digest(c.code, ticket_secrets(self.policy.secret, found.id)[1]):
            raise Refused("unknown_number", "the code is another number's")
        return found

    # --- desks ----------------------------------------------------------------------------------------------

    def open_desk(self, c: p.OpenDesk) -> list[Event]:
        if c.desk not in self.policy.desks:
            raise Refused("desk_not_open", f"no desk {c.desk}")
        desk, mine = self.hall.desk(c.desk), self.hall.desk_of(self.who.name)
        before = opening(self.hall, self.reading)
        if any(isinstance(event, e.DayOpened) for event in before):
            desk, mine = Desk(code=c.desk), None
        if desk.state == "open" and desk.clerk == self.who.name:
            return []
        if desk.clerk not in {None, self.who.name} and (desk.state == "open" or desk.ticket is not None):
            raise Refused("desk_taken", desk.clerk or "", desk=desk.code)
        events: list[Event] = list(before)
        if mine is not None and mine.code != c.desk:
            events += self._close(mine)[:1]  # the hall goes on at the new desk
        if desk.state != "closed" and desk.clerk not in {None, self.who.name}:
            events.append(e.DeskClosed(at=self.now, desk=desk.code, clerk=desk.clerk or ""))
        if not self.hall.is_open(None, self.now):
            # A little early: until the usual hours begin. Otherwise until the last desk closes.
            next_one = self.policy.calendar.next_opening(self.now)
            until = next_one if next_one is not None and next_one - self.now <= EARLY else None
            events.append(e.SessionOpened(at=self.now, clerk=self.who.name, desk=c.desk, until=until))
        return [*events, e.DeskOpened(at=self.now, desk=c.desk, clerk=self.who.name)]

    def pause_desk(self, c: p.PauseDesk) -> list[Event]:
        desk = self._named_desk(c.desk)
        if desk.ticket is not None:
            raise Refused("ticket_open", ticket=desk.ticket)
        if desk.state == "paused":
            return []
        return [e.DeskPaused(at=self.now, desk=desk.code, clerk=self.who.name, because=c.reason)]

    def close_desk(self, c: p.CloseDesk) -> list[Event]:
        return self._close(self._named_desk(c.desk), c.reason)

    def _close(self, desk: Desk, reason: str | None = None) -> list[Event]:
        if desk.ticket is not None:
            raise Refused("ticket_open", ticket=desk.ticket, desk=desk.code)
        closed = e.DeskClosed(at=self.now, desk=desk.code, clerk=desk.clerk or self.who.name, because=reason)
        others = any(other.state != "closed" and other.code != desk.code for other in self.hall.desks.values())
        if not others and any(until == OPEN_ENDED for _, until in self.hall.extra):
            return [closed, e.SessionClosed(at=self.now)]
        return [closed]

    def call_next(self, c: p.CallNext) -> Decision:
        desk = self._desk_with(c.ticket)
        if desk.state != "open" or desk.code not in self.policy.desks:
            raise Refused("desk_not_open", desk=desk.code)
        finished: tuple[Event, ...] = ()
        if desk.ticket is not None:
            current = self.hall.tickets[desk.ticket]
            if current.state == "called":
                raise Refused("still_called", ticket=current.id)
            finished = (self._finished(current, desk, c.outcome, c.dossiers),)
        order = Order(self.hall, self.now)
        found = order.first(self.policy.desks[desk.code].areas)
        if found is None:
            return Decision(finished, p.Error(code="nobody_waiting", ticket=None))
        return Decision((*finished, self._call(found, desk, order.why(found))))

    def call_ticket(self, c: p.CallTicket) -> list[Event]:
        desk = self._desk_with(c.ticket)
        if desk.state != "open":
            raise Refused("desk_not_open", desk=desk.code)
        found = self.hall.find(c.number)
        if found is None:
            raise Refused("unknown_number", number=c.number)
        if found.state in {"called", "serving"}:
            raise Refused("already_called", desk=found.desk or "", number=found.number)
        finished: list[Event] = []
        if desk.ticket is not None:
            current = self.hall.tickets[desk.ticket]
            if current.state == "called":
                raise Refused("still_called", ticket=current.id)
            finished = [self._finished(current, desk, None, None)]
        if found.state == "waiting":
            return [*finished, self._call(found, desk, "by_number")]
        if not _may_return(found):
            raise Refused("unknown_number", found.state, number=found.number)
        back = self._requeued(found, desk)
        return [*finished, back, self._call(found, desk, "by_number", visit=back.visit)]

    def _call(self, ticket: Ticket, desk: Desk, because: str, *, visit: int | None = None) -> e.Called:
        return e.Called(
            at=self.now,
            ticket=ticket.id,
            visit=visit or ticket.visit,
            number=ticket.number,
            area=ticket.area,
            desk=desk.code,
            clerk=self.who.name,
            because=because,
        )

    def _finished(self, ticket: Ticket, desk: Desk, outcome: str | None, dossiers: int | None) -> e.Finished:
        return e.Finished(
            at=self.now,
            ticket=ticket.id,
            visit=ticket.visit,
            desk=desk.code,
            clerk=self.who.name,
            outcome=outcome if outcome is not None else ticket.outcome,
            dossiers=dossiers if dossiers is not None else ticket.dossiers,
        )

    def recall(self, c: p.Recall) -> list[Event]:
        desk, ticket = self._current(c.ticket, "called")
        return [
            e.Recalled(
                at=self.now,
                ticket=ticket.id,
                visit=ticket.visit,
                number=ticket.number,
                area=ticket.area,
                desk=desk.code,
                clerk=self.who.name,
            )
        ]

    def start(self, c: p.Start) -> list[Event]:
        desk, ticket = self._current(c.ticket, "called")
        return [e.Started(at=self.now, ticket=ticket.id, visit=ticket.visit, desk=desk.code, clerk=self.who.name)]

    def no_show(self, c: p.NoShow) -> list[Event]:
        desk, ticket = self._current(c.ticket, "called")
        since = self.now - (ticket.first_called_at or self.now)
        if ticket.calls < self.policy.no_show_calls or since < self.policy.no_show_seconds * 1000:
            raise Refused("too_soon", f"after {self.policy.no_show_calls} calls and {self.policy.no_show_seconds} s")
        missing = e.WentMissing(at=self.now, ticket=ticket.id, visit=ticket.visit, desk=desk.code, clerk=self.who.name)
        if ticket.absences + 1 < self.policy.absences:
            return [missing]
        return [
            missing,
            e.Cancelled(
                at=self.now,
                ticket=ticket.id,
                visit=ticket.visit,
                desk=desk.code,
                clerk=self.who.name,
                because="absences",
            ),
        ]

    def finish(self, c: p.Finish) -> list[Event]:
        desk, ticket = self._current(c.ticket, "serving")
        return [self._finished(ticket, desk, c.outcome, c.dossiers)]

    def set_outcome(self, c: p.SetOutcome) -> list[Event]:
        ticket = self.hall.tickets.get(c.ticket)
        if ticket is None or ticket.state not in {"serving", "served"} or ticket.clerk != self.who.name:
            raise Refused("forbidden")
        return [
            e.OutcomeSet(
                at=self.now,
                ticket=ticket.id,
                visit=ticket.visit,
                clerk=self.who.name,
                outcome=c.outcome,
                dossiers=c.dossiers if c.dossiers is not None else ticket.dossiers,
            )
        ]

    def requeue(self, c: p.Requeue) -> list[Event]:
        desk = self._desk()
        ticket = self.hall.find(c.number)
        if ticket is None:
            raise Refused("unknown_number", number=c.number)
        if not _may_return(ticket):
            raise Refused("not_allowed", ticket.state, number=c.number)
        return [self._requeued(ticket, desk)]

    def _requeued(self, ticket: Ticket, desk: Desk) -> e.Requeued:
        return e.Requeued(
            at=self.now,
            ticket=ticket.id,
            visit=ticket.visit + 1,
            number=ticket.number,
            area=ticket.area,
            desk=desk.code,
            clerk=self.who.name,
        )

    def set_priority(self, c: p.SetPriority) -> list[Event]:
        self._desk()
        ticket = self.hall.tickets.get(c.ticket)
        if ticket is None or ticket.state in FINAL:
            raise Refused("stale", ticket=None)
        if ticket.priority == c.priority:
            return []
        return [e.PrioritySet(at=self.now, ticket=ticket.id, priority=c.priority, clerk=self.who.name)]

    def undo(self, c: p.Undo) -> list[Event]:
        desk = self._desk()
        ticket = self.hall.tickets.get(c.ticket)
        if ticket is None or not undoable(desk, ticket, self.now):
            raise Refused("too_late")
        return [
            e.Undone(
                at=self.now,
                ticket=ticket.id,
                visit=ticket.visit,
                desk=desk.code,
                clerk=self.who.name,
                ref=ticket.step,
            )
        ]

    # --- the manager ----------------------------------------------------------------------------------------

    def confirm_date(self, c: p.ConfirmDate) -> list[Event]:
        """Which date it is, by a person's word."""
        if not _is_date(c.date):
            raise Refused("bad_message", f"no such date: {c.date}")
        if not self.hall.doubtful:
            return []
        return confirmation(self.hall, self.reading, c.date, clerk=self.who.name, because="person")

    def open_session(self, c: p.OpenSession) -> list[Event]:
        until = None if c.minutes is None else self.now + c.minutes * MINUTE
        before = opening(self.hall, self.reading)
        return [*before, e.SessionOpened(at=self.now, clerk=self.who.name, until=until)]

    def erase_comment(self, c: p.EraseComment) -> list[Event]:
        return [e.CommentErased(at=self.now, ticket=c.ticket, clerk=self.who.name)]

    # --- shared ---------------------------------------------------------------------------------------------

    def _my_desk_code(self) -> str | None:
        desk = self.hall.desk_of(self.who.name)
        return desk.code if desk else None

    def _desk(self) -> Desk:
        desk = self.hall.desk_of(self.who.name)
        if desk is None:
            raise Refused("desk_not_open")
        return desk

    def _named_desk(self, code: str) -> Desk:
        desk = self._desk()
        if desk.code != code:
            raise Refused("desk_not_open", desk=code)
        return desk

    def _desk_with(self, ticket: int | None) -> Desk:
        desk = self._desk()
        if desk.ticket != ticket:
            raise Refused("stale", ticket=desk.ticket)
        return desk

    def _current(self, id: int, state: str) -> tuple[Desk, Ticket]:
        desk = self._desk_with(id)
        ticket = self.hall.tickets[id]
        if ticket.state != state:
            raise Refused("stale", ticket.state, ticket=desk.ticket)
        return desk, ticket


def undoable(desk: Desk, ticket: Ticket, now: int) -> bool:
    """May the desk take back the ticket's last step? Only its own latest, and only for a minute."""
    return (
        desk.last == ticket.id
        and desk.ticket in {None, ticket.id}
        and ticket.before is not None
        and ticket.score is None  # rated since: the citizen has spoken of it
        and ticket.step_desk == desk.code
        and now - ticket.step_at <= UNDO_WINDOW
    )


def _is_date(text: str) -> bool:
    """A date of this century's hall: a typing error must not open the year 2062."""
    try:
        return PLAUSIBLE[0] <= date.fromisoformat(text).year <= PLAUSIBLE[1]
    except ValueError:
        return False


def _may_return(ticket: Ticket) -> bool:
    """A missed number, or one served today that was sent for a paper."""
    return ticket.state == "no_show" or (ticket.state == "served" and ticket.outcome == "supplement")


_RULES: Final[dict[type[p.Command], Callable[[_Case, Any], list[Event] | Decision]]] = {
    p.Issue: _Case.issue,
    p.Printed: _Case.printed,
    p.PrintFailed: _Case.print_failed,
    p.Reprint: _Case.reprint,
    p.Cancel: _Case.cancel,
    p.Rate: _Case.rate,
    p.OpenDesk: _Case.open_desk,
    p.PauseDesk: _Case.pause_desk,
    p.CloseDesk: _Case.close_desk,
    p.CallNext: _Case.call_next,
    p.CallTicket: _Case.call_ticket,
    p.Recall: _Case.recall,
    p.Start: _Case.start,
    p.NoShow: _Case.no_show,
    p.Finish: _Case.finish,
    p.SetOutcome: _Case.set_outcome,
    p.Requeue: _Case.requeue,
    p.SetPriority: _Case.set_priority,
    p.Undo: _Case.undo,
    p.ConfirmDate: _Case.confirm_date,
    p.OpenSession: _Case.open_session,
    p.EraseComment: _Case.erase_comment,
}

RULED: Final = frozenset(_RULES)
"""The commands that change the hall; the others (status, reports, people) never reach the rules."""

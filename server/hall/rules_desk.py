"""Rules of the desks: opening, calling, serving, taking back."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UnsetType

from server import protocol as p
from server.hall import events as e
from server.hall.absence import no_show_at
from server.hall.calendar import MINUTE
from server.hall.case import Case, Decision, Refused
from server.hall.day import opening
from server.hall.events import Event
from server.hall.fold import Hall
from server.hall.order import Order
from server.hall.state import FINAL, LOST, OPEN_ENDED, Desk, Ticket, may_return

UNDO_WINDOW: Final = 60_000
EARLY: Final = 60 * MINUTE
"""ms before the usual hours within which opening a desk only brings them forward."""


class DeskRules(Case):
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
        desk = self.named_desk(c.desk)
        if desk.ticket is not None:
            raise Refused("ticket_open", ticket=desk.ticket)
        if desk.state == "paused":
            return []
        return [e.DeskPaused(at=self.now, desk=desk.code, clerk=self.who.name, because=c.reason)]

    def close_desk(self, c: p.CloseDesk) -> list[Event]:
        return self._close(self.named_desk(c.desk), c.reason)

    def _close(self, desk: Desk, reason: str | None = None) -> list[Event]:
        if desk.ticket is not None:
            raise Refused("ticket_open", ticket=desk.ticket, desk=desk.code)
        return _closed(self.hall, desk, self.now, reason)

    def call_next(self, c: p.CallNext) -> Decision:
        desk = self.desk_with(c.ticket)
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
        desk = self.desk_with(c.ticket)
        if desk.state != "open":
            raise Refused("desk_not_open", desk=desk.code)
        found, lost = self.hall.find(c.number), self._lost(c.number)
        if found is None and lost is None:
            raise Refused("unknown_number", number=c.number)
        if found is not None and found.state in {"called", "serving"}:
            raise Refused("already_called", desk=found.desk or "", number=found.number)
        finished: list[Event] = []
        if desk.ticket is not None:
            current = self.hall.tickets[desk.ticket]
            if current.state == "called":
                raise Refused("still_called", ticket=current.id)
            finished = [self._finished(current, desk, c.outcome, c.dossiers)]
        if found is None:
            assert lost is not None
            joined = self._joined(c.number, lost, desk, self.hall.seq + len(finished) + 1)
            return [*finished, joined, self._call(joined, desk, "by_number")]
        if found.state == "waiting":
            return [*finished, self._call(found, desk, "by_number")]
        if not may_return(found):
            raise Refused("unknown_number", found.state, number=found.number)
        back = self._requeued(found, desk)
        return [*finished, back, self._call(found, desk, "by_number", visit=back.visit)]

    def _lost(self, number: str) -> tuple[str, int] | None:
        """Area and instant (ms) of a number that is on a paper and not in the record; null for every other."""
        area, at = self.hall.area_of(number), self.hall.lost_at(number)
        return None if area is None or at is None else (area, at)

    def _joined(self, number: str, lost: tuple[str, int], desk: Desk, seq: int) -> e.Issued:
        """Such a number takes its place in the line, by the paper that its citizen shows."""
        return e.Issued(
            at=self.now,
            ticket=seq,
            number=number,
            area=lost[0],
            desk=desk.code,
            clerk=self.who.name,
            via=LOST,
            taken_at=lost[1],
        )

    def _call(self, ticket: Ticket | e.Issued, desk: Desk, because: str, *, visit: int | None = None) -> e.Called:
        return e.Called(
            at=self.now,
            ticket=ticket.id if isinstance(ticket, Ticket) else ticket.ticket,
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
        desk, ticket = self.current(c.ticket, "called")
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
        desk, ticket = self.current(c.ticket, "called")
        return [e.Started(at=self.now, ticket=ticket.id, visit=ticket.visit, desk=desk.code, clerk=self.who.name)]

    def no_show(self, c: p.NoShow) -> list[Event]:
        desk, ticket = self.current(c.ticket, "called")
        earliest = no_show_at(self.hall, ticket, self.now)
        if earliest is None or self.now < earliest:
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
        desk, ticket = self.current(c.ticket, "serving")
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
                dossiers=ticket.dossiers if isinstance(c.dossiers, UnsetType) else c.dossiers,
            )
        ]

    def requeue(self, c: p.Requeue) -> list[Event]:
        desk = self.desk()
        ticket, lost = self.hall.find(c.number), self._lost(c.number)
        if lost is not None:
            return [self._joined(c.number, lost, desk, self.hall.seq + 1)]
        if ticket is None:
            raise Refused("unknown_number", number=c.number)
        if not may_return(ticket):
            raise Refused("not_allowed", ticket.state, number=c.number)
        return [self._requeued(ticket, desk)]

    def _requeued(self, ticket: Ticket, desk: Desk) -> e.Requeued:
        if ticket.area not in self.policy.areas:  # gone from the settings since: nobody would ever call it
            raise Refused("unknown_area", ticket.area, number=ticket.number)
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
        self.desk()
        ticket = self.hall.tickets.get(c.ticket)
        if ticket is None or ticket.state in FINAL:
            raise Refused("stale", ticket=None)
        if ticket.priority == c.priority:
            return []
        return [e.PrioritySet(at=self.now, ticket=ticket.id, priority=c.priority, clerk=self.who.name)]

    def undo(self, c: p.Undo) -> list[Event]:
        desk = self.desk()
        ticket = self.hall.tickets.get(c.ticket)
        if ticket is None or not undoable(desk, ticket, self.now):
            raise Refused("too_late")
        if ticket.area not in self.policy.areas:  # a cancelled number's area may be gone
            raise Refused("unknown_area", ticket.area, number=ticket.number)
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


def vacated(hall: Hall, clerk: str, now: int) -> list[Event]:
    """What becomes of the desk of a clerk who may no longer come in: it closes, and its number is not left hanging.

    A number that was only called goes back to the head of its line; one that is served is finished.
    """
    desk = hall.desk_of(clerk)
    if desk is None:
        return []
    ticket = None if desk.ticket is None else hall.tickets[desk.ticket]
    left: list[Event] = []
    if ticket is not None:
        at_desk: Any = {"at": now, "ticket": ticket.id, "visit": ticket.visit, "desk": desk.code, "clerk": clerk}
        if ticket.state == "called":
            left.append(e.Undone(ref=ticket.call, **at_desk))
        else:
            left.append(e.Finished(outcome=ticket.outcome, dossiers=ticket.dossiers, because="revoked", **at_desk))
    return [*left, *_closed(hall, desk, now, "revoked")]


def _closed(hall: Hall, desk: Desk, now: int, because: str | None) -> list[Event]:
    """The desk closes, and with the last one a session that was open until then."""
    closed = e.DeskClosed(at=now, desk=desk.code, clerk=desk.clerk or "", because=because)
    others = any(other.state != "closed" and other.code != desk.code for other in hall.desks.values())
    if not others and any(until == OPEN_ENDED for _, until in hall.extra):
        return [closed, e.SessionClosed(at=now)]
    return [closed]


def undoable(desk: Desk, ticket: Ticket, now: int) -> bool:
    """May the desk take back the ticket's last step? Only its own latest, and only for a minute."""
    return (
        desk.last == ticket.id
        and desk.ticket in {None, ticket.id}
        and ticket.before is not None
        and ticket.step_desk == desk.code
        and now - ticket.step_at <= UNDO_WINDOW
    )

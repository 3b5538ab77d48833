"""Desks: opening, calling, serving, taking back. Pure."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UnsetType

from server import protocol as p
from server.hall import events as e
from server.hall.absence import no_show_at
from server.hall.calendar import MINUTE
from server.hall.day import opening
from server.hall.events import Event
from server.hall.fold import Hall
from server.hall.order import Order
from server.hall.rules.case import Case, Decision, Refused
from server.hall.state import FINAL, LOST, OPEN_ENDED, Desk, Ticket, may_return

UNDO_WINDOW: Final = 60_000
EARLY: Final = 60 * MINUTE
"""ms before the usual hours within which opening a desk only brings them forward."""


def open_desk(case: Case, c: p.OpenDesk) -> list[Event]:
    """The clerk sits down at a desk that nobody else has; the first one opens the day."""
    if c.desk not in case.policy.desks:
        raise Refused("desk_not_open", f"no desk {c.desk}")
    desk, mine = case.hall.desk(c.desk), case.hall.desk_of(case.who.name)
    before = opening(case.hall, case.reading)
    if any(isinstance(event, e.DayOpened) for event in before):
        desk, mine = Desk(code=c.desk), None
    if desk.state == "open" and desk.clerk == case.who.name:
        return []
    if desk.clerk not in {None, case.who.name} and (desk.state == "open" or desk.ticket is not None):
        raise Refused("desk_taken", desk.clerk or "", desk=desk.code)
    events: list[Event] = list(before)
    if mine is not None and mine.code != c.desk:
        events += _close(case, mine)[:1]  # the hall goes on at the new desk
    if desk.state != "closed" and desk.clerk not in {None, case.who.name}:
        events.append(e.DeskClosed(at=case.now, desk=desk.code, clerk=desk.clerk or ""))
    if not case.hall.is_open(None, case.now):
        # A little early: until the usual hours begin. Otherwise until the last desk closes.
        next_one = case.policy.calendar.next_opening(case.now)
        until = next_one if next_one is not None and next_one - case.now <= EARLY else None
        events.append(e.SessionOpened(at=case.now, clerk=case.who.name, desk=c.desk, until=until))
    return [*events, e.DeskOpened(at=case.now, desk=c.desk, clerk=case.who.name)]


def pause_desk(case: Case, c: p.PauseDesk) -> list[Event]:
    """The clerk's desk rests. Not while it calls or serves a number."""
    desk = case.named_desk(c.desk)
    if desk.ticket is not None:
        raise Refused("ticket_open", ticket=desk.ticket)
    if desk.state == "paused":
        return []
    return [e.DeskPaused(at=case.now, desk=desk.code, clerk=case.who.name, because=c.reason)]


def close_desk(case: Case, c: p.CloseDesk) -> list[Event]:
    """The clerk leaves the desk. Not while it calls or serves a number."""
    return _close(case, case.named_desk(c.desk), c.reason)


def _close(case: Case, desk: Desk, reason: p.PauseReason | None = None) -> list[Event]:
    if desk.ticket is not None:
        raise Refused("ticket_open", ticket=desk.ticket, desk=desk.code)
    return _closed(case.hall, desk, case.now, reason)


def call_next(case: Case, c: p.CallNext) -> Decision:
    """The desk calls the number that is next in its areas; the one it serves is finished before."""
    desk = case.desk_with(c.ticket)
    if desk.state != "open" or desk.code not in case.policy.desks:
        raise Refused("desk_not_open", desk=desk.code)
    finished: tuple[Event, ...] = ()
    if desk.ticket is not None:
        current = case.hall.tickets[desk.ticket]
        if current.state == "called":
            raise Refused("still_called", ticket=current.id)
        finished = (_finished(case, current, desk, c.outcome, c.dossiers),)
    order = Order(case.hall, case.now)
    found = order.first(case.policy.desks[desk.code].areas)
    if found is None:
        return Decision(finished, p.Error(code="nobody_waiting", ticket=None))
    return Decision((*finished, _call(case, found, desk, order.why(found))))


def call_ticket(case: Case, c: p.CallTicket) -> list[Event]:
    """The desk calls a number that its clerk names."""
    desk = case.desk_with(c.ticket)
    if desk.state != "open":
        raise Refused("desk_not_open", desk=desk.code)
    found, lost = case.hall.find(c.number), _lost(case, c.number)
    if found is None and lost is None:
        raise Refused("unknown_number", number=c.number)
    if found is not None and found.state in {"called", "serving"}:
        raise Refused("already_called", desk=found.desk or "", number=found.number)
    finished: list[Event] = []
    if desk.ticket is not None:
        current = case.hall.tickets[desk.ticket]
        if current.state == "called":
            raise Refused("still_called", ticket=current.id)
        finished = [_finished(case, current, desk, c.outcome, c.dossiers)]
    if found is None:
        assert lost is not None
        joined = _joined(case, c.number, lost, desk, case.hall.seq + len(finished) + 1)
        return [*finished, joined, _call(case, joined, desk, "by_number")]
    if found.state == "waiting":
        return [*finished, _call(case, found, desk, "by_number")]
    if not may_return(found):
        raise Refused("unknown_number", found.state, number=found.number)
    back = _requeued(case, found, desk)
    return [*finished, back, _call(case, found, desk, "by_number", visit=back.visit)]


def _lost(case: Case, number: str) -> tuple[str, int] | None:
    """Area and instant (ms) of a number that is on a paper and not in the record; null for every other."""
    area, at = case.hall.area_of(number), case.hall.lost_at(number)
    return None if area is None or at is None else (area, at)


def _joined(case: Case, number: str, lost: tuple[str, int], desk: Desk, seq: int) -> e.Issued:
    """Such a number takes its place in the line, by the paper that its citizen shows."""
    return e.Issued(
        at=case.now,
        ticket=seq,
        number=number,
        area=lost[0],
        desk=desk.code,
        clerk=case.who.name,
        via=LOST,
        taken_at=lost[1],
    )


def _call(
    case: Case, ticket: Ticket | e.Issued, desk: Desk, because: p.CallReason, *, visit: int | None = None
) -> e.Called:
    return e.Called(
        at=case.now,
        ticket=ticket.id if isinstance(ticket, Ticket) else ticket.ticket,
        visit=visit or ticket.visit,
        number=ticket.number,
        area=ticket.area,
        desk=desk.code,
        clerk=case.who.name,
        because=because,
    )


def _finished(
    case: Case, ticket: Ticket, desk: Desk, outcome: p.OutcomeCode | None, dossiers: int | None
) -> e.Finished:
    return e.Finished(
        at=case.now,
        ticket=ticket.id,
        visit=ticket.visit,
        desk=desk.code,
        clerk=case.who.name,
        outcome=outcome if outcome is not None else ticket.outcome,
        dossiers=dossiers if dossiers is not None else ticket.dossiers,
    )


def recall(case: Case, c: p.Recall) -> list[Event]:
    """The number at the desk is called once more."""
    desk, ticket = case.current(c.ticket, "called")
    return [
        e.Recalled(
            at=case.now,
            ticket=ticket.id,
            visit=ticket.visit,
            number=ticket.number,
            area=ticket.area,
            desk=desk.code,
            clerk=case.who.name,
        )
    ]


def start(case: Case, c: p.Start) -> list[Event]:
    """Service of the called number begins."""
    desk, ticket = case.current(c.ticket, "called")
    return [e.Started(at=case.now, ticket=ticket.id, visit=ticket.visit, desk=desk.code, clerk=case.who.name)]


def no_show(case: Case, c: p.NoShow) -> list[Event]:
    """The called number is absent. Not before it was called so often and so long ago as the settings say."""
    desk, ticket = case.current(c.ticket, "called")
    earliest = no_show_at(case.hall, ticket, case.now)
    if earliest is None or case.now < earliest:
        raise Refused("too_soon", f"after {case.policy.no_show_calls} calls and {case.policy.no_show_seconds} s")
    missing = e.WentMissing(at=case.now, ticket=ticket.id, visit=ticket.visit, desk=desk.code, clerk=case.who.name)
    if ticket.absences + 1 < case.policy.absences:
        return [missing]
    return [
        missing,
        e.Cancelled(
            at=case.now,
            ticket=ticket.id,
            visit=ticket.visit,
            desk=desk.code,
            clerk=case.who.name,
            because="absences",
        ),
    ]


def finish(case: Case, c: p.Finish) -> list[Event]:
    """Service ends."""
    desk, ticket = case.current(c.ticket, "serving")
    return [_finished(case, ticket, desk, c.outcome, c.dossiers)]


def set_outcome(case: Case, c: p.SetOutcome) -> list[Event]:
    """What came of a visit is told, or told otherwise, afterwards."""
    ticket = case.hall.tickets.get(c.ticket)
    if ticket is None or ticket.state not in {"serving", "served"} or ticket.clerk != case.who.name:
        raise Refused("forbidden")
    return [
        e.OutcomeSet(
            at=case.now,
            ticket=ticket.id,
            visit=ticket.visit,
            clerk=case.who.name,
            outcome=c.outcome,
            dossiers=ticket.dossiers if isinstance(c.dossiers, UnsetType) else c.dossiers,
        )
    ]


def requeue(case: Case, c: p.Requeue) -> list[Event]:
    """A number that missed its turn comes back into the line."""
    desk = case.desk()
    ticket, lost = case.hall.find(c.number), _lost(case, c.number)
    if lost is not None:
        return [_joined(case, c.number, lost, desk, case.hall.seq + 1)]
    if ticket is None:
        raise Refused("unknown_number", number=c.number)
    if not may_return(ticket):
        raise Refused("not_allowed", ticket.state, number=c.number)
    return [_requeued(case, ticket, desk)]


def _requeued(case: Case, ticket: Ticket, desk: Desk) -> e.Requeued:
    if ticket.area not in case.policy.areas:  # gone from the settings since: nobody would ever call it
        raise Refused("unknown_area", ticket.area, number=ticket.number)
    return e.Requeued(
        at=case.now,
        ticket=ticket.id,
        visit=ticket.visit + 1,
        number=ticket.number,
        area=ticket.area,
        desk=desk.code,
        clerk=case.who.name,
    )


def set_priority(case: Case, c: p.SetPriority) -> list[Event]:
    """A waiting number gets the priority mark, or loses it."""
    case.desk()
    ticket = case.hall.tickets.get(c.ticket)
    if ticket is None or ticket.state in FINAL:
        raise Refused("stale", ticket=None)
    if ticket.priority == c.priority:
        return []
    return [e.PrioritySet(at=case.now, ticket=ticket.id, priority=c.priority, clerk=case.who.name)]


def undo(case: Case, c: p.Undo) -> list[Event]:
    """The desk's last step is taken back, within its time."""
    desk = case.desk()
    ticket = case.hall.tickets.get(c.ticket)
    if ticket is None or not undoable(desk, ticket, case.now):
        raise Refused("too_late")
    if ticket.area not in case.policy.areas:  # a cancelled number's area may be gone
        raise Refused("unknown_area", ticket.area, number=ticket.number)
    return [
        e.Undone(
            at=case.now,
            ticket=ticket.id,
            visit=ticket.visit,
            desk=desk.code,
            clerk=case.who.name,
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


def _closed(hall: Hall, desk: Desk, now: int, because: p.PauseReason | p.EndReason | None) -> list[Event]:
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

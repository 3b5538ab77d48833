"""The hall of the current day as a fold over its events. No I/O, no clock here.

Only `Hall.apply` changes it. Where an event cannot follow (see `TRANSITIONS`) it raises :class:`Impossible`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from server.hall import events as e
from server.hall.calendar import Span, covered, inside, merged
from server.hall.events import Event, kind_of
from server.hall.policy import Policy
from server.hall.state import (
    AFTER_NEXT,
    FINAL,
    HEAD,
    NORMAL,
    NOT_ANNOUNCED,
    OPEN_ENDED,
    SINCE_A_START,
    TRANSITIONS,
    Call,
    Desk,
    Impossible,
    Job,
    Line,
    Lost,
    State,
    Ticket,
    TicketEvent,
    at_desk,
    may_return,
    shifted,
)
from server.hall.tally import Tally
from server.protocol import Doubt

SHOWN_CALLS: Final = 40
"""Calls that are kept besides those whose citizens have not come yet."""
LAST_TICKETS: Final = 20
TO_COME: Final = frozenset({"waiting", "called"})
"""States of a ticket whose citizen is not at a desk yet."""


class Hall:
    """State of the current day. Only `apply` changes it; everything else reads."""

    def __init__(self, policy: Policy, *, seq: int = 0) -> None:
        self.policy = policy
        self.seq = seq
        self.last_at = 0
        self.day: str | None = None
        self.day_open = False
        self.doubtful: Doubt | None = None
        self.doubted_at = 0
        self.covers = ""
        """The local date with which the day at hand ends."""
        self.day_before = ""
        """The latest date before the day at hand that has numbers on record."""
        self._clear()

    def _clear(self) -> None:
        self.opened_at = 0
        """Since when the day has its date: opened, or confirmed."""
        self.sure_at = 0
        """The day's last instant before the doubt; 0 where it was opened in doubt."""
        self.provisional = False
        """The day was opened while its date was in doubt: a confirmation may give it another."""
        self.named_by_person = False
        """The day has its date from a person's word, who may have mistyped: a second word may give it another."""
        self.tickets: dict[int, Ticket] = {}
        self.by_number: dict[str, int] = {}
        self.lines: dict[str, Line] = {}
        self.counters: dict[str, int] = {}
        self.issued: dict[str, int] = {}
        """Per first digit the highest counter that was given today, as far as the record knows."""
        self.lost: dict[str, tuple[Lost, ...]] = {}
        """Per first digit, ascending, what the record may lack of today's numbers."""
        self.area_calls: dict[str, int] = {}
        self.desks: dict[str, Desk] = {}
        self.hours: dict[str, tuple[Span, ...]] = {}
        self.extra: list[Span] = []
        self.earlier: list[Ticket] = []
        """Served stays of tickets that were put back in line since: they count, and nothing changes them any more."""
        self._tally: Tally | None = Tally()
        """Null: the hours have changed, and with them waits that were counted."""
        self.calls: list[Call] = []
        self.announced_at = 0
        """When a display last told of a call."""
        self.jobs: dict[int, Job] = {}
        self.wrong_codes: dict[int, int] = {}
        """How often a wrong rating code was tried, by ticket. No part of the record: a restart forgets it."""
        self.unprinted: dict[int, None] = {}
        """Tickets of kiosks without a paper that wait, or are called."""
        self.missed: dict[bool, dict[int, None]] = {True: {}, False: {}}
        """Tickets that may come back, in the order in which they became so: the absent, and those sent for a paper."""
        self.ended: list[int] = []
        """Tickets whose visit ended, oldest first; a ticket may stand twice."""
        self.given: list[int] = []
        """The last tickets that were given at a desk."""
        self.last_given: dict[str, dict[str, str]] = {}
        """Kiosk → area → the last number that it gave."""
        self.buckets: dict[str, tuple[float, int]] = {}
        """Per kiosk: tickets it may issue at once, as of an instant."""

    # --- what others ask ------------------------------------------------------------------------------------

    def desk(self, code: str) -> Desk:
        """A desk as it is now; a closed one where nobody sat down today."""
        return self.desks.get(code) or Desk(code=code)

    def desk_of(self, clerk: str) -> Desk | None:
        """The desk a clerk has opened (or paused)."""
        return next((d for d in self.desks.values() if d.clerk == clerk and d.state != "closed"), None)

    def desks_open(self, area: str) -> tuple[str, ...]:
        """Codes of the open desks that serve an area, in the settings' order."""
        desks = self.desks
        return tuple([code for code in self.policy.desks_of(area) if code in desks and desks[code].state == "open"])

    def line(self, area: str) -> Line:
        """Who waits in an area."""
        line = self.lines.get(area)
        if line is None:
            line = self.lines[area] = Line()
        return line

    def waiting(self, area: str) -> int:
        """How many wait in an area."""
        line = self.lines.get(area)
        return len(line) if line else 0

    def find(self, number: str) -> Ticket | None:
        """Today's ticket of a number; null where it was not given."""
        found = self.by_number.get(number)
        return None if found is None else self.tickets[found]

    def highest(self, digit: str) -> int:
        """The highest counter under a first digit that is on a paper today, lost ones included; 0 for none."""
        lost = self.lost.get(digit)
        return max(self.issued.get(digit, 0), lost[-1].counter if lost else 0)

    def on_paper(self) -> dict[str, int]:
        """The same by first digit."""
        return {digit: self.highest(digit) for digit in {*self.issued, *self.lost}}

    def lost_at(self, number: str) -> int | None:
        """When (ms) a number was given that is on a paper and that the record has lost; null for every other."""
        digit, counter = number[:1], int(number[1:] or 0)
        if number in self.by_number or counter < 1 or number != f"{digit}{counter:03d}":
            return None
        found = next((lost for lost in self.lost.get(digit, ()) if counter <= lost.counter), None)
        # Each a moment before the one after it: so they stand in the order of their numbers.
        return None if found is None else found.at - (found.counter - counter)

    def area_of(self, number: str) -> str | None:
        """The area that gives such numbers now."""
        return next((code for code, area in self.policy.areas.items() if area.prefix == number[:1]), None)

    def given_by(self, device: str) -> dict[str, str]:
        """The last number of each area that a kiosk gave today."""
        return dict(self.last_given.get(device, {}))

    @property
    def tally(self) -> Tally:
        """What the day has come to so far."""
        if self._tally is None:
            self._tally = Tally()
            for ticket in (*self.earlier, *self.tickets.values()):
                self._tally.change(None, ticket, self._waited)
            for ticket in self.earlier:  # they count as stays, and not as tickets once more
                self._tally.forget(ticket)
        return self._tally

    def _waited(self, ticket: Ticket) -> int:
        assert ticket.called_at is not None
        return covered(self.spans(ticket.area), ticket.queued_at, ticket.called_at) // 1000

    def spans(self, area: str) -> tuple[Span, ...]:
        """The area's open hours of today, extra sessions included."""
        usual = self.hours.get(area, ())
        return merged((*usual, *self.extra)) if self.extra else usual

    def is_open(self, area: str | None, now: int) -> bool:
        """Are numbers given now? A day whose date is in doubt has no hours: no clock locks the hall."""
        if self.doubtful:
            return True
        calendar = self.policy.calendar
        return (
            inside(self.extra, now) is not None or inside(calendar.spans(calendar.date_of(now), area), now) is not None
        )

    # --- the fold -------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> tuple[Ticket, ...]:
        """Fold one event; returns the tickets it changed. Raises :class:`Impossible`."""
        self.seq += 1
        touched = _APPLY[type(event)](self, event)
        self.last_at = event.at
        return (touched,) if isinstance(touched, Ticket) else touched or ()

    def _day_opened(self, event: e.DayOpened) -> None:
        if self.day is not None and self.tickets:  # as `Record.load` has it: a day without a number is on no paper
            self.day_before = max(self.day_before, self.day)
        self._clear()
        self.day, self.covers, self.day_open, self.opened_at = event.day, event.day, True, event.at
        if event.because is not None:
            self.doubtful, self.provisional, self.doubted_at = event.because, True, event.at

    def _day_reopened(self, _: e.DayReopened) -> None:
        self.day_open = True

    def _day_closed(self, event: e.DayClosed) -> None:
        self.day_open = False
        self._end_extra(event.at)

    def _date_doubted(self, event: e.DateDoubted) -> None:
        self.doubtful, self.doubted_at, self.sure_at = event.because, event.at, self.last_at

    def _date_confirmed(self, event: e.DateConfirmed) -> tuple[Ticket, ...]:
        self.named_by_person = event.because == "person" and (self.provisional or self.named_by_person)
        by = event.at - event.taken_at
        since = self.doubted_at if self.doubtful in SINCE_A_START and self.doubted_at + by >= self.sure_at else 0
        self.doubtful, self.provisional = None, False
        if event.date is None:
            return ()
        self.day = event.date
        # A day that keeps its name although the date is another one lasts until that date is over.
        self.covers = max(event.date, self.policy.calendar.date_of(event.at))
        self.opened_at = event.at
        self._shift(by, since)
        self.hours, self._tally = {}, None
        return tuple(self.tickets.values())

    def _shift(self, by: int, since: int) -> None:
        """Move the day's instants from `since` on by `by` ms: the clock was corrected, and no wait may change by it."""

        def moved(at: int) -> int:
            return at + by if at >= since else at

        for ticket in self.tickets.values():
            self._put(shifted(ticket, moved))
        self.doubted_at = moved(self.doubted_at)
        self.extra = [(moved(start), end if end == OPEN_ENDED else moved(end)) for start, end in self.extra]
        self.calls = [replace(call, at=moved(call.at)) for call in self.calls]
        self.lost = {
            digit: tuple(replace(lost, at=moved(lost.at)) for lost in ranges) for digit, ranges in self.lost.items()
        }
        self.jobs = {key: replace(job, at=moved(job.at)) for key, job in self.jobs.items()}
        self.buckets = {device: (level, moved(at)) for device, (level, at) in self.buckets.items()}

    def _recovered(self, event: e.Recovered) -> None:
        if event.ref + 1 < self.seq:
            raise Impossible(f"recovered from {event.ref} at seq {self.seq}")
        self.seq = event.ref + 1

    def _numbers_lost(self, event: e.NumbersLost) -> None:
        digit, counter = event.number[0], int(event.number[1:])
        before = tuple(lost for lost in self.lost.get(digit, ()) if lost.counter < counter)
        self.lost[digit] = (*before, Lost(counter, event.taken_at))

    def _hours_set(self, event: e.HoursSet) -> tuple[Ticket, ...]:
        self._tally = None
        self.hours[event.area] = (*self.hours.get(event.area, ()), (event.since, event.until))
        return tuple(ticket for ticket in self.tickets.values() if ticket.area == event.area)  # their waits change

    def _session_opened(self, event: e.SessionOpened) -> None:
        self.extra.append((event.at, event.until or OPEN_ENDED))

    def _session_closed(self, event: e.SessionClosed) -> None:
        """One that was open until the last desk closes ends with it; one of a set length goes on."""
        self.extra = [(since, max(since, event.at) if until == OPEN_ENDED else until) for since, until in self.extra]

    def _end_extra(self, at: int) -> None:
        self.extra = [(since, min(until, max(since, at))) for since, until in self.extra]

    def _desk_opened(self, event: e.DeskOpened) -> None:
        self._put_desk(event.desk, state="open", clerk=event.clerk, because=None)

    def _desk_paused(self, event: e.DeskPaused) -> None:
        self._put_desk(event.desk, state="paused", because=event.because)

    def _desk_closed(self, event: e.DeskClosed) -> None:
        self._put_desk(event.desk, state="closed", clerk=None, ticket=None, last=None, because=event.because)

    def _put_desk(self, code: str, **changes: Any) -> None:
        self.desks[code] = replace(self.desk(code), **changes)

    def _issued(self, event: e.Issued) -> Ticket:
        if event.ticket != self.seq or event.number in self.by_number:
            raise Impossible(f"ticket {event.ticket} with number {event.number} at seq {self.seq}")
        ticket = Ticket(
            id=event.ticket,
            number=event.number,
            area=event.area,
            procedure=event.procedure,
            priority=event.priority,
            device=event.device,
            via=event.via,
            issued_at=event.at if event.taken_at is None else event.taken_at,
            queued_at=event.at if event.taken_at is None else event.taken_at,
            step=self.seq,
            step_kind="issued",
            step_at=event.at,
        )
        self.by_number[event.number] = ticket.id
        if event.taken_at is not None:  # it comes back: nothing new is given, and it belongs to its time in the line
            return self._put(ticket)
        # One digit of the area, then the counter; the area's prefix may since have been changed.
        digit, counter = event.number[0], int(event.number[1:])
        self.counters[event.area] = counter
        self.issued[digit] = max(counter, self.issued.get(digit, 0))
        source = event.device if event.device is not None else at_desk(event.clerk or "")
        self.buckets[source] = (self.allowance(source, event.at) - 1, event.at)
        if event.device is not None:
            self.last_given.setdefault(event.device, {})[event.area] = event.number
        else:
            self.given = [*self.given[-LAST_TICKETS:], ticket.id]
        return self._put(ticket)

    def allowance(self, source: str, now: int) -> float:
        """How many tickets a kiosk or clerk may issue at once now: a bucket of `burst`, filled `tickets_per_minute`."""
        burst = float(self.policy.burst)
        level, at = self.buckets.get(source, (burst, now))
        return min(burst, level + max(0, now - at) * self.policy.tickets_per_minute / 60_000)

    def _printed(self, event: e.Printed) -> Ticket | None:
        return self._paper(event.ticket, printed=event.via, not_printed=None)

    def _print_failed(self, event: e.PrintFailed) -> Ticket | None:
        return self._paper(event.ticket, not_printed=event.because)

    def _paper(self, id: int, **changes: Any) -> Ticket | None:
        self.jobs.pop(id, None)
        ticket = self.tickets.get(id)
        return self._put(replace(ticket, **changes)) if ticket else None

    def _reprint_asked(self, event: e.ReprintAsked) -> None:
        if event.via == "desk":
            self.jobs[event.ticket] = Job(seq=self.seq, ticket=event.ticket, device=event.device, at=event.at)

    def _called(self, event: e.Called) -> Ticket:
        ticket = self._step(
            event,
            event.desk,
            desk=event.desk,
            clerk=event.clerk,
            place=NORMAL,
            calls=1,
            first_called_at=event.at,
            called_at=event.at,
            call=self.seq,
            announced=NOT_ANNOUNCED,
            because=event.because,
        )
        self.area_calls[ticket.area] = self.area_calls.get(ticket.area, 0) + 1
        self._put_desk(event.desk, ticket=ticket.id, last=ticket.id)
        self._show(event, ticket)
        return ticket

    def _recalled(self, event: e.Recalled) -> Ticket:
        before = self.tickets[event.ticket]
        ticket = replace(before, calls=before.calls + 1, called_at=event.at)
        if before.state != "called":
            raise Impossible(f"recalled while {before.state}")
        self._show(event, ticket, recall=True)
        return self._put(ticket)

    def _show(self, event: e.Called | e.Recalled, ticket: Ticket, *, recall: bool = False) -> None:
        call = Call(
            seq=self.seq,
            ticket=ticket.id,
            number=ticket.number,
            desk=event.desk,
            area=ticket.area,
            at=event.at,
            recall=recall,
        )
        self._keep(call)

    def _keep(self, call: Call) -> None:
        """The last calls, and before them each by which a number stands at a desk now: at most one a desk."""
        older, last = self.calls[:-SHOWN_CALLS], self.calls[-SHOWN_CALLS:]
        standing = {old.ticket: old for old in older if self._calls_now(old)}
        self.calls = [*standing.values(), *last, call]

    def _calls_now(self, call: Call) -> bool:
        ticket = self.tickets[call.ticket]
        return call.withdrawn is None and ticket.state == "called" and call.seq >= ticket.call

    def call_of(self, seq: int) -> Call | None:
        """One of the last calls, by its `seq`."""
        return next((call for call in self.calls if call.seq == seq and call.withdrawn is None), None)

    def _announced(self, event: e.Announced) -> Ticket:
        self.announced_at = event.at
        said = event.via == "said"
        # What was read out has been seen too, whatever order the two words came in.
        self.calls = [
            replace(call, shown=True, said=said or call.said) if call.seq == event.ref else call for call in self.calls
        ]
        ticket = self.tickets[event.ticket]
        told = ticket.announced
        if said:
            told = replace(told, said=told.said + 1, said_at=told.said_at or event.at)
        else:
            told = replace(told, shown=told.shown + 1, shown_at=told.shown_at or event.at)
        return self._put(replace(ticket, announced=told))

    def _started(self, event: e.Started) -> Ticket:
        return self._step(event, event.desk, started_at=event.at)

    def _finished(self, event: e.Finished) -> Ticket:
        ticket = self._step(
            event, event.desk, ended_at=event.at, end="served", outcome=event.outcome, dossiers=event.dossiers
        )
        self._put_desk(event.desk, ticket=None, last=ticket.id)
        self.ended.append(ticket.id)
        return ticket

    def _no_show(self, event: e.WentMissing) -> Ticket:
        absences = self.tickets[event.ticket].absences + 1
        ticket = self._step(event, event.desk, ended_at=event.at, end="no_show", absences=absences)
        self._put_desk(event.desk, ticket=None, last=ticket.id)
        self.ended.append(ticket.id)
        return ticket

    def _outcome_set(self, event: e.OutcomeSet) -> Ticket:
        ticket = self.tickets[event.ticket]
        return self._put(replace(ticket, outcome=event.outcome, dossiers=event.dossiers))

    def _requeued(self, event: e.Requeued) -> Ticket:
        before = self.tickets[event.ticket]
        fresh = Ticket(
            id=before.id,
            number=before.number,
            area=event.area,
            procedure=before.procedure,
            priority=before.priority,
            device=before.device,
            via=before.via,
            issued_at=before.issued_at,
            printed=before.printed,
            not_printed=before.not_printed,
            absences=before.absences,
            visit=event.visit,
            queued_at=event.at,
            place=AFTER_NEXT,
            after_calls=self.area_calls.get(event.area, 0),
            step=self.seq,
            step_kind="requeued",
            step_at=event.at,
        )
        self._move(before, type(event))
        if before.state == "served":
            self.earlier.append(before)
        return self._put(fresh)

    def _priority_set(self, event: e.PrioritySet) -> Ticket:
        before = self.tickets[event.ticket]
        ticket = replace(before, priority=event.priority)
        if before.state == "waiting":  # out of the arrivals' order from now on, whichever way it went
            self.line(before.area).move(ticket)
        return self._put(ticket)

    def _undone(self, event: e.Undone) -> Ticket:
        now = self.tickets[event.ticket]
        if now.state == "called" and event.ref == now.call:
            before = _uncalled(now)
            self._withdraw(now, event.at)
        elif now.before is not None and event.ref == now.step:
            before = now.before
        else:
            raise Impossible(f"undone {event.ref}, but {now.number} was called by {now.call}, moved by {now.step}")
        if before.state == "waiting":
            self.line(before.area).move(before)  # it comes back out of the arrivals' order
        if now.state in FINAL and before.state not in FINAL and now.id in self.ended:
            last = len(self.ended) - 1 - self.ended[::-1].index(now.id)
            del self.ended[last]
        if now.visit == before.visit and now.end == "served":
            # The citizen's word of the service stays; and nothing tells the clerk that it was given.
            before = replace(
                before,
                score=now.score,
                rated_at=now.rated_at,
                rated_via=now.rated_via,
                rating=now.rating,
                reasons=now.reasons,
                note=now.note,
            )
        ticket = self._put_back(before, now, event)
        holds = ticket.id if ticket.state in {"called", "serving"} else None
        # The clerk's step before this one, at the same desk, may be undone next: finishing one and calling another
        # is one press, and a slip of it takes two presses back.
        here = (event.desk, event.clerk)
        ended = (self.tickets[id] for id in reversed(self.ended))
        last_ended = next((t.id for t in ended if (t.step_desk, t.clerk) == here), None)
        self._put_desk(event.desk, ticket=holds, last=None if holds else last_ended)
        return ticket

    def _withdraw(self, ticket: Ticket, at: int) -> None:
        call = next((c for c in reversed(self.calls) if c.ticket == ticket.id and c.withdrawn is None), None)
        if call is not None:
            taken_back = replace(call, seq=self.seq, at=at, withdrawn=call.seq)
            self._keep(taken_back)

    def _cancelled(self, event: e.Cancelled) -> Ticket:
        before = self.tickets[event.ticket]
        # Cancelled after its last absence, its visit stays a no-show.
        end = before.end if before.state == "no_show" else "cancelled"
        ended_at = before.ended_at if before.state == "no_show" else event.at
        ticket = self._step(event, event.desk, end=end, ended_at=ended_at)
        if before.state == "called" and before.desk is not None:
            self._put_desk(before.desk, ticket=None, last=ticket.id)
        elif event.desk is not None:
            self._put_desk(event.desk, last=ticket.id)
        return ticket

    def _restored(self, event: e.Restored) -> Ticket:
        """To its old place: it comes back out of the arrivals' order. What happened beside stays: paper, priority."""
        now = self.tickets[event.ticket]
        before = now.before
        if before is None or self._move(now, type(event)) != before.state or event.ref != now.step:
            raise Impossible(f"restored {event.ref}, but {now.number} was moved by {now.step}")
        self.line(before.area).move(before)
        return self._put_back(before, now, event)

    def _put_back(self, before: Ticket, now: Ticket, event: e.Undone | e.Restored) -> Ticket:
        """It is what it was before its last step. What happened beside that step stays: paper, priority."""
        return self._put(
            replace(
                before,
                printed=now.printed,
                not_printed=now.not_printed,
                priority=now.priority,
                before=None,
                step=self.seq,
                step_kind=kind_of(event),
                step_at=event.at,
            )
        )

    def _expired(self, event: e.Expired) -> Ticket:
        before = self.tickets[event.ticket]
        ticket = self._step(event, None, ended_at=event.at, end="expired")
        if before.desk is not None and before.state == "called":
            self._put_desk(before.desk, ticket=None)
        return ticket

    def _rated(self, event: e.Rated) -> Ticket:
        ticket = replace(
            self.tickets[event.ticket],
            score=event.score,
            rated_at=event.at,
            rated_via=event.via,
            rating=self.seq,
            reasons=event.reasons,
            note=event.note,
        )
        return self._put(ticket)

    def _comment_erased(self, event: e.CommentErased) -> None:
        """Only the comments' own table changes."""

    def _step(self, event: TicketEvent, step_desk: str | None, **changes: Any) -> Ticket:
        """One transition of a ticket, remembered so that it can be undone."""
        before = self.tickets[event.ticket]
        ticket = replace(
            before,
            state=self._move(before, type(event)),
            step=self.seq,
            step_kind=kind_of(event),
            step_at=event.at,
            step_desk=step_desk,
            before=replace(before, before=None),
            **changes,
        )
        return self._put(ticket)

    def _move(self, ticket: Ticket, kind: type[Event]) -> State:
        after = TRANSITIONS.get((ticket.state, kind))
        if after is None:
            raise Impossible(f"{kind.__name__} of {ticket.number}, which is {ticket.state}")
        return after

    def _put(self, ticket: Ticket) -> Ticket:
        line = self.line(ticket.area)
        if ticket.state == "waiting":
            line.put(ticket)
        else:
            line.drop(ticket.id)
        if ticket.printed is None and ticket.device is not None and ticket.state in TO_COME:
            self.unprinted[ticket.id] = None
        else:
            self.unprinted.pop(ticket.id, None)
        before = self.tickets.get(ticket.id)
        if before is not None:
            for absent, missed in self.missed.items():
                if may_return(ticket) and (ticket.state == "no_show") == absent:
                    missed[ticket.id] = None
                else:
                    missed.pop(ticket.id, None)
        if self._tally is not None:
            self._tally.change(before, ticket, self._waited)
        self.tickets[ticket.id] = ticket
        return ticket


def _uncalled(ticket: Ticket) -> Ticket:
    """Back at the head of its line. Not its `before`: a call that stands again after an undo no longer has that."""
    return replace(
        ticket,
        state="waiting",
        place=HEAD,
        desk=None,
        clerk=None,
        calls=0,
        first_called_at=None,
        called_at=None,
        call=0,
        announced=NOT_ANNOUNCED,
        because="",
    )


_APPLY: Final[dict[type[Event], Callable[[Hall, Any], Ticket | tuple[Ticket, ...] | None]]] = {
    e.DayOpened: Hall._day_opened,
    e.DayReopened: Hall._day_reopened,
    e.DayClosed: Hall._day_closed,
    e.DateDoubted: Hall._date_doubted,
    e.DateConfirmed: Hall._date_confirmed,
    e.Recovered: Hall._recovered,
    e.NumbersLost: Hall._numbers_lost,
    e.HoursSet: Hall._hours_set,
    e.SessionOpened: Hall._session_opened,
    e.SessionClosed: Hall._session_closed,
    e.DeskOpened: Hall._desk_opened,
    e.DeskPaused: Hall._desk_paused,
    e.DeskClosed: Hall._desk_closed,
    e.Issued: Hall._issued,
    e.Printed: Hall._printed,
    e.PrintFailed: Hall._print_failed,
    e.ReprintAsked: Hall._reprint_asked,
    e.Called: Hall._called,
    e.Recalled: Hall._recalled,
    e.Announced: Hall._announced,
    e.Started: Hall._started,
    e.Finished: Hall._finished,
    e.WentMissing: Hall._no_show,
    e.OutcomeSet: Hall._outcome_set,
    e.Requeued: Hall._requeued,
    e.PrioritySet: Hall._priority_set,
    e.Undone: Hall._undone,
    e.Cancelled: Hall._cancelled,
    e.Restored: Hall._restored,
    e.Expired: Hall._expired,
    e.Rated: Hall._rated,
    e.CommentErased: Hall._comment_erased,
}

"""What may be done: each command becomes events, or is refused with a code. Pure; changes nothing by itself.

`decide(hall, command, who, now)` reads the hall and returns a :class:`Decision`. A refusal may carry events (a
serving ticket is finished even where nobody waits to be called). Every desk command names the ticket it means, so
that two presses, two tabs or a slow link can never act on the wrong person: a mismatch is `stale`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from server import protocol as p
from server.hall import events as e
from server.hall.calendar import MINUTE
from server.hall.case import Decision, Refused, Who
from server.hall.day import Reading, confirmation, opening
from server.hall.events import Event
from server.hall.fold import Hall
from server.hall.rules_citizen import CitizenRules
from server.hall.rules_desk import DeskRules

PLAUSIBLE: Final = (2024, 2060)


class _Case(CitizenRules, DeskRules):
    """All rules together, the manager's and the display's here."""

    def confirm_date(self, c: p.ConfirmDate) -> list[Event]:
        """Which date it is, by a person's word. Where nobody doubts it, only the manager may say another."""
        if not _is_date(c.date):
            raise Refused("bad_message", f"no such date: {c.date}")
        if not self.hall.doubtful:
            if c.date == self.policy.calendar.date_of(self.now):
                return []
            if self.who.role != "manager":
                raise Refused("forbidden", f"it is {self.policy.calendar.date_of(self.now)} without doubt")
        return confirmation(self.hall, self.reading, c.date, clerk=self.who.name, because="person")

    def announced(self, c: p.Announced) -> list[Event]:
        """Of several displays the first counts. What is no longer a call of today needs no word."""
        call = self.hall.call_of(c.call)
        if call is None or (call.said if c.how == "said" else call.shown):
            return []
        ticket = self.hall.tickets[call.ticket]
        if ticket.state != "called" or call.seq < ticket.call:
            return []
        return [
            e.Announced(
                at=self.now,
                ticket=ticket.id,
                visit=ticket.visit,
                number=ticket.number,
                device=self.who.name,
                ref=call.seq,
                via=c.how,
            )
        ]

    def open_session(self, c: p.OpenSession) -> list[Event]:
        until = None if c.minutes is None else self.now + c.minutes * MINUTE
        before = opening(self.hall, self.reading)
        return [*before, e.SessionOpened(at=self.now, clerk=self.who.name, until=until)]

    def erase_comment(self, c: p.EraseComment) -> list[Event]:
        return [e.CommentErased(at=self.now, ticket=c.ticket, clerk=self.who.name)]


def decide(hall: Hall, command: p.Command, who: Who, reading: Reading) -> Decision:
    """The rules. Raises :class:`Refused`; any other exception is a bug, and the hall is unchanged after it."""
    decided = _RULES[type(command)](_Case(hall, who, reading), command)
    return decided if isinstance(decided, Decision) else Decision(tuple(decided))


def _is_date(text: str) -> bool:
    """A date of this century's hall: a typing error must not open the year 2062."""
    try:
        return PLAUSIBLE[0] <= date.fromisoformat(text).year <= PLAUSIBLE[1]
    except ValueError:
        return False


_RULES: Final[dict[type[p.Command], Callable[[_Case, Any], list[Event] | Decision]]] = {
    p.Issue: _Case.issue,
    p.Printed: _Case.printed,
    p.PrintFailed: _Case.print_failed,
    p.Reprint: _Case.reprint,
    p.Cancel: _Case.cancel,
    p.Restore: _Case.restore,
    p.Find: _Case.find,
    p.Rate: _Case.rate,
    p.Announced: _Case.announced,
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

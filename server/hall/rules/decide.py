"""What may be done: each command becomes events, or is refused with a code. Pure; changes nothing by itself.

`decide(hall, command, who, now)` reads the hall and returns a :class:`Decision`. A refusal may carry events (a
serving ticket is finished even where nobody waits to be called). Every desk command names the ticket it means, so
that two presses, two tabs or a slow link can never act on the wrong person: a mismatch is `stale`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from server import protocol as p
from server.hall.day import Reading
from server.hall.events import Event
from server.hall.fold import Hall
from server.hall.rules import desk, display, issue, manager, paper, rating
from server.hall.rules.case import Case, Decision, Who

Rule = Callable[[Case, Any], list[Event] | Decision]
"""From a :class:`Case` and its command to events, or a decision with more in it. Raises :class:`Refused`."""


def decide(hall: Hall, command: p.Command, who: Who, reading: Reading) -> Decision:
    """The rules. Raises :class:`Refused`; any other exception is a bug, and the hall is unchanged after it."""
    decided = _RULES[type(command)](Case(hall, who, reading), command)
    return decided if isinstance(decided, Decision) else Decision(tuple(decided))


_RULES: Final[dict[type[p.Command], Rule]] = {
    p.Issue: issue.issue,
    p.Printed: paper.printed,
    p.PrintFailed: paper.print_failed,
    p.Reprint: paper.reprint,
    p.Cancel: issue.cancel,
    p.Restore: issue.restore,
    p.Find: rating.find,
    p.Rate: rating.rate,
    p.Announced: display.announced,
    p.OpenDesk: desk.open_desk,
    p.PauseDesk: desk.pause_desk,
    p.CloseDesk: desk.close_desk,
    p.CallNext: desk.call_next,
    p.CallTicket: desk.call_ticket,
    p.Recall: desk.recall,
    p.Start: desk.start,
    p.NoShow: desk.no_show,
    p.Finish: desk.finish,
    p.SetOutcome: desk.set_outcome,
    p.Requeue: desk.requeue,
    p.SetPriority: desk.set_priority,
    p.Undo: desk.undo,
    p.ConfirmDate: manager.confirm_date,
    p.OpenSession: manager.open_session,
    p.EraseComment: manager.erase_comment,
}

RULED: Final = frozenset(_RULES)
"""The commands that change the hall; the others (status, reports, people) never reach the rules."""

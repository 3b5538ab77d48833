"""When may a clerk say that nobody came? Pure.

Nobody is absent before the call was announced. A call counts from the end of its first reading; where no display
reads calls out, from when it stood on a board; where no display is connected, from the clerk's press. A display that
leaves a call unannounced counts as not connected for that call: one that has said nothing for :data:`SILENT`, or that
has gone on to a later call.
"""

from __future__ import annotations

from typing import Final

from server.hall.fold import Hall
from server.hall.state import Call, Ticket

SILENT: Final = 20_000
"""ms without a word of any display, while a call waits to be announced."""


def calls_and_since(hall: Hall, ticket: Ticket, now: int) -> tuple[int, int | None]:
    """How many of a called ticket's calls count, and since when (ms); null: no call counts yet."""
    told, how = ticket.announced, hall.policy.displays
    if how != "none" and not _passed_over(hall, ticket, now):
        return (told.said, told.said_at) if how == "said" else (told.shown, told.shown_at)
    return ticket.calls, told.said_at or told.shown_at or ticket.first_called_at


def no_show_at(hall: Hall, ticket: Ticket, now: int) -> int | None:
    """From when on (ms) a called ticket may be marked absent; null while a call, or its announcement, is missing."""
    calls, since = calls_and_since(hall, ticket, now)
    if since is None or calls < hall.policy.no_show_calls:
        return None
    return since + hall.policy.no_show_seconds * 1000


def turn(hall: Hall, ticket: Ticket, now: int) -> int | None:
    """How many numbers a display reads out before this ticket's; null where none is waited for."""
    mine = _unannounced(hall, ticket)
    if hall.policy.displays != "said" or not mine or _passed_over(hall, ticket, now):
        return None
    before = {call.ticket for call in hall.calls if call.seq < mine[-1].seq and _waits(hall, call)}
    return len(before - {ticket.id})


def any_waits(hall: Hall) -> bool:
    """Is any call still to be announced? Then time alone may change what a clerk may do."""
    return hall.policy.displays != "none" and any(_waits(hall, call) for call in hall.calls)


def _unannounced(hall: Hall, ticket: Ticket) -> list[Call]:
    """The ticket's calls that no display has announced yet in the way that counts, oldest first."""
    return [call for call in hall.calls if call.ticket == ticket.id and _waits(hall, call)]


def _waits(hall: Hall, call: Call) -> bool:
    """Is it still to be announced, to somebody who has not come?"""
    ticket = hall.tickets[call.ticket]
    return (
        call.withdrawn is None
        and not _done(hall, call)
        and ticket.state == "called"
        and call.seq >= ticket.call  # else it is a call of before, that was taken back
    )


def _done(hall: Hall, call: Call) -> bool:
    return call.said if hall.policy.displays == "said" else call.shown


def _passed_over(hall: Hall, ticket: Ticket, now: int) -> bool:
    """A call of this ticket waits to be announced, but no display will come to it any more."""
    waiting = _unannounced(hall, ticket)
    if not waiting:
        return False
    if now - max(waiting[-1].at, hall.announced_at) >= SILENT:
        return True
    return any(call.seq > waiting[-1].seq and _done(hall, call) for call in hall.calls)

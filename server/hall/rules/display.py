"""What displays tell of calls. Pure."""

from __future__ import annotations

from server import protocol as p
from server.hall import events as e
from server.hall.events import Event
from server.hall.rules.case import Case


def announced(case: Case, c: p.Announced) -> list[Event]:
    """Of several displays the first counts. What is no longer a call of today needs no word."""
    call = case.hall.call_of(c.call)
    if call is None or (call.said if c.how == "said" else call.shown):
        return []
    ticket = case.hall.tickets[call.ticket]
    if ticket.state != "called" or call.seq < ticket.call:
        return []
    return [
        e.Announced(
            at=case.now,
            ticket=ticket.id,
            visit=ticket.visit,
            number=ticket.number,
            device=case.who.name,
            ref=call.seq,
            via=c.how,
        )
    ]

"""Papers: what became of them, and further ones. Pure."""

from __future__ import annotations

from typing import Final

from server import protocol as p
from server.hall import events as e
from server.hall.calendar import MINUTE
from server.hall.events import Event
from server.hall.rules.case import Case, Refused
from server.hall.state import FINAL

JOB_MINUTES: Final = 10
"""For so long a kiosk may still print what a desk asked for: then nobody waits for that paper any more."""
JOBS: Final = 20
"""Papers that desks may have asked for and one kiosk has not printed yet."""


def printed(case: Case, c: p.Printed) -> list[Event]:
    """What became of a paper is told. Told again, or of another day, it is nothing new."""
    ticket = case.hall.tickets.get(c.ticket)
    if ticket is None:
        return []  # of another day: nobody waits for that paper any more
    if ticket.printed == c.result and ticket.not_printed is None and ticket.id not in case.hall.jobs:
        return []  # told before
    return [e.Printed(at=case.now, ticket=c.ticket, device=case.who.name, via=c.result)]


def print_failed(case: Case, c: p.PrintFailed) -> list[Event]:
    """A paper did not come out."""
    if c.ticket not in case.hall.tickets:
        return []
    return [e.PrintFailed(at=case.now, ticket=c.ticket, device=case.who.name, because=c.reason)]


def reprint(case: Case, c: p.Reprint) -> list[Event]:
    """A paper is printed again, at the kiosk or, for a desk, at a kiosk."""
    ticket = case.hall.tickets.get(c.ticket)
    if ticket is None or ticket.state in FINAL:
        raise Refused("too_late")
    if case.who.role == "kiosk":
        if ticket.state != "waiting":  # its citizen is to go to the desk now, paper or not
            raise Refused("already_called", desk=ticket.desk or "")
        return [e.ReprintAsked(at=case.now, ticket=ticket.id, device=case.who.name, via="kiosk")]
    kiosks = case.policy.kiosks
    device = ticket.device if ticket.device in kiosks else (kiosks[0] if kiosks else None)
    if device is None:
        raise Refused("too_late", "no kiosk")
    since = case.now - JOB_MINUTES * MINUTE
    if sum(job.device == device and job.at > since for job in case.hall.jobs.values()) >= JOBS:
        raise Refused("too_fast", f"{JOBS} papers wait to be printed there")
    return [
        e.ReprintAsked(
            at=case.now,
            ticket=ticket.id,
            device=device,
            desk=case.my_desk_code(),
            clerk=case.who.name,
            via="desk",
        )
    ]

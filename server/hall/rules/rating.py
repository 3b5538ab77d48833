"""Ratings, and which numbers may be rated. Pure."""

from __future__ import annotations

import hmac
from typing import Final

from server import protocol as p
from server.hall import events as e
from server.hall.calendar import MINUTE
from server.hall.events import Event
from server.hall.rules.case import Case, Refused
from server.hall.secrets import comment_note, ticket_secrets
from server.hall.state import LOST, Ticket

CODES: Final = 5
"""Wrong rating codes after which a number can be rated without one only: from the list, or at the desk's tablet."""


def find(case: Case, c: p.Find) -> list[Event]:
    """May this number's visit be rated? No event; raises :class:`Refused` where not."""
    _rateable(case, None, c.number, c.code)
    return []


def rate(case: Case, c: p.Rate) -> list[Event]:
    """A visit is rated, once, within its time."""
    if (c.ticket is None) == (c.number is None):
        raise Refused("bad_message", "either ticket or number")
    ticket = _rateable(case, c.ticket, c.number, c.code)
    by_code = c.code is not None and ticket.via != LOST
    if c.score > case.policy.rating_levels:
        raise Refused("bad_message", f"this hall has {case.policy.rating_levels} levels")
    elsewhere: dict[str, p.RatedVia] = {"rate": "tablet", "ticket": "phone"}
    via = elsewhere.get(case.who.role, "list" if c.ticket is not None else "number")
    if by_code:
        via = "code"
    note = comment_note(case.policy.secret, c.id, c.comment) if c.comment else None
    return [
        e.Rated(
            at=case.now,
            ticket=ticket.id,
            visit=ticket.visit,
            score=c.score,
            via=via,
            device=case.who.name,
            reasons=tuple(sorted(set(c.reasons))),
            note=note,
            ref=None if ticket.score is None else ticket.rating,
        )
    ]


def _rateable(case: Case, ticket: int | None, number: str | None, code: str | None) -> Ticket:
    """The ticket, if a rating of it is taken now. Without the paper's code only the first is."""
    found = case.hall.tickets.get(ticket) if ticket is not None else case.hall.find(number or "")
    if found is None or found.end == "cancelled":
        raise Refused("unknown_number")
    if found.via == LOST:
        code = None  # the one on its paper was made for the ticket that was lost
    if code is not None:
        # Two digits are soon guessed: after a few wrong ones no code opens this number any more.
        guessed = case.hall.wrong_codes.get(found.id, 0) >= CODES
        if guessed or not hmac.compare_digest(code, ticket_secrets(case.policy.secret, found.id)[1]):
            case.hall.wrong_codes[found.id] = case.hall.wrong_codes.get(found.id, 0) + 1
            raise Refused("unknown_number", "the code is another number's")
    if found.end not in {"served", "no_show", "expired"}:
        raise Refused("not_served")
    if case.now - (found.ended_at or 0) > case.policy.rating_minutes * MINUTE:
        raise Refused("too_late")
    if found.score is not None and (code is None or found.rated_via == "code"):
        raise Refused("already_rated")
    return found

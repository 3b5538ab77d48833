"""Rules of the citizen's side: numbers, their papers, and ratings."""

from __future__ import annotations

import hmac
from typing import Final

from server import protocol as p
from server.hall import events as e
from server.hall.calendar import MINUTE, iso
from server.hall.case import Case, Refused
from server.hall.day import hours, opening
from server.hall.events import Event
from server.hall.secrets import comment_note, ticket_secrets
from server.hall.state import FINAL, LOST, Ticket, at_desk

HIGHEST_COUNTER: Final = 8999
CANCEL_WINDOW: Final = 32_000
"""ms in which a kiosk may take a number back: the 20 s its button shows, ten for its question, and two for the way."""
RESTORE_WINDOW: Final = 12_000
"""ms in which a kiosk may give it back: the ten seconds its button shows, and two for the way."""
JOB_MINUTES: Final = 10
"""For so long a kiosk may still print what a desk asked for: then nobody waits for that paper any more."""
JOBS: Final = 20
"""Papers that desks may have asked for and one kiosk has not printed yet."""
CODES: Final = 5
"""Wrong rating codes after which a number can be rated without one only: from the list, or at the desk's tablet."""


class CitizenRules(Case):
    def issue(self, c: p.Issue) -> list[Event]:
        if c.area not in self.policy.areas:
            raise Refused("unknown_area", c.area)
        if c.procedure is not None and self.policy.procedures.get(c.procedure) != c.area:
            raise Refused("unknown_area", f"{c.procedure} is no procedure of {c.area}")
        if not self.hall.is_open(c.area, self.now):
            opens = self.policy.calendar.next_opening(self.now, c.area)
            raise Refused("closed", f"opens at {iso(opens)}" if opens else "")
        kiosk = self.who.role == "kiosk"
        desk = None if kiosk else self.desk()
        source = self.who.name if desk is None else at_desk(self.who.name)
        if self.policy.tickets_per_minute and self.hall.allowance(source, self.now) < 1:
            raise Refused("too_fast")
        before = opening(self.hall, self.reading)
        fresh = bool(before) and isinstance(before[0], e.DayOpened)
        prefix = self.policy.areas[c.area].prefix
        lost = self.hall.lost.get(prefix)
        given = max(self.hall.counters.get(c.area, 0), lost[-1].counter if lost else 0)
        counter = 1 if fresh else given + 1
        number = f"{prefix}{counter:03d}"
        while not fresh and number in self.hall.by_number:
            counter += 1  # the prefix was another area's this morning
            number = f"{prefix}{counter:03d}"
        if not fresh and c.area not in self.hall.hours:  # an area that was added today
            before += hours(self.hall, self.hall.day or "", self.now, only=c.area)
        if counter > HIGHEST_COUNTER:
            raise Refused("no_numbers_left")
        issued = e.Issued(
            at=self.now,
            ticket=self.hall.seq + len(before) + 1,
            number=number,
            area=c.area,
            procedure=None if c.procedure in self.policy.sensitive else c.procedure,
            priority=c.priority,
            device=self.who.name if kiosk else None,
            desk=None if desk is None else desk.code,
            clerk=None if kiosk else self.who.name,
            via="kiosk" if kiosk else "desk",
        )
        return [*before, issued]

    def printed(self, c: p.Printed) -> list[Event]:
        ticket = self.hall.tickets.get(c.ticket)
        if ticket is None:
            return []  # of another day: nobody waits for that paper any more
        if ticket.printed == c.result and ticket.not_printed is None and ticket.id not in self.hall.jobs:
            return []  # told before
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
            if ticket.state != "waiting":  # its citizen is to go to the desk now, paper or not
                raise Refused("already_called", desk=ticket.desk or "")
            return [e.ReprintAsked(at=self.now, ticket=ticket.id, device=self.who.name, via="kiosk")]
        kiosks = self.policy.kiosks
        device = ticket.device if ticket.device in kiosks else (kiosks[0] if kiosks else None)
        if device is None:
            raise Refused("too_late", "no kiosk")
        since = self.now - JOB_MINUTES * MINUTE
        if sum(job.device == device and job.at > since for job in self.hall.jobs.values()) >= JOBS:
            raise Refused("too_fast", f"{JOBS} papers wait to be printed there")
        return [
            e.ReprintAsked(
                at=self.now,
                ticket=ticket.id,
                device=device,
                desk=self.my_desk_code(),
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
        desk = self.desk()
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

    def restore(self, c: p.Restore) -> list[Event]:
        ticket = self.hall.tickets.get(c.ticket)
        mine = ticket is not None and ticket.device == self.who.name
        if ticket is None or not mine or ticket.state != "cancelled" or ticket.step_desk is not None:
            raise Refused("too_late")
        if self.now - ticket.step_at > RESTORE_WINDOW or ticket.area not in self.policy.areas:
            raise Refused("too_late")
        return [e.Restored(at=self.now, ticket=ticket.id, visit=ticket.visit, device=self.who.name, ref=ticket.step)]

    # --- ratings --------------------------------------------------------------------------------------------

    def find(self, c: p.Find) -> list[Event]:
        self._rateable(None, c.number, c.code)
        return []

    def rate(self, c: p.Rate) -> list[Event]:
        if (c.ticket is None) == (c.number is None):
            raise Refused("bad_message", "either ticket or number")
        ticket = self._rateable(c.ticket, c.number, c.code)
        by_code = c.code is not None and ticket.via != LOST
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
                ref=None if ticket.score is None else ticket.rating,
            )
        ]

    def _rateable(self, ticket: int | None, number: str | None, code: str | None) -> Ticket:
        """The ticket, if a rating of it is taken now. Without the paper's code only the first is."""
        found = self.hall.tickets.get(ticket) if ticket is not None else self.hall.find(number or "")
        if found is None or found.end == "cancelled":
            raise Refused("unknown_number")
        if found.via == LOST:
            code = None  # the one on its paper was made for the ticket that was lost
        if code is not None:
            # Two digits are soon guessed: after a few wrong ones no code opens this number any more.
            guessed = self.hall.wrong_codes.get(found.id, 0) >= CODES
            if guessed or not hmac.compare_digest(code, ticket_secrets(self.policy.secret, found.id)[1]):
                self.hall.wrong_codes[found.id] = self.hall.wrong_codes.get(found.id, 0) + 1
                raise Refused("unknown_number", "the code is another number's")
        if found.end not in {"served", "no_show", "expired"}:
            raise Refused("not_served")
        if self.now - (found.ended_at or 0) > self.policy.rating_minutes * MINUTE:
            raise Refused("too_late")
        if found.score is not None and (code is None or found.rated_via == "code"):
            raise Refused("already_rated")
        return found

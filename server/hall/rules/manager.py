"""What a manager does, and a date that anybody at work confirms. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from server import protocol as p
from server.hall import events as e
from server.hall.calendar import MINUTE
from server.hall.day import confirmation, opening
from server.hall.events import Event
from server.hall.rules.case import Case, Refused

PLAUSIBLE: Final = (2024, 2060)


def confirm_date(case: Case, c: p.ConfirmDate) -> list[Event]:
    """Which date it is, by a person's word. Where nobody doubts it, only the manager may say another."""
    if not _is_date(c.date):
        raise Refused("bad_message", f"no such date: {c.date}")
    if not case.hall.doubtful:
        if c.date == case.policy.calendar.date_of(case.now):
            return []
        if case.who.role != "manager":
            raise Refused("forbidden", f"it is {case.policy.calendar.date_of(case.now)} without doubt")
    return confirmation(case.hall, case.reading, c.date, clerk=case.who.name, because="person")


def open_session(case: Case, c: p.OpenSession) -> list[Event]:
    """Numbers are given outside hours, for so many minutes or until the day ends."""
    until = None if c.minutes is None else case.now + c.minutes * MINUTE
    before = opening(case.hall, case.reading)
    return [*before, e.SessionOpened(at=case.now, clerk=case.who.name, until=until)]


def erase_comment(case: Case, c: p.EraseComment) -> list[Event]:
    """The words of a rating are erased."""
    return [e.CommentErased(at=case.now, ticket=c.ticket, clerk=case.who.name)]


def _is_date(text: str) -> bool:
    """A date of this century's hall: a typing error must not open the year 2062."""
    try:
        return PLAUSIBLE[0] <= date.fromisoformat(text).year <= PLAUSIBLE[1]
    except ValueError:
        return False

"""What the day has come to so far, kept up with each ticket: no view walks through the day for it. Pure.

A ticket counts once for what it is now, and each of its stays for what became of it: a number that was served, and came
back for a missing paper, keeps its first stay.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from server.hall.state import Ticket

Waited = Callable[[Ticket], int]
"""Seconds in open hours from the queue to the answered call."""


@dataclass
class Area:
    """The tally of one area."""

    issued: int = 0
    serving: int = 0
    """Called or being served."""
    served: int = 0
    no_show: int = 0
    waits: Counter[int] = field(default_factory=Counter)
    """Seconds of each answered call → how many."""


Stay = tuple[int, int, int]
"""(end in ms, ticket, visit)."""


@dataclass
class Clerk:
    """The tally of what one clerk served."""

    services: int = 0
    service: int = 0
    """ms, of all of them."""
    unrecorded: list[Stay] = field(default_factory=list)
    """Stays without an outcome, the newest last;"""
    recorded: list[Stay] = field(default_factory=list)
    """and those with one."""

    def stays(self, ticket: Ticket) -> list[Stay]:
        """The list that a served ticket belongs to: with an outcome or without."""
        return self.unrecorded if ticket.outcome is None else self.recorded


class Tally:
    """Of one day. `waited` may be asked at any time of a ticket that it was asked of before, and answer the same."""

    def __init__(self) -> None:
        self.areas: dict[str, Area] = {}
        self.scores: Counter[int] = Counter()
        """Of served stays."""
        self.clerks: dict[str, Clerk] = {}
        self._waits: dict[tuple[int, int], int] = {}

    def area(self, code: str) -> Area:
        """The counts of an area."""
        return self.areas.get(code) or self.areas.setdefault(code, Area())

    def change(self, before: Ticket | None, after: Ticket, waited: Waited) -> None:
        """A ticket is another now; null: it is new."""
        if before is None and after.state == "waiting":
            self.area(after.area).issued += 1
            return
        if before is not None:
            self._count(before, -1)
            if before.visit == after.visit or before.state != "served":
                self._uncount_stay(before)
        self._count(after, 1)
        self._count_stay(after, waited)

    def forget(self, ticket: Ticket) -> None:
        """It is a stay of before, and no ticket of its own."""
        self._count(ticket, -1)

    def _count(self, ticket: Ticket, by: int) -> None:
        area = self.area(ticket.area)
        area.issued += by
        area.serving += by * (ticket.state in {"called", "serving"})
        area.served += by * (ticket.state == "served")
        area.no_show += by * (ticket.end == "no_show")

    def _count_stay(self, ticket: Ticket, waited: Waited) -> None:
        key = ticket.id, ticket.visit
        if ticket.state in {"serving", "served"} and ticket.called_at is not None:
            seconds = self._waits[key] = waited(ticket)
            self.area(ticket.area).waits[seconds] += 1
        if ticket.state == "served" and ticket.clerk is not None:
            clerk = self.clerks.setdefault(ticket.clerk, Clerk())
            insort(clerk.stays(ticket), (ticket.ended_at or 0, *key))
            if ticket.started_at is not None and ticket.ended_at is not None:
                clerk.services += 1
                clerk.service += ticket.ended_at - ticket.started_at
        if ticket.end == "served" and ticket.score is not None:
            self.scores[ticket.score] += 1

    def _uncount_stay(self, ticket: Ticket) -> None:
        key = ticket.id, ticket.visit
        seconds = self._waits.pop(key, None)
        if seconds is not None:
            self.area(ticket.area).waits[seconds] -= 1
        if ticket.state == "served" and ticket.clerk is not None:
            clerk = self.clerks[ticket.clerk]
            stays = clerk.stays(ticket)
            del stays[bisect_left(stays, (ticket.ended_at or 0, *key))]
            if ticket.started_at is not None and ticket.ended_at is not None:
                clerk.services -= 1
                clerk.service -= ticket.ended_at - ticket.started_at
        if ticket.end == "served" and ticket.score is not None:
            self.scores[ticket.score] -= 1

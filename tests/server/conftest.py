"""Given events, when a command, then events: the hall's rules without clock, disk or socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from server import protocol as p
from server.hall.calendar import MINUTE
from server.hall.day import Reading, due
from server.hall.events import Event
from server.hall.fold import Hall
from server.hall.order import Order
from server.hall.rules.case import Decision, Refused, Who
from server.hall.rules.decide import decide
from server.hall.state import Ticket
from server.hall.views import desk, display, kiosk, manager, ticket
from server.hall.views.moment import Moment
from server.settings.reading import default_settings
from server.settings.shape import policy_of

MONDAY = "2026-11-23"
DEFAULT = default_settings()


class Seen(Moment):
    """The views of one moment, a method each."""

    kiosk, display, desk, manager, ticket = kiosk.kiosk, display.display, desk.desk, manager.manager, ticket.ticket


class Case:
    """A hall that is driven by commands and by the minutes that pass."""

    def __init__(self, **changes: Any) -> None:
        self.settings = DEFAULT
        always_open = changes.pop("always_open", False)
        limits = {name: changes.pop(name) for name in ("tickets_per_minute", "burst") if name in changes}
        kiosks = changes.pop("kiosks", ("kiosk-1", "kiosk-2"))
        displays = changes.pop("displays", "none")
        self.settings = msgspec.structs.replace(self.settings, **changes)
        self.policy = policy_of(
            self.settings,
            secret=b"secret",
            kiosks=kiosks,
            displays=displays,
            always_open=always_open,
            **{"tickets_per_minute": 0, **limits},
        )
        self.hall = Hall(self.policy)
        self.now = self.policy.calendar.instant(MONDAY, "08:00")
        self.doubt: p.Doubt | None = None
        self.log: list[Event] = []
        self._ids = 0

    def clock(self, hhmm: str, day: str = MONDAY) -> None:
        self.now = self.policy.calendar.instant(day, hhmm)

    def wait(self, minutes: float = 0, seconds: float = 0) -> None:
        self.now += round(minutes * MINUTE + seconds * 1000)

    def id(self) -> str:
        self._ids += 1
        return f"00000000-0000-4000-8000-{self._ids:012d}"

    def decide(self, command: type[p.Command], who: Who, **fields: Any) -> Decision:
        reading = Reading(self.now, self.doubt, self.now)
        decision = decide(self.hall, command(id=self.id(), **fields), who, reading)
        for event in decision.events:
            self.hall.apply(event)
            self.log.append(event)
        return decision

    def kiosk(self, command: type[p.Command], name: str = "kiosk-1", **fields: Any) -> list[Event]:
        return list(self.decide(command, Who("kiosk", name), **fields).events)

    def clerk(self, command: type[p.Command], name: str = "Hoa", **fields: Any) -> list[Event]:
        decision = self.decide(command, Who("desk", name), **fields)
        if decision.refused is not None:
            raise Refused(decision.refused.code)  # type: ignore[arg-type]  # one of the list, or the test fails
        return list(decision.events)

    def display(self, call: int, how: str, name: str = "display-1") -> list[Event]:
        return list(self.decide(p.Announced, Who("display", name), call=call, how=how).events)

    def manager(self, command: type[p.Command], **fields: Any) -> list[Event]:
        return list(self.decide(command, Who("manager", "Minh"), **fields).events)

    def tick(self) -> list[Event]:
        """Time alone."""
        events = due(self.hall, Reading(self.now, self.doubt, self.now))
        for event in events:
            self.hall.apply(event)
            self.log.append(event)
        return events

    def issue(self, area: str = "tu-phap", *, priority: bool = False, name: str = "kiosk-1") -> Ticket:
        self.kiosk(p.Issue, name, area=area, priority=priority)
        return self.hall.tickets[self.hall.seq]

    def open(self, desk: str = "1", name: str = "Hoa") -> None:
        self.clerk(p.OpenDesk, name, desk=desk)

    def call(self, name: str = "Hoa", ticket: int | None = None) -> Ticket:
        self.clerk(p.CallNext, name, ticket=ticket)
        desk = self.hall.desk_of(name)
        assert desk is not None
        assert desk.ticket is not None
        return self.hall.tickets[desk.ticket]

    def serve(self, name: str = "Hoa", **outcome: Any) -> Ticket:
        """Call the next, start, finish."""
        ticket = self.call(name)
        self.clerk(p.Start, name, ticket=ticket.id)
        self.wait(minutes=3)
        self.clerk(p.Finish, name, ticket=ticket.id, **outcome)
        return self.hall.tickets[ticket.id]

    def absent(self, ticket: Ticket, name: str = "Hoa") -> None:
        self.wait(seconds=20)
        self.clerk(p.Recall, name, ticket=ticket.id)
        self.wait(seconds=40)
        self.clerk(p.NoShow, name, ticket=ticket.id)

    def line(self, area: str = "tu-phap") -> list[str]:
        return [ticket.number for ticket in Order(self.hall, self.now).line(area)]

    def ahead(self, ticket: Ticket) -> int:
        return Order(self.hall, self.now).ahead(self.hall.tickets[ticket.id])

    def state(self, ticket: Ticket) -> str:
        return self.hall.tickets[ticket.id].state

    @property
    def views(self) -> Seen:
        return Seen(self.hall, self.now)

    def again(self) -> Hall:
        """The same hall, rebuilt from its events."""
        hall = Hall(self.policy)
        for event in self.log:
            hall.apply(event)
        return hall


@pytest.fixture
def case() -> Case:
    return Case()


@pytest.fixture(scope="session")
def cases() -> Callable[..., Case]:
    return Case


@pytest.fixture
def refused() -> Callable[..., p.Error]:
    """The error of something that must be refused."""

    def code_of(attempt: Callable[[], object]) -> p.Error:
        with pytest.raises(Refused) as caught:
            attempt()
        return caught.value.error

    return code_of

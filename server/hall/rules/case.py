"""One command in front of the rules: who sends it, when, and the two ways it ends."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from server import protocol as p
from server.hall.day import Reading
from server.hall.events import Event
from server.hall.fold import Hall
from server.hall.state import Desk, Ticket


class Who(Struct, frozen=True):
    """Who sends: a role and the device's or person's name."""

    role: str
    name: str


class Refused(Exception):
    """The answer is no. `code` is on the wire; the rest helps the client say why."""

    def __init__(
        self,
        code: p.ErrorCode,
        detail: str = "",
        *,
        ticket: int | UnsetType | None = UNSET,
        number: str = "",
        desk: str = "",
    ) -> None:
        super().__init__(code)
        self.error = p.Error(code=code, detail=detail, ticket=ticket, number=number, desk=desk)


class Decision(Struct, frozen=True):
    """Events to record, in order; and the refusal to answer with, if any."""

    events: tuple[Event, ...] = ()
    refused: p.Error | None = None


class Case:
    """One command in front of the rules."""

    def __init__(self, hall: Hall, who: Who, reading: Reading) -> None:
        self.hall = hall
        self.policy = hall.policy
        self.who = who
        self.reading = reading
        self.now = max(reading.now, hall.last_at)

    def my_desk_code(self) -> str | None:
        """The desk that the sender has open, if any."""
        desk = self.hall.desk_of(self.who.name)
        return desk.code if desk else None

    def desk(self) -> Desk:
        """The sender's desk. Refused where he has none open."""
        desk = self.hall.desk_of(self.who.name)
        if desk is None:
            raise Refused("desk_not_open")
        return desk

    def named_desk(self, code: str) -> Desk:
        """The same, if it is the one he names."""
        desk = self.desk()
        if desk.code != code:
            raise Refused("desk_not_open", desk=code)
        return desk

    def desk_with(self, ticket: int | None) -> Desk:
        """The same, if that ticket is the one at it: what the sender saw is still so."""
        desk = self.desk()
        if desk.ticket != ticket:
            raise Refused("stale", ticket=desk.ticket)
        return desk

    def current(self, id: int, state: str) -> tuple[Desk, Ticket]:
        """The same and its ticket, if that is in the state that the sender takes it to be in."""
        desk = self.desk_with(id)
        ticket = self.hall.tickets[id]
        if ticket.state != state:
            raise Refused("stale", ticket.state, ticket=desk.ticket)
        return desk, ticket

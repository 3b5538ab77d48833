"""The sockets that have said who they are, by role: what everybody asks who wants to reach or to close them."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from websockets.asyncio.server import ServerConnection, broadcast

from server import protocol as p
from server.access.people import DEVICE_ROLES, PEOPLE_ROLES
from server.hall.rules.case import Who

WELCOME_AGAIN: Final = 1012
"""Close code "service restart": clients come back and are welcomed with the new settings."""


@dataclass(eq=False)
class Session:
    """One greeted socket."""

    socket: ServerConnection
    role: str
    name: str
    token: str
    ticket: int | None = None
    allowance: float = math.inf
    """Messages it may send at once; filled up to the limit's rate with every second."""
    refused: float = 0.0
    """Messages that were too many; made less at the limit's rate."""
    counted_at: float = field(default_factory=time.monotonic)
    unanswered: int = 0
    since: float = field(default_factory=time.monotonic)
    spoken_at: float = 0.0
    """When it was last told something, by the monotonic clock."""
    left: Callable[[int], None] | None = None
    """Of a device: tells :class:`Presence` that the socket is gone."""

    def __post_init__(self) -> None:
        self.who = Who(self.role, self.name)

    @property
    def group(self) -> str:
        """Whoever is in one group sees the same view: a role, or one clerk's desk."""
        return f"desk:{self.name}" if self.role == "desk" else self.role

    def tell(self, reply: bytes) -> None:
        """A reply goes out at once; whoever does not read is dropped at the next view."""
        self.unanswered -= 1
        broadcast((self.socket,), reply, text=True)


class Sessions:
    """All sessions of one hall."""

    def __init__(self) -> None:
        self._by_role: dict[str, set[Session]] = {role: set() for role in p.VIEWS}
        self._closing: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Session]:
        return (session for sessions in self._by_role.values() for session in sessions)

    def __contains__(self, session: Session) -> bool:
        return session in self._by_role[session.role]

    def of(self, role: str) -> set[Session]:
        """The sessions of one role."""
        return self._by_role[role]

    def names(self, roles: Iterable[str]) -> set[str]:
        """Who is here in one of these roles."""
        return {session.name for role in roles for session in self._by_role[role]}

    def add(self, session: Session) -> None:
        """Somebody was greeted."""
        self._by_role[session.role].add(session)

    def discard(self, session: Session) -> None:
        """Somebody is gone; nothing where they are already."""
        self._by_role[session.role].discard(session)

    def close(
        self,
        which: Callable[[Session], bool],
        code: int = p.UNAUTHORISED,
        why: p.SessionEnd | Literal["replaced"] | None = None,
    ) -> None:
        """Close live sockets: access was taken away (`why` tells the page), or everybody is to be welcomed anew."""
        for session in list(self):
            if which(session):
                self.discard(session)
                task = asyncio.create_task(session.socket.close(code, why or ""))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    def close_person(self, name: str, why: p.SessionEnd) -> None:
        """Close every page of a person."""
        self.close(lambda session: session.role in PEOPLE_ROLES and session.name == name, p.UNAUTHORISED, why)

    def close_device(self, name: str, why: p.SessionEnd) -> None:
        """Close every socket of a device."""
        self.close(lambda session: session.role in DEVICE_ROLES and session.name == name, p.UNAUTHORISED, why)

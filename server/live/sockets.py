"""The websocket side: hello, then command → reply, with the limits of each socket. No rule and no SQL."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed

from server import VERSION
from server import protocol as p
from server.access.people import DEVICE_ROLES, PEOPLE_ROLES, Access
from server.hall.rules.case import Who
from server.hall.rules.decide import RULED
from server.live.gate import Guarded
from server.live.in_force import InForce
from server.live.presence import Presence
from server.live.pushes import Pushes
from server.live.recovery import Recovery
from server.live.rounds import Rounds
from server.live.sessions import WELCOME_AGAIN, Session, Sessions
from server.settings.process import Limits
from server.settings.shape import hall_info

log = logging.getLogger(__name__)

PHONES: Final = 200
OF_ONE_NAME: Final = {"kiosk": 2}
"""Sockets of one kiosk: its own, and the one it had before, which may be dead without a sign. The newest stays."""
TABS: Final = 6
"""Sockets of one person in a role, or of one display's token: halls have several TVs."""
KEPT: Final = 10
"""Places that only kiosks and managers may take: they must come in whatever else is there."""
PUSHING: Final = 5.0
"""s of its allowance that may be refused to somebody; who sends on is closed."""
UNANSWERED: Final = 32
"""Commands of one socket under way at once; after that many its next waits for its answer before more is read."""
HELLO_WITHIN: Final = 10.0

Handler = Callable[[Any, Who], Awaitable[bytes]]
"""Answers one kind of command."""


class Sockets:
    """All sockets of one hall. `beyond`: who answers the commands that the rules do not know (people, reports, …)."""

    def __init__(
        self,
        rounds: Rounds,
        sessions: Sessions,
        *,
        presence: Presence,
        access: Access,
        in_force: InForce,
        pushes: Pushes,
        recovery: Recovery,
        limits: Limits,
        beyond: Mapping[type[p.Command], Handler],
    ) -> None:
        self._rounds = rounds
        self._sessions = sessions
        self._presence = presence
        self._access = access
        self._in_force = in_force
        self._pushes = pushes
        self._recovery = recovery
        self._limits = limits
        self._beyond = beyond

    async def serve(self, socket: Guarded, cookie: str | None) -> None:
        """One socket from its hello to its end. `cookie` is the page's session, where it sent one."""
        try:
            session = await self._greet(socket, cookie)
        except (ConnectionClosed, TimeoutError):
            return
        if session is None:
            return
        try:
            await self._listen(session)
        except ConnectionClosed:
            pass
        finally:
            self._leave(session)

    # --- hello ----------------------------------------------------------------------------------------------

    async def _greet(self, socket: Guarded, cookie: str | None) -> Session | None:
        async with asyncio.timeout(HELLO_WITHIN):
            frame = await socket.recv()
        try:
            hello = p.decode_hello(frame)
        except p.BadMessage as error:
            await self._turn_away(socket, "bad_message", str(error), p.UNAUTHORISED)
            return None
        if hello.protocol != p.PROTOCOL:
            await self._turn_away(socket, "update_needed", f"protocol {p.PROTOCOL} is spoken here", p.UPDATE_NEEDED)
            return None
        # One's own token speaks for itself; the cookie only where the page's origin was checked.
        session = self._recognise(socket, hello.role, hello.token or cookie or "")
        if session is None:
            await self._turn_away(socket, self._why_not(hello.role, hello.token or cookie or ""), "", p.UNAUTHORISED)
            return None
        if not self._room(session):
            await self._turn_away(socket, "too_many", "all places are taken", p.TOO_MANY)
            return None
        if session.role == "kiosk":
            self._recovery.greeted(session.name, hello)
        settings = self._in_force.settings
        greeted: asyncio.Future[Session | None] = asyncio.get_running_loop().create_future()

        def read() -> tuple[int, bytes, bytes]:
            hall = self._rounds.hall
            seq, view = self._pushes.view_for(session)
            welcome = p.Welcome(
                protocol=p.PROTOCOL,
                version=VERSION,
                role=session.role,
                device=session.name,
                hall=hall_info(settings),
                seq=seq,
                now=self._pushes.now(),
                record=self._rounds.record.id.hex(),
                epoch=self._rounds.epoch,
                given=hall.given_by(session.name) if session.role == "kiosk" else {},
            )
            return seq, p.encode(welcome), view

        def admit(seen: tuple[int, bytes, bytes]) -> None:
            if greeted.done():
                return  # whoever waited here has been cancelled
            # Asked again: access may have been taken away, or the settings changed, while this waited for the disk.
            again = self._recognise(socket, hello.role, hello.token or cookie or "")
            if again is None or not self._room(again) or self._in_force.settings is not settings:
                greeted.set_result(None)
                return
            seq, welcome, view = seen
            socket.greeted()
            oldest = self._replaced_by(again)
            if oldest is not None:
                self._sessions.close(lambda session: session is oldest, p.TOO_MANY, p.REPLACED)
            self._sessions.add(again)
            broadcast((socket,), welcome, text=True)
            self._pushes.begin(again, seq, view)
            greeted.set_result(again)

        self._rounds.show(read, admit)
        admitted = await greeted
        if admitted is None and self._in_force.settings is not settings:
            await socket.close(WELCOME_AGAIN, "")
            return None
        if admitted is None:
            await self._turn_away(socket, "unauthorised", "", p.UNAUTHORISED)
            return None
        self._arrive(admitted)
        return admitted

    async def _turn_away(self, socket: ServerConnection, code: p.ErrorCode, detail: str, close: int) -> None:
        with contextlib.suppress(ConnectionClosed):
            await socket.send(p.encode(p.ErrorMessage(code=code, detail=detail)), text=True)
        await socket.close(close, code)

    def _recognise(self, socket: ServerConnection, role: str, token: str) -> Session | None:
        now = self._now()
        if role in DEVICE_ROLES:
            device = self._access.device(token, role)
            return Session(socket, role, device.name, token) if device else None
        if role == "ticket":
            return None  # phones come with a later issue; until then nobody has that role
        person = self._access.person(token, role, now)
        return Session(socket, role, person.name, token) if person else None

    def _why_not(self, role: str, token: str) -> p.OpeningError:
        """`forbidden` for a person who is signed in, but not for that role; else `unauthorised`."""
        now = self._now()
        person = self._access.person(token, "desk", now) if role in PEOPLE_ROLES else None
        return "forbidden" if person else "unauthorised"

    def _room(self, session: Session) -> bool:
        if not self._limits.sockets or self._replaced_by(session) is not None:
            return True
        if session.role == "ticket":
            return len(self._sessions.of("ticket")) < PHONES
        others = sum(1 for other in self._sessions if other.role != "ticket")
        places = max(self._limits.sockets - PHONES, 1)
        return others < (places if session.role in {"kiosk", "manager"} else places - min(KEPT, places // 4))

    def _replaced_by(self, session: Session) -> Session | None:
        """One name takes so many places and no more: then its oldest socket, which may be dead, makes room."""
        same = [other for other in self._sessions.of(session.role) if other.name == session.name]
        if not self._limits.sockets or len(same) < OF_ONE_NAME.get(session.role, TABS):
            return None
        return min(same, key=lambda other: other.since)

    def _arrive(self, session: Session) -> None:
        if session.role in DEVICE_ROLES:
            session.left = self._presence.arrived(session.name, session.role, self._now())

    def _leave(self, session: Session) -> None:
        self._sessions.discard(session)
        if session.role == "desk":
            self._presence.desk_left(session.name, self._now())
        if session.left is not None:
            session.left(self._now())

    def _now(self) -> int:
        return self._rounds.clock.read().now

    # --- commands -------------------------------------------------------------------------------------------

    async def _listen(self, session: Session) -> None:
        """Until the socket closes. Raises `ConnectionClosed`."""
        while True:
            frame = await session.socket.recv()
            if session not in self._sessions:
                return  # it is being closed, and slow to take note
            if not self._may_speak(session):
                await self._refuse(session, frame, "too_fast", "too many messages")
                if session.refused > PUSHING * self._limits.messages_per_second:
                    await session.socket.close(p.TOO_MANY, "too_fast")
                    return
                continue
            try:
                command = p.decode_command(frame)
            except p.BadMessage as error:
                await self._answer_error(session, error.id, "bad_message", str(error))
                continue
            session.unanswered += 1
            if isinstance(command, p.Issue):
                self._recovery.day_changed()  # the number would open the day, and come before what kiosks said of it
            if type(command) in RULED and _allowed(session, command) and session.unanswered <= UNANSWERED:
                self._rounds.enqueue(command, session.who, session.tell)
            else:
                session.tell(await self._reply_to(session, command))

    def _may_speak(self, session: Session) -> bool:
        rate = self._limits.messages_per_second
        if not rate:
            return True
        now = time.monotonic()
        more = (now - session.counted_at) * rate
        session.allowance, session.refused = min(rate, session.allowance + more), max(0, session.refused - more)
        session.counted_at = now
        if session.allowance < 1:
            session.refused += 1
            return False
        session.allowance -= 1
        return True

    async def _refuse(self, session: Session, frame: str | bytes, code: p.ErrorCode, detail: str) -> None:
        id: str | None = None
        with contextlib.suppress(p.BadMessage):
            id = p.decode_command(frame).id
        await self._answer_error(session, id, code, detail)

    async def _answer_error(self, session: Session, id: str | None, code: p.ErrorCode, detail: str) -> None:
        message = (
            p.ErrorMessage(code=code, detail=detail)
            if id is None
            else p.Reply(id=id, ok=False, error=p.Error(code=code, detail=detail))
        )
        await session.socket.send(p.encode(message), text=True)

    async def _reply_to(self, session: Session, command: p.Command) -> bytes:
        who = session.who
        if not _allowed(session, command):
            return failure(command.id, "forbidden")
        try:
            if isinstance(command, p.Status):
                return self._status(session, command)
            if type(command) in RULED:
                return await self._rounds.submit(command, who)
            return await self._beyond[type(command)](command, who)
        except (ConnectionClosed, asyncio.CancelledError):
            raise
        except Exception:  # whatever one command does, the session and the hall go on; it is logged whole
            log.exception("%s of %s %s failed", p.name_of(command), who.role, who.name)
            return failure(command.id, "internal")

    def _status(self, session: Session, command: p.Status) -> bytes:
        self._presence.said(session.name, session.role, command, self._now())
        return p.encode(p.Reply(id=command.id, ok=True, result=msgspec.Raw(b"{}")))


def _allowed(session: Session, command: p.Command) -> bool:
    """The one table, default deny."""
    return session.role in p.ALLOWED.get(type(command), frozenset())


def failure(id: str, code: p.ErrorCode, detail: str = "") -> bytes:
    """A reply that says no, and is not stored."""
    return p.encode(p.Reply(id=id, ok=False, error=p.Error(code=code, detail=detail)))

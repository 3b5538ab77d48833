"""The websocket side: hello, command → reply, a view on every change, a beat when nothing changes.

Here sit the sockets of one hall and their limits; no rule and no SQL. A view is
computed once per role (the desk's once per clerk) and sent to all; a reader that lags is dropped and resyncs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal, get_args

import msgspec
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed

from server import VERSION
from server import protocol as p
from server.access.people import Access
from server.hall import events as e
from server.hall.absence import any_waits
from server.hall.calendar import MINUTE, iso
from server.hall.rules.case import Who
from server.hall.rules.decide import RULED
from server.hall.views.desk import desk as desk_view
from server.hall.views.display import display as display_view
from server.hall.views.kiosk import kiosk as kiosk_view
from server.hall.views.manager import manager as manager_view
from server.hall.views.moment import Moment
from server.live.gate import Guarded, cut
from server.live.presence import DEVICE_ROLES, Devices
from server.live.recovery import Recovery
from server.live.rounds import Writer
from server.record.file import FULL
from server.settings.hall import Settings, hall_info
from server.settings.process import Limits

log = logging.getLogger(__name__)

PUSH_EVERY: Final = 0.03
"""s between two pushes of views: the first goes at once, what follows is gathered."""
BEAT: Final = 1.0
EVERY: Final = 15
"""Beats between two pushes of the waits, which grow all the time."""
LAG: Final = 1024 * 1024
"""Bytes unsent after which a reader is dropped."""
LEFT_AFTER: Final = 5 * MINUTE
"""ms without its clerk's page after which an open desk is an alarm."""
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
PEOPLE_ROLES: Final = frozenset(get_args(p.PageRole))
WELCOME_AGAIN = 1012
"""Close code "service restart": clients come back and are welcomed with the new settings."""

Handler = Callable[[p.Command, Who], Awaitable[bytes]]


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
    """Of a device: tells :class:`Devices` that the socket is gone."""

    def __post_init__(self) -> None:
        self.who = Who(self.role, self.name)

    def tell(self, reply: bytes) -> None:
        """A reply goes out at once; whoever does not read is dropped at the next view."""
        self.unanswered -= 1
        broadcast((self.socket,), reply, text=True)


class Hub:
    """All sockets of one hall. `beyond` answers the commands that the rules do not know (people, reports, …)."""

    def __init__(
        self,
        writer: Writer,
        access: Access,
        settings: Settings,
        limits: Limits,
        beyond: Handler,
        *,
        recovery: Recovery,
    ) -> None:
        self.writer = writer
        self.access = access
        self.settings = settings
        self.limits = limits
        self.beyond = beyond
        self.recovery = recovery
        self.devices = Devices()
        self.standing_alarms: set[str] = set()
        self.on_devices: Callable[[], None] = lambda: None
        """Called when a kiosk or display comes, goes, or tells something new of itself."""
        self.addresses: tuple[str, ...] = ()
        """Where other machines find this hall, e.g. `http://192.168.1.10:8000`."""
        self._sessions: dict[str, set[Session]] = {role: set() for role in p.VIEWS}
        self._started = writer.clock.read().now
        self._left: dict[str, int] = {}
        """When the last desk page of a person went."""
        self._sent: dict[str, bytes] = {}
        self._pushed_at = 0.0
        self._push_later: asyncio.Task[None] | None = None
        writer.on_round = self._round_decided
        writer.on_held = self.push_soon
        writer.on_unmarked = self._unmarked
        writer.away = self._away

    # --- sockets --------------------------------------------------------------------------------------------

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
            self.recovery.greeted(session.name, hello)
        settings = self.settings
        greeted: asyncio.Future[Session | None] = asyncio.get_running_loop().create_future()

        def read() -> tuple[int, bytes, bytes]:
            hall = self.writer.hall
            view = p.encode(self._view(self._moment(), session))
            welcome = p.Welcome(
                protocol=p.PROTOCOL,
                version=VERSION,
                role=session.role,
                device=session.name,
                hall=hall_info(settings),
                seq=hall.seq,
                now=self.now(),
                record=self.writer.record.id.hex(),
                epoch=self.writer.epoch,
                given=hall.given_by(session.name) if session.role == "kiosk" else {},
            )
            return hall.seq, p.encode(welcome), view

        def admit(seen: tuple[int, bytes, bytes]) -> None:
            if greeted.done():
                return  # whoever waited here has been cancelled
            # Asked again: access may have been taken away, or the settings changed, while this waited for the disk.
            again = self._recognise(socket, hello.role, hello.token or cookie or "")
            if again is None or not self._room(again) or self.settings is not settings:
                greeted.set_result(None)
                return
            seq, welcome, view = seen
            socket.greeted()
            oldest = self._replaced_by(again)
            if oldest is not None:
                self.close_sessions(lambda session: session is oldest, p.TOO_MANY, p.REPLACED)
            self._sessions[again.role].add(again)
            broadcast((socket,), welcome, text=True)
            broadcast((socket,), self._view_frame(seq, view), text=True)
            if self._sent.get(_group(again)) != view:
                self._sent.pop(_group(again), None)  # the next push goes out whatever the others saw last
            # What is no event (a printer's state) may have changed since the view was read.
            self.push_soon()
            greeted.set_result(again)

        self.writer.show(read, admit)
        admitted = await greeted
        if admitted is None and self.settings is not settings:
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
        now = self.writer.clock.read().now
        if role in DEVICE_ROLES:
            device = self.access.device(token, role)
            return Session(socket, role, device.name, token) if device else None
        if role == "ticket":
            return None  # phones come with a later issue; until then nobody has that role
        person = self.access.person(token, role, now)
        return Session(socket, role, person.name, token) if person else None

    def _why_not(self, role: str, token: str) -> p.OpeningError:
        """`forbidden` for a person who is signed in, but not for that role; else `unauthorised`."""
        now = self.writer.clock.read().now
        person = self.access.person(token, "desk", now) if role in PEOPLE_ROLES else None
        return "forbidden" if person else "unauthorised"

    def _room(self, session: Session) -> bool:
        if not self.limits.sockets or self._replaced_by(session) is not None:
            return True
        if session.role == "ticket":
            return len(self._sessions["ticket"]) < PHONES
        others = sum(len(sessions) for role, sessions in self._sessions.items() if role != "ticket")
        places = max(self.limits.sockets - PHONES, 1)
        return others < (places if session.role in {"kiosk", "manager"} else places - min(KEPT, places // 4))

    def _replaced_by(self, session: Session) -> Session | None:
        """One name takes so many places and no more: then its oldest socket, which may be dead, makes room."""
        same = [other for other in self._sessions[session.role] if other.name == session.name]
        if not self.limits.sockets or len(same) < OF_ONE_NAME.get(session.role, TABS):
            return None
        return min(same, key=lambda other: other.since)

    def _arrive(self, session: Session) -> None:
        if session.role in DEVICE_ROLES:
            session.left = self.devices.arrived(session.name, session.role, self.writer.clock.read().now)
            self.on_devices()

    def _leave(self, session: Session) -> None:
        self._sessions[session.role].discard(session)
        if session.role == "desk":
            self._left[session.name] = self.writer.clock.read().now
        if session.left is not None:
            session.left(self.writer.clock.read().now)
            self.on_devices()
            self.push_soon()

    async def _listen(self, session: Session) -> None:
        """Until the socket closes. Raises `ConnectionClosed`."""
        while True:
            frame = await session.socket.recv()
            if session not in self._sessions[session.role]:
                return  # it is being closed, and slow to take note
            if not self._may_speak(session):
                await self._refuse(session, frame, "too_fast", "too many messages")
                if session.refused > PUSHING * self.limits.messages_per_second:
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
                self.recovery.day_changed()  # the number would open the day, and come before what kiosks said of it
            if type(command) in RULED and _allowed(session, command) and session.unanswered <= UNANSWERED:
                self.writer.enqueue(command, session.who, session.tell)
            else:
                session.tell(await self._reply_to(session, command))

    def _may_speak(self, session: Session) -> bool:
        rate = self.limits.messages_per_second
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

    async def _answer_error(self, session: Session, id: str | None, code: str, detail: str) -> None:
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
                return await self.writer.submit(command, who)
            return await self.beyond(command, who)
        except (ConnectionClosed, asyncio.CancelledError):
            raise
        except Exception:  # whatever one command does, the session and the hall go on; it is logged whole
            log.exception("%s of %s %s failed", p.name_of(command), who.role, who.name)
            return failure(command.id, "internal")

    def _status(self, session: Session, command: p.Status) -> bytes:
        if self.devices.said(session.name, session.role, command, self.writer.clock.read().now):
            self.on_devices()
            self.push_soon()
        return p.encode(p.Reply(id=command.id, ok=True, result=msgspec.Raw(b"{}")))

    # --- what goes out --------------------------------------------------------------------------------------

    def _moment(self) -> Moment:
        return Moment(self.writer.hall, self.writer.clock.read().now, self._away())

    def _away(self) -> dict[str, int]:
        """Whose desk page is on no screen, and since when: since the start of the hall where it has not come yet."""
        desks = self.writer.hall.desks.values()
        names = {desk.clerk for desk in desks if desk.state == "open" and desk.clerk is not None}
        if not names:
            return {}
        here = {session.name for session in self._sessions["desk"]}
        return {name: self._left.get(name, self._started) for name in names - here}

    def now(self) -> str:
        return iso(max(self.writer.clock.read().now, self.writer.hall.last_at))

    def _round_decided(self, events: list[e.Event]) -> None:
        if not events:
            return
        if any(isinstance(event, (e.DayOpened, e.DateConfirmed)) for event in events):
            self.recovery.day_changed()
        if any(isinstance(event, e.DayClosed) for event in events):
            self.writer.show(lambda: None, lambda _: self._sign_out_all())
        if time.monotonic() - self._pushed_at >= PUSH_EVERY and self._push_later is None:
            self._push()
        else:
            self.push_soon()

    def _sign_out_all(self) -> None:
        self.access.logins.clear()
        self.close_sessions(lambda session: session.role in PEOPLE_ROLES, p.UNAUTHORISED, "day_end")

    def push_soon(self) -> None:
        """Push fresh views shortly, once, however often this is called meanwhile."""
        if self._push_later is None:
            self._push_later = asyncio.create_task(self._push_when_due())

    async def _push_when_due(self) -> None:
        await asyncio.sleep(max(0.0, self._pushed_at + PUSH_EVERY - time.monotonic()))
        self._push_later = None
        self._push()

    def _push(self) -> None:
        self._pushed_at = time.monotonic()
        self.writer.show(self._views, self._send)

    def _views(self) -> tuple[int, dict[str, bytes]]:
        """What each group of sessions is to see: the hall's `seq`, and the view of each group."""
        hall = self.writer.hall
        at = self._moment()
        one_of = {_group(session): session for sessions in self._sessions.values() for session in sessions}
        return hall.seq, {group: p.encode(self._view(at, session)) for group, session in one_of.items()}

    def _send(self, seen: tuple[int, dict[str, bytes]]) -> None:
        seq, views = seen
        for role, sessions in self._sessions.items():
            groups: dict[str, list[Session]] = {}
            for session in sessions:
                groups.setdefault(_group(session), []).append(session)
            for group, members in groups.items():
                view = views.get(group)
                if view is not None and self._sent.get(group) != view:
                    self._sent[group] = view
                    self._tell(role, members, self._view_frame(seq, view))

    def _tell(self, role: str, sessions: list[Session], frame: bytes) -> None:
        for session in sessions:
            transport = session.socket.transport
            if transport.get_write_buffer_size() > LAG:
                log.warning("%s %s does not keep up: dropped", role, session.name)
                cut(transport)
        broadcast([session.socket for session in sessions], frame, text=True)
        now = time.monotonic()
        for session in sessions:
            session.spoken_at = now

    @staticmethod
    def _view_frame(seq: int, view: bytes) -> bytes:
        return p.encode(p.View(seq=seq, view=msgspec.Raw(view)))

    def _view(self, at: Moment, session: Session) -> Any:
        notice = self.settings.texts.get("notice", {})
        if session.role in {"kiosk", "rate"}:
            return kiosk_view(at, notice)
        if session.role == "display":
            return display_view(at, notice)
        if session.role == "desk":
            return desk_view(at, session.name, self.devices.faults(), held=bool(self.writer.held))
        return manager_view(
            at,
            devices=self.devices.now(self.access.devices.values()),
            people=tuple(
                p.PersonNow(
                    name=person.name,
                    role=person.role,
                    signed_in=any(s.name == person.name for role in PEOPLE_ROLES for s in self._sessions[role]),
                    settled=person.settled,
                )
                for person in self.access.people.values()
            ),
            alarms=self.alarms(at),
            addresses=self.addresses,
            target_seconds=self.settings.target_minutes * 60,
        )

    def _unmarked(self, unmarked: bool) -> None:
        (self.standing_alarms.add if unmarked else self.standing_alarms.discard)("mark_unwritten")
        self.push_soon()

    def alarms(self, at: Moment) -> tuple[str, ...]:
        hall = self.writer.hall
        out = set(self.standing_alarms)
        for desk in hall.desks.values():
            since = at.away_since(desk)
            if since is not None and at.now - since >= LEFT_AFTER:
                out.add(f"desk_left:{desk.code}")
        if hall.doubtful:
            out.add("clock_stepped" if hall.doubtful == "clock_stepped" else "doubtful_date")
        if self.writer.disk_low:
            out.add("disk_low")
        if self.writer.held:
            out.add("record_held")
        if self.recovery.happened_on == at.date or (hall.lost and not at.over):
            out.add("record_behind")
        for fault in self.devices.faults():
            out.add(f"printer:{fault.device}" if fault.connected else f"gone:{fault.device}")
        return tuple(sorted(out))

    async def tick(self) -> None:
        """Once a second, for ever: time passes in the hall, and silent roles get a beat."""
        turn = 0
        while True:
            await asyncio.sleep(BEAT)
            turn += 1
            self.writer.wake()
            record = self.writer.record
            self.writer.disk_low, self.writer.disk_full = record.nearly_full(), record.free() < FULL
            if turn % EVERY == 0 or any_waits(self.writer.hall) or not self.settled_by_time():
                self.push_soon()  # waits grow, and displays fall silent, without any event
            self.close_sessions(partial(self._is_over, self.writer.clock.read().now))
            beat = p.encode(p.Beat(seq=self.writer.seq, now=self.now()))
            for role, sessions in self._sessions.items():
                silent = [session for session in sessions if time.monotonic() - session.spoken_at >= BEAT * 0.9]
                if silent:
                    self._tell(role, silent, beat)

    def _is_over(self, now: int, session: Session) -> bool:
        """Has a person's sign-in come to its end while the socket lives?"""
        return session.role in PEOPLE_ROLES and self.access.person(session.token, session.role, now) is None

    def settled_by_time(self) -> bool:
        """Do kiosks and displays show what is so now? Sessions begin and end, clerks stay away and numbers overtake
        others without any event. No wait is in these views, so that they change only when a screen must.
        """
        at, notice = self._moment(), self.settings.texts.get("notice", {})
        made: dict[str, Callable[[Moment, p.Text], Any]] = {"kiosk": kiosk_view, "display": display_view}
        return all(self._sent[role] == p.encode(view(at, notice)) for role, view in made.items() if role in self._sent)

    def close_sessions(
        self,
        which: Callable[[Session], bool],
        code: int = p.UNAUTHORISED,
        why: p.SessionEnd | Literal["replaced"] | None = None,
    ) -> None:
        """Close live sockets: access was taken away (`why` tells the page), or everybody is to be welcomed anew."""
        for sessions in self._sessions.values():
            for session in list(sessions):
                if which(session):
                    sessions.discard(session)
                    task = asyncio.create_task(session.socket.close(code, why or ""))
                    _closing.add(task)
                    task.add_done_callback(_closing.discard)


_closing: set[asyncio.Task[None]] = set()


def _group(session: Session) -> str:
    """Whoever is in one group sees the same view: a role, or one clerk's desk."""
    return f"desk:{session.name}" if session.role == "desk" else session.role


def _allowed(session: Session, command: p.Command) -> bool:
    """The one table, default deny."""
    return session.role in p.ALLOWED.get(type(command), frozenset())


def failure(id: str, code: p.ErrorCode, detail: str = "") -> bytes:
    """A reply that says no, and is not stored."""
    return p.encode(p.Reply(id=id, ok=False, error=p.Error(code=code, detail=detail)))

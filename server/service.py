"""The running hall: opens the folder, puts the parts together, serves until it is told to stop.

`Service` is what `luot hall`, `luot demo`, `luot simulate` and the tests start. It decides nothing about tickets.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.server import ServerProtocol

from assets.window import watchdog
from server import protocol as p
from server.access.people import Access
from server.client import trust
from server.client.client import new_id
from server.files import write_private
from server.hall.rules.case import Who
from server.hall.views.moment import Moment
from server.live import usual
from server.live.alarms import Alarms
from server.live.change_settings import ChangeSettings
from server.live.clock import Clock, HallClock
from server.live.disk import Disk
from server.live.door import A_SECOND, A_SECOND_TLS, Door
from server.live.gate import Gate, Guarded
from server.live.in_force import InForce
from server.live.people import People
from server.live.presence import Presence
from server.live.pushes import BEAT, Pushes
from server.live.questions import Questions
from server.live.recovery import Recovery, mark_in
from server.live.rounds import Rounds
from server.live.sessions import Sessions
from server.live.sockets import Handler, Sockets
from server.pages import addresses, pages
from server.record import owner as control
from server.record import tables as schema
from server.record.file import Batch, Record, readable
from server.record.thread import RecordThread
from server.reports.apart import Reports
from server.settings.process import Config
from server.settings.reading import default_settings, read_toml, to_toml
from server.settings.shape import BadSettings, Settings
from server.settings.storing import changes_told, load_settings, store_settings

log = logging.getLogger(__name__)

T = TypeVar("T")

WARNED_BEFORE: Final = timedelta(days=30)
"""So long before its end the manager is told of a certificate."""
CLOSED_WITHIN: Final = 4.0
"""s for the sockets' farewells, of which each has two."""
ADDRESSES_EVERY: Final = 60.0
"""s between two looks at this machine's own addresses."""
COUNTED_EVERY: Final = 30.0
"""s between two looks at how many numbers were given of late."""
SLOWEST_DOWNLOAD: Final = 60.0
"""s: websockets cuts plain downloads after its `open_timeout`."""


@dataclass
class Service:
    """One hall on one folder. `async with` it; then `run()` until cancelled.

    `clock` and `pragmas` are there for simulations and tests; a hall has neither. `defaults` fill an empty folder.
    """

    folder: Path
    config: Config
    clock: Clock | None = None
    pragmas: dict[str, Any] | None = None
    defaults: Settings | None = None
    _certificate_ends: datetime | None = field(default=None, init=False)
    _door: Door | None = field(default=None, init=False)
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _open(self, stack: contextlib.AsyncExitStack) -> None:
        stack.callback(control.Ownership(self.folder).release)
        record = Record(self.folder, pragmas=self.pragmas)
        record.use_reserve()  # by the owner only: it may be a running hall's
        thread = RecordThread(record)
        # The record's thread opens the file and brings its tables up to date before anybody reads.
        with readable():
            await thread.open()
        stack.push_async_callback(thread.close)
        stack.callback(record.close_reader)
        with readable():
            known = load_settings(record.reader)
            settings = known or self.defaults or default_settings()
            access = Access.load(record.reader, record.keys)
            mark = mark_in(self.folder)
            clock = self.clock or HallClock(settings.timezone, max(record.last_at(), mark.at if mark else 0))
            self.access, self.sessions = access, Sessions()
            self.presence = Presence(self.sessions)
            self.in_force = InForce(settings, self.config, access, self.presence, record)
            self.disk = Disk(record)
            self.rounds = rounds = Rounds(
                thread, self.in_force.policy(), clock, access=access, presence=self.presence, disk=self.disk
            )
        stack.push_async_callback(rounds.marking.close)
        if isinstance(clock, HallClock) and rounds.hall.doubtful:
            clock.resume(rounds.hall.doubtful)
        if known is None:
            statements = store_settings(None, settings, "luot", clock.read().now)
            await rounds.commit_alone(Batch(rounds.head, statements=statements))
        kiosks = [device.name for device in access.devices.values() if device.role == "kiosk"]
        with readable():
            self.recovery = Recovery(rounds, mark, kiosks)
        stack.callback(self.recovery.close)
        # Not before a doubt of the last run goes on: until then the clock says something else.
        self.presence.started = clock.read().now
        self.reports = Reports(record.path)
        self._put_together()
        self._pages = pages.Pages(
            rounds, self.people, self.reports, self.config.hosts, secure=self.config.tls is not None
        )
        self._gate = Gate(self.config.limits.sockets_per_address)
        self._server = await self._listen()
        stack.push_async_callback(self._stop_listening)
        stack.callback(self.reports.close)
        await asyncio.to_thread(record.keep_reserve)
        self.disk.measure()
        channel = await control.listen(self.folder, self.do)
        stack.callback((self.folder / control.FILE).unlink, missing_ok=True)
        stack.callback(channel.close)

    def _put_together(self) -> None:
        """All that stands on the rounds."""
        rounds, access, sessions, presence = self.rounds, self.access, self.sessions, self.presence
        self.alarms = Alarms(rounds, presence, self.disk, self.recovery)
        self.alarms.set("no_tls", self.config.tls is None and addresses.serves_others(self.config.host))
        self.change_settings = ChangeSettings(rounds, self.in_force, sessions, presence)
        self.pushes = Pushes(
            rounds, sessions, presence=presence, access=access, in_force=self.in_force, alarms=self.alarms
        )
        self.people = People(
            rounds,
            access,
            sessions=sessions,
            presence=presence,
            pushes=self.pushes,
            change_settings=self.change_settings,
        )
        questions = Questions(self.rounds.record.path, self.reports)
        self._beyond: dict[type[p.Command], Handler] = {
            p.AddPerson: self.people.put_person,
            p.SetPin: self.people.put_person,
            p.AddDevice: self.people.add_device,
            p.Revoke: self.people.revoke,
            p.Report: questions.answer,
            p.Log: questions.answer,
            p.Story: questions.answer,
        }
        self.sockets = Sockets(
            rounds,
            sessions,
            presence=presence,
            access=access,
            in_force=self.in_force,
            pushes=self.pushes,
            recovery=self.recovery,
            limits=self.config.limits,
            beyond=self._beyond,
        )
        # Who is signed out hears nothing of the round that ended the day.
        rounds.on_round += [self.recovery.decided, self.people.decided, self.pushes.decided]

    async def _listen(self) -> Server:
        tls = None
        if self.config.tls is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.minimum_version = ssl.TLSVersion.TLSv1_2
            try:
                tls.load_cert_chain(self.config.tls.cert, self.config.tls.key)
                self._certificate_ends = trust.ends(Path(self.config.tls.cert))
            except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
                raise BadSettings([f"[tls] cert {self.config.tls.cert}, key {self.config.tls.key}: {error}"]) from None
        self._gate.tls = tls
        server = await serve(
            self._socket,
            **addresses.listening(self.config.host, self.config.port),
            process_request=self._pages.answer,
            create_connection=self._gate.connections(),
            compression=None,
            max_size=p.MAX_FRAME,
            **_CONNECTION,
            open_timeout=SLOWEST_DOWNLOAD,
            server_header=None,
            logger=_SOCKETS,
        )

        def made() -> Guarded:
            return Guarded(self._gate, ServerProtocol(max_size=p.MAX_FRAME, logger=_SOCKETS), server, **_CONNECTION)

        if self.config.limits.sockets_per_address:
            self._door = Door(server.sockets, made, A_SECOND if tls is None else A_SECOND_TLS)
        return server

    async def _stop_listening(self) -> None:
        """Close every socket. Who waits for a disk that has failed waits for ever, and must not keep the hall up."""
        if self._door is not None:
            self._door.close()
        self._gate.close()
        self._server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSED_WITHIN):
                await self._server.wait_closed()

    async def _socket(self, connection: ServerConnection) -> None:
        assert isinstance(connection, Guarded)
        headers = connection.request.headers if connection.request is not None else None
        # asyncio makes room for 256 KiB at each read, which the C library may take from the system each time: dearer
        # than all that follows for a frame of 200 bytes.
        connection.transport.max_size = p.MAX_FRAME  # type: ignore[attr-defined]  # of asyncio's own class
        await self.sockets.serve(connection, self._pages.cookie(headers) if headers is not None else None)

    @property
    def port(self) -> int:
        """The port in use (`config.port` may be 0: any free one)."""
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    def addresses(self) -> list[str]:
        """Where the pages are, for a person to type."""
        return addresses.addresses(self.config.host, self.port, "https" if self.config.tls else "http")

    def _look_at_certificate(self) -> None:
        """Warn before the certificate in use ends: from then on nobody who looks at it comes in."""
        if self._certificate_ends is None:
            return
        end = self._certificate_ends
        now = datetime.fromtimestamp(self.rounds.clock.read().now / 1000, UTC)
        code = f"tls_over:{end:%Y-%m-%d}" if end <= now else f"tls_ends:{end:%Y-%m-%d}"
        before = {alarm for alarm in self.alarms.standing if alarm.startswith("tls_")}
        found = {code} if end - now < WARNED_BEFORE else set()
        if found - before:
            log.warning(
                "the certificate of [tls] %s %s: `luot tls` makes a new one, then restart the hall",
                "has ended on" if end <= now else "ends on",
                f"{end:%Y-%m-%d}",
            )
        for alarm in before | found:
            self.alarms.set(alarm, alarm in found)

    async def run(self) -> None:
        """Serve until cancelled. Raises what must end the process: see `Rounds.run`."""
        self.rounds.wake()  # what time alone has brought since the last run, before anybody signs in
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.rounds.run())
                group.create_task(self.recovery.run())
                group.create_task(self._tick())
                group.create_task(self._watched())
                group.create_task(self._tell_addresses())
                group.create_task(self._count_numbers())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _tick(self) -> None:
        """Once a beat, for ever: time passes in the hall."""
        while True:
            await asyncio.sleep(BEAT)
            self.rounds.wake()
            self.disk.measure()
            self.pushes.look()
            self.people.end_old_sessions()  # after the look: their pages are gone only once their sockets are
            self.pushes.beat()

    async def _watched(self) -> None:
        """Tell the service manager that rounds still end; where they do not, it restarts the hall."""
        while True:
            self.rounds.show(lambda: None, lambda _: watchdog.alive())
            await asyncio.sleep(watchdog.EVERY)

    async def _tell_addresses(self) -> None:
        """Keep the manager page's word of where the hall is to be found: a network may come up after the hall."""
        while True:
            self._look_at_certificate()
            # A network without DNS may take its time, and no stop waits for it.
            self._pages.full_name = (await aside(socket.getfqdn)).lower()
            found = await aside(self.addresses)
            self.pushes.addresses = tuple(address.rstrip("/") for address in found if not addresses.only_here(address))
            self.pushes.soon()
            await asyncio.to_thread(self.rounds.record.keep_reserve)  # once there is room again
            await asyncio.sleep(ADDRESSES_EVERY)

    async def _count_numbers(self) -> None:
        """Keep the alarm of an hour in which far more numbers were given than usual."""
        compared, most = "", None
        while True:
            now = self.rounds.clock.read().now
            today = Moment(self.rounds.hall, now).date
            if today != compared:
                compared, most = today, await asyncio.to_thread(self._busiest_hour, today)
            many = usual.far_above(self.rounds.hall, now, most)
            self.alarms.set(usual.ALARM, many)
            await asyncio.sleep(COUNTED_EVERY)

    def _busiest_hour(self, today: str) -> int | None:
        try:
            with contextlib.closing(schema.connect(self.rounds.record.path, read_only=True).conn) as conn:
                return usual.busiest_hour(conn, today)
        except schema.sqlite3.Error as error:  # an old day's page; `check` finds it, and the hall goes on
            log.error("how many numbers are usual cannot be read: %s", error)
            return None

    async def pair_locally(self) -> dict[str, Path]:
        """A kiosk and a display on this machine pair themselves: their tokens, as private files in `DIR/local`."""
        out: dict[str, Path] = {}
        folder = self.folder / "local"
        folder.mkdir(exist_ok=True)
        for role in ("kiosk", "display"):
            out[role] = file = folder / f"{role}.token"
            # A record that was restored from another PC's copy knows another token.
            if file.exists() and self.access.device(file.read_text("utf-8").strip(), role) is not None:
                continue
            if f"{role}-local" in self.access.devices:  # the old token counts no more
                await self.do({"do": "revoke", "kind": "device", "name": f"{role}-local"})
            added = await self.do({"do": "device", "name": f"{role}-local", "role": role})
            if added["ok"]:
                write_private(file, added["result"]["token"])
            else:
                log.error("this machine's own %s cannot be paired now: %s", role, added.get("detail", added["error"]))
        return out

    # --- the control channel --------------------------------------------------------------------------------

    async def do(self, request: dict[str, Any]) -> dict[str, Any]:
        """`{"do": "person" | "device" | "revoke" | "settings" | "export", …}` → `{"ok": …}`."""
        do = request.pop("do", None)
        changes: list[str] = []
        try:
            if do == "export":
                return {"ok": True, "toml": to_toml(self.in_force.settings)}
            if do == "settings":
                new = read_toml(msgspec.convert(request["toml"], str))
                changes = changes_told(self.in_force.settings, new)
                reply = await self.change_settings.change(new, "control")
            else:
                kind = {"person": p.AddPerson, "device": p.AddDevice, "revoke": p.Revoke, "pin": p.SetPin}[str(do)]
                command = msgspec.convert({"id": new_id(), **request}, kind)
                reply = await self._beyond[type(command)](command, Who("control", "luot"))
        except BadSettings as error:
            return {"ok": False, "error": "bad_settings", "faults": error.faults}
        except (KeyError, msgspec.ValidationError) as error:
            return {"ok": False, "error": "bad_message", "detail": str(error)}
        answer: dict[str, Any] = msgspec.json.decode(reply)
        if answer["ok"]:
            return {"ok": True, "result": answer.get("result"), "changes": changes}
        return {"ok": False, "error": answer["error"]["code"], "detail": answer["error"].get("detail", "")}


async def aside(work: Callable[[], T]) -> T:
    """Do something that may hang, in a thread that keeps nobody: the process may end before it does."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(found: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast("T", found))

    def run() -> None:
        found, error = None, None
        try:
            found = work()
        except Exception as trouble:  # noqa: BLE001 - it is raised where it is waited for
            error = trouble
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, found, error)

    threading.Thread(target=run, daemon=True, name="aside").start()
    return await done


def _unexpected(record: logging.LogRecord) -> bool:
    """An error of ours in a page or a socket. What strangers do wrong is no news: the LAN is full of it."""
    return record.msg in {"process_request failed", "connection handler failed"}


_CONNECTION: Final[dict[str, Any]] = {"ping_interval": 5, "ping_timeout": 5, "close_timeout": 2}

_SOCKETS = logging.getLogger("luot.sockets")
_SOCKETS.setLevel(logging.ERROR)
_SOCKETS.addFilter(_unexpected)

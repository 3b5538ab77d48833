"""Halls for tests: a real server with real sockets in this process, or the real program in another one."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server import protocol as p
from server.client.client import Client, new_id
from server.service import Service
from server.settings.process import Config, Hours, Limits

OPEN = Hours(always_open=True)
NO_LIMITS = Limits(tickets_per_minute=0, messages_per_second=0, sockets_per_address=0, sockets=0)
FULL = os.environ.get("LUOT_PROOF") == "full"
"""`make proof`: the fault and load tests at their full size."""

PIN = "246810"


def size(small: int, full: int) -> int:
    """How much a proof does: `small` within `make test`, `full` in `make proof`."""
    return full if FULL else small


async def until(true: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait until something holds, or fail."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


def seated(steps: Callable[[], Awaitable[Any]]) -> Any:
    """Run what seats do in a thread of its own: in this one runs another loop (Playwright's)."""

    async def run() -> Any:
        return await steps()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


@dataclass
class Seat:
    """A connected client and what it was last shown."""

    client: Client[Any]
    views: list[Any] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    @property
    def view(self) -> Any:
        return self.views[-1]

    async def ask(self, command: type[p.Command], **fields: Any) -> Any:
        return await self.client.ask(command(id=new_id(), **fields))

    async def reply(self, command: p.Command) -> p.Incoming:
        return await self.client.reply_to(command)

    async def refused(self, command: type[p.Command], **fields: Any) -> p.Error:
        """The error of a command that must be refused."""
        reply = await self.client.reply_to(command(id=new_id(), **fields))
        assert not reply.ok, f"{command.__name__} was not refused"
        assert isinstance(reply.error, p.Error)
        return reply.error

    async def leave(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


@dataclass
class RunningHall:
    """A service that runs, and the seats in it."""

    service: Service
    seats: list[Seat] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.service.port}"

    async def device(self, name: str, role: str) -> str:
        answer = await self.service.do({"do": "device", "name": name, "role": role})
        assert answer["ok"], answer
        return str(answer["result"]["token"])

    async def kiosk(self, name: str = "kiosk-1") -> Seat:
        return await self.seat("kiosk", await self.device(name, "kiosk"))

    async def display(self, name: str = "display-1") -> Seat:
        return await self.seat("display", await self.device(name, "display"))

    async def person(self, name: str, role: str = "clerk") -> str:
        """A signed-in person's session."""
        if name not in self.service.access.people:
            answer = await self.service.do({"do": "person", "name": name, "role": role, "pin": PIN})
            assert answer["ok"], answer
        session = await self.service.people.sign_in(name)
        assert session is not None, "the record takes nothing"
        return session

    async def desk(self, name: str = "Hoa", desk: str | None = "1") -> Seat:
        seat = await self.seat("desk", await self.person(name))
        if desk is not None:
            await seat.ask(p.OpenDesk, desk=desk)
        return seat

    async def manager(self, name: str = "Minh") -> Seat:
        return await self.seat("manager", await self.person(name, "manager"))

    async def seat(self, role: p.Role, token: str) -> Seat:
        seat = sit(self.url, role, token)
        self.seats.append(seat)
        await until(lambda: seat.views)
        return seat


def sit(url: str, role: p.Role, token: str) -> Seat:
    """Begin to connect a client."""
    views: list[Any] = []
    client = Client(url, role=role, token=token, view=p.VIEWS[role], on_view=lambda view, _: views.append(view))
    return Seat(client, views, asyncio.create_task(client.run()))


@contextlib.asynccontextmanager
async def sitting(url: str, role: p.Role, token: str) -> AsyncIterator[Seat]:
    """A connected client for a while."""
    seat = sit(url, role, token)
    try:
        await until(lambda: seat.views, 30)
        yield seat
    finally:
        await seat.leave()


@contextlib.asynccontextmanager
async def hall(
    folder: Path, *, limits: Limits = NO_LIMITS, hours: Hours = OPEN, **more: Any
) -> AsyncIterator[RunningHall]:
    """A running hall on a folder, on a free port of 127.0.0.1."""
    service = Service(folder, Config(host="127.0.0.1", port=0, limits=limits, hours=hours), **more)
    async with service:
        running = asyncio.create_task(service.run())
        found = RunningHall(service)
        try:
            yield found
        finally:
            for seat in found.seats:
                await seat.leave()
            running.cancel()
            (ended,) = await asyncio.gather(running, return_exceptions=True)
        if isinstance(ended, Exception):  # what ended the hall before it was told to end
            raise ended


def sign_in(port: int, name: str, pin: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    """The page's sign-in: an empty POST."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    token = base64.b64encode(f"{name}:{pin}".encode()).decode()
    connection.request("POST", "/sign-in", headers={"Authorization": f"Basic {token}", **(headers or {})})
    response = connection.getresponse()
    response.read()
    return response


def cookie_of(response: http.client.HTTPResponse) -> str:
    return (response.getheader("Set-Cookie") or "").split(";")[0].split("=", 1)[1]


def begin(folder: Path) -> None:
    """A hall in `folder`, as its first start leaves it."""

    async def once() -> None:
        async with Service(folder, Config(host="127.0.0.1", port=0)):
            pass

    seated(once)


@dataclass
class Program:
    """The real `luot hall` as a process of its own."""

    folder: Path
    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """End it in good order; the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(20)


HALL_TOML = """
[limits]
tickets_per_minute = 0
messages_per_second = 0
sockets_per_address = 0
sockets = 0
[hours]
always_open = true
"""


def luot(*words: str, data: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a `luot` command to its end."""
    line = [sys.executable, "-m", "server", *words, *(["--data", str(data)] if data else [])]
    return subprocess.run(line, input=stdin, capture_output=True, text=True, timeout=60, check=False)


@contextlib.contextmanager
def program(
    folder: Path,
    *,
    port: int = 0,
    before: tuple[str, ...] = (),
    module: tuple[str, ...] = ("-m", "server"),
    **more: Any,
) -> Iterator[Program]:
    """`luot hall` on a folder; `before` are words before python (strace …), `module` another launcher."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "hall.toml"
    config.write_text(more.pop("config", HALL_TOML))
    words = [*before, sys.executable, *module, "hall", "--data", str(folder), "--host", "127.0.0.1"]
    words += ["--port", str(port), "--config", str(config)]
    log = (folder / "hall.log").open("a")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True, **more)
    try:
        found = Program(folder, process, _port_of(process, folder))
        yield found
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        log.close()
        if process.stdout:
            process.stdout.close()


def _port_of(process: subprocess.Popen[str], folder: Path) -> int:
    """The port that the program says it listens on."""
    assert process.stdout is not None
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            raise AssertionError(f"the hall ended: {(folder / 'hall.log').read_text()[-2000:]}")
        if "://127.0.0.1:" in line:
            return int(line.rsplit(":", 1)[1].strip().rstrip("/"))
    raise AssertionError("the hall did not say where it is")


def events_of(folder: Path) -> list[dict[str, Any]]:
    """Every event of a record, as plain dictionaries, by plain SQL."""
    from server.record.tables import sqlite3

    conn = sqlite3.connect(f"file:{folder / 'luot.db'}?mode=ro", uri=True)
    conn.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in conn.execute("SELECT * FROM events ORDER BY seq")]
    finally:
        conn.close()


def result_of(reply: p.Incoming) -> Any:
    assert reply.ok, reply.error
    return json.loads(bytes(reply.result))  # type: ignore[arg-type]

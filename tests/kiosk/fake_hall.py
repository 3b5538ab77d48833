"""A hall for the kiosk's tests: speaks the protocol on a real socket, answers each id once, misbehaves on order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from server.protocol import KioskView, PrintJob, TicketResult
from tests.kiosk import samples


class FakeHall:
    """`numbers` were given, `heard` is every command as it came, in order, repetitions included."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.answers: dict[str, str] = {}
        self.given: list[TicketResult] = []
        self.holds: set[str] = set()
        """Names of commands that are carried out but not answered."""
        self.drops: set[str] = set()
        """Names of commands after which the connection is cut before the answer, once each."""
        self.refuses: dict[str, str] = {}
        self.jobs: tuple[PrintJob, ...] = ()
        self.unprinted: tuple[int, ...] | None = None
        self.seq = 2
        self.hellos: list[dict[str, Any]] = []
        self.last: dict[str, str] = {}
        """What the welcome says of the kiosk's last numbers."""
        self.turns_away = ""
        """The code with which nobody is let in."""
        self.since: dict[str, Any] = {}
        """What has changed of a number since it was given: fields of the answer to `reprint`."""
        self.news = asyncio.Condition()
        self._sockets: set[ServerConnection] = set()
        self._port = 0
        self._server: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        self._server = await serve(self._client, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        for socket in list(self._sockets):
            socket.transport.abort()
        await self._server.wait_closed()

    async def until(self, count: int, name: str) -> list[dict[str, Any]]:
        """Wait for `count` commands called `name`."""
        async with self.news:
            await self.news.wait_for(lambda: len(self.all(name)) >= count)
        return self.all(name)

    def all(self, name: str) -> list[dict[str, Any]]:
        return [command for command in self.heard if command["type"] == name]

    def ids(self, name: str) -> set[str]:
        return {command["id"] for command in self.all(name)}

    async def show(self) -> None:
        """Push the view to everybody."""
        for socket in list(self._sockets):
            await socket.send(self._view())

    async def _client(self, socket: ServerConnection) -> None:
        try:
            self.hellos.append(json.loads(await socket.recv()))
            if self.turns_away:
                await socket.send(json.dumps({"type": "error", "code": self.turns_away}))
                return
            await socket.send(
                json.dumps(
                    {
                        "type": "welcome", "protocol": 1, "version": "t", "role": "kiosk", "device": "kiosk-1",
                        "seq": 1, "now": "2026-11-23T01:42:07.120Z", "hall": msgspec.to_builtins(samples.hall()),
                        "given": self.last,
                    }
                )
            )  # fmt: skip
            self._sockets.add(socket)
            await socket.send(self._view())
            async with asyncio.TaskGroup() as group:
                beats = group.create_task(self._beat(socket))
                async for frame in socket:
                    await self._command(socket, json.loads(frame))
                beats.cancel()
        except (ConnectionClosed, ExceptionGroup):
            pass
        finally:
            self._sockets.discard(socket)

    async def _beat(self, socket: ServerConnection) -> None:
        while True:
            await asyncio.sleep(0.5)
            await socket.send('{"type":"beat","seq":1,"now":"2026-11-23T01:42:08.000Z"}')

    async def _command(self, socket: ServerConnection, command: dict[str, Any]) -> None:
        id, name = command["id"], command["type"]
        if id not in self.answers:
            self.answers[id] = self._decide(command)
        async with self.news:
            self.heard.append(command)
            self.news.notify_all()
        if name in self.drops:
            self.drops.discard(name)
            socket.transport.abort()
        elif name not in self.holds:
            await socket.send(self.answers[id])

    def _decide(self, command: dict[str, Any]) -> str:
        id, name = command["id"], command["type"]
        if name in self.refuses:
            return json.dumps({"type": "reply", "id": id, "ok": False, "error": {"code": self.refuses[name]}})
        result: Any = None
        if name == "issue":
            n = len(self.given) + 1
            ticket = samples.ticket(f"1{n:03}", id=n, priority=command["priority"], procedure=command.get("procedure"))
            self.given.append(ticket)
            result = msgspec.to_builtins(ticket)
        if name == "reprint":
            ticket = next(one for one in self.given if one.ticket == command["ticket"])
            result = msgspec.to_builtins(msgspec.structs.replace(ticket, **self.since))
        return json.dumps({"type": "reply", "id": id, "ok": True, "result": result})

    def _view(self) -> str:
        view: KioskView = msgspec.structs.replace(samples.view(), jobs=self.jobs, unprinted=self.unprinted)
        return json.dumps({"type": "view", "seq": self.seq, "view": msgspec.to_builtins(view)})


@asynccontextmanager
async def fake_hall() -> AsyncIterator[FakeHall]:
    hall = FakeHall()
    await hall.open()
    try:
        yield hall
    finally:
        await hall.close()

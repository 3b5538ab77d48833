"""Whoever stands where the hall should be: whatever is sent ends no kiosk, and the hall is taken up again after it."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from server.client import client
from tests.halls import until
from tests.kiosk import samples
from tests.kiosk.fake_hall import FakeHall, fake_hall
from tests.kiosk.test_live import papers, running

ODD: tuple[Any, ...] = (
    None, True, -1, 2**70, 1e308, "", "x" * 5000, "\x00", "\u202e", "[ref=x]", [], {}, [[]], {"vi": 5},
    "2026-02-30T00:00:00Z", "2026-11-23", "23/11/2026", "Nowhere/At_all", "../../etc/passwd", "#12345", "red",
)  # fmt: skip
RAW = (
    "",
    "null",
    "[]",
    "{",
    "nonsense",
    "[" * 5000,
    '{"type":5}',
    '{"type":"view"}',
    '{"type":"welcome"}',
    '"\\ud800"',
)


def welcome() -> dict[str, Any]:
    return {
        "type": "welcome", "protocol": 1, "version": "t", "role": "kiosk", "device": "kiosk-1", "seq": 1,
        "now": "2026-11-23T01:42:07.120Z", "hall": msgspec.to_builtins(samples.hall()),
    }  # fmt: skip


def view() -> dict[str, Any]:
    return {"type": "view", "seq": 2, "view": msgspec.to_builtins(samples.view())}


def spoiled(message: dict[str, Any], chance: random.Random) -> str | bytes:
    """The message with one value of any depth changed, gone, or in the way."""
    way = chance.randrange(10)
    if way == 0:
        return chance.choice(RAW)
    if way == 1:
        return bytes(chance.randrange(256) for _ in range(60))
    if way == 2:
        return json.dumps(message)[: chance.randrange(1, 400)]
    place: Any = message
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.15:
            break
        place = inner
    if way == 3:
        del place[key]
    else:
        place[key] = chance.choice(ODD)
    return json.dumps(message)


@pytest.mark.parametrize("seed", range(4))
async def test_no_word_of_a_stranger_ends_the_kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(client, "DELAYS", (0.001,))  # else it waits two seconds after each
    chance, came, wanted = random.Random(seed), 0, 150

    async def stranger(socket: ServerConnection) -> None:
        nonlocal came
        came += 1
        try:
            await socket.recv()
            first = chance.random() < 0.5
            await socket.send(spoiled(welcome(), chance) if first else json.dumps(welcome()))
            await socket.send(spoiled(view(), chance) if not first else json.dumps(view()))
            reply = {"type": "reply", "id": "x", "ok": True, "result": {}, "error": {"code": "x"}}
            await socket.send(spoiled(reply, chance))
            await socket.send(json.dumps(view()))
        except ConnectionClosed:
            pass

    async with serve(stranger, "127.0.0.1", 0) as server:
        hall = FakeHall()
        hall._port = server.sockets[0].getsockname()[1]
        async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
            await until(lambda: came >= wanted or kiosk.live._error is not None)
            kiosk.live.hall_time()
            assert kiosk.live._error is None
            server.close(close_connections=True)
            await server.wait_closed()
            await hall.open()
            await kiosk.until(lambda: kiosk.screen == "home")
            await hall.close()


async def test_a_yes_that_cannot_be_read_sends_to_the_staff(tmp_path: Path) -> None:
    async with fake_hall() as hall, running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
        decide = hall._decide

        def odd(command: dict[str, Any]) -> str:
            answer = json.loads(decide(command))
            if command["type"] == "issue":
                answer["result"] = {"ticket": "x"}
            return json.dumps(answer)

        hall._decide = odd
        await kiosk.take()
        await kiosk.until(lambda: kiosk.live.state.note == "internal" or kiosk.live._error is not None)
        assert kiosk.live._error is None
        assert papers(tmp_path) == []


@pytest.mark.parametrize(
    "now",
    ["", "yesterday", "2026-11-23T01:42:07", "2026-13-23T01:42:07Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"],
)
async def test_a_hall_without_a_time_is_said_to_be_none(now: str, caplog: pytest.LogCaptureFixture) -> None:
    async def odd(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps({**welcome(), "now": now}))
        await socket.wait_closed()

    async with serve(odd, "127.0.0.1", 0) as server:
        from server import protocol as p

        one: client.Client[p.KioskView] = client.Client(
            f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", role="kiosk", token="t", view=p.KioskView
        )
        task = asyncio.create_task(one.run())
        await until(lambda: "not to be reached" in caplog.text)
        assert not task.done()
        assert one.state == "cut"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

"""The server is killed under load, again and again: what was acknowledged is there, once; clients come back."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from server.client.client import Unreachable
from tests.halls import begin, events_of, luot, new_id, program, result_of, sit, size, until

pytestmark = pytest.mark.fault


@pytest.mark.seconds(900)
async def test_sigkill_under_load(tmp_path: Path) -> None:
    kills = size(5, 50)
    chance = random.Random(7)
    begin(tmp_path)
    token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=tmp_path).stdout.strip()
    acknowledged: dict[str, int] = {}
    unanswered: list[str] = []
    port = 0
    returns: list[float] = []
    seats: list[Any] = []
    for _ in range(kills):
        with program(tmp_path, port=port) as found:
            port = found.port
            started = time.monotonic()
            if not seats:
                seats = [sit(found.url, "kiosk", token) for _ in range(16)]
            await all_are("connected", seats)
            returns.append(time.monotonic() - started)

            async def work(seat: Any) -> None:
                while True:
                    id = new_id()
                    unanswered.append(id)
                    reply = await seat.client.reply_to(p.Issue(id=id, area="tu-phap"), timeout=60)
                    if reply.ok:
                        acknowledged[id] = result_of(reply)["ticket"]

            tasks = [asyncio.create_task(work(seat)) for seat in seats]
            await asyncio.sleep(chance.uniform(0.05, 0.5))
            found.kill()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await all_are("cut", seats)
    for seat in seats:
        await seat.leave()
    assert len(acknowledged) > kills
    events = [event for event in events_of(tmp_path) if event["kind"] == "issued"]
    by_request: dict[str, list[int]] = {}
    for event in events:
        by_request.setdefault(event["request"], []).append(event["ticket"])
    lost = [id for id in acknowledged if acknowledged[id] not in by_request.get(id, [])]
    twice = [id for id, tickets in by_request.items() if len(tickets) > 1]
    assert lost == []
    assert twice == []
    assert len({event["number"] for event in events}) == len(events)
    checked = luot("check", data=tmp_path)
    assert checked.returncode == 0, checked.stderr
    # Back within 5 s of the restart: a bound that a client which waits too long between tries would break.
    assert max(returns[1:]) < 5


async def all_are(state: Any, seats: Any) -> None:
    await until(lambda: all(seat.client.state == state for seat in seats), 30)


async def test_the_same_id_again_after_every_cut_and_restart(tmp_path: Path) -> None:
    """At every point of the exchange, and after a restart: one ticket, the same answer word for word."""
    begin(tmp_path)
    token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=tmp_path).stdout.strip()
    hello = p.encode(p.Hello(protocol=1, role="kiosk", token=token)).decode()
    answers: dict[str, set[str]] = {}
    commands = {}
    for n in range(4):
        command = p.Issue(id=new_id(), area="tu-phap", priority=n % 2 == 0)
        commands[command.id] = p.encode(command).decode()
        answers[command.id] = set()
    cuts = ("before_send", "after_send", "after_reply", "never")
    with program(tmp_path) as found:
        for id, cut in zip(commands, cuts, strict=True):
            await _exchange(found.url, hello, commands[id], cut, answers[id])
        for id, frame in commands.items():  # the link is back: the same again
            await _exchange(found.url, hello, frame, "never", answers[id])
            await asyncio.gather(*(_exchange(found.url, hello, frame, "never", answers[id]) for _ in range(3)))
        found.kill()
    with program(tmp_path) as found:
        for id, frame in commands.items():
            await _exchange(found.url, hello, frame, "never", answers[id])
        other = commands[next(iter(commands))].replace("tu-phap", "dat-dai")
        refused: set[str] = set()
        await _exchange(found.url, hello, other, "never", refused)
        assert '"id_reused"' in refused.pop()
        found.stop()
    assert all(len(words) == 1 for words in answers.values()), answers
    issued = [event for event in events_of(tmp_path) if event["kind"] == "issued"]
    assert sorted(event["request"] for event in issued) == sorted(commands)


async def _exchange(url: str, hello: str, frame: str, cut: str, answers: set[str]) -> None:
    """Say hello, then the command, and drop the line at the named point."""
    from websockets.asyncio.client import connect

    from server.client.client import socket_url

    async with connect(socket_url(url), compression=None, proxy=None) as socket:
        await socket.send(hello)
        await socket.recv()
        if cut == "before_send":
            socket.transport.abort()
            return
        await socket.send(frame)
        if cut == "after_send":
            socket.transport.abort()
            return
        while True:
            answer = str(await socket.recv())
            if '"type":"reply"' in answer:
                answers.add(answer)
                break
        if cut == "after_reply":
            socket.transport.abort()


async def test_a_client_that_gives_up_says_so(tmp_path: Path) -> None:
    with program(tmp_path) as found:
        token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=tmp_path).stdout.strip()
        seat = sit(found.url, "kiosk", token)
        await until(lambda: seat.views)
        found.kill()
        with pytest.raises(Unreachable):
            await seat.client.ask(p.Issue(id=new_id(), area="tu-phap"), timeout=0.5)
        await seat.leave()

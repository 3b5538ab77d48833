"""Four desks call within a second: what stands on the board, what is heard, and when somebody may be called absent."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from display.voice.chime import RATE, chime
from server import protocol as p
from server.client.client import new_id
from server.settings.reading import default_settings
from tests.desktop.conftest import Running, running
from tests.desktop.test_sound import until, voice
from tests.halls import Seat, events_of, hall
from tests.surroundings import Desktop, SoundServer, desktop, places, sound_server

pytestmark = pytest.mark.screen

SECONDS = 5
"""`no_show_seconds` here, so that the test need not wait for 45."""
CLERKS = {"1": "Hoa", "2": "Lan", "3": "Mai", "4": "Tuấn"}
AREAS = {"1": "tu-phap", "2": "ket-qua", "3": "dat-dai", "4": "xa-hoi"}


@dataclass
class Stage:
    """A hall with a display that is heard, and four clerks, each with one number in the line of an own area."""

    data: Path
    desks: dict[str, Seat]
    display: Running
    screen: Desktop
    sound: SoundServer

    def announced(self, how: str) -> dict[int, dict[str, Any]]:
        """What the display has told of the calls, by their `seq`."""
        told = [e for e in events_of(self.data) if e["kind"] == "announced" and e["via"] == how]
        return {e["ref"]: e for e in told}


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    data, token = folder / "hall", folder / "display.token"
    patient = msgspec.structs.replace(default_settings(), no_show_seconds=SECONDS)
    async with hall(data, defaults=patient) as h:
        token.write_text(await h.device("display-1", "display"))
        desks = {code: await h.desk(name, code) for code, name in CLERKS.items()}
        for code, seat in desks.items():
            offered = h.service.rounds.hall.policy.desks[code].areas
            await seat.ask(p.Issue, area=AREAS[code] if AREAS[code] in offered else offered[0])
        manager = await h.manager()
        with sound_server() as sound, desktop(folder) as screen:
            env = {**screen.environment(), **sound.env}
            words = ("display", "--server", h.url, "--token-file", str(token))
            with running(folder / "display.log", env, *words) as display:
                await until(lambda: any(d.sound == "ok" for d in manager.view.devices), "a display that is heard", 60)
                yield Stage(data, desks, display, screen, sound)


async def test_four_calls_stand_at_once_are_heard_in_turn_and_nobody_is_absent_before(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        with s.sound.recorded() as samples:
            tickets = {code: (await seat.ask(p.CallNext, ticket=None))["ticket"] for code, seat in s.desks.items()}
            await s.desks["4"].ask(p.Recall, ticket=tickets["4"])
            calls = [e for e in events_of(s.data) if e["kind"] in {"called", "recalled"}]
            assert calls[3]["at"] - calls[0]["at"] < 1000
            await until(lambda: len(s.announced("shown")) == 5, "all five on the board")
            latest = max(e["at"] for e in s.announced("shown").values()) - calls[-1]["at"]
            assert s.desks["4"].view.me.ticket.turn is not None
            absent_at = await until_absent(s.desks["4"], tickets["4"], 90)
            said = s.announced("said")
            first = min(e["at"] for e in said.values() if e["ticket"] == tickets["4"])
            assert absent_at >= first + SECONDS * 1000, "absent before the call was heard"
            order = [e["number"] for e in sorted(said.values(), key=lambda e: e["at"])]
            assert len(set(order[:4])) == 4, "each is said once before any is said twice"
            assert s.display.alive()
            heard = samples()
    spans = [(at, at + len(chime()), "chime") for at in places(heard, np.array(chime(), float))]
    begun = {}
    for call in calls[:4]:
        words = np.array(voice(call["number"], call["desk"]), float)
        found = places(heard, words)
        assert found, call["number"]
        begun[call["number"]] = found[0]
        spans += [(at, at + len(words), call["number"]) for at in found]
    spans.sort()
    for (_, end, one), (start, _, other) in pairwise(spans):
        assert start >= end - RATE // 50, f"{other} over {one}"
    fourth = (max(begun.values()) - spans[0][0]) / RATE
    print(f"on the board {latest} ms after the last press; the fourth is said {fourth:.1f} s after the first chime")
    assert begun[calls[3]["number"]] == max(begun.values())


async def test_a_display_that_stands_still_holds_no_desk_up_for_longer_than_twenty_seconds(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        s.display.process.send_signal(signal.SIGSTOP)
        try:
            ticket = (await s.desks["1"].ask(p.CallNext, ticket=None))["ticket"]
            await s.desks["1"].ask(p.Recall, ticket=ticket)
            pressed = events_of(s.data)[-1]["at"]
            absent_at = await until_absent(s.desks["1"], ticket, 60)
        finally:
            s.display.process.send_signal(signal.SIGCONT)
        print(f"absent {(absent_at - pressed) / 1000:.1f} s after the press")
        assert absent_at - pressed <= 20_000 + 1500


async def until_absent(desk: Seat, ticket: int, seconds: float) -> int:
    """Press *absent* as soon as the page offers it, and again and again; the instant (ms) at which it is accepted."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = await desk.reply(p.NoShow(id=new_id(), ticket=ticket))
        if reply.ok:
            return round(time.time() * 1000)
        assert isinstance(reply.error, p.Error)
        assert reply.error.code == "too_soon"
        await asyncio.sleep(0.2)
    raise AssertionError(f"not absent within {seconds} s")

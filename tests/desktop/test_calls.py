"""Four desks call within a second: what stands on the board, what is heard, and when somebody may be called absent."""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from halls import RunningHall, Seat, events_of, hall
from surroundings import desktop, places, sound_server

from assets.chime import chime
from display import speech
from display.board import Announcement
from server import protocol as p
from server import settings
from server.client import new_id
from tests.desktop.conftest import running
from tests.desktop.test_sound import until

pytestmark = pytest.mark.screen

SECONDS = 5
"""`no_show_seconds` here, so that the test need not wait for 45."""
CLERKS = {"1": "Hoa", "2": "Lan", "3": "Mai", "4": "Tuấn"}


def patient() -> settings.Settings:
    return msgspec.structs.replace(settings.default(), no_show_seconds=SECONDS)


async def seated(h: RunningHall) -> dict[str, Seat]:
    """Four clerks, each with one number in the line of an own area."""
    desks = {code: await h.desk(name, code) for code, name in CLERKS.items()}
    areas = {"1": "tu-phap", "2": "ket-qua", "3": "dat-dai", "4": "xa-hoi"}
    for code, seat in desks.items():
        info = h.service.writer.hall.policy.desks[code]
        await seat.ask(p.Issue, area=areas[code] if areas[code] in info.areas else info.areas[0])
    return desks


def announced(folder: Path, how: str) -> dict[int, dict[str, Any]]:
    return {e["ref"]: e for e in events_of(folder) if e["kind"] == "announced" and e["via"] == how}


async def test_four_calls_stand_at_once_are_heard_in_turn_and_nobody_is_absent_before(tmp_path: Path) -> None:
    data = tmp_path / "hall"
    async with hall(data, defaults=patient()) as h:
        token = tmp_path / "display.token"
        token.write_text(await h.device("display-1", "display"))
        desks = await seated(h)
        manager = await h.manager()
        with sound_server() as sound, desktop(tmp_path) as screen, sound.recorded() as samples:
            env = {**screen.environment(), **sound.env}
            words = ("display", "--server", h.url, "--token-file", str(token))
            with running(tmp_path / "display.log", env, *words) as display:
                await until(lambda: any(d.sound == "ok" for d in manager.view.devices), "a display that is heard", 60)
                tickets = {code: (await seat.ask(p.CallNext, ticket=None))["ticket"] for code, seat in desks.items()}
                await desks["4"].ask(p.Recall, ticket=tickets["4"])
                calls = [e for e in events_of(data) if e["kind"] in {"called", "recalled"}]
                assert calls[3]["at"] - calls[0]["at"] < 1000
                await until(lambda: len(announced(data, "shown")) == 5, "all five on the board")
                latest = max(e["at"] for e in announced(data, "shown").values()) - calls[-1]["at"]
                screen.picture().save(tmp_path / "four.png")
                assert desks["4"].view.me.ticket.turn is not None
                absent_at = await until_absent(desks["4"], tickets["4"], 90)
                said = announced(data, "said")
                first = min(e["at"] for e in said.values() if e["ticket"] == tickets["4"])
                assert absent_at >= first + SECONDS * 1000, "absent before the call was heard"
                order = [e["number"] for e in sorted(said.values(), key=lambda e: e["at"])]
                assert len(set(order[:4])) == 4, "each is said once before any is said twice"
                assert display.alive()
            heard = samples()
    spans = [(at, at + len(chime()), "chime") for at in places(heard, np.array(chime(), float))]
    begun = {}
    for call in calls[:4]:
        desk = call["desk"]
        words_ = speech.sentence(Announcement(1, "call", call["number"], desk, ""), f"Quầy {desk}", "vi")
        voice = np.array(speech.Espeak().say(words_, "vi"), float)
        found = places(heard, voice)
        assert found, call["number"]
        begun[call["number"]] = found[0]
        spans += [(at, at + len(voice), call["number"]) for at in found]
    spans.sort()
    for (_, end, one), (start, _, other) in itertools.pairwise(spans):
        assert start >= end - speech.RATE // 50, f"{other} over {one}"
    fourth = (max(begun.values()) - spans[0][0]) / speech.RATE
    print(f"on the board {latest} ms after the last press; the fourth is said {fourth:.1f} s after the first chime")
    assert begun[calls[3]["number"]] == max(begun.values())


async def test_a_display_that_stands_still_holds_no_desk_up_for_longer_than_twenty_seconds(tmp_path: Path) -> None:
    data = tmp_path / "hall"
    async with hall(data, defaults=patient()) as h:
        token = tmp_path / "display.token"
        token.write_text(await h.device("display-1", "display"))
        desks = await seated(h)
        manager = await h.manager()
        with sound_server() as sound, desktop(tmp_path) as screen:
            env = {**screen.environment(), **sound.env}
            words = ("display", "--server", h.url, "--token-file", str(token))
            with running(tmp_path / "display.log", env, *words) as display:
                await until(lambda: any(d.sound == "ok" for d in manager.view.devices), "a display that is heard", 60)
                display.process.send_signal(signal.SIGSTOP)
                try:
                    ticket = (await desks["1"].ask(p.CallNext, ticket=None))["ticket"]
                    await desks["1"].ask(p.Recall, ticket=ticket)
                    pressed = events_of(data)[-1]["at"]
                    absent_at = await until_absent(desks["1"], ticket, 60)
                finally:
                    display.process.send_signal(signal.SIGCONT)
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

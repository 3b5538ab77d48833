"""What a hall hears, recorded from the sound server of a desktop: at the first call, after its restart, unplugged."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from halls import PIN, Seat, cookie_of, luot, sign_in, sitting
from surroundings import Desktop, SoundServer, desktop, places, sound_server, wait_for

from display.board import Announcement
from display.voice import engines
from display.voice.words import sentence
from server import protocol as p
from tests.desktop.conftest import House, Running, running

pytestmark = pytest.mark.screen

GOLD = (242, 178, 51)


def voice(number: str, desk: str) -> Any:
    said = sentence(Announcement(1, "call", number, desk, ""), f"Quầy {desk}", "vi")
    return np.array(engines.Espeak().say(said, "vi"), float)


class Stage:
    """A hall with a display on a desktop that has a sound server; a clerk at desk 1, and a manager who looks on."""

    def __init__(self, display: Running, clerk: Seat, manager: Seat, screen: Desktop, sound: SoundServer) -> None:
        self.display, self.clerk, self.manager, self.screen, self.sound = display, clerk, manager, screen, sound
        self._number = 1000

    async def called(self) -> str:
        """A citizen takes a number, a clerk calls it and then serves whoever comes: it is not said twice."""
        await self.clerk.ask(p.Issue, area="tu-phap")
        self._number += 1
        await self.clerk.ask(p.CallNext, ticket=None)
        return str(self._number)

    async def served(self) -> None:
        ticket = self.clerk.view.me.ticket.ticket
        await self.clerk.ask(p.Start, ticket=ticket)
        await self.clerk.ask(p.Finish, ticket=ticket)

    async def told(self, sound: str) -> None:
        """Wait until the manager is told that the display's sound is so."""

        def so() -> bool:
            return any(d.role == "display" and d.connected and d.sound == sound for d in self.manager.view.devices)

        await until(so, f"sound {sound}: {self.display.said()[-1500:]}", 60)


async def until(true: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """As `wait_for`, while the links go on."""
    return await asyncio.to_thread(wait_for, true, what, seconds)


@asynccontextmanager
async def stage(house: House, folder: Path, **env: str) -> AsyncIterator[Stage]:
    for name, role in (("Hoa", "clerk"), ("Minh", "manager")):
        assert luot("person", "add", name, "--role", role, data=house.program.folder, stdin=PIN + "\n").returncode == 0
    port, url = house.program.port, house.program.url
    with sound_server() as sound, desktop(folder) as screen:
        whole = {**screen.environment(), **sound.env, **env}
        with running(folder / "display.log", whole, *house.words("display")) as display:
            clerk = sitting(url, "desk", cookie_of(sign_in(port, "Hoa", PIN)))
            manager = sitting(url, "manager", cookie_of(sign_in(port, "Minh", PIN)))
            async with clerk as at_desk, manager as looking:
                await at_desk.ask(p.OpenDesk, desk="1")
                yield Stage(display, at_desk, looking, screen, sound)


def is_gold(stage: Stage) -> bool:
    """Does the display show a call as new?"""
    small = stage.screen.picture().resize((192, 108))
    return sum(max(abs(a - b) for a, b in zip(small.getpixel((x, y)), GOLD, strict=True)) < 12  # type: ignore[arg-type]
               for x in range(0, 192, 4) for y in range(0, 108, 4)) > 60  # fmt: skip


async def heard(samples: Callable[[], Any], number: str, times: int = 1) -> None:
    words = voice(number, "1")
    await until(lambda: len(places(samples(), words)) >= times, f"{number} heard {times} times", 40)


async def test_with_a_sound_server_the_first_call_is_heard_and_the_picture_goes_on(
    house: House, tmp_path: Path
) -> None:
    async with stage(house, tmp_path) as s:
        await s.told("ok")
        with s.sound.recorded() as samples:
            number = await s.called()
            await until(lambda: is_gold(s), "the call on the screen")
            await heard(samples, number, 2)
            await s.served()
            await until(lambda: not is_gold(s), "the picture after the call")
        assert s.clerk.view.me.ticket is None
        assert await asyncio.to_thread(s.display.stop) == 0


async def test_a_sound_server_that_was_restarted_or_unplugged_is_heard_again_and_the_hall_is_told_meanwhile(
    house: House, tmp_path: Path
) -> None:
    async with stage(house, tmp_path) as s:
        await s.told("ok")
        s.sound.kill()
        await s.called()
        await s.told("fault")
        await s.served()
        s.sound.start()
        await s.told("ok")
        with s.sound.recorded() as samples:
            await heard(samples, await s.called())
            await s.served()
        await asyncio.to_thread(s.sound.unplug)
        await s.called()
        await s.told("fault")
        assert s.clerk.view.me.ticket.turn is None, "who hears nothing waits for no voice"
        await s.served()
        await asyncio.to_thread(s.sound.plug)
        await s.told("ok")
        with s.sound.recorded() as samples:
            await heard(samples, await s.called())


async def test_a_temporary_folder_that_is_cleaned_takes_neither_chime_nor_voice(house: House, tmp_path: Path) -> None:
    """Debian 13 cleans it after ten days."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    async with stage(house, tmp_path, TMPDIR=str(temporary)) as s:
        await s.told("ok")
        with s.sound.recorded() as samples:
            await heard(samples, await s.called())
            await s.served()
            for left in temporary.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            await heard(samples, await s.called())
        assert await asyncio.to_thread(s.display.stop) == 0


def test_a_program_that_stands_still_inside_a_library_is_ended() -> None:
    """The main thread waits for ever and keeps the interpreter's lock, as it did in a sound library."""
    script = "import ctypes; from assets.window import watchdog; watchdog.guard(1.0); ctypes.PyDLL(None).sleep(120)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Timeout" in done.stderr

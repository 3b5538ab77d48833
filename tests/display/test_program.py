"""The real program against a real socket: what it says when the link drops or it starts anew, and how it sounds.

The hall here is a small server that speaks the protocol, so that a test decides when a call was made and when the
link is cut. The sound is recorded from a sound server and found again by matched filters.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from display.board import Announcement
from display.voice import engines, samples
from display.voice.chime import RATE, chime
from display.voice.words import sentence
from server import protocol as p
from tests.surroundings import SoundServer, places, sound_server
from tests.tools.screen import screen

pytestmark = pytest.mark.screen

ROOT = Path(__file__).parents[2]
FOUR = ("1001", "2002", "3003", "6004")
QUIET = {"SDL_VIDEODRIVER": "offscreen", "XDG_RUNTIME_DIR": "/nowhere"}
T = TypeVar("T")
LINE = re.compile(r"display\.app: (call|recall|withdrawn)( again)? (\d+), desk (\S*) \(seq (\d+)\)")


class Hall:
    """A hall of calls: `seq` grows, views go to whoever is connected."""

    def __init__(self, info: p.HallInfo) -> None:
        self.info = info
        self.seq = 10
        self.calls: list[p.DisplayCall] = []
        self.status: list[p.Status] = []
        self.announced: list[tuple[int, str]] = []
        self.sockets: set[ServerConnection] = set()
        self.heard = asyncio.Event()
        self.server: Server | None = None
        self.port = 0

    async def open(self) -> None:
        self.server = await serve(self._talk, "127.0.0.1", self.port, compression=None)
        self.port = self.server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Cut the link, and let nobody in."""
        assert self.server is not None
        self.server.close()
        await self.server.wait_closed()

    def call(self, number: str, desk: str = "1", *, age: float = 0, recall: bool = False) -> None:
        self.seq += 1
        at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
        call = p.DisplayCall(seq=self.seq, number=number, desk=desk, area="tu-phap", at=at, recall=recall)
        self.calls.insert(0, call)

    async def until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something that the display tells."""
        async with asyncio.timeout(seconds):
            while not true():
                self.heard.clear()
                await self.heard.wait()

    def view(self) -> str:
        areas = tuple(
            p.DisplayArea(code=area.code, waiting=0, next=(), priority=(), desks_open=("1",))
            for area in self.info.areas
        )
        view = p.DisplayView(calls=tuple(self.calls), withdrawn=(), missed=(), areas=areas, open=True, paused=False)
        return p.encode(p.View(seq=self.seq, view=msgspec.Raw(p.encode(view)))).decode()

    async def push(self) -> None:
        for socket in self.sockets:
            await socket.send(self.view())

    async def _talk(self, socket: ServerConnection) -> None:
        hello = p.decode_hello(await socket.recv())
        assert (hello.role, hello.token) == ("display", "secret")
        now = datetime.now(UTC).isoformat()
        welcome = p.Welcome(
            protocol=1, version="test", role="display", device="display-1", hall=self.info, seq=self.seq, now=now
        )
        await socket.send(p.encode(welcome).decode())
        await socket.send(self.view())
        self.sockets.add(socket)
        beats = asyncio.create_task(self._beat(socket))
        try:
            async for frame in socket:
                command = p.decode_command(frame)
                if isinstance(command, p.Announced):
                    self.announced.append((command.call, command.how))
                else:
                    assert isinstance(command, p.Status)
                    self.status.append(command)
                self.heard.set()
                await socket.send(p.encode(p.Reply(id=command.id, ok=True)).decode())
        except ConnectionClosed:
            pass
        finally:
            beats.cancel()
            self.sockets.discard(socket)

    async def _beat(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(1)
                await socket.send(p.encode(p.Beat(seq=self.seq, now=datetime.now(UTC).isoformat())).decode())


class Program:
    """A display that runs. `said` grows with what it announces; `log` holds all it wrote."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.log: list[str] = []
        self.said: list[tuple[str, str, str]] = []
        self.more = asyncio.Event()

    async def read(self) -> None:
        assert self.process.stderr is not None
        async for raw in self.process.stderr:
            line = raw.decode("utf-8", "replace")
            self.log.append(line)
            if found := LINE.search(line):
                self.said.append((found[1] + (found[2] or ""), found[3], found[4]))
            self.more.set()

    async def until(self, true: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self.more.clear()
                await self.more.wait()


@asynccontextmanager
async def display(hall: Hall, *arguments: str, windowed: str = "640x480", **environment: str) -> AsyncIterator[Program]:
    command = ["-m", "display", "--server", f"http://127.0.0.1:{hall.port}", *arguments]
    if windowed:
        command += ["--windowed", windowed]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=ROOT,
        env={**os.environ, "LUOT_TOKEN": "secret", **QUIET, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    program = Program(process)
    reader = asyncio.create_task(program.read())
    try:
        yield program
        assert not process.returncode, "".join(program.log)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        await reader
    assert "Traceback" not in "".join(program.log), "".join(program.log)


async def started(hall: Hall, program: Program) -> None:
    async with asyncio.timeout(20):
        await hall.heard.wait()


def run(info: p.HallInfo, story: Callable[[Hall], Awaitable[T]]) -> T:
    async def whole() -> T:
        hall = Hall(info)
        await hall.open()
        try:
            return await story(hall)
        finally:
            await hall.shut()

    return asyncio.run(whole())


def test_after_a_drop_it_announces_in_order_what_it_missed_and_after_a_restart_nothing(hall: p.HallInfo) -> None:
    async def story(hall: Hall) -> None:
        hall.call("1000")
        async with display(hall, "--voice", "off") as program:
            await started(hall, program)
            await hall.shut()
            hall.call("1001", age=65)
            hall.call("1002", "2", age=20)
            hall.call("1003", "3")
            await hall.open()
            await program.until(lambda: len(program.said) >= 2, 40)
            hall.call("1004")
            await hall.push()
            await program.until(lambda: len(program.said) >= 3, 40)
            assert program.said == [("call", "1002", "2"), ("call", "1003", "3"), ("call", "1004", "1")]
        hall.heard.clear()
        async with display(hall, "--voice", "off") as program:
            await started(hall, program)
            hall.call("1005")
            await hall.push()
            await program.until(lambda: len(program.said) >= 1, 40)
            assert program.said == [("call", "1005", "1")]

    run(hall, story)


def test_a_missing_voice_is_logged_and_told_to_the_hall_while_the_chime_sounds(
    hall: p.HallInfo, tmp_path: Path, speaker: SoundServer
) -> None:
    (tmp_path / "paplay").symlink_to(str(shutil.which("paplay")))
    (tmp_path / "pactl").symlink_to(str(shutil.which("pactl")))

    async def story(hall: Hall) -> None:
        with speaker.recorded() as heard:
            async with display(hall, PATH=str(tmp_path), **speaker.env) as program:
                await started(hall, program)
                assert hall.status[-1].sound == "fault"
                assert sum("no voice" in line for line in program.log) == 1
                hall.call("1001")
                await hall.push()
                await hall.until(lambda: (hall.seq, "shown") in hall.announced)
                async with asyncio.timeout(20):
                    while len(places(heard(), np.array(chime(), float))) != 1:
                        await asyncio.sleep(0.2)
            assert (hall.seq, "said") not in hall.announced, "a chime alone tells nobody who is called"

    run(hall, story)


@pytest.mark.parametrize(("arguments", "sound"), [([], "ok"), (["--voice", "off"], "off")])
def test_it_tells_the_hall_how_its_sound_is(
    hall: p.HallInfo, arguments: list[str], sound: str, speaker: SoundServer
) -> None:
    async def story(hall: Hall) -> None:
        async with display(hall, *arguments, **speaker.env) as program:
            await started(hall, program)
            assert (hall.status[0].sound, hall.status[0].screen) == (sound, "640x480")
            assert hall.status[-1].printer == "none"

    run(hall, story)


def test_without_a_sound_device_it_says_so_before_the_first_call_and_shows_each(hall: p.HallInfo) -> None:
    async def story(hall: Hall) -> None:
        async with display(hall) as program:
            await started(hall, program)
            assert hall.status[0].sound == "fault"
            hall.call("1001")
            await hall.push()
            await hall.until(lambda: bool(hall.announced))
            hall.call("1002")
            await hall.push()
            await program.until(lambda: len(program.said) == 2, 40)
            assert [number for _, number, _ in program.said] == ["1001", "1002"]
            assert hall.announced == [(hall.seq - 1, "shown"), (hall.seq, "shown")]

    run(hall, story)


def test_in_front_of_the_public_it_fills_the_screen_and_only_the_service_ends_it(
    hall: p.HallInfo, tmp_path: Path
) -> None:
    """A bare X server, as on a mini PC without a desktop: Esc, F1 and Alt+F4 do nothing."""

    async def story(hall: Hall) -> None:
        with screen((1280, 720)) as bare:

            async def shot() -> Any:
                return await asyncio.to_thread(bare.picture)

            whole = display(hall, windowed="", SDL_VIDEODRIVER="x11", **bare.env)
            async with whole as program:
                await started(hall, program)
                band = (0x04, 0x19, 0x20)
                async with asyncio.timeout(40):
                    while {(await shot()).getpixel(corner) for corner in ((2, 2), (1277, 717))} != {band}:
                        await asyncio.sleep(0.2)  # a window system answers when it likes
                for key in ("Escape", "F1", "alt+F4", "ctrl+v", "ctrl+c"):
                    await asyncio.to_thread(bare.tool, "xdotool", "key", key)
                hall.call("1001")
                await hall.push()
                await program.until(lambda: len(program.said) == 1, 40)

                async def gold() -> int:
                    colors = (await shot()).getcolors(1 << 24)
                    return sum(count for count, color in colors if color == (0xF2, 0xB2, 0x33))

                # The card stays as long as nothing newer is called, and is plain gold once its two pulses are over.
                async with asyncio.timeout(20):
                    while await gold() <= 0.08 * 1280 * 720:
                        await asyncio.sleep(0.3)
                program.process.terminate()
                async with asyncio.timeout(20):
                    assert await program.process.wait() == 0

    run(hall, story)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--server", "ftp://x", "--windowed", "640x480"], "must look like"),
        (["--server", "http://127.0.0.1:1", "--token-file", "/no/such/file"], "No such file"),
        (["--server", "http://127.0.0.1:1"], "no token"),
        (["--server", "http://127.0.0.1:1", "--windowed", "big"], "width x height"),
    ],
)
def test_a_wrong_command_line_is_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from display.__main__ import arguments as parse

    monkeypatch.delenv("LUOT_TOKEN", raising=False)
    with pytest.raises(SystemExit):
        parse(arguments)
    assert sentence in capsys.readouterr().err


def test_four_calls_at_once_stand_at_once_and_are_said_once_before_any_is_said_twice(
    hall: p.HallInfo, speaker: SoundServer
) -> None:
    """Four desks press within a second, then one recalls: what the hall was told, and what was recorded."""

    async def story(hall: Hall) -> Any:
        with speaker.recorded() as heard:
            async with display(hall, **speaker.env) as program:
                await started(hall, program)
                for desk, number in enumerate(FOUR, 1):
                    hall.call(number, str(desk))
                    await hall.push()
                hall.call(FOUR[2], "3", recall=True)
                await hall.push()
                await hall.until(lambda: len(hall.announced) >= 5)
                assert sorted(hall.announced[:5]) == [(seq, "shown") for seq in range(11, 16)]
                await program.until(lambda: len(program.said) == 8, 120)
                await hall.until(lambda: len(hall.announced) >= 10)
                # The recall came before its number was said: one reading stands for both.
                assert [word for word in hall.announced if word[1] == "said"] == [
                    (11, "said"), (12, "said"), (13, "said"), (15, "said"), (14, "said"),
                ]  # fmt: skip
                for n, call in enumerate(hall.calls):
                    hall.calls[n] = msgspec.structs.replace(call, answered=True)
                hall.seq += 1
                await hall.push()
                async with asyncio.timeout(30):
                    while len(places(heard(), np.array(voice(FOUR[3], "4"), float))) < 2:
                        await asyncio.sleep(0.5)
                return heard()

    sound = run(hall, story)
    chimes = places(sound, np.array(chime(), float))
    spans = [(start, start + len(chime()), "chime") for start in chimes]
    readings = []
    for desk, number in enumerate(FOUR, 1):
        words = np.array(voice(number, str(desk)), float)
        found = places(sound, words)
        assert len(found) == 2, f"{number} is said {len(found)} times"
        spans += [(start, start + len(words), number) for start in found]
        readings += [(start, number) for start in found]
    assert [number for _, number in sorted(readings)] == [*FOUR, *FOUR], "once before twice"
    assert len(chimes) == 8
    for (_, end, one), (start, _, other) in pairwise(sorted(spans)):
        assert start >= end - RATE // 50, f"{other} over {one}"
    begun = sorted(readings)[3][0] / RATE - chimes[0] / RATE
    print(f"the fourth number is said {begun:.1f} s after the first chime")
    # A control: a number that was never called is not found.
    assert places(sound, np.array(voice("909", "9"), float)) == []


@pytest.fixture(scope="module")
def speaker() -> Iterator[SoundServer]:
    with sound_server() as server:
        yield server


def voice(number: str, desk: str) -> samples.Samples:
    said = sentence(Announcement(1, "call", number, desk, ""), f"Quầy {desk}", "vi")
    return engines.Espeak().say(said, "vi")

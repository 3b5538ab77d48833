"""The real program against a real socket: what it says when the link drops or it starts anew, and how it sounds.

The hall here is a small server that speaks the protocol, so that a test decides when a call was made and when the
link is cut. The sound is captured by SDL's own `disk` driver and found again by matched filters.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from assets.chime import RATE, chime
from display import speech
from display.board import Announcement
from server import protocol as p

pytestmark = pytest.mark.screen

ROOT = Path(speech.__file__).parent.parent
SIX = ("101", "202", "303", "404", "505", "606")
QUIET = {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
LINE = re.compile(r"display\.app (call|recall|withdrawn) (\d+), desk (\S+) \(seq (\d+)\)")


class Hall:
    """A hall of calls: `seq` grows, views go to whoever is connected."""

    def __init__(self, info: p.HallInfo) -> None:
        self.info = info
        self.seq = 10
        self.calls: list[p.DisplayCall] = []
        self.status: list[p.Status] = []
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

    def call(self, number: str, desk: str = "1", age: float = 0) -> None:
        self.seq += 1
        at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
        self.calls.insert(0, p.DisplayCall(seq=self.seq, number=number, desk=desk, area="tu-phap", at=at, recall=False))

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
                self.said.append((found[1], found[2], found[3]))
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


def run(info: p.HallInfo, story: Callable[[Hall], Awaitable[None]]) -> None:
    async def whole() -> None:
        hall = Hall(info)
        await hall.open()
        try:
            await story(hall)
        finally:
            await hall.shut()

    asyncio.run(whole())


@pytest.mark.usefixtures("six_calls")
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
    hall: p.HallInfo, tmp_path: Path
) -> None:
    captured = tmp_path / "sound.raw"

    async def story(hall: Hall) -> None:
        bare = {"PATH": str(tmp_path), "SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": str(captured)}
        async with display(hall, **bare) as program:
            await started(hall, program)
            assert hall.status[-1].sound == "fault"
            assert sum("no voice" in line for line in program.log) == 1
            hall.call("1001")
            await hall.push()
            await program.until(lambda: len(program.said) == 1, 40)
            await asyncio.sleep(3)  # the chime's own length; the capture is what is looked at

    run(hall, story)
    assert len(places(heard(captured), np.array(chime(), float))) == 1


@pytest.mark.parametrize(
    ("arguments", "environment", "sound"),
    [([], {}, "ok"), (["--voice", "off"], {}, "off"), ([], {"SDL_AUDIODRIVER": "no-such-driver"}, "fault")],
)
def test_it_tells_the_hall_how_its_sound_is(
    hall: p.HallInfo, arguments: list[str], environment: dict[str, str], sound: str
) -> None:
    async def story(hall: Hall) -> None:
        async with display(hall, *arguments, **environment) as program:
            await started(hall, program)
            hall.heard.clear()
            hall.call("1001")
            await hall.push()
            async with asyncio.timeout(20):
                while hall.status[-1].sound != sound:
                    hall.heard.clear()
                    await hall.heard.wait()
            assert hall.status[-1].screen == "640x480"
            assert hall.status[-1].printer == "none"

    run(hall, story)


def test_in_front_of_the_public_it_fills_the_screen_and_only_the_service_ends_it(
    hall: p.HallInfo, tmp_path: Path
) -> None:
    """A bare X server, as on a mini PC without a desktop: Esc, F1 and Alt+F4 do nothing."""

    async def story(hall: Hall) -> None:
        screen = await asyncio.create_subprocess_exec(
            "Xvfb", "-displayfd", "1", "-screen", "0", "1280x720x24",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert screen.stdout is not None
        try:
            x = f":{(await screen.stdout.readline()).decode().strip()}"

            async def tool(*words: str) -> bytes:
                made = await asyncio.create_subprocess_exec(
                    *words, env={**os.environ, "DISPLAY": x}, stdout=asyncio.subprocess.PIPE
                )
                return (await made.communicate())[0]

            async def shot() -> Any:
                return Image.open(BytesIO(await tool("import", "-window", "root", "png:-"))).convert("RGB")

            whole = display(hall, windowed="", SDL_VIDEODRIVER="x11", DISPLAY=x)
            async with whole as program:
                await started(hall, program)
                band = (0x04, 0x19, 0x20)
                async with asyncio.timeout(40):
                    while {(await shot()).getpixel(corner) for corner in ((2, 2), (1277, 717))} != {band}:
                        await asyncio.sleep(0.2)  # a window system answers when it likes
                for key in ("Escape", "F1", "alt+F4", "ctrl+v", "ctrl+c"):
                    await tool("xdotool", "key", key)
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
        finally:
            screen.terminate()
            await screen.wait()

    run(hall, story)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--server", "ftp://x", "--windowed", "640x480"], "must look like"),
        (["--server", "http://127.0.0.1:1", "--token-file", "/no/such/file"], "cannot read the token"),
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


@pytest.fixture(scope="module")
def six_calls(hall: p.HallInfo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Future[Path]]:
    """Six calls made at once, being said: the file of the sound, once it is over. Starts with the first test that
    asks for it, because it takes as long as the six announcements do.
    """
    captured = tmp_path_factory.mktemp("six") / "sound.raw"

    async def story(hall: Hall) -> None:
        disk = {"SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": str(captured)}
        async with display(hall, **disk) as program:
            await started(hall, program)
            for desk, number in enumerate(SIX, 1):
                hall.call(number, str(desk))
            await hall.push()
            await program.until(lambda: len(program.said) == len(SIX), 150)
            await asyncio.sleep(length(SIX[-1], "6") + 1)  # the last one's own length
        assert [number for _, number, _ in program.said] == list(SIX)

    def whole() -> Path:
        run(hall, story)
        return captured

    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(whole)


def test_six_calls_at_once_are_said_twice_each_one_after_the_other_none_over_another(
    six_calls: Future[Path],
) -> None:
    sound = heard(six_calls.result(240))
    chimes = places(sound, np.array(chime(), float))
    assert len(chimes) == len(SIX), "one chime a call"
    spans = []
    for desk, number in enumerate(SIX, 1):
        words = np.array(voice(number, str(desk)), float)
        found = places(sound, words)
        assert len(found) == 2, f"{number} is said twice"
        gap = (found[1] - found[0] - len(words)) / RATE
        assert gap == pytest.approx(speech.PAUSE, abs=0.05)
        spans += [(start, start + len(words), number) for start in found]
    assert [number for _, _, number in sorted(spans)] == [number for number in SIX for _ in range(2)]
    everything = sorted([*spans, *((start, start + len(chime()), "chime") for start in chimes)])
    for (_, end, one), (start, _, other) in pairwise(everything):
        assert start >= end - RATE // 50, f"{other} over {one}"
    # A control: a number that was never called is not found.
    assert places(sound, np.array(voice("909", "9"), float)) == []


def voice(number: str, desk: str) -> speech.Samples:
    said = speech.sentence(Announcement(1, "call", number, desk, ""), f"Quầy {desk}", "vi")
    return speech.Espeak().say(said, "vi")


def length(number: str, desk: str) -> float:
    return speech.seconds(speech.announcement(voice(number, desk)))


def heard(path: Path) -> Any:
    """What SDL would have played: 16-bit stereo at 44,100 Hz, as mono at the voice's rate."""
    stereo = np.fromfile(path, np.int16).reshape(-1, 2)
    return stereo[: len(stereo) // 2 * 2, 0].reshape(-1, 2).mean(axis=1)


def places(sound: Any, template: Any, least: float = 0.93) -> list[int]:
    """Where the template sounds alone: the matched filter's output over both energies, 1 for a perfect match.

    Anything else that sounded at the same time would lower it.
    """
    size = 1 << (len(sound) + len(template)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(template, size))
    match = np.fft.irfft(spectrum, size)[: len(sound)]
    energy = np.concatenate([[0.0], np.cumsum(sound**2)])
    ends = np.minimum(np.arange(len(sound)) + len(template), len(sound))
    around = energy[ends] - energy[: len(sound)]
    score = match / np.sqrt(np.maximum(around, 1.0) * (template**2).sum())
    found: list[int] = []
    for place in np.argsort(score)[::-1][:20000]:
        if score[place] < least:
            break
        if all(abs(int(place) - other) > RATE // 4 for other in found):
            found.append(int(place))
    return sorted(found)

"""From the finger that leaves the screen to the last byte at a network printer, beside its floor.

The kiosk is the real one, in its window, with the real hall; the finger is `xdotool`. The floor is a bare script that
draws, encodes and sends the same ticket to the same printer. Both in turns, so that a slow moment meets both.
`python tests/bench/printing.py --bare PORT` is that script.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

PROFILE = "KR-306"
SIZE = (1080, 1920)
WARM_UP = 3
PAUSE = 0.5
"""Seconds between a citizen's touches, longer than a touch right after a change of screen is ignored."""


class AnsweringPrinter:
    """Takes whatever comes as fast as it comes, answers every question, and notes when each paper's last byte came."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.ends: list[float] = []
        threading.Thread(target=self._run, name="printer", daemon=True).start()

    def _run(self) -> None:
        while True:
            link, _ = self._server.accept()
            with link, contextlib.suppress(ConnectionError):
                while data := link.recv(65536):
                    now = time.time()
                    if data.endswith(b"\x1dr\x01"):  # GS r 1, behind the paper
                        self.ends.append(now)
                        link.sendall(b"\x00")
                    else:
                        link.sendall(b"\x12" * sum(data.count(b"\x10\x04" + bytes((n,))) for n in (1, 2, 3, 4)))

    async def paper(self, number: int) -> float:
        """When the paper of that number was complete, from 1 on."""
        async with asyncio.timeout(30):
            while len(self.ends) < number:
                await asyncio.sleep(0.005)
        return self.ends[number - 1]


def bare(port: int) -> None:
    """For each ticket on standard input: say when it begins, draw, encode, send, wait for the printer's answer."""
    import msgspec

    from kiosk.paper.escpos import job_of, model_of
    from kiosk.paper.layout import draw
    from kiosk.paper.slip import slip_of
    from server.protocol import HallInfo, TicketResult

    model = model_of(PROFILE)
    hall = msgspec.json.decode(sys.stdin.readline(), type=HallInfo)
    for line in sys.stdin:
        ticket = msgspec.json.decode(line, type=TicketResult)
        print(f"{time.time():.6f}", flush=True)
        data = job_of(draw(slip_of(ticket, hall, "vi"), model.width), model, "0001").data
        with socket.create_connection(("127.0.0.1", port)) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.sendall(data)
            wire.recv(1)


@contextlib.contextmanager
def bare_script(port: int, hall: bytes) -> Iterator[subprocess.Popen[str]]:
    line = [sys.executable, __file__, "--bare", str(port)]
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(hall.decode() + "\n")
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def bench_printing(quick: bool) -> list[dict[str, Any]]:
    import msgspec

    from kiosk.flow.state import Touch
    from tests.bench.run import row
    from tests.halls import luot, program
    from tests.kiosk.real import area, home, kiosk, screen

    value: list[float] = []
    floor: list[float] = []
    printer = AnsweringPrinter()
    start = home()
    with tempfile.TemporaryDirectory() as name, program(Path(name) / "hall") as hall, screen(SIZE) as display:
        token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=hall.folder).stdout.strip()
        folder = Path(name) / "kiosk"
        with (
            kiosk(display, hall.url, token, folder, f"tcp:127.0.0.1:{printer.port}", "--profile", PROFILE) as running,
            bare_script(printer.port, msgspec.json.encode(start.hall)) as script,
        ):
            await display.until(start, running)
            chosen = area(start, "tu-phap")
            entry = display.place(start, Touch("area", "tu-phap"))
            takes = [display.place(chosen, Touch("take", priority)) for priority in (False, True)]
            # The last button of the number's screen reaches across it at its lower edge.
            done = (SIZE[0] // 2, SIZE[1] - 138)
            papers = 0
            for n in range(WARM_UP + (10 if quick else 40)):
                _touch(display, entry)
                await display.until(chosen, running)
                await asyncio.sleep(PAUSE)
                released = _touch(display, takes[n % 2])
                papers += 1
                took = await printer.paper(papers) - released
                await asyncio.sleep(PAUSE)
                begun = _bare_turn(script, _last_ticket(folder))
                papers += 1
                bare_took = await printer.paper(papers) - begun
                if n >= WARM_UP:
                    value.append(1000 * took)
                    floor.append(1000 * bare_took)
                _touch(display, done)
                await display.until(home(n + 1), running)
    name = "finger released → last byte at a TCP printer, p95"
    return [row(name, "ms", _p95(value), _p95(floor), 2.0)]


def _touch(display: Any, place: tuple[int, int]) -> float:
    """Touch and let go; when the finger left (Unix seconds, read right before it does)."""
    moves = ("mousemove", str(place[0]), str(place[1]), "mousedown", "1", "sleep", "0.08")
    return float(
        display.tool("xdotool", *moves, "exec", "--sync", "--terminator", ".", "date", "+%s.%N", ".", "mouseup", "1")
    )


def _last_ticket(folder: Path) -> str:
    """The ticket that the kiosk has just printed, from its journal."""
    journal = sqlite3.connect(f"file:{folder / 'kiosk.db'}?mode=ro", uri=True)
    try:
        return str(journal.execute("SELECT answer FROM numbers ORDER BY asked_at DESC LIMIT 1").fetchone()[0])
    finally:
        journal.close()


def _bare_turn(script: subprocess.Popen[str], ticket: str) -> float:
    assert script.stdin is not None
    assert script.stdout is not None
    script.stdin.write(json.dumps(json.loads(ticket)) + "\n")
    script.stdin.flush()
    return float(script.stdout.readline())


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


if __name__ == "__main__":
    bare(int(sys.argv[2]))

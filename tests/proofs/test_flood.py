"""Strangers hold every connection they can and ask for whatever they like: the hall goes on, and writes none of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from server import protocol as p
from tests.halls import PIN, Program, Seat, cookie_of, events_of, luot, program, sign_in, sit, sitting, size
from tests.proofs.flooder import HELD

pytestmark = pytest.mark.load

ROOT = Path(__file__).parents[2]
LIMITED = """
[limits]
tickets_per_minute = 0
messages_per_second = 1000
[hours]
always_open = true
"""


def memory(found: Program) -> float:
    """Resident memory of the hall, MiB."""
    status = Path(f"/proc/{found.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


AREAS = ("tu-phap", "dat-dai", "xa-hoi", "kinh-te", "van-phong", "ket-qua")


@dataclass
class Flooded:
    """What came of a flood: how long numbers took (ms) before, during and after it, and what it left."""

    calm: list[float] = field(default_factory=list)
    among: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    grown: float = 0.0
    """MiB."""
    said: dict[str, int] = field(default_factory=dict)
    """By the flooder: what became of its connections."""

    def p99(self) -> tuple[float, float, float]:
        calm, among, after = (
            sorted(times)[int(len(times) * 0.99) - 1] for times in (self.calm, self.among, self.after)
        )
        return calm, among, after


async def issue(kiosk: Seat, times: list[float], until: Callable[[], bool]) -> None:
    """Numbers, each as soon as a citizen could ask for it."""
    n = 0
    while not until():
        begun = time.perf_counter()
        await kiosk.ask(p.Issue, area=AREAS[n % 6])
        times.append(1000 * (time.perf_counter() - begun))
        n += 1
        await asyncio.sleep(0.01)


async def flooded(folder: Path, addresses: int, *, each: int, requests: int, seconds: int, numbers: int) -> Flooded:
    """A hall at work, before, during and after a flood of so many connections of `each` kind and so many requests."""
    out = Flooded()
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(folder / "notify"))
    few = ("prlimit", "--nofile=1024:8192")
    env = {"NOTIFY_SOCKET": str(folder / "notify"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    with contextlib.closing(told), program(folder / "hall", config=LIMITED, before=few, env=env, cwd=ROOT) as found:
        tokens = {}
        for role in ("kiosk", "display"):
            tokens[role] = luot("device", "add", f"{role}-1", "--role", role, data=found.folder).stdout.strip()
        assert luot("person", "add", "Hoa", "--role", "clerk", data=found.folder, stdin=f"{PIN}\n").returncode == 0
        tokens["desk"] = cookie_of(await asyncio.to_thread(sign_in, found.port, "Hoa", PIN))
        async with (
            sitting(found.url, "kiosk", tokens["kiosk"]) as kiosk,
            sitting(found.url, "display", tokens["display"]) as display,
            sitting(found.url, "desk", tokens["desk"]) as desk,
        ):
            cut: list[str] = []
            for seat in (kiosk, display, desk):
                seat.client._on_connection = cut.append
            await desk.ask(p.OpenDesk, desk="1")
            await issue(kiosk, out.calm, lambda: len(out.calm) == numbers)
            before, asked, events = memory(found), len(requests_of(found)), len(events_of(found.folder))
            words = [found.url, str(addresses), str(each), str(requests), str(seconds)]
            flood = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.proofs.flooder", *words, cwd=ROOT, stdout=subprocess.PIPE
            )
            assert flood.stdout is not None
            saying = asyncio.create_task(flood.stdout.read())
            working = asyncio.create_task(issue(kiosk, out.among, saying.done))
            served = 0
            again, again_in = None, None
            while not saying.done():
                called = await desk.ask(p.CallNext, ticket=None)
                await desk.ask(p.Start, ticket=called["ticket"])
                await desk.ask(p.Finish, ticket=called["ticket"])
                served += 1
                if served == 3:  # Whoever comes anew is let in as well: a kiosk that was restarted, a clerk.
                    again = sit(found.url, "kiosk", tokens["kiosk"])
                    again_in = await asyncio.to_thread(sign_in, found.port, "Hoa", PIN)
                await asyncio.sleep(0.3)
            assert again is not None
            assert again.views
            await again.leave()
            assert again_in is not None
            assert again_in.status == 204, "a name that is known goes first"
            await working
            assert await flood.wait() == 0
            out.said = json.loads(await saying)
            await issue(kiosk, out.after, lambda: len(out.after) == numbers)
            assert cut == [], "the hall's own lost their connections"
            assert len(display.views) > served
            out.grown = memory(found) - before
            numbers_given = len(out.among) + len(out.after)
            assert len(requests_of(found)) - asked == numbers_given + 3 * served, "what strangers sent was written"
            assert len(events_of(found.folder)) - events == numbers_given + 3 * served
        assert found.stop() == 0
    log = (folder / "hall" / "hall.log").read_text()
    assert "Traceback" not in log
    assert len(log) < 200_000, "the log is bounded too"
    assert out.grown < 64, f"{out.grown:.0f} MiB more"
    return out


@pytest.mark.parametrize("addresses", [1, 50])
async def test_the_hall_goes_on_among_strangers(tmp_path: Path, addresses: int) -> None:
    found = await flooded(
        tmp_path,
        addresses,
        each=size(400, 2_000),
        requests=size(600, 10_000),
        seconds=size(8, 60),
        numbers=size(100, 1_000),
    )
    for kind in HELD:
        assert found.said[f"{kind} opened"] >= size(400, 2_000), "there was no flood"
    answers = sum(times for what, times in found.said.items() if what.startswith("answer ") and what[7:].isdigit())
    assert answers > size(600, 10_000) // 3, "there was no flood"
    calm, among, after = found.p99()
    print(f"\nissue p99 {calm:.1f}, among {len(found.among)} {among:.1f} (at most {max(found.among):.0f}), "
          f"after {after:.1f} ms; {found.grown:+.0f} MiB; {found.said}")  # fmt: skip


def requests_of(found: Program) -> list[str]:
    from server.record.tables import sqlite3

    with contextlib.closing(sqlite3.connect(f"file:{found.folder / 'luot.db'}?mode=ro", uri=True)) as conn:
        return [id for (id,) in conn.execute("SELECT id FROM requests")]

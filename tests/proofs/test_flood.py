"""Strangers hold every connection they can and ask for whatever they like: the hall goes on, and writes none of it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from halls import PIN, Program, Seat, cookie_of, events_of, luot, program, sign_in, sit, sitting

from server import protocol as p

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


async def issue(kiosk: Seat, times: int) -> list[float]:
    """Seconds that each of so many numbers took."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        await kiosk.ask(p.Issue, area="tu-phap")
        took.append(time.perf_counter() - begun)
        await asyncio.sleep(0.005)
    return sorted(took)


@pytest.mark.parametrize("addresses", [1, 50])
async def test_the_hall_goes_on_among_strangers(tmp_path: Path, addresses: int) -> None:
    numbers, seconds = 100, 8
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    few = ("prlimit", "--nofile=1024:8192")
    env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    with contextlib.closing(told), program(tmp_path / "hall", config=LIMITED, before=few, env=env, cwd=ROOT) as found:
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
            await desk.ask(p.OpenDesk, desk="1")
            calm = await issue(kiosk, numbers)
            before, asked = memory(found), len(requests_of(found))
            words = [found.url, str(addresses), "400", "300", str(seconds)]
            flood = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.proofs.flooder", *words, cwd=ROOT, stdout=subprocess.PIPE
            )
            assert flood.stdout is not None
            assert await flood.stdout.readline() == b"there\n"
            among = await issue(kiosk, numbers)
            for _ in range(10):
                called = await desk.ask(p.CallNext, ticket=None)
                await desk.ask(p.Start, ticket=called["ticket"])
                await desk.ask(p.Finish, ticket=called["ticket"])
            # Whoever comes anew is let in as well: a kiosk that was restarted, a clerk who signs in.
            again = sit(found.url, "kiosk", tokens["kiosk"])
            again_in = await asyncio.to_thread(sign_in, found.port, "Hoa", PIN)
            while not again.views:
                await asyncio.sleep(0.05)
            await again.leave()
            what = (await flood.stdout.read()).decode()
            assert await flood.wait() == 0
            assert again_in.status == 204, "a name that is known goes first"
            after = await issue(kiosk, numbers)
            assert kiosk.client.state == display.client.state == desk.client.state == "connected"
            assert len(display.views) > 5
            grown = memory(found) - before
        own = 3 * numbers + 30 + 1
        assert len(requests_of(found)) - asked == own - 1 - numbers, "what strangers sent was written"
        assert sum(event["kind"] == "issued" for event in events_of(found.folder)) == 3 * numbers
        assert found.stop() == 0
    log = (tmp_path / "hall" / "hall.log").read_text()
    assert "Traceback" not in log
    assert len(log) < 200_000, "the log is bounded too"
    assert grown < 64, f"{grown:.0f} MiB more"
    p99 = [times[int(len(times) * 0.99) - 1] * 1000 for times in (calm, among, after)]
    print(f"\nissue p99 before, among, after: {p99[0]:.1f}, {p99[1]:.1f}, {p99[2]:.1f} ms; +{grown:.0f} MiB; {what}")


def requests_of(found: Program) -> list[str]:
    from server.schema import sqlite3

    with contextlib.closing(sqlite3.connect(f"file:{found.folder / 'luot.db'}?mode=ro", uri=True)) as conn:
        return [id for (id,) in conn.execute("SELECT id FROM requests")]

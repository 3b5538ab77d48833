"""A hall that runs for months takes no more memory than after its second day; nor does a report of a year take much."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from pathlib import Path

import psutil
import pytest

from server import protocol as p
from server.client.client import Refusal
from tests.filling import fill
from tests.halls import PIN, Program, Seat, cookie_of, luot, new_id, program, sign_in, sit, size, until
from tests.proofs.moved_hall import SharedClock

pytestmark = pytest.mark.load

MIB = 1024 * 1024
MONDAY = 1_790_000_000_000 - 1_790_000_000_000 % 86_400_000
"""Midnight in UTC, seven in the morning in Viet Nam."""
AREAS = ("tu-phap", "dat-dai", "xa-hoi", "kinh-te", "van-phong", "ket-qua")
CLERKS = {"Hoa": "1", "Lan": "2", "Minh": "3"}


def memory(found: Program) -> float:
    """MiB that the hall holds."""
    return psutil.Process(found.process.pid).memory_info().rss / MIB


class Days:
    """Two kiosks and three desks of one hall, at work one day after the other."""

    def __init__(self, found: Program, clock: SharedClock, tickets: int) -> None:
        self.found, self.clock, self.tickets = found, clock, tickets
        self.commands = 0
        self.kiosks: dict[str, str] = {}
        for n in (1, 2):
            name = f"kiosk-{n}"
            self.kiosks[name] = luot("device", "add", name, "--role", "kiosk", data=found.folder).stdout.strip()
        for name in CLERKS:
            assert luot("person", "add", name, "--role", "clerk", data=found.folder, stdin=f"{PIN}\n").returncode == 0

    async def ask(self, seat: Seat, command: type[p.Command], **fields: object) -> dict[str, object] | None:
        """The result; null where it was refused, as citizens and clerks are now and then."""
        self.commands += 1
        with contextlib.suppress(Refusal):
            return await seat.ask(command, **fields)
        return None

    async def day(self, n: int) -> None:
        self.clock.at = MONDAY + n * 86_400_000
        for kiosk in self.kiosks:  # the first number of the day ends the day before, and everybody's sign-in
            await self.citizens(kiosk, 1)
        sessions = {name: cookie_of(await asyncio.to_thread(sign_in, self.found.port, name, PIN)) for name in CLERKS}
        self.given = 2
        await asyncio.gather(
            *(self.citizens(name, self.tickets // 2 - 1) for name in self.kiosks),
            *(self.clerk(session, CLERKS[name]) for name, session in sessions.items()),
        )

    async def citizens(self, name: str, tickets: int) -> None:
        """In turns of fifty numbers: after each the kiosk is cut off, and comes again."""
        numbers = iter(range(tickets))
        while turn := list(itertools.islice(numbers, 50)):
            seat = sit(self.found.url, "kiosk", self.kiosks[name])
            await until(lambda seat=seat: seat.views)
            for k in turn:
                self.clock.at += 30_000
                given = await self.ask(seat, p.Issue, area=AREAS[k % 6], priority=k % 7 == 0)
                assert given is not None
                await self.ask(seat, p.Printed, ticket=given["ticket"], result="confirmed")
                if k % 7 == 0:
                    await self.ask(seat, p.Find, number=given["number"])
                self.given = getattr(self, "given", 0) + 1
            await seat.leave()

    async def clerk(self, session: str, desk: str) -> None:
        """Calls until all are given and nobody waits; is cut off after each fifty."""
        served, current = 0, None
        while True:
            seat = sit(self.found.url, "desk", session)
            await until(lambda seat=seat: seat.views)
            await self.ask(seat, p.OpenDesk, desk=desk)
            for _ in range(50):
                everybody = self.given >= self.tickets
                called = await self.ask(seat, p.CallNext, ticket=current, outcome="received" if current else None)
                current = called["ticket"] if called else None
                if called:
                    await self.ask(seat, p.Start, ticket=current)
                    served += 1
                elif everybody:
                    await self.ask(seat, p.CloseDesk, desk=desk, reason="end_of_hours")
                    await seat.leave()
                    return
                else:
                    await asyncio.sleep(0.01)
            await seat.leave()


@pytest.mark.seconds(1800)
async def test_days_upon_days_take_no_memory(tmp_path: Path) -> None:
    """200,000 commands with reconnects over days of 300 tickets."""
    wanted, tickets = size(4_000, 200_000), size(100, 300)
    clock_file = tmp_path / "clock"
    clock_file.write_bytes(bytes(8))
    clock = SharedClock(clock_file)
    clock.at = MONDAY
    module = ("-m", "tests.proofs.moved_hall", str(clock_file))
    held: list[float] = []
    with program(tmp_path / "hall", module=module, cwd=Path(__file__).parents[2]) as found:
        days = Days(found, clock, tickets)
        while days.commands < wanted or len(held) < 3:
            await days.day(len(held))
            held.append(memory(found))
        assert found.stop() == 0
    assert "Traceback" not in (tmp_path / "hall" / "hall.log").read_text()
    shown = [f"{held[n]:.1f}" for n in sorted({0, 1, *range(2, len(held), max(1, len(held) // 8)), len(held) - 1})]
    print(f"\n{days.commands} commands in {len(held)} days; MiB after days: {', '.join(shown)}")
    assert max(held[1:]) - held[1] < 10


async def test_a_report_of_a_year_takes_little_memory_and_ends_with_the_hall(tmp_path: Path) -> None:
    fill(tmp_path, days=size(30, 234))  # 70,200 tickets
    with program(tmp_path) as found:
        token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=tmp_path).stdout.strip()
        assert luot("person", "add", "Minh", "--role", "manager", data=tmp_path, stdin=f"{PIN}\n").returncode == 0
        cookie = cookie_of(await asyncio.to_thread(sign_in, found.port, "Minh", PIN))
        kiosk, manager = sit(found.url, "kiosk", token), sit(found.url, "manager", cookie)
        await until(lambda: kiosk.views and manager.views)
        await kiosk.ask(p.Issue, area="tu-phap")
        hall, highest, before = psutil.Process(found.process.pid), 0.0, memory(found)

        async def work() -> None:
            nonlocal highest
            while True:
                await kiosk.ask(p.Issue, area="tu-phap")
                with contextlib.suppress(psutil.Error):  # it may just end
                    of_reports = sum(child.memory_info().rss for child in hall.children())
                    highest = max(highest, (hall.memory_info().rss + of_reports) / MIB)

        working = asyncio.create_task(work())
        for command in (p.Report, p.Report):
            found_report = await manager.ask(command, start="2018-01-01", end="2018-12-31")
        assert found_report["total"]["issued"] == 300 * size(30, 234)
        print(f"\n{found_report['total']['issued']} tickets: hall and report {highest - before:+.0f} MiB")
        assert highest - before < 150
        # Stopped in the middle of one: it leaves nothing behind.
        left = asyncio.create_task(manager.reply(p.Report(id=new_id(), start="2018-01-01", end="2018-12-31")))
        await until(hall.children)
        children = hall.children()
        working.cancel()
        assert found.stop() == 0
        assert not any(child.is_running() for child in children)
        left.cancel()
        for seat in (kiosk, manager):
            await seat.leave()

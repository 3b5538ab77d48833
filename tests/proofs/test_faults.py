"""Each fault ends as designed: a disk that fails, a command that poisons a round, a second hall, work under load."""

from __future__ import annotations

import asyncio
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from server.client.client import Unreachable
from server.record.file import DiskTrouble
from server.record.tables import sqlite3
from tests.halls import PIN, begin, events_of, hall, luot, new_id, program, result_of, sign_in, sit, until

pytestmark = pytest.mark.fault


@pytest.fixture
def folder(tmp_path: Path) -> Any:
    """A folder with one kiosk, and its token."""
    begin(tmp_path)
    token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=tmp_path).stdout.strip()
    assert len(token) == 64
    return tmp_path, token


@pytest.mark.parametrize(
    ("calls", "fault"), [("fsync,fdatasync", "error=EIO:when=60+"), ("pwrite64", "error=ENOSPC:when=300+")]
)
async def test_a_failing_disk_ends_the_hall_and_loses_nothing(folder: Any, calls: Any, fault: Any) -> None:
    """fsync that fails, a disk that is full: no answer is given for what is not on the disk; exit 1; all is there."""
    path, token = folder
    acknowledged: list[int] = []
    log = path / "strace.log"
    trace = ("strace", "-D", "-f", "-o", str(log), "-e", f"trace={calls}", "-e", f"inject={calls}:{fault}")
    with program(path, before=trace) as found:
        seat = sit(found.url, "kiosk", token)
        await until(lambda: seat.views)
        failed = None
        for _ in range(200):
            try:
                reply = await seat.client.reply_to(p.Issue(id=new_id(), area="tu-phap"), timeout=3)
            except Unreachable:
                failed = "unreachable"
                break
            if not reply.ok:
                failed = reply.error.code
                break
            acknowledged.append(result_of(reply)["ticket"])
        await seat.leave()
        assert failed in {"internal", "unreachable"}
        assert await asyncio.to_thread(found.process.wait, 20) == 1
    assert acknowledged
    assert "INJECTED" in log.read_text()
    assert "the disk failed" in (path / "hall.log").read_text()
    with program(path) as found:  # the next start recovers by itself
        found.stop()
    tickets = {event["ticket"] for event in events_of(path) if event["kind"] == "issued"}
    assert set(acknowledged) <= tickets
    assert luot("check", data=path).returncode == 0


async def test_a_disk_that_fails_while_a_client_is_greeted_still_ends_the_hall(tmp_path: Path) -> None:
    """Its greeting waits for a round that never lands: that must not keep the process from ending."""
    failed = threading.Event()

    def commit() -> None:
        failed.wait(20)
        raise DiskTrouble("disk I/O error")

    async def story() -> None:
        async with hall(tmp_path) as h:
            kiosk = await h.kiosk()
            token = await h.device("kiosk-2", "kiosk")
            h.service.rounds.record.commit = commit
            asked = asyncio.create_task(kiosk.reply(p.Issue(id=new_id(), area="tu-phap")))
            await until(lambda: h.service.rounds.hall.seq)
            late = sit(h.url, "kiosk", token)
            h.seats.append(late)
            await asyncio.sleep(0.5)
            assert late.views == []
            failed.set()
            await until(lambda: h.service.rounds._ended)
            asked.cancel()

    with pytest.raises(DiskTrouble):
        await asyncio.wait_for(story(), 30)


async def test_a_disk_nearly_full_is_refused_cleanly(tmp_path: Path, folder: Any) -> None:
    async with hall(tmp_path / "other") as h:
        kiosk = await h.kiosk()
        h.service.rounds.record.nearly_full = lambda: True  # what the disk says, not what the hall does
        await until(lambda: h.service.disk.low)
        error = await kiosk.refused(p.Issue, area="tu-phap")
        assert (error.code, error.detail) == ("internal", "the disk is nearly full")
        del h.service.rounds.record.nearly_full
        await until(lambda: not h.service.disk.low)
        assert (await kiosk.ask(p.Issue, area="tu-phap"))["number"] == "1001"


async def test_a_poisoned_command_fails_alone_and_for_good(folder: Any) -> None:
    """One command that the record refuses: its round is run again without it, and its repetition does not loop."""
    path, token = folder
    with program(path) as found:
        seat = sit(found.url, "kiosk", token)
        await until(lambda: seat.views)
        first = await seat.client.reply_to(p.Issue(id=new_id(), area="dat-dai"))
        assert first.ok
        # Planted while the hall runs: at its start it refuses tables that are not its own.
        conn = sqlite3.connect(str(path / "luot.db"))
        conn.execute(
            "CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.number = '2002' "
            "BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
        )
        conn.commit()
        conn.close()
        poisoned = p.Issue(id=new_id(), area="dat-dai")
        others = [p.Issue(id=new_id(), area="tu-phap") for _ in range(8)]
        # Sent as one burst, so that they share rounds with the bad one.
        replies = await asyncio.gather(*(seat.client.reply_to(c) for c in (*others[:4], poisoned, *others[4:])))
        bad = replies.pop(4)
        assert not bad.ok
        assert bad.error.code == "internal"
        assert all(reply.ok for reply in replies)
        again = await seat.client.reply_to(poisoned)
        assert again.error == bad.error
        await seat.leave()
        assert found.stop() == 0
    log = (path / "hall.log").read_text()
    assert len(re.findall("the record refuses issue", log)) == 1
    numbers = [event["number"] for event in events_of(path) if event["kind"] == "issued"]
    assert sorted(numbers) == ["1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008", "2001"]
    conn = sqlite3.connect(str(path / "luot.db"))
    conn.execute("DROP TRIGGER poison")
    conn.close()
    assert luot("check", data=path).returncode == 0


def test_a_second_hall_on_the_folder_is_told_so(folder: Any) -> None:
    path, _ = folder
    with program(path) as found:
        second = luot("hall", "--port", "0", "--host", "127.0.0.1", data=path)
        assert second.returncode == 3
        assert "already runs" in second.stderr
        assert found.process.poll() is None
        assert found.stop() == 0


async def test_a_person_is_added_under_load(folder: Any) -> None:
    path, token = folder
    with program(path) as found:
        seats = [sit(found.url, "kiosk", token) for _ in range(8)]
        await until(lambda: all(seat.views for seat in seats))
        issued = 0

        async def work(seat: Any) -> None:
            nonlocal issued
            while True:
                await seat.ask(p.Issue, area="tu-phap")
                issued += 1

        tasks = [asyncio.create_task(work(seat)) for seat in seats]
        added = await asyncio.to_thread(luot, "person", "add", "Hoa", "--role", "clerk", data=path, stdin=PIN + "\n")
        assert (added.returncode, added.stderr) == (0, "")
        assert (await asyncio.to_thread(sign_in, found.port, "Hoa", PIN)).status == 204
        assert (await asyncio.to_thread(sign_in, found.port, "Hoa", "999999")).status == 401
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for seat in seats:
            await seat.leave()
        assert issued > 0
        assert found.stop() == 0
    assert luot("check", data=path).returncode == 0

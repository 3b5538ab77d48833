"""The record went back, and something else is odd as well: the clock, the mark, the kiosk's word, the disk."""

from __future__ import annotations

import asyncio
import shutil
import struct
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from server import protocol as p
from server.client.client import new_id
from server.hall.recovering import MOST_EVENTS
from server.live import recovery as recoveries
from server.live.clock import HallClock, SimulatedClock
from server.record import mark
from server.record.check import Faulty, check
from server.record.file import FILE
from server.record.tables import sqlite3
from server.service import Service
from server.settings.process import Config
from tests.halls import hall, luot, sit, until
from tests.server.test_recovery import (
    AREA,
    OTHER,
    SIDES,
    Journal,
    copied,
    given,
    marked,
    put_back,
    seated,
    settled,
    went_back,
)

DAY, HOUR = 86_400_000, 3_600_000
NOW = 1_800_000_000_000


def wall_at(at: int) -> tuple[list[int], HallClock]:
    """The clock of a PC that shows `at` now; its offset, to be set right, and the hall's clock on it."""
    offset = [at - time.time_ns() // 1_000_000]
    return offset, HallClock("Asia/Ho_Chi_Minh", NOW, wall=lambda: time.time_ns() // 1_000_000 + offset[0])


@pytest.mark.parametrize("shows", [1_577_836_800_000, NOW + 40 * DAY], ids=["2020", "40 days ahead"])
async def test_a_clock_that_is_wrong_at_the_recovery(tmp_path: Path, shows: int) -> None:
    """Yesterday's copy with its day open, the mark of today, and a date in doubt that is found later."""
    folder = tmp_path / "hall"
    async with hall(folder, clock=SimulatedClock(NOW - DAY)) as h:
        token = await h.device("kiosk-1", "kiosk")
        await h.desk()
        await given(await h.seat("kiosk", token), 2)
        copy = copied(folder, tmp_path / "copy")
    async with hall(folder, clock=SimulatedClock(NOW)) as h:
        assert await given(await h.seat("kiosk", token), 5) == [f"100{n}" for n in range(1, 6)]
        today = h.service.rounds.hall.day
        await marked(h)
    put_back(copy, folder)
    offset, clock = wall_at(shows)
    async with hall(folder, clock=clock) as h:
        await settled(h)
        found = h.service.rounds.hall
        assert found.doubtful
        assert found.day == today
        offset[0] = NOW + 60_000 - time.time_ns() // 1_000_000  # somebody sets the PC's clock right
        manager = await h.manager()
        await manager.reply(p.ConfirmDate(id=new_id(), date=today or ""))
        await until(lambda: not found.doubtful)
        assert await given(await h.seat("kiosk", token), 1) == ["1006"]
        assert found.day == today
        await marked(h)
    check(folder)


async def test_time_does_not_stand_still_between_the_copy_and_the_mark(tmp_path: Path) -> None:
    """The clock of the PC is two hours behind the mark, and not behind the copy."""
    async with hall(tmp_path, clock=SimulatedClock(NOW - 2 * HOUR)) as h:
        await given(await h.kiosk(), 2)
        await marked(h)
    found = mark.read(tmp_path)
    assert found is not None
    mark.raise_to(tmp_path, msgspec.structs.replace(found, seq=found.seq + 9, at=2**43, numbers={"1": 5}))
    async with hall(tmp_path) as h:
        await until(lambda: bool(h.service.rounds.hall.doubtful))  # the date is asked for, and time goes on


async def test_a_whole_folder_that_went_back_asks_the_kiosks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark went back with the record: a desk's number waits until the kiosks have spoken."""
    monkeypatch.setattr(recoveries, "KIOSKS_SOON", 20.0)
    folder, copy = tmp_path / "hall", tmp_path / "copy"
    async with hall(folder) as h:
        token = await h.device("kiosk-1", "kiosk")
        kiosk = await h.seat("kiosk", token)
        await settled(h)
        await given(kiosk, 3)
        await marked(h)
        copied(folder, copy)
        shutil.copy(folder / mark.FILE, copy)
        last = [await kiosk.ask(p.Issue, area=AREA) for _ in range(4)][-1]
        assert last["number"] == "1007"
    put_back(copy, folder)
    shutil.copy(copy / mark.FILE, folder)
    check(folder)  # record and mark agree
    async with hall(folder) as h:
        desk = await h.desk()
        waits = asyncio.create_task(desk.ask(p.Issue, area=AREA))
        await asyncio.sleep(0.2)
        assert not waits.done()
        said = Journal(h.url, token, {AREA: "1007"}, given_at={AREA: last["issued_at"]}, seq=last["ticket"])
        await seated(h, said)
        assert (await waits)["number"] == "1008"
        await marked(h)
    check(folder)


@pytest.mark.parametrize("tried", [0, 1])
@pytest.mark.parametrize("by", ["restore", "hand"])
async def test_the_mark_of_another_hall_is_none(tmp_path: Path, tried: int, by: str) -> None:
    """A hall was begun on a new PC, with a number tried or none; then the old PC's copy was put in its place."""
    old, new = tmp_path / "old", tmp_path / "new"
    async with hall(old) as h:
        token = await h.device("kiosk-1", "kiosk")
        kiosk = await h.seat("kiosk", token)
        await given(kiosk, 3)
        copy = tmp_path / "copy.db"
        assert luot("backup", "--to", str(copy), data=old).returncode == 0
        last = [await kiosk.ask(p.Issue, area=AREA) for _ in range(4)][-1]
    async with hall(new) as h:
        desk = await h.desk()
        await settled(h)
        await given(desk, tried)
        await marked(h)
    shutil.copy(old / "hall.key", new)
    if by == "restore":
        done = luot("restore", "--from", str(copy), data=new)
        assert done.returncode == 0, done.stderr
        assert "This hall had written more" not in done.stdout
    else:
        for end in SIDES:
            (new / (FILE + end)).unlink(missing_ok=True)
        shutil.copy(copy, new / FILE)
    async with hall(new) as h:
        desk = await h.desk()
        await until(lambda: h.service.rounds.unsure == "refuse")
        assert (await desk.refused(p.Issue, area=AREA)).code == "busy"
        said = Journal(h.url, token, {AREA: "1007"}, given_at={AREA: last["issued_at"]}, seq=last["ticket"])
        await seated(h, said)
        await settled(h)
        assert await given(desk, 1) == ["1008"]


async def test_a_restore_never_takes_the_right_mark_away(tmp_path: Path) -> None:
    """The first morning: the log is gone, the record has no event; then a copy made before is put in its place."""
    folder, dead = tmp_path / "hall", tmp_path / "dead"
    async with hall(folder) as h:
        await h.person("Hoa")
    assert luot("backup", "--to", str(tmp_path / "copy.db"), data=folder).returncode == 0
    async with hall(folder) as h:
        await settled(h)
        assert await given(await h.desk(), 5) == [f"100{n}" for n in range(1, 6)]
        await marked(h)
        copied(folder, dead)
        for name in (mark.FILE, "hall.key"):
            shutil.copy(folder / name, dead)
    (dead / (FILE + "-wal")).unlink()
    done = luot("restore", "--from", str(tmp_path / "copy.db"), data=dead)
    assert done.returncode == 0, done.stderr
    assert "This hall had written more" in done.stdout
    async with hall(dead) as h:
        await settled(h)
        assert await given(await h.desk(), 1) == ["1006"]


async def test_a_copy_without_a_single_number_asks_the_kiosks_too(tmp_path: Path) -> None:
    """Made at the installation, restored on another PC at noon."""
    old, new = tmp_path / "old", tmp_path / "new"
    async with hall(old) as h:
        token = await h.device("kiosk-1", "kiosk")
        assert luot("backup", "--to", str(tmp_path / "copy.db"), data=old).returncode == 0
        kiosk = await h.seat("kiosk", token)
        last = [await kiosk.ask(p.Issue, area=AREA) for _ in range(3)][-1]
    new.mkdir()
    shutil.copy(old / "hall.key", new)
    assert luot("restore", "--from", str(tmp_path / "copy.db"), data=new).returncode == 0
    async with hall(new) as h:
        desk = await h.desk()
        await until(lambda: h.service.rounds.unsure == "refuse")
        said = Journal(h.url, token, {AREA: "1003"}, given_at={AREA: last["issued_at"]}, seq=last["ticket"])
        await seated(h, said)
        await settled(h)
        assert await given(desk, 1) == ["1004"]


async def test_a_kiosks_word_of_a_day_that_is_to_come_counts_when_it_comes(tmp_path: Path) -> None:
    """Restored without a mark on a PC whose clock is a day behind; a person says the date an hour later."""
    folder, new = tmp_path / "hall", tmp_path / "new"
    async with hall(folder, clock=SimulatedClock(NOW - DAY)) as h:
        token = await h.device("kiosk-1", "kiosk")
        await given(await h.seat("kiosk", token), 2)
        copy = copied(folder, tmp_path / "copy")
    new.mkdir()
    shutil.copy(folder / "hall.key", new)
    put_back(copy, new)
    async with hall(folder, clock=SimulatedClock(NOW)) as h:
        kiosk = await h.seat("kiosk", token)
        last = [await kiosk.ask(p.Issue, area=AREA) for _ in range(5)][-1]
        today = h.service.rounds.hall.day
    clock = SimulatedClock(NOW - DAY + HOUR)
    async with hall(new, clock=clock) as h:
        said = Journal(h.url, token, {AREA: "1005"}, given_at={AREA: last["issued_at"]}, seq=last["ticket"])
        await seated(h, said)
        await settled(h)
        assert not h.service.rounds.hall.lost
        other = await h.kiosk("kiosk-2")
        clock.at = NOW + 60_000
        assert await given(other, 1) == ["1006"]
        assert h.service.rounds.hall.day == today


async def test_a_kiosks_word_is_no_account_of_the_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the round of a kiosk's word and the mark's: the next start still knows the other areas."""
    folder = tmp_path / "hall"
    async with hall(folder) as h:
        token = await h.device("kiosk-1", "kiosk")
        kiosk = await h.seat("kiosk", token)
        await given(kiosk, 1)
        copy = copied(folder, tmp_path / "copy")
        assert await given(kiosk, 3, OTHER) == ["2001", "2002", "2003"]
        await given(kiosk, 2)
        await marked(h)
        last = h.service.rounds.seq
    put_back(copy, folder)

    async def never(_self: object) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(recoveries.Recovery, "run", never)
        async with hall(folder) as h:
            await seated(h, Journal(h.url, token, {AREA: "1003"}, seq=last))
            await until(lambda: bool(h.service.rounds.hall.lost))
    async with hall(folder) as h:
        await settled(h)
        kiosk = await h.seat("kiosk", token)
        assert await given(kiosk, 1, OTHER) == ["2004"]
        assert await given(kiosk, 1) == ["1004"]
        await marked(h)
    check(folder)


async def test_a_kiosk_cannot_use_up_the_numbers_or_the_ids(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        desk = await h.desk()
        await given(desk, 1)
        for number in (1900, 3800, 5700, 7600, 8999):
            seat = await seated(h, Journal(h.url, token, {AREA: f"1{number}"}, seq=2**53 - 1))
            await seat.leave()
        await settled(h)
        assert await given(desk, 1) == ["11901"]
        found = h.service.rounds.hall
        assert found.by_number["11901"] < MOST_EVENTS


@pytest.mark.parametrize(
    "words", [{"no-such-area": "1005"}, {AREA: "9005"}, {AREA: "00007"}, {AREA: "01005"}, {AREA: "1000"}]
)
async def test_what_no_area_gives_is_no_word(tmp_path: Path, words: dict[str, str]) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        await h.desk()
        await seated(h, Journal(h.url, token, words))
        await settled(h)
        assert (h.service.rounds.hall.lost, h.service.rounds.epoch) == ({}, 0)


async def test_a_journal_of_another_hall_says_nothing_here(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        await h.desk()
        await seated(h, Journal(h.url, token, {AREA: "1005"}, record="another"))
        await settled(h)
        assert h.service.rounds.hall.lost == {}
        await seated(h, Journal(h.url, token, {AREA: "1005"}, record=h.service.rounds.record.id.hex()))
        await until(lambda: bool(h.service.rounds.hall.lost))


async def test_a_kiosk_with_news_comes_in_while_another_program_holds_the_file(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        desk = await h.desk()
        await given(desk, 1)
        code = f"import sqlite3,sys; c=sqlite3.connect({str(tmp_path / FILE)!r}, isolation_level=None, timeout=5); "
        code += "c.execute('BEGIN IMMEDIATE'); print(1, flush=True); sys.stdin.read()"
        pipe = asyncio.subprocess.PIPE
        holder = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=pipe, stdout=pipe)
        assert holder.stdout is not None
        assert holder.stdin is not None
        await holder.stdout.readline()
        await seated(h, Journal(h.url, token, {AREA: "1005"}))
        assert h.service.rounds.unsure
        holder.stdin.close()
        await holder.wait()
        await until(lambda: not h.service.rounds.unsure)
        assert await given(desk, 1) == ["1006"]


async def test_the_mark_is_never_ahead_of_the_record(tmp_path: Path) -> None:
    """The last kiosk greets while a round is with a slow disk."""
    folder, dead = tmp_path / "hall", tmp_path / "dead"
    async with hall(folder) as h:
        token = await h.device("kiosk-1", "kiosk")
        await given(await h.seat("kiosk", token), 1)
    (folder / mark.FILE).unlink()
    async with hall(folder) as h:
        rounds = h.service.rounds
        desk = await h.desk(desk=None)
        slow, commit = threading.Event(), rounds.record.commit

        def slowly() -> None:
            slow.wait(20)
            commit()

        rounds.record.commit = slowly  # a disk that takes its time
        opening = asyncio.create_task(desk.ask(p.OpenDesk, desk="1"))
        await until(lambda: rounds._under_way is not None and bool(rounds._under_way.batch))
        kiosk = sit(h.url, "kiosk", token)
        h.seats.append(kiosk)
        await until(lambda: rounds.marking.allowed)
        await asyncio.sleep(0.1)
        assert mark.read(folder) is None
        copied(folder, dead)
        slow.set()
        await opening
        await marked(h)
    check(folder)


async def test_lost_numbers_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folder, token = await went_back(tmp_path, 4)
    async with hall(folder) as h:
        kiosk, desk = await h.seat("kiosk", token), await h.desk()
        await settled(h)
        await given(kiosk, 1)
        for number in ("1005", "1003", "1002"):
            await desk.ask(p.Requeue, number=number)
        await until(lambda: [one.number for one in desk.view.queue] == ["1001", "1002", "1003", "1005", "1006"])
        await desk.ask(p.CallTicket, ticket=None, number="1004")
        ticket = h.service.rounds.hall.by_number["1004"]
        await desk.ask(p.Start, ticket=ticket)
        await desk.ask(p.Finish, ticket=ticket)
        # The code on its paper was made for the ticket that was lost: it is no wrong one.
        await kiosk.ask(p.Rate, number="1004", code="12", score=5)


async def test_the_alarm_ends_with_the_day(tmp_path: Path) -> None:
    clock = SimulatedClock(NOW)
    folder, _token = await went_back(tmp_path, 3, clock=clock)
    async with hall(folder, clock=clock) as h:
        await settled(h)
        manager = await h.manager()
        await until(lambda: "record_behind" in manager.view.alarms)
        clock.at += DAY
        manager = await h.manager("Lan")
        await until(lambda: "record_behind" not in manager.view.alarms)


async def test_a_damaged_page_of_an_old_day_lets_the_hall_go_on(tmp_path: Path) -> None:
    """What counts how many numbers are usual reads what no start reads; and `check` finds it."""
    folder = tmp_path / "days"
    assert luot("simulate", "--days", "2", "--tickets", "120", "--seed", "3", data=folder).returncode == 0
    conn = sqlite3.connect(str(folder / FILE))
    root = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tickets'").fetchone()[0]
    at = conn.execute("SELECT max(at) FROM events").fetchone()[0]
    conn.close()
    content = bytearray((folder / FILE).read_bytes())
    page = content[(root - 1) * 4096 : root * 4096]
    first = struct.unpack(">I", page[struct.unpack(">H", page[12:14])[0] :][:4])[0]
    content[(first - 1) * 4096 : (first - 1) * 4096 + 8] = bytes(8)
    (folder / FILE).write_bytes(content)
    with pytest.raises(Faulty):
        check(folder)
    async with Service(folder, Config(host="127.0.0.1", port=0), clock=SimulatedClock(at + DAY)) as service:
        running = asyncio.create_task(service.run())
        await until(lambda: service.rounds.marking.allowed)
        await asyncio.sleep(0.3)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_mark_that_cannot_be_written_is_taken_away(tmp_path: Path) -> None:
    """One that says less than is on paper would be believed; without it the kiosks are asked."""
    async with hall(tmp_path) as h:
        desk, manager = await h.desk(), await h.manager()
        await settled(h)
        await given(desk, 1)
        await marked(h)
        keeper = h.service.rounds.record.mark
        assert keeper._file is not None
        keeper._file.close()
        keeper._file = (tmp_path / mark.FILE).open("rb", buffering=0)  # a disk that has turned read-only
        await given(desk, 1)
        await until(lambda: "mark_unwritten" in manager.view.alarms)
        await given(desk, 1)  # the next round makes it anew
        await until(lambda: "mark_unwritten" not in manager.view.alarms)
        await marked(h)


@pytest.mark.parametrize("what", ["folder", "unreadable"])
async def test_a_mark_that_cannot_be_read_keeps_no_hall_from_starting(tmp_path: Path, what: str) -> None:
    async with hall(tmp_path) as h:
        await given(await h.desk(), 1)
    (tmp_path / mark.FILE).unlink()
    if what == "folder":
        (tmp_path / mark.FILE).mkdir()
    else:
        (tmp_path / mark.FILE).write_bytes(b"nothing")
    with pytest.raises(Faulty, match="The next start asks the kiosks"):
        check(tmp_path)
    async with hall(tmp_path) as h:
        assert await given(await h.desk("Lan", "2"), 1) == ["1002"]


@pytest.mark.parametrize("what", ["a number is none", "no hall's id"])
async def test_a_copy_is_put_in_the_place_of_whatever_is_there(tmp_path: Path, what: str) -> None:
    """A damaged record, and a copy that was made before halls had an id."""
    folder, copy = tmp_path / "hall", tmp_path / "copy.db"
    async with hall(folder) as h:
        await settled(h)
        await given(await h.desk(), 3)
        await marked(h)
    assert luot("backup", "--to", str(copy), data=folder).returncode == 0
    conn = sqlite3.connect(str(folder / FILE if what == "a number is none" else copy), isolation_level=None)
    if what == "a number is none":
        conn.execute("UPDATE events SET number = NULL WHERE kind = 'issued'")
    else:
        conn.execute("DELETE FROM meta WHERE name = 'hall'")
    conn.close()
    done = luot("restore", "--from", str(copy), data=folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    async with hall(folder) as h:
        await settled(h)
        assert await given(await h.desk("Lan", "2"), 1) == ["1004"]

"""Whatever became of the record: no number that is on a paper is given again, and whoever holds one is called."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from server.client.client import Client
from server.live import recovery as recoveries
from server.live import rounds
from server.live.clock import SimulatedClock
from server.record import mark
from server.record.check import Faulty, check
from server.record.file import FILE
from server.record.tables import sqlite3
from tests.halls import RunningHall, Seat, hall, luot, sit, until

AREA, OTHER = "tu-phap", "dat-dai"
SIDES = ("", "-wal", "-shm")


def copied(folder: Path, to: Path) -> Path:
    """The record as it lies on the disk, with its log."""
    to.mkdir()
    for end in SIDES:
        if (folder / (FILE + end)).exists():
            shutil.copy(folder / (FILE + end), to)
    return to


def put_back(copy: Path, folder: Path) -> None:
    for end in SIDES:
        (folder / (FILE + end)).unlink(missing_ok=True)
        if (copy / (FILE + end)).exists():
            shutil.copy(copy / (FILE + end), folder)


async def marked(h: RunningHall) -> None:
    """The mark on the disk says what the record holds; one that was spoilt before is not written over at once."""

    def seq() -> int | None:
        with contextlib.suppress(mark.BadMark):
            found = mark.read(h.service.folder)
            return None if found is None else found.seq
        return None

    await until(lambda: seq() == h.service.rounds.seq)


async def settled(h: RunningHall) -> None:
    """Everybody was asked who knows of numbers."""
    await until(lambda: h.service.rounds.marking.allowed and not h.service.rounds.unsure)


async def given(seat: Seat, n: int, area: str = AREA) -> list[str]:
    return [(await seat.ask(p.Issue, area=area))["number"] for _ in range(n)]


async def went_back(tmp_path: Path, lost: int, **more: Any) -> tuple[Path, str]:
    """A hall's folder whose record lacks the last `lost` numbers, of 1001 and them; and its kiosk's token."""
    folder = tmp_path / "hall"
    async with hall(folder, **more) as h:
        token = await h.device("kiosk-1", "kiosk")
        kiosk = await h.seat("kiosk", token)
        await given(kiosk, 1)
        copy = copied(folder, tmp_path / "copy")
        await given(kiosk, lost)
        await marked(h)
    put_back(copy, folder)
    return folder, token


async def test_the_mark_follows_the_record(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk = await h.kiosk()
        assert await given(kiosk, 3) == ["1001", "1002", "1003"]
        await marked(h)
        found = mark.read(tmp_path)
        assert found is not None
        assert (found.numbers, found.epoch, found.seq) == ({"1": 3}, 0, h.service.rounds.seq)
    check(tmp_path)
    async with hall(tmp_path) as h:
        await settled(h)
        assert h.service.rounds.epoch == 0


@pytest.mark.parametrize("by", ["hand", "restore"])
async def test_an_older_copy_gives_no_number_twice(tmp_path: Path, by: str) -> None:
    """This morning's copy in the record's place at noon; the kiosk says nothing: the mark alone knows."""
    folder, copy = tmp_path / "hall", tmp_path / "copy"
    async with hall(folder) as h:
        token = await h.device("kiosk-1", "kiosk")
        kiosk = await h.seat("kiosk", token)
        first = await given(kiosk, 3)
        await given(kiosk, 1, OTHER)
        if by == "restore":
            copy.mkdir()
            done = luot("backup", "--to", str(copy / FILE), data=folder)
            assert done.returncode == 0, done.stderr
        else:
            copied(folder, copy)
        later = await given(kiosk, 4)
        lost = {h.service.rounds.hall.by_number[number] for number in later}
        await marked(h)
    if by == "restore":
        done = luot("restore", "--from", str(copy / FILE), data=folder)
        assert done.returncode == 0, done.stderr
        assert "goes on above the numbers that were given" in done.stdout
    else:
        put_back(copy, folder)
    with pytest.raises(Faulty, match=r"lacks what was on the disk: by luot.mark it went up to event \d+"):
        check(folder)
    async with hall(folder) as h:
        kiosk, desk, manager = await h.seat("kiosk", token), await h.desk(), await h.manager()
        await settled(h)
        new = await given(kiosk, 2)
        assert (first, later, new) == (["1001", "1002", "1003"], ["1004", "1005", "1006", "1007"], ["1008", "1009"])
        assert await given(kiosk, 1, OTHER) == ["2002"]
        assert not lost & set(h.service.rounds.hall.tickets)
        assert h.service.rounds.epoch == 1
        await until(lambda: "record_behind" in manager.view.alarms)
        assert [(found.area, found.next) for found in desk.view.recovered] == [(AREA, "1008")]
        await marked(h)
    check(folder)
    async with hall(folder) as h:  # once is enough
        await settled(h)
        assert h.service.rounds.epoch == 1
        assert await given(await h.seat("kiosk", token), 1) == ["1010"]


async def test_a_write_ahead_log_that_is_gone_takes_no_number_back(tmp_path: Path) -> None:
    """SQLite opens what is left of the record, without a word."""
    folder = tmp_path / "hall"
    async with hall(folder) as h:
        token = await h.device("kiosk-1", "kiosk")
        await given(await h.seat("kiosk", token), 1)
    with_log = tmp_path / "with-log"
    async with hall(folder) as h:
        await given(await h.seat("kiosk", token), 5)
        await marked(h)
        copied(folder, with_log)
        shutil.copy(folder / mark.FILE, with_log)
        shutil.copy(folder / "hall.key", with_log)
    (with_log / (FILE + "-wal")).unlink()
    with pytest.raises(Faulty, match="lacks what was on the disk"):
        check(with_log)
    async with hall(with_log) as h:
        await settled(h)
        assert await given(await h.seat("kiosk", token), 1) == ["1007"]


async def test_a_number_that_was_lost_is_called_by_number_or_joins_the_line_at_its_time(tmp_path: Path) -> None:
    folder, token = await went_back(tmp_path, 4)
    async with hall(folder) as h:
        kiosk, desk = await h.seat("kiosk", token), await h.desk()
        await settled(h)
        assert await given(kiosk, 1) == ["1006"]
        await desk.ask(p.Requeue, number="1004")
        await until(lambda: [found.number for found in desk.view.queue] == ["1001", "1004", "1006"])
        await desk.ask(p.CallTicket, ticket=None, number="1003")
        await until(lambda: desk.view.me.ticket is not None)
        ticket = desk.view.me.ticket
        assert ticket.number == "1003"
        await desk.ask(p.Start, ticket=ticket.ticket)
        await desk.ask(p.CallTicket, ticket=ticket.ticket, number="1005")
        await until(lambda: desk.view.me.ticket.number == "1005")
        refused = await desk.refused(p.CallTicket, ticket=desk.view.me.ticket.ticket, number="1007")
        assert refused.code == "unknown_number"  # nobody holds it
        for number in ("1000", "01002", "9001"):
            refused = await desk.refused(p.Requeue, number=number)
            assert refused.code == "unknown_number"
        await marked(h)
    check(folder)


class Journal:
    """What a kiosk of ours says of its journal, for a seat of the tests."""

    def __init__(self, url: str, token: str, given: dict[str, str], **more: object) -> None:
        self.views: list[p.KioskView] = []
        self.epochs: list[int] = []

        def greeting(hello: p.Hello) -> p.Hello:
            return p.Hello(
                protocol=hello.protocol, role=hello.role, token=hello.token, given=given, **more  # type: ignore[arg-type]
            )  # fmt: skip

        self.client: Client[p.KioskView] = Client(
            url,
            role="kiosk",
            token=token,
            view=p.KioskView,
            greeting=greeting,
            on_welcome=lambda welcome: self.epochs.append(welcome.epoch),
            on_view=lambda view, _: self.views.append(view),
        )


async def seated(h: RunningHall, journal: Journal) -> Seat:
    seat = Seat(journal.client, journal.views, asyncio.create_task(journal.client.run()))
    h.seats.append(seat)
    await until(lambda: seat.views)
    return seat


async def test_without_a_mark_the_kiosks_are_asked_before_any_number_is_given(tmp_path: Path) -> None:
    """A copy restored on another PC: only the kiosks know what is on paper."""
    folder, new = tmp_path / "hall", tmp_path / "new"
    async with hall(folder) as h:
        tokens = [await h.device(f"kiosk-{n}", "kiosk") for n in (1, 2)]
        kiosk = await h.seat("kiosk", tokens[0])
        await given(kiosk, 2)
        new.mkdir()
        shutil.copy(folder / "hall.key", new)
        copied(folder, new / "copy")
        put_back(new / "copy", new)
        latest = await kiosk.ask(p.Issue, area=AREA)
        assert latest["number"] == "1003"
    async with hall(new) as h:
        desk = await h.desk()
        second = await seated(h, Journal(h.url, tokens[1], {}))
        for seat in (desk, second):
            assert (await seat.refused(p.Issue, area=AREA)).code == "busy"
        told = Journal(
            h.url, tokens[0], {AREA: "1003"}, given_at={AREA: latest["issued_at"]}, seq=latest["ticket"]
        )  # fmt: skip
        first = await seated(h, told)
        await settled(h)
        assert h.service.rounds.epoch == 1
        assert await given(second, 1) == ["1004"]
        assert await given(first, 1) == ["1005"]
        assert h.service.rounds.hall.by_number["1004"] > latest["ticket"]
        await until(lambda: desk.view.recovered)
        await marked(h)
    check(new)


async def test_who_never_comes_is_waited_for_half_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoveries, "KIOSKS_WITHIN", 0.6)
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        await h.device("kiosk-2", "kiosk")
        await given(await h.seat("kiosk", token), 2)
    (tmp_path / mark.FILE).unlink()
    async with hall(tmp_path) as h:
        kiosk = await h.seat("kiosk", token)
        assert h.service.rounds.unsure
        assert mark.read(tmp_path) is None  # a start that is cut off now asks again
        await settled(h)
        assert await given(kiosk, 1) == ["1003"]
        await marked(h)


async def test_only_what_is_of_today_and_can_be_is_believed(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        for words, more in (
            ({AREA: "1900"}, {"given_at": {AREA: "2020-01-02T03:04:05.000Z"}}),
            ({AREA: "18999"}, {}),
            ({AREA: "1000"}, {}),
            ({"no-such-area": "9005"}, {}),
        ):
            seat = await seated(h, Journal(h.url, token, words, **more))
            assert h.service.rounds.hall.lost.get("1") is None, words
            await seat.leave()
        assert await given(await h.seat("kiosk", token), 1) == ["1001"]


async def test_a_hello_with_bad_numbers_is_refused(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        journal = Journal(h.url, token, {AREA: "no number"})
        seat = sit(h.url, "kiosk", token)
        h.seats.append(seat)
        await until(lambda: seat.views)
        task = asyncio.create_task(journal.client.run())
        h.seats.append(Seat(journal.client, journal.views, task))
        await given(seat, 1)
        assert not journal.views


@pytest.mark.parametrize("what", ["gone", "empty"])
async def test_a_record_that_was_deleted_is_not_begun_anew_without_a_word(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "hall"
    async with hall(folder) as h:
        await given(await h.kiosk(), 1)
        await marked(h)
    (folder / FILE).unlink()
    if what == "empty":
        (folder / FILE).touch()
    done = luot("hall", "--port", "0", data=folder)
    assert done.returncode == 1
    assert f"{FILE} is missing or empty, and luot.mark beside it says that there was a record" in done.stderr
    (folder / FILE).unlink()
    (folder / mark.FILE).unlink()
    async with hall(folder) as h:  # as the sentence says
        assert await given(await h.kiosk(), 1) == ["1001"]


async def test_one_spoilt_place_of_the_mark_leaves_the_other(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        await given(await h.seat("kiosk", token), 4)
        await marked(h)
    whole = (tmp_path / mark.FILE).read_bytes()
    assert len(whole) == 2 * mark.PLACE
    turns = []
    for at in (0, mark.PLACE):
        (tmp_path / mark.FILE).write_bytes(whole[:at] + bytes(mark.PLACE) + whole[at + mark.PLACE :])
        found = mark.read(tmp_path)
        assert found is not None
        turns.append(found.turn)
        check(tmp_path)
    assert abs(turns[0] - turns[1]) == 1
    (tmp_path / mark.FILE).write_bytes(whole[:10])
    with pytest.raises(Faulty, match="does not say any more up to where numbers were given"):
        check(tmp_path)
    async with hall(tmp_path) as h:
        kiosk = await h.seat("kiosk", token)
        await settled(h)
        assert await given(kiosk, 1) == ["1005"]
        await marked(h)
    check(tmp_path)


async def test_the_log_of_an_idle_hall_is_folded_into_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then a damaged log takes little with it."""
    monkeypatch.setattr(rounds, "IDLE", 0.2)
    async with hall(tmp_path) as h:
        await given(await h.kiosk(), 5)
        alone = tmp_path / "alone"
        alone.mkdir()

        def folded() -> bool:
            shutil.copy(tmp_path / FILE, alone / FILE)
            conn = sqlite3.connect(str(alone / FILE))
            try:
                return bool(conn.execute("SELECT count(*) FROM tickets").fetchone()[0] == 5)
            except sqlite3.Error:
                return False
            finally:
                conn.close()
                for end in SIDES:
                    (alone / (FILE + end)).unlink(missing_ok=True)

        await until(folded)


async def test_a_hall_that_was_only_begun_gives_way_to_another_pcs_copy(tmp_path: Path) -> None:
    """On a new PC the hall is started first, and the copy restored then: that is no loss."""
    old, new = tmp_path / "old", tmp_path / "new"
    async with hall(old) as h:
        token = await h.device("kiosk-1", "kiosk")
        await given(await h.seat("kiosk", token), 2)
    assert luot("backup", "--to", str(tmp_path / "copy.db"), data=old).returncode == 0
    async with hall(new) as h:
        await h.manager()
        await marked(h)
    shutil.copy(old / "hall.key", new)
    done = luot("restore", "--from", str(tmp_path / "copy.db"), data=new)
    assert done.returncode == 0, done.stderr
    check(new)
    async with hall(new) as h:
        assert h.service.rounds.unsure == "hold"  # the kiosks are asked
        kiosk = await h.seat("kiosk", token)
        await settled(h)
        assert h.service.rounds.epoch == 0
        assert await given(kiosk, 1) == ["1003"]


@pytest.mark.parametrize("later", [1, 2])
async def test_the_copy_of_a_day_before(tmp_path: Path, later: int) -> None:
    """Yesterday's copy, made at noon while the day was open, put back today, or on the day after: today's numbers go on
    above those given today; those of a day that is over are no matter any more.
    """
    folder, day, now = tmp_path / "hall", 86_400_000, 1_800_000_000_000
    async with hall(folder, clock=SimulatedClock(now)) as h:
        token = await h.device("kiosk-1", "kiosk")
        kiosk = await h.seat("kiosk", token)
        await h.desk()
        await given(kiosk, 2)
        copy = copied(folder, tmp_path / "copy")
        await given(kiosk, 1)
    async with hall(folder, clock=SimulatedClock(now + day)) as h:
        assert await given(await h.seat("kiosk", token), 4) == ["1001", "1002", "1003", "1004"]
        ids = set(h.service.rounds.hall.tickets)
        await marked(h)
    put_back(copy, folder)
    async with hall(folder, clock=SimulatedClock(now + later * day + 60_000)) as h:
        kiosk, manager = await h.seat("kiosk", token), await h.manager()
        await settled(h)
        assert await given(kiosk, 1) == ["1005" if later == 1 else "1001"]
        found = h.service.rounds.hall
        assert not ids & set(found.tickets)
        assert bool(found.lost) == (later == 1)
        await until(lambda: "record_behind" in manager.view.alarms)
        await marked(h)
    check(folder)

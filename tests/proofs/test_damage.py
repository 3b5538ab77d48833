"""A hall whose files were damaged: `check` and a start say so in a sentence, or have nothing to do with it; and no
number that is on a paper is given again."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from kiosk.flow.state import Asked
from kiosk.journal.journal import Journal, open_journal
from kiosk.live.greeting import Greeting
from server import protocol as p
from server.cli.hall import UNFIT
from server.client.client import Client, new_id
from server.live import recovery as recoveries
from server.live.clock import SimulatedClock
from server.live.rounds import Rounds
from server.record import mark
from server.record.backup import backup
from server.record.check import Faulty, Proof, check
from server.record.file import FILE
from server.service import Service
from server.settings.process import Config
from server.settings.shape import BadSettings
from tests.halls import Seat, hall, luot, size, until

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("days")
    done = luot("simulate", "--days", "2", "--tickets", "15", "--seed", "3", data=folder)
    assert done.returncode == 0, done.stderr
    return folder


async def started(folder: Path, now: int) -> str | None:
    """Null where a hall starts on the folder, and ends again; else its sentence."""
    try:
        async with Service(folder, Config(host="127.0.0.1", port=0), clock=SimulatedClock(now)) as service:
            running = asyncio.create_task(service.run())
            await until(lambda: service.rounds.marking.allowed or running.done())
            if running.done():
                running.result()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            return None
    except (*UNFIT, BadSettings) as error:
        return str(error)


@pytest.mark.seconds(3000)
async def test_a_flipped_byte_is_told_in_a_sentence_or_harms_nothing(
    days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is hit: pages, indexes, rows, settings, free space. Where `check` finds all sound a hall starts, and
    says the same of today's numbers.
    """
    for waits in ("KIOSKS_SOON", "KIOSKS_WITHIN"):
        monkeypatch.setattr(recoveries, waits, 0.01)
    whole = (days / FILE).read_bytes()
    sound = check(days)
    now = 1_800_000_000_000
    assert await started(_copy(days, tmp_path / "good", whole), now) is None
    chance = random.Random(11)
    seen: Counter[str] = Counter()
    for n in range(size(80, 2000)):
        at = chance.randrange(len(whole))
        broken = bytearray(whole)
        broken[at] ^= 1 << chance.randrange(8)
        folder = _copy(days, tmp_path / str(n), bytes(broken))
        found = await asyncio.to_thread(_checked, folder)
        said = await started(folder, now)
        seen[
            f"check {'faulty' if isinstance(found, str) else 'sound'}, start {'well' if said is None else 'refused'}"
        ] += 1
        if isinstance(found, str):
            assert found
        else:
            assert (found.events, found.tickets, found.head) == (sound.events, sound.tickets, sound.head), at
            assert said is None, (at, said)
        shutil.rmtree(folder)
    print(f"\n{dict(seen)}")
    assert len(seen) > 1


# --- a day at work, and one of its files damaged -------------------------------------------------------------


NOON = 1_800_000_000_000
AREA = "tu-phap"
TARGETS = (FILE, f"{FILE}-wal", mark.FILE, "kiosk.db", "kiosk.db-wal")


@dataclass
class Day:
    """The files of a hall and of its kiosk as they lay on the disk while both ran, and an earlier copy."""

    files: dict[str, bytes]
    copy: bytes
    mark: bytes
    """The mark of that time."""
    token: str
    given: set[str]
    """Numbers that are on papers, those that a desk gave included."""
    tickets: set[int]


class AKiosk:
    """A kiosk's journal and its link, without printer and window."""

    def __init__(self, url: str, token: str, journal: Journal) -> None:
        self.journal, self.views = journal, list[p.KioskView]()
        self.kept = Greeting(journal.last_numbers)
        self.client: Client[p.KioskView] = Client(
            url,
            role="kiosk",
            token=token,
            view=p.KioskView,
            greeting=self.kept.hello,
            on_welcome=self.kept.welcomed,
            on_view=self._viewed,
        )

    def _viewed(self, view: p.KioskView, seq: int) -> None:
        self.kept.viewed(view, seq, self.client.now)
        self.views.append(view)

    async def take(self, area: str = AREA) -> str:
        asked = Asked(new_id(), area, None, False, "vi", 0.0)
        self.journal.asked(asked)
        found = await self.client.ask(p.Issue(id=asked.id, area=area))
        ticket = msgspec.convert(found, p.TicketResult)
        self.journal.numbered(asked.id, ticket)
        return ticket.number


def journal_in(folder: Path) -> Journal:
    return open_journal(folder / "kiosk.db", clock=lambda: NOON / 1000, new_id=new_id)


async def day_at_work(folder: Path) -> Day:
    async with hall(folder, clock=SimulatedClock(NOON - 60_000)) as h:
        token = await h.device("kiosk-1", "kiosk")
        await h.person("Hoa")
    async with hall(folder, clock=SimulatedClock(NOON)) as h:
        journal = journal_in(folder)
        kiosk = AKiosk(h.url, token, journal)
        h.seats.append(Seat(kiosk.client, kiosk.views, asyncio.create_task(kiosk.client.run())))
        desk = await h.desk()
        given = {await kiosk.take() for _ in range(6)}
        given |= {await kiosk.take("dat-dai") for _ in range(2)}
        (folder / "copy").mkdir()
        await asyncio.to_thread(backup, folder, folder / "copy" / FILE)
        rounds = h.service.rounds
        await until(lambda: (found := mark.read(folder)) is not None and found.seq == rounds.seq)
        old_mark = (folder / mark.FILE).read_bytes()
        given |= {await kiosk.take() for _ in range(5)}
        for _ in range(2):
            number = (await desk.ask(p.Issue, area=AREA))["number"]
            given.add(number)
        ticket = (await desk.ask(p.CallNext, ticket=None))["ticket"]
        await desk.ask(p.Start, ticket=ticket)
        await until(lambda: kiosk.views and kiosk.views[-1].areas[0].last == number)
        await until(lambda: (found := mark.read(folder)) is not None and found.seq == rounds.seq)
        files = {name: (folder / name).read_bytes() for name in (*TARGETS, "hall.key")}
        tickets = set(rounds.hall.tickets)
        journal.close()
    return Day(files, (folder / "copy" / FILE).read_bytes(), old_mark, token, given, tickets)


def damaged(day: Day, chance: random.Random) -> tuple[str, dict[str, bytes]]:
    """What was done, and the files after it."""
    files = dict(day.files)
    kinds = ("flip", "cut", "gone", "older copy", "older copy elsewhere", "folder back")
    kind = chance.choices(kinds, (67, 15, 5, 5, 4, 4))[0]
    if kind == "folder back":
        del files[f"{FILE}-wal"]
        return kind, files | {FILE: day.copy, mark.FILE: day.mark}
    if kind.startswith("older copy"):
        files[FILE] = day.copy
        del files[f"{FILE}-wal"]
        lost = mark.FILE if kind.endswith("elsewhere") else chance.choice(("nothing", "kiosk.db"))
        for name in [name for name in files if lost in name]:
            del files[name]
        return f"{kind}, {lost} gone too", files
    name = chance.choice(TARGETS)
    if kind == "gone":
        del files[name]
    elif kind == "cut":
        files[name] = files[name][: chance.randrange(len(files[name]))]
    else:
        at = chance.randrange(len(files[name]))
        content = bytearray(files[name])
        content[at] ^= 1 << chance.randrange(8)
        files[name] = bytes(content)
    return f"{kind} of {name}", files


async def gone_on(day: Day, folder: Path) -> tuple[str, set[str]]:
    """What the start said ("" for nothing), and which numbers were given then."""
    new: set[str] = set()
    try:
        async with hall(folder, clock=SimulatedClock(NOON + 60_000)) as h:
            rounds, recovery = h.service.rounds, h.service.recovery
            desk = await h.desk("Lan", "2")
            by_desk = asyncio.create_task(desk.ask(p.Issue, area=AREA))  # before the kiosk is heard
            journal = journal_in(folder)
            kiosk = AKiosk(h.url, day.token, journal)
            h.seats.append(Seat(kiosk.client, kiosk.views, asyncio.create_task(kiosk.client.run())))
            await until(lambda: kiosk.views and not rounds.unsure)
            for number in ((await by_desk)["number"], await kiosk.take(), await kiosk.take("dat-dai")):
                assert number not in new
                new.add(number)
            assert len(rounds.hall.tickets) == len(set(rounds.hall.by_number.values()))
            assert not (day.tickets - _before(rounds, new)) & {rounds.hall.by_number[number] for number in new}
            journal.close()
            return ("went on above what was lost" if recovery.happened_on else ""), new
    except (*UNFIT, BadSettings) as error:
        return str(error), new


def _before(rounds: Rounds, new: set[str]) -> set[int]:
    """Tickets that the record had kept."""
    return {ticket.id for ticket in rounds.hall.tickets.values() if ticket.number not in new}


@pytest.mark.seconds(3000)
async def test_whatever_file_of_a_hall_is_damaged_no_number_is_given_twice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file is damaged in one place, cut short or gone, or an older copy was put back, here or on another PC, with
    its own mark or without. A desk asks for a number before the kiosk is there.
    """
    monkeypatch.setattr(recoveries, "KIOSKS_SOON", 20.0)
    day = await day_at_work(tmp_path / "hall")
    assert day.given == {*(f"1{n:03d}" for n in range(1, 14)), "2001", "2002"}
    chance = random.Random(23)
    seen: Counter[str] = Counter()
    for n in range(size(60, 2000)):
        what, files = damaged(day, chance)
        folder = tmp_path / str(n)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        found = await asyncio.to_thread(_checked, folder)
        said, new = await gone_on(day, folder)
        caplog.clear()
        assert not day.given & new, (n, what, said, new)
        refused = bool(said) and not new
        if isinstance(found, str):
            assert said or "lacks what was on the disk" not in found, (n, what, found)
        else:
            assert not refused, (n, what, said)
            assert not said or mark.FILE not in files or what == "folder back", (n, what)
        seen[f"{what}: check {'faulty' if isinstance(found, str) else 'sound'}, start "
             f"{'refused' if refused else said or 'well'}"] += 1  # fmt: skip
        shutil.rmtree(folder)
    for what, count in sorted(seen.items()):
        print(f"{count:5} {what}")
    assert len(seen) > 8


def _checked(folder: Path) -> Proof | str:
    try:
        return check(folder)
    except Faulty as error:
        return str(error)


def _copy(days: Path, folder: Path, content: bytes) -> Path:
    folder.mkdir()
    shutil.copy(days / "hall.key", folder)
    (folder / FILE).write_bytes(content)
    return folder

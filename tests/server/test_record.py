"""The record: what is written is found again, what was tampered with is noticed, copies are proven."""

from __future__ import annotations

import os
import re
import shutil
import tracemalloc
import uuid
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from server.cli.proving import prove
from server.hall.fold import Hall
from server.live.clock import SimulatedClock
from server.record import tables as schema
from server.record.backup import backup, restore
from server.record.check import Faulty, check, check_file
from server.record.file import FILE, Record
from server.record.owner import Owned
from server.record.tables import sqlite3
from tests.halls import hall, luot, new_id, result_of, until

ONE_ID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with two simulated days."""
    folder = tmp_path_factory.mktemp("days")
    made = luot("simulate", "--days", "2", "--tickets", "40", "--seed", "3", data=folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def copy(days: Any, tmp_path: Path) -> Any:
    """A copy to damage."""
    folder = tmp_path / "copy"
    shutil.copytree(days, folder)
    return folder


def spoil(folder: Any, statement: Any, *values: Any) -> None:
    conn = sqlite3.connect(str(folder / FILE))
    conn.execute(statement, values)
    conn.commit()
    conn.close()


def test_a_sound_record_is_sound(days: Any) -> None:
    sound = check(days)
    assert sound.days == 2
    assert sound.tickets > 60
    assert sound.visits >= sound.tickets


PLANTED = (
    "CREATE TRIGGER helper AFTER INSERT ON events BEGIN INSERT INTO people VALUES "
    "('Kẻ gian', 'manager', 'x', 1, NULL); END"
)
LAST = "(SELECT max(seq) FROM events)"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (PLANTED, "trigger helper does not belong there"),
        (PLANTED.replace("helper", "evil_sqlite_migrations"), "trigger evil_sqlite_migrations does not belong there"),
        ("CREATE VIEW helper AS SELECT 1", "view helper does not belong there"),
        ("DROP INDEX events_days", "index events_days is missing"),
        ("ALTER TABLE changes ADD COLUMN more TEXT", "table changes was changed"),
        ("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('luot', 'm999_more', '2030')",
         "a newer Luot has written this record (m999_more)"),
        ("UPDATE options SET body = '{'", "cannot be read: Input data was truncated"),
        ("UPDATE areas SET body = '{}'", "settings cannot be read"),
        (f"UPDATE events SET kind = 'surprised' WHERE seq = {LAST}", "cannot be read"),
        (f"UPDATE events SET at = at + 1 WHERE seq = {LAST}", "the hash does not fit"),
    ],
)  # fmt: skip
def test_check_and_start_both_refuse_what_the_hall_cannot_stand_on(copy: Any, statement: Any, says: Any) -> None:
    spoil(copy, statement)
    with pytest.raises(Faulty, match=re.escape(says)):
        check(copy)
    ended = luot("hall", "--host", "127.0.0.1", "--port", "0", data=copy)
    assert ended.returncode in {1, 2}
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    refused = luot("restore", "--from", str(copy / FILE), data=copy.parent / "other")
    assert refused.returncode != 0
    assert says in refused.stderr


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE requests SET answer = '{'", "requests: row 1 cannot be read"),
        ("UPDATE requests SET body_hash = x'00'", "requests: a body_hash of 1 bytes"),
        ("UPDATE people SET role = 'owner'", "people: role is 'owner'"),
        ("UPDATE devices SET token = x'01'", "devices: a token of 1 bytes"),
        ("UPDATE events SET at = at + 1 WHERE seq = 30", "event 30: the hash"),
        ("UPDATE events SET clerk = 'Lan' WHERE kind = 'called' AND clerk <> 'Lan'", "the hash"),
        ("UPDATE events SET hash = zeroblob(32) WHERE seq = 5", "event 5: the hash"),
        ("DELETE FROM events WHERE seq = 40", "event 40 is missing"),
        ("INSERT INTO event_reasons SELECT max(seq), 'wait' FROM events WHERE kind = 'rated'", "the hash"),
        ("UPDATE tickets SET state = 'served' WHERE state <> 'served'", "state is 'served', the events say"),
        ("UPDATE visits SET waited = waited + 1 WHERE waited IS NOT NULL", "waited is"),
        ("UPDATE visits SET score = 5 WHERE score IS NULL", "score is 5"),
        ("DELETE FROM visits WHERE n = 1", "the row is missing"),
        ("INSERT INTO tickets SELECT 999999, day, '9999', area, procedure, priority, device, via, issued_at, state, "
         "visits, absences, printed, not_printed FROM tickets LIMIT 1", "the events make"),
    ],
)  # fmt: skip
def test_every_kind_of_tampering_is_noticed(copy: Any, statement: Any, says: Any) -> None:
    spoil(copy, statement)
    with pytest.raises(Faulty, match=says):
        check(copy)


def test_the_command_names_the_first_bad_row_and_fails(copy: Any) -> None:
    spoil(copy, "UPDATE events SET number = '1999' WHERE kind = 'issued' AND number = '1003'")
    result = luot("check", data=copy)
    assert result.returncode == 1
    assert "event" in result.stderr
    assert "hash" in result.stderr


def test_a_file_that_is_no_record(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(Faulty):
        check(tmp_path)
    with pytest.raises(Faulty, match="no record"):
        check(tmp_path / "elsewhere")


def test_a_copy_is_proven_and_comes_back(days: Any, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    sound = backup(days, target)
    assert sound == check(days)
    fresh = tmp_path / "other"
    fresh.mkdir()
    assert restore(target, fresh) == (sound, None)
    assert check(fresh) == sound
    # Nothing that was kept is ever overwritten: the second to notice the wrong copy finds both records before it.
    for n in (1, 2):
        assert restore(target, fresh) == (sound, fresh / f"{FILE}.before-restore-{n}")
    assert check_file(fresh / f"{FILE}.before-restore-1") == sound
    # A log whose record somebody took away stands in for no record, and hides no log that was kept.
    (fresh / FILE).unlink()
    (fresh / f"{FILE}.before-restore-2-wal").write_bytes(b"kept")
    (fresh / f"{FILE}-wal").write_bytes(b"stray")
    assert restore(target, fresh) == (sound, None)
    assert (fresh / f"{FILE}.before-restore-2-wal").read_bytes() == b"kept"
    assert (fresh / f"{FILE}.before-restore-3-wal").read_bytes() == b"stray"
    assert check(fresh) == sound
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path in (target, fresh / FILE)} == {0o600}


def test_a_bad_copy_changes_nothing(days: Any, tmp_path: Path, copy: Any) -> None:
    before = check(copy)
    bad = tmp_path / "bad.db"
    bad.write_bytes((days / FILE).read_bytes()[:20_000])
    with pytest.raises(Faulty):
        restore(bad, copy)
    assert check(copy) == before


async def test_a_copy_is_made_while_the_hall_works_and_refused_over_it(tmp_path: Path) -> None:
    async with hall(tmp_path / "hall") as h:
        kiosk = await h.kiosk()
        for _ in range(5):
            await kiosk.ask(p.Issue, area="tu-phap")
        sound = backup(tmp_path / "hall", tmp_path / "copy.db")
        assert sound.tickets == 5
        with pytest.raises(Owned):
            restore(tmp_path / "copy.db", tmp_path / "hall")


async def test_the_hall_after_a_restart_is_the_hall_before(tmp_path: Path) -> None:
    """Start-up is recovery: the fold of the record is the state that was in memory."""
    async with hall(tmp_path) as h:
        kiosk, desk = await h.kiosk(), await h.desk()
        for n in range(6):
            await kiosk.ask(p.Issue, area="tu-phap", priority=n == 3)
        called = await desk.ask(p.CallNext, ticket=None)
        await desk.ask(p.Start, ticket=called["ticket"])
        before = h.service.rounds.hall
        states = (before.tickets, before.desks, before.calls, before.counters, before.seq)
    async with hall(tmp_path) as h:
        after = h.service.rounds.hall
        assert (after.tickets, after.desks, after.calls, after.counters, after.seq) == states


def test_pragmas_are_asserted(tmp_path: Path) -> None:
    with pytest.raises(schema.WrongPragma, match="synchronous"):
        # A pragma that SQLite does not take as given must not pass silently.
        schema.connect(tmp_path / "x.db", pragmas={"journal_mode": "wal", "synchronous": 7})


def test_every_connection_is_full(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.open()
    for conn in (record._writer, record.reader):
        assert conn.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert conn.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert conn.execute("PRAGMA trusted_schema").fetchone()[0] == 0
    record.close_reader()
    record.close()


async def test_only_the_current_day_is_read_at_start(days: Any) -> None:
    record = Record(days)
    record.open()
    from server.settings.reading import default_settings
    from server.settings.shape import policy_of

    fresh = Hall(policy_of(default_settings(), secret=b""))
    record.load(fresh)
    assert fresh.day == "2026-09-08"
    assert {ticket.issued_at > fresh.opened_at - 1 for ticket in fresh.tickets.values()} == {True}
    record.close_reader()
    record.close()


async def test_comments_are_kept_apart_and_can_be_erased(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk, desk, manager = await h.kiosk(), await h.desk(), await h.manager()
        ticket = (await kiosk.ask(p.Issue, area="tu-phap"))["ticket"]
        await desk.ask(p.CallNext, ticket=None)
        await desk.ask(p.Start, ticket=ticket)
        await desk.ask(p.Finish, ticket=ticket)
        await kiosk.ask(p.Rate, ticket=ticket, score=1, reasons=("other",), comment="Một lời góp ý")
        story = await manager.ask(p.Story, date=manager.view.date, number="1001")
        assert story[-1]["comment"] == "Một lời góp ý"
        await manager.ask(p.EraseComment, ticket=ticket)
        story = await manager.ask(p.Story, date=manager.view.date, number="1001")
        assert all("comment" not in entry for entry in story)
        for file in tmp_path.iterdir():
            assert "Một lời góp ý".encode() not in (file.read_bytes() if file.is_file() else b""), file.name
    assert check(tmp_path).tickets == 1
    assert "Một lời góp ý".encode() not in (tmp_path / FILE).read_bytes()


async def test_a_rating_that_stands_in_place_of_another_is_shown_as_such(tmp_path: Path) -> None:
    """Whoever reads the log sees both; and only what takes back or replaces names what counts no more."""
    async with hall(tmp_path) as h:
        kiosk, desk, manager = await h.kiosk(), await h.desk(), await h.manager()
        display = await h.display()
        found = await kiosk.ask(p.Issue, area="tu-phap")
        await desk.ask(p.CallNext, ticket=None)
        await until(lambda: display.view.calls)
        await display.ask(p.Announced, call=display.view.calls[0].seq, how="said")
        await desk.ask(p.Start, ticket=found["ticket"])
        await desk.ask(p.Finish, ticket=found["ticket"])
        await kiosk.ask(p.Rate, number="1001", score=1)
        await kiosk.ask(p.Rate, number="1001", code=found["rating_code"], score=5)
        story = await manager.ask(p.Story, date=manager.view.date, number="1001")
        told = [(entry["kind"], entry.get("score"), entry.get("undid")) for entry in story]
        assert ("announced", None, None) in told
        assert told[-2:] == [("rated", 1, None), ("rated", 5, "rated")]


async def test_a_batch_is_whole_or_nothing(tmp_path: Path) -> None:
    """Two answers to one request cannot both be stored: then nothing of the round is."""
    from server.record.file import Batch, RoundRejected

    record = Record(tmp_path)
    record.open()
    row = ("kiosk:k", new_id(), b"x", "{}", 1)
    batch = Batch(bytes(32), requests=[row, row])
    record.begin()
    with pytest.raises(RoundRejected):
        record.write(batch)
    record.begin()
    record.write(Batch(bytes(32), requests=[row]))
    record.commit()
    assert record.look_up("kiosk:k", row[1]) == (b"x", "{}")
    record.close_reader()
    record.close()


def test_a_damaged_record_can_be_restored(copy: Any, tmp_path: Path) -> None:
    good = tmp_path / "copy.db"
    sound = backup(copy, good)
    (copy / FILE).write_bytes(b"damaged" * 1000)
    assert restore(good, copy) == (sound, copy / f"{FILE}.before-restore-1")
    assert check(copy) == sound
    assert (copy / f"{FILE}.before-restore-1").read_bytes().startswith(b"damaged")


def test_the_record_is_not_its_own_copy(days: Any) -> None:
    with pytest.raises(FileExistsError):
        backup(days, days / FILE)


def test_a_restore_that_was_cut_off_is_finished_at_the_next_start(copy: Any, tmp_path: Path) -> None:
    """Before and after the old file went; its log, left alone for a moment, must not be read into the new one."""
    good = tmp_path / "copy.db"
    sound = backup(copy, good)
    for gone in (False, True):
        shutil.copy(good, copy / (FILE + ".restored"))
        if gone:
            (copy / FILE).rename(copy / f"{FILE}.before-restore-1")
            (copy / f"{FILE}-wal").write_bytes(b"the old one's log")
        record = Record(copy)
        record.open()
        record.close()
        assert check(copy) == sound
        assert (copy / (FILE + ".restored")).exists() != gone
    assert (copy / f"{FILE}.before-restore-1-wal").read_bytes() == b"the old one's log"


async def test_a_number_given_twice_takes_nobodys_row(tmp_path: Path) -> None:
    """The table's own word: a collision fails the round, it does not replace the other's row."""
    async with hall(tmp_path) as h:
        kiosk = await h.kiosk()
        await kiosk.ask(p.Issue, area="tu-phap")
        found = h.service.rounds.hall
        del found.by_number["1001"]
        found.counters["tu-phap"] = 0
        # The round is rolled back, the hall rebuilt from the disk, and the command run again.
        assert (await kiosk.ask(p.Issue, area="tu-phap"))["number"] == "1002"
    assert check(tmp_path).tickets == 2


async def test_what_happened_before_the_first_day_is_counted_at_the_next_start(tmp_path: Path) -> None:
    """A manager confirms the date of a new hall, which is then started anew: the first number is given."""
    async with hall(tmp_path) as h:
        manager = await h.manager()
        local = h.service.rounds.hall.policy.calendar.date_of(h.service.rounds.clock.read().now)
        tomorrow = (date.fromisoformat(local) + timedelta(days=1)).isoformat()
        await manager.ask(p.ConfirmDate, date=tomorrow)
        assert h.service.rounds.hall.seq == 1
    async with hall(tmp_path) as h:
        assert h.service.rounds.hall.seq == 1
        kiosk = await h.kiosk()
        assert (await kiosk.ask(p.Issue, area="tu-phap"))["number"] == "1001"
    assert check(tmp_path).tickets == 1


async def test_no_pin_and_no_comment_can_be_guessed_from_the_record(tmp_path: Path) -> None:
    """A stored request's hash is the same whatever its PIN: trying out a million tells nothing."""
    hashes = []
    for pin in ("246810", "135791"):
        async with hall(tmp_path / pin) as h:
            manager = await h.manager()
            await manager.reply(p.AddPerson(id=ONE_ID, name="Lan", role="clerk", pin=pin))
            stored = h.service.rounds.record.look_up("manager:Minh", ONE_ID)
            assert stored is not None
            hashes.append(stored[0])
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("damaged", [False, True])
async def test_a_running_hall_has_its_older_days_proven(copy: Any, damaged: Any) -> None:
    if damaged:
        spoil(copy, "UPDATE events SET at = at + 1 WHERE seq = 30")
    last = SimulatedClock(Record(copy).last_at() + 1000)
    async with hall(copy, clock=last) as h:
        manager = await h.manager("Quản lý")
        await prove(h.service, after=0)
        if damaged:
            await until(lambda: "record_damaged" in manager.view.alarms)
        assert ("record_damaged" in h.service.alarms.standing) == damaged


def test_another_programs_file_is_left_as_it_was(tmp_path: Path) -> None:
    with closing(sqlite3.connect(str(tmp_path / FILE))) as conn:
        conn.execute("CREATE TABLE guests (name TEXT)")
    ended = luot("hall", "--host", "127.0.0.1", "--port", "0", data=tmp_path)
    assert (ended.returncode, "table guests does not belong there" in ended.stderr) == (1, True)
    with closing(sqlite3.connect(str(tmp_path / FILE))) as conn:
        assert [name for (name,) in conn.execute("SELECT name FROM sqlite_master")] == ["guests"]


@pytest.mark.parametrize("spoilt", ["'{'", "x'ff'"])
async def test_an_answer_that_cannot_be_read_is_made_again_and_no_second_number(tmp_path: Path, spoilt: Any) -> None:
    asked = p.Issue(id=new_id(), area="tu-phap")
    other = p.Rate(id=new_id(), number="1001", score=5)
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        kiosk = await h.seat("kiosk", token)
        first = await kiosk.reply(asked)
    spoil(tmp_path, f"UPDATE requests SET answer = CAST({spoilt} AS TEXT)")
    async with hall(tmp_path) as h:
        kiosk = await h.seat("kiosk", token)
        again = await kiosk.reply(asked)
        assert (again.ok, result_of(again)["number"]) == (True, "1001")
        assert result_of(again)["token"] == result_of(first)["token"]
        assert (await kiosk.reply(other)).error.code == "not_served", "the kiosk goes on"
        assert (await kiosk.ask(p.Issue, area="tu-phap"))["number"] == "1002"


async def test_the_second_copy_of_a_refused_command_does_not_act(tmp_path: Path) -> None:
    """The page sends a press again where its answer is late: it must not act after the clerk has read "nobody"."""
    async with hall(tmp_path) as h:
        kiosk, desk = await h.kiosk(), await h.desk()
        press = p.CallNext(id=new_id(), ticket=None)
        assert (await desk.reply(press)).error.code == "nobody_waiting"
        await kiosk.ask(p.Issue, area="tu-phap")
        assert (await desk.reply(press)).error.code == "nobody_waiting"
        assert (await desk.ask(p.CallNext, ticket=None))["number"] == "1001"


def test_what_is_known_of_requests_takes_the_same_memory_however_many_there_are(tmp_path: Path) -> None:
    """A month of a crowded hall; each request is found, and for others the file is hardly ever asked."""
    hours = 3_600_000
    ids = [str(uuid.UUID(int=n, version=4)) for n in range(100_000)]
    (record := Record(tmp_path)).open()
    record.begin()
    for n, id in enumerate(ids):
        record._writer.execute("INSERT INTO requests VALUES ('kiosk:k', ?, x'00', '{}', ?)", (id, n % 700 * hours))
    record.commit()
    record.close()
    tracemalloc.start()
    try:
        (record := Record(tmp_path)).open()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 2_000_000
    assert all(record.look_up("kiosk:k", id) for id in ids[:5000])
    asked: list[str] = []
    record.reader.set_trace_callback(asked.append)
    assert not any(record.look_up("kiosk:other", id) for id in ids[:5000])
    assert len(asked) < 50
    record.close_reader()
    record.close()


async def test_old_answers_are_forgotten_while_the_hall_runs(tmp_path: Path) -> None:
    """At the end of each day: a hall may run for years."""
    clock = SimulatedClock(1_790_000_000_000)
    async with hall(tmp_path, clock=clock) as h:
        kiosk = await h.kiosk()
        record, kept = h.service.rounds.record, []
        for _ in range(4):
            command = p.Issue(id=new_id(), area="tu-phap")
            assert (await kiosk.reply(command)).ok
            kept.append(command.id)
            clock.at += 12 * 86_400_000
            h.service.rounds.wake()
            await until(lambda: not h.service.rounds.hall.day_open and h.service.rounds._under_way is None)
        assert [record.look_up("kiosk:kiosk-1", id) is not None for id in kept] == [False, False, True, True]

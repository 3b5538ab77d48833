"""The kiosk's journal: given a kiosk killed in some state, when it starts again, then nothing is lost or doubled."""

from __future__ import annotations

import itertools
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from kiosk.flow.state import Asked
from kiosk.journal.journal import ASKED_AGAIN, Journal, open_journal
from kiosk.journal.last_numbers import Last
from server.client.client import new_id
from server.protocol import Printed, PrintFailed, PrintJob, Reprint
from tests.kiosk import samples

ASKED = Asked("0197aaaa-0000-7000-8000-000000000001", "tu-phap", "khai-sinh", True, "en", 0.0)
TICKET = samples.ticket()
ROOT = Path(__file__).parents[2]


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Journal]:
    ids = itertools.count(1)
    now = [1_800_000_000.0]

    def open_it(later: float = 0.0) -> Journal:
        now[0] += later
        return Journal(
            tmp_path / "data" / "kiosk.db",
            clock=lambda: now[0],
            new_id=lambda: f"0197bbbb-0000-7000-8000-{next(ids):012}",
        )

    return open_it


def kinds(journal: Journal) -> list[type]:
    return [type(command) for command in journal.unsent()]


def test_asked_and_killed_is_asked_again_with_the_same_id(opened: Callable[..., Journal]) -> None:
    opened().asked(ASKED)
    (kept,) = opened().recover()
    assert kept.state == "asked"
    assert kept.asked(0.0) == ASKED


def test_it_knows_how_long_ago_a_number_was_asked_for(opened: Callable[..., Journal]) -> None:
    opened().asked(ASKED)
    journal = opened(later=900.0)
    (kept,) = journal.recover()
    assert journal.age(kept) == 900.0
    assert opened(later=-2000.0).age(kept) == 0.0  # the clock was set back


def test_a_number_taken_up_again_is_offered_after_a_restart(opened: Callable[..., Journal]) -> None:
    journal = opened()
    journal.asked(ASKED)
    journal.numbered(ASKED.id, TICKET)
    journal.printing(ASKED.id, again=False)
    journal.failed(ASKED.id, TICKET.ticket, "jam")
    journal.settled(ASKED.id)
    journal.taken_up(ASKED.id, unknown=False)
    assert [kept.state for kept in opened().recover()] == ["failed"]
    journal.settled(ASKED.id)
    journal.taken_up(ASKED.id, unknown=True)
    assert [kept.state for kept in opened().recover()] == ["unknown"]
    assert journal.printing(ASKED.id, again=True)


def test_whether_a_paper_was_printed_is_known_after_a_restart_where_it_was_before(
    opened: Callable[..., Journal],
) -> None:
    """Rubbish from a printer leaves it open; every other end of a print says that there is no paper."""
    for reason, state in (("jam", "failed"), ("unknown", "unknown")):
        asked = replace(ASKED, id=new_id())
        journal = opened()
        journal.asked(asked)
        journal.numbered(asked.id, TICKET)
        journal.printing(asked.id, again=False)
        journal.failed(asked.id, TICKET.ticket, reason)  # type: ignore[arg-type]
        assert {kept.id: kept.state for kept in opened().recover()}[asked.id] == state


def test_numbered_and_killed_is_offered_and_its_paper_may_still_be_begun(opened: Callable[..., Journal]) -> None:
    journal = opened()
    journal.asked(ASKED)
    journal.numbered(ASKED.id, TICKET)
    journal = opened()
    (kept,) = journal.recover()
    assert (kept.state, kept.ticket, kept.prints) == ("numbered", TICKET, 0)
    assert journal.unsent() == []
    assert journal.printing(ASKED.id, again=True)


def test_printing_and_killed_is_unknown_told_to_the_hall_and_never_printed_by_itself(
    opened: Callable[..., Journal],
) -> None:
    journal = opened()
    journal.asked(ASKED)
    journal.numbered(ASKED.id, TICKET)
    assert journal.printing(ASKED.id, again=False)
    journal = opened()
    (kept,) = journal.recover()
    assert (kept.state, kept.ticket) == ("unknown", TICKET)
    (report,) = journal.unsent()
    assert isinstance(report, PrintFailed)
    assert (report.ticket, report.reason) == (TICKET.ticket, "unknown")
    assert not journal.printing(ASKED.id, again=False)
    assert journal.printing(ASKED.id, again=True)


def test_a_paper_in_doubt_is_known_until_nobody_can_want_it_any_more(opened: Callable[..., Journal]) -> None:
    """The printer may hold half of it, also after a second crash; a paper that ended is in no doubt."""
    journal = opened()
    journal.asked(ASKED)
    journal.numbered(ASKED.id, TICKET)
    journal.recover()
    assert not journal.paper_in_doubt
    journal.printing(ASKED.id, again=False)
    for _ in range(2):
        journal = opened()
        journal.recover()
        assert journal.paper_in_doubt
    journal.printing(ASKED.id, again=True)
    journal.printed(ASKED.id, TICKET.ticket, "confirmed")
    journal = opened()
    journal.recover()
    assert not journal.paper_in_doubt
    journal.job_begun(PrintJob(seq=1, device="kiosk-1", ticket=TICKET))
    journal = opened()
    journal.recover()
    assert journal.paper_in_doubt
    journal = opened(later=ASKED_AGAIN + 1)
    journal.recover()
    assert not journal.paper_in_doubt


@pytest.mark.parametrize("end", ["printed", "failed"])
def test_an_end_is_told_until_it_is_acknowledged_always_with_the_same_id(
    opened: Callable[..., Journal], end: str
) -> None:
    journal = opened()
    journal.asked(ASKED)
    journal.numbered(ASKED.id, TICKET)
    journal.printing(ASKED.id, again=False)
    if end == "printed":
        journal.printed(ASKED.id, TICKET.ticket, "confirmed")
    else:
        journal.failed(ASKED.id, TICKET.ticket, "paper_out")
    (first,) = opened().unsent()
    journal = opened()
    assert journal.unsent() == [first]
    assert type(first) is (Printed if end == "printed" else PrintFailed)
    assert [kept.state for kept in journal.recover()] == ([] if end == "printed" else ["failed"])
    journal.acknowledged(first.id)
    assert opened().unsent() == []


def test_a_number_is_printed_once_in_its_life_unless_a_person_asks(opened: Callable[..., Journal]) -> None:
    journal = opened()
    journal.asked(ASKED)
    assert not journal.printing(ASKED.id, again=False), "no number yet"
    journal.numbered(ASKED.id, TICKET)
    assert journal.printing(ASKED.id, again=False)
    assert not journal.printing(ASKED.id, again=True), "under way"
    journal.printed(ASKED.id, TICKET.ticket, "sent")
    assert not journal.printing(ASKED.id, again=False)
    assert not journal.printing(ASKED.id, again=True), "it is in the citizen's hand"


def test_a_reprint_here_is_told_to_the_hall(opened: Callable[..., Journal]) -> None:
    journal = opened()
    journal.asked(ASKED)
    journal.numbered(ASKED.id, TICKET)
    journal.printing(ASKED.id, again=False)
    journal.failed(ASKED.id, TICKET.ticket, "jam")
    id = new_id()
    journal.printing(ASKED.id, again=True, untold=id)
    journal.printed(ASKED.id, TICKET.ticket, "confirmed")
    assert kinds(journal) == [PrintFailed, Reprint, Printed]
    assert journal.unsent()[1].id == id
    kept = journal.number(ASKED.id)
    assert kept is not None
    assert kept.prints == 2


def test_the_second_answer_changes_nothing(opened: Callable[..., Journal]) -> None:
    journal = opened()
    journal.asked(ASKED)
    journal.numbered(ASKED.id, TICKET)
    journal.printing(ASKED.id, again=False)
    journal.numbered(ASKED.id, samples.ticket("9999"))
    kept = journal.number(ASKED.id)
    assert kept is not None
    assert (kept.state, kept.ticket) == ("printing", TICKET)


def test_a_desks_reprint_is_begun_once_whoever_dies(opened: Callable[..., Journal]) -> None:
    job = PrintJob(seq=412, device="kiosk-1", ticket=TICKET)
    journal = opened()
    assert journal.job_begun(job)
    assert not journal.job_begun(job)
    journal = opened()
    assert journal.recover() == []
    assert not journal.job_begun(job)
    (report,) = journal.unsent()
    assert isinstance(report, PrintFailed)
    assert report.reason == "unknown"
    assert journal.job_begun(PrintJob(seq=413, device="kiosk-1", ticket=TICKET)), "asked anew by the desk"


def test_a_hall_with_another_record_counts_from_one_again(opened: Callable[..., Journal]) -> None:
    journal = opened()
    assert journal.job_begun(PrintJob(seq=5, device="kiosk-1", ticket=TICKET))
    assert journal.job_begun(PrintJob(seq=5, device="kiosk-1", ticket=samples.ticket("2001", id=4)))


def test_the_last_number_of_each_area_is_known_whatever_order_the_answers_came_in(
    opened: Callable[..., Journal],
) -> None:
    journal = opened()
    assert journal.last_numbers.all() == []
    for n, number in {101: "1009", 100: "1008", 99: "2003"}.items():
        area = "tu-phap" if number[0] == "1" else "dat-dai"
        id = f"0197aaaa-0000-7000-8000-{n:012}"
        journal.asked(replace(ASKED, id=id, area=area))
        journal.numbered(id, msgspec.structs.replace(samples.ticket(number, id=n), area=area))
    journal.asked(replace(ASKED, id="0197aaaa-0000-7000-8000-000000000500", area="kinh-te"))  # without an answer yet
    journal.last_numbers.heard(Last("dat-dai", "2005", "2026-11-23T00:01:00.000Z", 120))  # a desk gave it
    # Long ago, by a clock that was ahead.
    journal.last_numbers.heard(Last("tu-phap", "1001", "2026-11-23T09:01:00.000Z", 7))
    journal.last_numbers.heard(Last("kinh-te", "3001", "2026-11-23T00:01:00.000Z", 7))
    last = {(one.area, one.number, one.seq) for one in journal.last_numbers.all()}
    assert last == {("tu-phap", "1009", 101), ("dat-dai", "2005", 120), ("kinh-te", "3001", 7)}


def test_numbers_of_another_hall_are_no_word_about_this_one(opened: Callable[..., Journal]) -> None:
    journal = opened()
    journal.asked(ASKED)
    journal.numbered(ASKED.id, TICKET)  # before a hall has said which it is
    assert not journal.last_numbers.belongs_to("")  # an older one
    assert not journal.last_numbers.belongs_to("aa")
    assert (journal.last_numbers.record(), len(journal.last_numbers.all())) == ("aa", 1)
    journal.last_numbers.heard(Last("dat-dai", "2005", "2026-11-23T00:01:00.000Z", 120))
    assert not journal.last_numbers.belongs_to("aa")
    assert journal.last_numbers.belongs_to("bb")
    assert (journal.last_numbers.record(), journal.last_numbers.all()) == ("bb", [])
    assert journal.last_numbers.lacks({"tu-phap": TICKET.number})


def test_a_journal_knows_once_whether_it_is_the_one_of_that_time(opened: Callable[..., Journal]) -> None:
    journal = opened()
    assert not journal.last_numbers.lacks({})
    assert journal.last_numbers.lacks({"tu-phap": "1008"})
    assert not journal.last_numbers.lacks({"tu-phap": "1008"})
    journal.asked(ASKED)
    assert not journal.last_numbers.lacks({"tu-phap": "1009"})  # its answer is on the way
    journal.numbered(ASKED.id, msgspec.structs.replace(TICKET, number="1010"))
    assert not journal.last_numbers.lacks({"tu-phap": "1010"})
    assert journal.last_numbers.lacks({"tu-phap": "1010", "dat-dai": "2001"})


def test_settled_and_refused_ones_are_not_offered(opened: Callable[..., Journal]) -> None:
    journal = opened()
    journal.asked(ASKED)
    journal.refused(ASKED.id)
    other = Asked("0197aaaa-0000-7000-8000-000000000002", "xa-hoi", None, False, "vi", 0.0)
    journal.asked(other)
    journal.numbered(other.id, TICKET)
    journal.settled(other.id)
    assert opened().recover() == []


def test_what_is_too_old_is_neither_asked_nor_offered(opened: Callable[..., Journal]) -> None:
    journal = opened()
    journal.asked(ASKED)
    other = Asked("0197aaaa-0000-7000-8000-000000000002", "xa-hoi", None, False, "vi", 0.0)
    journal.asked(other)
    journal.numbered(other.id, TICKET)
    assert opened(later=ASKED_AGAIN + 1).recover() == []


def test_a_clock_set_back_loses_nothing(opened: Callable[..., Journal]) -> None:
    opened().asked(ASKED)
    assert [kept.id for kept in opened(later=-365 * 86400).recover()] == [ASKED.id]


def test_the_file_is_wal_and_full(opened: Callable[..., Journal], tmp_path: Path) -> None:
    journal = opened()
    assert journal._file.pragma("journal_mode") == "wal"
    assert journal._file.pragma("synchronous") == 2


STEPS = ["asked", "numbered", "printing", "printed"]


@pytest.mark.fault
@pytest.mark.parametrize("last", STEPS)
def test_a_kiosk_killed_with_sigkill_in_each_state(tmp_path: Path, last: str) -> None:
    """A real process that says a state and is killed at that word: the state is on the disk."""
    program = textwrap.dedent(
        f"""
        import sys, time
        from kiosk.journal.journal import Journal
        from server.client.client import new_id
        from tests.kiosk.test_journal import ASKED, TICKET
        from pathlib import Path
        journal = Journal(Path({str(tmp_path / "kiosk.db")!r}), clock=time.time, new_id=new_id)
        for name, act in (
            ("asked", lambda: journal.asked(ASKED)),
            ("numbered", lambda: journal.numbered(ASKED.id, TICKET)),
            ("printing", lambda: journal.printing(ASKED.id, again=False)),
            ("printed", lambda: journal.printed(ASKED.id, TICKET.ticket, "confirmed")),
        ):
            act()
            print(name, flush=True)
            sys.stdin.readline()
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    for name in STEPS:
        assert child.stdout.readline().strip() == name
        if name == last:
            break
        child.stdin.write("on\n")
        child.stdin.flush()
    child.send_signal(signal.SIGKILL)
    child.communicate()
    journal = Journal(tmp_path / "kiosk.db", clock=time.time, new_id=new_id)
    states = [kept.state for kept in journal.recover()]
    assert states == {"asked": ["asked"], "numbered": ["numbered"], "printing": ["unknown"], "printed": []}[last]
    assert len(journal.unsent()) == (last in {"printing", "printed"})


@pytest.mark.parametrize("damage", ["not a database", "a page of it overwritten"])
def test_a_journal_that_cannot_be_read_is_set_aside_and_never_lost(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "kiosk.db"

    def open_it() -> Journal:
        return open_journal(path, clock=time.time, new_id=new_id)

    for n in (1, 2):
        journal = open_it()
        for _ in range(40):
            journal.asked(Asked(new_id(), "tu-phap", None, False, "vi", 0.0))
        journal.close()
        whole = path.read_bytes()
        broken = b"paper" * 1000 if damage == "not a database" else whole[:4096] + b"\xa5" * 4096 + whole[8192:]
        path.write_bytes(broken)
        journal = open_it()
        assert journal.recover() == []
        journal.close()
        assert (tmp_path / f"kiosk.db.unreadable-{n}").read_bytes() == broken


def test_a_journal_whose_disk_takes_nothing_is_not_set_aside(tmp_path: Path) -> None:
    (tmp_path / "kiosk.db").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        open_journal(tmp_path / "kiosk.db", clock=time.time, new_id=new_id)
    assert [path.name for path in tmp_path.iterdir()] == ["kiosk.db"]


def test_each_start_writes_so_that_a_full_disk_shows_at_once(opened: Callable[..., Journal], tmp_path: Path) -> None:
    opened().close()
    with sqlite3.connect(tmp_path / "data" / "kiosk.db") as db:
        db.execute("CREATE TRIGGER full BEFORE UPDATE ON starts BEGIN SELECT raise(ABORT, 'full'); END")
    with pytest.raises(sqlite3.DatabaseError, match="full"):
        opened(60.0)

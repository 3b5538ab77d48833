"""What is read grows with what is asked for: SQLite's own count of its steps, at two sizes of record and of day."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.hall.calendar import Calendar
from server.protocol import Log
from server.record import tables as schema
from server.reports import figures, log
from tests.server.conftest import DEFAULT

FIRST = date(2026, 1, 5)
DAY = 86_400_000


def day(n: int) -> str:
    return (FIRST + timedelta(days=n)).isoformat()


def filled(path: Path, days: int, tickets: int) -> Any:
    """A record of so many days of so many tickets, each issued, called, served and rated, every fifth with a reason."""
    db = schema.connect(path)
    schema.migrations.apply(db)
    conn = db.conn
    seq = 0

    def event(at: int, kind: str, **more: Any) -> int:
        nonlocal seq
        seq += 1
        row = {"seq": seq, "at": at, "kind": kind, "v": 1, "hash": b"-", **more}
        marks = ", ".join("?" * len(row))
        conn.execute(f"INSERT INTO events ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        return seq

    conn.execute("BEGIN")
    for n in range(days):
        date, at = day(n), n * DAY
        event(at, "day_opened", day=date, because="clock_unknown" if n % 5 == 0 else None)
        for k in range(tickets):
            seen: dict[str, Any] = {"day": date, "visit": 1, "clerk": "Hoa"}
            id = event(at, "issued", number=f"1{k:04d}", area="a", **seen)
            for kind in ("printed", "called", "started", "finished"):
                event(at, kind, ticket=id, desk="1", **seen)
            rated = event(at, "rated", ticket=id, score=1 + k % 5, **seen)
            if k % 5 == 0:
                conn.execute("INSERT INTO event_reasons VALUES (?, 'wait')", (rated,))
            conn.execute(
                "INSERT INTO tickets VALUES (?, ?, ?, 'a', NULL, 0, 'k', 'kiosk', ?, 'served', 1, 0, NULL, NULL)",
                (id, date, f"1{k:04d}", at),
            )
            conn.execute(
                "INSERT INTO visits VALUES (?, 1, ?, ?, 'a', NULL, 0, '1', 'Hoa', ?, ?, 1, NULL, 60000, ?, ?, "
                "'served', NULL, NULL, ?, ?, 'number')",
                (id, date, f"1{k:04d}", at, at, at, at, 1 + k % 5, at),
            )
        event(at, "day_closed", day=date)
    conn.execute("COMMIT")
    return conn


def steps(conn: Any, question: Any) -> int:
    """How many hundred steps SQLite takes for a question."""
    counted = 0

    def one() -> int:
        nonlocal counted
        counted += 1
        return 0

    conn.set_progress_handler(one, 100)
    question(conn)
    conn.set_progress_handler(None, 0)
    return counted


def report(start: str, end: str) -> Any:
    return lambda conn: figures.report(
        conn, start, end, target_minutes=15, levels=5, calendar=Calendar("Asia/Ho_Chi_Minh", ())
    )


def whole_log(conn: Any) -> int:
    before, rows = None, 0
    while True:
        page = log.log(conn, Log(id="l", start=day(0), end=day(999), before=before))
        rows += len(page.entries)
        before = page.more
        if before is None:
            return rows


@pytest.mark.parametrize("what", ["report", "log"])
def test_what_is_asked_of_the_whole_record_grows_with_the_record(tmp_path: Path, what: str) -> None:
    question = report(day(0), day(999)) if what == "report" else whole_log
    with (
        closing(filled(tmp_path / "small.db", 4, 60)) as small,
        closing(filled(tmp_path / "large.db", 16, 60)) as large,
    ):
        assert steps(large, question) <= 4.4 * steps(small, question)


@pytest.mark.parametrize("what", ["report", "log", "story"])
def test_what_is_asked_of_one_day_does_not_grow_with_the_record(tmp_path: Path, what: str) -> None:
    questions = {
        "report": report(day(1), day(1)),
        "log": lambda conn: log.log(conn, Log(id="l", start=day(1), end=day(1))),
        "story": lambda conn: log.story(conn, day(1), "10007"),
    }
    with (
        closing(filled(tmp_path / "small.db", 4, 60)) as small,
        closing(filled(tmp_path / "large.db", 16, 60)) as large,
    ):
        # Each opening of a day is looked at, which is two steps.
        assert steps(large, questions[what]) <= steps(small, questions[what]) + 12


def test_the_reasons_are_those_of_each_visits_last_rating(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "luot.db", 2, 10)) as conn:
        assert report(day(0), day(1))(conn).reasons == {"wait": 4}
        assert report(day(0), day(1))(conn).doubtful_days == (day(0),)
        ticket = conn.execute("SELECT e.ticket, e.visit, e.day FROM events e JOIN event_reasons USING (seq)").fetchone()
        last = conn.execute("SELECT max(seq) FROM events").fetchone()[0]
        conn.execute(
            "INSERT INTO events (seq, day, at, kind, v, ticket, visit, score, hash) "
            "VALUES (?, ?, 1, 'rated', 1, ?, ?, 5, ?)",
            (last + 1, ticket["day"], ticket["ticket"], ticket["visit"], b"-"),
        )
        assert report(day(0), day(1))(conn).reasons == {"wait": 3}


def steps_of(do: Any) -> int:
    """How many functions are called, those of the library included, and how many lines are run."""
    counted = 0

    def called(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    def line(frame: Any, event: str, _arg: Any) -> Any:
        nonlocal counted
        counted += event == "line"
        return line

    sys.setprofile(called)
    sys.settrace(line)
    try:
        do()
    finally:
        sys.settrace(None)
        sys.setprofile(None)
    return counted


def busy_hall(cases: Any, served: int) -> Any:
    """So many were served today, each after a minute; twenty wait."""
    case = cases(always_open=True)
    case.open()
    for _ in range(served):
        case.issue()
        case.wait(minutes=1)
        case.serve()
        case.wait(minutes=-3)
    for _ in range(20):
        case.issue()
    return case


ROLES = ("kiosk", "display", "desk", "manager")


def view(case: Any, who: str) -> Any:
    made = {
        "kiosk": lambda: case.views.kiosk({}),
        "display": lambda: case.views.display({}),
        "desk": lambda: case.views.desk("Hoa", ()),  # who served them all
        "manager": lambda: case.views.manager(devices=(), people=(), alarms=(), target_seconds=900),
    }
    return made[who]


@pytest.mark.parametrize("who", ROLES)
def test_a_view_does_not_grow_with_the_day(cases: Any, who: str) -> None:
    small, large = (busy_hall(cases, served) for served in (100, 800))
    for case in (small, large):
        view(case, who)()  # what is counted once after the day's hours were set
    assert steps_of(view(large, who)) <= 1.1 * steps_of(view(small, who))


def crowded_hall(cases: Any, waiting: int, policy: str) -> Any:
    """So many wait, every second with priority."""
    case = cases(always_open=True, priority=msgspec.structs.replace(DEFAULT.priority, policy=policy))
    case.open()
    for n in range(waiting):
        case.issue(priority=n % 2 == 0)
        case.wait(seconds=1)
    return case


@pytest.mark.parametrize("policy", ["weight", "first", "cap"])
@pytest.mark.parametrize("what", [*ROLES, "issue", "issue with priority"])
def test_neither_a_view_nor_a_number_grows_with_the_priority_numbers_that_wait(
    cases: Any, what: str, policy: str
) -> None:
    def doing(case: Any) -> Any:
        if what in ROLES:
            return view(case, what)
        return lambda: case.views.ticket_result(case.issue(priority="with" in what))

    small, large = (crowded_hall(cases, waiting, policy) for waiting in (300, 2400))
    for case in (small, large):
        doing(case)()
    # With a cap a place is looked up by halves: a dozen of them, of forty steps each.
    assert steps_of(doing(large)) <= 1.1 * steps_of(doing(small)) + 12 * 40


def test_days_that_a_wrong_clock_opened_hide_no_others(tmp_path: Path) -> None:
    """Two days of 2030 lie between: what is asked of a day before or behind them is found all the same."""
    with closing(filled(tmp_path / "luot.db", 5, 10)) as conn:
        for odd in (1, 3):
            conn.execute(
                "UPDATE events SET day = ? WHERE day = ? AND kind = 'day_opened'", (f"2030-01-0{odd}", day(odd))
            )
        for n in range(5):
            found = log.log(conn, Log(id="l", start=day(n), end=day(n))).entries
            assert len(found) == 10 * 6 + 1 + (n not in (1, 3)), n
        assert report(day(0), day(4))(conn).reasons == {"wait": 10}

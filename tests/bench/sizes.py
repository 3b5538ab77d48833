"""What is asked for beside what it must cost, and the same question in a record or a day ten times as large.

A question about one day costs in a record of 100,000 tickets what it costs in one of 10,000; a push on a day of 30,000
tickets what it costs on one of 3,000; what reads everything costs per ticket the same.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from server import protocol as p
from server.client.client import socket_url
from server.hall.fold import Hall
from server.hall.views.desk import desk
from server.hall.views.display import display
from server.hall.views.kiosk import kiosk
from server.hall.views.manager import manager
from server.hall.views.moment import Moment
from server.record import tables as schema
from server.record.check import check
from server.record.file import FILE, GENESIS, Record
from server.reports import figures, log
from server.reports.table import log_csv
from server.settings.shape import policy_of
from server.settings.storing import load_settings
from tests.filling import fill
from tests.halls import PIN, cookie_of, luot, new_id, program, sign_in, until

Row = dict[str, Any]
LARGER = 10
"""So many times larger is the large one of two."""
REASONABLE = 1.3
"""What costs the same at both sizes may still differ by the depth of a tree."""


def took(times: int, *doing: Callable[[], Any]) -> list[float]:
    """Median ms of each, in turns, so that a slow moment meets all; the first turn warms up and does not count."""
    found: list[list[float]] = [[] for _ in doing]
    for turn in range(times + 1):
        for do, milliseconds in zip(doing, found, strict=True):
            begun = time.perf_counter()
            do()
            if turn:
                milliseconds.append(1000 * (time.perf_counter() - begun))
    return [statistics.median(milliseconds) for milliseconds in found]


async def bench_sizes(quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name) / "small", Path(name) / "large"
        days = 4 if quick else 34  # of 300 tickets
        fill(small, days=days)
        fill(large, days=LARGER * days)
        out = [*_records(small, large, quick), *_checks(small, large, quick), *await _during(large, quick)]
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name) / "small", Path(name) / "large"
        tickets = 300 if quick else 3_000
        fill(small, today=tickets, always_open=True)
        fill(large, today=LARGER * tickets, always_open=True)
        out += [*_views(small, large, quick), *await _pushes(small, large, quick)]
    for addresses in (1, 50):
        with tempfile.TemporaryDirectory() as name:
            out.append(await _flood(Path(name), addresses, quick))
    return out


# --- records ------------------------------------------------------------------------------------------------


def _records(small: Path, large: Path, quick: bool) -> list[Row]:
    from tests.bench.run import row

    with closing(_reader(small)) as one, closing(_reader(large)) as other:
        in_force = load_settings(one)
        assert in_force is not None
        zone = ZoneInfo(in_force.timezone)
        calendar = policy_of(in_force, secret=b"").calendar

        def days_of(conn: Any) -> list[str]:
            return [day for (day,) in conn.execute("SELECT day FROM events WHERE kind = 'day_opened' ORDER BY seq")]

        def report(conn: Any, start: str, end: str) -> figures.Report:
            return figures.report(conn, start, end, target_minutes=15, levels=5, calendar=calendar)

        def export(conn: Any, start: str, end: str) -> None:
            command = p.Log(id=new_id(), start=start, end=end)
            log_csv(io.BytesIO(), log.entries(conn, command, 10**9), zone)

        questions: dict[str, Callable[[Any, str], Any]] = {
            "report of a day": lambda conn, day: report(conn, day, day),
            "page of a day's log": lambda conn, day: log.log(conn, p.Log(id=new_id(), start=day, end=day)),
            "story of a number": lambda conn, day: log.story(conn, day, "1010"),
            "export of a day's log": lambda conn, day: export(conn, day, day),
        }
        out = []
        for name, ask in questions.items():
            middles = [(conn, days_of(conn)[len(days_of(conn)) // 2]) for conn in (one, other)]
            asked = [lambda ask=ask, conn=conn, day=day: ask(conn, day) for conn, day in middles]
            floor, value = took(3 if quick else 15, *asked)
            out.append(row(f"{name}, 100,000 tickets beside 10,000", "ms", value, floor, REASONABLE))
        year = days_of(other)[: 28 if quick else 234]  # 70,200 tickets
        start, end = year[0], year[-1]
        times = 1 if quick else 3
        value, floor = took(times, lambda: report(other, start, end), lambda: _read(other, start, end))
        out.append(row("report of 70,000 tickets beside reading them", "ms", value, floor, 3.0))
        value, floor = took(times, lambda: export(other, start, end), lambda: _write(other, start, end))
        out.append(row("export of their log beside writing the rows", "ms", value, floor, 12.0))
    return out


def _reader(folder: Path) -> Any:
    return schema.connect(folder / FILE, read_only=True).conn


def _read(conn: Any, start: str, end: str) -> None:
    """The rows that a report is made of, as plain tuples, and nothing done with them."""
    with closing(conn.cursor()) as cursor:
        cursor.row_factory = None
        for statement in (
            "SELECT * FROM tickets WHERE day BETWEEN ? AND ?",
            "SELECT v.* FROM tickets t JOIN visits v ON v.ticket = t.id WHERE t.day BETWEEN ? AND ?",
            "SELECT seq, code FROM events LEFT JOIN event_reasons r USING (seq) WHERE day BETWEEN ? AND ? "
            "AND kind = 'rated'",
        ):
            deque(cursor.execute(statement, (start, end)), maxlen=0)


def _write(conn: Any, start: str, end: str) -> None:
    """A log as a bare program writes it."""
    found = conn.execute("SELECT * FROM events WHERE day BETWEEN ? AND ? ORDER BY seq DESC", (start, end))
    csv.writer(io.StringIO()).writerows(map(tuple, found))


def _checks(small: Path, large: Path, quick: bool) -> list[Row]:
    from tests.bench.run import row

    times = 1 if quick else 2
    one, other, floor = took(times, lambda: check(small), lambda: check(large), lambda: _hash(large))
    return [
        row("check, 100,000 tickets beside ten times 10,000", "ms", other, LARGER * one, REASONABLE),
        row("check of 100,000 tickets beside hashing the rows", "ms", other, floor, 8.0),
    ]


def _hash(folder: Path) -> None:
    with closing(_reader(folder)) as conn:
        before = GENESIS
        for table in ("events", "tickets", "visits", "requests"):
            for found in conn.execute(f"SELECT * FROM {table}"):
                before = hashlib.sha256(before + repr(tuple(found)).encode()).digest()


async def _during(folder: Path, quick: bool) -> list[Row]:
    """What a kiosk sees of a report of 70,000 tickets, and how soon the hall ends in the middle of one."""
    from tests.bench.run import REPLY, answer, hello, quantile, row, sockets

    times: dict[str, list[float]] = {"without": [], "with": []}
    with program(folder) as found:
        token = luot("device", "add", "kiosk-9", "--role", "kiosk", data=folder).stdout.strip()
        luot("person", "add", "Minh", "--role", "manager", data=folder, stdin=PIN + "\n")
        cookie = cookie_of(await asyncio.to_thread(sign_in, found.port, "Minh", PIN))
        url = socket_url(found.url)
        async with sockets(url, [hello("kiosk", token), hello("manager", cookie)]) as (kiosk, manager):

            async def issue(which: str) -> None:
                begun = time.perf_counter()
                await kiosk.send(p.encode(p.Issue(id=new_id(), area="tu-phap")).decode())
                await answer(kiosk, REPLY)
                times[which].append(1000 * (time.perf_counter() - begun))

            async def report() -> None:
                await manager.send(p.encode(p.Report(id=new_id(), start="2018-01-01", end="2018-12-31")).decode())
                assert '"ok":true' in await answer(manager, REPLY)

            for turn in range(2 if quick else 6):
                asked = asyncio.create_task(report())
                while not asked.done():
                    await issue("with")
                for _ in range(len(times["with"]) - len(times["without"])):
                    await issue("without")
                if turn == 0:  # it warms up
                    times = {"without": [], "with": []}
            asked = asyncio.create_task(report())
            await until(psutil.Process(found.process.pid).children)
            begun = time.perf_counter()
            await asyncio.to_thread(found.stop)  # the clients go on, and say farewell
            ended = time.perf_counter() - begun
            asked.cancel()
    value, floor = quantile(times["with"], 0.99), quantile(times["without"], 0.99)
    return [
        row("number while a year's report is made beside without, p99", "ms", value, floor, 1.5),
        row("from SIGTERM to the end in the middle of a report", "s", ended, None, 2.0),
    ]


# --- days ---------------------------------------------------------------------------------------------------


def _views(small: Path, large: Path, quick: bool) -> list[Row]:
    from tests.bench.run import row

    halls = [_folded(folder) for folder in (small, large)]
    clerk = next(desk.clerk for desk in halls[0].desks.values()) or ""
    roles: dict[str, Callable[[Moment], Any]] = {
        "kiosk": lambda at: kiosk(at, {}),
        "display": lambda at: display(at, {}),
        "desk": lambda at: desk(at, clerk, ()),
        "manager": lambda at: manager(at, devices=(), people=(), alarms=(), target_seconds=900),
    }
    out = []
    for role, made in roles.items():
        views = [lambda hall=hall, made=made: p.encode(made(Moment(hall, hall.last_at))) for hall in halls]
        floor, value = took(20 if quick else 200, *views)
        out.append(row(f"view of a {role}, 30,000 tickets today beside 3,000", "ms", value, floor, REASONABLE))
    one, other = took(1 if quick else 3, lambda: _folded(small), lambda: _folded(large))
    out.append(row("fold of a day of 30,000 tickets beside ten times 3,000", "ms", other, LARGER * one, REASONABLE))
    return out


def _folded(folder: Path) -> Hall:
    """The hall as a start makes it."""
    record = Record(folder)
    with closing(_reader(folder)) as conn:
        record._reader = conn
        found = load_settings(conn)
        assert found is not None
        hall = Hall(policy_of(found, secret=b"", always_open=True))
        record.load(hall)
    return hall


async def _pushes(small: Path, large: Path, quick: bool) -> list[Row]:
    """Through the running program: a number is taken, a number is called, each until the last view is there."""
    from tests.bench.run import REPLY, answer, hello, row, sockets

    with program(small) as one, program(large) as other:
        async with AsyncExitStack() as stack:
            doing: list[tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]] = []
            for found in (one, other):
                tokens = {
                    role: luot("device", "add", f"{role}-9", "--role", role, data=found.folder).stdout.strip()
                    for role in ("kiosk", "display")
                }
                luot("person", "add", "Hoa", "--role", "clerk", data=found.folder, stdin=PIN + "\n")
                tokens["desk"] = cookie_of(await asyncio.to_thread(sign_in, found.port, "Hoa", PIN))
                hellos = [hello(role, tokens[role]) for role in ("kiosk", "display", "desk")]
                kiosk, display, desk = await stack.enter_async_context(sockets(socket_url(found.url), hellos))
                shown = asyncio.Event()
                for socket in (display, desk):
                    task = asyncio.create_task(_listen(socket, shown if socket is display else None))
                    stack.callback(task.cancel)

                async def issue(kiosk: Any = kiosk) -> None:
                    await kiosk.send(p.encode(p.Issue(id=new_id(), area="tu-phap")).decode())
                    await answer(kiosk, REPLY)

                async def seen(issue: Any = issue, shown: asyncio.Event = shown) -> None:
                    shown.clear()
                    await issue()
                    await shown.wait()

                doing.append((issue, seen))
            out = []
            for n, name in enumerate(("number", "number → display")):
                milliseconds: list[list[float]] = [[], []]
                for turn in range(20 if quick else 150):
                    for do, times in zip((doing[0][n], doing[1][n]), milliseconds, strict=True):
                        await asyncio.sleep(0.04)  # past the pause between two pushes
                        begun = time.perf_counter()
                        await do()
                        if turn > 4:
                            times.append(1000 * (time.perf_counter() - begun))
                floor, value = map(statistics.median, milliseconds)
                out.append(row(f"{name}, 30,000 tickets today beside 3,000", "ms", value, floor, REASONABLE))
        assert one.stop() == other.stop() == 0
    return out


async def _listen(socket: Any, shown: asyncio.Event | None) -> None:
    """Read whatever comes, as a screen does; say when it is a view."""
    async for frame in socket:
        if shown is not None and str(frame).startswith('{"type":"view"'):
            shown.set()


# --- strangers ----------------------------------------------------------------------------------------------


async def _flood(folder: Path, addresses: int, quick: bool) -> Row:
    from tests.bench.run import row
    from tests.proofs.test_flood import flooded

    each, requests, seconds = (100, 100, 4) if quick else (2_000, 10_000, 60)
    found = await flooded(
        folder, addresses, each=each, requests=requests, seconds=seconds, numbers=100 if quick else 1_000
    )
    calm, among, _ = found.p99()
    return row(f"number in a flood from {addresses} address{'es' * (addresses > 1)}, p99", "ms", among, calm, 3.0)

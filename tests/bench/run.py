"""`make bench`: each figure beside a floor measured in the same run; prints a table and writes `bench.json`.

Ratios say what the product adds to what the machine costs; they are comparable between machines, timings are not.
Product and floor are measured in turns, so that a slow moment of the machine meets both.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect

from server import protocol as p
from server.client.client import socket_url
from tests.filling import fill
from tests.halls import PIN, begin, cookie_of, luot, new_id, program, sign_in

ROOT = Path(__file__).parents[2]
AREAS = ("tu-phap", "dat-dai", "xa-hoi", "kinh-te", "van-phong", "ket-qua")
MIB = 1024 * 1024
Row = dict[str, Any]


def row(name: str, unit: str, value: float, floor: float | None, goal: float, *, more: bool = False) -> Row:
    """`ratio` = value / floor; the goal is for the ratio, or for the value where there is no floor."""
    ratio = None if floor is None else value / floor
    measured = value if ratio is None else ratio
    met = measured >= goal if more else measured <= goal
    return {"name": name, "unit": unit, "value": value, "floor": floor, "ratio": ratio, "goal": goal,
            "goal_is": "at least" if more else "at most", "met": met}  # fmt: skip


# --- the two programs ---------------------------------------------------------------------------------------


FRESH = {
    "events": {"seq": "id", "ticket": "id", "number": "number", "request": "request"},
    "tickets": {"id": "id", "number": "number"},
    "visits": {"ticket": "id", "number": "number"},
    "requests": {"id": "request"},
}
"""What is another with every ticket, by table and column."""


@contextlib.contextmanager
def floor_program(folder: Path, sample: Path) -> Iterator[int]:
    """The floor, committing what one ticket of `sample` (a hall's folder) committed."""
    from server.record.tables import PRAGMAS, sqlite3

    conn = sqlite3.connect(str(sample / "luot.db"))
    tables = ("events", "tickets", "visits", "requests")
    kept = (
        "SELECT sql FROM sqlite_schema WHERE tbl_name IN ('events', 'tickets', 'visits', 'requests') AND sql NOT NULL"
    )
    (folder / "schema.sql").write_text(";\n".join(sql for (sql,) in conn.execute(kept)) + ";")
    statements = []
    for table in tables:
        where = (
            "WHERE kind = 'issued'"
            if table == "events"
            else "WHERE answer LIKE '%number%'"
            if table == "requests"
            else ""
        )
        cursor = conn.execute(f"SELECT * FROM {table} {where} LIMIT 1")
        names = [column[0] for column in cursor.description]
        # Nulls are left out: a bare program has none to bind.
        found = {name: value for name, value in zip(names, cursor.fetchone(), strict=True) if value is not None}
        names = list(found)
        marks = ", ".join(f'"{name}"' for name in names)
        fresh = [(names.index(name), what) for name, what in FRESH[table].items()]
        values = [_plain(value) for value in found.values()]
        statements.append([f"INSERT INTO {table} ({marks}) VALUES ({', '.join('?' * len(names))})", values, fresh])
    conn.close()
    rows = folder / "rows.json"
    rows.write_text(json.dumps([PRAGMAS, statements]))
    line = [sys.executable, str(Path(__file__).with_name("floor.py")), str(folder), str(rows)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def _plain(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


@contextlib.asynccontextmanager
async def sockets(url: str, hellos: list[str]) -> AsyncIterator[list[ClientConnection]]:
    """Greeted raw sockets: as light as a client can be."""
    async with contextlib.AsyncExitStack() as stack:
        out = []
        for hello in hellos:
            socket = await stack.enter_async_context(connect(url, compression=None, proxy=None, ping_interval=None))
            if hello:
                await socket.send(hello)
                assert "welcome" in str(await socket.recv())
                await socket.recv()
            out.append(socket)
        yield out


async def answer(socket: ClientConnection, wanted: str) -> str:
    """The next frame that begins so; views and beats in between are what a kiosk also has to read."""
    while True:
        frame = str(await socket.recv())
        if frame.startswith(wanted):
            return frame


REPLY = '{"type":"reply"'


def issue(n: int) -> str:
    return p.encode(p.Issue(id=new_id(), area=AREAS[n % 6], priority=False)).decode()


def hello(role: str, token: str) -> str:
    return p.encode(p.Hello(protocol=1, role=role, token=token)).decode()  # type: ignore[arg-type]


# --- the figures --------------------------------------------------------------------------------------------


async def latency(product: ClientConnection, floor: ClientConnection, size: int, count: int) -> list[Row]:
    """One kiosk: from the command to its answer, in turns with the floor."""
    took: dict[str, list[float]] = {"product": [], "floor": []}
    for n in range(count):
        for name, socket, frame, wanted in (
            ("product", product, issue(n), REPLY),
            ("floor", floor, f"w{size} " + "x" * 120, "x"),
        ):
            begun = time.perf_counter()
            await socket.send(frame)
            await answer(socket, wanted)
            if n >= 20:  # the first few warm both up
                took[name].append(1000 * (time.perf_counter() - begun))
    out = []
    for name, share, goal in (("issue p50, one kiosk", 0.5, 1.6), ("issue p99, one kiosk", 0.99, 2.0)):
        value, bare = (quantile(took[which], share) for which in ("product", "floor"))
        out.append(row(name, "ms", value, bare, goal))
    return out


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def throughput(clients: list[ClientConnection], questions: Iterable[str], wanted: str) -> float:
    """Answers a second, where every client asks again as soon as it is answered."""
    asked = list(questions)  # made before the clock runs: the server is measured, not how this program asks
    left = iter(asked)

    async def one(socket: ClientConnection) -> None:
        for question in left:
            await socket.send(question)
            await answer(socket, wanted)

    begun = time.perf_counter()
    await asyncio.gather(*(one(socket) for socket in clients))
    return len(asked) / (time.perf_counter() - begun)


async def _throughputs(many: list[ClientConnection], floor_many: list[ClientConnection], size: int, quick: bool) -> Row:
    """Both by turns, so that what else the machine does meets both; the first turn warms up and does not count."""
    count, rates, bare_rates = (320, [], []) if quick else (1600, [], [])
    for _ in range(2 if quick else 9):
        bare_rates.append(await throughput(floor_many, [f"w{size} " + "x" * 120] * count, "x"))
        rates.append(await throughput(many, map(issue, range(count)), REPLY))
    value, bare = statistics.median(rates[1:]), statistics.median(bare_rates[1:])
    return row("issues a second, 64 kiosks", "1/s", value, bare, 0.7, more=True)


async def fan_out(
    readers: list[ClientConnection], act: Callable[[int], Awaitable[None]], is_it: Callable[[str], bool]
) -> float:
    """Median ms from the act until the last reader has what it caused."""

    async def drain(socket: ClientConnection) -> None:
        with contextlib.suppress(TimeoutError):
            while True:
                async with asyncio.timeout(0.4):
                    await socket.recv()

    await asyncio.gather(*(drain(socket) for socket in readers))  # what came before the first act
    took = []
    for n in range(25):

        async def until_it(socket: ClientConnection) -> None:
            while not is_it(str(await socket.recv())):
                pass

        tasks = [asyncio.create_task(until_it(socket)) for socket in readers]
        await asyncio.sleep(0.1)  # everybody listens, and the pause between two pushes is over
        begun = time.perf_counter()
        await act(n)
        await asyncio.gather(*tasks)
        took.append(1000 * (time.perf_counter() - begun))
    return statistics.median(took[3:])


async def bench_server(quick: bool) -> list[Row]:
    out: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder, floor_folder = Path(name) / "hall", Path(name) / "floor"
        floor_folder.mkdir(parents=True)
        with program(folder) as hall:
            kiosk = luot("device", "add", "kiosk-1", "--role", "kiosk", data=folder).stdout.strip()
            display = luot("device", "add", "display-1", "--role", "display", data=folder).stdout.strip()
            luot("person", "add", "Hoa", "--role", "clerk", data=folder, stdin=PIN + "\n")
            desk = cookie_of(await asyncio.to_thread(sign_in, hall.port, "Hoa", PIN))
            url = socket_url(hall.url)
            async with sockets(url, [hello("kiosk", kiosk)]) as (first,):
                await first.send(issue(0))
                size = len(await answer(first, REPLY))
                with floor_program(floor_folder, folder) as floor_port:
                    floor_url = f"ws://127.0.0.1:{floor_port}/"
                    async with sockets(floor_url, [""]) as (bare,):
                        out += await latency(first, bare, size, 120 if quick else 1500)
                    async with (
                        sockets(url, [hello("kiosk", kiosk)] * 64) as many,
                        sockets(floor_url, [""] * 64) as floor_many,
                    ):
                        out.append(await _throughputs(many, floor_many, size, quick))
                    out += await _fan_outs(url, floor_url, kiosk, display, desk)
            hall.stop()
        out += await _memory(Path(name) / "memory")
        out += _start(Path(name) / "start", 1 if quick else 10)
    return out


async def _fan_outs(url: str, floor_url: str, kiosk: str, display: str, desk: str) -> list[Row]:
    async with (
        sockets(url, [hello("display", display)] * 200) as readers,
        sockets(url, [hello("desk", desk)]) as (clerk,),
    ):
        await _ask(clerk, p.OpenDesk(id=new_id(), desk="1"))
        called = json.loads(await _ask(clerk, p.CallNext(id=new_id(), ticket=None)))["result"]
        seen = {"size": 0, "calls": 0}

        def is_view(frame: str) -> bool:
            if frame.startswith('{"type":"view"'):
                seen["size"] = len(frame)
                return True
            return False

        async def recall(_: int) -> None:
            await clerk.send(p.encode(p.Recall(id=new_id(), ticket=called["ticket"])).decode())

        value = await fan_out(readers, recall, is_view)
    async with sockets(floor_url, [""] * 200) as readers, sockets(floor_url, [""]) as (speaker,):

        async def shout(_: int) -> None:
            await speaker.send(f"b{seen['size']}")

        bare = await fan_out(readers, shout, lambda frame: frame.startswith("x"))
    return [row("call → last of 200 clients", "ms", value, bare, 3.0)]


async def _ask(socket: ClientConnection, command: p.Command) -> str:
    await socket.send(p.encode(command).decode())
    return await answer(socket, REPLY)


async def _memory(folder: Path) -> list[Row]:
    with program(folder) as hall:
        kiosk = luot("device", "add", "kiosk-1", "--role", "kiosk", data=folder).stdout.strip()
        async with sockets(socket_url(hall.url), [hello("kiosk", kiosk)] * 200) as clients:

            async def some(socket: ClientConnection) -> None:
                for n in range(5):
                    await socket.send(issue(n))
                    await answer(socket, REPLY)

            await asyncio.gather(*(some(socket) for socket in clients))
            rss = psutil.Process(hall.process.pid).memory_info().rss / MIB
        hall.stop()
    return [row("server memory, 200 clients, 1,000 tickets", "MiB", rss, None, 90.0)]


def _start(folder: Path, years: int) -> list[Row]:
    """From the program's start until it listens, with and without years on disk."""
    empty, full = folder / "empty", folder / "full"
    for path in (empty, full):
        begin(path)
    fill(full, days=250 * years)
    took: dict[Path, list[float]] = {empty: [], full: []}
    for _ in range(5):
        for path, times in took.items():
            begun = time.perf_counter()
            with program(path) as hall:
                times.append(time.perf_counter() - begun)
                hall.stop()
    value, bare = (statistics.median(took[path]) for path in (full, empty))
    return [row(f"start with {years} years of 300 tickets a day", "s", value, bare, 2.0)]


def table(rows: list[Row]) -> list[str]:
    """The rows for a person, aligned."""
    width = max(len(found["name"]) for found in rows)
    out = [f"{'':<{width}}  {'value':>10} {'floor':>10} {'ratio':>7}  goal"]
    for found in rows:
        floor = "" if found["floor"] is None else f"{found['floor']:.3f}"
        ratio = "" if found["ratio"] is None else f"{found['ratio']:.2f}"
        goal = f"{'≥' if found['goal_is'] == 'at least' else '≤'} {found['goal']}"
        goal += f" {found['unit']}" if found["ratio"] is None else ""
        line = f"{found['name']:<{width}}  {found['value']:>10.3f} {floor:>10} {ratio:>7}  {goal}"
        out.append(line + ("" if found["met"] else "   MISSED"))
    return out


async def main() -> int:
    # A read of asyncio's asks for 256 KiB. Whether the C library takes these from the system anew each time is an
    # accident of the heap that cost the floor a third of its speed in some runs: let both programs keep theirs.
    os.environ.update(MALLOC_TRIM_THRESHOLD_=str(4 * MIB), MALLOC_MMAP_THRESHOLD_=str(4 * MIB))
    quick = "--quick" in sys.argv
    rows = await bench_server(quick)
    from tests.bench.printing import bench_printing  # it takes `row` from here
    from tests.bench.sizes import bench_sizes  # likewise

    rows += await bench_sizes(quick)
    rows += await bench_printing(quick)
    print("\n".join(table(rows)))
    (ROOT / "bench.json").write_text(json.dumps({"quick": quick, "figures": rows}, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

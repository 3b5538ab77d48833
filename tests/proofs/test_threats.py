"""The table of threats: no row without a test that exists; and those tests that have no better place."""

from __future__ import annotations

import ast
import asyncio
import base64
import contextlib
import csv
import hashlib
import http.client
import io
import os
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from server import protocol as p
from server.client.client import socket_url
from server.pages.exports import EXPORTS
from server.record.file import FILE
from server.record.tables import sqlite3
from server.reports.table import to_csv
from tests.halls import HALL_TOML, PIN, cookie_of, hall, luot, program, sign_in, size, until

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("threats.md")
WANTED = [*map(str, range(1, 33)), *(f"N{n}" for n in range(1, 9))]
"""The numbers of the 40 rows."""
OTHERWISE = re.compile(r"\*does not apply until [^*]{8,}\*|\*README only\*")


def rows() -> list[list[str]]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if re.match(r"\| (N?\d+) \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def written() -> dict[str, set[str]]:
    """Each file of tests, and the names of the tests in it."""
    found = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        names = re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text("utf-8"), re.M)
        found[str(path.relative_to(ROOT / "tests"))] = set(names)
    return found


def test_all_forty_threats_stand_in_the_table_once() -> None:
    assert [row[0] for row in rows()] == WANTED
    assert {len(row) for row in rows()} == {4}
    assert min(len(row[2]) for row in rows()) > 40, "it is said what holds"


@pytest.mark.parametrize("number", WANTED)
def test_each_threat_has_a_test_that_exists_or_says_why_it_has_none(number: Any) -> None:
    (row,) = [row for row in rows() if row[0] == number]
    there, names = written(), re.findall(r"`([\w/]+\.py)::(test_\w+)`", row[3])
    assert names or OTHERWISE.search(row[3]), row[3]
    for file, name in names:
        assert name in there.get(file, set()), f"{file}::{name}"
    assert re.sub(r"`[\w/]+\.py::test_\w+`|\*[^*]+\*|[,;\s]|and", "", row[3]) == "", row[3]


# --- 15: nothing is changed by looking ----------------------------------------------------------------------


def content(folder: Path) -> str:
    """The record by what is in it: each row of each table."""
    with contextlib.closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as conn:
        tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        return hashlib.sha256(
            repr([conn.execute(f"SELECT * FROM {name}").fetchall() for name in tables]).encode()
        ).hexdigest()


async def test_no_get_changes_anything(tmp_path: Path) -> None:
    """Every page, every file and every export, twice, with a manager's session and without."""
    async with hall(tmp_path) as h:
        kiosk, session = await h.kiosk(), await h.person("Minh", "manager")
        await kiosk.ask(p.Issue, area="tu-phap")
        paths = [*h.service._pages.table, "/", "/ws", "/sign-out", "/sign-in", "/nothing"]
        paths += [f"{path}?start=2026-01-01&end=2036-12-31" for path in EXPORTS]
        before, port = await asyncio.to_thread(content, tmp_path), h.service.port

        def look() -> set[int]:
            seen = set()
            for path in paths:
                for headers in ({}, {"Cookie": f"luot={session}"}):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    connection.request("GET", path, headers=headers)
                    seen.add(connection.getresponse().status)
                    connection.close()
            return seen

        for _ in range(2):
            assert {200, 303, 404} <= await asyncio.to_thread(look)
        assert await asyncio.to_thread(content, tmp_path) == before
        assert (await h.seat("manager", session)).view.areas, "still signed in"


# --- 16: paths ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd", "/web/../../access.py", "/web/..%2f..%2faccess.py", "/web/%2e%2e/%2e%2e/access.py",
        "//etc/passwd", "/web/desk/desk.js%00.html", "/web\\..\\access.py", "/file:///etc/passwd", "/web/",
        "/.git/config", "/luot.db", "/hall.key", "/tls/ca.key", "/web/" + "a" * 9000,
    ],
)  # fmt: skip
async def test_no_path_leads_out_of_the_table(tmp_path: Path, path: Any) -> None:
    async with hall(tmp_path) as h:
        reader, writer = await asyncio.open_connection("127.0.0.1", h.service.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = await reader.read(4096)
        writer.close()
        # 404, or where the line is too long for a request no answer of a page at all.
        assert re.match(rb"HTTP/1\.1 (404|400|414|431|500) |$", head), head[:200]
        assert b"root:" not in head
        assert b"PRIVATE" not in head
        kiosk = await h.kiosk()
        assert (await kiosk.ask(p.Issue, area="tu-phap"))["number"] == "1001"


# --- 11: floods of what the protocol does not even see ------------------------------------------------------


def resident() -> float:
    """MiB that this process, the hall's, holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.seconds(600)
async def test_pings_fragments_and_compressed_bombs_hold_up_nobody(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk, token = await h.kiosk(), await h.device("kiosk-2", "kiosk")
        hello = p.encode(p.Hello(protocol=1, role="kiosk", token=token)).decode()
        before = resident()

        async def pinging() -> None:
            async with connect(socket_url(h.url), proxy=None, ping_interval=None) as socket:
                await socket.send(hello)
                for n in range(size(5_000, 100_000)):
                    if socket.state is not State.OPEN:
                        return  # the hall hangs up on who does not read what it answers
                    socket.protocol.send_ping(b"x" * 125)
                    socket.transport.writelines(socket.protocol.data_to_send())
                    if n % 100 == 0:
                        await asyncio.sleep(0)
                await socket.close()

        flood = asyncio.create_task(pinging())
        numbers = [(await kiosk.ask(p.Issue, area="tu-phap"))["number"] for _ in range(20)]
        await flood
        assert len(set(numbers)) == 20

        async def pieces() -> AsyncIterator[Any]:
            for _ in range(40):
                yield "x" * 1024  # each small, together over the limit of a message

        async with connect(socket_url(h.url), proxy=None, compression=None) as socket:
            await socket.send(hello)
            with contextlib.suppress(ConnectionClosed):
                await socket.send(pieces())
            with pytest.raises(ConnectionClosed):
                while True:
                    await socket.recv()
            assert socket.close_code == 1009
        async with connect(socket_url(h.url), proxy=None, compression="deflate") as socket:
            assert socket.protocol.extensions == [], "the hall takes nothing compressed: there is no bomb"
        assert resident() - before < 48
        assert (await kiosk.ask(p.Issue, area="dat-dai"))["number"]


# --- 17: SQL ------------------------------------------------------------------------------------------------


def joined(folder: Path) -> list[tuple[str, ast.JoinedStr]]:
    """Texts with SQL in them that are put together at run time."""
    found = []
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
                if re.search(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|PRAGMA|CREATE|DROP)\b", text):
                    found.append((f"{path.relative_to(ROOT)}:{node.lineno}", node))
    return found


CONSTANTS = {
    # of the code's own lists of tables and columns, never of a message
    "table", "column", "names", "where", "name", "ITEMS", "_EVENT", "allowed", "wanted_value", "kind", "columns", "key",
    "changes", "', '.join('?' * len(columns))", "insert(table, columns)", "', '.join(key)", "'?' * len(columns)",
}  # fmt: skip


def test_sql_is_put_together_from_the_codes_own_words_only() -> None:
    """What comes from outside is a parameter. Whoever puts another word into a statement adds it above."""
    texts = [*joined(ROOT / "server"), *joined(ROOT / "kiosk")]
    assert len(texts) > 8
    for place, node in texts:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                assert ast.unparse(part.value) in CONSTANTS, f"{place}: {ast.unparse(part.value)}"


async def test_keys_and_values_of_a_message_are_never_sql(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk, manager = await h.kiosk(), await h.manager()
        await kiosk.ask(p.Issue, area="tu-phap")
        for text in ("'; DROP TABLE events; --", '" OR 1=1 --', "x') UNION SELECT pin FROM people --"):
            assert (await kiosk.refused(p.Issue, area=text[:40])).code == "unknown_area"
            page = await manager.ask(p.Log, start="2026-01-01", end="2036-12-31", clerk=text[:40], kind="issued")
            assert page["entries"] == []
        page = await manager.ask(p.Log, start="2026-01-01", end="2036-12-31", kind="issued")
        assert len(page["entries"]) == 1


# --- 18: formulas in exports --------------------------------------------------------------------------------


def test_no_cell_of_an_export_is_a_formula() -> None:
    """Read back by Python's own reader, as a spreadsheet would: each is text, and numbers stay numbers."""
    odd = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "Hoa", -5, 1.5, None]
    data = to_csv(("a", "=b"), [(value, "x") for value in odd]).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(data, newline="")))
    assert table[0] == ["a", "'=b"]
    texts = [row[0] for row in table[1:]]
    assert texts == [*(f"'{text}" for text in odd[:8]), "Hoa", "-5", "1.5", ""]


# --- 19, 20: the log ----------------------------------------------------------------------------------------


def test_a_name_that_somebody_types_is_one_line_of_the_log(tmp_path: Path) -> None:
    names = ["a\nERROR forged", "a\r\nERROR forged", "\x1b[2Jx", "a\u2028ERROR forged", "\u202egod", "a\x00b", "\x85x"]
    with program(tmp_path) as found:
        for n, name in enumerate(names, 2):
            connection = http.client.HTTPConnection("127.0.0.1", found.port, source_address=(f"127.0.0.{n}", 0))
            token = base64.b64encode(f"{name}:000000".encode()).decode()
            connection.request("POST", "/sign-in", headers={"Authorization": f"Basic {token}"})
            assert connection.getresponse().status == 401
            connection.close()
        assert found.stop() == 0
    log = (tmp_path / "hall.log").read_bytes().decode("utf-8")
    lines = [line for line in log.splitlines() if "wrong PIN for" in line]
    assert len(lines) == len(names)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", log)
    assert not [line for line in log.splitlines() if line.startswith("ERROR")]


@pytest.mark.load
def test_thousands_that_come_and_go_leave_a_short_log(tmp_path: Path) -> None:
    with program(tmp_path, config=HALL_TOML) as found:
        for _ in range(size(1_000, 10_000)):
            with socket.create_connection(("127.0.0.1", found.port)) as one:
                one.sendall(b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n")
        cookie = luot("person", "add", "Hoa", "--role", "clerk", data=tmp_path, stdin=f"{PIN}\n")
        assert cookie.returncode == 0
        assert cookie_of(sign_in(found.port, "Hoa", PIN))
        assert found.stop() == 0
    assert (tmp_path / "hall.log").stat().st_size < 100_000


# --- 29: what is kept of people -----------------------------------------------------------------------------


async def test_nothing_of_a_citizen_is_kept_but_numbers_and_times(tmp_path: Path) -> None:
    """No column for a name, a document, a telephone or an address; and whence somebody came is not on the disk."""
    async with hall(tmp_path) as h:
        kiosk, desk = await h.kiosk(), await h.desk()
        number = (await kiosk.ask(p.Issue, area="tu-phap", procedure="khai-sinh"))["number"]
        called = await desk.ask(p.CallNext, ticket=None)
        await desk.ask(p.Start, ticket=called["ticket"])
        await desk.ask(p.Finish, ticket=called["ticket"])
        await kiosk.ask(p.Rate, number=number, score=5)
        with contextlib.closing(sqlite3.connect(f"file:{tmp_path / FILE}?mode=ro", uri=True)) as conn:
            tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            columns = {
                (table, row[1])
                for table in tables
                for row in conn.execute("SELECT * FROM pragma_table_info(?)", (table,))
            }
        await until(lambda: kiosk.view)
    personal = re.compile(r"citizen|person|phone|mobile|birth|cccd|passport|address|(^|_)ip($|_)|agent|email")
    assert [found for found in sorted(columns) if personal.search(found[1])] == []
    assert {table for table, column in columns if column == "name"} == {
        "people",
        "devices",
        "meta",
        "logins",
        "_sqlite_migrations",
    }
    disk = b"".join(path.read_bytes() for path in tmp_path.glob(FILE + "*"))
    for word in (b"127.0.0.1", b"User-Agent", b"Python/"):
        assert word not in disk

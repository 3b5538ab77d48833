"""Reports in a process of their own: one at a time, few wait, and none outlives the hall."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import time
from pathlib import Path

import psutil

from server import protocol as p
from server.record.tables import sqlite3
from server.reports.apart import WAITING, TooMany
from server.reports.questions import ReportAsked
from tests.filling import fill
from tests.halls import PIN, cookie_of, hall, luot, program, sign_in, until

DAYS = ("2026-01-01", "2036-12-31")


def children() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it may just end
            if "server.reports" in one.cmdline():
                found.append(one)
    return found


async def test_one_at_a_time_and_few_wait(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        reports = h.service.reports
        asked = [asyncio.create_task(reports.ask(ReportAsked(*DAYS))) for _ in range(WAITING + 5)]
        seen = 0
        while not all(task.done() for task in asked):
            seen = max(seen, len(children()))
            await asyncio.sleep(0.01)
        assert seen == 1
        refused = [task for task in asked if isinstance(task.exception(), TooMany)]
        assert len(refused) == 4
        manager = await h.manager()
        asked = [asyncio.create_task(reports.ask(ReportAsked(*DAYS))) for _ in range(WAITING + 1)]
        await until(children)
        assert (await manager.refused(p.Report, start=DAYS[0], end=DAYS[1])).code == "reports_busy"
        await asyncio.gather(*asked)
        assert (await manager.ask(p.Report, start=DAYS[0], end=DAYS[1]))["days"] == 0


async def test_none_outlives_the_hall(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        asked = [asyncio.create_task(h.service.reports.ask(ReportAsked(*DAYS))) for _ in range(3)]
        await until(children)
        (process,) = children()
        process.suspend()  # it would take for ever
        begun = time.monotonic()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, BaseException) for one in found)
    assert not children()
    assert time.monotonic() - begun < 30


def test_an_export_takes_no_memory_however_slowly_it_is_read(tmp_path: Path) -> None:
    fill(tmp_path, days=40)
    with program(tmp_path) as found:
        assert luot("person", "add", "Minh", "--role", "manager", data=tmp_path, stdin=f"{PIN}\n").returncode == 0
        cookie = cookie_of(sign_in(found.port, "Minh", PIN))
        status, peak = Path(f"/proc/{found.process.pid}/status"), Path(f"/proc/{found.process.pid}/clear_refs")

        def highest() -> int:
            """MiB since the peak was set back."""
            return int(status.read_text().split("VmHWM:")[1].split()[0]) // 1024

        def asked_head() -> http.client.HTTPResponse:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", found.port, timeout=60)) as head:
                head.request("HEAD", path, headers={"Cookie": f"luot={cookie}"})
                answer = head.getresponse()
                assert answer.read() == b""
                return answer

        peak.write_text("5")
        before = highest()
        connection = http.client.HTTPConnection("127.0.0.1", found.port, timeout=60)
        path = "/export/log.csv?start=2018-01-01&end=2036-12-31"
        connection.request("GET", path, headers={"Cookie": f"luot={cookie}"})
        response = connection.getresponse()  # its head; the rest waits, as far as the hall has sent it
        begun = response.read(1000)
        size = int(response.getheader("Content-Length") or 0)
        body = begun + response.read()
        assert len(body) == size > 6_000_000
        assert len(body.splitlines()) == 1 + len(rows_of(tmp_path))
        assert highest() - before < 4
        # Four may be on their way; who leaves in the middle takes nobody along.
        answers: list[http.client.HTTPResponse] = []
        slow = [http.client.HTTPConnection("127.0.0.1", found.port, timeout=60) for _ in range(4)]
        for one in slow:
            one.sock = socket.socket()  # the system itself would take 7 MB off the hall's hands
            one.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
            one.sock.connect(("127.0.0.1", found.port))
            one.request("GET", path, headers={"Cookie": f"luot={cookie}"})
            answers.append(one.getresponse())
            assert answers[-1].read(1000) == body[:1000]
        assert asked_head().status == 503
        for answer in answers:
            answer.close()
        while (answer := asked_head()).status == 503:
            pass
        assert (answer.status, int(answer.getheader("Content-Length") or 0)) == (200, size)
        assert found.stop() == 0
    assert "Traceback" not in (tmp_path / "hall.log").read_text()


def rows_of(folder: Path) -> list[int]:
    """The events that a log has."""
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'luot.db'}?mode=ro", uri=True)) as conn:
        return [seq for (seq,) in conn.execute("SELECT seq FROM events WHERE kind <> 'hours_set'")]

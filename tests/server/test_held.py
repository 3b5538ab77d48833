"""Another program holds the record's file, as a database browser does in the middle of an edit: no disk is broken."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import protocol as p
from server.client.client import new_id
from tests.halls import PIN, begin, hall, luot, program, sign_in, until

_HOLDER = """
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
conn.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
conn.execute("ROLLBACK")
"""


class Holder:
    """The other program."""

    def __init__(self, file: Path) -> None:
        pipe = subprocess.PIPE
        words = [sys.executable, "-c", _HOLDER, str(file)]
        self.process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def let_go(self) -> None:
        if self.process.poll() is None:
            self.process.communicate("\n", 30)


@contextlib.contextmanager
def held(file: Path) -> Iterator[Holder]:
    holder = Holder(file)
    try:
        yield holder
    finally:
        holder.let_go()


async def test_commands_are_answered_busy_and_asked_again_and_nothing_is_lost(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk, desk, manager = await h.kiosk(), await h.desk(), await h.manager()
        first = await kiosk.ask(p.Issue, area="tu-phap")
        command = p.Issue(id=new_id(), area="tu-phap")
        with held(tmp_path / "luot.db") as holder:
            for _ in range(3):
                begun = time.monotonic()
                reply = await kiosk.reply(command)
                assert (reply.ok, reply.error.code) == (False, "busy")
                assert "luot.db" in reply.error.detail
                assert time.monotonic() - begun < 4, "the loop waits for nobody"
            assert (await desk.refused(p.CallNext, ticket=None)).code == "busy"
            await until(lambda: desk.view.held and "record_held" in manager.view.alarms)
            now = kiosk.client.now
            await until(lambda: kiosk.client.now != now)  # the links go on
            assert kiosk.client.state == "connected"
            holder.let_go()
        await until(lambda: not desk.view.held and "record_held" not in manager.view.alarms)
        reply = await kiosk.reply(command)
        assert reply.ok
        again = await kiosk.ask(p.Issue, area="tu-phap")
        assert [first["number"], again["number"]] == ["1001", "1003"]
        assert (await desk.ask(p.CallNext, ticket=None))["number"] == "1001"
    assert luot("check", data=tmp_path).returncode == 0


async def test_a_sign_in_meanwhile_is_refused_as_what_it_is(tmp_path: Path) -> None:
    """Not as a wrong PIN, and a one-time PIN is not used up."""
    async with hall(tmp_path) as h:
        await h.person("Hoa")
        kiosk = await h.kiosk()
        with held(tmp_path / "luot.db"):
            await kiosk.refused(p.Issue, area="tu-phap")
            answer = await asyncio.to_thread(sign_in, h.service.port, "Hoa", PIN)
            assert (answer.status, answer.getheader("Retry-After")) == (503, "2")
        await until(lambda: not h.service.rounds.held)
        assert (await asyncio.to_thread(sign_in, h.service.port, "Hoa", PIN)).status == 204


@pytest.mark.parametrize("first", [True, False], ids=["a new folder", "a folder with days"])
def test_a_start_waits_and_says_for_what(tmp_path: Path, first: bool) -> None:
    if first:
        sqlite3.connect(tmp_path / "luot.db").close()
    else:
        begin(tmp_path)
    with held(tmp_path / "luot.db") as holder:

        def let_go_once_it_is_said() -> None:
            deadline = time.monotonic() + 60
            log = tmp_path / "hall.log"
            while time.monotonic() < deadline and not (log.exists() and "another program holds" in log.read_text()):
                time.sleep(0.1)
            holder.let_go()

        letting = threading.Thread(target=let_go_once_it_is_said)
        letting.start()
        with program(tmp_path) as running:
            log = (tmp_path / "hall.log").read_text()
            assert log.count("another program holds") == 1
            assert str(tmp_path / "luot.db") in log
            assert running.stop() == 0
        letting.join()

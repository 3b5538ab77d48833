"""Power cuts: every acknowledged ticket is on every disk that could be left. With NORMAL, it must not be."""

from __future__ import annotations

import asyncio
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from server.record.check import check_file
from server.record.tables import sqlite3
from tests.halls import begin, luot, program, sit, size, until
from tests.power import Trace, read_trace, strace

pytestmark = pytest.mark.fault

_REPLY = re.compile(rb'\{"type":"reply".*\}')


async def _traced(folder: Path, module: tuple[str, ...]) -> Trace:
    """A hall under load and under strace: what it wrote, synced and said."""
    begin(folder)
    token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=folder).stdout.strip()
    with program(folder) as found:  # the first start's own work (local pairing, first PIN) is not part of the load
        assert found.stop() == 0
    before = {str(path): path.read_bytes() for path in (folder / "luot.db",)}
    log = folder / "strace.log"
    with program(folder, before=strace(log), module=module) as found:
        seats = [sit(found.url, "kiosk", token) for _ in range(4)]
        await until(lambda: all(seat.views for seat in seats), 60)

        async def work(seat: Any) -> None:
            for n in range(size(15, 100)):
                await seat.ask(p.Issue, area="tu-phap", priority=n % 3 == 0)

        await asyncio.gather(*(work(seat) for seat in seats))
        for seat in seats:
            await seat.leave()
        found.stop()
    ops = [op for op in read_trace(log) if op.kind == "send" or op.path.startswith(str(folder))]
    return Trace([op for op in ops if not op.path.endswith("-shm")], before)


def _acknowledged(trace: Trace) -> list[tuple[int, int]]:
    """(operations so far, ticket) of each answer that left the hall."""
    out = []
    for index, op in enumerate(trace.ops):
        if op.kind == "send":
            for reply in _REPLY.findall(op.data):
                answer = json.loads(reply)
                if answer["ok"] and "number" in answer.get("result", {}):
                    out.append((index + 1, answer["result"]["ticket"]))
    return out


def _tickets(folder: Path, files: dict[str, bytes]) -> set[int]:
    """Open a disk as the hall would, and read the tickets that are there."""
    for old in folder.iterdir():
        old.unlink()
    for path, data in files.items():
        if Path(path).name in {"luot.db", "luot.db-wal"}:
            (folder / Path(path).name).write_bytes(data)
    conn = sqlite3.connect(str(folder / "luot.db"))
    try:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        found = {row[0] for row in conn.execute("SELECT id FROM tickets")}
        assert found == {row[0] for row in conn.execute("SELECT ticket FROM events WHERE kind = 'issued'")}
        return found
    finally:
        conn.close()


def _losses(trace: Trace, folder: Path, *, check: bool) -> tuple[int, int]:
    """(disks tried, acknowledged tickets lost over all of them)."""
    chance = random.Random(3)
    acknowledged = _acknowledged(trace)
    assert len(acknowledged) >= size(60, 400)
    cuts = {index for index, _ in acknowledged}
    cuts |= {chance.randrange(1, len(trace.ops)) for _ in range(size(60, 400))}
    folder.mkdir()
    disks = lost = 0
    for cut, files in trace.disks(cuts, chance, variants=size(3, 8)):
        disks += 1
        there = _tickets(folder, files)
        lost += sum(1 for index, ticket in acknowledged if index <= cut and ticket not in there)
        if check and disks % 40 == 0:
            check_file(folder / "luot.db")
    return disks, lost


@pytest.mark.seconds(900)
async def test_no_power_cut_loses_an_acknowledged_ticket(tmp_path: Path) -> None:
    trace = await _traced(tmp_path / "hall", ("-m", "server"))
    disks, lost = _losses(trace, tmp_path / "disk", check=True)
    assert disks > 100
    assert lost == 0


@pytest.mark.seconds(900)
async def test_with_normal_the_same_test_finds_losses(tmp_path: Path) -> None:
    """The control: the test sees what it is meant to see."""
    trace = await _traced(tmp_path / "hall", (str(Path(__file__).parents[1] / "launch_normal.py"),))
    _, lost = _losses(trace, tmp_path / "disk", check=False)
    assert lost > 0

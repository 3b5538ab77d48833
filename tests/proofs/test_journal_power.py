"""Power cuts at the kiosk: what it sent to hall or printer is in its journal on every disk that could be left.

A kiosk without its window runs under `strace`, with paper that runs out and a desk that wants reprints. Each disk is
opened by the kiosk's own journal and compared with what had left the kiosk by then. With NORMAL, it must not hold.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.journal.journal import Journal
from kiosk.live.kiosk import LiveKiosk
from kiosk.paper.escpos import job_of
from kiosk.paper.layout import draw
from kiosk.paper.printer import Printer
from kiosk.paper.slip import slip_of
from kiosk.paper.wires import wire_of
from server.protocol import PrintFailed, PrintJob, TicketResult
from tests.halls import size, until
from tests.kiosk import samples
from tests.kiosk.fake_hall import FakeHall, fake_hall
from tests.kiosk.kiosk_alone import MODEL, durable
from tests.power import Trace, read_trace, strace
from tests.virtual_printer import VirtualPrinter

pytestmark = pytest.mark.fault

ROOT = Path(__file__).parents[2]
COUNT = size(8, 80)


@dataclass
class Left:
    """What left the kiosk, each with the number of operations so far."""

    trace: Trace
    jobs: tuple[PrintJob, ...]
    """Reprints that a desk asked for."""
    asked: list[tuple[int, str]] = field(default_factory=list)
    """Ids of the commands that ask for a number."""
    told: list[tuple[int, str, int]] = field(default_factory=list)
    """Name and ticket of each report."""
    printed: list[tuple[int, TicketResult]] = field(default_factory=list)
    """Papers begun, at their first byte."""
    ends: list[int] = field(default_factory=list)
    """Where the last byte of a paper left."""


async def _traced(folder: Path, module: str) -> Left:
    """A kiosk under strace, at work with a hall and a printer outside."""
    log = folder.with_suffix(".strace")
    async with fake_hall() as hall:
        with VirtualPrinter.on_tcp(576) as printer:
            words = (*strace(log), sys.executable, "-m", module, hall.url, str(folder), printer.spec, str(COUNT))
            process = await asyncio.create_subprocess_exec(*words, cwd=ROOT)
            desk = asyncio.create_task(_desk_and_roll(hall, printer))
            assert await process.wait() == 0
            desk.cancel()
            await asyncio.gather(desk, return_exceptions=True)
            papers = len(printer.papers)
    assert len(hall.given) == COUNT
    assert hall.all("print_failed"), "the paper never ran out"
    assert papers >= COUNT + len(hall.jobs)
    ops = [op for op in read_trace(log) if op.kind == "send" or op.path.startswith(str(folder))]
    left = Left(Trace([op for op in ops if not op.path.endswith("-shm")], {}), hall.jobs)
    _read(left, hall.given)
    assert len(left.asked) == COUNT
    assert len({ticket.ticket for _, ticket in left.printed}) == COUNT
    assert len(left.printed) > COUNT, "no paper was begun twice"
    return left


async def _desk_and_roll(hall: FakeHall, printer: VirtualPrinter) -> None:
    """Every third paper is one too few for the roll, which is changed; after every fourth the desk wants another."""
    for n in range(1, COUNT + 1):
        if n % 3 == 0:
            printer.out_after = 300
        before = len(hall.all("print_failed"))
        await hall.until(n, "issue")
        if n % 3 == 0:
            await hall.until(before + 1, "print_failed")
            printer.mend()
        ticket = hall.given[n - 1]
        async with hall.news:
            await hall.news.wait_for(lambda t=ticket.ticket: any(c["ticket"] == t for c in hall.all("printed")))
        if n % 4 == 0:
            hall.jobs = (*hall.jobs, PrintJob(seq=n, device="kiosk-1", ticket=ticket))
            await hall.show()


def _read(left: Left, given: list[TicketResult]) -> None:
    """Sort what was sent by what it was: frames to the hall, papers to the printer."""
    streams: dict[str, list[tuple[int, bytes]]] = {}
    for index, op in enumerate(left.trace.ops):
        if op.kind == "send" and op.path.startswith("socket:"):
            streams.setdefault(op.path, []).append((index + 1, op.data))
    papers = {ticket.ticket: _bytes_of(ticket) for ticket in given}
    for pieces in streams.values():
        whole = b"".join(data for _, data in pieces)
        if whole.startswith(b"GET "):
            for at, frame in _frames(whole):
                index = _index_at(pieces, at)
                command = json.loads(frame)
                if command["type"] == "issue":
                    left.asked.append((index, command["id"]))
                elif command["type"] in {"printed", "print_failed", "reprint"}:
                    left.told.append((index, command["type"], command["ticket"]))
        elif (start := whole.find(b"\x1b@\x1da\x00\x1dL")) >= 0:
            sent = whole[start:]
            (ticket,) = (one for one in given if _common(sent, papers[one.ticket]) == _longest(sent, papers))
            left.printed.append((_index_at(pieces, start), ticket))
            left.ends.append(pieces[-1][0])
    left.printed.sort(key=lambda pair: pair[0])
    left.told.sort()


def _bytes_of(ticket: TicketResult) -> bytes:
    return job_of(draw(slip_of(ticket, samples.hall(), "vi"), MODEL.width), MODEL, "0000").data


def _common(one: bytes, other: bytes) -> int:
    """How many bytes they begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _longest(sent: bytes, papers: dict[int, bytes]) -> int:
    return max(_common(sent, paper) for paper in papers.values())


def _index_at(pieces: list[tuple[int, bytes]], at: int) -> int:
    """The operation in which this byte of a stream left."""
    for index, data in pieces:
        if at < len(data):
            return index
        at -= len(data)
    raise AssertionError("beyond the stream")


def _frames(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Text frames of a WebSocket client, unmasked (RFC 6455 §5.2), with the place where each begins."""
    at = stream.index(b"\r\n\r\n") + 4
    while at + 6 <= len(stream):
        start, opcode, length = at, stream[at] & 0x0F, stream[at + 1] & 0x7F
        at += 2
        if length == 126:
            length, at = int.from_bytes(stream[at : at + 2]), at + 2
        mask, payload = stream[at : at + 4], stream[at + 4 : at + 4 + length]
        at += 4 + length
        if opcode == 1:
            frame = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
            if b'"hello"' not in frame:
                yield start, frame


def _wrong(left: Left, cut: int, folder: Path, files: dict[str, bytes]) -> list[str]:
    """What the kiosk, started on this disk, would have lost or would do twice."""
    path = _laid_out(folder, files)
    plain = sqlite3.connect(path)
    if plain.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        return ["the journal is damaged"]
    plain.close()
    journal = durable(path)
    try:
        journal.recover()
        return [*_lost(left, cut, journal), *_twice(left, cut, journal)]
    finally:
        journal.close()


def _laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for path, data in files.items():
        (folder / Path(path).name).write_bytes(data)
    return folder / "kiosk.db"


def _lost(left: Left, cut: int, journal: Journal) -> Iterator[str]:
    for index, id in left.asked:
        if index <= cut and journal.number(id) is None:
            yield f"asked for and forgotten: {id}"
    kept = {one.ticket.ticket: one for id in _ids(left) if (one := journal.number(id)) is not None and one.ticket}
    begun = [ticket for index, ticket in left.printed if index <= cut]
    for number in {ticket.ticket for ticket in begun}:
        if number not in kept:
            yield f"printed and forgotten: {number}"
    failed = {command.ticket for command in journal.unsent() if isinstance(command, PrintFailed)}
    # A desk's reprint is another paper of the number, which may be begun and fail after the first one was told.
    reprinted = {job.ticket.ticket for job in left.jobs}
    for index, name, number in left.told:
        only = [told for told in left.told if told[2] == number] == [(index, name, number)]
        if index <= cut and only and name == "printed" and number in failed - reprinted:
            yield f"told as printed and taken back: {number}"


def _ids(left: Left) -> list[str]:
    return [id for _, id in left.asked]


def _twice(left: Left, cut: int, journal: Journal) -> Iterator[str]:
    begun = [ticket.ticket for index, ticket in left.printed if index <= cut]
    for id in _ids(left):
        kept = journal.number(id)
        if kept and kept.ticket and kept.ticket.ticket in begun and journal.printing(id, again=False):
            yield f"printed and printed again: {kept.ticket.number}"
    for job in _jobs_begun(left, cut):
        if journal.job_begun(job):
            yield f"a desk's reprint printed and printed again: {job.ticket.number}"


def _jobs_begun(left: Left, cut: int) -> list[PrintJob]:
    """The desk's reprints whose paper was begun: one more than the number's own first paper and reprints here."""
    begun = [ticket.ticket for index, ticket in left.printed if index <= cut]
    own = [number for _, name, number in left.told if name == "reprint"]
    return [job for job in left.jobs if begun.count(job.ticket.ticket) > own.count(job.ticket.ticket) + 1]


def _cuts(left: Left, chance: random.Random) -> set[int]:
    """Right after everything that left the kiosk, and at random."""
    asked, told, printed = ([found[0] for found in kind] for kind in (left.asked, left.told, left.printed))
    moments = [*asked, *told, *printed, *left.ends]
    return {*moments, *(chance.randrange(1, len(left.trace.ops) + 1) for _ in range(size(60, 400)))}


def _judged(left: Left, folder: Path) -> tuple[int, list[str]]:
    """(disks tried, all that was wrong on them)."""
    chance = random.Random(5)
    disks = 0
    wrong: list[str] = []
    for cut, files in left.trace.disks(_cuts(left, chance), chance, variants=size(3, 8)):
        disks += 1
        wrong += _wrong(left, cut, folder, files)
    return disks, wrong


@pytest.mark.seconds(1800)
async def test_no_power_cut_makes_the_kiosk_forget_or_repeat(tmp_path: Path) -> None:
    left = await _traced(tmp_path / "kiosk", "tests.kiosk.kiosk_alone")
    disks, wrong = await asyncio.to_thread(_judged, left, tmp_path / "disk")
    assert disks > 100
    assert wrong == []
    await _restarted(left, tmp_path / "again")


async def _restarted(left: Left, folder: Path) -> None:
    """The whole kiosk on some of the disks: not one paper comes out by itself, and what was begun is told."""
    chance = random.Random(7)
    chosen = set(chance.sample([index for index, _ in left.printed], size(4, 20)))
    for cut, files in left.trace.disks(chosen, chance, variants=1):
        path = _laid_out(folder, files)
        begun = [ticket for index, ticket in left.printed if index <= cut]
        async with fake_hall() as hall:
            with VirtualPrinter.on_tcp(576) as printer:
                hall.jobs = tuple(_jobs_begun(left, cut))
                journal = durable(path)
                live = LiveKiosk(
                    url=hall.url, token="t", lang="vi", journal=journal,
                    printer=Printer(wire_of(printer.spec, width=MODEL.width)), model=MODEL,
                )  # fmt: skip
                running = asyncio.create_task(live.run())
                last = begun[-1].ticket

                def told(hall: FakeHall = hall, live: LiveKiosk = live, last: int = last) -> bool:
                    failed = {report["ticket"] for report in hall.all("print_failed")}
                    return live.state.view is not None and last in failed

                await until(told, 30)
                await asyncio.sleep(0)  # a paper that was begun now would stand in the press's queue…
                await asyncio.get_running_loop().run_in_executor(live._printer, lambda: None)  # … and be done now
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                journal.close()
                assert b"\x1dv0" not in printer.log


@pytest.mark.seconds(1800)
async def test_with_normal_the_same_test_finds_losses(tmp_path: Path) -> None:
    """The control: the test sees what it is meant to see."""
    left = await _traced(tmp_path / "kiosk", "tests.kiosk.kiosk_alone_normal")
    _, wrong = await asyncio.to_thread(_judged, left, tmp_path / "disk")
    assert any("asked for and forgotten" in line for line in wrong)
    assert any("printed and forgotten" in line for line in wrong)
    assert any("printed and printed again" in line for line in wrong) or any("taken back" in line for line in wrong)

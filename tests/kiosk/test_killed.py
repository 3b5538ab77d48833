"""A real kiosk, killed with SIGKILL in each state: what the next start shows, tells and prints.

The window is looked at: the screen after the restart must be the picture of the state that it ought to show.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from kiosk.flow.state import Given, Paper, State, Touch
from kiosk.paper.layout import draw
from kiosk.paper.slip import slip_of
from tests.halls import size, until
from tests.kiosk import samples
from tests.kiosk.fake_hall import FakeHall, fake_hall
from tests.kiosk.kiosk_alone import durable
from tests.kiosk.real import ROOT, Kiosk, KioskScreen, area, kiosk, screen
from tests.power import read_trace, strace
from tests.virtual_printer import VirtualPrinter

pytestmark = [pytest.mark.screen, pytest.mark.fault]

SIZE = (720, 1280)
HOME = State(hall=samples.hall(), view=samples.view(), linked=True)


@asynccontextmanager
async def started(display: KioskScreen, hall: FakeHall, folder: Path, printer: VirtualPrinter) -> AsyncIterator[Kiosk]:
    with kiosk(display, hall.url, "t", folder, printer.spec) as running:
        yield running
        if running.process.poll() is None:
            running.process.terminate()
            assert await asyncio.to_thread(running.process.wait, 5) == 0


async def take(display: KioskScreen, running: Kiosk) -> None:
    await display.until(HOME, running)
    await display.touch(HOME, Touch("area", "tu-phap"))
    chosen = area(HOME, "tu-phap")
    await display.until(chosen, running)
    await display.touch(chosen, Touch("take", False))


def offered(hall: FakeHall, paper: Paper, *, found: bool = True) -> State:
    """The number without its paper, huge, with the offer to print it."""
    one = Given("k", hall.given[0], "vi", paper, 1000.0 if found else 970.0, found=found)
    return replace(HOME, screen="not_printed", current="k", deadline=1060.0, given=(one,))


def state_in(folder: Path) -> str:
    """The only number's state on the disk."""
    plain = sqlite3.connect(f"file:{folder / 'kiosk.db'}?mode=ro", uri=True)
    try:
        return "".join(state for (state,) in plain.execute("SELECT state FROM numbers"))
    finally:
        plain.close()


async def offered_once_and_printed_once(
    display: KioskScreen, hall: FakeHall, folder: Path, printer: VirtualPrinter, paper: Paper
) -> None:
    """The next start: the number is offered, nothing comes out by itself, and one touch gives one whole paper."""
    before, pictures = len(printer.papers), printer.log.count(b"\x1dv0")
    async with started(display, hall, folder, printer) as running:
        await display.until(offered(hall, paper), running)
        if paper == "unknown":
            assert (await hall.until(1, "print_failed"))[0]["ticket"] == hall.given[0].ticket
        assert printer.log.count(b"\x1dv0") == pictures
        assert len(printer.papers) == before
        await display.touch(offered(hall, paper), Touch("print_again"))
        await hall.until(1, "printed")
    assert len(hall.given) == len(hall.ids("issue")) == len(hall.ids("printed")) == 1
    assert state_in(folder) in {"printed", "settled"}
    slip = slip_of(hall.given[0], samples.hall(), "vi")
    picture = draw(slip, 576)
    whole = [sheet.crop((0, 0, *picture.size)).tobytes() == picture.convert("L").tobytes() for sheet in printer.papers]
    assert whole[before:].count(True) == 1
    assert whole[-1]
    assert printer.reader.idle


async def while_asking(display: KioskScreen, tmp_path: Path) -> None:
    with VirtualPrinter.on_tcp(576) as printer:
        async with fake_hall() as hall:
            hall.holds = {"issue"}
            async with started(display, hall, tmp_path, printer) as running:
                await take(display, running)
                await hall.until(1, "issue")
                running.kill()
            assert state_in(tmp_path) == "asked"
            hall.holds = set()
            await offered_once_and_printed_once(display, hall, tmp_path, printer, "late")


async def while_printing(display: KioskScreen, tmp_path: Path, clears: bool) -> None:
    """Half a paper is in the printer when the kiosk dies: the next one is whole all the same."""
    with VirtualPrinter.on_tcp(576) as printer:
        printer.clears = clears
        async with fake_hall() as hall:
            async with started(display, hall, tmp_path, printer) as running:
                printer.stall_after = 9000
                await take(display, running)
                await until(lambda: printer.received >= 9000, 30)
                running.kill()
                printer.unplug()  # what the dead PC's system would still have delivered
                printer.plug_in_again()
            assert state_in(tmp_path) == "printing"
            printer.mend()
            await offered_once_and_printed_once(display, hall, tmp_path, printer, "unknown")


async def after_the_paper_before_the_printers_answer(display: KioskScreen, tmp_path: Path) -> None:
    with VirtualPrinter.on_tcp(576) as printer:
        async with fake_hall() as hall:
            async with started(display, hall, tmp_path, printer) as running:
                printer.keeps_confirmation = True
                await take(display, running)
                await until(lambda: printer.papers, 30)
                running.kill()
            assert state_in(tmp_path) == "printing"
            printer.mend()
            await offered_once_and_printed_once(display, hall, tmp_path, printer, "unknown")


async def after_the_paper_before_the_hall_has_heard_of_it(display: KioskScreen, tmp_path: Path) -> None:
    with VirtualPrinter.on_tcp(576) as printer:
        async with fake_hall() as hall:
            hall.holds = {"printed"}
            async with started(display, hall, tmp_path, printer) as running:
                await take(display, running)
                await hall.until(1, "printed")
                running.kill()
            assert state_in(tmp_path) == "printed"
            hall.holds = set()
            async with started(display, hall, tmp_path, printer) as running:
                await hall.until(2, "printed")
                await display.until(HOME, running)
            assert len(hall.ids("printed")) == len(printer.papers) == len(hall.given) == 1
            journal = durable(tmp_path / "kiosk.db")
            assert journal.unsent() == []
            journal.close()


async def while_a_fault_is_shown(display: KioskScreen, tmp_path: Path) -> None:
    with VirtualPrinter.on_tcp(576) as printer:
        printer.paper_out = True
        async with fake_hall() as hall:
            async with started(display, hall, tmp_path, printer) as running:
                await take(display, running)
                await hall.until(1, "print_failed")
                await display.until(offered(hall, "paper_out", found=False), running)
                running.kill()
            assert state_in(tmp_path) == "failed"
            printer.mend()
            await offered_once_and_printed_once(display, hall, tmp_path, printer, "failed")


STORIES: tuple[Callable[[KioskScreen, Path], Coroutine[None, None, None]], ...] = (
    while_asking,
    partial(while_printing, clears=True),
    partial(while_printing, clears=False),
    after_the_paper_before_the_printers_answer,
    after_the_paper_before_the_hall_has_heard_of_it,
    while_a_fault_is_shown,
)


async def test_in_each_state(tmp_path: Path) -> None:
    """Three at a time, each with a screen, a hall and a printer of its own: a kiosk's start is mostly waiting."""
    three = asyncio.Semaphore(3)

    async def tell(story: Callable[[KioskScreen, Path], Coroutine[None, None, None]], folder: Path) -> None:
        async with three:
            with screen(SIZE) as display:
                await story(display, folder)

    async with asyncio.TaskGroup() as group:
        for n, story in enumerate(STORIES):
            group.create_task(tell(story, tmp_path / str(n)))


# --- between two writes -------------------------------------------------------------------------------------


async def one_number(hall: FakeHall, folder: Path, printer: VirtualPrinter, before: tuple[str, ...]) -> int:
    """A kiosk without its window takes one number, under a tracer. Its exit code."""
    words = (*before, sys.executable, "-m", "tests.kiosk.kiosk_alone", hall.url, str(folder), printer.spec, "1")
    return await (await asyncio.create_subprocess_exec(*words, cwd=ROOT)).wait()


@pytest.mark.proof
async def test_at_each_write_of_the_journal(tmp_path: Path) -> None:
    """Killed at the n-th write to a file, for each n (in a small run, each third): nothing is lost or doubled.

    This is also how a kiosk dies with a number that is kept and not yet begun to print.
    """
    log = tmp_path / "whole.strace"
    with VirtualPrinter.on_tcp(576) as printer:
        async with fake_hall() as hall:
            assert await one_number(hall, tmp_path / "whole", printer, strace(log)) == 0
    files = [op for op in read_trace(log) if op.kind == "write"]
    wal = [n for n, op in enumerate(files, 1) if op.path.endswith("kiosk.db-wal")]
    asked = next(n for n in wal if b"tu-phap" in files[n - 1].data)
    moments = [n for n in wal if n >= asked][:: size(3, 1)]
    three = asyncio.Semaphore(3)

    async def killed_at(n: int) -> str:
        async with three:
            return await _killed_at(n, tmp_path / str(n))

    seen = await asyncio.gather(*(killed_at(n) for n in moments))
    assert {"asked", "numbered", "unknown"} <= set(seen), seen
    assert seen[0] == "nothing", "killed before the question was written down: it was not asked"


async def _killed_at(n: int, folder: Path) -> str:
    """The state that a kiosk killed at the n-th write leaves, after what it must not have lost was looked for."""
    with VirtualPrinter.on_tcp(576) as printer:
        async with fake_hall() as hall:
            inject = f"inject=pwrite64:signal=KILL:when={n}"
            tracer = ("strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", inject)
            assert await one_number(hall, folder, printer, tracer) == -signal.SIGKILL
            begun = b"\x1b@\x1dL" in printer.log
            journal = durable(folder / "kiosk.db")
            states = [kept.state for kept in journal.recover()]
            for command in hall.all("issue"):
                kept = journal.number(command["id"])
                assert kept is not None, "asked for and forgotten"
                assert not begun or kept.ticket == hall.given[0], "printed and forgotten"
                assert not (begun and journal.printing(kept.id, again=False)), "printed and printed again"
            journal.close()
            return states[0] if states else "done" if hall.given else "nothing"

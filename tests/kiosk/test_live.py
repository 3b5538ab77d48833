"""The kiosk without its window, on real sockets, a real journal and a virtual printer, through every fault."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import msgspec
import pytest

from kiosk.flow.shown import shown
from kiosk.flow.state import Touch
from kiosk.journal.journal import ASKED_AGAIN, Journal
from kiosk.live.kiosk import LiveKiosk
from kiosk.paper.escpos import model_of
from kiosk.paper.layout import draw
from kiosk.paper.printer import Printer
from kiosk.paper.slip import slip_of
from kiosk.paper.wires import wire_of
from server.client.client import new_id
from server.protocol import PrintJob
from tests.kiosk import samples
from tests.kiosk.fake_hall import fake_hall
from tests.virtual_printer import VirtualPrinter

MODEL = model_of("KR-306")
PATIENCE = 30.0


class Reached(Protocol):
    """A hall, real or not."""

    @property
    def url(self) -> str: ...


class Running:
    """A kiosk at work; `until` waits for what it shows."""

    def __init__(
        self, hall: Reached, folder: Path, printer: str, clock: Callable[[], float] = time.time, token: str = "t"
    ) -> None:
        self.changed = asyncio.Event()
        self.journal = Journal(folder / "kiosk.db", clock=clock, new_id=new_id)
        self.live = LiveKiosk(
            url=hall.url,
            token=token,
            lang="vi",
            journal=self.journal,
            printer=Printer(wire_of(printer, width=MODEL.width)),
            model=MODEL,
            on_change=self.changed.set,
        )

    @property
    def screen(self) -> str:
        return shown(self.live.state)

    @property
    def paper(self) -> str:
        one = self.live.state.number_shown()
        return one.paper if one else ""

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            self.changed.clear()
            await self.changed.wait()

    async def tap(self, do: str, arg: str | bool | None = None) -> None:
        """Taps are ignored for a moment after a change of screen, and twice on the same button."""
        before = self.live.state.touched
        while self.live.state.touched == before:
            self.live.touch(Touch(do, arg))
            await asyncio.sleep(0.05)

    async def take(self, *, priority: bool = False) -> None:
        await self.until(lambda: self.screen == "home")
        await self.tap("area", "tu-phap")
        await self.tap("take", priority)


@asynccontextmanager
async def running(hall: Reached, folder: Path, printer: str, token: str = "t") -> AsyncIterator[Running]:
    run = Running(hall, folder, printer, token=token)
    task = asyncio.create_task(run.live.run())
    try:
        async with asyncio.timeout(PATIENCE):
            yield run
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        run.journal.close()


def papers(folder: Path) -> list[str]:
    """Names of the papers that came out of the preview printer."""
    return sorted(path.name for path in folder.glob("paper-*.png"))


def test_from_the_tap_to_the_paper_and_the_halls_knowledge_of_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with fake_hall() as hall, running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
            await kiosk.take(priority=True)
            await kiosk.until(lambda: kiosk.paper == "confirmed")
            (printed,) = await hall.until(1, "printed")
            assert (printed["ticket"], printed["result"]) == (1, "confirmed")
            assert hall.all("issue")[0]["priority"] is True
        assert papers(tmp_path) == ["paper-0001.png"]

    asyncio.run(story())


def test_a_file_is_said_to_be_sent(tmp_path: Path) -> None:
    (tmp_path / "lp0").touch()

    async def story() -> None:
        async with fake_hall() as hall, running(hall, tmp_path, f"file:{tmp_path / 'lp0'}") as kiosk:
            await kiosk.take()
            await kiosk.until(lambda: kiosk.paper == "sent")
            assert (await hall.until(1, "printed"))[0]["result"] == "sent"

    asyncio.run(story())


def test_out_of_paper_the_number_is_shown_the_desks_told_and_the_reprint_is_one_paper(tmp_path: Path) -> None:
    async def story() -> None:
        with VirtualPrinter.on_tcp(576) as virtual:
            virtual.paper_out = True
            async with fake_hall() as hall, running(hall, tmp_path, virtual.spec) as kiosk:
                await kiosk.take()
                await kiosk.until(lambda: kiosk.screen == "not_printed")
                assert kiosk.paper == "paper_out"
                assert (await hall.until(1, "print_failed"))[0]["reason"] == "paper_out"
                assert any(status["paper"] == "out" for status in await hall.until(1, "status"))
                virtual.mend()
                await kiosk.tap("print_again")
                await kiosk.until(lambda: kiosk.paper == "confirmed")
                await hall.until(1, "printed")
                assert len(hall.all("reprint")) == 1
            assert len(virtual.papers) == 1
            assert len(hall.given) == 1

    asyncio.run(story())


def test_printed_again_the_paper_says_what_is_so_now_or_does_not_come_out(tmp_path: Path) -> None:
    """The hall is asked each time: here it moved on, there a clerk has cancelled the number meanwhile."""

    async def story() -> None:
        with VirtualPrinter.on_tcp(576) as virtual:
            async with fake_hall() as hall, running(hall, tmp_path, virtual.spec) as kiosk:
                for end, outcome in (("", "confirmed"), ("too_late", "number_over")):
                    virtual.paper_out = True
                    await kiosk.take()
                    await kiosk.until(lambda: kiosk.screen == "not_printed")
                    virtual.mend()
                    hall.since = {"ahead": 7, "desks": ("3",)}
                    hall.refuses = {"reprint": end} if end else {}
                    await kiosk.tap("print_again")
                    await kiosk.until(lambda: outcome in {kiosk.paper, kiosk.live.state.note})  # noqa: B023 - awaited here
                    await kiosk.tap("done")
            (paper,) = virtual.papers
            fresh = msgspec.structs.replace(hall.given[0], ahead=7, desks=("3",))
            picture = draw(slip_of(fresh, samples.hall(), "vi"), 576)
            assert paper.crop((0, 0, *picture.size)).tobytes() == picture.convert("L").tobytes()

    asyncio.run(story())


@pytest.mark.fault
def test_after_a_restart_only_a_number_that_still_waits_is_offered(tmp_path: Path) -> None:
    async def story() -> None:
        with VirtualPrinter.on_tcp(576) as virtual:
            virtual.paper_out = True
            async with fake_hall() as hall:
                async with running(hall, tmp_path, virtual.spec) as kiosk:
                    for _ in range(2):
                        await kiosk.take()
                        await kiosk.until(lambda: kiosk.paper == "paper_out")
                        await kiosk.tap("language", "vi")
                        kiosk.live.state = replace(kiosk.live.state, screen="home", current=None, deadline=None)
                hall.unprinted = (2,)  # the first was called, and served
                hall.seq = 9
                async with running(hall, tmp_path, virtual.spec) as kiosk:
                    await kiosk.until(lambda: kiosk.screen == "not_printed")
                    assert [one.ticket.ticket for one in kiosk.live.state.given] == [2]
                    assert kiosk.paper == "failed", "it is known that there is no paper"

    asyncio.run(story())


@pytest.mark.fault
def test_a_link_cut_before_the_answer_is_one_ticket_and_one_paper(tmp_path: Path) -> None:
    async def story() -> None:
        async with fake_hall() as hall, running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
            hall.drops = {"issue", "printed"}
            await kiosk.take()
            await kiosk.until(lambda: kiosk.paper == "confirmed")
            await hall.until(2, "printed")
            assert len(hall.all("issue")) == 2
            assert len(hall.ids("issue")) == len(hall.ids("printed")) == len(hall.given) == 1
        assert len(papers(tmp_path)) == 1

    asyncio.run(story())


@pytest.mark.fault
def test_a_kiosk_that_died_while_asking_asks_again_and_shows_the_number_without_printing(tmp_path: Path) -> None:
    async def story() -> None:
        async with fake_hall() as hall:
            hall.holds = {"issue"}
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.take()
                await hall.until(1, "issue")
            hall.holds = set()
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.until(lambda: kiosk.screen == "not_printed")
                assert kiosk.paper == "late"
                assert len(hall.given) == len(hall.ids("issue")) == 1
                assert papers(tmp_path) == []
                await kiosk.tap("print_again")
                await kiosk.until(lambda: kiosk.paper == "confirmed")
        assert len(papers(tmp_path)) == 1

    asyncio.run(story())


@pytest.mark.fault
def test_a_number_is_not_asked_for_when_nobody_can_be_waiting_any_more(tmp_path: Path) -> None:
    """Given a hall that is away for half an hour, when it is back, then it gives no number to nobody."""

    async def story() -> None:
        async with fake_hall() as hall:
            hall.holds = {"issue"}
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.take()
                await hall.until(1, "issue")
                kiosk.live.now = lambda: time.monotonic() + ASKED_AGAIN
                await kiosk.until(lambda: bool(kiosk.live.state.overdue))
                await kiosk.until(lambda: not kiosk.live.state.overdue)
                assert len(hall.ids("issue")) == 1
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.until(lambda: kiosk.live.state.hall is not None)
                assert kiosk.live.state.overdue == ()

    asyncio.run(story())


@pytest.mark.fault
def test_a_restart_does_not_lengthen_the_asking(tmp_path: Path) -> None:
    """Given a number asked for almost half an hour ago and never answered, when the kiosk starts anew, then it is asked
    for until that half hour is over, not for another one."""

    async def story() -> None:
        async with fake_hall() as hall:
            hall.holds = {"issue"}
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.take()
                await hall.until(1, "issue")
            later = Running(hall, tmp_path, f"preview:{tmp_path}", clock=lambda: time.time() + ASKED_AGAIN - 5)
            task = asyncio.create_task(later.live.run())
            async with asyncio.timeout(PATIENCE):
                await later.until(lambda: bool(later.live.state.overdue))
                await later.until(lambda: not later.live.state.overdue)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            later.journal.close()
            assert len(hall.ids("issue")) == 1

    asyncio.run(story())


@pytest.mark.fault
def test_a_desks_reprint_comes_out_once_through_views_reconnects_and_restarts(tmp_path: Path) -> None:
    async def story() -> None:
        async with fake_hall() as hall:
            hall.jobs = (
                PrintJob(seq=7, device="kiosk-1", ticket=samples.ticket()),
                PrintJob(seq=8, device="kiosk-2", ticket=samples.ticket("1009", id=5)),
            )
            async with running(hall, tmp_path, f"preview:{tmp_path}"):
                (printed,) = await hall.until(1, "printed")
                assert printed["ticket"] == samples.ticket().ticket
                await hall.show()
                await hall.show()
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.until(lambda: kiosk.live.state.view is not None)
                await asyncio.sleep(0.3)
            assert len(hall.ids("printed")) == 1
        assert len(papers(tmp_path)) == 1

    asyncio.run(story())


@pytest.mark.fault
def test_the_hall_hears_at_each_greeting_which_numbers_were_given_here(tmp_path: Path) -> None:
    """By that it goes on above them whatever became of its record."""

    async def story() -> None:
        async with fake_hall() as hall:
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.take()
                await kiosk.until(lambda: kiosk.paper == "confirmed")
            (given,) = hall.given
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.until(lambda: kiosk.live.state.view is not None)
            first, second = hall.hellos
            assert (first.get("given", {}), first.get("seq")) == ({}, None)
            assert second["given"] == {given.area: given.number}
            assert second["given_at"] == {given.area: given.issued_at}
            assert second["seq"] == given.ticket

    asyncio.run(story())


@pytest.mark.fault
def test_a_kiosk_that_lost_its_journal_prints_nothing_a_second_time(tmp_path: Path) -> None:
    """The paper that a desk asked for may have come out before: the desk is told that nobody knows, and asks again."""

    async def story() -> None:
        async with fake_hall() as hall:
            hall.last = {"tu-phap": "1008"}
            first = PrintJob(seq=7, device="kiosk-1", ticket=samples.ticket())
            hall.jobs = (first,)
            async with running(hall, tmp_path, f"preview:{tmp_path}"):
                (failed,) = await hall.until(1, "print_failed")
                assert (failed["ticket"], failed["reason"]) == (samples.ticket().ticket, "unknown")
                assert papers(tmp_path) == []
                hall.jobs = (first, PrintJob(seq=9, device="kiosk-1", ticket=samples.ticket()))  # asked again
                await hall.show()
                await hall.until(1, "printed")
            hall.jobs = (PrintJob(seq=11, device="kiosk-1", ticket=samples.ticket("1009", id=9190)),)
            # It knows that number by now.
            async with running(hall, tmp_path, f"preview:{tmp_path}"), hall.news:
                await hall.news.wait_for(lambda: any(told["ticket"] == 9190 for told in hall.all("printed")))
            assert len(hall.ids("printed")) == 2

    asyncio.run(story())


def test_a_refusal_is_shown_and_nothing_is_printed(tmp_path: Path) -> None:
    async def story() -> None:
        async with fake_hall() as hall, running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
            hall.refuses = {"issue": "closed"}
            await kiosk.take()
            await kiosk.until(lambda: kiosk.screen == "sorry")
            assert kiosk.live.state.note == "closed"
        assert papers(tmp_path) == []

    asyncio.run(story())


@pytest.mark.parametrize("code", ["internal", "busy"])
def test_a_hall_in_trouble_is_asked_again_with_the_same_id(tmp_path: Path, code: str) -> None:
    """A hall that ends, or whose disk is full or held by another program: that is no answer to a citizen."""

    async def story() -> None:
        async with fake_hall() as hall, running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
            hall.refuses = {"issue": code}
            await kiosk.take()
            await hall.until(1, "issue")
            assert kiosk.screen == "asking"
            hall.refuses = {}
            hall.answers.clear()  # it was not kept
            await kiosk.until(lambda: kiosk.paper == "confirmed")
            assert len(hall.ids("issue")) == len(hall.given) == 1
        assert len(papers(tmp_path)) == 1

    asyncio.run(story())


@pytest.mark.fault
@pytest.mark.parametrize("step", ["asked", "numbered", "printing", "printed"])
def test_a_journal_that_cannot_be_written_ends_the_kiosk_and_the_next_start_goes_on(tmp_path: Path, step: str) -> None:
    """Whichever step cannot be kept: nobody is left before a screen of waiting, and no number or paper is doubled."""

    async def story() -> None:
        async with fake_hall() as hall:
            broken = Running(hall, tmp_path, f"preview:{tmp_path}")
            monkey = pytest.MonkeyPatch()

            def full(*_: object, **__: object) -> None:
                raise sqlite3.OperationalError("database or disk is full")

            monkey.setattr(broken.journal, step, full)
            task = asyncio.create_task(broken.live.run())
            async with asyncio.timeout(PATIENCE):
                await broken.until(lambda: broken.screen == "home")
                await broken.tap("area", "tu-phap")
                while not task.done():
                    broken.live.touch(Touch("take", False))
                    await asyncio.sleep(0.05)
                with pytest.raises(sqlite3.OperationalError, match="full"):
                    await task
            broken.journal.close()
            assert (broken.screen == "area") == (step == "asked")  # what was not kept is not shown as under way
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                if step == "asked":
                    await kiosk.take()
                else:
                    await kiosk.until(lambda: kiosk.screen == "not_printed")
                    assert kiosk.paper == ("unknown" if step == "printed" else "late")
                    await kiosk.tap("print_again")
                await kiosk.until(lambda: kiosk.paper == "confirmed")
            assert len(hall.given) == 1

    asyncio.run(story())


@pytest.mark.parametrize("code", ["internal", "unauthorised"])
def test_a_report_that_the_hall_cannot_take_holds_back_no_other(tmp_path: Path, code: str) -> None:
    async def story() -> None:
        async with fake_hall() as hall, running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
            hall.refuses = {"printed": code}  # and so for ever: the hall remembers that this one fails
            await kiosk.take()
            await hall.until(1, "printed")
            hall.refuses = {}
            await kiosk.until(lambda: kiosk.paper == "confirmed")
            await kiosk.tap("done")
            await kiosk.until(lambda: kiosk.screen == "home")
            await kiosk.take()
            while {report["ticket"] for report in hall.heard if report["type"] == "printed"} != {1, 2}:
                await asyncio.sleep(0.05)
            while [report.ticket for report in kiosk.journal.unsent()] != [1]:
                await asyncio.sleep(0.05)

    asyncio.run(story())


def test_a_wrong_choice_and_a_rating_reach_the_hall(tmp_path: Path) -> None:
    async def story() -> None:
        async with fake_hall() as hall, running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
            await kiosk.take()
            await kiosk.until(lambda: kiosk.paper == "confirmed")
            for again in (True, False):
                await kiosk.tap("wrong")
                await kiosk.tap("cancel")
                await kiosk.until(lambda: kiosk.screen == "thanks")
                if again:
                    await kiosk.tap("restore")
                    await kiosk.until(lambda: kiosk.paper == "confirmed")
            assert [command["ticket"] for command in hall.all("cancel")] == [1, 1]
            assert [command["ticket"] for command in hall.all("restore")] == [1]
            await kiosk.tap("done")
            await kiosk.tap("rating")
            kiosk.live.touch(Touch("stay"))
            await asyncio.sleep(0.4)
            kiosk.live.touch(Touch("pick", 101))
            await asyncio.sleep(0.4)
            kiosk.live.touch(Touch("face", 5))
            await kiosk.until(lambda: kiosk.screen == "thanks")
            (rated,) = hall.all("rate")
            assert (rated["ticket"], rated["score"]) == (101, 5)

    asyncio.run(story())


@pytest.mark.parametrize("code", ["unauthorised", "update_needed"])
def test_a_kiosk_that_the_hall_does_not_take_says_so(tmp_path: Path, code: str) -> None:
    async def story() -> None:
        async with fake_hall() as hall:
            hall.turns_away = code
            async with running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
                await kiosk.until(lambda: kiosk.live.state.refused == code)
                assert kiosk.screen == "cut"

    asyncio.run(story())


def test_the_clock_is_the_halls_and_in_its_zone(tmp_path: Path) -> None:
    async def story() -> None:
        async with fake_hall() as hall, running(hall, tmp_path, f"preview:{tmp_path}") as kiosk:
            await kiosk.until(lambda: kiosk.live.state.hall is not None)
            here = kiosk.live.hall_time()
            assert here is not None
            assert (here.day, here.hour, here.minute) == (23, 8, 42)

    asyncio.run(story())

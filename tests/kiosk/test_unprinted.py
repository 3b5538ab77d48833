"""A number without a paper, in a real hall that goes on meanwhile: what the kiosk shows, offers and prints of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from server import protocol as p
from tests.halls import RunningHall, Seat, hall, until
from tests.kiosk.test_live import Running, running
from tests.virtual_printer import VirtualPrinter


@dataclass
class Story:
    hall: RunningHall
    token: str
    desk: Seat
    printer: VirtualPrinter
    folder: Path

    @asynccontextmanager
    async def kiosk(self) -> AsyncIterator[Running]:
        async with running(self.hall, self.folder, self.printer.spec, self.token) as kiosk:
            yield kiosk

    async def without_paper(self, kiosk: Running) -> int:
        """The ticket of a number that was just given, and whose paper did not come out."""
        self.printer.paper_out = True
        await kiosk.take()
        await kiosk.until(lambda: kiosk.screen == "not_printed")
        one = kiosk.live.state.number_shown()
        assert one is not None
        ticket = one.ticket.ticket
        await until(lambda: any(other.ticket == ticket and other.not_printed for other in self.desk.view.queue))
        return ticket

    async def call(self) -> int:
        """The next one is called to the desk, and comes."""
        called = await self.desk.ask(p.CallNext, ticket=None)
        return int(called["ticket"])

    async def serve(self) -> int:
        ticket = await self.call()
        await self.desk.ask(p.Start, ticket=ticket)
        await self.desk.ask(p.Finish, ticket=ticket)
        return ticket


@asynccontextmanager
async def told(tmp_path: Path) -> AsyncIterator[Story]:
    with VirtualPrinter.on_tcp(576) as printer:
        async with hall(tmp_path / "hall") as found:
            token = await found.device("kiosk-1", "kiosk")
            yield Story(found, token, await found.desk("Hoa", "1"), printer, tmp_path)


async def test_cancelled_at_a_desk_it_is_said_to_be_over(tmp_path: Path) -> None:
    async with told(tmp_path) as story, story.kiosk() as kiosk:
        ticket = await story.without_paper(kiosk)
        await story.desk.ask(p.Cancel, ticket=ticket)
        await kiosk.until(lambda: kiosk.live.state.note == "number_over")
        assert kiosk.live.state.given == ()
        assert story.printer.papers == []


async def test_called_it_sends_its_citizen_to_the_desk(tmp_path: Path) -> None:
    async with told(tmp_path) as story, story.kiosk() as kiosk:
        ticket = await story.without_paper(kiosk)
        assert await story.call() == ticket
        await kiosk.until(lambda: kiosk.live.state.note == "number_called")
        assert kiosk.live.state.note_desk == "1"


async def test_a_clerks_reprint_is_the_paper_that_its_citizen_waits_for(tmp_path: Path) -> None:
    async with told(tmp_path) as story, story.kiosk() as kiosk:
        ticket = await story.without_paper(kiosk)
        story.printer.mend()
        await story.desk.ask(p.Reprint, ticket=ticket)
        await kiosk.until(lambda: kiosk.paper == "confirmed")
        assert kiosk.screen == "ticket"
        await kiosk.tap("done")
        await kiosk.until(lambda: kiosk.screen == "home")
        assert kiosk.live.state.given == ()
        assert len(story.printer.papers) == 1


@pytest.mark.fault
async def test_after_a_restart_only_what_still_waits_is_offered_and_printed(tmp_path: Path) -> None:
    async with told(tmp_path) as story:
        async with story.kiosk() as kiosk:
            served = await story.without_paper(kiosk)
        assert await story.serve() == served
        async with story.kiosk() as kiosk:
            await kiosk.until(lambda: kiosk.live.state.view is not None)
            assert (kiosk.screen, kiosk.live.state.given) == ("home", ())
            waiting = await story.without_paper(kiosk)
        story.printer.mend()
        async with story.kiosk() as kiosk:
            await kiosk.until(lambda: kiosk.screen == "not_printed")
            assert kiosk.paper == "failed"
            await kiosk.tap("print_again")
            await kiosk.until(lambda: kiosk.paper == "confirmed")
            one = kiosk.live.state.number_shown()
            assert one is not None
            assert one.ticket.ticket == waiting
        assert len(story.printer.papers) == 1

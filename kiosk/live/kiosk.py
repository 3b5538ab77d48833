"""The running kiosk without its window: carries out what the flow decides, with journal, printer and hall.

Order is everything here: journal before wire, number before paper, paper before report. What to show, and what a
touch means, is decided in `flow/`; nothing is drawn here.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import ssl
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from assets.tasks import end, together
from kiosk.flow import step as flow
from kiosk.flow.effects import (
    AskNumber,
    AskReprint,
    CancelNumber,
    Effect,
    FindNumber,
    PrintPaper,
    RestoreNumber,
    SendRating,
    Settle,
    TakeUp,
)
from kiosk.flow.inputs import (
    Answered,
    Cancelled,
    FoundAsked,
    FoundGiven,
    Input,
    Linked,
    NumberGiven,
    NumberRefused,
    PaperFailed,
    PaperPrinted,
    Restored,
    Tick,
    Touched,
    Viewed,
    Welcomed,
)
from kiosk.flow.shown import shown
from kiosk.flow.state import Asked, Paper, Refused, State, Touch
from kiosk.journal.journal import Journal
from kiosk.live.greeting import Greeting
from kiosk.live.questions import Questions, rate_of
from kiosk.live.reports import Reports
from kiosk.paper.escpos import Model
from kiosk.paper.printer import Outcome, Printer
from kiosk.paper.status import Status
from kiosk.paper.thread import PrinterThread
from server import protocol
from server.client.client import Client, new_id
from server.protocol import (
    Cancel,
    Find,
    HallInfo,
    KioskView,
    PrintJob,
    Rate,
    Restore,
    TicketResult,
    Welcome,
)

log = logging.getLogger(__name__)

TICK: Final = 0.25
"""Seconds between two ticks of the flow."""
LOOK_EVERY: Final = {True: 10.0, False: 4.0}
"""Seconds between looks at an idle printer: in order, in trouble."""
_FOUND: Final[dict[str, Paper]] = {"numbered": "late", "failed": "failed", "unknown": "unknown"}
"""What the journal's states say of a paper after a restart."""
_REFUSED: Final[dict[str, Refused]] = {"unauthorised": "unauthorised", "update_needed": "update_needed"}


class LiveKiosk:
    """One kiosk, in one event loop. `on_change` is called after each change of `state`."""

    def __init__(
        self,
        *,
        url: str,
        token: str,
        lang: str,
        journal: Journal,
        printer: Printer,
        model: Model,
        on_change: Callable[[], None] = lambda: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.state = State(lang=lang, usual_lang=lang)
        self._greeting = Greeting(journal.last_numbers)
        self.client: Client[KioskView] = Client(
            url,
            tls=tls,
            role="kiosk",
            token=token,
            view=KioskView,
            lang=lang,
            on_welcome=self._welcomed,
            on_view=self._viewed,
            on_connection=self._linked,
            greeting=self._greeting.hello,
        )
        self.status = Status()
        self._journal, self._printer = journal, PrinterThread(printer, model)
        self._on_change = on_change
        self._device = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._questions = Questions(self.client, lambda: self.now())  # noqa: PLW0108 - a test sets its clock
        self._reports = Reports(self.client, journal, self._told_status)
        self._broken = asyncio.Event()
        self._error: BaseException | None = None

    async def run(self) -> None:
        """Until cancelled. Takes up first what an earlier run left.

        Raises what went wrong inside, a journal that could not be written above all: the next start finds on the disk
        how far each number and its paper had come, while going on would leave a citizen before a screen of waiting.
        """
        found = self._journal.recover()
        if self._journal.paper_in_doubt:
            self._printer.distrust()
        for kept in found:
            if kept.ticket is None:
                asked = kept.asked(self.now() - self._journal.age(kept))
                self._hears(FoundAsked(asked))
                self._start(self._ask(asked))
            else:
                self._hears(FoundGiven(kept.id, kept.ticket, kept.lang, _FOUND[kept.state]))
        self._reports.papers_ended()
        try:
            await together(
                self.client.run(),
                self._ticking(),
                self._reports.tell_of_papers(),
                self._reports.tell_of_status(),
                self._looking(),
                self._breaking(),
            )
        finally:
            await end(self._tasks)
            self._printer.close()

    def touch(self, touch: Touch) -> None:
        """A finger was lifted from a button."""
        self._hears(Touched(touch, new_id()))

    def now(self) -> float:
        """The flow's clock, in seconds."""
        return time.monotonic()

    def hall_time(self) -> datetime | None:
        """The hall's time in its own zone; it runs on while the link is cut. None before the first word."""
        now = self.client.clock.now()
        return None if now is None or self.state.hall is None else now.astimezone(ZoneInfo(self.state.hall.timezone))

    # --- the flow's loop ------------------------------------------------------------------------------------

    def _hears(self, given: Input) -> None:
        before = self.state
        after, effects = flow.step(before, given, self.now())
        try:
            for effect in effects:  # first: what cannot be journalled must not be shown as done
                self._do(effect)
        except sqlite3.Error as error:
            self._break(error)
            return
        self.state = after
        if after is not before:
            self._on_change()

    def _do(self, effect: Effect) -> None:
        match effect:
            case AskNumber():
                self._journal.asked(effect.asked)
                self._start(self._ask(effect.asked))
            case PrintPaper():
                if self._journal.printing(effect.key, again=effect.again, untold=effect.untold):
                    self._start(self._print(effect))
                else:
                    log.error("number %s: its paper was begun before; not printed", effect.ticket.number)
                    self._start(self._say(PaperFailed(effect.key, "unknown")))
            case AskReprint():
                self._start(self._may_reprint(effect))
            case CancelNumber():
                cancel = Cancel(id=effect.id, ticket=effect.ticket)
                self._start(self._answer(cancel, lambda code: Cancelled(effect.id, code, effect.key)))
            case RestoreNumber():
                restore = Restore(id=effect.id, ticket=effect.ticket)
                self._start(self._answer(restore, lambda code: Restored(effect.id, code, effect.key)))
            case FindNumber():
                find = Find(id=effect.id, number=effect.number, code=effect.code or None)
                self._start(self._answer(find, lambda code: Answered(effect.id, code)))
            case SendRating():
                self._start(self._answer(rate_of(effect), lambda code: Answered(effect.rating.id, code)))
            case Settle():
                self._journal.settled(effect.key)
            case TakeUp():
                self._journal.taken_up(effect.key, unknown=effect.unknown)

    async def _say(self, given: Input) -> None:
        self._hears(given)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._break(error)

    def _break(self, error: BaseException) -> None:
        self._error = self._error or error
        self._broken.set()

    async def _breaking(self) -> None:
        await self._broken.wait()
        assert self._error is not None
        raise self._error

    async def _ticking(self) -> None:
        while True:
            here = self.hall_time()
            self._hears(Tick(here.date().isoformat() if here else ""))
            await asyncio.sleep(TICK)

    # --- hall -----------------------------------------------------------------------------------------------

    def _welcomed(self, welcome: Welcome) -> None:
        self._device = welcome.device
        self._greeting.welcomed(welcome)
        self._hears(Welcomed(welcome.hall))
        self._reports.papers_ended()
        self._reports.status_changed()

    def _linked(self, state: str) -> None:
        self._hears(Linked(state == "connected", _REFUSED.get(state, "")))

    def _viewed(self, view: KioskView, seq: int) -> None:
        self._hears(Viewed(view, seq))
        for job in view.jobs:
            if job.device == self._device and self.state.hall and self._journal.job_begun(job):
                if self._greeting.forgot:  # an earlier journal may have had it printed: no paper comes twice by itself
                    self._journal.job_ended(job, "unknown")
                    self._reports.papers_ended()
                else:
                    self._start(self._print_job(job, self.state.hall))
        self._greeting.viewed(view, seq, self.client.now)

    async def _ask(self, asked: Asked) -> None:
        answer = await self._questions.number(asked)
        if isinstance(answer, str):
            self._journal.refused(asked.id)
            self._hears(NumberRefused(asked.id, answer))
        else:
            self._journal.numbered(asked.id, answer)
            self._hears(NumberGiven(asked.id, answer))

    async def _answer(self, command: Cancel | Restore | Find | Rate, said: Callable[[str], Input]) -> None:
        """`said` makes of the hall's code what the flow hears."""
        self._hears(said(await self._questions.may(command)))

    async def _may_reprint(self, asked: AskReprint) -> None:
        self._hears(await self._questions.may_reprint(asked))

    def _told_status(self) -> protocol.Status:
        return protocol.Status(
            id=new_id(), printer=self.status.printer, paper=self.status.paper, screen=shown(self.state)
        )

    # --- printer --------------------------------------------------------------------------------------------

    async def _print(self, effect: PrintPaper) -> None:
        assert self.state.hall is not None  # a number is given by a hall that has greeted
        outcome = await self._paper(effect.ticket, self.state.hall, effect.lang)
        if outcome == "confirmed" or outcome == "sent":  # noqa: PLR1714 - mypy narrows by comparison only
            self._journal.printed(effect.key, effect.ticket.ticket, outcome)
            self._hears(PaperPrinted(effect.key, outcome))
        else:
            self._journal.failed(effect.key, effect.ticket.ticket, outcome)
            self._hears(PaperFailed(effect.key, outcome))
        self._reports.papers_ended()

    async def _print_job(self, job: PrintJob, hall: HallInfo) -> None:
        outcome = await self._paper(job.ticket, hall, self.state.usual_lang)
        self._journal.job_ended(job, outcome)
        if outcome == "confirmed" or outcome == "sent":  # noqa: PLR1714 - mypy narrows by comparison only
            for one in self.state.given:  # its citizen may stand here, waiting for just that paper
                if one.ticket.ticket == job.ticket.ticket:
                    self._hears(PaperPrinted(one.key, outcome))
        self._reports.papers_ended()

    async def _paper(self, ticket: TicketResult, hall: HallInfo, lang: str) -> Outcome:
        outcome = await self._printer.print(ticket, hall, lang)
        self._seen(self._printer.status)
        return outcome

    async def _looking(self) -> None:
        while True:
            self._seen(await self._printer.look())
            await asyncio.sleep(LOOK_EVERY[self.status.fault is None])

    def _seen(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self._reports.status_changed()

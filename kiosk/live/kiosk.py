"""The kiosk without its window: carries out what the flow decides, with journal, printer and hall.

Order is everything here: journal before wire, number before paper, paper before report. What to show, and what a
touch means, is decided in `flow.py`; nothing is drawn here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import ssl
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from assets.tasks import end, together
from kiosk.flow import step as flow
from kiosk.flow.state import (
    Answered,
    Asked,
    AskNumber,
    AskReprint,
    Cancelled,
    CancelNumber,
    Effect,
    FindNumber,
    FoundAsked,
    FoundGiven,
    Input,
    Linked,
    NumberGiven,
    NumberRefused,
    Paper,
    PaperFailed,
    PaperPrinted,
    PrintPaper,
    Refused,
    Reprinted,
    Restored,
    RestoreNumber,
    SendRating,
    Settle,
    State,
    TakeUp,
    Tick,
    Touch,
    Touched,
    Viewed,
    Welcomed,
)
from kiosk.journal.journal import ASKED_AGAIN, Journal, Report
from kiosk.live.greeting import Greeting
from kiosk.paper.escpos import Model
from kiosk.paper.printer import Outcome, Printer
from kiosk.paper.status import Status
from kiosk.paper.thread import Press
from server import protocol
from server.client.client import Client, Unreachable, new_id
from server.protocol import (
    Cancel,
    Find,
    HallInfo,
    Issue,
    KioskView,
    PrintJob,
    Rate,
    Reprint,
    Restore,
    TicketResult,
    Welcome,
)

log = logging.getLogger(__name__)

TICK: Final = 0.25
STATUS_EVERY: Final = 10.0
LOOK_EVERY: Final = {True: 10.0, False: 4.0}
"""Seconds between looks at an idle printer: in order, in trouble."""
ANSWER_WITHIN: Final = 8.0
RETRY: Final = 2.0
_FOUND: Final[dict[str, Paper]] = {"numbered": "late", "failed": "failed", "unknown": "unknown"}
"""What the journal's states say of a paper after a restart."""
_REFUSED: Final[dict[str, Refused]] = {"unauthorised": "unauthorised", "update_needed": "update_needed"}
_AGAIN: Final = frozenset({"internal", "busy"})
"""Refusals of a hall in trouble: the same question is put again."""
_PASSING: Final = _AGAIN | {"too_fast", "unauthorised"}
"""Refusals of a report that may be taken when it comes again: a kiosk that lost access may be paired anew."""


class Booth:
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
        self._greeting = Greeting(journal)
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
        self._journal, self._press = journal, Press(printer, model)
        self._on_change = on_change
        self._device = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._to_report, self._to_tell = asyncio.Event(), asyncio.Event()
        self._broken = asyncio.Event()
        self._error: BaseException | None = None

    async def run(self) -> None:
        """Until cancelled. Takes up first what an earlier run left.

        Raises what went wrong inside, a journal that could not be written above all: the next start finds on the disk
        how far each number and its paper had come, while going on would leave a citizen before a screen of waiting.
        """
        found = self._journal.recover()
        if self._journal.paper_in_doubt:
            self._press.distrust()
        for kept in found:
            if kept.ticket is None:
                asked = kept.asked(self.now() - self._journal.age(kept))
                self._hears(FoundAsked(asked))
                self._start(self._ask(asked))
            else:
                self._hears(FoundGiven(kept.id, kept.ticket, kept.lang, _FOUND[kept.state]))
        self._to_report.set()
        try:
            await together(
                self.client.run(),
                self._ticking(),
                self._reporting(),
                self._telling(),
                self._looking(),
                self._breaking(),
            )
        finally:
            await end(self._tasks)
            self._press.close()

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
                self._start(self._answer(_rate(effect), lambda code: Answered(effect.rating.id, code)))
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
        self._to_report.set()
        self._to_tell.set()

    def _linked(self, state: str) -> None:
        self._hears(Linked(state == "connected", _REFUSED.get(state, "")))

    def _viewed(self, view: KioskView, seq: int) -> None:
        self._hears(Viewed(view, seq))
        for job in view.jobs:
            if job.device == self._device and self.state.hall and self._journal.job_begun(job):
                if self._greeting.forgot:  # an earlier journal may have had it printed: no paper comes twice by itself
                    self._journal.job_ended(job, "unknown")
                    self._to_report.set()
                else:
                    self._start(self._print_job(job, self.state.hall))
        self._greeting.viewed(view, seq, self.client.now)

    async def _ask(self, asked: Asked) -> None:
        """Ask with the same id until there is an answer, or until nobody can be waiting for it any more."""
        command = Issue(id=asked.id, area=asked.area, procedure=asked.procedure, priority=asked.priority)
        while (reply := await self._lasting_reply(command)) is None:
            if self.now() - asked.at < ASKED_AGAIN:
                continue
            log.warning("a number asked for %d minutes ago is not asked for any more", ASKED_AGAIN // 60)
            self._journal.refused(asked.id)
            self._hears(NumberRefused(asked.id, "unreachable"))
            return
        if (ticket := _ticket(reply)) is not None:
            self._journal.numbered(asked.id, ticket)
            self._hears(NumberGiven(asked.id, ticket))
        else:
            self._journal.refused(asked.id)
            self._hears(NumberRefused(asked.id, _code(reply) or "internal"))

    async def _lasting_reply(self, command: Issue) -> protocol.Incoming | None:
        """The hall's yes or no; null where it has said nothing, or is in trouble and may do it a moment later."""
        try:
            reply = await self.client.reply_to(command, timeout=ANSWER_WITHIN)
        except Unreachable:
            return None
        if _code(reply) not in _AGAIN:
            return reply
        await asyncio.sleep(RETRY)
        return None

    async def _answer(self, command: Cancel | Restore | Find | Rate, said: Callable[[str], Input]) -> None:
        """`said` makes of the hall's code what the flow hears."""
        try:
            code = _code(await self.client.reply_to(command, timeout=ANSWER_WITHIN))
        except Unreachable:
            code = "unreachable"
        self._hears(said(code))

    async def _may_reprint(self, asked: AskReprint) -> None:
        try:
            reply = await self.client.reply_to(Reprint(id=asked.id, ticket=asked.ticket), timeout=ANSWER_WITHIN)
        except Unreachable:
            self._hears(Reprinted(asked.id, asked.key, "unreachable"))
            return
        fresh = _ticket(reply)
        desk = reply.error.desk if isinstance(reply.error, protocol.Error) else ""
        self._hears(Reprinted(asked.id, asked.key, _code(reply) or ("" if fresh else "internal"), fresh, desk))

    async def _reporting(self) -> None:
        """Tell the hall how each print ended, each ticket's oldest first, until it has answered.

        One that the hall cannot take now holds back what came later of its ticket, and nothing of the others.
        """
        while True:
            await self._to_report.wait()
            self._to_report.clear()
            held: set[int] = set()
            cut_off = False
            try:
                for report in self._journal.unsent():
                    if report.ticket not in held and not await self._reported(report):
                        held.add(report.ticket)
            except Unreachable:
                cut_off = True
            if held or cut_off:
                asyncio.get_running_loop().call_later(RETRY, self._to_report.set)

    async def _reported(self, report: Report) -> bool:
        """Whether the hall has answered for good. Raises :class:`Unreachable`."""
        reply = await self.client.reply_to(report, timeout=ANSWER_WITHIN)
        if not reply.ok:
            code = _code(reply)
            if code in _PASSING:
                return False
            log.warning("the hall does not take %s: %s", protocol.name_of(report), code)
        self._journal.acknowledged(report.id)
        return True

    async def _telling(self) -> None:
        """The device's state: on each change, and every ten seconds."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STATUS_EVERY):
                    await self._to_tell.wait()
            self._to_tell.clear()
            if self.client.state == "connected":
                status = protocol.Status(
                    id=new_id(),
                    printer=self.status.printer,
                    paper=self.status.paper,
                    screen=flow.shown(self.state),
                )
                with contextlib.suppress(Unreachable):  # the next one is due in ten seconds
                    await self.client.reply_to(status, timeout=STATUS_EVERY)

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
        self._to_report.set()

    async def _print_job(self, job: PrintJob, hall: HallInfo) -> None:
        outcome = await self._paper(job.ticket, hall, self.state.usual_lang)
        self._journal.job_ended(job, outcome)
        if outcome == "confirmed" or outcome == "sent":  # noqa: PLR1714 - mypy narrows by comparison only
            for one in self.state.given:  # its citizen may stand here, waiting for just that paper
                if one.ticket.ticket == job.ticket.ticket:
                    self._hears(PaperPrinted(one.key, outcome))
        self._to_report.set()

    async def _paper(self, ticket: TicketResult, hall: HallInfo, lang: str) -> Outcome:
        outcome = await self._press.print(ticket, hall, lang)
        self._seen(self._press.status)
        return outcome

    async def _looking(self) -> None:
        while True:
            self._seen(await self._press.look())
            await asyncio.sleep(LOOK_EVERY[self.status.fault is None])

    def _seen(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self._to_tell.set()


def _code(reply: protocol.Incoming) -> str:
    """Why the hall said no; "" for a yes."""
    if reply.ok:
        return ""
    return reply.error.code if isinstance(reply.error, protocol.Error) else "internal"


def _ticket(reply: protocol.Incoming) -> TicketResult | None:
    """The number of a yes; null for a no, and for a yes that cannot be read."""
    if not reply.ok or not isinstance(reply.result, msgspec.Raw):
        return None
    try:
        return msgspec.json.decode(reply.result, type=TicketResult)
    except msgspec.MsgspecError as error:
        log.error("the hall's answer cannot be read: %s", error)
        return None


def _rate(effect: SendRating) -> Rate:
    rating = effect.rating
    return Rate(
        id=rating.id,
        score=rating.score,
        number=rating.number if rating.ticket is None else None,
        code=rating.code or None,
        ticket=rating.ticket,
        reasons=rating.reasons,
        comment=rating.comment or None,
    )

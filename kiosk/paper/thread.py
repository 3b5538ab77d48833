"""The printer's own thread: papers are drawn and printed there one after another, and an idle printer is looked at.

Whatever breaks in it, an outcome comes back and the kiosk goes on: a citizen stands before the screen.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from kiosk.paper.escpos import Model, job_of
from kiosk.paper.layout import paper_of
from kiosk.paper.printer import Outcome, Printer
from kiosk.paper.status import Status
from server.protocol import HallInfo, TicketResult

log = logging.getLogger(__name__)


class PrinterThread(ThreadPoolExecutor):
    """The thread of one printer with paper of `model`, for one event loop."""

    def __init__(self, printer: Printer, model: Model) -> None:
        super().__init__(1, thread_name_prefix="printer")
        self._printer, self._model = printer, model
        self._jobs = itertools.count(time.time_ns() // 1_000_000)
        self.status = Status()
        """Of the printer, as last seen."""

    def distrust(self) -> None:
        """Before the first paper: an earlier run may have left half of one in the printer."""
        self._printer.distrust()

    async def print(self, ticket: TicketResult, hall: HallInfo, lang: str) -> Outcome:
        """The paper of `ticket`: `confirmed`, `sent` or why there is none."""

        def work() -> Outcome:
            picture = paper_of(ticket, hall, lang, self._model.width)
            return self._printer.print(job_of(picture, self._model, f"{next(self._jobs) % 10_000:04}"))

        try:
            outcome = await asyncio.get_running_loop().run_in_executor(self, work)
        except Exception:
            # Whatever it was: the number is shown, and the desks are told.
            log.exception("the paper of %s could not be made", ticket.number)
            outcome = "unknown"
        self.status = self._printer.status
        return outcome

    async def look(self) -> Status:
        """How the printer is; `unknown` also where asking it breaks in a way that no wire foresaw."""
        try:
            self.status = await asyncio.get_running_loop().run_in_executor(self, self._printer.check)
        except Exception:
            # A driver's surprise must not end a kiosk that can still give numbers. Said once, not every few seconds.
            if self.status.fault != "unknown":
                log.exception("the printer could not be looked at")
            self.status = Status(fault="unknown")
        return self.status

    def close(self) -> None:
        """After the paper under way; what waits behind it is dropped."""
        self.shutdown(wait=True, cancel_futures=True)

"""What the hall is told: how each print ended, until it has answered for that, and how this kiosk is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Final

from kiosk.journal.journal import Journal, Report
from kiosk.live.questions import ANSWER_WITHIN, IN_TROUBLE, RETRY, code_of
from server import protocol
from server.client.client import Client, Unreachable

log = logging.getLogger(__name__)

STATUS_EVERY: Final = 10.0
"""Seconds between two words of how the kiosk is, where nothing changed."""
_PASSING: Final = IN_TROUBLE | {"too_fast", "unauthorised"}
"""Refusals of a report that may be taken when it comes again: a kiosk that lost access may be paired anew."""


class Reports:
    """The reports of one kiosk, by its client; those of papers stand in the journal. `status` says how the kiosk is."""

    def __init__(self, client: Client[Any], journal: Journal, status: Callable[[], protocol.Status]) -> None:
        self._client, self._journal, self._status = client, journal, status
        self._papers, self._changed = asyncio.Event(), asyncio.Event()

    def papers_ended(self) -> None:
        """There may be something in the journal that the hall must be told."""
        self._papers.set()

    def status_changed(self) -> None:
        """The kiosk is not as it was when the hall was last told."""
        self._changed.set()

    async def tell_of_papers(self) -> None:
        """Tell how each print ended, each ticket's oldest first, until the hall has answered. Never returns.

        One that the hall cannot take now holds back what came later of its ticket, and nothing of the others.
        """
        while True:
            await self._papers.wait()
            self._papers.clear()
            held: set[int] = set()
            cut_off = False
            try:
                for report in self._journal.unsent():
                    if report.ticket not in held and not await self._told(report):
                        held.add(report.ticket)
            except Unreachable:
                cut_off = True
            if held or cut_off:
                asyncio.get_running_loop().call_later(RETRY, self._papers.set)

    async def _told(self, report: Report) -> bool:
        """Whether the hall has answered for good. Raises :class:`Unreachable`."""
        reply = await self._client.reply_to(report, timeout=ANSWER_WITHIN)
        if not reply.ok:
            code = code_of(reply)
            if code in _PASSING:
                return False
            log.warning("the hall does not take %s: %s", protocol.name_of(report), code)
        self._journal.acknowledged(report.id)
        return True

    async def tell_of_status(self) -> None:
        """Tell how the kiosk is: on each change, and every ten seconds. Never returns."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STATUS_EVERY):
                    await self._changed.wait()
            self._changed.clear()
            if self._client.state == "connected":
                with contextlib.suppress(Unreachable):  # the next one is due in ten seconds
                    await self._client.reply_to(self._status(), timeout=STATUS_EVERY)

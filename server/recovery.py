"""At each start: does the record hold what was on the disk, and all numbers that are on papers? Else the day goes on
above them.

Asked are the mark beside the record, at once, and the kiosks, as each greets. Where there is no mark to go by, no
number is given until the paired kiosks have said which they gave, or :data:`KIOSKS_WITHIN` has passed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from server import mark as marks
from server import protocol as p
from server.client import new_id
from server.hall.case import Who
from server.hall.recovering import MOST, Known, recovering
from server.hall.views import Views
from server.mark import Mark
from server.writer import Change, Writer

log = logging.getLogger(__name__)

KIOSKS_WITHIN: Final = 30.0
"""s for which a start without a mark waits for the kiosks."""
AGAIN: Final = 0.5
"""s between two tries to write what was found."""
_EPOCH: Final = "INSERT INTO meta VALUES ('epoch', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class Recovery:
    """Of one hall's start. Make it before anybody is welcomed; `run` ends once numbers may be given."""

    def __init__(self, writer: Writer, kiosks: Iterable[str]) -> None:
        self.writer = writer
        self.happened = False
        """The record lacked something; the day went on above it."""
        self._mark: Mark | None = None
        self._awaited: set[str] = set()
        self._all_here = asyncio.Event()
        folder = writer.record.folder
        try:
            found = marks.read(folder)
        except marks.BadMark as error:
            log.error("%s; the kiosks are asked, and a new one is made", error)
            found = None
        if found is not None and marks.lacks(writer.record.reader, found):
            log.error(
                "the record lacks what was on the disk: by %s it went up to event %d; numbers go on above those given",
                marks.FILE, found.seq,
            )  # fmt: skip
            self._mark = found
        elif found is None and writer.seq:
            self._awaited = set(kiosks)
        writer.unsure = bool(self._mark or self._awaited)

    async def run(self) -> None:
        if self._mark is not None:
            known = Known(
                day=self._mark.day or "",
                numbers={digit: (counter, self._mark.at) for digit, counter in self._mark.numbers.items()},
                seq=self._mark.seq,
                at=self._mark.at,
                because="mark",
            )
            written = False
            while not written:
                written = await self._go_on_above(known, self._mark.epoch)
                if not written:
                    await asyncio.sleep(AGAIN)
        if self._awaited:
            try:
                async with asyncio.timeout(KIOSKS_WITHIN):
                    await self._all_here.wait()
            except TimeoutError:
                log.warning("not heard of which numbers they gave: %s", ", ".join(sorted(self._awaited)))
        # Not before: a start that is cut off here asks again.
        self.writer.marks, self.writer.unsure = True, False
        self.writer.mark_soon()

    async def greeted(self, kiosk: str, hello: p.Hello) -> bool:
        """Take a kiosk's word of the numbers it has given. False where that cannot be written now."""
        known = self._told(kiosk, hello)
        if known is not None and not await self._go_on_above(known, 0):
            return False
        self._awaited.discard(kiosk)
        if not self._awaited:
            self._all_here.set()
        return True

    def _told(self, kiosk: str, hello: p.Hello) -> Known | None:
        """What of a kiosk's word is of today and above what the hall has; null for nothing."""
        hall, now = self.writer.hall, self.writer.clock.read().now
        today = Views(hall, now).date
        numbers: dict[str, tuple[int, int]] = {}
        for area, number in hello.given.items():
            digit, counter = number[0], int(number[1:])
            at = _instant(hello.given_at.get(area)) or now
            highest = hall.highest.get(digit, 0) if hall.day == today else 0
            if hall.policy.calendar.date_of(at) != today or counter <= highest:
                continue
            if counter > highest + MOST:
                log.error("%s says that it gave %s, far above the hall's numbers: not believed", kiosk, number)
                continue
            numbers[digit] = max((counter, at), numbers.get(digit, (0, 0)))
        if not numbers:
            return None
        return Known(day=today, numbers=numbers, seq=hello.seq or 0, because="kiosk", device=kiosk)

    async def _go_on_above(self, known: Known, epoch: int) -> bool:
        """Write it. False where the record takes nothing now."""
        writer = self.writer

        def change(_now: int) -> Change:
            found = recovering(writer.hall, writer.clock.read(), known)
            if not found:
                return Change([], lambda: None)
            following = max(writer.epoch, epoch) + 1

            def after() -> None:
                writer.epoch = following
                self.happened = True

            return Change([(_EPOCH, (str(following).encode(),))], after, events=found)

        reply = await writer.submit(p.Status(id=new_id()), Who("control", known.device or "luot"), change)
        return b'"ok":true' in reply


def _instant(text: str | None) -> int | None:
    """ms UTC; null where it is no instant."""
    try:
        return round(datetime.fromisoformat(text or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None

"""At each start: does the record hold what was on the disk, and all numbers that are on papers? Else the day goes on
above them.

Asked are the mark beside the record, at once, and the kiosks, as each greets. Numbers wait for the paired kiosks for a
moment, and where there is no mark of this hall for half a minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from server import protocol as p
from server.hall import events as e
from server.hall.recovering import MOST, MOST_EVENTS, Found, recovering
from server.hall.rules.case import Who
from server.live.rounds import Change, Rounds
from server.record import mark as marks
from server.record.mark import Mark

log = logging.getLogger(__name__)

KIOSKS_SOON: Final = 3.0
"""s for which each start waits for the kiosks: a whole folder may have been put back, and its mark with it."""
KIOSKS_WITHIN: Final = 30.0
"""The same of a start without a mark of this hall."""
AGAIN: Final = 0.5
"""s between two tries to write what was found."""
_EPOCH: Final = "INSERT INTO meta VALUES ('epoch', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def mark_in(folder: Path) -> Mark | None:
    """The folder's mark; null where there is none that can be read, which is logged."""
    try:
        return marks.read(folder)
    except (marks.BadMark, OSError) as error:
        log.error("%s; the kiosks are asked, and a new one is made", error)
        return None


class Recovery:
    """Of one hall's start. Make it before anybody is welcomed; `run` ends once the mark may be written anew."""

    def __init__(self, rounds: Rounds, mark: Mark | None, kiosks: Iterable[str]) -> None:
        self._rounds = rounds
        self.happened_on = ""
        """The date on which the day last went on above what was lost."""
        self._mark: Mark | None = None
        """What the record lacks."""
        self._awaited = set(kiosks)
        self._own_mark = mark is not None and mark.hall == rounds.record.id.hex()
        self._all_here = asyncio.Event()
        self._later: dict[str, Found] = {}
        """Words of kiosks about a day that has not begun here: the hall's date may be behind."""
        self._writing: set[asyncio.Task[None]] = set()
        self._patient = True
        """Numbers are held back, and not refused yet."""
        self._asking = True
        if mark is not None and marks.lacks(rounds.record.reader, mark):
            log.error(
                "the record lacks what was on the disk: by %s it went up to event %d; numbers go on above those given",
                marks.FILE, mark.seq,
            )  # fmt: skip
            self._mark = mark
        self._look()

    async def run(self) -> None:
        """Ask mark and kiosks, and write what the record lacks. Ends once the mark may be written anew."""
        begun = asyncio.get_running_loop().time()
        if self._mark is not None:
            found = Found(
                day=self._mark.day or "",
                numbers={digit: (counter, self._mark.at) for digit, counter in self._mark.numbers.items()},
                seq=self._mark.seq,
                at=self._mark.at,
                because="mark",
            )
            await self._write(found, self._mark.epoch)
        await self._kiosks(begun + KIOSKS_SOON)
        if self._awaited and not self._own_mark:
            self._patient = False
            self._look()
            await self._kiosks(begun + KIOSKS_WITHIN)
            if self._awaited:
                log.warning("not heard of which numbers they gave: %s", ", ".join(sorted(self._awaited)))
        while self._writing:
            await asyncio.wait(self._writing)
        self._asking, self._patient = False, True
        self._look()
        # Not before: a start that is cut off here asks again. And never while a round is with the disk.
        self._rounds.marking.allowed = True
        self._rounds.show(lambda: None, lambda _: self._rounds.mark_soon())

    async def _kiosks(self, until: float) -> None:
        if self._awaited:
            try:
                async with asyncio.timeout_at(until):
                    await self._all_here.wait()
            except TimeoutError:
                pass  # who did not come is known

    def close(self) -> None:
        """The hall ends: what could not be written is asked for again at the next start."""
        for task in self._writing:
            task.cancel()

    def _look(self) -> None:
        """Numbers are given, held back or refused, as things stand."""
        waits = self._asking or self._writing
        self._rounds.wait_with_numbers("" if not waits else "hold" if self._patient else "refuse")

    # --- what kiosks say ------------------------------------------------------------------------------------

    def greeted(self, kiosk: str, hello: p.Hello) -> None:
        """Take a kiosk's word of the numbers it has given. No number is given before it is written."""
        self._take(kiosk, self._news_of(kiosk, hello))
        self._awaited.discard(kiosk)
        if not self._awaited:
            self._all_here.set()

    def decided(self, events: list[e.Event]) -> None:
        """A round was decided: it may have changed the date."""
        if any(isinstance(event, (e.DayOpened, e.DateConfirmed)) for event in events):
            self.day_changed()

    def day_changed(self) -> None:
        """The hall has another date now: what kiosks said of that day counts."""
        for kiosk, found in list(self._later.items()):
            if found.day <= self._today():
                del self._later[kiosk]
                self._take(kiosk, found)

    def _take(self, kiosk: str, found: Found | None) -> None:
        today = self._today()
        if found is None or found.day < today:
            return
        if found.day > today:
            log.warning("%s speaks of numbers of %s, and here it is %s still", kiosk, found.day, today)
            self._later[kiosk] = found
            return
        if recovering(self._rounds.hall, self._rounds.clock.read(), found):
            task = asyncio.get_running_loop().create_task(self._write(found, 0))
            self._writing.add(task)
            task.add_done_callback(self._written)
            self._look()

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing.discard(task)
        self._look()

    def _today(self) -> str:
        """The date whose numbers are given now: a day that is over by the clock may not be closed yet."""
        hall = self._rounds.hall
        here = hall.policy.calendar.date_of(max(self._rounds.clock.read().now, hall.last_at))
        return here if hall.day is None or (not hall.doubtful and here > hall.covers) else hall.day

    def _news_of(self, kiosk: str, hello: p.Hello) -> Found | None:
        """What a kiosk says that can be: of this hall, of areas that there are, not far above what was given."""
        hall = self._rounds.hall
        if hello.record not in {"", self._rounds.record.id.hex()}:
            return None  # its journal is another hall's
        prefixes = {area.prefix for area in hall.policy.areas.values()}
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for area, number in hello.given.items():
            digit, counter = number[0], int(number[1:])
            at = _instant(hello.given_at.get(area))
            if at is None and hall.day_open:
                at = hall.last_at
            if at is None or area not in hall.policy.areas:
                continue
            if digit not in prefixes or number != f"{digit}{counter:03d}":
                continue
            day = hall.day if area not in hello.given_at and hall.day else hall.policy.calendar.date_of(at)
            if counter > MOST + (hall.issued.get(digit, 0) if day == hall.day else 0):
                log.error("%s says that it gave %s, far above the hall's numbers: not believed", kiosk, number)
                continue
            numbers = found.setdefault(day, {})
            numbers[digit] = max((counter, at), numbers.get(digit, (0, 0)))
        if not found:
            return None
        seq = hello.seq or 0
        if seq > hall.seq + MOST_EVENTS:
            log.error("%s says that it heard of event %d, far above the hall's: not believed", kiosk, seq)
            seq = 0
        day = max(found)
        return Found(day=day, numbers=found[day], seq=seq, because="kiosk", device=kiosk)

    # --- writing it -----------------------------------------------------------------------------------------

    async def _write(self, found: Found, epoch: int) -> None:
        """However long the record takes nothing."""
        while True:
            if await self._written_now(found, epoch):
                return
            await asyncio.sleep(AGAIN)

    async def _written_now(self, found: Found, epoch: int) -> bool:
        rounds = self._rounds

        def change(_now: int) -> Change:
            events = recovering(rounds.hall, rounds.clock.read(), found)
            if not events:
                return Change([], lambda: None)
            following = max(rounds.epoch, epoch) + 1

            def after() -> None:
                rounds.epoch = following
                self.happened_on = self._today()

            return Change([(_EPOCH, (str(following).encode(),))], after, events=events)

        reply = await rounds.submit_change(Who("control", found.device or "luot"), change)
        return b'"ok":true' in reply


def _instant(text: str | None) -> int | None:
    """ms UTC; null where it is no instant."""
    try:
        return round(datetime.fromisoformat(text or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None

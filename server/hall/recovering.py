"""How a day goes on when the record has lost numbers that are on paper: above them, so that none is given twice. Pure.

Somebody else knows better than the record: the mark beside it, or a kiosk's journal. What was found becomes events:
`recovered`, with which the record's `seq` and with it the tickets' ids jump over whatever was lost, and `numbers_lost`
per first digit. A number up to there that the record does not have can be called by number: it joins the line then.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from server import protocol as p
from server.hall import events as e
from server.hall.day import Reading, closing, hours
from server.hall.events import Event
from server.hall.fold import Hall

MOST: Final = 2000
"""Numbers of one area that a kiosk may say were lost: more than a hall gives in a day; it cannot use up the rest."""
MOST_EVENTS: Final = 1_000_000
"""Events that a kiosk may say were lost."""


class Found(Struct, frozen=True, kw_only=True):
    """What somebody else knows of the hall's numbers."""

    day: str
    """The local date on which they were given."""
    numbers: dict[str, tuple[int, int]]
    """First digit → the highest counter, and the latest instant (ms) at which it can have been given."""
    seq: int = 0
    """The last event that they know of."""
    at: int = 0
    """Its instant."""
    because: p.RecoveredBy
    device: str | None = None


def recovering(hall: Hall, reading: Reading, found: Found) -> list[Event]:
    """The events by which the day goes on above what was found. None where the record lacks nothing of it."""
    now = max(reading.now, hall.last_at, found.at)
    opened = _opened(hall, reading, found, now)
    day = found.day if opened else hall.day
    lost = [
        e.NumbersLost(at=now, number=f"{digit}{counter:03d}", taken_at=min(at, now), device=found.device)
        for digit, (counter, at) in sorted(found.numbers.items())
        if day is not None and found.day >= day and counter > (0 if opened else hall.highest(digit))
    ]
    if not lost and found.because != "mark":  # a mark is read where the record is behind it already
        return []
    went = e.Recovered(at=now, ref=max(found.seq, hall.seq), because=found.because, device=found.device)
    # A day is opened for its numbers only: where none is lost, the first who comes opens it.
    return [went, *(opened if lost else []), *lost]


def _opened(hall: Hall, reading: Reading, found: Found, now: int) -> list[Event]:
    """Of a day whose opening was lost as well: by its own name, since the clock may be in doubt."""
    if hall.day is not None and hall.day >= found.day:
        return []
    if not reading.doubt and hall.policy.calendar.date_of(now) != found.day:
        return []  # that day is over
    before = closing(hall, now) if hall.day_open else []
    return [*before, e.DayOpened(at=now, day=found.day, because=reading.doubt), *hours(hall, found.day, now)]

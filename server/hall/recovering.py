"""How a day goes on when the record has lost numbers that are on paper: above them, so that none is given twice. Pure.

Somebody else knows better than the record: the mark beside it, or a kiosk's journal. What they know becomes events:
`recovered`, with which the record's `seq` and with it the tickets' ids jump over whatever was lost, and `numbers_lost`
per first digit. A number up to there that the record does not have can be called by number: it joins the line then.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from server.hall import events as e
from server.hall.day import Reading, opening
from server.hall.events import Event
from server.hall.hall import Hall

MOST: Final = 2000
"""Numbers of one area that may be lost at once: more than a hall gives in a day, and no kiosk can use up the rest."""


class Known(Struct, frozen=True, kw_only=True):
    """What somebody knows of the hall's numbers."""

    day: str
    """The local date on which they were given."""
    numbers: dict[str, tuple[int, int]]
    """First digit → the highest counter, and the latest instant (ms) at which it can have been given."""
    seq: int = 0
    """The last event that they know of."""
    at: int = 0
    """Its instant."""
    because: str
    """`mark` or `kiosk`."""
    device: str | None = None


def recovering(hall: Hall, reading: Reading, known: Known) -> list[Event]:
    """The events by which the day goes on above what is known. None where the record lacks nothing of it."""
    now = max(reading.now, hall.last_at, known.at)
    behind = known.because == "mark"  # the mark is read where the record is behind it already
    before: list[Event] = []
    if hall.day is None or hall.day < known.day:
        before = opening(hall, Reading(now=now, doubt=reading.doubt, corrected=reading.corrected))
    opened = next((event.day for event in before if isinstance(event, e.DayOpened)), None)
    day = opened or hall.day
    lost = [
        e.NumbersLost(at=now, number=f"{digit}{counter:03d}", taken_at=min(at, now), device=known.device)
        for digit, (counter, at) in sorted(known.numbers.items())
        if day is not None and known.day >= day and counter > (0 if opened else hall.highest.get(digit, 0))
    ]
    if not lost and not behind:
        return []
    went = e.Recovered(at=now, ref=max(known.seq, hall.seq), because=known.because, device=known.device)
    return [went, *(before if lost else []), *lost]

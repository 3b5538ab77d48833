"""Where the events of some days lie in the record: only the openings of days have an index."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any, Final

LAST: Final = 2**62
"""A `seq` beyond all others."""


def between(conn: Any, start: str, end: str) -> tuple[int, int]:
    """The `seq`s between which the events of these days lie; (1, 0) where there are none.

    From one opening to the next lies one day, whose date may have been corrected on the way: its first event and its
    last are asked. Openings need not be in the order of their dates, since a wrong clock may have opened one.
    """
    opened = conn.execute("SELECT seq, day FROM events WHERE kind = 'day_opened' ORDER BY seq").fetchall()
    first, last = 1, 0
    following = [row["seq"] for row in opened[1:]]
    for row, after in zip_longest(opened, following):
        ends = LAST if after is None else after - 1
        dates = {row["day"]}
        if not start <= row["day"] <= end:
            dates.add(_day(conn, ends))
        if any(start <= date <= end for date in dates):
            first = first if last else row["seq"]
            last = ends
    # Before the first opening there may be a date's confirmation, which belongs to the first day.
    return (1 if opened and first == opened[0]["seq"] else first), last


def _day(conn: Any, seq: int) -> str:
    """The date on which an event stands; of the last one where there is none of that number."""
    found = conn.execute("SELECT day FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (seq,)).fetchone()
    return (found["day"] if found is not None else None) or ""

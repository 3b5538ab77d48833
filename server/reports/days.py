"""Where the events of some days lie in the record: only the openings of days have an index."""

from __future__ import annotations

from typing import Any, Final

LAST: Final = 2**62
"""A `seq` beyond all others."""


def between(conn: Any, start: str, end: str) -> tuple[int, int]:
    """The `seq`s between which the events of these days lie; (1, 0) where there are none.

    From one opening to the next lies one day, whose date may have been corrected on the way: its first event and its
    last are asked. Openings need not be in the order of their dates, since a wrong clock may have opened one.
    """
    first, last = conn.execute(_BETWEEN, (LAST, start, end, start, end)).fetchone()
    if last is None:
        return 1, 0
    # Before the first opening there may be a date's confirmation, which belongs to the first day.
    begins = conn.execute("SELECT min(seq) FROM events WHERE kind = 'day_opened'").fetchone()[0]
    return (1 if first == begins else first), last


_BETWEEN: Final = """
WITH opened AS (
    SELECT seq, day, lead(seq - 1, 1, ?) OVER (ORDER BY seq) AS ends FROM events WHERE kind = 'day_opened'
)
SELECT min(seq), max(ends) FROM opened
WHERE day BETWEEN ? AND ?
OR (SELECT e.day FROM events e WHERE e.seq <= ends ORDER BY e.seq DESC LIMIT 1) BETWEEN ? AND ?
"""

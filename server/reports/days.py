"""Where the events of some days lie in the record: only the openings of days have an index."""

from __future__ import annotations

from typing import Any, Final

LAST: Final = 2**62
"""A `seq` beyond all others."""


def between(conn: Any, start: str, end: str) -> tuple[int, int]:
    """The `seq`s between which the events of these days lie. One day wider at both ends: a day may have been opened
    under a provisional date."""
    opened = conn.execute("SELECT seq, day FROM events WHERE kind = 'day_opened' ORDER BY seq").fetchall()
    before = [row["seq"] for row in opened if row["day"] < start]
    after = [row["seq"] for row in opened if row["day"] > end]
    return before[-1] if before else 0, after[1] if len(after) > 1 else LAST

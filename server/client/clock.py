"""A client's idea of the hall's time: the hall's last word of it, and what a steady clock says has passed since.

This PC's own time of day is never asked: it may be wrong, and may be set while the program runs.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

YEARS: Final = range(2000, 9000)
"""Years that a hall can be in. Times beyond have no local time in some zone (`datetime` ends with year 9999)."""


def instant(text: str) -> datetime:
    """A time with its zone, ISO 8601, in UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"a time without its zone: {text}")
    if at.year not in YEARS:
        raise ValueError(f"no time of a hall: {text}")
    return at.astimezone(UTC)


class HallClock:
    """The hall's time; it runs on while the link is cut."""

    def __init__(self) -> None:
        self.said: datetime | None = None
        """The hall's last word of its time, in UTC; None before the first."""
        self._at = 0.0

    def heard(self, said: datetime) -> None:
        """The hall has just told this time (aware, in UTC)."""
        self.said, self._at = said, time.monotonic()

    def now(self) -> datetime | None:
        """The hall's time now, in UTC; None before its first word."""
        return None if self.said is None else self.said + timedelta(seconds=time.monotonic() - self._at)

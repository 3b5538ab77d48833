"""Sessions, dates and open hours. No I/O, no clock here: every instant is an argument.

Instants are milliseconds of UTC since 1970 (`int`); dates are local ISO dates (`2026-11-23`). A span is a half-open
pair of instants. Waits are measured in open hours only, so that a lunch break counts for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from server.protocol import SessionInfo

MINUTE: Final = 60_000
REMEMBERED: Final = 1024
"""Answers of one calendar that are kept, of each kind: they are asked for at every ticket."""
DAY: Final = 24 * 60 * MINUTE
LOOK_AHEAD_DAYS: Final = 21
"""How far the next opening is looked for: longer than any closure (Tết is at most ten days)."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Calendar:
    """The hall's weekly sessions in its own time zone. `always_open`: no sessions at all, for demos and tests."""

    zone: str
    sessions: tuple[SessionInfo, ...]
    always_open: bool = False
    _tz: ZoneInfo = field(init=False, repr=False, compare=False)
    _dates: dict[int, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _spans: dict[tuple[str, str | None], tuple[Span, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tz", ZoneInfo(self.zone))

    def local(self, at: int) -> datetime:
        """The instant as an aware local time."""
        return datetime.fromtimestamp(at / 1000, self._tz)

    def date_of(self, at: int) -> str:
        """The local date (`2026-11-23`) of an instant (ms)."""
        minute = at // MINUTE
        found = self._dates.get(minute)
        if found is None:
            if len(self._dates) > REMEMBERED:
                self._dates.clear()
            found = self._dates[minute] = self.local(at).date().isoformat()
        return found

    def instant(self, day: str, clock: str) -> int:
        """The instant of a local `HH:MM` (`24:00` = the next midnight) on a local date."""
        hours, minutes = int(clock[:2]), int(clock[3:])
        base = datetime.combine(date.fromisoformat(day), datetime.min.time(), self._tz)
        return round((base + timedelta(hours=hours, minutes=minutes)).timestamp() * 1000)

    def spans(self, day: str, area: str | None = None) -> tuple[Span, ...]:
        """The day's sessions, in order; for one area, or (null) whenever any area is open."""
        found = self._spans.get((day, area))
        if found is None:
            if len(self._spans) > REMEMBERED:
                self._spans.clear()
            found = self._spans[day, area] = self._find_spans(day, area)
        return found

    def _find_spans(self, day: str, area: str | None) -> tuple[Span, ...]:
        if self.always_open:
            return ((self.instant(day, "00:00"), self.instant(day, "24:00")),)
        weekday = date.fromisoformat(day).weekday()
        return merged(
            (self.instant(day, session.start), self.instant(day, session.end))
            for session in self.sessions
            if weekday in session.weekdays and (area is None or not session.areas or area in session.areas)
        )

    def next_opening(self, at: int, area: str | None = None) -> int | None:
        """The start of the first session that begins after `at`; null when none begins in three weeks."""
        today = date.fromisoformat(self.date_of(at))
        for offset in range(LOOK_AHEAD_DAYS):
            for start, _ in self.spans((today + timedelta(days=offset)).isoformat(), area):
                if start > at:
                    return start
        return None


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same instants as non-overlapping spans in order."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def covered(spans: Iterable[Span], start: int, end: int) -> int:
    """How many milliseconds of `start`…`end` lie within the (non-overlapping) spans; never negative."""
    return sum(max(0, min(end, until) - max(start, since)) for since, until in spans)


def inside(spans: Iterable[Span], at: int) -> Span | None:
    """The span in which `at` lies."""
    for span in spans:
        if span[0] <= at < span[1]:
            return span
    return None


@lru_cache(maxsize=256)
def iso(at: int) -> str:
    """An instant on the wire: `2026-11-23T01:42:07.120Z`."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"

"""The one source of time: a wall clock that may be wrong, and a steady one that only runs.

The hall's time follows the wall clock while that agrees with the steady one. When it leaps (a dead battery, a
mistaken hand, an NTP correction), the hall goes on by the steady clock and says so, until the wall comes back or a
person confirms the date. No decision about days is made here: see `server/hall/day.py`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from server import protocol as p
from server.hall.day import Reading

TOLERANCE: Final = 2 * 60_000
"""ms: a wall clock so far from the steady one is simply followed (NTP, drift)."""
CREDIBLE_GAP: Final = 14 * 24 * 3600 * 1000
"""ms: a hall may be shut so long (Tết) without its clock being doubted."""


class Clock(Protocol):
    """What the rounds need of time."""

    def read(self) -> Reading:
        """The instant now, and what it would be once a doubtful date is confirmed."""

    def confirm(self, day: str) -> Reading:
        """What the clock will say once `day` is confirmed. Changes nothing."""

    def accept(self, at: int) -> None:
        """From now on the hall's time is `at` (ms) and runs on from there."""


def wall_ms() -> int:
    """The machine's clock, ms UTC."""
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """Milliseconds that never step and also run while the machine sleeps, where the system can tell."""
    if sys.platform != "win32" and hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    return time.monotonic_ns() // 1_000_000


class HallClock:
    """The clock of a real hall. `last_at` is the record's last instant (ms), 0 for an empty one."""

    def __init__(
        self,
        zone: str,
        last_at: int,
        wall: Callable[[], int] = wall_ms,
        steady: Callable[[], int] = steady_ms,
    ) -> None:
        self._tz = ZoneInfo(zone)
        self._wall, self._steady = wall, steady
        self._last_at = last_at
        self._offset = 0
        """Hall time minus wall time, once a person has confirmed a date that the wall clock does not show."""
        self._base, self._base_steady = self._start(wall())
        self._latest = self._base

    def _start(self, wall: int) -> tuple[int, int]:
        self._doubt: p.Doubt | None = None
        if self._last_at and wall < self._last_at - TOLERANCE:
            self._doubt = "clock_behind"
            return self._last_at, self._steady()
        if self._last_at and wall > self._last_at + CREDIBLE_GAP:
            self._doubt = "clock_ahead"
        return max(wall, self._last_at), self._steady()

    def resume(self, doubt: p.Doubt) -> None:
        """A doubt that nobody has ended outlives a restart: the record's last instant came from the doubted clock."""
        if self._doubt is None:
            self._doubt = doubt
            if doubt == "clock_stepped":
                self._base, self._base_steady = self._last_at, self._steady()
                self._latest = self._last_at

    def read(self) -> Reading:
        """The instant now: the machine's clock, unless it contradicts what came before."""
        wall = self._wall() + self._offset
        expected = self._base + self._steady() - self._base_steady
        if self._doubt == "clock_behind" and self._last_at <= wall <= self._last_at + CREDIBLE_GAP:
            return Reading(now=self._forward(expected), corrected=wall)  # it was set right meanwhile
        if self._doubt is None and abs(wall - expected) <= TOLERANCE:
            self._base, self._base_steady = wall, self._steady()
            return Reading(now=self._forward(wall), corrected=max(wall, self._latest))
        agrees = abs(wall - expected) <= TOLERANCE
        doubt = self._doubt if agrees and self._doubt else self._doubt or "clock_stepped"
        return Reading(now=self._forward(expected), doubt=doubt, corrected=wall)

    def _forward(self, at: int) -> int:
        self._latest = max(self._latest, at)
        return self._latest

    def confirm(self, day: str) -> Reading:
        """What the instant would be if today were `day` (`2026-11-23`). ValueError where there is no such date."""
        reading = self.read()
        wall = self._wall()
        local = datetime.fromtimestamp(wall / 1000, self._tz)
        wanted = datetime.fromisoformat(day).replace(
            hour=local.hour, minute=local.minute, second=local.second, microsecond=local.microsecond, tzinfo=self._tz
        )
        corrected = round(wanted.timestamp() * 1000)
        hall_day = datetime.fromtimestamp(reading.now / 1000, self._tz).date().isoformat()
        if hall_day == day and corrected < reading.now:
            corrected = reading.now  # the same date, an earlier hour: time does not run backwards for that
        return Reading(now=reading.now, doubt=reading.doubt, corrected=corrected)

    def accept(self, at: int) -> None:
        """Somebody confirmed the date: from now on it is `at` (ms) and goes on from there."""
        self._doubt = None
        self._base, self._base_steady = at, self._steady()
        self._latest = at
        self._offset = at - self._wall()


class SimulatedClock:
    """Time that moves only when told to, for `luot simulate` and tests."""

    def __init__(self, at: int) -> None:
        self.at = at

    def read(self) -> Reading:
        """The instant that was set."""
        return Reading(now=self.at, corrected=self.at)

    def confirm(self, day: str) -> Reading:  # noqa: ARG002 - its date is never in doubt
        """Its date is never in doubt."""
        return self.read()

    def accept(self, at: int) -> None:
        """Set the instant (ms)."""
        self.at = at

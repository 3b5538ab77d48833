"""Which calls to show, for how long, in which order, and what to say. Pure: time is an argument, nothing is drawn.

    view ──▶ what is new by `seq` ──▶ queue ──▶ one announcement at a time ──▶ the list on the screen

Rules
* Announcements come in the order of `seq`, one at a time, each held at least :data:`DWELL` seconds and as long as
  its sound lasts. A call still in the queue is not on the screen yet: what is said is what is shown.
* A recall is said again. It merges with the same number's call where that one has not been said yet.
* A call taken back before it was said is dropped; one that was said is followed by "xin vui lòng chờ".
* After a drop of the link the missed calls are announced in order; those older than :data:`STALE` seconds are only
  shown. The first view after a start announces nothing, and neither does one whose `seq` ran backwards (the record
  was restored).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from server.protocol import DisplayCall, DisplayView, Withdrawn

DWELL: Final = 6.0
"""Seconds a call stays the newest, at least: time to look up and read a number and a desk."""

STALE: Final = 60.0
"""Seconds after which a missed call is shown but no longer said (design, "Views, not deltas")."""

_EARLY: Final = 0.02
"""Seconds by which a sleeper may wake before its time."""

OLDER: Final = 5
"""Calls on the screen below the newest."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing to say. `desk` is "" where a call is taken back."""

    seq: int
    kind: Literal["call", "recall", "withdrawn"]
    number: str
    desk: str
    area: str


class Board:
    """What the display has said, is saying and will say. Seconds are of any steady clock, the same at each call."""

    def __init__(self) -> None:
        self.view: DisplayView | None = None
        self.current: Announcement | None = None
        """What is being announced now; afterwards None."""
        self.waiting: deque[Announcement] = deque()
        self._merged: set[int] = set()
        """Recalls that came before their number's call was said: until all is said, the call stands for both."""
        self._seq = -1
        self._newest = -1
        """`seq` of the newest call that has stood on the screen."""
        self._until = 0.0

    def update(self, view: DisplayView, seq: int, hall_now: datetime) -> None:
        """Take the hall's newest view. `hall_now` is the hall's own time, to tell how old a missed call is."""
        fresh = self.view is None or seq < self._seq
        self._merged = set() if fresh else self._merged & {call.seq for call in view.calls}
        if fresh:
            self.waiting.clear()
            self._newest = max((call.seq for call in view.calls), default=-1)
        else:
            for entry in sorted(_newer(view, self._seq), key=lambda entry: entry.seq):
                if isinstance(entry, Withdrawn):
                    self._take_back(entry)
                elif (hall_now - datetime.fromisoformat(entry.at)).total_seconds() <= STALE:
                    self._enqueue(entry)
        self.view, self._seq = view, seq
        self._note_newest()

    def begin(self, now: float) -> Announcement | None:
        """The announcement whose turn it is, if one is due; it is `current` from now on. Else None.

        The caller makes its sound and tells how long it lasts by :meth:`hold`.
        """
        if now < self._until - _EARLY:
            return None
        self.current = None
        missed = self.view.missed if self.view else ()
        while self.waiting:
            upcoming = self.waiting.popleft()
            if upcoming.kind != "withdrawn" and upcoming.number in missed:
                continue  # marked absent while it waited here: sending anyone to the desk would be wrong
            self.current = upcoming
            self._until = now + DWELL
            self._note_newest()
            return upcoming
        return None

    def hold(self, now: float, seconds: float) -> None:
        """The current announcement sounds for `seconds` from `now`; the next waits for its end."""
        self._until = max(self._until, now + seconds)

    def remaining(self, now: float) -> float:
        """Seconds until the next announcement may begin."""
        return max(0.0, self._until - now)

    def shown(self) -> tuple[DisplayCall, ...]:
        """The calls on the screen, newest first, one per number, at most one newest and :data:`OLDER` older ones."""
        if self.view is None:
            return ()
        queued = {entry.seq for entry in self.waiting}
        merged = self._merged if self.waiting or self.current else set()
        called = {call.number for call in self.view.calls if call.seq not in merged}
        taken_back = {entry.number: entry.seq for entry in sorted(self.view.withdrawn, key=lambda e: e.seq)}
        found: dict[str, DisplayCall] = {}
        for call in sorted(self.view.calls, key=lambda call: call.seq, reverse=True):
            hidden = (
                call.seq in queued
                or (call.seq in merged and call.number in called)
                or call.seq < taken_back.get(call.number, -1)
                or call.number in self.view.missed
                or call.number in found
            )
            if not hidden:
                found[call.number] = call
        return tuple(found.values())[: 1 + OLDER]

    @property
    def fresh(self) -> bool:
        """Whether the newest call shown is the last one made. Else that one was taken back, or its citizen is absent:
        the one below it moves up, but was called before and may be long served.
        """
        shown = self.shown()
        return bool(shown) and shown[0].seq >= self._newest

    def _note_newest(self) -> None:
        self._newest = max([self._newest, *(call.seq for call in self.shown()[:1])])

    def _enqueue(self, call: DisplayCall) -> None:
        if any(entry.number == call.number and entry.desk == call.desk for entry in self.waiting):
            self._merged.add(call.seq)  # not said yet: saying it once more at once would only hold up the others
            return
        kind: Literal["call", "recall"] = "recall" if call.recall else "call"
        self.waiting.append(Announcement(call.seq, kind, call.number, call.desk, call.area))

    def _take_back(self, entry: Withdrawn) -> None:
        on_screen = any(call.number == entry.number for call in self.shown())
        for announcement in [a for a in self.waiting if a.number == entry.number and a.kind != "withdrawn"]:
            self.waiting.remove(announcement)
        if on_screen:  # somebody may be on the way
            self.waiting.append(Announcement(entry.seq, "withdrawn", entry.number, "", ""))


def _newer(view: DisplayView, seq: int) -> Iterable[DisplayCall | Withdrawn]:
    yield from (call for call in view.calls if call.seq > seq)
    yield from (entry for entry in view.withdrawn if entry.seq > seq)

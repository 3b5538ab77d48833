"""Which calls stand on the board, which is read out now, and what comes after it. Pure: time is an argument.

    view ──▶ every call that waits for its citizen stands on the board at once
         ╰─▶ what is new by `seq` ──▶ first readings, in turn ──▶ second readings, while nobody waits for a first

Rules
* Show at once, read out in turn. Each call is read once, in the order of `seq`, before any is read twice.
* A recall is a new call. It merges with the same number's call where that has not been read out yet.
* A call whose citizen has come, or who was marked absent, is not read out any more.
* A call taken back before it was read out is dropped; after that it is followed by "xin vui lòng chờ".
* After a drop of the link the missed calls are read out in order; those older than :data:`STALE` seconds are only
  shown. The first view after a start brings only calls that no display has read out, of the same age; and so does a
  view whose `seq` ran backwards (the record was restored).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from server.protocol import DisplayCall, DisplayView, Withdrawn

DWELL: Final = 6.0
"""Seconds a call keeps the large card, at least: time to look up and read a number and a desk."""

STALE: Final = 60.0
"""Seconds after which a missed call is shown but no longer read out."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing to say. `desk` is "" where a call is taken back."""

    seq: int
    kind: Literal["call", "recall", "withdrawn"]
    number: str
    desk: str
    area: str
    calls: tuple[int, ...] = ()
    """The `seq` of each call that this reading stands for: one, or a call and the recalls that came before it."""
    again: bool = False
    """The second reading."""


@dataclass(frozen=True, slots=True)
class Line:
    """A call on the board. `waits`: its citizen has not come yet."""

    seq: int
    number: str
    desk: str
    waits: bool


class Board:
    """What the display shows, is saying and will say."""

    def __init__(self) -> None:
        self.view: DisplayView | None = None
        self.current: Announcement | None = None
        """What is being read out now; null in between."""
        self._first: deque[Announcement] = deque()
        self._second: list[Announcement] = []
        self._seq = -1

    # --- what the hall says -------------------------------------------------------------------------------

    def update(self, view: DisplayView, seq: int, hall_now: datetime) -> None:
        """Take the hall's newest view. `hall_now` is the hall's own time, to tell how old a missed call is."""

        def recent(entry: DisplayCall | Withdrawn) -> bool:
            return (hall_now - datetime.fromisoformat(entry.at)).total_seconds() <= STALE

        if self.view is None or seq < self._seq:
            self._first.clear()
            self._second.clear()
            news: list[DisplayCall | Withdrawn] = [call for call in view.calls if not call.said]
        else:
            news = list(_newer(view, self._seq))
        before = {line.number for line in self.lines()}
        self.view, self._seq = view, seq
        # A number that was called since it was taken back need not wait; one taken back long ago is not on its way.
        called = {call.number: call.seq for call in sorted(view.calls, key=lambda call: call.seq)}
        for entry in sorted(news, key=lambda entry: entry.seq):
            if isinstance(entry, Withdrawn):
                on_the_way = entry.number in before and called.get(entry.number, -1) < entry.seq and recent(entry)
                self._take_back(entry, on_the_way)
            elif not entry.answered and recent(entry):
                self._enqueue(entry)
        self._drop_answered()

    def _enqueue(self, call: DisplayCall) -> None:
        self._second = [entry for entry in self._second if entry.number != call.number]
        # "Please wait" is not so any more.
        self._first = deque(entry for entry in self._first if entry.calls or entry.number != call.number)
        for at, entry in enumerate(self._first):
            if entry.number == call.number and entry.desk == call.desk:
                # Not said yet: saying it once more at once would only hold up the others.
                self._first[at] = replace(entry, calls=(*entry.calls, call.seq))
                return
        kind: Literal["call", "recall"] = "recall" if call.recall else "call"
        self._first.append(Announcement(call.seq, kind, call.number, call.desk, call.area, calls=(call.seq,)))

    def _take_back(self, entry: Withdrawn, stood: bool) -> None:
        said_or_saying = stood and not any(a.number == entry.number and a.calls for a in self._first)
        self._first = deque(a for a in self._first if a.number != entry.number or not a.calls)
        self._second = [a for a in self._second if a.number != entry.number]
        if said_or_saying:  # somebody may be on the way
            self._first.append(Announcement(entry.seq, "withdrawn", entry.number, "", ""))

    def _drop_answered(self) -> None:
        assert self.view is not None
        wanted = {call.seq for call in self.view.calls if not call.answered and call.number not in self.view.missed}

        def stands(entry: Announcement) -> bool:
            return not entry.calls or any(seq in wanted for seq in entry.calls)

        self._first = deque(filter(stands, self._first))
        self._second = list(filter(stands, self._second))

    # --- what is said -------------------------------------------------------------------------------------

    def begin(self, *, again: bool = True) -> Announcement | None:
        """What is to be read out now, which is `current` from now on; null where there is nothing to say. Without
        `again` second readings are given up.
        """
        if not again:
            self._second.clear()
        if self._first:
            self.current = self._first.popleft()
        elif self._second:
            self.current = replace(self._second.pop(0), again=True)
        else:
            self.current = None
        return self.current

    def rest(self) -> None:
        """Nothing is read out for now; what waits for its turn goes on waiting."""
        self.current = None

    def upcoming(self) -> Announcement | None:
        """What would be read out next, as of now."""
        return self._first[0] if self._first else self._second[0] if self._second else None

    def read_out(self, announcement: Announcement) -> None:
        """It was said to its end: once more, where it may help and nobody else waits."""
        if announcement.kind != "withdrawn" and not announcement.again:
            waiting = {entry.number for entry in self._first}
            if announcement.number not in waiting:
                self._second.append(announcement)
                self._drop_answered()

    # --- what is shown ------------------------------------------------------------------------------------

    def lines(self) -> tuple[Line, ...]:
        """The calls on the board, one per number: first the one that is being read out, then those that wait for
        their citizens, then the others; each newest first.
        """
        if self.view is None:
            return ()
        taken_back = {entry.number: entry.seq for entry in sorted(self.view.withdrawn, key=lambda e: e.seq)}
        found: dict[str, Line] = {}
        for call in sorted(self.view.calls, key=lambda call: call.seq, reverse=True):
            over = call.seq < taken_back.get(call.number, -1) or call.number in self.view.missed
            if not over:
                found.setdefault(call.number, Line(call.seq, call.number, call.desk, not call.answered))
        said = self.current.number if self.current is not None and self.current.calls else ""
        return tuple(sorted(found.values(), key=lambda line: (line.number != said, not line.waits, -line.seq)))

    def standing(self) -> tuple[int, ...]:
        """The `seq` of each call that waits for its citizen, recalls included: what a screen that is seen shows."""
        if self.view is None:
            return ()
        numbers = {line.number for line in self.lines() if line.waits}
        return tuple(sorted(call.seq for call in self.view.calls if not call.answered and call.number in numbers))


def _newer(view: DisplayView, seq: int) -> Iterable[DisplayCall | Withdrawn]:
    yield from (call for call in view.calls if call.seq > seq)
    yield from (entry for entry in view.withdrawn if entry.seq > seq)

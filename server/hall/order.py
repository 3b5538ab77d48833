"""Who is next, and why. Pure.

The rule, for one area:

1. a number whose call was taken back comes first;
2. then requeued numbers, each after one more call of its area;
3. then those left over from an earlier session, before the present session's;
4. within these by the hall's policy of priority, with waits in open hours:
   `weight`  each minute of a priority person's wait counts as so many (4 unless set): accumulating priority
             (Kleinrock 1964). It keeps its word at every load: a number is overtaken only by priority numbers that
             came within the first (1 - 1/weight) of its wait;
   `first`   priority numbers before all others;
   `cap`     the same, but whoever has waited for the longest wait allowed ranks with them;
5. then whoever came first.

A desk that serves several areas takes, of their first numbers, the one that this order puts first. What the kiosk
says (`ahead`) and the display shows ("next") are read from the same lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice, takewhile

from server.hall.calendar import Span, covered
from server.hall.fold import Hall
from server.hall.policy import Policy
from server.hall.state import AFTER_NEXT, HEAD, NORMAL, Line, Ticket
from server.protocol import CallReason

Key = tuple[int, int, int, int]


def standing(policy: Policy, *, priority: bool, waited: int) -> int:
    """Where a number stands among those of its tier after so many ms in open hours: smaller is earlier."""
    if policy.priority == "weight":
        return -waited * policy.weight if priority else -waited
    if policy.priority == "first":
        return 0 if priority else 1
    return 0 if priority or waited >= policy.longest_wait else 1


class Order:
    """The order of one hall at one instant (ms)."""

    def __init__(self, hall: Hall, now: int) -> None:
        self.hall = hall
        self.now = now
        self._since: dict[str, int] = {}
        self._spans: dict[str, tuple[Span, ...]] = {}

    def line(self, area: str) -> Iterator[Ticket]:
        """The area's waiting tickets, in the order in which they will be called. Lazy: the first cost little."""
        line = self.hall.line(area)
        late = [t for t in line.special.values() if self._follows_next(t)]
        late.sort(key=lambda t: (t.queued_at, t.id))
        special = sorted((t for t in line.special.values() if not self._follows_next(t)), key=self.key)
        # The others are in order already: by arrival, and every policy favours the earlier of two alike.
        rest = merge(special, line.marked.values(), line.plain.values(), key=self.key)
        yield from islice(rest, 1)
        yield from late
        yield from rest

    def desk_line(self, areas: Iterable[str]) -> Iterator[Ticket]:
        """The line of a desk that serves several areas."""
        return merge(*(self.line(area) for area in areas), key=self.key)

    def first(self, areas: Iterable[str]) -> Ticket | None:
        """Who is next in these areas; null where nobody waits."""
        return next(self.desk_line(areas), None)

    def key(self, ticket: Ticket) -> Key:
        """Smaller is earlier. Total: no two tickets have the same."""
        if ticket.place == HEAD:
            rank = 0
        elif ticket.place == AFTER_NEXT:
            rank = 1
        elif ticket.queued_at < self.session_start(ticket.area):
            rank = 2
        else:
            rank = 3
        stands = standing(self.hall.policy, priority=ticket.priority, waited=self.waited(ticket))
        return (rank, stands, ticket.queued_at, ticket.id)

    def why(self, ticket: Ticket) -> CallReason:
        """Which rule puts a waiting ticket where it is: a code for the record and the desk."""
        if ticket.place == HEAD:
            return "taken_back"
        if ticket.place == AFTER_NEXT:
            return "requeued"
        if ticket.queued_at < self.session_start(ticket.area):
            return "left_over"
        if ticket.priority:
            return "priority"
        return "longest_wait"

    def ahead(self, ticket: Ticket, desks: tuple[str, ...] | None = None) -> int:
        """How many waiting tickets would be called before this one, for certain.

        Counted are those before it in its own area, and in each area that every desk of its own also serves. `desks`:
        those that can call now, as its paper names them; without them all that are open.
        """
        hall = self.hall
        areas = hall.policy.shared_by(hall.desks_open(ticket.area) if desks is None else desks) or (ticket.area,)
        if ticket.place != NORMAL:  # near the front: counted as they will be called
            return sum(1 for _ in takewhile(lambda other: other.id != ticket.id, self.desk_line(areas)))
        return sum([self._before(hall.line(area), ticket) for area in areas])

    def _before(self, line: Line, ticket: Ticket) -> int:
        """How many of a line are called before a number in its own turn."""
        before = self._earlier(line.plain, ticket) + self._earlier(line.marked, ticket)
        if not line.special:
            return before
        late, key = 0, self.key(ticket)
        for other in line.special.values():
            if self._follows_next(other):
                late += 1
            else:
                before += self.key(other) < key
        # They follow the line's first, where it has one, and come before everybody in their own turn then.
        return before + (late if before or late == len(line) else 0)

    def _earlier(self, group: dict[int, Ticket], ticket: Ticket) -> int:
        """The same of some in order of arrival. Where it is all of them or none, as for the newest, that is seen."""
        if not group:
            return 0
        if next(reversed(group)) == ticket.id:
            return len(group) - 1
        key = self.key(ticket)
        if self.key(next(reversed(group.values()))) < key:
            return len(group)
        if key <= self.key(next(iter(group.values()))):
            return 0
        return bisect_left(list(group.values()), key, key=self.key)

    def waited(self, ticket: Ticket, until: int | None = None) -> int:
        """Milliseconds in open hours since it was queued."""
        spans = self._spans.get(ticket.area)
        if spans is None:
            spans = self._spans[ticket.area] = self.hall.spans(ticket.area)
        return covered(spans, ticket.queued_at, self.now if until is None else until)

    def session_start(self, area: str) -> int:
        """The start of the session that runs now, or of the last one before."""
        start = self._since.get(area)
        if start is None:
            begun = [since for since, _ in self.hall.spans(area) if since <= self.now]
            start = self._since[area] = max(begun, default=0)
        return start

    def _follows_next(self, ticket: Ticket) -> bool:
        return ticket.place == AFTER_NEXT and self.hall.area_calls.get(ticket.area, 0) <= ticket.after_calls

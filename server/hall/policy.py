"""What the rules of one hall depend on: a frozen extract of its settings. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.hall.calendar import MINUTE, Calendar
from server.protocol import AreaInfo, DeskInfo, Displays, PriorityPolicy


@dataclass(frozen=True)
class Policy:
    """Numbers are in the unit their name says; limits of 0 mean no limit."""

    calendar: Calendar
    areas: dict[str, AreaInfo]
    desks: dict[str, DeskInfo]
    procedures: dict[str, str]
    """Procedure code → the area that handles it."""
    sensitive: frozenset[str] = frozenset()
    """Procedures that are logged by their area only."""
    kiosks: tuple[str, ...] = ()
    """Names of the paired kiosks: where a desk's reprint may come out."""
    displays: Displays = "none"
    """What the connected displays do with a call: one reads it out, they only show it, or there is none."""
    secret: bytes = field(default=b"", repr=False)
    """Key of the ticket tokens and rating codes."""
    priority: PriorityPolicy = "weight"
    """How priority acts: see `order`."""
    weight: int = 4
    """`weight`: a minute of a priority person's wait counts as so many."""
    longest_wait_minutes: int = 30
    """`cap`: after this wait nobody is overtaken by a priority number any more."""
    no_show_calls: int = 2
    no_show_seconds: int = 45
    absences: int = 3
    """So many no-shows and the number is cancelled."""
    rating_minutes: int = 240
    rating_levels: int = 5
    day_end_minutes: int = 120
    """A day without an open desk is closed so long after its last session."""
    tickets_per_minute: int = 30
    burst: int = 3

    _serving: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _shared: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def desks_of(self, area: str) -> tuple[str, ...]:
        """Codes of the desks that serve an area, in the settings' order."""
        found = self._serving.get(area)
        if found is None:
            found = tuple(code for code, desk in self.desks.items() if area in desk.areas)
            self._serving[area] = found
        return found

    def shared_by(self, desks: tuple[str, ...]) -> tuple[str, ...]:
        """The areas that each of these desks serves; none where there is no desk."""
        found = self._shared.get(desks)
        if found is None:
            areas = [self.desks[desk].areas for desk in desks]
            found = tuple(sorted(set(areas[0]).intersection(*areas))) if areas else ()
            self._shared[desks] = found
        return found

    @property
    def least_satisfied(self) -> int:
        """See :func:`least_satisfied`."""
        return least_satisfied(self.rating_levels)

    @property
    def longest_wait(self) -> int:
        """Milliseconds."""
        return self.longest_wait_minutes * MINUTE


def least_satisfied(levels: int) -> int:
    """The lowest score that counts as satisfied: of five levels the two best do, of three the best alone (the middle
    one is neither pleased nor displeased)."""
    return levels - 1 if levels > 3 else levels

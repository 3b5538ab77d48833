"""What the manager should look at, as codes: `disk_low`, `gone:kiosk-1` … Each has its sentence on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from server.hall.calendar import MINUTE
from server.hall.views.moment import Moment
from server.live.disk import Disk
from server.live.presence import Presence
from server.live.recovery import Recovery
from server.live.rounds import Rounds

LEFT_AFTER: Final = 5 * MINUTE
"""ms without its clerk's page after which an open desk is an alarm."""


class Alarms:
    """Of one hall: what stands until it is taken back, and what is seen by looking."""

    def __init__(self, rounds: Rounds, presence: Presence, disk: Disk, recovery: Recovery) -> None:
        self.standing: set[str] = set()
        self.on_change: list[Callable[[], None]] = []
        """Called when a standing alarm comes or goes."""
        self._rounds = rounds
        self._presence = presence
        self._disk = disk
        self._recovery = recovery
        rounds.marking.on_trouble.append(lambda trouble: self.set("mark_unwritten", trouble))

    def set(self, code: str, stands: bool) -> None:
        """Raise a standing alarm, or take it back."""
        if stands == (code in self.standing):
            return
        (self.standing.add if stands else self.standing.discard)(code)
        for told in self.on_change:
            told()

    def codes(self, at: Moment) -> tuple[str, ...]:
        """All alarms of this moment, in alphabetical order."""
        hall = at.hall
        out = set(self.standing)
        for desk in hall.desks.values():
            since = at.away_since(desk)
            if since is not None and at.now - since >= LEFT_AFTER:
                out.add(f"desk_left:{desk.code}")
        if hall.doubtful:
            out.add("clock_stepped" if hall.doubtful == "clock_stepped" else "doubtful_date")
        if self._disk.low:
            out.add("disk_low")
        if self._rounds.held:
            out.add("record_held")
        if self._recovery.happened_on == at.date or (hall.lost and not at.over):
            out.add("record_behind")
        for fault in self._presence.faults():
            out.add(f"printer:{fault.device}" if fault.connected else f"gone:{fault.device}")
        return tuple(sorted(out))

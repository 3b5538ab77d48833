"""How much room the disk of the record has, as last measured."""

from __future__ import annotations

from server.record.file import FULL, Record


class Disk:
    """The room for one record. `measure` looks; in between its last word stands."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.low = False
        """Nothing new is begun."""
        self.full = False
        """Nothing is written at all."""

    def measure(self) -> None:
        """Look how much room there is."""
        self.low, self.full = self._record.nearly_full(), self._record.free() < FULL

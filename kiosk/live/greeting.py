"""What kiosk and hall tell each other of the last numbers, so that none comes twice whoever of them lost its record."""

from __future__ import annotations

from msgspec.structs import replace

from kiosk.journal.last_numbers import Last, LastNumbers
from server.protocol import Hello, KioskView, Welcome


class Greeting:
    """The kiosk's side of it, on its journal's last numbers."""

    def __init__(self, numbers: LastNumbers) -> None:
        self._numbers = numbers
        self._heard: dict[str, str] = {}
        """The hall's highest number of each area, as it is in the journal."""
        self.forgot = False
        """The journal is not the one with which this kiosk gave its last numbers. Until the first view after it."""

    def hello(self, hello: Hello) -> Hello:
        """The same with the last number of each area."""
        last = self._numbers.all()
        return replace(
            hello,
            given={one.area: one.number for one in last},
            given_at={one.area: one.at for one in last},
            seq=max((one.seq for one in last), default=None),
            record=self._numbers.record(),
        )

    def welcomed(self, welcome: Welcome) -> None:
        """Compare what the hall knows of this kiosk's numbers with the journal."""
        if self._numbers.belongs_to(welcome.record):
            self._heard.clear()
        self.forgot = self._numbers.lacks(welcome.given)

    def viewed(self, view: KioskView, seq: int, now: str) -> None:
        """Keep the hall's highest numbers, at its time `now`: a desk's, and another kiosk's, are in no journal here."""
        self.forgot = False
        for area in view.areas:
            if area.last is not None and self._heard.get(area.code) != area.last:
                self._heard[area.code] = area.last
                self._numbers.heard(Last(area.code, area.last, now, seq))

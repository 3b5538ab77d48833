"""What a screen may look at. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assets.texts import translator
from kiosk.flow.state import State


@dataclass(frozen=True, slots=True)
class Kiosk:
    """What a screen may look at: the flow's state and its clock, and the hall's time."""

    state: State
    now: float
    hall_time: Callable[[], datetime | None]

    @property
    def _(self) -> Callable[[str], str]:
        """The citizen's language."""
        return translator(self.state.lang)

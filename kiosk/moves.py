"""How the flow moves between screens: how long each stays, and what every change of screen sets anew. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.state import Effect, Screen, State

LIMITS: Final[dict[Screen, float]] = {
    "area": 60.0, "papers": 90.0, "asking": 8.0, "ticket": 20.0, "not_printed": 60.0, "rate_find": 60.0, "rate": 90.0,
    "sending": 12.0, "thanks": 6.0, "sorry": 20.0,
}  # fmt: skip
"""Seconds without a touch after which a screen is left. Home is left by nobody."""


Next = tuple[State, tuple[Effect, ...]]


def go(state: State, screen: Screen, now: float, note: str = "", note_number: str = "") -> State:
    limit = LIMITS.get(screen)
    return replace(
        state,
        screen=screen,
        note=note,
        note_number=note_number,
        deadline=None if limit is None else now + limit,
        changed_at=now,
        page=0,
    )

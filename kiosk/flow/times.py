"""How the flow moves between screens: how long each stays, and what every change of screen sets anew. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.flow.state import Effect, Screen, State

LIMITS: Final[dict[Screen, float]] = {
    "area": 60.0, "papers": 90.0, "asking": 8.0, "ticket": 20.0, "not_printed": 60.0, "rate_find": 60.0, "rate": 90.0,
    "sending": 12.0, "thanks": 6.0, "sorry": 20.0,
}  # fmt: skip
"""Seconds without a touch after which a screen is left. Home is left by nobody."""


MOST: Final[dict[Screen, float]] = {"ticket": 60.0, "thanks": 60.0, "sorry": 60.0}
MOST_ELSEWHERE: Final = 180.0
"""Seconds from the last touch of a button, or change of the screen, for which touches of no button keep a screen: a
panel may report touches that nobody made."""

SHORT: Final = frozenset({"cancel_question", "cancelled", "restoring"})
"""Notes of which the time is the same whatever is touched."""


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
        acted_at=now,
        page=0,
    )


def put_off(state: State, now: float, *, acts: bool) -> State:
    """Somebody touched the screen: it stays longer. `acts`: a button was meant."""
    limit = LIMITS.get(state.screen)
    if acts:
        state = replace(state, acted_at=now)
    if state.deadline is None or limit is None or state.screen in {"asking", "sending"} or state.note in SHORT:
        return state
    latest = state.acted_at + MOST.get(state.screen, MOST_ELSEWHERE)
    return replace(state, deadline=max(state.deadline, min(now + limit, latest)))

"""How the flow moves between screens: how long each stays, and what every change of screen sets anew. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.flow.effects import Effect, Settle
from kiosk.flow.state import Rating, Screen, State

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
    """The same state on another screen, from `now` on. `note`: what else that screen has to say, about which number."""
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


def home(state: State, now: float) -> State:
    """Home for the next citizen: the usual language, nothing chosen."""
    return replace(go(state, "home", now), lang=state.usual_lang, area=None, opened=None, current=None, rating=Rating())


def leave_number(state: State, now: float, *, settled: bool) -> Next:
    """Away from the ticket or the not-printed screen. What is printed or written down is settled."""
    one = state.number_shown()
    if one is None:
        return home(state, now), ()
    if settled or one.paper in {"confirmed", "sent"}:
        rest = tuple(other for other in state.given if other.key != one.key)
        return home(replace(state, given=rest), now), (Settle(one.key),)
    return home(state, now), ()

"""What the window draws of a state, and what it says of the time: pure questions, nothing changes."""

from __future__ import annotations

from typing import Final

from kiosk.flow.state import Given, Shown, State

WARNING: Final = 15.0
"""Seconds before a screen is left in which it asks whether somebody is still there."""
FRESH: Final = 60.0
"""Seconds for which the screen repeats what a number's paper would have said of those ahead, and of desks."""
WARNS: Final = frozenset({"area", "papers", "rate_find", "rate"})


def shown(state: State) -> Shown:
    """What the window draws."""
    if state.screen in {"home", "area", "rate_find", "rate"} and (not state.linked or state.hall is None):
        return "cut"
    if state.screen == "home" and state.view is not None and not state.view.open:
        return "closed"
    return state.screen


def warning(state: State, now: float) -> int | None:
    """Seconds left, while the screen asks whether somebody is still there; else None."""
    if state.screen not in WARNS or state.deadline is None or state.deadline - now > WARNING:
        return None
    return max(0, round(state.deadline - now))


def seconds_left(state: State, now: float) -> int | None:
    """Whole seconds until the screen is left; None where it stays."""
    return None if state.deadline is None else max(0, round(state.deadline - now))


def is_fresh(one: Given, now: float) -> bool:
    """Were the figures that came with a number counted just now? Later neither who is ahead nor which desks are."""
    return not one.found and now - one.at < FRESH

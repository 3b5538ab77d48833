"""A wrong choice: asked about once, taken back by the hall, and for ten seconds to be had again. Pure.

The number's paper is in somebody's hand by then, so nothing is cancelled by one tap, and nothing for good.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.flow.effects import CancelNumber, RestoreNumber, Settle, TakeUp
from kiosk.flow.inputs import Cancelled, Restored, Touched
from kiosk.flow.state import Screen, State
from kiosk.flow.times import LIMITS, Next, go

CANCEL_WINDOW: Final = 20.0
"""Seconds from the touch in which a number may be called a wrong choice."""
QUESTION: Final = 10.0
"""Seconds for which the question stands; the hall takes the answer until the end of both, and two for the way."""
RESTORE_WINDOW: Final = 10.0
"""Seconds in which a cancelled number may be taken back; the hall gives two more."""
_RESTORING: Final = 12.0
"""Seconds for which the hall's answer to that is waited for."""
_READY: Final = frozenset({"confirmed", "sent"})


def may_cancel(state: State, now: float) -> int | None:
    """Seconds in which the number on the screen may still be called a wrong choice; else None."""
    one = state.number_shown()
    if one is None or state.note in {"cancelling", "cancel_failed", "cancel_unreachable"} or one.found:
        return None
    left = one.at + CANCEL_WINDOW - now
    return int(left) + 1 if left > 0 else None


def may_restore(state: State) -> bool:
    """May the citizen take back now that the number was given up?"""
    return state.note == "cancelled" and state.cancelled is not None


# --- touches ------------------------------------------------------------------------------------------------


def ask(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - one signature for all touches
    """*Chọn nhầm – hủy số này*: the question comes first."""
    if state.note == "cancel_question" or may_cancel(state, now) is None:
        return state, ()
    return replace(state, note="cancel_question", deadline=now + QUESTION, changed_at=now), ()


def keep(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """The number is kept after all."""
    return (question_over(state, now) if state.note == "cancel_question" else state), ()


def question_over(state: State, now: float) -> State:
    """The number stays; its screen goes on as if it had just come."""
    return replace(state, note="", deadline=now + LIMITS[state.screen], changed_at=now)


def cancel(state: State, given: Touched, now: float) -> Next:
    """Yes, give the number up: the hall is asked."""
    one = state.number_shown()
    if one is None or state.note != "cancel_question":
        return state, ()
    state = replace(state, note="cancelling", note_number=given.id, deadline=now + LIMITS[state.screen], changed_at=now)
    return state, (CancelNumber(given.id, one.key, one.ticket.ticket),)


def restore(state: State, given: Touched, now: float) -> Next:
    """Take the number back: the hall is asked."""
    one = state.cancelled
    if one is None or not may_restore(state):
        return state, ()
    state = replace(state, note="restoring", deadline=now + _RESTORING, changed_at=now)
    return state, (RestoreNumber(given.id, one.key, one.ticket.ticket),)


# --- the hall's answers -------------------------------------------------------------------------------------


def cancelled(state: State, given: Cancelled, now: float) -> Next:
    """Wherever its citizen is meanwhile: a number that the hall took back is neither offered nor printed any more."""
    if given.code:
        waits = state.note == "cancelling" and state.note_number == given.id
        note = "cancel_unreachable" if given.code == "unreachable" else "cancel_failed"
        return (replace(state, note=note, note_number="") if waits else state), ()
    one = next((one for one in state.given if one.key == given.key), None)
    state = replace(state, given=tuple(other for other in state.given if other.key != given.key))
    if one is not None and state.current == given.key:
        state = go(replace(state, current=None, cancelled=one), "thanks", now, "cancelled", one.ticket.number)
        state = replace(state, deadline=now + RESTORE_WINDOW)
    return state, (Settle(given.key),)


def restored(state: State, given: Restored, now: float) -> Next:
    """The number is its citizen's again: on the screen where it is waited for, offered where its paper is not out."""
    one = state.cancelled
    if one is None or one.key != given.key:
        return state, ()
    waits = state.note in {"restoring", "restore_unreachable"}
    if given.code:
        if given.code != "unreachable":
            state = replace(state, cancelled=None)
        number = one.ticket.number
        return (go(state, "sorry", now, f"restore_{given.code}", number) if waits else state), ()
    state = replace(state, cancelled=None)
    if not waits and one.paper in _READY:
        return state, ()
    state = replace(state, given=(*state.given, one))
    if waits:
        screen: Screen = "ticket" if one.paper in {*_READY, "printing"} else "not_printed"
        state = replace(go(state, screen, now), current=one.key)
    return state, () if one.paper in {*_READY, "printing"} else (TakeUp(one.key, unknown=one.paper == "unknown"),)

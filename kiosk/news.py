"""What news from the hall and the printer change: numbers given or refused, ends of prints, answers. Pure.

What a touch does stands in `flow.py`, and so does the one door to both.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.moves import LIMITS, Next, go
from kiosk.state import Answered, Given, NumberGiven, NumberRefused, Paper, PrintPaper, Settle, State


def number_given(state: State, given: NumberGiven, now: float) -> Next:
    """Printed at once where its citizen waits; shown or offered where they were sent to the staff meanwhile."""
    if state.asked is not None and state.asked.id == given.id:
        one = Given(given.id, given.ticket, state.asked.lang, "printing", state.asked.at)
        state = replace(state, asked=None, given=(*state.given, one), current=one.key)
        return go(state, "ticket", now), (PrintPaper(one.key, one.ticket, one.lang, again=False),)
    late = next((asked for asked in state.overdue if asked.id == given.id), None)
    if late is None:
        return state, ()
    one = Given(given.id, given.ticket, late.lang, "late", now)
    rest = tuple(asked for asked in state.overdue if asked.id != given.id)
    return offered(replace(state, overdue=rest, given=(*state.given, one)), one, now), ()


def number_refused(state: State, given: NumberRefused, now: float) -> Next:
    """The hall's no, or an end of the asking."""
    state = replace(state, overdue=tuple(asked for asked in state.overdue if asked.id != given.id))
    if state.asked is None or state.asked.id != given.id:
        return state, ()
    return go(replace(state, asked=None), "sorry", now, given.code), ()


def paper(state: State, key: str, end: Paper, now: float) -> Next:
    """How a print ended. "Take your paper" is said only now, and only where the printer has answered for it."""
    one = next((one for one in state.given if one.key == key), None)
    if one is None:
        return state, (Settle(key),)  # cancelled while it was printed: not offered after a restart either
    one = replace(one, paper=end)
    state = changed(state, one)
    if one.paper in {"confirmed", "sent"}:
        if state.current == key:
            return replace(state, screen="ticket", deadline=now + LIMITS["ticket"]), ()
        return replace(state, given=tuple(other for other in state.given if other.key != key)), (Settle(key),)
    if state.current == key:
        return go(state, "not_printed", now, state.note, state.note_number), ()
    return offered(state, one, now), ()


def offered(state: State, one: Given, now: float) -> State:
    """A number in trouble is shown at once where nobody is in the middle of something; else home offers it."""
    if state.screen == "home" or (state.screen == "sorry" and state.note == "unreachable"):
        return replace(go(state, "not_printed", now), current=one.key)
    return state


def answered(state: State, given: Answered, now: float) -> Next:
    """The hall's answer to a cancel or a rating."""
    if given.key:
        return _cancelled(state, given, now)
    if state.screen in {"sending", "sorry"} and state.rating.id == given.id:
        if not given.code:
            return go(state, "thanks", now, "rated"), ()
        if given.code == "unknown_number" and state.rating.ticket is None:
            state = replace(go(state, "rate_find", now, given.code), rating=replace(state.rating, id=""))
            return state, ()
        return go(state, "sorry", now, f"rating_{given.code}"), ()
    return state, ()


def _cancelled(state: State, given: Answered, now: float) -> Next:
    """Wherever its citizen is meanwhile: a number that the hall took back is neither offered nor printed any more."""
    if given.code:
        waits = state.note == "cancelling" and state.note_number == given.id
        return (replace(state, note="cancel_failed", note_number="") if waits else state), ()
    one = next((one for one in state.given if one.key == given.key), None)
    state = replace(state, given=tuple(other for other in state.given if other.key != given.key))
    if one is not None and state.current == given.key:
        state = go(replace(state, current=None), "thanks", now, "cancelled", one.ticket.number)
    return state, (Settle(given.key),)


def changed(state: State, one: Given) -> State:
    """`one` instead of what was known of its number."""
    return replace(state, given=tuple(one if other.key == one.key else other for other in state.given))

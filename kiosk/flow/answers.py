"""What the answers of hall and printer change: numbers given or refused, ends of prints, reprints, ratings. Pure.

What a touch does stands in `touches.py`; the one door to both is `step.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.flow import rating
from kiosk.flow.effects import PrintPaper, Settle
from kiosk.flow.inputs import Answered, NumberGiven, NumberRefused, Reprinted
from kiosk.flow.standing import desk_of, may_print, of_today, standing
from kiosk.flow.state import Given, Paper, State
from kiosk.flow.times import LIMITS, Next, go


def number_given(state: State, given: NumberGiven, now: float) -> Next:
    """Printed at once where its citizen waits; shown or offered where they were sent to the staff meanwhile."""
    if state.asked is not None and state.asked.id == given.id:
        one = Given(given.id, given.ticket, state.asked.lang, "printing", state.asked.at)
        state = replace(state, asked=None, given=(*state.given, one), current=one.key)
        return go(state, "ticket", now), (PrintPaper(one.key, one.ticket, one.lang, again=False),)
    late = next((asked for asked in state.overdue if asked.id == given.id), None)
    if late is None:
        return state, ()
    # The answer may be one that was kept: the number is as old as the question.
    one = Given(given.id, given.ticket, late.lang, "late", now, found=True, known=False)
    rest = tuple(asked for asked in state.overdue if asked.id != given.id)
    return looked(replace(state, overdue=rest, given=(*state.given, one)), now)


def number_refused(state: State, given: NumberRefused, now: float) -> Next:
    """The hall's no, or an end of the asking."""
    state = replace(state, overdue=tuple(asked for asked in state.overdue if asked.id != given.id))
    if state.asked is None or state.asked.id != given.id:
        return state, ()
    return go(replace(state, asked=None), "sorry", now, given.code), ()


def paper(state: State, key: str, end: Paper, now: float) -> Next:
    """How a print ended. "Take your paper" is said only now, and only where the printer has answered for it."""
    one = next((one for one in state.given if one.key == key), None)
    if one is None:  # cancelled while it was printed: not offered after a restart either
        if state.cancelled is not None and state.cancelled.key == key:
            state = replace(state, cancelled=replace(state.cancelled, paper=end))  # it may still be taken back
        return state, (Settle(key),)
    one = replace(one, paper=end)
    state = changed(state, one)
    if one.paper in {"confirmed", "sent"}:
        if state.current == key:
            # A question about this number stands as long as it did.
            deadline = state.deadline if state.note == "cancel_question" else now + LIMITS["ticket"]
            return replace(state, screen="ticket", deadline=deadline, acted_at=now), ()
        return replace(state, given=tuple(other for other in state.given if other.key != key)), (Settle(key),)
    if state.current == key:
        return go(state, "not_printed", now, state.note, state.note_number), ()
    return offered(state, one, now), ()


def looked(state: State, now: float) -> Next:
    """What the view says of the numbers without a paper: one that is over is offered no more, one that was found and
    is still to come is offered from now on.
    """
    effects: tuple[Settle, ...] = ()
    for one in state.given:
        on_screen = state.current == one.key and state.screen == "not_printed" and state.note != "cancelling"
        if one.paper in _WITH_PAPER or (state.current == one.key and not on_screen):
            continue
        stands = standing(state, one)
        if stands == "over":
            state, ended = over(state, one, now)
            effects += ended
        elif stands == "called" and on_screen:
            state = sent_to(state, one, desk_of(state, one), now)
        elif stands != "unknown" and not one.known:
            state = changed(state, replace(one, known=True))
            state = offered(state, one, now) if stands == "waits" else state
    return state, effects


def reprinted(state: State, given: Reprinted, now: float) -> Next:
    """May it be printed again? With the ticket as it is now: who is ahead, and which desks serve, has changed."""
    one = next((one for one in state.given if one.key == given.key), None)
    if one is None:  # cancelled meanwhile
        if state.cancelled is not None and state.cancelled.key == given.key:
            state = replace(state, cancelled=replace(state.cancelled, paper="failed"))
        return state, ()
    if one.paper != "printing":
        return state, ()
    if not given.code:
        fresh = given.ticket or one.ticket
        if fresh.number != one.ticket.number:  # the hall's record is an older copy: this id is another's there
            return over(state, one, now)
        one = replace(one, ticket=fresh, known=True)
        return changed(state, one), (PrintPaper(one.key, one.ticket, one.lang, again=True),)
    if given.code in PASSING and may_print(state, one) and (one.known and of_today(state, one)):
        return state, (PrintPaper(one.key, one.ticket, one.lang, again=True, untold=given.id),)
    if given.code == "too_late":
        return over(state, one, now)
    one = replace(one, paper="failed")
    state = changed(state, one)
    if given.code == "already_called":
        return (sent_to(state, one, given.desk, now) if state.current == one.key else state), ()
    return paper(state, one.key, "failed", now)


def over(state: State, one: Given, now: float) -> tuple[State, tuple[Settle, ...]]:
    """It has begun, was cancelled, or its day is over: it is offered no more, and no paper says otherwise."""
    state = replace(state, given=tuple(other for other in state.given if other.key != one.key))
    if state.current == one.key:
        state = replace(go(state, "sorry", now, "number_over", one.ticket.number), current=None)
    return state, (Settle(one.key),)


def sent_to(state: State, one: Given, desk: str, now: float) -> State:
    """It is being called: its citizen needs no paper, but to know where to go."""
    return replace(go(state, "sorry", now, "number_called", one.ticket.number), current=None, note_desk=desk)


def offered(state: State, one: Given, now: float) -> State:
    """A number in trouble is shown at once where nobody is in the middle of something; else home offers it."""
    if state.screen == "home" or (state.screen == "sorry" and state.note == "unreachable"):
        return replace(go(state, "not_printed", now), current=one.key)
    return state


def answered(state: State, given: Answered, now: float) -> Next:
    """The hall's answer to a rating, or to the question before it. What was written is kept as long as it can be."""
    if state.rating.id != given.id:
        return state, ()
    if state.screen == "rate_find":
        if state.note != "finding":
            return state, ()
        if not given.code:
            return rating.found(state, now), ()
        return replace(state, note=given.code if given.code in _SAID_AT_THE_NUMBER else "find_failed"), ()
    if state.screen not in {"sending", "rate"}:
        return state, ()
    if not given.code:
        return go(state, "thanks", now, "rated"), ()
    if given.code in _SAID_AT_THE_NUMBER and state.rating.ticket is None:
        return replace(go(state, "rate_find", now, given.code), rating=replace(state.rating, id="")), ()
    if given.code in PASSING:
        return not_sent(state, now), ()
    return go(state, "sorry", now, f"rating_{given.code}"), ()


def not_sent(state: State, now: float) -> State:
    """Back to the faces with all that was chosen and written."""
    return go(state, "rate", now, "rating_not_sent")


PASSING: Final = frozenset({"unreachable", "internal", "too_fast", "busy"})
"""Refusals after which the same may be taken a moment later."""
_WITH_PAPER: Final = frozenset({"printing", "confirmed", "sent"})
_SAID_AT_THE_NUMBER: Final = frozenset({"unknown_number", "not_served", "already_rated", "too_late"})


def changed(state: State, one: Given) -> State:
    """`one` instead of what was known of its number."""
    return replace(state, given=tuple(one if other.key == one.key else other for other in state.given))

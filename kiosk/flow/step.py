"""The kiosk's screens as a pure state machine: a state, an input and the time give the next state and what to do.

No I/O, no clock, no chance: ids and times are arguments, effects are returned as data. The promises kept here: a
number that the hall gave is never lost (printed, shown, or offered again); "take your paper" is said only once the
printer has answered for it; nobody is thrown out without a warning that a touch can put off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.flow import answers, cancelling
from kiosk.flow.effects import Settle
from kiosk.flow.inputs import (
    Answered,
    Cancelled,
    FoundAsked,
    FoundGiven,
    Input,
    Linked,
    NumberGiven,
    NumberRefused,
    PaperFailed,
    PaperPrinted,
    Reprinted,
    Restored,
    Tick,
    Touched,
    Viewed,
    Welcomed,
)
from kiosk.flow.standing import of_today
from kiosk.flow.state import Given, State
from kiosk.flow.times import Next, go, home, leave_number
from kiosk.flow.touches import touched

OFFER: Final = 600.0
"""Seconds for which a number without paper is offered on the home screen."""


def step(state: State, given: Input, now: float) -> Next:
    """The one door. Unknown or late inputs change nothing."""
    match given:
        case Touched():
            return touched(state, given, now)
        case Tick():
            return _tick(state if state.today == given.today else replace(state, today=given.today), now)
        case Welcomed():
            return replace(state, hall=given.hall), ()
        case Viewed():
            return answers.looked(replace(state, view=given.view, seq=given.seq), now)
        case Linked():
            return replace(state, linked=given.up, refused=given.refused), ()
        case NumberGiven():
            return answers.number_given(state, given, now)
        case NumberRefused():
            return answers.number_refused(state, given, now)
        case PaperPrinted():
            return answers.paper(state, given.key, given.result, now)
        case PaperFailed():
            return answers.paper(state, given.key, given.reason, now)
        case Answered():
            return answers.answered(state, given, now)
        case Cancelled():
            return cancelling.cancelled(state, given, now)
        case Restored():
            return cancelling.restored(state, given, now)
        case Reprinted():
            return answers.reprinted(state, given, now)
        case FoundGiven():
            found = Given(given.key, given.ticket, given.lang, given.paper, now, found=True, known=False)
            return answers.looked(replace(state, given=(*state.given, found)), now)
        case FoundAsked():
            return replace(state, overdue=(*state.overdue, given.asked)), ()


def _tick(state: State, now: float) -> Next:
    kept = tuple(
        one
        for one in state.given
        if one.paper == "printing" or one.key == state.current or (now - one.at < OFFER and not _ended(state, one))
    )
    dropped = tuple(Settle(one.key) for one in state.given if one not in kept)
    if dropped:
        state = replace(state, given=kept)
    if state.deadline is None or now < state.deadline:
        return state, dropped
    match state.screen:
        case "asking":
            overdue = (*state.overdue, state.asked) if state.asked else state.overdue
            return go(replace(state, asked=None, overdue=overdue), "sorry", now, "unreachable"), dropped
        case "ticket" | "not_printed" if state.note == "cancel_question":
            return cancelling.question_over(state, now), dropped
        case "ticket" if (one := state.number_shown()) and one.paper == "printing":
            return replace(state, deadline=now + 1), dropped  # the printer's time limits end this soon
        case "ticket" | "not_printed":
            state, effects = leave_number(state, now, settled=False)
            return state, dropped + effects
        case "sending":
            return answers.not_sent(state, now), dropped
        case "thanks" if state.note == "restoring":
            number = state.note_number
            return go(state, "sorry", now, "restore_unreachable", number), dropped
    return home(state, now), dropped


def _ended(state: State, one: Given) -> bool:
    """Cut off at the end of its day: numbers are good for one day."""
    return not state.linked and bool(state.today) and state.hall is not None and not of_today(state, one)

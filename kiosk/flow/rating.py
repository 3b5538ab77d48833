"""The touches of a rating: finding whose it is, the faces, reasons and comment, and when it may be sent. Pure.

The hall's answer is heard in `answers.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.flow import telex
from kiosk.flow.effects import FindNumber, SendRating
from kiosk.flow.inputs import Touched
from kiosk.flow.state import Rating, State
from kiosk.flow.times import Next, go

LONGEST_COMMENT: Final = 300
SHORTEST_NUMBER: Final = 3


def low_scores(state: State) -> int:
    """The scores up to this one ask for reasons: the two lowest of five, the lowest of three."""
    return len(state.hall.rating.levels) // 2 if state.hall else 0


def may_send(state: State) -> bool:
    """Three levels: a reason is required with the lowest (3-domain, Targets); five: it is not."""
    three = state.hall is not None and len(state.hall.rating.levels) < 5
    return 0 < state.rating.score <= low_scores(state) and bool(state.rating.reasons or not three)


def digit(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """A digit of the number or of its code."""
    digit, rating = str(given.touch.arg), state.rating
    if len(digit) != 1 or digit not in "0123456789":
        return state, ()
    if rating.in_code:
        rating = replace(rating, code=(rating.code + digit)[:2])
    else:
        rating = replace(rating, number=(rating.number + digit)[:6])
    return replace(state, rating=rating, note=""), ()


def erase(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """The last digit or letter goes."""
    rating = state.rating
    if state.screen == "rate":
        return replace(state, rating=replace(rating, comment=rating.comment[:-1])), ()
    if rating.in_code:
        return replace(state, rating=replace(rating, code=rating.code[:-1]), note=""), ()
    rating = replace(rating, number=rating.number[:-1])
    return replace(state, rating=rating, note=""), ()


def field(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """The digits go into the number, or into the code."""
    return replace(state, rating=replace(state.rating, in_code=given.touch.arg == "code")), ()


def find(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """The hall is asked before the faces: nobody chooses and writes for nothing."""
    rating = state.rating
    if len(rating.number) < SHORTEST_NUMBER or state.note == "finding":
        return state, ()
    rating = replace(rating, id=given.id, code=rating.code if len(rating.code) == 2 else "")
    return replace(state, rating=rating, note="finding"), (FindNumber(given.id, rating.number, rating.code),)


def found(state: State, now: float) -> State:
    """The number can be rated. What was chosen and written before is kept."""
    ended = state.view.ended if state.view else ()
    known = next((one for one in ended if one.number == state.rating.number), None)
    rating = replace(state.rating, id="", ticket=None, desk=known.desk if known else "")
    return replace(go(state, "rate", now), rating=rating)


def pick(state: State, given: Touched, now: float) -> Next:
    """One of the visits that have just ended."""
    ended = state.view.ended if state.view else ()
    one = next((one for one in ended if one.ticket == given.touch.arg), None)
    if one is None:
        return state, ()
    return replace(go(state, "rate", now), rating=Rating(number=one.number, ticket=one.ticket, desk=one.desk)), ()


def face(state: State, given: Touched, now: float) -> Next:
    """A face: its score. A good one is sent at once; after a bad one reasons are asked for."""
    score = int(given.touch.arg or 0)
    if state.hall is None or not 1 <= score <= len(state.hall.rating.levels):
        return state, ()
    state = replace(state, rating=replace(state.rating, score=score, typing=False))
    return send(state, given, now) if score > low_scores(state) else (state, ())


def reason(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """A reason is chosen, or chosen no more."""
    code, chosen = str(given.touch.arg), state.rating.reasons
    if state.hall is None or code not in state.hall.rating.reasons:
        return state, ()
    reasons = tuple(one for one in chosen if one != code) if code in chosen else (*chosen, code)
    return replace(state, rating=replace(state.rating, reasons=reasons)), ()


def open_keyboard(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """The keyboard comes or goes."""
    return replace(state, rating=replace(state.rating, typing=bool(given.touch.arg))), ()


def key(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """A letter of the citizen's own words."""
    key, comment = str(given.touch.arg), state.rating.comment
    if not state.rating.typing or len(key) != 1 or len(comment) >= LONGEST_COMMENT:
        return state, ()
    typed = telex.press(comment, key) if state.lang == "vi" else comment + key
    return replace(state, rating=replace(state.rating, comment=typed)), ()


def submit(state: State, given: Touched, now: float) -> Next:
    """The rating is sent with its reasons and words."""
    return send(state, given, now) if may_send(state) else (state, ())


def send(state: State, given: Touched, now: float) -> Next:
    """Send the rating, and wait for the hall's answer."""
    rating = state.rating
    if rating.score > low_scores(state):
        rating = replace(rating, reasons=(), comment="")
    rating = replace(rating, typing=False, comment=rating.comment.strip())
    if rating != state.sent:
        # The same once more keeps its id: the hall may have taken it, and then gives the same answer.
        rating = replace(rating, id=given.id)
    return replace(go(state, "sending", now), rating=rating, sent=rating), (SendRating(rating),)

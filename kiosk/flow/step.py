"""The kiosk's screens as a pure state machine: a state, an input and the time give the next state and what to do.

No I/O, no clock, no chance: ids and times are arguments, effects are returned as data. The promises kept here: a
number that the hall gave is never lost (printed, shown, or offered again); "take your paper" is said only once the
printer has answered for it; nobody is thrown out without a warning that a touch can put off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kiosk.flow import answers as news
from kiosk.flow import cancelling, rating
from kiosk.flow.standing import desk_of, may_print, of_today, standing
from kiosk.flow.state import (
    Answered,
    Asked,
    AskNumber,
    AskReprint,
    Cancelled,
    Effect,
    FoundAsked,
    FoundGiven,
    Given,
    Input,
    Linked,
    NumberGiven,
    NumberRefused,
    PaperFailed,
    PaperPrinted,
    PrintPaper,
    Rating,
    Reprinted,
    Restored,
    Settle,
    Shown,
    State,
    Tick,
    Touched,
    Viewed,
    Welcomed,
)
from kiosk.flow.times import LIMITS, MOST_ELSEWHERE, Next, go, put_off

REPEAT: Final = 1.5
"""Seconds in which a second tap on the same button is ignored."""
REPEAT_ELSEWHERE: Final = 0.6
"""The same where the screen has changed since: the same button is another one there (twice back)."""
SETTLING: Final = 0.3
"""Seconds after a change of screen in which taps are ignored: the second half of a double tap means the old screen."""
WARNING: Final = 15.0
"""Seconds before a screen is left in which it asks whether somebody is still there."""
OFFER: Final = 600.0
"""Seconds for which a number without paper is offered on the home screen."""
FRESH: Final = 60.0
"""Seconds for which the screen repeats what a number's paper would have said of those ahead, and of desks."""
LANGUAGE_KEPT: Final = 45.0
"""Seconds on the home screen after which the language returns to the usual one."""

_WARNS: Final = frozenset({"area", "papers", "rate_find", "rate"})
_TYPED: Final = frozenset({"digit", "erase", "key"})
"""Keys of the two keyboards: the same one is meant twice in a row (1001)."""


def step(state: State, given: Input, now: float) -> Next:
    """The one door. Unknown or late inputs change nothing."""
    match given:
        case Touched():
            return _touched(state, given, now)
        case Tick():
            return _tick(state if state.today == given.today else replace(state, today=given.today), now)
        case Welcomed():
            return replace(state, hall=given.hall), ()
        case Viewed():
            return news.looked(replace(state, view=given.view, seq=given.seq), now)
        case Linked():
            return replace(state, linked=given.up, refused=given.refused), ()
        case NumberGiven():
            return news.number_given(state, given, now)
        case NumberRefused():
            return news.number_refused(state, given, now)
        case PaperPrinted():
            return news.paper(state, given.key, given.result, now)
        case PaperFailed():
            return news.paper(state, given.key, given.reason, now)
        case Answered():
            return news.answered(state, given, now)
        case Cancelled():
            return cancelling.cancelled(state, given, now)
        case Restored():
            return cancelling.restored(state, given, now)
        case Reprinted():
            return news.reprinted(state, given, now)
        case FoundGiven():
            found = Given(given.key, given.ticket, given.lang, given.paper, now, found=True, known=False)
            return news.looked(replace(state, given=(*state.given, found)), now)
        case FoundAsked():
            return replace(state, overdue=(*state.overdue, given.asked)), ()


def shown(state: State) -> Shown:
    """What the window draws."""
    if state.screen in {"home", "area", "rate_find", "rate"} and (not state.linked or state.hall is None):
        return "cut"
    if state.screen == "home" and state.view is not None and not state.view.open:
        return "closed"
    return state.screen


def warning(state: State, now: float) -> int | None:
    """Seconds left, while the screen asks whether somebody is still there; else None."""
    if state.screen not in _WARNS or state.deadline is None or state.deadline - now > WARNING:
        return None
    return max(0, round(state.deadline - now))


def seconds_left(state: State, now: float) -> int | None:
    """Whole seconds until the screen is left; None where it stays."""
    return None if state.deadline is None else max(0, round(state.deadline - now))


def is_fresh(one: Given, now: float) -> bool:
    """Were the figures that came with a number counted just now? Later neither who is ahead nor which desks are."""
    return not one.found and now - one.at < FRESH


# --- moving between screens ---------------------------------------------------------------------------------


def _home(state: State, now: float) -> State:
    """Home for the next citizen: the usual language, nothing chosen."""
    return replace(go(state, "home", now), lang=state.usual_lang, area=None, opened=None, current=None, rating=Rating())


def _leave_number(state: State, now: float, *, settled: bool) -> Next:
    """Away from the ticket or the not-printed screen. What is printed or written down is settled."""
    one = state.number_shown()
    if one is None:
        return _home(state, now), ()
    if settled or one.paper in {"confirmed", "sent"}:
        rest = tuple(other for other in state.given if other.key != one.key)
        return _home(replace(state, given=rest), now), (Settle(one.key),)
    return _home(state, now), ()


# --- touches ------------------------------------------------------------------------------------------------


def _touched(state: State, given: Touched, now: float) -> Next:
    touch = given.touch
    if touch.do not in _TYPED:
        if state.touched is not None and state.touched[0] == touch:
            changed = state.changed_at >= state.touched[1]
            if now - state.touched[1] < (REPEAT_ELSEWHERE if changed else REPEAT):
                return state, ()
        if now - state.changed_at < SETTLING:
            return state, ()
        state = replace(state, touched=(touch, now))
    screens, act = _TOUCHES.get(touch.do, (frozenset[str](), None))
    acts = act is not None and shown(state) in screens and touch.do != "stay"
    state = put_off(state, now, acts=acts)
    effects: tuple[Effect, ...] = ()
    if acts and act is not None:
        state, effects = act(state, given, now)
    if state.screen == "home":
        # Nothing is lost when the language returns, so nothing is asked before.
        kept = min(now + LANGUAGE_KEPT, state.acted_at + MOST_ELSEWHERE)
        state = replace(state, deadline=None if state.lang == state.usual_lang else kept)
    return state, effects


def _set_language(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - one signature for all touches
    known = state.hall.languages if state.hall else ("vi", "en")
    return (replace(state, lang=str(given.touch.arg)) if given.touch.arg in known else state), ()


def _choose_area(state: State, given: Touched, now: float) -> Next:
    code = str(given.touch.arg)
    if state.hall is None or all(area.code != code for area in state.hall.areas):
        return state, ()
    if state.screen == "home":
        state = go(state, "area", now)
    return replace(state, area=code, opened=None, page=0, changed_at=now), ()


def _open_procedure(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """Opened or closed; the page is the one on which it stands, however long it is."""
    code = str(given.touch.arg)
    listed = [one.code for one in state.hall.procedures if one.area == state.area] if state.hall else []
    if code not in listed:
        return state, ()
    return replace(state, opened=None if state.opened == code else code, page=listed.index(code)), ()


def _turn(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    return replace(state, page=max(0, int(given.touch.arg or 0))), ()


def _back(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    if state.opened is not None:
        return replace(state, opened=None, changed_at=now), ()
    if state.screen == "papers" and state.area is not None:
        return replace(go(state, "papers", now), area=None, opened=None), ()
    if state.screen == "rate":
        return replace(go(state, "rate_find", now), rating=Rating()), ()
    # The same citizen goes on: the language stays.
    return replace(_home(state, now), lang=state.lang), ()


def _take(state: State, given: Touched, now: float) -> Next:
    if state.area not in _open_areas(state) or state.area is None or state.asked is not None:
        return state, ()
    procedure = state.opened if _is_of_area(state, state.opened) else None
    asked = Asked(given.id, state.area, procedure, given.touch.arg is True, state.lang, now)
    return replace(go(state, "asking", now), asked=asked), (AskNumber(asked),)


def _take_number_for_this(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    """From the papers to the buttons for a number, with the same procedure open."""
    if state.area not in _open_areas(state):
        return state, ()
    return replace(go(state, "area", now), page=state.page), ()


def _open_areas(state: State) -> set[str]:
    return {area.code for area in state.view.areas if area.open} if state.view else set()


def _is_of_area(state: State, code: str | None) -> bool:
    return state.hall is not None and any(p.code == code and p.area == state.area for p in state.hall.procedures)


def _look_at_papers(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    if state.hall is None:
        return state, ()
    return replace(go(state, "papers", now), area=None, opened=None), ()


def _begin_rating(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    return replace(go(state, "rate_find", now), rating=Rating()), ()


def _show_unclaimed(state: State, given: Touched, now: float) -> Next:
    one = next((one for one in state.unclaimed() if one.key == given.touch.arg), None)
    if one is None:
        return state, ()
    if standing(state, one) == "called":
        return news.sent_to(state, one, desk_of(state, one), now), ()
    return replace(go(state, "not_printed", now), current=one.key), ()


def _another(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    lang = state.lang
    state, effects = _leave_number(state, now, settled=False)
    return replace(state, lang=lang), effects


def _done(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    if state.screen in {"ticket", "not_printed"}:
        return _leave_number(state, now, settled=state.screen == "not_printed")
    return _home(state, now), ()


def _print_again(state: State, given: Touched, now: float) -> Next:
    """The hall is asked first: the number may have been called, cancelled or ended since its paper failed."""
    one = state.number_shown()
    if one is None or one.paper in {"printing", "confirmed", "sent"} or not may_print(state, one):
        return state, ()
    effect: Effect = AskReprint(given.id, one.key, one.ticket.ticket)
    if not state.linked:
        effect = PrintPaper(one.key, one.ticket, one.lang, again=True, untold=given.id)
    state = news.changed(state, replace(one, paper="printing"))
    return replace(go(state, "ticket", now), current=one.key), (effect,)


def _stay(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the touch itself has lengthened it
    return state, ()


_Act = Callable[[State, Touched, float], Next]
_TOUCHES: Final[dict[str, tuple[frozenset[str], _Act]]] = {
    "language": (frozenset({"home", "closed", "cut"}), _set_language),
    "area": (frozenset({"home", "papers"}), _choose_area),
    "procedure": (frozenset({"area", "papers"}), _open_procedure),
    "turn": (frozenset({"home", "area", "papers", "rate_find"}), _turn),
    "back": (frozenset({"area", "papers", "rate_find", "rate"}), _back),
    "take": (frozenset({"area"}), _take),
    "take_for_this": (frozenset({"papers"}), _take_number_for_this),
    "papers": (frozenset({"home", "closed", "cut"}), _look_at_papers),
    "rating": (frozenset({"home", "closed"}), _begin_rating),
    "unclaimed": (frozenset({"home", "closed", "cut"}), _show_unclaimed),
    "another": (frozenset({"ticket"}), _another),
    "wrong": (frozenset({"ticket", "not_printed"}), cancelling.ask),
    "keep": (frozenset({"ticket", "not_printed"}), cancelling.keep),
    "cancel": (frozenset({"ticket", "not_printed"}), cancelling.cancel),
    "restore": (frozenset({"thanks"}), cancelling.restore),
    "done": (frozenset({"ticket", "not_printed", "thanks", "sorry"}), _done),
    "print_again": (frozenset({"not_printed"}), _print_again),
    "stay": (frozenset(LIMITS), _stay),
    "still_here": (_WARNS, _stay),
    "digit": (frozenset({"rate_find"}), rating.digit),
    "erase": (frozenset({"rate_find", "rate"}), rating.erase),
    "field": (frozenset({"rate_find"}), rating.field),
    "find": (frozenset({"rate_find"}), rating.find),
    "pick": (frozenset({"rate_find"}), rating.pick),
    "face": (frozenset({"rate"}), rating.face),
    "reason": (frozenset({"rate"}), rating.reason),
    "type": (frozenset({"rate"}), rating.open_keyboard),
    "key": (frozenset({"rate"}), rating.key),
    "send": (frozenset({"rate"}), rating.submit),
}
"""Each button: the screens it stands on, and what it does."""


def _ended(state: State, one: Given) -> bool:
    """Cut off at the end of its day: numbers are good for one day."""
    return not state.linked and bool(state.today) and state.hall is not None and not of_today(state, one)


# --- time ---------------------------------------------------------------------------------------------------


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
            state, effects = _leave_number(state, now, settled=False)
            return state, dropped + effects
        case "sending":
            return news.not_sent(state, now), dropped
        case "thanks" if state.note == "restoring":
            number = state.note_number
            return go(state, "sorry", now, "restore_unreachable", number), dropped
    return _home(state, now), dropped

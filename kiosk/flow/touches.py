"""What each button does, and the touches that count as none. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kiosk.flow import answers, cancelling, rating
from kiosk.flow.effects import AskNumber, AskReprint, Effect, PrintPaper
from kiosk.flow.inputs import Touched
from kiosk.flow.shown import WARNS, shown
from kiosk.flow.standing import desk_of, may_print, standing
from kiosk.flow.state import Asked, Rating, State
from kiosk.flow.times import LIMITS, MOST_ELSEWHERE, Next, go, home, leave_number, put_off

REPEAT: Final = 1.5
"""Seconds in which a second tap on the same button is ignored."""
REPEAT_ELSEWHERE: Final = 0.6
"""The same where the screen has changed since: the same button is another one there (twice back)."""
SETTLING: Final = 0.3
"""Seconds after a change of screen in which taps are ignored: the second half of a double tap means the old screen."""
LANGUAGE_KEPT: Final = 45.0
"""Seconds on the home screen after which the language returns to the usual one."""
_TYPED: Final = frozenset({"digit", "erase", "key"})
"""Keys of the two keyboards: the same one is meant twice in a row (1001)."""


def touched(state: State, given: Touched, now: float) -> Next:
    """A touch of a button on the screen that is shown acts; any other only keeps the screen longer."""
    touch = given.touch
    if touch.do not in _TYPED:
        if state.touched is not None and state.touched[0] == touch:
            changed = state.changed_at >= state.touched[1]
            if now - state.touched[1] < (REPEAT_ELSEWHERE if changed else REPEAT):
                return state, ()
        if now - state.changed_at < SETTLING:
            return state, ()
        state = replace(state, touched=(touch, now))
    screens, act = TOUCHES.get(touch.do, (frozenset[str](), None))
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
    return replace(home(state, now), lang=state.lang), ()


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
        return answers.sent_to(state, one, desk_of(state, one), now), ()
    return replace(go(state, "not_printed", now), current=one.key), ()


def _another(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    lang = state.lang
    state, effects = leave_number(state, now, settled=False)
    return replace(state, lang=lang), effects


def _done(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the same
    if state.screen in {"ticket", "not_printed"}:
        return leave_number(state, now, settled=state.screen == "not_printed")
    return home(state, now), ()


def _print_again(state: State, given: Touched, now: float) -> Next:
    """The hall is asked first: the number may have been called, cancelled or ended since its paper failed."""
    one = state.number_shown()
    if one is None or one.paper in {"printing", "confirmed", "sent"} or not may_print(state, one):
        return state, ()
    effect: Effect = AskReprint(given.id, one.key, one.ticket.ticket)
    if not state.linked:
        effect = PrintPaper(one.key, one.ticket, one.lang, again=True, untold=given.id)
    state = answers.changed(state, replace(one, paper="printing"))
    return replace(go(state, "ticket", now), current=one.key), (effect,)


def _stay(state: State, given: Touched, now: float) -> Next:  # noqa: ARG001 - the touch itself has lengthened it
    return state, ()


_Act = Callable[[State, Touched, float], Next]
TOUCHES: Final[dict[str, tuple[frozenset[str], _Act]]] = {
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
    "still_here": (WARNS, _stay),
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

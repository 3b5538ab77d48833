"""Where a number without a paper stands in the hall, and whether its paper may come out here. Pure.

The number may have been called, cancelled, served, or may have ended with its day since its paper failed: no screen
keeps it, and no paper says it, longer than that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from kiosk.flow.state import Given, State

Standing = Literal["waits", "called", "over", "unknown"]
"""Where a number stands in the hall, as far as its last view tells. `over`: begun, ended, or of another day."""


def standing(state: State, one: Given) -> Standing:
    """Where a number without a paper stands. A view from before it was given says nothing of it."""
    if state.view is None:
        return "unknown"
    if state.view.unprinted is None:
        return "waits"
    if state.seq < one.ticket.ticket:
        return "unknown"
    if one.ticket.ticket not in state.view.unprinted:
        return "over"
    return "called" if desk_of(state, one) else "waits"


def desk_of(state: State, one: Given) -> str:
    """Where it is called to, with or without a paper; "" while it is not."""
    called = state.view.called if state.view else ()
    return next((other.desk for other in called if other.ticket == one.ticket.ticket), "")


def of_today(state: State, one: Given) -> bool:
    """Was it given on the day that it is in the hall now?"""
    if state.hall is None or not state.today:
        return False
    issued = datetime.fromisoformat(one.ticket.issued_at).astimezone(ZoneInfo(state.hall.timezone))
    return issued.date().isoformat() == state.today


def may_print(state: State, one: Given) -> bool:
    """May its paper be asked for here? Linked, the hall is asked before it comes out; cut off, nobody is: then only
    what the hall gave or told of since this start, and has not ended by itself with its day.
    """
    if state.hall is None or state.refused or standing(state, one) in {"called", "over"}:
        return False
    return state.linked or (one.known and of_today(state, one))

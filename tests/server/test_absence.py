"""Nobody is absent before the call was announced: given what the displays told, when a clerk says *absent*, then."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import protocol as p
from server.hall.absence import SILENT, no_show_at
from server.hall.rules.case import Refused
from server.hall.state import Ticket
from server.hall.views.desk import desk as desk_view
from server.hall.views.moment import Moment
from tests.server.conftest import Case


def called(case: Case, desks: int = 1) -> list[Ticket]:
    """One number called at each of so many desks."""
    names = ("Hoa", "Lan", "Mai", "Tuấn")[:desks]
    for desk, name in enumerate(names, 1):
        case.open(str(desk), name)
        case.issue(case.policy.desks[str(desk)].areas[0])
    return [case.call(name) for name in names]


def absent(case: Case, ticket: Ticket, name: str = "Hoa") -> bool:
    """Is *absent* accepted now? Nothing is changed where it is not."""
    with pytest.raises(Refused) if too_soon(case, ticket) else contextlib.nullcontext():
        case.clerk(p.NoShow, name, ticket=ticket.id)
    return case.hall.tickets[ticket.id].state == "no_show"


def too_soon(case: Case, ticket: Ticket) -> bool:
    """What the desk page would say of it."""
    earliest = no_show_at(case.hall, case.hall.tickets[ticket.id], case.now)
    return earliest is None or case.now < earliest


def seen(case: Case, name: str = "Hoa") -> p.DeskTicket:
    me = desk_view(Moment(case.hall, case.now), name, ()).me
    assert me is not None
    assert me.ticket is not None
    return me.ticket


def call_seq(case: Case, ticket: Ticket) -> int:
    return next(call.seq for call in reversed(case.hall.calls) if call.ticket == ticket.id)


def recall(case: Case, ticket: Ticket, name: str = "Hoa") -> int:
    case.clerk(p.Recall, name, ticket=ticket.id)
    return case.hall.seq


def test_seconds_and_calls_count_from_the_end_of_the_first_reading() -> None:
    case = Case(displays="said")
    (ticket,) = called(case)
    first = call_seq(case, ticket)
    case.display(first, "shown")
    second = recall(case, ticket)
    case.wait(seconds=12)
    case.display(first, "said")
    case.wait(seconds=12)
    case.display(second, "said")
    case.wait(seconds=32.9)
    assert seen(case).no_show_at is not None
    assert not absent(case, ticket)
    case.wait(seconds=0.1)
    assert absent(case, ticket)


def test_a_call_pressed_twice_but_read_out_once_is_one_call() -> None:
    case = Case(displays="said")
    (ticket,) = called(case)
    case.display(call_seq(case, ticket), "said")
    case.wait(seconds=40)
    recall(case, ticket)
    case.wait(seconds=10)
    assert not absent(case, ticket)
    case.wait(seconds=SILENT / 1000)  # the display leaves the second call: it counts as not connected
    assert absent(case, ticket)


def test_the_fourth_of_four_calls_waits_for_its_turn() -> None:
    case = Case(displays="said")
    tickets = called(case, 4)
    assert [seen(case, name).turn for name in ("Hoa", "Lan", "Mai", "Tuấn")] == [0, 1, 2, 3]
    fourth = call_seq(case, tickets[3])
    second = recall(case, tickets[3], "Tuấn")
    for ticket in tickets[:3]:
        case.wait(seconds=15)
        case.display(call_seq(case, ticket), "said")
    case.wait(seconds=1)
    assert seen(case, "Tuấn").turn == 0
    assert not absent(case, tickets[3], "Tuấn")
    for seq in (fourth, second):
        case.display(seq, "said")
    assert seen(case, "Tuấn").turn is None
    case.wait(seconds=45)
    assert absent(case, tickets[3], "Tuấn")


def test_without_sound_it_counts_from_the_board() -> None:
    case = Case(displays="shown")
    (ticket,) = called(case)
    for seq in (call_seq(case, ticket), recall(case, ticket)):
        case.wait(seconds=5)
        case.display(seq, "shown")
    case.wait(seconds=39.9)
    assert seen(case).turn is None
    assert not absent(case, ticket)
    case.wait(seconds=0.1)
    assert absent(case, ticket)


def test_without_a_display_it_counts_from_the_press() -> None:
    case = Case(displays="none")
    (ticket,) = called(case)
    recall(case, ticket)
    case.wait(seconds=44.9)
    assert not absent(case, ticket)
    case.wait(seconds=0.1)
    assert absent(case, ticket)


@pytest.mark.parametrize("how", ["said", "shown"])
def test_a_display_that_says_nothing_holds_nobody_up(how: str) -> None:
    case = Case(displays=how)
    (ticket,) = called(case)
    recall(case, ticket)
    case.wait(seconds=45)
    assert absent(case, ticket)


def test_a_call_that_a_display_went_past_counts_from_the_press() -> None:
    """It was cut off for a minute, say, and only shows what is so old."""
    case = Case(displays="said")
    (first,) = called(case)
    recall(case, first)
    case.open("2", "Lan")
    case.issue(case.policy.desks["2"].areas[0])
    second = case.call("Lan")
    case.wait(seconds=45)
    case.display(call_seq(case, second), "said")
    assert absent(case, first)


def test_of_several_displays_the_first_counts() -> None:
    case = Case(displays="said")
    (ticket,) = called(case)
    seq = call_seq(case, ticket)
    assert len(case.display(seq, "said")) == 1
    assert case.display(seq, "said", "display-2") == []
    assert case.display(seq, "shown", "display-2") == []


@pytest.mark.parametrize("gone", ["started", "undone", "missing", "unknown"])
def test_a_word_about_a_call_that_is_over_changes_nothing(gone: str) -> None:
    case = Case(displays="said")
    (ticket,) = called(case)
    seq = call_seq(case, ticket)
    if gone == "started":
        case.clerk(p.Start, ticket=ticket.id)
    elif gone == "undone":
        case.clerk(p.Undo, ticket=ticket.id)
    elif gone == "missing":
        recall(case, ticket)
        case.wait(seconds=45)
        assert absent(case, ticket)
    assert case.display(9999 if gone == "unknown" else seq, "said") == []


def test_a_number_called_again_after_an_undo_is_announced_anew() -> None:
    case = Case(displays="said")
    (ticket,) = called(case)
    case.display(call_seq(case, ticket), "said")
    case.clerk(p.Undo, ticket=ticket.id)
    again = case.call()
    assert again.id == ticket.id
    recall(case, again)
    case.wait(seconds=15)
    assert seen(case).turn == 0
    assert seen(case).no_show_at is None
    assert not absent(case, again)


@given(st.lists(st.sampled_from(["recall", "shown", "said", "wait"]), max_size=25), st.sampled_from(["said", "shown"]))
def test_nobody_is_absent_before_the_announcement_unless_the_display_was_silent(steps: list[str], how: str) -> None:
    case = Case(displays=how)
    (ticket,) = called(case)
    told_at: dict[str, int] = {}
    silent_since = case.now
    for step in steps:
        if step == "recall":
            recall(case, ticket)
            silent_since = max(silent_since, case.now)
        elif step == "wait":
            case.wait(seconds=7)
        elif case.display(call_seq(case, ticket), step):
            told_at.setdefault(step, case.now)
            silent_since = case.now
        if absent(case, ticket):
            announced = told_at.get(how)
            heard = announced is not None and case.now - announced >= 45_000
            silent = case.now - silent_since >= SILENT
            assert heard or silent
            return

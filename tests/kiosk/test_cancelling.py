"""A wrong choice: nothing is cancelled by one tap, and for ten seconds it can be had again."""

from __future__ import annotations

import pytest

from kiosk.flow.cancelling import CANCEL_WINDOW, QUESTION, RESTORE_WINDOW, may_cancel
from kiosk.flow.effects import AskNumber, AskReprint, CancelNumber, PrintPaper, RestoreNumber, Settle, TakeUp
from kiosk.flow.inputs import Cancelled, FoundAsked, FoundGiven, NumberGiven, PaperFailed, PaperPrinted, Restored
from kiosk.flow.shown import shown
from kiosk.flow.state import Asked
from tests.kiosk.citizen import TICKET, Citizen, done


def with_paper() -> Citizen:
    return Citizen().takes_a_number().gets().hears(PaperPrinted("id-2", "confirmed"))


def test_one_tap_cancels_nothing_and_asks() -> None:
    citizen = with_paper().taps("wrong")
    assert (citizen.screen, citizen.state.note) == ("ticket", "cancel_question")
    assert done(citizen, CancelNumber) == []
    assert citizen.taps("keep").state.note == ""
    assert citizen.screen == "ticket"


def test_asked_twice_it_is_cancelled_once() -> None:
    citizen = with_paper().taps("wrong").taps("cancel")
    assert done(citizen, CancelNumber) == [CancelNumber("id-4", "id-2", TICKET.ticket)]
    assert citizen.state.note == "cancelling"
    citizen.taps("cancel").taps("wrong")
    assert len(done(citizen, CancelNumber)) == 1
    citizen.hears(Cancelled("id-4", "", "id-2"))
    assert (citizen.screen, citizen.state.note, citizen.state.note_number) == ("thanks", "cancelled", "1008")
    assert citizen.state.given == ()


def test_a_question_that_nobody_answers_keeps_the_number() -> None:
    citizen = with_paper().taps("wrong")
    for _ in range(3):
        citizen.taps("stay")  # a touch beside the buttons neither answers nor lengthens it
    citizen.waits(QUESTION)
    assert (citizen.screen, citizen.state.note) == ("ticket", "")
    assert done(citizen, CancelNumber) == []


def test_the_question_may_be_answered_for_ten_seconds_however_late_it_was_asked() -> None:
    citizen = with_paper().waits(CANCEL_WINDOW - 4).taps("wrong")
    assert citizen.state.note == "cancel_question"
    citizen.waits(QUESTION - 3).taps("cancel")
    assert len(done(citizen, CancelNumber)) == 1


def test_after_20_seconds_it_is_too_late() -> None:
    citizen = with_paper().waits(15).taps("stay").waits(6)
    assert may_cancel(citizen.state, citizen.now) is None
    assert citizen.taps("wrong").state.note == ""
    assert done(citizen.taps("cancel"), CancelNumber) == []


@pytest.mark.parametrize("code", ["too_late", "unreachable"])
def test_a_cancel_that_fails_keeps_the_number(code: str) -> None:
    citizen = with_paper().taps("wrong").taps("cancel").hears(Cancelled("id-4", code, "id-2"))
    # Without an answer nobody knows.
    note = "cancel_unreachable" if code == "unreachable" else "cancel_failed"
    assert (citizen.screen, citizen.state.note) == ("ticket", note)
    assert citizen.state.number_shown() is not None


@pytest.mark.parametrize("left_first", [False, True])
def test_a_cancelled_number_is_not_offered_however_its_paper_ends(left_first: bool) -> None:
    """Given a number cancelled while it is printed, when its paper fails before or after the hall's yes."""
    citizen = Citizen().takes_a_number().gets().taps("wrong").taps("cancel")
    if left_first:
        citizen.taps("done").hears(Cancelled("id-4", "", "id-2"))
        assert citizen.screen == "home"
        citizen.hears(PaperFailed("id-2", "jam"))
    else:
        citizen.hears(PaperFailed("id-2", "jam"))
        assert (citizen.screen, citizen.state.note) == ("not_printed", "cancelling")
        citizen.hears(Cancelled("id-4", "", "id-2"))
        assert (citizen.screen, citizen.state.note) == ("thanks", "cancelled")
    assert citizen.state.unclaimed() == citizen.state.given == ()
    assert Settle("id-2") in citizen.effects


def test_the_question_stays_while_its_paper_comes_or_fails() -> None:
    citizen = Citizen().takes_a_number().gets().taps("wrong").hears(PaperPrinted("id-2", "confirmed"))
    assert (citizen.screen, citizen.state.note) == ("ticket", "cancel_question")
    citizen = Citizen().takes_a_number().gets().taps("wrong").hears(PaperFailed("id-2", "jam"))
    assert (citizen.screen, citizen.state.note) == ("not_printed", "cancel_question")
    assert len(done(citizen.taps("cancel"), CancelNumber)) == 1


# --- taken back ---------------------------------------------------------------------------------------------


def cancelled(citizen: Citizen) -> Citizen:
    citizen.taps("wrong").taps("cancel")
    (cancel,) = done(citizen, CancelNumber)
    assert isinstance(cancel, CancelNumber)
    return citizen.hears(Cancelled(cancel.id, "", "id-2"))


def restoring(citizen: Citizen) -> RestoreNumber:
    (restore,) = done(citizen.taps("restore"), RestoreNumber)
    assert isinstance(restore, RestoreNumber)
    return restore


def test_for_ten_seconds_the_number_can_be_had_again() -> None:
    citizen = cancelled(with_paper()).waits(RESTORE_WINDOW - 3)
    restore = restoring(citizen)
    assert (restore.key, restore.ticket) == ("id-2", TICKET.ticket)
    citizen.hears(Restored(restore.id, "", "id-2"))
    assert citizen.screen == "ticket"
    one = citizen.state.number_shown()
    assert one is not None
    assert (one.ticket.number, one.paper) == ("1008", "confirmed")
    assert done(citizen, TakeUp) == []
    assert len(done(citizen, PrintPaper)) == 1, "its paper is in somebody's hand already"


def test_after_ten_seconds_it_is_not_offered_any_more() -> None:
    citizen = cancelled(with_paper())
    for _ in range(2):
        citizen.taps("stay", after=4)
    assert citizen.waits(4).screen == "home"
    assert done(citizen.taps("restore"), RestoreNumber) == []


def test_one_whose_paper_failed_meanwhile_is_offered_again() -> None:
    citizen = cancelled(Citizen().takes_a_number().gets()).hears(PaperFailed("id-2", "jam"))
    restore = restoring(citizen)
    citizen.hears(Restored(restore.id, "", "id-2"))
    assert citizen.screen == "not_printed"
    assert done(citizen, TakeUp) == [TakeUp("id-2")]
    assert len(done(citizen.taps("print_again"), AskReprint)) == 1


@pytest.mark.parametrize("code", ["too_late", "unreachable", "bad_message"])
def test_one_that_the_hall_does_not_give_back_is_said(code: str) -> None:
    citizen = cancelled(with_paper())
    citizen.hears(Restored(restoring(citizen).id, code, "id-2"))
    assert (citizen.screen, citizen.state.note, citizen.state.note_number) == ("sorry", f"restore_{code}", "1008")
    assert citizen.state.given == ()


def test_an_answer_that_comes_late_is_believed() -> None:
    citizen = cancelled(with_paper())
    restore = restoring(citizen)
    citizen.waits(13)
    assert (citizen.screen, citizen.state.note) == ("sorry", "restore_unreachable")
    assert citizen.hears(Restored(restore.id, "", "id-2")).screen == "ticket"


# --- after a restart ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", ["unknown", "late"])
def test_a_number_found_after_a_restart_offers_no_cancelling_that_the_hall_would_refuse(paper: str) -> None:
    citizen = Citizen().hears(FoundGiven("old", TICKET, "vi", paper))  # type: ignore[arg-type]
    assert citizen.screen == "not_printed"
    assert may_cancel(citizen.state, citizen.now) is None
    assert citizen.taps("wrong").state.note == ""


def test_nor_does_one_whose_answer_came_after_the_restart() -> None:
    asked = Asked("old", "tu-phap", None, False, "vi", 0)
    citizen = Citizen().hears(FoundAsked(asked), NumberGiven("old", TICKET)).taps("print_again")
    assert shown(citizen.state) == "ticket"
    assert may_cancel(citizen.state, citizen.now) is None
    assert done(citizen, AskNumber) == []

"""The screens as a state machine: given a state, when something is touched or said, then what is shown and done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.flow.effects import (
    AskNumber,
    AskReprint,
    CancelNumber,
    FindNumber,
    PrintPaper,
    RestoreNumber,
    SendRating,
    Settle,
    TakeUp,
)
from kiosk.flow.inputs import (
    Answered,
    Cancelled,
    FoundAsked,
    FoundGiven,
    Linked,
    NumberGiven,
    NumberRefused,
    PaperFailed,
    PaperPrinted,
    Reprinted,
    Restored,
    Tick,
    Viewed,
    Welcomed,
)
from kiosk.flow.shown import warning
from kiosk.flow.standing import may_print
from kiosk.flow.state import Asked, State
from kiosk.flow.telex import press
from kiosk.flow.times import LIMITS
from server.protocol import CalledNow, KioskView
from tests.kiosk import samples
from tests.kiosk.citizen import TICKET, Citizen, done

# --- a number -----------------------------------------------------------------------------------------------


def test_two_taps_from_home_to_a_number_asked_for() -> None:
    citizen = Citizen().taps("area", "tu-phap").taps("take", False)
    assert citizen.screen == "asking"
    assert done(citizen, AskNumber) == [AskNumber(Asked("id-2", "tu-phap", None, False, "vi", citizen.now))]


def test_the_opened_procedure_and_the_priority_go_with_it() -> None:
    citizen = Citizen().taps("area", "tu-phap").taps("procedure", "khai-sinh").taps("take", True)
    (ask,) = done(citizen, AskNumber)
    assert isinstance(ask, AskNumber)
    assert (ask.asked.procedure, ask.asked.priority) == ("khai-sinh", True)


def test_a_procedure_closed_again_does_not_go_with_it() -> None:
    citizen = Citizen().taps("area", "tu-phap").taps("procedure", "khai-sinh").taps("procedure", "khai-sinh")
    (ask,) = done(citizen.taps("take", False), AskNumber)
    assert isinstance(ask, AskNumber)
    assert ask.asked.procedure is None


def test_only_one_procedure_is_open() -> None:
    citizen = Citizen().taps("area", "tu-phap").taps("procedure", "khai-sinh").taps("procedure", "ket-hon")
    assert citizen.state.opened == "ket-hon"


def test_the_number_is_printed_once_and_the_paper_offered_only_when_confirmed() -> None:
    citizen = Citizen().takes_a_number().gets()
    assert citizen.screen == "ticket"
    one = citizen.state.number_shown()
    assert one is not None
    assert one.paper == "printing"
    assert len(done(citizen, PrintPaper)) == 1
    citizen.hears(PaperPrinted(one.key, "confirmed"))
    shown = citizen.state.number_shown()
    assert shown is not None
    assert shown.paper == "confirmed"


def test_a_number_is_given_without_a_desk_open() -> None:
    citizen = Citizen().taps("area", "kinh-te").taps("take", False)
    assert citizen.screen == "asking"


def test_an_area_that_gives_no_numbers_now_asks_for_none() -> None:
    citizen = Citizen().hears(Viewed(samples.view(is_open=False)))
    citizen.state = replace(citizen.state, screen="area", area="tu-phap")
    assert done(citizen.taps("take", False), AskNumber) == []


@pytest.mark.parametrize("code", ["closed", "too_fast", "no_numbers_left", "unknown_area", "internal"])
def test_a_refusal_is_said_and_leaves_by_itself(code: str) -> None:
    citizen = Citizen().takes_a_number().hears(NumberRefused("id-2", code))
    assert (citizen.screen, citizen.state.note) == ("sorry", code)
    assert citizen.waits(21).screen == "home"


def test_the_ticket_screen_closes_after_20_seconds() -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperPrinted("id-2", "confirmed"))
    assert citizen.waits(19).screen == "ticket"
    assert citizen.waits(2).screen == "home"
    assert done(citizen, Settle) == [Settle("id-2")]


def test_a_tap_lengthens_the_ticket_screen() -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperPrinted("id-2", "sent")).waits(15).taps("stay").waits(15)
    assert citizen.screen == "ticket"


def test_the_ticket_screen_waits_for_the_printer() -> None:
    citizen = Citizen().takes_a_number().gets().waits(40)
    assert citizen.screen == "ticket"


def test_language_and_choice_return_to_normal_after_each_citizen() -> None:
    citizen = Citizen().taps("language", "en").takes_a_number().gets().hears(PaperPrinted("id-3", "confirmed"))
    assert citizen.state.given[0].lang == "en"
    citizen.taps("done")
    assert (citizen.screen, citizen.state.lang, citizen.state.area) == ("home", "vi", None)


def test_the_language_returns_from_a_home_screen_left_alone() -> None:
    citizen = Citizen().taps("language", "en")
    assert citizen.waits(40).state.lang == "en"
    assert citizen.waits(10).state.lang == "vi"


def test_going_back_keeps_the_language() -> None:
    citizen = Citizen().taps("language", "en").taps("area", "tu-phap").taps("back")
    assert (citizen.screen, citizen.state.lang) == ("home", "en")
    assert citizen.waits(50).state.lang == "vi"


def test_another_number_for_somebody_else_in_the_same_language() -> None:
    citizen = Citizen().taps("language", "en").takes_a_number().gets().hears(PaperPrinted("id-3", "confirmed"))
    citizen.taps("another")
    assert (citizen.screen, citizen.state.lang) == ("home", "en")
    citizen.takes_a_number()
    assert len(done(citizen, AskNumber)) == 2


# --- taps that are none -------------------------------------------------------------------------------------


def test_a_second_tap_on_the_same_button_is_ignored() -> None:
    citizen = Citizen().taps("area", "tu-phap").taps("take", False).gets().taps("another")
    citizen.taps("area", "tu-phap").taps("take", True)
    assert len(done(citizen, AskNumber)) == 2
    fast = Citizen().taps("area", "tu-phap").taps("procedure", "khai-sinh").taps("procedure", "khai-sinh", after=1.4)
    assert fast.state.opened == "khai-sinh"


def test_half_a_double_tap_does_not_reach_the_next_screen() -> None:
    citizen = Citizen().taps("area", "tu-phap").taps("take", False, after=0.2)
    assert citizen.screen == "area"
    assert done(citizen, AskNumber) == []


def test_digits_may_be_typed_twice_quickly() -> None:
    citizen = Citizen().taps("rating")
    for digit in "1001":
        citizen.taps("digit", digit, after=0.1)
    assert citizen.state.rating.number == "1001"


@pytest.mark.parametrize("do", ["take", "print_again", "wrong", "send", "face", "pick", "rubbish"])
def test_buttons_of_other_screens_do_nothing(do: str) -> None:
    citizen = Citizen()
    before = citizen.state
    citizen.taps(do, 1)
    assert citizen.effects == []
    assert citizen.state.screen == before.screen


# --- warnings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", ["papers", "rating"])
def test_a_screen_warns_before_it_is_left_and_a_touch_puts_it_off(do: str) -> None:
    citizen = Citizen().taps(do)
    limit = LIMITS["papers" if do == "papers" else "rate_find"]
    citizen.waits(limit - 20)
    assert warning(citizen.state, citizen.now) is None
    citizen.waits(8)
    assert warning(citizen.state, citizen.now) is not None
    citizen.taps("stay")
    assert warning(citizen.state, citizen.now) is None
    assert citizen.waits(limit - 1).screen != "home"
    assert citizen.waits(2).screen == "home"


@pytest.mark.parametrize("every", [3, 12])
@pytest.mark.parametrize(
    ("taps", "screen", "most"),
    [
        ((), "ticket", 60),
        (("area tu-phap",), "area", 180),
        (("papers",), "papers", 180),
        (("rating",), "rate_find", 180),
        (("rating", "pick"), "rate", 180),
    ],
)
def test_touches_of_no_button_keep_no_screen_for_ever(
    taps: tuple[str, ...], screen: str, most: int, every: int
) -> None:
    """A panel that reports one point again and again, and nobody is there."""
    citizen = Citizen()
    if screen == "ticket":
        citizen.takes_a_number().gets().hears(PaperPrinted("id-2", "confirmed"))
    for do in taps:
        citizen.taps(*do.split()) if do != "pick" else citizen.taps("pick", 101)
    assert citizen.screen == screen
    begun = citizen.now
    while citizen.screen == screen and citizen.now < begun + 600:
        citizen.waits(every).taps("stay", after=0)
    assert citizen.screen == "home"
    assert most - every <= citizen.now - begun <= most + every + 1


def test_a_number_without_paper_leaves_the_screen_too_and_is_offered() -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperFailed("id-2", "jam"))
    for _ in range(30):
        citizen.waits(12).taps("stay", after=0)
    assert citizen.screen == "home"
    assert [one.key for one in citizen.state.unclaimed()] == ["id-2"]


def test_the_language_returns_although_a_panel_reports_touches() -> None:
    citizen = Citizen().taps("language", "en")
    for _ in range(30):
        citizen.waits(12).taps("stay", after=0)
    assert citizen.state.lang == "vi"


def test_who_says_to_be_there_stays() -> None:
    citizen = Citizen().taps("papers")
    for _ in range(12):
        citizen.waits(76)
        assert warning(citizen.state, citizen.now) is not None
        citizen.taps("still_here")
    assert citizen.screen == "papers"


# --- no paper -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["paper_out", "cover_open", "jam", "offline", "timeout", "unknown"])
def test_no_paper_shows_the_number_for_60_seconds_and_offers_it_after(reason: str) -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperFailed("id-2", reason))  # type: ignore[arg-type]
    assert citizen.screen == "not_printed"
    assert citizen.waits(58).screen == "not_printed"
    assert citizen.waits(3).screen == "home"
    assert [one.ticket.number for one in citizen.state.unclaimed()] == ["1008"]
    assert citizen.taps("unclaimed", "id-2").screen == "not_printed"


def test_written_down_is_settled() -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperFailed("id-2", "jam")).taps("done")
    assert citizen.screen == "home"
    assert citizen.state.given == ()
    assert done(citizen, Settle) == [Settle("id-2")]


def told(*waiting: int, called: dict[int, str] | None = None, seq: int = 9999) -> Viewed:
    """A view in which these tickets wait without a paper, and those are called."""
    now = {} if called is None else called
    view: KioskView = msgspec.structs.replace(
        samples.view(),
        unprinted=(*waiting, *now),
        called=tuple(CalledNow(ticket=one, desk=desk) for one, desk in now.items()),
    )
    return Viewed(view, seq)


def without_paper() -> Citizen:
    return Citizen().takes_a_number().gets().hears(told(9182)).hears(PaperFailed("id-2", "paper_out"))


def test_before_it_is_printed_again_the_hall_is_asked_and_the_paper_says_what_is_so_now() -> None:
    citizen = without_paper().taps("print_again")
    assert done(citizen, AskReprint) == [AskReprint("id-3", "id-2", 9182)]
    assert (citizen.screen, len(done(citizen, PrintPaper))) == ("ticket", 1)
    fresh = msgspec.structs.replace(TICKET, ahead=0, desks=("4",))
    citizen.hears(Reprinted("id-3", "id-2", "", fresh))
    assert done(citizen, PrintPaper)[1:] == [PrintPaper("id-2", fresh, "vi", again=True)]


def test_one_that_is_over_is_not_printed_again_and_said() -> None:
    citizen = without_paper().taps("print_again").hears(Reprinted("id-3", "id-2", "too_late"))
    assert (citizen.screen, citizen.state.note, citizen.state.note_number) == ("sorry", "number_over", "1008")
    assert len(done(citizen, PrintPaper)) == 1
    assert citizen.state.given == ()
    assert done(citizen, Settle) == [Settle("id-2")]


def test_an_answer_about_another_number_is_no_leave_to_print_it() -> None:
    """After a restore from an older copy the hall's tickets have the same ids as others had before."""
    other = msgspec.structs.replace(TICKET, number="2003")
    citizen = without_paper().taps("print_again").hears(Reprinted("id-3", "id-2", "", other))
    assert (citizen.screen, citizen.state.note, citizen.state.note_number) == ("sorry", "number_over", "1008")
    assert len(done(citizen, PrintPaper)) == 1


def test_one_that_is_called_is_not_printed_again_and_its_citizen_sent_to_the_desk() -> None:
    citizen = without_paper().taps("print_again").hears(Reprinted("id-3", "id-2", "already_called", None, "2"))
    state = citizen.state
    assert (citizen.screen, state.note, state.note_number, state.note_desk) == ("sorry", "number_called", "1008", "2")
    assert len(done(citizen, PrintPaper)) == 1


@pytest.mark.parametrize("how", ["while it is shown", "while it is offered"])
def test_a_number_that_ends_meanwhile_is_neither_shown_as_kept_nor_offered(how: str) -> None:
    citizen = without_paper()
    if how == "while it is offered":
        citizen.waits(62)
        assert citizen.state.unclaimed()
    citizen.hears(told())
    assert citizen.state.given == ()
    assert citizen.screen == ("sorry" if how == "while it is shown" else "home")


def test_a_number_called_meanwhile_is_sent_to_the_desk() -> None:
    citizen = without_paper().hears(told(called={9182: "3"}))
    assert (citizen.screen, citizen.state.note, citizen.state.note_desk) == ("sorry", "number_called", "3")
    citizen.taps("done").taps("unclaimed", "id-2")
    assert (citizen.screen, citizen.state.note) == ("sorry", "number_called")
    citizen.taps("done").hears(told(9182)).taps("unclaimed", "id-2")  # its call was taken back
    assert citizen.screen == "not_printed"


def test_a_view_from_before_it_was_given_says_nothing_of_a_number() -> None:
    assert without_paper().hears(told(seq=9181)).screen == "not_printed"


def test_a_paper_in_the_hand_is_nothing_to_take_away() -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperPrinted("id-2", "confirmed"), told())
    assert citizen.screen == "ticket"


@pytest.mark.parametrize("code", ["unreachable", "busy"])
def test_cut_off_it_is_printed_again_on_its_day_and_the_hall_told_by_the_same_command(code: str) -> None:
    asked = without_paper().hears(Tick("2026-11-23")).taps("print_again").hears(Reprinted("id-3", "id-2", code))
    assert done(asked, PrintPaper)[1:] == [PrintPaper("id-2", TICKET, "vi", again=True, untold="id-3")]
    cut = without_paper().hears(Tick("2026-11-23"), Linked(False)).taps("print_again")
    assert done(cut, AskReprint) == []
    assert done(cut, PrintPaper)[1:] == [PrintPaper("id-2", TICKET, "vi", again=True, untold="id-3")]


def test_cut_off_nothing_is_printed_or_offered_after_midnight() -> None:
    citizen = without_paper().hears(Linked(False), Tick("2026-11-24")).taps("print_again")
    assert (citizen.screen, len(done(citizen, PrintPaper))) == ("not_printed", 1)
    citizen.hears(*(Tick("2026-11-24"),))
    citizen.now += 60
    citizen.hears(Tick("2026-11-24"))
    citizen.hears(Tick("2026-11-24"))
    assert citizen.state.given == ()


def test_after_a_restart_a_number_is_offered_only_once_the_hall_says_that_it_waits() -> None:
    citizen = Citizen().hears(told()).hears(Linked(False))
    citizen.state = replace(citizen.state, seq=0)
    citizen.hears(FoundGiven("old", TICKET, "vi", "failed"))
    assert citizen.screen == "cut"
    assert [one.key for one in citizen.state.unclaimed()] == ["old"]
    assert not may_print(citizen.state, citizen.state.given[0])
    citizen.hears(Linked(True), told(9182))
    assert citizen.screen == "not_printed"
    served = Citizen().hears(told(seq=0), FoundGiven("old", TICKET, "vi", "failed"), told())
    assert (served.screen, served.state.given) == ("home", ())
    assert done(served, Settle) == [Settle("old")]


def test_print_again_prints_the_same_number_again() -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperFailed("id-2", "paper_out")).taps("print_again")
    citizen.hears(Reprinted("id-3", "id-2", ""))
    assert citizen.screen == "ticket"
    assert [(e.key, e.again) for e in citizen.effects if isinstance(e, PrintPaper)] == [("id-2", False), ("id-2", True)]
    citizen.hears(PaperPrinted("id-2", "confirmed"))
    assert citizen.screen == "ticket"


def test_print_again_twice_is_one_paper() -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperFailed("id-2", "paper_out"))
    citizen.taps("print_again").taps("print_again", after=0.4).taps("print_again")
    assert len(done(citizen, AskReprint)) == 1
    citizen.hears(Reprinted("id-3", "id-2", ""), PaperPrinted("id-2", "sent"), Reprinted("id-3", "id-2", ""))
    assert len(done(citizen, PrintPaper)) == 2


def test_paper_that_fails_after_the_citizen_left_comes_up_at_home() -> None:
    citizen = Citizen().takes_a_number().gets().taps("done")
    assert citizen.screen == "home"
    assert citizen.hears(PaperFailed("id-2", "jam")).screen == "not_printed"


def test_paper_that_fails_while_another_citizen_chooses_waits_at_home() -> None:
    citizen = Citizen().takes_a_number().gets().taps("another").taps("area", "xa-hoi")
    citizen.hears(PaperFailed("id-2", "jam"))
    assert citizen.screen == "area"
    assert [one.key for one in citizen.taps("back").state.unclaimed()] == ["id-2"]


def test_an_offer_ends_after_ten_minutes() -> None:
    citizen = Citizen().takes_a_number().gets().hears(PaperFailed("id-2", "jam")).waits(700)
    assert citizen.state.given == ()
    assert done(citizen, Settle) == [Settle("id-2")]


# --- closed, cut --------------------------------------------------------------------------------------------


def test_a_closed_hall_says_so_and_still_shows_papers_and_takes_ratings() -> None:
    citizen = Citizen().hears(Viewed(samples.view(is_open=False)))
    assert citizen.screen == "closed"
    assert citizen.taps("papers").screen == "papers"
    assert citizen.taps("back").taps("rating").screen == "rate_find"


def test_cut_off_sends_people_to_the_staff_and_comes_back_by_itself() -> None:
    citizen = Citizen().taps("area", "tu-phap").hears(Linked(False))
    assert citizen.screen == "cut"
    assert citizen.hears(Linked(True)).screen == "area"


@pytest.mark.parametrize("why", ["unauthorised", "update_needed"])
def test_a_kiosk_that_is_refused_prints_nothing_and_knows_why(why: str) -> None:
    citizen = without_paper().hears(Tick("2026-11-23"), Linked(False, why))  # type: ignore[arg-type]
    assert not may_print(citizen.state, citizen.state.given[0])
    citizen.taps("done")
    assert (citizen.screen, citizen.state.refused) == ("cut", why)
    citizen.hears(Linked(True))
    assert (citizen.screen, citizen.state.refused) == ("home", "")


def test_a_cut_does_not_take_the_number_from_the_screen() -> None:
    citizen = Citizen().takes_a_number().gets().hears(Linked(False))
    assert citizen.screen == "ticket"
    assert citizen.hears(PaperFailed("id-2", "jam")).screen == "not_printed"


def test_an_answer_that_does_not_come_sends_to_the_staff_and_a_late_number_is_shown() -> None:
    citizen = Citizen().takes_a_number().hears(Linked(False)).waits(9)
    assert (citizen.screen, citizen.state.note) == ("sorry", "unreachable")
    citizen.waits(25)
    assert citizen.screen == "cut"
    citizen.hears(Linked(True), NumberGiven("id-2", TICKET))
    assert citizen.screen == "not_printed"
    assert done(citizen, PrintPaper) == []
    citizen.taps("print_again").hears(Reprinted(f"id-{citizen.ids}", "id-2", ""))
    assert len(done(citizen, PrintPaper)) == 1


def test_a_late_number_does_not_push_another_citizen_aside() -> None:
    citizen = Citizen().takes_a_number().waits(9).taps("done").taps("area", "xa-hoi").hears(NumberGiven("id-2", TICKET))
    assert citizen.screen == "area"
    assert [one.key for one in citizen.state.unclaimed()] == ["id-2"]


def test_the_same_answer_twice_is_one_number() -> None:
    citizen = Citizen().takes_a_number().gets().hears(NumberGiven("id-2", TICKET))
    assert len(citizen.state.given) == 1
    assert len(done(citizen, PrintPaper)) == 1


def test_after_a_restart_a_number_of_unknown_paper_is_offered_and_not_printed() -> None:
    citizen = Citizen().hears(FoundGiven("old", TICKET, "vi", "unknown"))
    assert citizen.screen == "not_printed"
    assert done(citizen, PrintPaper) == []


def test_after_a_restart_the_number_is_to_be_seen_before_the_hall_has_greeted_and_printed_after() -> None:
    citizen = Citizen()
    citizen.state = State()
    citizen.hears(FoundGiven("old", TICKET, "vi", "unknown"))
    assert citizen.screen == "cut"
    citizen.taps("unclaimed", "old")
    assert citizen.screen == "not_printed"
    assert citizen.taps("print_again").screen == "not_printed"
    citizen.hears(Welcomed(samples.hall()), Linked(True)).taps("print_again")
    assert len(done(citizen, AskReprint)) == 1


def test_after_a_restart_an_unanswered_one_is_shown_when_it_is_answered() -> None:
    citizen = Citizen().hears(FoundAsked(Asked("old", "tu-phap", None, False, "en", 0)), NumberGiven("old", TICKET))
    assert citizen.screen == "not_printed"
    assert citizen.state.given[0].lang == "en"


# --- looking at papers --------------------------------------------------------------------------------------


def test_papers_are_looked_at_without_a_number() -> None:
    citizen = Citizen().taps("papers").taps("area", "tu-phap").taps("procedure", "khai-sinh")
    assert (citizen.screen, citizen.state.opened) == ("papers", "khai-sinh")
    assert done(citizen.taps("take", False), AskNumber) == []
    assert citizen.taps("back").state.opened is None  # what is open is closed first
    assert citizen.taps("back").state.area is None
    assert citizen.taps("back").screen == "home"


def test_back_closes_the_open_papers_first() -> None:
    citizen = Citizen().taps("area", "tu-phap").taps("procedure", "khai-sinh").taps("back")
    assert (citizen.screen, citizen.state.opened) == ("area", None)
    assert citizen.taps("back").screen == "home"


def test_back_twice_within_a_second_goes_back_twice_and_a_double_tap_once() -> None:
    citizen = Citizen().taps("papers").taps("area", "tu-phap")
    assert citizen.taps("back").taps("back", after=0.8).screen == "home"
    citizen = Citizen().taps("papers").taps("area", "tu-phap")
    assert citizen.taps("back").taps("back", after=0.4).screen == "papers"


def test_a_page_is_turned_with_the_papers_open_and_shows_what_was_opened() -> None:
    citizen = Citizen().taps("area", "tu-phap").taps("turn", 6).taps("procedure", "chu-ky")
    assert (citizen.state.opened, citizen.state.page) == ("chu-ky", 7)
    assert citizen.taps("turn", 0).state.opened == "chu-ky"


def test_from_the_papers_a_number_is_taken_without_going_back() -> None:
    citizen = Citizen().taps("papers").taps("area", "tu-phap").taps("procedure", "khai-sinh").taps("take_for_this")
    assert (citizen.screen, citizen.state.area, citizen.state.opened) == ("area", "tu-phap", "khai-sinh")
    (ask,) = done(citizen.taps("take", False), AskNumber)
    assert isinstance(ask, AskNumber)
    assert ask.asked.procedure == "khai-sinh"


def test_from_the_papers_of_a_closed_area_no_number_is_taken() -> None:
    citizen = Citizen().hears(Viewed(samples.view(is_open=False))).taps("papers").taps("area", "tu-phap")
    assert citizen.taps("take_for_this").screen == "papers"


# --- rating -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("score", [3, 4, 5])
def test_the_best_three_are_sent_with_one_tap(score: int) -> None:
    citizen = Citizen().taps("rating").taps("pick", 101).taps("face", score)
    (sent,) = done(citizen, SendRating)
    assert isinstance(sent, SendRating)
    assert (sent.rating.ticket, sent.rating.score) == (101, score)
    citizen.hears(Answered(sent.rating.id, ""))
    assert (citizen.screen, citizen.state.note) == ("thanks", "rated")
    assert citizen.waits(7).screen == "home"


@pytest.mark.parametrize("score", [1, 2])
def test_the_two_lowest_ask_for_reasons_and_are_sent_with_the_button(score: int) -> None:
    citizen = Citizen().taps("rating").taps("pick", 101).taps("face", score)
    assert done(citizen, SendRating) == []
    citizen.taps("reason", "wait").taps("reason", "place").taps("reason", "wait")
    citizen.taps("type", True)
    for key in "chaamj quas":
        citizen.taps("key", key, after=0.1)
    (sent,) = done(citizen.taps("send"), SendRating)
    assert isinstance(sent, SendRating)
    assert (sent.rating.score, sent.rating.reasons, sent.rating.comment) == (score, ("place",), "chậm quá")


def test_three_levels_need_a_reason_for_the_lowest() -> None:
    citizen = Citizen(levels=3).taps("rating").taps("pick", 101).taps("face", 1)
    assert done(citizen.taps("send"), SendRating) == []
    assert len(done(citizen.taps("reason", "wait").taps("send"), SendRating)) == 1


def test_a_changed_mind_sends_no_reasons_with_a_good_score() -> None:
    citizen = Citizen().taps("rating").taps("pick", 101).taps("face", 1).taps("reason", "wait").taps("face", 4)
    (sent,) = done(citizen, SendRating)
    assert isinstance(sent, SendRating)
    assert (sent.rating.score, sent.rating.reasons) == (4, ())


def finds(number: str, *more: str) -> Citizen:
    """The number is typed and the hall asked about it."""
    citizen = Citizen().taps("rating")
    for digit in number:
        citizen.taps("digit", digit)
    for do in more:
        citizen.taps(*do.split())
    return citizen.taps("find")


def test_by_number_and_code() -> None:
    citizen = finds("1002", "field code", "digit 4", "digit 7")
    (asked,) = done(citizen, FindNumber)
    assert asked == FindNumber(citizen.state.rating.id, "1002", "47")
    assert (citizen.screen, citizen.state.note) == ("rate_find", "finding")
    citizen.hears(Answered(citizen.state.rating.id, ""))
    assert citizen.screen == "rate"
    rating = citizen.state.rating
    assert (rating.number, rating.code, rating.ticket, rating.desk) == ("1002", "47", None, "2")


def test_half_a_code_is_no_code() -> None:
    assert finds("1002", "field code", "digit 4").state.rating.code == ""


@pytest.mark.parametrize("code", ["unknown_number", "not_served", "already_rated", "too_late"])
def test_a_number_that_cannot_be_rated_is_said_before_the_faces(code: str) -> None:
    citizen = finds("9999")
    citizen.hears(Answered(citizen.state.rating.id, code))
    assert (citizen.screen, citizen.state.note, citizen.state.rating.number) == ("rate_find", code, "9999")
    assert citizen.taps("digit", "1").state.note == ""


@pytest.mark.parametrize("code", ["unreachable", "internal", "too_fast"])
def test_a_number_that_could_not_be_asked_about_is_kept(code: str) -> None:
    citizen = finds("1002")
    citizen.hears(Answered(citizen.state.rating.id, code))
    assert (citizen.screen, citizen.state.note, citizen.state.rating.number) == ("rate_find", "find_failed", "1002")
    assert len(done(citizen.taps("find"), FindNumber)) == 2


def test_an_answer_about_a_number_that_was_changed_meanwhile_says_nothing() -> None:
    citizen = finds("1002")
    id = citizen.state.rating.id
    citizen.taps("erase").taps("digit", "3").hears(Answered(id, ""))
    assert citizen.screen == "rate_find"
    citizen.taps("find").taps("find")
    assert len(done(citizen, FindNumber)) == 2, "asked about once more, not twice"


def writes_a_comment() -> Citizen:
    citizen = finds("1002")
    citizen.hears(Answered(citizen.state.rating.id, "")).taps("face", 1).taps("reason", "wait").taps("type", True)
    for key in "chaamj":
        citizen.taps("key", key, after=0.1)
    return citizen.taps("send")


@pytest.mark.parametrize("code", ["unreachable", "internal", "too_fast", "busy", None])
def test_what_was_written_is_kept_where_it_could_not_be_sent(code: str | None) -> None:
    citizen = writes_a_comment()
    if code:
        citizen.hears(Answered(citizen.state.rating.id, code))
    else:
        citizen.waits(LIMITS["sending"] + 1)
    rating = citizen.state.rating
    assert (citizen.screen, citizen.state.note) == ("rate", "rating_not_sent")
    assert (rating.score, rating.reasons, rating.comment) == (1, ("wait",), "chậm")
    if code is None:  # the answer comes after all
        assert citizen.hears(Answered(rating.id, "")).screen == "thanks"
    else:
        assert len(done(citizen.taps("send"), SendRating)) == 2


def test_the_same_rating_sent_again_is_the_same_command_and_another_is_another() -> None:
    """The hall may have taken the first: it then gives the same answer again, and not "already rated"."""
    citizen = writes_a_comment()
    first = citizen.state.rating.id
    citizen.hears(Answered(first, "unreachable")).taps("send")
    assert citizen.state.rating.id == first
    citizen.hears(Answered(first, "unreachable")).taps("reason", "manner").taps("send")
    assert citizen.state.rating.id != first


def test_a_number_found_unknown_only_when_sent_is_asked_for_and_the_text_kept() -> None:
    citizen = writes_a_comment()
    citizen.hears(Answered(citizen.state.rating.id, "unknown_number"))
    assert (citizen.screen, citizen.state.note, citizen.state.rating.comment) == ("rate_find", "unknown_number", "chậm")
    citizen.taps("find").hears(Answered(citizen.state.rating.id, ""))
    assert (citizen.screen, citizen.state.rating.comment, citizen.state.rating.score) == ("rate", "chậm", 1)


@pytest.mark.parametrize("code", ["already_rated", "too_late", "bad_message"])
def test_a_rating_that_is_not_taken_is_said(code: str) -> None:
    citizen = Citizen().taps("rating").taps("pick", 101).taps("face", 5)
    citizen.hears(Answered(citizen.state.rating.id, code))
    assert (citizen.screen, citizen.state.note) == ("sorry", f"rating_{code}")


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("tieengs Vieetj", "tiếng Việt"),
        ("dduwowngf", "đường"),
        ("thuowng", "thương"),
        ("hoaf", "hòa"),
        ("quys", "quý"),
        ("giaays", "giấy"),
        ("nguowif", "người"),
        ("DDaats", "Đất"),
        ("ass", "as"),
        ("tooi cos 2 con", "tôi có 2 con"),
        ("sawn", "săn"),
        ("xin chaof", "xin chào"),
        ("uwng", "ưng"),
        ("toans", "toán"),
    ],
)
def test_telex(keys: str, text: str) -> None:
    typed = ""
    for key in keys:
        typed = press(typed, key)
    assert typed == text


# --- whatever order -----------------------------------------------------------------------------------------

TAPS = [
    ("area", "tu-phap"), ("area", "kinh-te"), ("take", False), ("take", True), ("back", None), ("done", None),
    ("another", None), ("wrong", None), ("cancel", None), ("keep", None), ("restore", None), ("print_again", None),
    ("stay", None), ("papers", None), ("rating", None), ("language", "en"), ("pick", 101), ("face", 5),
    ("procedure", "khai-sinh"), ("take_for_this", None),
]  # fmt: skip


class World:
    """Hall, printer and link behave in any order they like; what was promised is counted."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.citizen = Citizen()
        self.draw = draw
        self.asked: list[str] = []
        self.printing: list[str] = []
        self.cancels: list[CancelNumber] = []
        self.restores: list[RestoreNumber] = []
        self.reprints: list[AskReprint] = []
        self.hall_gave: dict[str, int] = {}
        self.settled: set[str] = set()
        self.cancelled: set[str] = set()
        self.taken_back: set[str] = set()
        self.over: set[str] = set()
        self.papers: dict[str, int] = {}
        self.allowed: dict[str, int] = {}

    def turn(self) -> None:
        match self.draw(st.integers(0, 10)):
            case 0 | 1 | 2:
                do, arg = TAPS[self.draw(st.integers(0, len(TAPS) - 1))]
                self.citizen.taps(do, arg, after=self.draw(st.sampled_from([0.1, 1.0, 2.0])))
            case 3:
                self.citizen.waits(self.draw(st.sampled_from([1, 10, 30, 90])))
            case 4 if self.asked:
                id = self.asked.pop(0)
                self.hall_gave[id] = len(self.hall_gave) + 1
                self.citizen.hears(
                    NumberGiven(id, samples.ticket(str(1000 + len(self.hall_gave)), id=len(self.hall_gave)))
                )
            case 5 if self.printing:
                key = self.printing.pop(0)
                good = self.draw(st.booleans())
                self.papers[key] = self.papers.get(key, 0) + good
                self.citizen.hears(PaperPrinted(key, "confirmed") if good else PaperFailed(key, "jam"))
            case 6 if self.cancels:
                cancel = self.cancels.pop(0)
                yes = self.draw(st.booleans())
                if yes:
                    self.cancelled.add(cancel.key)
                self.citizen.hears(Cancelled(cancel.id, "" if yes else "too_late", cancel.key))
            case 8 if self.restores:
                restore = self.restores.pop(0)
                code = self.draw(st.sampled_from(["", "too_late", "unreachable"]))
                if not code and restore.key in self.cancelled:
                    self.cancelled.discard(restore.key)
                    self.taken_back.add(restore.key)
                self.citizen.hears(Restored(restore.id, code, restore.key))
            case 9 if self.reprints:
                asked = self.reprints.pop(0)
                code = self.draw(st.sampled_from(["", "unreachable", "too_late", "already_called", "internal"]))
                if code == "too_late":
                    self.over.add(asked.key)
                self.citizen.hears(Reprinted(asked.id, asked.key, code))
            case 10 if self.hall_gave:
                gone = self.draw(st.integers(0, len(self.hall_gave)))
                left = [n for key, n in self.hall_gave.items() if n != gone and key not in self.over | self.cancelled]
                self.over |= {key for key, n in self.hall_gave.items() if n == gone}
                called = left[: self.draw(st.integers(0, 1))]
                view: KioskView = msgspec.structs.replace(
                    samples.view(),
                    unprinted=tuple(left),
                    called=tuple(CalledNow(ticket=n, desk="2") for n in called),
                )
                self.citizen.hears(Viewed(view, len(self.hall_gave)))
            case 7:
                self.citizen.hears(Linked(self.draw(st.booleans())))
        self.do_effects()

    def do_effects(self) -> None:
        for effect in self.citizen.effects:
            match effect:
                case AskNumber():
                    self.asked.append(effect.asked.id)
                case PrintPaper():
                    assert effect.key not in self.printing, "two prints of one number at once"
                    assert self.papers.get(effect.key, 0) == 0, "a paper doubled"
                    self.printing.append(effect.key)
                case AskReprint():
                    assert effect.key not in self.printing
                    self.reprints.append(effect)
                case CancelNumber():
                    self.cancels.append(effect)
                case RestoreNumber():
                    self.restores.append(effect)
                case Settle():
                    self.settled.add(effect.key)
                case TakeUp():
                    self.settled.discard(effect.key)
        self.citizen.effects.clear()

    def check(self) -> None:
        state = self.citizen.state
        held = {one.key for one in state.given}
        for key in self.hall_gave:
            assert key in held | self.settled, "a number was lost"
        waiting = {one.id for one in state.overdue} | ({state.asked.id} if state.asked else set())
        assert set(self.asked) <= waiting, "a question was forgotten"
        if state.screen in {"ticket", "not_printed"}:
            assert state.number_shown() is not None
        one = state.number_shown()
        if one is not None and one.paper == "confirmed":
            assert self.papers.get(one.key, 0) == 1
        assert not held & self.cancelled, "a cancelled number is offered"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_no_order_of_inputs_loses_a_number_or_doubles_a_paper(data: st.DataObject) -> None:
    world = World(data.draw)
    for _ in range(data.draw(st.integers(1, 40))):
        world.turn()
        world.check()

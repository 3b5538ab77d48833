"""Each rule of the hall: given events, when a command, then events or a refusal."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from server import protocol as p
from server.hall import events as e
from server.hall.fold import SHOWN_CALLS, Hall
from server.hall.policy import least_satisfied
from server.hall.rules.paper import JOBS
from server.hall.rules.rating import CODES
from server.hall.secrets import ticket_secrets
from server.hall.state import FINAL, TRANSITIONS, Impossible
from server.hall.views.display import CALLS
from server.settings.reading import default_settings
from server.settings.shape import policy_of

# --- issuing ------------------------------------------------------------------------------------------------

DEFAULT_RATING = default_settings().rating


def test_the_first_number_of_the_day_opens_it(case: Any) -> None:
    events = case.kiosk(p.Issue, area="tu-phap")
    assert isinstance(events[0], e.DayOpened)
    assert events[0].day == "2026-11-23"
    assert isinstance(events[-1], e.Issued)
    assert events[-1].number == "1001"
    assert events[-1].ticket == case.hall.seq


def test_numbers_count_by_area_and_pass_999(case: Any) -> None:
    assert [case.issue().number for _ in range(3)] == ["1001", "1002", "1003"]
    assert case.issue("dat-dai").number == "2001"
    case.hall.counters["tu-phap"] = 998
    assert [case.issue().number for _ in range(2)] == ["1999", "11000"]


def test_numbers_end_at_8999(case: Any, refused: Any) -> None:
    case.issue()
    case.hall.counters["tu-phap"] = 8999
    assert refused(lambda: case.issue()).code == "no_numbers_left"


def test_nothing_is_issued_outside_the_hours(case: Any, refused: Any) -> None:
    case.clock("12:00")
    error = refused(lambda: case.issue())
    assert error.code == "closed"
    assert "T06:30:00" in error.detail  # 13:30 in Viet Nam
    case.clock("13:30")
    assert case.issue().number == "1001"


def test_saturday_is_for_some_areas_only(case: Any, refused: Any) -> None:
    case.clock("08:00", "2026-11-28")
    assert case.issue("ket-qua").number == "6001"
    assert refused(lambda: case.issue("dat-dai")).code == "closed"


def test_unknown_areas_and_foreign_procedures_are_refused(case: Any, refused: Any) -> None:
    assert refused(lambda: case.issue("nowhere")).code == "unknown_area"
    foreign = next(item.code for item in case.settings.procedures if item.area == "dat-dai")
    assert refused(lambda: case.kiosk(p.Issue, area="tu-phap", procedure=foreign)).code == "unknown_area"


def test_sensitive_procedures_are_logged_by_area_only(case: Any) -> None:
    sensitive = next(item for item in case.settings.procedures if item.sensitive)
    event = case.kiosk(p.Issue, area=sensitive.area, procedure=sensitive.code)[-1]
    assert event.procedure is None


def test_a_kiosk_has_a_burst_and_a_rate(cases: Any, refused: Any) -> None:
    case = cases(tickets_per_minute=30, burst=3)
    for _ in range(3):
        case.issue()
    assert refused(lambda: case.issue()).code == "too_fast"
    assert case.issue(name="kiosk-2").number == "1004"
    case.wait(seconds=2)
    case.issue()
    assert refused(lambda: case.issue()).code == "too_fast"


def test_the_desk_is_the_second_door(case: Any) -> None:
    case.open()
    event = case.clerk(p.Issue, area="tu-phap")[-1]
    assert (event.via, event.desk, event.clerk, event.device) == ("desk", "1", "Hoa", None)
    assert case.line() == ["1001"]


def test_a_clerk_has_the_same_rate_and_needs_a_desk(cases: Any, refused: Any) -> None:
    """One session must not use up the numbers of an area; kiosks and other clerks have rates of their own."""
    case = cases(tickets_per_minute=30, burst=3)
    assert refused(lambda: case.clerk(p.Issue, area="tu-phap")).code == "desk_not_open"
    case.open()
    for _ in range(3):
        case.clerk(p.Issue, area="tu-phap")
    assert refused(lambda: case.clerk(p.Issue, area="tu-phap")).code == "too_fast"
    case.issue()
    case.wait(seconds=2)
    case.clerk(p.Issue, area="tu-phap")


def test_a_kiosk_cancels_its_own_number_while_it_offers_that_or_asks_about_it(case: Any, refused: Any) -> None:
    ticket = case.issue()
    assert refused(lambda: case.kiosk(p.Cancel, "kiosk-2", ticket=ticket.id)).code == "too_late"
    case.wait(seconds=30)
    case.kiosk(p.Cancel, ticket=ticket.id)
    assert case.state(ticket) == "cancelled"
    late = case.issue()
    case.wait(seconds=33)
    assert refused(lambda: case.kiosk(p.Cancel, ticket=late.id)).code == "too_late"


@pytest.mark.parametrize("priority", [False, True])
def test_a_number_taken_back_by_mistake_waits_again_at_its_old_place(case: Any, refused: Any, priority: Any) -> None:
    """Also the next in line, with what happened to its paper meanwhile; and only once."""
    first, second, third = (case.issue(priority=priority and n == 0) for n in range(3))
    case.kiosk(p.Cancel, ticket=first.id)
    assert case.line() == [second.number, third.number]
    case.kiosk(p.Printed, ticket=first.id, result="confirmed")
    assert refused(lambda: case.kiosk(p.Restore, "kiosk-2", ticket=first.id)).code == "too_late"
    assert refused(lambda: case.kiosk(p.Restore, ticket=second.id)).code == "too_late"
    case.wait(seconds=10)
    case.kiosk(p.Restore, ticket=first.id)
    assert case.line() == [first.number, second.number, third.number]
    back = case.hall.tickets[first.id]
    assert (back.state, back.end, back.ended_at, back.printed) == ("waiting", None, None, "confirmed")
    assert refused(lambda: case.kiosk(p.Restore, ticket=first.id)).code == "too_late"
    assert case.again().tickets == case.hall.tickets
    case.kiosk(p.Cancel, ticket=first.id)
    case.wait(seconds=13)
    assert refused(lambda: case.kiosk(p.Restore, ticket=first.id)).code == "too_late"
    assert case.line() == [second.number, third.number]


def test_what_a_clerk_cancelled_is_not_given_back_at_the_kiosk(case: Any, refused: Any) -> None:
    ticket = case.issue()
    case.open()
    case.clerk(p.Cancel, ticket=ticket.id)
    assert refused(lambda: case.kiosk(p.Restore, ticket=ticket.id)).code == "too_late"


# --- paper --------------------------------------------------------------------------------------------------


def test_a_number_keeps_its_place_without_paper(case: Any) -> None:
    ticket = case.issue()
    case.kiosk(p.PrintFailed, ticket=ticket.id, reason="paper_out")
    assert case.hall.tickets[ticket.id].not_printed == "paper_out"
    assert case.line() == ["1001"]
    case.kiosk(p.Printed, ticket=ticket.id, result="confirmed")
    assert case.hall.tickets[ticket.id].not_printed is None


def test_a_desks_reprint_becomes_a_job_of_the_kiosk_that_issued(case: Any, refused: Any) -> None:
    ticket = case.issue(name="kiosk-2")
    case.open()
    case.clerk(p.Reprint, ticket=ticket.id)
    jobs = case.views.kiosk({}).jobs
    assert [(job.device, job.ticket.number) for job in jobs] == [("kiosk-2", "1001")]
    case.kiosk(p.Printed, "kiosk-2", ticket=ticket.id, result="sent")
    assert case.views.kiosk({}).jobs == ()
    case.serve()
    assert refused(lambda: case.clerk(p.Reprint, ticket=ticket.id)).code == "too_late"


def test_a_kiosk_is_told_which_of_its_numbers_still_come_without_a_paper_and_which_are_called(case: Any) -> None:
    def told() -> Any:
        view = case.views.kiosk({})
        numbers = [case.hall.tickets[ticket].number for ticket in view.unprinted]
        return numbers, [(case.hall.tickets[one.ticket].number, one.desk) for one in view.called]

    case.open()
    first, second, third = case.issue(), case.issue(), case.issue()
    case.clerk(p.Issue, area="tu-phap")  # given at a desk: no paper was ever wanted
    case.kiosk(p.PrintFailed, ticket=first.id, reason="jam")
    assert told() == (["1001", "1002", "1003"], [])
    case.kiosk(p.Printed, ticket=second.id, result="sent")
    assert told() == (["1001", "1003"], [])
    case.call()
    assert told() == (["1001", "1003"], [("1001", "1")])
    case.clerk(p.Start, ticket=first.id)
    case.clerk(p.Finish, ticket=first.id)
    case.clerk(p.Cancel, ticket=third.id)
    case.call()
    assert told() == ([], [("1002", "1")]), "one with a paper is called as well"
    case.clerk(p.Start, ticket=second.id)
    assert told() == ([], [])


def test_what_is_long_given_is_not_told_of(case: Any) -> None:
    case.issue()
    case.wait(41)
    assert case.views.kiosk({}).unprinted == ()


def test_a_kiosk_prints_a_number_again_only_while_it_waits(case: Any, refused: Any) -> None:
    case.open()
    ticket = case.issue()
    assert case.kiosk(p.Reprint, ticket=ticket.id)
    case.call()
    error = refused(lambda: case.kiosk(p.Reprint, ticket=ticket.id))
    assert (error.code, error.desk) == ("already_called", "1")
    assert case.clerk(p.Reprint, ticket=ticket.id), "a clerk who asks for it knows"
    case.clerk(p.Start, ticket=ticket.id)
    case.clerk(p.Finish, ticket=ticket.id)
    assert case.views.kiosk({}).jobs == ()
    assert refused(lambda: case.kiosk(p.Reprint, ticket=ticket.id)).code == "too_late"


def test_paper_of_another_day_is_no_error(case: Any) -> None:
    assert case.kiosk(p.Printed, ticket=999, result="sent") == []


# --- what the display keeps ---------------------------------------------------------------------------------


def test_a_number_that_is_still_called_never_leaves_the_board(cases: Any) -> None:
    """However many others are called meanwhile: its citizen has not come yet. What is kept stays bounded."""
    case = cases(tickets_per_minute=0)
    case.open("1", "Hoa")
    case.open("2", "Lan")
    standing = case.issue()
    case.call("Hoa")
    case.clerk(p.Recall, "Hoa", ticket=standing.id)
    for n in range(60):
        other = case.issue()
        case.serve("Lan")
        assert case.hall.tickets[other.id].state == "served"
        if n % 7 == 0:
            undone = case.issue()
            case.call("Lan")
            case.clerk(p.Undo, "Lan", ticket=undone.id)
            case.serve("Lan")
    calls = case.views.display({}).calls
    assert [call.number for call in calls if not call.answered] == [standing.number]
    assert len(calls) <= CALLS + 2
    assert len(case.hall.calls) <= SHOWN_CALLS + 1 + 2
    assert case.again().calls == case.hall.calls
    case.clerk(p.Start, "Hoa", ticket=standing.id)
    case.clerk(p.Finish, "Hoa", ticket=standing.id)
    case.issue()
    case.serve("Lan")
    assert len(case.hall.calls) <= SHOWN_CALLS + 1, "once it is over it goes as any other"


# --- desks --------------------------------------------------------------------------------------------------


def test_a_desk_belongs_to_one_person(case: Any, refused: Any) -> None:
    case.open("1", "Hoa")
    error = refused(lambda: case.open("1", "Lan"))
    assert (error.code, error.detail) == ("desk_taken", "Hoa")
    case.open("2", "Hoa")  # she moves: the first desk closes
    assert case.hall.desk("1").state == "closed"
    case.open("1", "Lan")


def test_a_paused_free_desk_may_be_taken_over(case: Any) -> None:
    case.open("1", "Hoa")
    case.clerk(p.PauseDesk, desk="1", reason="break")
    case.open("1", "Lan")
    assert case.hall.desk("1").clerk == "Lan"
    assert case.hall.desk_of("Hoa") is None


def test_a_desk_with_a_ticket_neither_pauses_nor_closes(case: Any, refused: Any) -> None:
    ticket = case.issue()
    case.open()
    case.call()
    for command in (p.PauseDesk, p.CloseDesk):
        error = refused(lambda command=command: case.clerk(command, desk="1"))
        assert (error.code, error.ticket) == ("ticket_open", ticket.id)


def test_a_paused_desk_calls_nobody(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    case.clerk(p.PauseDesk, desk="1")
    assert refused(lambda: case.call()).code == "desk_not_open"


def test_opening_a_desk_out_of_hours_opens_an_extra_session_until_the_last_desk_closes(case: Any, refused: Any) -> None:
    case.clock("18:00")
    case.open()
    assert case.issue().number == "1001"
    case.serve()
    case.clerk(p.CloseDesk, desk="1")
    assert refused(lambda: case.issue()).code == "closed"


def test_opening_a_desk_a_little_early_only_brings_the_hours_forward(case: Any, refused: Any) -> None:
    case.clock("07:20")
    case.open()
    case.issue()
    case.clock("11:45")
    assert refused(lambda: case.issue()).code == "closed"


# --- calling ------------------------------------------------------------------------------------------------


def test_the_big_button_calls_starts_and_finishes_with_a_call(case: Any) -> None:
    first, second = case.issue(), case.issue()
    case.open()
    assert case.call().id == first.id
    case.clerk(p.Start, ticket=first.id)
    assert case.call(ticket=first.id).id == second.id
    assert case.state(first) == "served"


def test_call_next_names_the_ticket_it_means(case: Any, refused: Any) -> None:
    first = case.issue()
    case.issue()
    case.open()
    case.call()
    error = refused(lambda: case.call())
    assert (error.code, error.ticket) == ("stale", first.id)


def test_a_called_ticket_is_started_or_absent_before_the_next(case: Any, refused: Any) -> None:
    case.issue()
    ticket = case.issue()
    case.open()
    first = case.call()
    assert refused(lambda: case.call(ticket=first.id)).code == "still_called"
    assert case.state(ticket) == "waiting"


def test_nobody_waiting_finishes_all_the_same(case: Any) -> None:
    ticket = case.issue()
    case.open()
    case.call()
    case.clerk(p.Start, ticket=ticket.id)
    decision = case.decide(p.CallNext, _hoa(), ticket=ticket.id, outcome="received", dossiers=2)
    assert decision.refused is not None
    assert decision.refused.code == "nobody_waiting"
    served = case.hall.tickets[ticket.id]
    assert (served.state, served.outcome, served.dossiers) == ("served", "received", 2)


def test_a_number_may_be_called_out_of_turn(case: Any, refused: Any) -> None:
    case.issue()
    second = case.issue()
    case.open()
    case.open("2", "Lan")
    case.clerk(p.CallTicket, ticket=None, number="1002")
    assert case.state(second) == "called"
    assert case.hall.tickets[second.id].because == "by_number"
    error = refused(lambda: case.clerk(p.CallTicket, "Lan", ticket=None, number="1002"))
    assert (error.code, error.desk) == ("already_called", "1")
    assert refused(lambda: case.clerk(p.CallTicket, "Lan", ticket=None, number="1999")).code == "unknown_number"


def test_a_call_by_number_finishes_the_one_before_with_its_outcome_and_dossiers(case: Any) -> None:
    first, second = case.issue(), case.issue()
    case.open()
    case.call()
    case.clerk(p.Start, ticket=first.id)
    events = case.clerk(p.CallTicket, ticket=first.id, number=second.number, outcome="received", dossiers=3)
    assert [type(event) for event in events] == [e.Finished, e.Called]
    assert (events[0].outcome, events[0].dossiers) == ("received", 3)
    third = case.issue()
    case.clerk(p.Start, ticket=second.id)
    events = case.clerk(p.CallTicket, ticket=second.id, number=third.number, dossiers=12)
    assert (events[0].outcome, events[0].dossiers) == (None, 12), "dossiers need no outcome"


def test_no_show_needs_two_calls_and_45_seconds(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    ticket = case.call()
    case.wait(seconds=60)
    assert refused(lambda: case.clerk(p.NoShow, ticket=ticket.id)).code == "too_soon"
    case.clerk(p.Recall, ticket=ticket.id)
    case.clerk(p.NoShow, ticket=ticket.id)
    assert case.state(ticket) == "no_show"


def test_no_show_waits_even_after_two_quick_calls(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    ticket = case.call()
    case.clerk(p.Recall, ticket=ticket.id)
    case.wait(seconds=44)
    assert refused(lambda: case.clerk(p.NoShow, ticket=ticket.id)).code == "too_soon"
    case.wait(seconds=1)
    case.clerk(p.NoShow, ticket=ticket.id)


def test_the_third_absence_cancels(case: Any) -> None:
    case.issue()
    case.open()
    for absence in range(3):
        ticket = case.call()
        case.absent(ticket)
        if absence < 2:
            case.clerk(p.Requeue, number=ticket.number)
    after = case.hall.tickets[ticket.id]
    assert (after.state, after.end, after.absences) == ("cancelled", "no_show", 3)


def test_a_missed_number_comes_back_after_the_next_call(case: Any) -> None:
    for _ in range(4):
        case.issue()
    case.open()
    missed = case.call()
    case.absent(missed)
    case.clerk(p.Requeue, number="1001")
    assert case.line() == ["1002", "1001", "1003", "1004"]
    case.serve()
    assert case.line() == ["1001", "1003", "1004"]
    assert case.hall.tickets[missed.id].visit == 2


def test_a_supplement_comes_back_with_the_same_number(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    ticket = case.serve(outcome="received")
    assert refused(lambda: case.clerk(p.Requeue, number=ticket.number)).code == "not_allowed"
    case.clerk(p.SetOutcome, ticket=ticket.id, outcome="supplement")
    case.clerk(p.Requeue, number=ticket.number)
    assert case.line() == ["1001"]
    assert refused(lambda: case.clerk(p.Requeue, number="1777")).code == "unknown_number"


def test_an_outcome_is_the_clerks_own(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    case.open("2", "Lan")
    ticket = case.serve()
    assert refused(lambda: case.clerk(p.SetOutcome, "Lan", ticket=ticket.id, outcome="received")).code == "forbidden"
    case.clerk(p.SetOutcome, ticket=ticket.id, outcome="received", dossiers=3)
    assert case.hall.tickets[ticket.id].dossiers == 3


def test_a_clerk_cancels_a_stray_number_but_not_another_desks(case: Any, refused: Any) -> None:
    first, second = case.issue(), case.issue()
    case.open()
    case.open("2", "Lan")
    case.call("Lan")
    assert refused(lambda: case.clerk(p.Cancel, ticket=first.id)).code == "too_late"
    case.clerk(p.Cancel, ticket=second.id)
    assert case.state(second) == "cancelled"


# --- undo ---------------------------------------------------------------------------------------------------


def test_an_undone_call_puts_the_number_at_the_head_and_withdraws_it(case: Any) -> None:
    case.issue()
    case.issue(priority=True)
    case.issue()
    case.wait(minutes=1)
    case.open()
    ticket = case.call()
    assert ticket.number == "1002"
    case.clerk(p.Undo, ticket=ticket.id)
    assert case.line()[0] == "1002"
    assert [w.number for w in case.views.display({}).withdrawn] == ["1002"]
    assert case.call().because == "taken_back"


def test_finish_and_call_take_two_presses_back(case: Any) -> None:
    first, second = case.issue(), case.issue()
    case.open()
    case.call()
    case.clerk(p.Start, ticket=first.id)
    case.call(ticket=first.id)
    case.clerk(p.Undo, ticket=second.id)
    case.clerk(p.Undo, ticket=first.id)
    assert (case.state(first), case.state(second)) == ("serving", "waiting")
    assert case.hall.desk("1").ticket == first.id


def test_undo_is_for_a_minute_and_for_the_last_step(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    ticket = case.call()
    case.clerk(p.Start, ticket=ticket.id)
    case.wait(seconds=61)
    assert refused(lambda: case.clerk(p.Undo, ticket=ticket.id)).code == "too_late"


def test_undo_is_for_the_own_desk(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    case.open("2", "Lan")
    ticket = case.call()
    assert refused(lambda: case.clerk(p.Undo, "Lan", ticket=ticket.id)).code == "too_late"


def test_who_takes_a_desk_over_takes_back_only_what_they_did_themselves(case: Any, refused: Any) -> None:
    first, second = case.issue(), case.issue()
    case.open()
    case.serve()
    case.clerk(p.PauseDesk, desk="1", reason="short_break")
    case.open("1", "Lan")
    case.call("Lan")
    case.clerk(p.Undo, "Lan", ticket=second.id)
    assert refused(lambda: case.clerk(p.Undo, "Lan", ticket=first.id)).code == "too_late"
    assert case.state(first) == "served"


@pytest.mark.parametrize("step", ["start", "no_show", "finish", "cancel"])
def test_each_step_can_be_undone(case: Any, step: Any) -> None:
    case.issue()
    case.open()
    ticket = case.call()
    if step == "finish":
        case.clerk(p.Start, ticket=ticket.id)
    before = case.hall.tickets[ticket.id].state
    if step == "no_show":
        case.absent(ticket)
    else:
        command = {"start": p.Start, "finish": p.Finish, "cancel": p.Cancel}[step]
        case.clerk(command, ticket=ticket.id)
    case.clerk(p.Undo, ticket=ticket.id)
    assert case.state(ticket) == before
    assert case.hall.desk("1").ticket == ticket.id


# --- ratings ------------------------------------------------------------------------------------------------


def test_a_rating_by_code_replaces_one_without(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    ticket = case.serve()
    code = ticket_secrets(b"secret", ticket.id)[1]
    wrong = f"{(int(code) + 1) % 100:02d}"
    assert refused(lambda: case.kiosk(p.Rate, number="1001", code=wrong, score=1)).code == "unknown_number"
    case.kiosk(p.Rate, number="1001", score=2, reasons=("wait", "wait"))
    assert refused(lambda: case.kiosk(p.Rate, ticket=ticket.id, score=5)).code == "already_rated"
    case.kiosk(p.Rate, number="1001", code=code, score=5)
    assert refused(lambda: case.kiosk(p.Rate, number="1001", code=code, score=4)).code == "already_rated"
    rated = [event for event in case.log if isinstance(event, e.Rated)]
    assert [(event.via, event.score, event.reasons) for event in rated] == [("number", 2, ("wait",)), ("code", 5, ())]
    # The first is kept, and the record says what the second stands in place of.
    assert [event.ref for event in rated] == [None, case.hall.seq - 1]


def test_who_still_waits_cannot_rate_and_who_was_absent_may(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    assert refused(lambda: case.kiosk(p.Rate, number="1001", score=5)).code == "not_served"
    case.absent(case.call())
    case.kiosk(p.Rate, number="1001", score=1)


def test_whether_a_rating_would_be_taken_can_be_asked_first(case: Any, refused: Any) -> None:
    """With the refusals that the rating itself would meet; nothing is written."""

    def asked(**fields: Any) -> Any:
        before = len(case.log)
        said = refused(lambda: case.kiosk(p.Find, **fields)).code
        assert len(case.log) == before
        return said

    assert asked(number="1001") == "unknown_number"
    ticket = case.issue()
    assert asked(number="1001") == "not_served"
    case.open()
    case.serve()
    code = ticket_secrets(b"secret", ticket.id)[1]
    assert asked(number="1001", code=f"{(int(code) + 1) % 100:02d}") == "unknown_number"
    assert case.kiosk(p.Find, number="1001", code=code) == []
    assert case.kiosk(p.Find, number="1001") == []
    case.kiosk(p.Rate, number="1001", score=5)
    assert asked(number="1001") == "already_rated"
    assert case.kiosk(p.Find, number="1001", code=code) == []
    case.wait(minutes=241)
    assert asked(number="1001", code=code) == "too_late"


def test_no_rating_code_looks_like_a_fault() -> None:
    assert "00" not in {ticket_secrets(b"secret", ticket)[1] for ticket in range(2000)}


def test_ratings_have_their_time(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    case.serve()
    case.wait(minutes=241)
    assert refused(lambda: case.kiosk(p.Rate, number="1001", score=5)).code == "too_late"


# --- the day ------------------------------------------------------------------------------------------------


def test_the_end_of_a_session_stops_issuing_and_nothing_else(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    case.clock("11:40")
    assert refused(lambda: case.issue()).code == "closed"
    assert case.tick() == []
    assert case.serve().state == "served"


def test_a_day_ends_two_hours_after_the_last_session_once_no_desk_is_open(case: Any) -> None:
    waiting = case.issue()
    case.open()
    case.clock("19:30")
    assert case.tick() == []  # Hoa is still at her desk
    case.clerk(p.CloseDesk, desk="1")
    assert isinstance(case.tick()[-1], e.DayClosed)
    assert case.state(waiting) == "expired"


def test_midnight_ends_a_day_that_was_forgotten(case: Any) -> None:
    first, second, third = case.issue(), case.issue(), case.issue()
    case.open()
    case.call()
    case.clerk(p.Start, ticket=first.id)
    case.open("2", "Lan")
    case.call("Lan")
    case.clock("00:01", "2026-11-24")
    case.tick()
    assert [case.state(t) for t in (first, second, third)] == ["served", "expired", "expired"]
    assert case.hall.tickets[first.id].outcome is None
    assert next(ev for ev in case.log if isinstance(ev, e.Finished)).because == "day_end"
    case.clock("08:00", "2026-11-24")
    assert case.issue().number == "1001"


def test_work_after_the_days_end_goes_on_with_its_numbers(case: Any) -> None:
    case.issue()
    case.clock("19:30")
    case.tick()
    case.open()
    assert case.issue().number == "1002"


def test_the_manager_opens_an_extra_session(case: Any, refused: Any) -> None:
    case.clock("18:00")
    case.manager(p.OpenSession, minutes=30)
    case.issue()
    case.wait(minutes=31)
    assert refused(lambda: case.issue()).code == "closed"


def test_yesterdays_calls_and_figures_are_not_todays(case: Any) -> None:
    case.issue()
    case.open()
    case.absent(case.call())
    case.clock("19:30")
    case.clerk(p.CloseDesk, desk="1")
    case.tick()
    assert case.views.display({}).missed == ("1001",)
    case.clock("07:00", "2026-11-24")
    shown = case.views.display({})
    assert (shown.calls, shown.missed) == ((), ())
    manager = case.views.manager(devices=(), people=(), alarms=(), target_seconds=900)
    assert manager.date == "2026-11-24"
    assert {area.issued for area in manager.areas} == {0}


# --- the fold -----------------------------------------------------------------------------------------------


def test_the_fold_refuses_what_cannot_follow(case: Any) -> None:
    ticket = case.issue()
    with pytest.raises(Impossible):
        case.hall.apply(e.Started(at=case.now, ticket=ticket.id, visit=1, desk="1", clerk="Hoa"))


def test_every_state_is_reached_and_final_ones_end() -> None:
    assert {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values()) >= FINAL | {"waiting", "called", "serving"}
    leaving = {state for state, kind in TRANSITIONS if kind not in {e.Requeued, e.Cancelled, e.Restored}}
    assert not leaving & FINAL


def test_a_hall_rebuilt_from_its_events_is_the_same(case: Any) -> None:
    for _ in range(3):
        case.issue(priority=True)
        case.issue()
    case.open()
    case.serve(outcome="supplement")
    case.absent(case.call())
    case.clerk(p.Requeue, number="1001")
    case.clerk(p.Undo, ticket=case.call().id)
    again = case.again()
    assert again.tickets == case.hall.tickets
    assert again.desks == case.hall.desks
    assert again.calls == case.hall.calls
    assert isinstance(again, Hall)


def _hoa() -> Any:
    from server.hall.rules.case import Who

    return Who("desk", "Hoa")


# --- found by review ----------------------------------------------------------------------------------------


def test_a_prefix_that_changes_hands_in_mid_day_gives_no_number_twice(case: Any) -> None:
    case.issue("tu-phap")
    case.issue("tu-phap")
    areas = dict(case.policy.areas)
    areas["dat-dai"] = msgspec.structs.replace(areas["dat-dai"], prefix="1")
    case.hall.policy = dataclasses.replace(case.policy, areas=areas)
    assert case.issue("dat-dai").number == "1003"


def test_an_area_added_in_mid_day_has_its_hours(case: Any) -> None:
    case.issue()
    areas = dict(case.policy.areas)
    areas["moi"] = msgspec.structs.replace(areas["dat-dai"], code="moi", prefix="9")
    case.hall.policy = dataclasses.replace(case.policy, areas=areas)
    ticket = case.issue("moi")
    case.wait(minutes=5)
    assert case.views.order.waited(ticket) == 5 * 60_000


def test_undoing_the_last_absence_keeps_the_number_among_the_missed(cases: Any) -> None:
    case = cases(absences=1)
    case.issue()
    case.open()
    ticket = case.call()
    case.absent(ticket)
    assert case.state(ticket) == "cancelled"
    case.clerk(p.Undo, ticket=ticket.id)
    assert case.state(ticket) == "no_show"
    assert case.views.display({}).missed == ("1001",)


def test_a_rating_changes_nothing_that_the_clerk_sees(case: Any) -> None:
    """A step back stays possible for its minute: else its button would tell that, and when, somebody rated."""
    case.issue()
    case.open()
    ticket = case.serve()
    before = case.views.desk("Hoa", ())
    case.kiosk(p.Rate, ticket=ticket.id, score=1, reasons=("wait",))
    assert case.views.desk("Hoa", ()) == before
    case.clerk(p.Undo, ticket=ticket.id)
    assert case.state(ticket) == "serving"
    case.clerk(p.Finish, ticket=ticket.id)
    assert case.hall.tickets[ticket.id].score == 1, "the citizen's word stays"
    case.clerk(p.Undo, ticket=ticket.id)
    case.clerk(p.Finish, ticket=ticket.id)
    assert case.hall.tickets[ticket.id].reasons == ("wait",)


def test_a_rating_code_is_not_to_be_guessed(case: Any, refused: Any) -> None:
    case.issue()
    case.open()
    ticket = case.serve()
    code = ticket_secrets(b"secret", ticket.id)[1]
    wrong = [f"{n:02d}" for n in range(100) if f"{n:02d}" != code]
    for guess in wrong[:CODES]:
        assert refused(lambda guess=guess: case.kiosk(p.Find, number="1001", code=guess)).code == "unknown_number"
    assert refused(lambda: case.kiosk(p.Rate, number="1001", code=code, score=1)).code == "unknown_number"
    case.kiosk(p.Rate, ticket=ticket.id, score=5)


def test_a_print_that_was_told_before_is_no_event(case: Any) -> None:
    ticket = case.issue()
    assert case.kiosk(p.Printed, ticket=ticket.id, result="confirmed") != []
    assert case.kiosk(p.Printed, ticket=ticket.id, result="confirmed") == []
    case.kiosk(p.PrintFailed, ticket=ticket.id, reason="paper_out")
    assert case.kiosk(p.Printed, ticket=ticket.id, result="confirmed") != []
    case.open()
    case.clerk(p.Reprint, ticket=ticket.id)
    assert case.kiosk(p.Printed, ticket=ticket.id, result="confirmed") != [], "this ends the desk's wish"
    assert not case.hall.jobs


def test_desks_ask_one_kiosk_for_so_many_papers_and_no_more(cases: Any, refused: Any) -> None:
    case = cases(kiosks=("kiosk-1",))
    tickets = [case.issue() for _ in range(JOBS + 1)]
    case.open()
    for ticket in tickets[:-1]:
        case.clerk(p.Reprint, ticket=ticket.id)
    assert refused(lambda: case.clerk(p.Reprint, ticket=tickets[-1].id)).code == "too_fast"
    case.kiosk(p.Printed, ticket=tickets[0].id, result="confirmed")
    case.clerk(p.Reprint, ticket=tickets[-1].id)


@pytest.mark.parametrize("date", ["2026-02-30", "2062-11-23", "0001-01-01"])
def test_a_date_that_cannot_be_is_no_date(case: Any, refused: Any, date: Any) -> None:
    case.issue()
    assert refused(lambda: case.manager(p.ConfirmDate, date=date)).code == "bad_message"


def test_a_confirmation_never_expires_the_numbers_of_this_morning(case: Any) -> None:
    """Switched off with the day open; started next morning with a dead battery; the line of the morning stays."""
    case.issue()
    case.open()
    case.doubt = "clock_behind"
    case.tick()
    case.wait(minutes=1)
    this_morning = case.issue()
    case.clock("08:00", "2026-11-24")  # what the clock will say once it is confirmed
    case.clerk(p.ConfirmDate, date="2026-11-24")
    case.doubt = None
    assert case.state(this_morning) == "waiting"
    case.wait(minutes=30)
    assert case.tick() == []
    assert case.state(this_morning) == "waiting"


@pytest.mark.parametrize("day", ["2026-11-24", "2026-11-28", "2026-11-29"])
def test_a_line_that_outlives_a_doubt_waits_for_a_desk_to_open(case: Any, day: Any) -> None:
    """A Tuesday, a Saturday, a Sunday: the numbers are of the day before, whose sessions are long over."""
    case.issue()
    case.doubt = "clock_ahead"
    case.clock("09:00", "2029-03-01")
    case.tick()
    this_morning = case.issue()
    case.clock("08:00", day)
    case.manager(p.ConfirmDate, date=day)
    case.doubt = None
    for _ in range(11):
        assert case.tick() == []
        case.wait(minutes=10)
    assert case.state(this_morning) == "waiting"
    case.clock("23:59", day)
    assert isinstance(case.tick()[-1], e.DayClosed), "and yet it ends"


def test_a_date_that_is_on_record_already_is_not_given_to_a_second_day(case: Any) -> None:
    case.issue()
    case.clock("19:30")
    case.tick()
    case.doubt = "clock_behind"
    case.tick()
    assert case.issue().number == "1001"
    assert case.hall.day == "2026-11-24"
    case.doubt = None
    case.clock("19:40")
    case.tick()
    assert case.hall.day == "2026-11-24"
    assert [ticket.state for ticket in case.hall.tickets.values()] == ["waiting"]
    case.open()
    assert case.issue().number == "1002"


def test_those_sent_for_a_paper_push_no_absent_number_off_the_display(case: Any) -> None:
    case.open()
    case.issue()
    missed = case.call()
    case.absent(missed)
    for _ in range(13):
        case.issue()
        case.serve(outcome="supplement")
    assert case.views.display({}).missed == (missed.number,)
    listed = case.views.desk("Hoa", ()).missed
    assert [(t.number, t.state) for t in listed][-1] == (missed.number, "no_show")
    assert len(listed) == 13


def test_an_open_area_without_a_desk_does_not_promise_the_next_session(case: Any) -> None:
    """At ten in the morning "opens at 13:30" would send people home."""
    case.clock("10:00")
    for view in (case.views.kiosk({}), case.views.display({})):
        assert [area.opens_at for area in view.areas] == [None] * len(view.areas)
    case.clock("12:00")
    assert {area.opens_at for area in case.views.display({}).areas} == {"13:30"}


def test_a_number_of_an_area_that_is_gone_is_not_put_back(case: Any, refused: Any) -> None:
    case.open()
    case.issue()
    ticket = case.serve(outcome="supplement")
    areas = {key: area for key, area in case.policy.areas.items() if key != "tu-phap"}
    case.hall.policy = dataclasses.replace(case.policy, areas=areas)
    for command in (p.Requeue, p.CallTicket):
        ticketless = {} if command is p.Requeue else {"ticket": None}
        again = refused(lambda: case.clerk(command, number=ticket.number, **ticketless))  # noqa: B023
        assert again.code == "unknown_area", command


def test_a_cancellation_is_not_taken_back_into_an_area_that_is_gone(case: Any, refused: Any) -> None:
    case.open()
    ticket = case.issue()
    case.clerk(p.Cancel, ticket=ticket.id)
    areas = {key: area for key, area in case.policy.areas.items() if key != "tu-phap"}
    case.hall.policy = dataclasses.replace(case.policy, areas=areas)
    assert refused(lambda: case.clerk(p.Undo, ticket=ticket.id)).code == "unknown_area"


def test_the_desk_knows_how_many_wait_for_it_alone(case: Any) -> None:
    """More than its list shows; whom another open desk serves is not left alone."""
    case.open()
    for _ in range(120):
        case.issue()
    assert case.views.desk("Hoa", ()).only_here == 120
    case.clerk(p.OpenDesk, "Lan", desk="2")
    assert case.views.desk("Hoa", ()).only_here == 0
    case.clerk(p.PauseDesk, "Lan", desk="2", reason="short_break")
    assert case.views.desk("Hoa", ()).only_here == 120


def test_a_visit_that_comes_back_stays_in_the_clerks_day(case: Any) -> None:
    """Sent for a paper, rated, put back in line: what was done at the desk has been done."""
    case.open()
    ticket = case.issue()
    case.serve(outcome="supplement")
    case.kiosk(p.Rate, ticket=ticket.id, score=5)
    before = case.views.desk("Hoa", ()).day
    manager = case.views.manager(devices=(), people=(), alarms=(), target_seconds=900)
    assert (before.served, before.service_seconds, before.unrecorded) == (1, 180, 0)
    case.clerk(p.Requeue, number=ticket.number)
    after = case.views.desk("Hoa", ()).day
    assert (after.served, after.service_seconds, after.unrecorded) == (1, 180, 0)
    assert after.visits == (), "its outcome is no longer to be changed"
    again = case.views.manager(devices=(), people=(), alarms=(), target_seconds=900)
    assert (again.ratings, again.satisfied) == (manager.ratings, manager.satisfied) == (1, 1)
    assert again.areas[0].answered == manager.areas[0].answered == 1
    case.serve(outcome="received")
    assert case.views.desk("Hoa", ()).day.served == 2
    assert case.again().earlier == case.hall.earlier


def test_an_outcome_and_its_dossiers_are_taken_back(case: Any) -> None:
    ticket = case.issue()
    case.open()
    case.serve(outcome="received", dossiers=4)
    case.clerk(p.SetOutcome, ticket=ticket.id, outcome=None)
    assert (case.hall.tickets[ticket.id].outcome, case.hall.tickets[ticket.id].dossiers) == (None, 4)
    assert case.views.desk("Hoa", ()).day.unrecorded == 1
    case.clerk(p.SetOutcome, ticket=ticket.id, outcome=None, dossiers=None)
    assert case.hall.tickets[ticket.id].dossiers is None
    case.clerk(p.SetOutcome, ticket=ticket.id, outcome=None, dossiers=2)
    assert (case.hall.tickets[ticket.id].outcome, case.hall.tickets[ticket.id].dossiers) == (None, 2)


@pytest.mark.parametrize(("levels", "satisfied"), [(5, {4, 5}), (3, {3})])
def test_who_is_neither_pleased_nor_displeased_is_not_counted_as_satisfied(
    cases: Any, levels: Any, satisfied: Any
) -> None:
    rating = msgspec.structs.replace(DEFAULT_RATING, levels=DEFAULT_RATING.levels[:levels])
    for score in range(1, levels + 1):
        case = cases(rating=rating)
        ticket = case.issue()
        case.open()
        case.serve()
        case.kiosk(p.Rate, ticket=ticket.id, score=score, reasons=("wait",))
        view = case.views.manager(devices=(), people=(), alarms=(), target_seconds=900)
        assert (view.ratings, view.satisfied) == (1, int(score in satisfied)), score
        assert least_satisfied(levels) == min(satisfied)


def test_a_day_without_any_session_ends_and_harms_nobody(case: Any) -> None:
    """The settings, or the date, were changed while it was open."""
    case.issue()
    none = msgspec.structs.replace(case.settings, sessions=())
    case.hall.policy = policy_of(none, secret=b"secret", tickets_per_minute=0)
    assert case.tick() == []
    case.wait(minutes=121)
    case.tick()
    assert not case.hall.day_open


@pytest.mark.parametrize("end", ["requeued", "cancelled"])
def test_a_number_that_is_no_longer_called_stands_on_no_board(case: Any, end: Any) -> None:
    ticket = case.issue()
    case.open()
    case.call()
    if end == "cancelled":
        case.clerk(p.Cancel, ticket=ticket.id)
    else:
        case.absent(case.hall.tickets[ticket.id])
        assert [call.number for call in case.views.display({}).calls] == [ticket.number, ticket.number]
        case.clerk(p.Requeue, number=ticket.number)
    assert case.views.display({}).calls == ()


def test_your_turn_at_once_only_where_a_desk_is_free_and_nobody_is_before(case: Any) -> None:
    def at_once(area: Any) -> Any:
        shown = next(a for a in case.views.display({}).areas if a.code == area)
        assert shown.at_once == next(a for a in case.views.kiosk({}).areas if a.code == area).at_once
        return shown.at_once

    assert not at_once("ket-qua"), "no desk is open"
    case.open("2")  # tu-phap and ket-qua
    assert at_once("ket-qua")
    case.issue("tu-phap")
    assert not at_once("ket-qua"), "another line of the same desk comes first"
    ticket = case.call()
    assert not at_once("ket-qua"), "the desk is busy"
    case.clerk(p.Start, ticket=ticket.id)
    case.clerk(p.Finish, ticket=ticket.id)
    assert at_once("ket-qua")


def test_a_session_of_a_set_length_outlives_the_last_desk(case: Any) -> None:
    """Only the one that a desk opened, until the last desk closes, ends with it."""
    case.clock("18:00")
    case.open()
    case.manager(p.OpenSession, minutes=60)
    case.clerk(p.CloseDesk, desk="1")
    assert case.hall.is_open(None, case.now)
    case.wait(minutes=61)
    assert not case.hall.is_open(None, case.now)

"""Which calls stand on the board and which are read out: given views, when the voice goes on, then these."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from display.board import STALE, Announcement, Board
from server.protocol import DisplayCall, DisplayView, Withdrawn

NOW = datetime(2026, 11, 23, 1, 47, tzinfo=UTC)


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def call(
    seq: int,
    number: str,
    desk: str = "1",
    *,
    age: float = 1,
    recall: bool = False,
    answered: bool = False,
    said: bool = True,
) -> DisplayCall:
    at = iso(NOW - timedelta(seconds=age))
    return DisplayCall(seq=seq, number=number, desk=desk, area="a", at=at, recall=recall, answered=answered, said=said)


def come(of: DisplayCall) -> DisplayCall:
    """The same once its citizen has come."""
    return msgspec.structs.replace(of, answered=True)


def back(seq: int, of: DisplayCall) -> Withdrawn:
    return Withdrawn(seq=seq, call=of.seq, number=of.number, at=iso(NOW))


def view(*calls: DisplayCall, withdrawn: tuple[Withdrawn, ...] = (), missed: tuple[str, ...] = ()) -> DisplayView:
    gone = {entry.call for entry in withdrawn}
    kept = tuple(c for c in reversed(calls) if c.seq not in gone)
    return DisplayView(calls=kept, withdrawn=withdrawn, missed=missed, areas=(), open=True, paused=False)


def started(*calls: DisplayCall, seq: int = 10) -> Board:
    """A board that has had its first view."""
    board = Board()
    board.update(view(*calls), seq, NOW)
    return board


def run(board: Board) -> list[Announcement]:
    """Let the board say all it has."""
    said = []
    while (announcement := board.begin()) is not None:
        said.append(announcement)
        board.read_out(announcement)
    return said


def readings(board: Board) -> list[tuple[str, bool]]:
    """The number of each reading, and whether it is the second."""
    return [(announcement.number, announcement.again) for announcement in run(board)]


def shown(board: Board) -> list[str]:
    return [line.number for line in board.lines()]


def test_the_first_view_says_nothing_that_was_said_and_shows_what_stands() -> None:
    board = started(call(1, "1001"), call(2, "1002"))
    assert run(board) == []
    assert shown(board) == ["1002", "1001"]


def test_a_display_that_was_started_anew_says_what_no_display_has_said_yet() -> None:
    board = started(call(1, "1001"), call(2, "1002", said=False), call(3, "1003", said=False, age=STALE + 1))
    assert readings(board) == [("1002", False), ("1002", True)]


def test_every_call_stands_on_the_board_at_once() -> None:
    board = started()
    board.update(view(*(call(10 + n, f"100{n}", str(n)) for n in range(1, 9))), 18, NOW)
    assert shown(board) == [f"100{n}" for n in range(8, 0, -1)]
    assert board.standing() == tuple(range(11, 19))
    first = board.begin()
    assert first is not None
    assert first.number == "1001"
    assert shown(board) == ["1001", *(f"100{n}" for n in range(8, 1, -1))]


def test_each_is_said_once_in_the_order_of_seq_before_any_is_said_twice() -> None:
    board = started()
    board.update(view(call(11, "1001"), call(12, "2001"), call(13, "1002")), 13, NOW)
    assert readings(board) == [(number, again) for again in (False, True) for number in ("1001", "2001", "1002")]


def test_a_call_that_comes_between_first_and_second_readings_goes_before_them() -> None:
    board = started()
    calls = [call(11, "1001"), call(12, "1002")]
    board.update(view(*calls), 12, NOW)
    said = []
    for _ in range(3):
        announcement = board.begin()
        assert announcement is not None
        said.append((announcement.number, announcement.again))
        board.read_out(announcement)
    board.update(view(*calls, call(13, "1003")), 13, NOW)
    assert said + readings(board) == [
        ("1001", False), ("1002", False), ("1001", True), ("1003", False), ("1002", True), ("1003", True),
    ]  # fmt: skip


def test_without_sound_there_are_no_second_readings() -> None:
    board = started()
    board.update(view(call(11, "1001"), call(12, "1002")), 12, NOW)
    said = []
    while (announcement := board.begin(again=False)) is not None:
        said.append((announcement.number, announcement.again))
        board.read_out(announcement)
    assert said == [("1001", False), ("1002", False)]


def test_whoever_has_come_is_not_called_any_more() -> None:
    first, second = call(11, "1001"), call(12, "1002")
    board = started()
    board.update(view(first, second), 12, NOW)
    announcement = board.begin()
    assert announcement is not None
    board.update(view(come(first), come(second)), 13, NOW)
    board.read_out(announcement)
    assert run(board) == []
    assert [(line.number, line.waits) for line in board.lines()] == [("1002", False), ("1001", False)]
    assert board.standing() == ()


def test_those_who_have_not_come_stand_before_those_who_have() -> None:
    board = started(call(1, "1001"), come(call(2, "1002")), call(3, "1003"), come(call(4, "1004")))
    assert [(line.number, line.waits) for line in board.lines()] == [
        ("1003", True), ("1001", True), ("1004", False), ("1002", False),
    ]  # fmt: skip


def test_a_recall_is_said_again_and_takes_the_first_place() -> None:
    first, second = call(11, "1001"), call(12, "1002", "2")
    board = started()
    board.update(view(first, second), 12, NOW)
    run(board)
    board.update(view(first, second, call(13, "1001", recall=True)), 13, NOW)
    assert [(a.number, a.kind, a.again) for a in run(board)] == [("1001", "recall", False), ("1001", "recall", True)]
    assert shown(board) == ["1001", "1002"]


def test_a_recall_of_a_call_not_said_yet_is_one_reading_that_stands_for_both() -> None:
    board = started()
    board.update(view(call(11, "1001"), call(12, "1002"), call(13, "1002", recall=True)), 13, NOW)
    said = run(board)
    assert [(a.number, a.again) for a in said] == [
        ("1001", False), ("1002", False), ("1001", True), ("1002", True)
    ]  # fmt: skip
    assert said[1].calls == (12, 13)
    assert board.standing() == (11, 12, 13)


def test_a_recall_before_the_second_reading_is_said_in_its_place() -> None:
    first, second = call(11, "1001"), call(12, "1002")
    board = started()
    board.update(view(first, second), 12, NOW)
    announcement = board.begin()
    assert announcement is not None
    board.read_out(announcement)
    board.update(view(first, second, call(13, "1001", recall=True)), 13, NOW)
    assert readings(board) == [("1002", False), ("1001", False), ("1002", True), ("1001", True)]


def test_a_recall_while_the_call_is_being_said_is_the_second_reading() -> None:
    first = call(11, "1001")
    board = started()
    board.update(view(first), 11, NOW)
    announcement = board.begin()
    assert announcement is not None
    board.update(view(first, call(12, "1001", recall=True)), 12, NOW)
    board.read_out(announcement)
    assert readings(board) == [("1001", False), ("1001", True)]


def test_a_call_taken_back_after_it_was_said_is_followed_by_please_wait() -> None:
    first = call(11, "1006")
    board = started()
    board.update(view(first), 11, NOW)
    run(board)
    board.update(view(first, withdrawn=(back(12, first),)), 12, NOW)
    assert [(a.number, a.kind, a.desk) for a in run(board)] == [("1006", "withdrawn", "")]
    assert board.lines() == ()


def test_a_call_taken_back_while_it_is_said_is_followed_by_please_wait_and_not_said_twice() -> None:
    first = call(11, "1006")
    board = started()
    board.update(view(first), 11, NOW)
    announcement = board.begin()
    assert announcement is not None
    board.update(view(first, withdrawn=(back(12, first),)), 12, NOW)
    board.read_out(announcement)
    assert [a.kind for a in run(board)] == ["withdrawn"]


def test_a_call_taken_back_before_it_was_said_is_never_said() -> None:
    first, second = call(11, "1005"), call(12, "1006")
    board = started()
    board.update(view(first, second), 12, NOW)
    assert board.begin() is not None
    board.update(view(first, second, withdrawn=(back(13, second),)), 13, NOW)
    assert run(board) == []


def test_a_call_made_and_taken_back_while_the_link_was_cut_is_never_said() -> None:
    first = call(11, "1005")
    board = started()
    board.update(view(first, withdrawn=(back(12, first),)), 12, NOW)
    assert run(board) == []


def test_taken_back_and_called_again_is_said_as_a_call_alone() -> None:
    """ "Please wait" would not be so any more, whether it was in the line already or came with the call."""
    first, again = call(11, "1006"), call(13, "1006", "2")
    for together in (True, False):
        board = started()
        board.update(view(first), 11, NOW)
        run(board)
        if not together:
            board.update(view(first, withdrawn=(back(12, first),)), 12, NOW)
        board.update(view(first, again, withdrawn=(back(12, first),)), 13, NOW)
        assert [(a.kind, a.desk) for a in run(board)] == [("call", "2"), ("call", "2")]
    assert [(line.number, line.desk) for line in board.lines()] == [("1006", "2")]


def test_taken_back_called_by_number_and_served_nobody_is_told_to_wait() -> None:
    first, again = call(11, "1006"), call(13, "1006", "2")
    board = started()
    board.update(view(first), 11, NOW)
    run(board)
    board.update(view(first, come(again), withdrawn=(back(12, first),)), 14, NOW)
    assert run(board) == []


def test_what_was_taken_back_long_ago_is_not_told_any_more() -> None:
    first = call(11, "1006")
    board = started()
    board.update(view(first), 11, NOW)
    run(board)
    board.update(view(withdrawn=(back(12, first),)), 12, NOW + timedelta(seconds=STALE + 1))
    assert run(board) == []


def test_at_rest_nothing_is_read_out_and_nothing_is_forgotten() -> None:
    board = started()
    board.update(view(call(11, "1001")), 11, NOW)
    board.rest()
    assert board.current is None
    assert readings(board) == [("1001", False), ("1001", True)]


def test_after_a_drop_missed_calls_are_said_in_order_and_old_ones_only_shown() -> None:
    board = started()
    late = view(call(11, "1001", age=STALE + 1), call(12, "1002", age=STALE - 1), call(13, "1003"))
    board.update(late, 13, NOW)
    assert shown(board) == ["1003", "1002", "1001"]
    assert readings(board) == [("1002", False), ("1003", False), ("1002", True), ("1003", True)]


def test_the_same_view_again_says_nothing_again() -> None:
    board = started()
    same = view(call(11, "1001"))
    board.update(same, 11, NOW)
    assert len(run(board)) == 2
    board.update(same, 11, NOW)
    assert run(board) == []


def test_a_record_that_ran_backwards_is_a_new_start() -> None:
    board = started(seq=500)
    board.update(view(call(3, "1001"), call(4, "1002")), 4, NOW)
    assert run(board) == []
    board.update(view(call(3, "1001"), call(4, "1002"), call(5, "1003")), 5, NOW)
    assert readings(board) == [("1003", False), ("1003", True)]


def test_a_number_marked_absent_meanwhile_is_neither_said_nor_shown() -> None:
    first, second = call(11, "1001"), call(12, "1002")
    board = started()
    board.update(view(first, second), 12, NOW)
    assert board.begin() is not None
    board.update(view(first, come(second), missed=("1002",)), 14, NOW)
    assert run(board) == []
    assert shown(board) == ["1001"]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(["call", "recall", "undo", "come", "begin", "end"]), st.integers(0, 5)),
                max_size=40))  # fmt: skip
def test_whatever_happens_each_call_is_said_in_turn_once_before_twice(steps: list[tuple[str, int]]) -> None:
    """Against the story itself: nobody who waits is forgotten, nobody who has come is called again."""
    calls: list[DisplayCall] = []
    withdrawn: list[Withdrawn] = []
    board, seq, saying = started(), 10, None
    said: list[Announcement] = []
    for step, n in steps:
        number = f"100{n}"
        mine = [c for c in calls if c.number == number and not c.answered]
        if step == "call" and not mine:
            seq += 1
            calls.append(call(seq, number, str(n)))
        elif step == "recall" and mine:
            seq += 1
            calls.append(call(seq, number, str(n), recall=True))
        elif step == "undo" and mine:
            seq += 1
            withdrawn.append(back(seq, mine[-1]))
            calls = [c for c in calls if c not in mine]
        elif step == "come" and mine:
            seq += 1
            calls = [come(c) if c in mine else c for c in calls]
        elif step == "begin" and saying is None:
            saying = board.begin()
            if saying is not None and saying.calls:
                assert saying.number in {c.number for c in calls if not c.answered}
                said.append(saying)
            continue
        elif step == "end" and saying is not None:
            board.read_out(saying)
            saying = None
            continue
        else:
            continue
        board.update(view(*calls, withdrawn=tuple(withdrawn)), seq, NOW)
        waiting = {c.number for c in calls if not c.answered}
        assert {line.number for line in board.lines() if line.waits} == waiting
    if saying is not None:
        board.read_out(saying)
    rest = run(board)
    firsts = [a for a in rest if a.calls and not a.again]
    seconds = [a for a in rest if a.again]
    assert [a for a in rest if not a.again] == rest[: len(rest) - len(seconds)], "twice before once"
    assert [a.seq for a in firsts] == sorted(a.seq for a in firsts)
    spoken = {seq for a in (*said, *firsts) for seq in a.calls}
    assert {c.seq for c in calls if not c.answered} <= spoken, "somebody who waits was never called"
    assert all(a.number in {c.number for c in calls if not c.answered} for a in (*firsts, *seconds))

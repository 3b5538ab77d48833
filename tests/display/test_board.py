"""Which calls are announced and shown: given views, when time passes, then these announcements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from display.board import DWELL, OLDER, STALE, Announcement, Board
from server.protocol import DisplayCall, DisplayView, Withdrawn

NOW = datetime(2026, 11, 23, 1, 47, tzinfo=UTC)


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def call(seq: int, number: str, desk: str = "1", *, age: float = 1, recall: bool = False) -> DisplayCall:
    at = iso(NOW - timedelta(seconds=age))
    return DisplayCall(seq=seq, number=number, desk=desk, area="a", at=at, recall=recall)


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


def run(board: Board, sound: float = 10.0) -> list[tuple[float, Announcement]]:
    """Let the board announce all it has, each sounding for `sound` seconds."""
    now: float = 100 + board.remaining(0)
    said = []
    while (announcement := board.begin(now)) is not None:
        said.append((now, announcement))
        board.hold(now, sound)
        now += board.remaining(now)
    return said


def numbers(board: Board) -> list[str]:
    return [announcement.number for _, announcement in run(board)]


def test_the_first_view_announces_nothing_and_shows_what_was() -> None:
    board = started(call(1, "1001"), call(2, "1002"))
    assert run(board) == []
    assert [shown.number for shown in board.shown()] == ["1002", "1001"]


def test_new_calls_are_announced_in_the_order_of_their_seq() -> None:
    board = started()
    board.update(view(call(11, "1001"), call(12, "2001"), call(13, "1002")), 13, NOW)
    assert numbers(board) == ["1001", "2001", "1002"]


def test_the_next_begins_only_when_the_sound_before_has_ended() -> None:
    board = started()
    board.update(view(call(11, "1001"), call(12, "1002")), 12, NOW)
    (first, _), (second, _) = run(board, sound=14.5)
    assert second - first == 14.5


def test_without_sound_each_call_is_held_for_the_least_time() -> None:
    board = started()
    board.update(view(call(11, "1001"), call(12, "1002")), 12, NOW)
    (first, _), (second, _) = run(board, sound=0)
    assert second - first == DWELL


def test_a_waiting_call_is_not_shown_before_its_turn() -> None:
    board = started(call(5, "1000"))
    board.update(view(call(5, "1000"), call(11, "1001"), call(12, "1002")), 12, NOW)
    assert board.begin(0) is not None
    assert [shown.number for shown in board.shown()] == ["1001", "1000"]


def test_a_recall_is_said_again_and_takes_the_first_place() -> None:
    first = call(11, "1001")
    board = started()
    board.update(view(first, call(12, "1002", "2")), 12, NOW)
    run(board)
    board.update(view(first, call(12, "1002", "2"), call(13, "1001", recall=True)), 13, NOW)
    assert [(a.number, a.kind) for _, a in run(board)] == [("1001", "recall")]
    assert [shown.number for shown in board.shown()] == ["1001", "1002"]


def test_a_recall_of_a_call_not_said_yet_is_one_announcement() -> None:
    board = started()
    board.update(view(call(11, "1001"), call(12, "1002"), call(13, "1002", recall=True)), 13, NOW)
    assert numbers(board) == ["1001", "1002"]


def test_a_call_taken_back_after_it_was_said_is_followed_by_please_wait() -> None:
    first = call(11, "1006")
    board = started()
    board.update(view(first), 11, NOW)
    run(board)
    board.update(view(first, withdrawn=(back(12, first),)), 12, NOW)
    assert [(a.number, a.kind, a.desk) for _, a in run(board)] == [("1006", "withdrawn", "")]
    assert board.shown() == ()


def test_a_call_taken_back_while_it_is_said_is_followed_by_please_wait() -> None:
    first = call(11, "1006")
    board = started()
    board.update(view(first), 11, NOW)
    assert board.begin(0) is not None
    board.update(view(first, withdrawn=(back(12, first),)), 12, NOW)
    assert board.begin(1) is None
    assert [a.kind for _, a in run(board)] == ["withdrawn"]


def test_a_call_taken_back_before_it_was_said_is_never_said() -> None:
    first, second = call(11, "1005"), call(12, "1006")
    board = started()
    board.update(view(first, second), 12, NOW)
    assert board.begin(0) is not None
    board.update(view(first, second, withdrawn=(back(13, second),)), 13, NOW)
    assert run(board) == []


def test_a_call_made_and_taken_back_while_the_link_was_cut_is_never_said() -> None:
    first = call(11, "1005")
    board = started()
    board.update(view(first, withdrawn=(back(12, first),)), 12, NOW)
    assert run(board) == []


def test_taken_back_and_called_again_is_said_as_a_call() -> None:
    first, again = call(11, "1006"), call(13, "1006", "2")
    board = started()
    board.update(view(first), 11, NOW)
    run(board)
    board.update(view(first, again, withdrawn=(back(12, first),)), 13, NOW)
    assert [(a.kind, a.desk) for _, a in run(board)] == [("withdrawn", ""), ("call", "2")]
    assert [(shown.number, shown.desk) for shown in board.shown()] == [("1006", "2")]


def test_after_a_drop_missed_calls_are_said_in_order_and_old_ones_only_shown() -> None:
    board = started()
    late = view(call(11, "1001", age=STALE + 1), call(12, "1002", age=STALE - 1), call(13, "1003"))
    board.update(late, 13, NOW)
    assert [shown.number for shown in board.shown()] == ["1001"]
    assert numbers(board) == ["1002", "1003"]
    assert [shown.number for shown in board.shown()] == ["1003", "1002", "1001"]


def test_the_same_view_again_announces_nothing_again() -> None:
    board = started()
    same = view(call(11, "1001"))
    board.update(same, 11, NOW)
    assert numbers(board) == ["1001"]
    board.update(same, 11, NOW)
    assert run(board) == []


def test_a_record_that_ran_backwards_is_a_new_start() -> None:
    board = started(seq=500)
    board.update(view(call(3, "1001"), call(4, "1002")), 4, NOW)
    assert run(board) == []
    board.update(view(call(3, "1001"), call(4, "1002"), call(5, "1003")), 5, NOW)
    assert numbers(board) == ["1003"]


def test_a_number_marked_absent_meanwhile_is_neither_said_nor_shown() -> None:
    first, second = call(11, "1001"), call(12, "1002")
    board = started()
    board.update(view(first, second), 12, NOW)
    assert board.begin(0) is not None
    board.update(view(first, second, missed=("1002",)), 14, NOW)
    assert run(board) == []
    assert [shown.number for shown in board.shown()] == ["1001"]


def test_a_call_that_moves_up_when_the_newest_goes_is_not_new_again() -> None:
    """Gold sends somebody to a desk; the number below was called before, and may be long served."""
    first, second = call(11, "1001"), call(12, "1002", "2")
    board = started()
    board.update(view(first, second), 12, NOW)
    assert not board.fresh  # neither has been said: neither is shown
    assert board.begin(0.0)
    assert (board.shown()[0].number, board.fresh) == ("1001", True)
    assert board.begin(60.0)
    assert (board.shown()[0].number, board.fresh) == ("1002", True)
    board.update(view(first, second, missed=("1002",)), 13, NOW)
    assert (board.shown()[0].number, board.fresh) == ("1001", False)
    board.update(view(first, second), 14, NOW)  # "absent" was undone
    assert (board.shown()[0].number, board.fresh) == ("1002", True)
    board.update(view(first, second, withdrawn=(back(15, second),)), 15, NOW)
    assert (board.shown()[0].number, board.fresh) == ("1001", False)
    again = call(16, "1001", recall=True)
    board.update(view(first, again, withdrawn=(back(15, second),)), 16, NOW)
    board.begin(120.0)
    board.begin(180.0)
    assert (board.shown()[0].number, board.fresh) == ("1001", True)


def test_a_call_dropped_before_it_was_shown_leaves_the_newest_as_it_was() -> None:
    first, second = call(11, "1001"), call(12, "1002")
    board = started()
    board.update(view(first), 11, NOW)
    assert board.begin(0.0)
    board.update(view(first, second), 12, NOW)
    board.update(view(first, second, withdrawn=(back(13, second),)), 13, NOW)
    assert (board.shown()[0].number, board.fresh) == ("1001", True)


def test_one_newest_and_five_older_are_shown() -> None:
    board = started(*(call(n, f"10{n:02d}") for n in range(1, 15)), seq=20)
    assert len(board.shown()) == 1 + OLDER
    assert board.shown()[0].number == "1014"


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[DisplayView, int]]:
    """Views of a hall that calls, recalls and takes back, as a display with a poor link might see them."""
    calls: list[DisplayCall] = []
    gone: list[Withdrawn] = []
    seq, views = 0, []
    for _ in range(draw(st.integers(1, 25))):
        seq += draw(st.integers(1, 3))
        kind = draw(st.sampled_from(["call", "call", "call", "recall", "back", "nothing"]))
        live = [c for c in calls if all(g.number != c.number or g.seq < c.seq for g in gone)]
        if kind == "recall" and live:
            chosen = draw(st.sampled_from(live))
            calls.append(msgspec.structs.replace(chosen, seq=seq, recall=True))
        elif kind == "back" and live:
            gone.append(back(seq, draw(st.sampled_from(live))))
        elif kind == "call":
            calls.append(call(seq, f"{1000 + draw(st.integers(0, 8))}", draw(st.sampled_from("123"))))
        if draw(st.booleans()):
            last = tuple(calls[-20:])
            views.append((view(*last, withdrawn=tuple(gone)), seq))
    return views


def test_a_recall_before_its_call_was_said_shows_nothing_early() -> None:
    """Called while another is said, and called again at once: it stands on the screen when the voice comes to it."""
    board = started(call(10, "1000"))
    calls = [call(10, "1000"), call(11, "1001"), call(12, "1002", "2")]
    board.update(view(*calls), 12, NOW)
    assert board.begin(0.0) == Announcement(11, "call", "1001", "1", "a")
    board.update(view(*calls, call(13, "1002", "2", recall=True), call(14, "1003")), 14, NOW)
    assert [shown.number for shown in board.shown()] == ["1001", "1000"]
    assert board.begin(100.0) == Announcement(12, "call", "1002", "2", "a")
    assert [shown.number for shown in board.shown()] == ["1002", "1001", "1000"]
    assert board.fresh
    assert board.begin(200.0) == Announcement(14, "call", "1003", "1", "a")
    assert [shown.number for shown in board.shown()] == ["1003", "1002", "1001", "1000"]


@settings(max_examples=200)
@given(histories(), st.floats(0, 20))
def test_whatever_happens_announcements_never_overlap_repeat_or_run_backwards(
    history: list[tuple[DisplayView, int]], sound: float
) -> None:
    board, now, said = Board(), 0.0, []
    for seen, seq in history:
        board.update(seen, seq, NOW)
        if (announcement := board.begin(now)) is not None:
            said.append((now, announcement))
            board.hold(now, sound)
        now += 3
    while board.waiting:
        now += board.remaining(now)
        if (announcement := board.begin(now)) is not None:
            said.append((now, announcement))
            board.hold(now, sound)
    seqs = [announcement.seq for _, announcement in said]
    assert seqs == sorted(set(seqs))
    starts = [at for at, _ in said]
    assert all(b - a >= max(DWELL, sound) - 0.02 for a, b in pairwise(starts))
    first = history[0][1] if history else 0
    assert all(seq > first for seq in seqs)


@settings(max_examples=200)
@given(histories())
def test_in_the_end_the_screen_shows_what_a_display_that_just_started_would_show(
    history: list[tuple[DisplayView, int]],
) -> None:
    """Client state = snapshot + what follows."""
    if not history:
        return
    board = Board()
    for seen, seq in history:
        board.update(seen, seq, NOW)
        run(board)
    fresh = Board()
    fresh.update(history[-1][0], history[-1][1], NOW)
    assert board.shown() == fresh.shown()

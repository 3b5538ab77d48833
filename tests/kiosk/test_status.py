"""What a printer says, sorted: asked and unasked, in pieces, with XON and XOFF anywhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.paper.status import Answers, read_group

FIRST = st.sampled_from([byte for byte in range(256) if byte & 0x93 == 0x10])
OTHER = st.sampled_from([byte for byte in range(256) if byte & 0x90 == 0])
GROUPS = st.tuples(FIRST, OTHER, OTHER, OTHER).map(bytes)
STATUS = st.sampled_from([bytes((byte,)) for byte in range(256) if byte & 0x93 == 0x12])
FLOW = st.sampled_from([b"\x11", b"\x13"])
PIECES = st.lists(st.one_of(GROUPS, STATUS, st.just(b"\x37\x220042\x00"), st.just(b"\x37\x25\x00")), max_size=20)


def heard(data: bytes, cuts: list[int]) -> Answers:
    answers, at = Answers(), 0
    for cut in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        answers.take(data[at:cut])
        at = cut
    return answers


@given(PIECES, st.lists(st.integers(0, 100)))
def test_automatic_status_is_never_an_answer_wherever_it_is_divided(pieces: list[bytes], cuts: list[int]) -> None:
    answers = heard(b"".join(pieces), cuts)
    assert answers.sensors == answers.noise == 0
    assert answers.groups == [piece for piece in pieces if len(piece) == 4]
    assert answers.statuses == [piece[0] for piece in pieces if len(piece) == 1]
    assert answers.process_ids == ["0042"] * pieces.count(b"\x37\x220042\x00")
    assert answers.cleared == pieces.count(b"\x37\x25\x00")


@given(GROUPS, st.lists(st.tuples(st.integers(1, 3), st.one_of(STATUS, FLOW)), max_size=4))
def test_what_comes_in_the_middle_of_a_group_does_not_end_it(group: bytes, between: list[tuple[int, bytes]]) -> None:
    data = group
    for at, piece in between:
        data = data[:at] + piece + data[at:]
    answers = heard(data, [])
    assert (answers.groups, answers.sensors, answers.noise) == ([group], 0, 0)


@given(GROUPS, st.integers(1, 3))
def test_a_group_goes_on_after_older_answers_are_forgotten(group: bytes, at: int) -> None:
    answers = Answers()
    answers.take(group[:at])
    answers.forget()
    answers.take(group[at:])
    assert (answers.groups, answers.sensors) == ([group], 0)


def test_a_sensors_answer_is_one_and_a_broken_group_is_noise() -> None:
    answers = heard(b"\x00\x13\x0f\x11", [])
    assert (answers.sensors, answers.noise) == (2, 0)
    answers = heard(b"\x10\x00\xff\x00", [])
    assert (answers.sensors, answers.noise, answers.groups) == (1, 3, [])


def test_a_group_says_the_cause() -> None:
    said = {
        b"\x10\x00\x00\x00": None,
        b"\x14\x00\x03\x0f": None,
        b"\x18\x00\x0c\x00": "paper_out",
        b"\x38\x00\x0c\x00": "cover_open",
        b"\x18\x08\x00\x00": "jam",
        b"\x18\x20\x00\x00": "unknown",
    }
    assert {group: read_group(group).fault for group in said} == said
    assert read_group(b"\x10\x00\x03\x00").low

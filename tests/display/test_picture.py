"""Which state the screen is in, and its words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from assets import theme
from display.board import Board
from display.picture import Picture, picture
from server.protocol import HallInfo
from tests.display.samples import AREAS, CALLS, NOW, QUIET, SHUT, view_of

States = Callable[[str], dict[str, Picture]]


@pytest.fixture(scope="module")
def vi(pictures: States) -> dict[str, Picture]:
    return pictures("vi")


def test_normal(vi: dict[str, Picture]) -> None:
    shown = vi["normal"]
    assert (shown.card, shown.gold, shown.number, shown.desk) == ("call", True, "1005", "2")
    assert [(row.number, row.desk, row.waits) for row in shown.rows] == [
        ("2003", "3", True), ("1004", "1", True), ("3002", "4", False), ("6007", "4", False), ("1002", "2", False),
    ]  # fmt: skip
    assert shown.header == "UBND PHƯỜNG THÁI BÌNH · TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"
    assert shown.clock == "08:47"
    assert shown.missed == ("1003", "5001")
    assert shown.banner == ""


def test_areas_show_two_next_numbers_or_why_there_are_none(vi: dict[str, Picture]) -> None:
    shown = {area.name: area for area in vi["normal"].areas}
    assert (shown["Hộ tịch"].next, shown["Hộ tịch"].marks) == (("1009", "1006"), (True, False))
    assert shown["Kết quả"].next == ("6008", "6009")
    assert shown["Kinh doanh"].message == "phục vụ từ 13:30"
    assert shown["Văn phòng"].message == "đến lượt ngay"
    full = {area.name: area for area in vi["full"].areas}
    assert full["Kinh doanh"].message == "chưa phục vụ"
    assert (full["Văn phòng"].next, full["Văn phòng"].message) == (("5001",), ""), "it goes on after the pause"
    assert full["Kết quả"].message == "hôm nay không nhận thêm số"


def test_no_area_speaks_of_a_desk(pictures: States) -> None:
    """A digit beside the word would be taken for a desk's."""
    for lang, word in (("vi", "quầy"), ("en", "desk")):
        for state in pictures(lang).values():
            assert not any(word in f"{area.name} {area.message}".lower() for area in state.areas)


def test_only_a_call_whose_citizen_has_not_come_is_gold(vi: dict[str, Picture]) -> None:
    assert (vi["come"].number, vi["come"].gold) == ("1005", False)
    assert not any(row.waits for row in vi["come"].rows)


def test_what_is_read_out_has_the_card(vi: dict[str, Picture]) -> None:
    shown = vi["older read out"]
    assert (shown.number, shown.gold) == ("1004", True)
    assert [row.number for row in shown.rows] == ["1005", "2003", "3002", "6007", "1002"]


def test_nobody_who_is_called_is_left_out(vi: dict[str, Picture]) -> None:
    assert vi["twelve"].number == "1012"
    assert [row.number for row in vi["twelve"].rows] == [str(n) for n in range(1011, 1000, -1)]


def test_the_notice_of_the_day_does_not_stand_under_the_closed_sign(vi: dict[str, Picture]) -> None:
    assert "15:00" in vi["normal"].foot[2]
    assert vi["closed"].foot[2] == ""


def test_every_area_has_its_icon_and_a_colour_that_stands_out(vi: dict[str, Picture]) -> None:
    for area in vi["normal"].areas:
        assert len(area.icon) == 1
        assert theme.contrast(area.color, theme.DISPLAY_SIDE) >= 5


def test_cut_off_says_so_and_shows_no_call_as_new(vi: dict[str, Picture]) -> None:
    assert vi["cut"].banner == "Mất kết nối – cập nhật lúc 08:47"
    assert vi["cut"].alarm
    assert not vi["cut"].gold
    assert not any(row.waits for row in vi["cut"].rows)
    assert vi["cut"].number == "1005"


def test_paused(vi: dict[str, Picture]) -> None:
    assert vi["paused"].banner == "Tạm dừng phục vụ – mời Ông/Bà chờ"
    assert not vi["paused"].alarm


def test_after_the_last_number_nothing_invites_to_take_one(hall: HallInfo) -> None:
    def shown(*, paused: bool) -> Picture:
        board = Board()
        closing = tuple(msgspec.structs.replace(area, open=False, at_once=False) for area in QUIET)
        board.update(view_of((), closing, open=False, paused=paused), 9, NOW)
        return picture(hall, board, link="connected", lang="vi", now=NOW, heard=NOW)

    for paused in (False, True):
        said = shown(paused=paused)
        assert (said.banner, said.title) == ("Đã hết giờ lấy số", "Số được gọi hiện tại đây")


def test_a_call_stands_although_the_hours_are_over_and_the_page_of_its_desk_is_gone(hall: HallInfo) -> None:
    board = Board()
    board.update(view_of(CALLS, SHUT, open=False, opens_at="2026-11-24T07:30:00+07:00"), 9, NOW)
    shown = picture(hall, board, link="connected", lang="vi", now=NOW, heard=NOW)
    assert (shown.card, shown.number, shown.gold) == ("call", "1005", True)


def test_the_foot_of_a_hall_at_work_does_not_say_that_it_is_closed_today(hall: HallInfo) -> None:
    sunday = NOW - timedelta(days=1)
    board = Board()
    board.update(view_of(CALLS, AREAS), 9, sunday)
    shown = picture(hall, board, link="connected", lang="vi", now=sunday, heard=sunday)
    assert shown.foot[0] == "Hôm nay có làm thêm"


def test_your_turn_at_once_only_where_a_desk_is_free(hall: HallInfo) -> None:
    busy = tuple(msgspec.structs.replace(area, at_once=False) for area in QUIET)
    board = Board()
    board.update(view_of((), busy), 9, NOW)
    shown = picture(hall, board, link="connected", lang="vi", now=NOW, heard=NOW)
    assert {area.message for area in shown.areas} == {"chưa có ai chờ"}


def test_a_call_taken_back(vi: dict[str, Picture]) -> None:
    assert (vi["withdrawn"].card, vi["withdrawn"].number, vi["withdrawn"].line) == (
        "withdrawn",
        "1006",
        "xin vui lòng chờ",
    )
    assert vi["withdrawn"].rows[0].number == "1005"


def test_closed_says_when_it_opens(vi: dict[str, Picture]) -> None:
    assert (vi["closed"].title, vi["closed"].line) == ("Ngoài giờ lấy số", "Mở cửa lúc 13:30")
    assert vi["closed"].areas == ()
    assert vi["closed until Monday"].line == "Mở cửa lúc 07:30, Thứ Hai, 30/11/2026"


def test_after_the_last_number_the_calls_go_on(vi: dict[str, Picture]) -> None:
    assert vi["last numbers"].card == "call"
    assert vi["last numbers"].banner.startswith("Đã hết giờ lấy số")


def test_before_the_first_word_of_the_hall(vi: dict[str, Picture]) -> None:
    assert vi["connecting"].title == "Đang kết nối…"
    assert vi["refused"].line == "Mời báo người phụ trách"


@pytest.mark.parametrize("link", ["unauthorised", "update_needed"])
def test_a_display_that_is_refused_later_says_so_and_shows_no_call(hall: HallInfo, link: str) -> None:
    board = Board()
    board.update(view_of(CALLS, AREAS), 9, NOW)
    shown = picture(hall, board, link=link, lang="vi", now=NOW, heard=NOW)
    assert (shown.title, shown.line) == ("Màn hình chưa được kết nối", "Mời báo người phụ trách")
    assert (shown.card, shown.rows) == ("message", ())


def test_the_foot_has_todays_hours(vi: dict[str, Picture]) -> None:
    assert vi["normal"].foot[0] == "Giờ làm việc 07:30–11:30 · 13:30–17:00"


def test_english_is_whole(pictures: States) -> None:
    shown = pictures("en")["cut"]
    assert shown.banner == "Connection lost – as of 08:47"
    assert shown.words == {
        "desk": "Desk", "waiting": "waiting", "mark": "PRI", "next": "COMING UP",
        "missed": "Absent – please tell the staff at the desk",
    }  # fmt: skip

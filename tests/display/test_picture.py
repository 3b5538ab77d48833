"""Which state the screen is in, and its words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assets import theme
from display.picture import Picture

States = Callable[[str], dict[str, Picture]]


@pytest.fixture(scope="module")
def vi(pictures: States) -> dict[str, Picture]:
    return pictures("vi")


def test_normal(vi: dict[str, Picture]) -> None:
    shown = vi["normal"]
    assert (shown.card, shown.fresh, shown.number, shown.desk) == ("call", True, "1005", "2")
    assert [(row.number, row.desk) for row in shown.rows] == [
        ("2003", "3"), ("1004", "1"), ("3002", "4"), ("6007", "4"), ("1002", "2"),
    ]  # fmt: skip
    assert shown.header == "UBND PHƯỜNG THÁI BÌNH · TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"
    assert shown.clock == "08:47"
    assert shown.missed == ("1003", "5001")
    assert shown.banner == ""


def test_areas_show_two_next_numbers_or_why_there_are_none(vi: dict[str, Picture]) -> None:
    by_prefix = {area.prefix: area for area in vi["normal"].areas}
    assert (by_prefix["1"].next, by_prefix["1"].marks) == (("1009", "1006"), (True, False))
    assert by_prefix["6"].next == ("6008", "6009")
    assert by_prefix["4"].message == "mở quầy lúc 13:30"
    assert by_prefix["5"].message == "đến lượt ngay"
    assert {area.prefix: area for area in vi["full"].areas}["4"].message == "chưa có quầy mở"


def test_every_area_has_its_icon_and_a_colour_that_stands_out(vi: dict[str, Picture]) -> None:
    for area in vi["normal"].areas:
        assert len(area.icon) == 1
        assert theme.contrast(area.color, theme.DISPLAY_SIDE) >= 5


def test_cut_off_says_so_and_shows_no_call_as_new(vi: dict[str, Picture]) -> None:
    assert vi["cut"].banner == "Mất kết nối – cập nhật lúc 08:47"
    assert vi["cut"].alarm
    assert not vi["cut"].fresh
    assert vi["cut"].number == "1005"


def test_paused(vi: dict[str, Picture]) -> None:
    assert vi["paused"].banner.startswith("Tạm dừng phục vụ")
    assert not vi["paused"].alarm


def test_a_call_taken_back(vi: dict[str, Picture]) -> None:
    assert (vi["withdrawn"].card, vi["withdrawn"].number, vi["withdrawn"].line) == (
        "withdrawn",
        "1006",
        "xin vui lòng chờ",
    )
    assert vi["withdrawn"].rows[0].number == "1005"


def test_closed_says_when_it_opens(vi: dict[str, Picture]) -> None:
    assert (vi["closed"].title, vi["closed"].line) == ("Ngoài giờ làm việc", "Mở cửa lúc 13:30")
    assert vi["closed"].areas == ()
    assert vi["closed until Monday"].line == "Mở cửa lúc 07:30, Thứ Hai, 30/11/2026"


def test_after_the_last_number_the_calls_go_on(vi: dict[str, Picture]) -> None:
    assert vi["last numbers"].card == "call"
    assert vi["last numbers"].banner.startswith("Đã hết giờ lấy số")


def test_before_the_first_word_of_the_hall(vi: dict[str, Picture]) -> None:
    assert vi["connecting"].title == "Đang kết nối…"
    assert vi["refused"].line == "Mời báo người phụ trách"


def test_the_foot_has_todays_hours(vi: dict[str, Picture]) -> None:
    assert vi["normal"].foot[0] == "Giờ làm việc 07:30–11:30 · 13:30–17:00"


def test_english_is_whole(pictures: States) -> None:
    shown = pictures("en")["cut"]
    assert shown.banner == "Connection lost – as of 08:47"
    assert shown.words == {
        "desk": "Desk", "waiting": "waiting", "mark": "PRI", "missed": "Called, absent",
        "ask": "please tell the staff at the desk",
    }  # fmt: skip

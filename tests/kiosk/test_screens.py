"""Every screen at three sizes, from the real widgets: nothing cut off, too small, pale or covered.

Also what a finger does: taps on release, drift, long press, a screen drawn anew under it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from assets import theme
from assets.texts import pick
from kiosk.flow.inputs import Touched
from kiosk.flow.paging import page_starts
from kiosk.flow.state import State, Touch
from kiosk.flow.step import step
from tests.kiosk.pairs import differing
from tests.kiosk.window import SIZES, Sheet, Stage, buttons, picture_of, sheet_of, states, torn, words, written

pytestmark = pytest.mark.screen

STATES = states()
CASES = [pytest.param(name, size, id=f"{name} {size[0]}x{size[1]}") for name in STATES for size in SIZES]


@pytest.mark.parametrize(("name", "size"), CASES)
def test_a_screen(name: str, size: tuple[int, int]) -> None:
    sheet = sheet_of(Stage(STATES[name]), size)
    picture = picture_of(sheet)
    scale = min(size) / 1080
    front = list(reversed(sheet.children))
    cover = next((n for n, child in enumerate(front) if getattr(child, "touch", None) == Touch("stay")), 0)
    seen = set(map(id, front[cover:]))
    texts = [text for text in words(sheet) if id(text) in seen and text.text]
    assert texts, "a screen without a word"
    wrong: list[str] = []
    for text in texts:
        wide, high = text.texture_size
        x, y = text.texture_pos
        if not text.icon and (wide > text.width + 1 or high > text.height + 2):
            wrong.append(f"clipped: {text.text!r} {wide}x{high} in {text.width}x{text.height}")
        if x < -1 or y < -1 or x + wide > size[0] + 1 or y + high > size[1] + 1:
            wrong.append(f"outside: {text.text!r}")
        if text.size_px < 30 * scale - 0.1:
            wrong.append(f"too small: {text.text!r} {text.size_px / scale:.1f}")
        box = (max(0, round(x)), max(0, round(size[1] - y - high)), round(x + wide), round(size[1] - y))
        colours: Any = picture.crop(box).getcolors(1 << 13)
        ground = "#" + "".join(f"{part:02X}" for part in max(colours)[1])
        need = 3.0 if text.icon else 7.0
        if theme.contrast(text.color, ground) < need:
            wrong.append(f"pale: {text.text!r} {text.color} on {ground}")
        if "hostile" not in name and not text.icon and (cut := torn(text)):
            wrong.append(f"torn: {cut!r} in {text.text!r}")
    wrong += overlaps(texts, scale)
    targets = [button for button in buttons(sheet) if id(button) in seen]
    for button in targets:
        if min(button.size) < 120 * scale - 1:
            wrong.append(f"small target: {button.touch} {button.width / scale:.0f}x{button.height / scale:.0f}")
        if button.x < -1 or button.y < -1 or button.right > size[0] + 1 or button.top > size[1] + 1:
            wrong.append(f"target outside: {button.touch}")
    wrong += covered([button for button in targets if button.touch != Touch("stay")])
    assert wrong == []


def overlaps(texts: list[Any], scale: float) -> list[str]:
    """Two texts, or a text and an icon, on one another; a number's line is far higher than its digits: left out."""
    plain = [text for text in texts if text.size_px < 150 * scale]
    found = []
    for n, one in enumerate(plain):
        for other in plain[n + 1 :]:
            (ax, ay), (aw, ah) = written(one)
            (bx, by), (bw, bh) = written(other)
            across = min(ax + aw, bx + bw) - max(ax, bx)
            down = min(ay + ah, by + bh) - max(ay, by)
            if across > 4 and down > 10 * scale and one.text.strip() and other.text.strip():
                found.append(f"on one another: {one.text!r} and {other.text!r} by {across:.0f}x{down:.0f}")
    return found


def covered(targets: list[Any]) -> list[str]:
    found = []
    for n, one in enumerate(targets):
        for other in targets[n + 1 :]:
            across = min(one.right, other.right) - max(one.x, other.x)
            down = min(one.top, other.top) - max(one.y, other.y)
            if across > 1 and down > 1:
                found.append(f"covered: {one.touch} by {other.touch}")
    return found


def test_the_checks_see_what_is_wrong() -> None:
    """The control: a text made too long for its box, and a button made small, are found."""
    sheet = sheet_of(Stage(STATES["home 6"]), (1080, 1920))
    text = next(text for text in words(sheet) if text.text.startswith("Mời"))
    text.say(text.text * 9)
    assert text.texture_size[1] > text.height + 2
    first = buttons(sheet)[0]
    first.size = (100, 100)
    assert min(first.size) < 119


@pytest.mark.parametrize("count", [4, 6, 9])
@pytest.mark.parametrize("size", SIZES)
def test_four_six_and_nine_areas_stand_on_one_page(count: int, size: tuple[int, int]) -> None:
    sheet = sheet_of(Stage(STATES[f"home {count}"]), size)
    assert sum(button.touch.do == "area" for button in buttons(sheet)) == count


@pytest.mark.parametrize("size", SIZES)
def test_every_area_is_on_some_page_even_with_the_longest_names(size: tuple[int, int]) -> None:
    found: set[object] = set()
    for page in range(9):
        sheet = sheet_of(Stage(replace(STATES["home long"], page=page)), size)
        found |= {button.touch.arg for button in buttons(sheet) if button.touch.do == "area"}
    assert len(found) == 9


def walked(state: State, size: tuple[int, int]) -> list[str]:
    """The procedures on all pages, in order, as somebody sees them who turns from the first page to the last.

    What is open can be closed wherever it stands, and all its papers are written. One longer than a page goes on on the
    next: such a row counts once.
    """
    assert state.hall is not None
    found: list[str] = []
    said = ""
    state, came_from = replace(state, page=0), set[object]()
    while True:
        sheet = sheet_of(Stage(state), size)
        here = [str(button.touch.arg) for button in reversed(buttons(sheet)) if button.touch.do == "procedure"]
        found += here[1:] if found and here[0] == found[-1] == state.opened else here
        if state.opened in here:
            said += " ".join(text.text for text in words(sheet))
            assert "Đóng" in said
        came_from.add(state.page)
        turns = {button.touch.arg: button for button in buttons(sheet) if button.touch.do == "turn"}
        later = max(turns.values(), key=lambda button: button.x, default=None)
        if later is None or later.touch.arg in came_from:
            break
        state = replace(state, page=int(later.touch.arg or 0))
    if state.opened:
        one = next(one for one in state.hall.procedures if one.code == state.opened)
        assert all(paper["vi"] in said for paper in one.papers)
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("kind", "screen"), [("area", "papers"), ("area", "area"), ("area long", "area"), ("area open catalogue", "area")]
)
def test_whatever_is_open_every_procedure_is_on_exactly_one_page(kind: str, screen: str, size: tuple[int, int]) -> None:
    state = replace(STATES[kind], screen=screen)  # type: ignore[arg-type]
    assert state.hall is not None
    areas = {one.area for one in state.hall.procedures} if screen == "area" else {"tu-phap"}
    for area in areas:
        listed = [one.code for one in state.hall.procedures if one.area == area]
        for opened in [None, *listed[:: 1 if size == SIZES[0] else 3]]:
            assert walked(replace(state, area=area, opened=opened), size) == listed, opened


@pytest.mark.parametrize("size", SIZES)
def test_what_is_opened_by_a_touch_is_on_the_page_shown(size: tuple[int, int]) -> None:
    state = STATES["area open catalogue"]
    assert state.hall is not None
    for one in state.hall.procedures:
        if one.area != "tu-phap":
            continue
        touched, _ = step(replace(state, opened=None), Touched(Touch("procedure", one.code), "id"), 2000.0)
        shown = [button.touch.arg for button in buttons(sheet_of(Stage(touched), size))]
        assert (touched.opened, one.code in shown) == (one.code, True)


@given(
    st.lists(st.floats(10, 2000), min_size=1, max_size=30), st.floats(150, 1500), st.floats(0, 40), st.floats(0, 140)
)
def test_pages_divide_any_rows_and_only_what_is_higher_than_a_page_goes_beyond_it(
    heights: list[float], room: float, gap: float, pager: float
) -> None:
    starts = page_starts(heights, room, gap, pager)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    for start, end in zip(starts, [*starts[1:], len(heights)], strict=True):
        used = sum(heights[start:end]) + gap * (end - start - 1)
        assert end - start == 1 or used <= room - (pager if len(starts) > 1 else 0) + 1e-6


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", ["home 4", "home 6", "home 6 catalogue", "home 9"])
@pytest.mark.parametrize("size", SIZES)
def test_every_tile_says_what_people_come_for(size: tuple[int, int], name: str, lang: str) -> None:
    """The everyday words, or the first of them where a tile is small: never none."""
    state = replace(STATES[name], lang=lang)
    assert state.hall is not None
    said = [text.text for text in words(sheet_of(Stage(state), size))]
    for area in state.hall.areas:
        often = pick(area.words, lang)
        shown = [text for text in said if text and (text == often or often.startswith(text + ","))]
        assert shown, often
        if name in {"home 4", "home 6"} and lang == "vi":
            assert often in shown, "there is room for all"


def test_the_priority_button_says_for_whom_and_tempts_nobody() -> None:
    for size in SIZES:
        sheet = sheet_of(Stage(STATES["area"]), size)
        plain, first = (
            next(button for button in buttons(sheet) if button.touch == Touch("take", special))
            for special in (False, True)
        )
        assert tuple(first.fill[:3]) == theme.rgb(theme.CARD)
        assert tuple(plain.fill[:3]) == theme.rgb(theme.BRAND)
        inside = [text.text for text in words(sheet) if first.collide_point(*text.center)]
        assert any("75 tuổi" in text for text in inside)


def test_the_countdown_is_that_of_the_state_and_not_of_the_picture() -> None:
    stage = Stage(STATES["ticket"])
    sheet = sheet_of(stage, (1080, 1920))
    stage.clock += 15
    stage.state = replace(stage.state, deadline=stage.clock + 20)  # a touch of no button put it off
    sheet.tick()
    assert any(text.text == "Xong (20)" for text in words(sheet))


@pytest.mark.parametrize("name", ["cancel question", "cancel question without paper"])
def test_the_question_takes_every_touch(name: str) -> None:
    stage = Stage(STATES[name])
    sheet = sheet_of(stage, (1080, 1920))
    for touch in (Touch("done"), Touch("another"), Touch("print_again")):
        for button in buttons(sheet):
            if button.touch == touch:
                one = finger(*button.center)
                sheet.on_touch_down(one)
                sheet.on_touch_up(one)
    assert set(stage.touches) == {Touch("stay")}


def test_the_eyes_of_the_pairs_see_a_bar_that_was_left() -> None:
    """The control of `tests/kiosk/pairs.py`: a panel that a drawing forgets to take away is a difference."""
    from kiosk.screen.widgets import Panel

    def careless(stage: Stage, size: tuple[int, int]) -> Sheet:
        sheet = sheet_of(stage, size)
        # Where the demonstration's paper lies: it stays as long as tickets follow one another.
        sheet.papers.add_widget(Panel(size_hint=(None, None), size=(40, 4), pos=(5, 5), fill=(1, 1, 1, 1)))
        return sheet

    walk = ["ticket", "ticket long", "ticket"]
    assert differing((1024, 768), walk, 0) == []
    assert differing((1024, 768), walk, 0, careless) == [("ticket", "ticket long"), ("ticket long", "ticket")]


def test_the_worst_face_looks_worst() -> None:
    """Of MDI's faces the frown with the open mouth is worse than the sad one."""
    from kiosk.screen.screens.rate import _FACES

    assert [icon for icon, _ in _FACES[5]][:2] == ["emoticon-frown-outline", "emoticon-sad-outline"]
    assert _FACES[3][0][0] == "emoticon-frown-outline"


@pytest.mark.parametrize("size", SIZES)
def test_before_a_low_score_the_faces_are_large_and_within_reach(size: tuple[int, int]) -> None:
    sheet = sheet_of(Stage(STATES["rate"]), size)
    scale = min(size) / 1080
    faces = [button for button in buttons(sheet) if button.touch.do == "face"]
    icons = [text for text in words(sheet) if text.icon and any(face.collide_point(*text.center) for face in faces)]
    assert all(icon.size_px >= 180 * scale for icon in icons)
    assert len(icons) == 5
    assert sum(face.center_y for face in faces) / 5 < 0.6 * size[1]


def test_a_closed_hall_says_when_it_opens_and_no_notice() -> None:
    state = STATES["closed"]
    assert state.view is not None
    noticed = msgspec.structs.replace(state.view, notice={"vi": "Nộp sau 15:00: trả vào ngày làm việc tiếp theo"})
    for size in SIZES:
        said = " ".join(text.text for text in words(sheet_of(Stage(replace(state, view=noticed)), size)))
        assert "Nhận số trở lại lúc 13:30" in said
        assert "15:00" not in said


def test_a_kiosk_that_is_refused_is_not_said_to_be_cut_off() -> None:
    """It is no cable: whoever looks at it reads what is to be done, and a citizen where numbers are given."""
    said = {}
    for name in ("refused unauthorised", "refused update_needed", "refused not yet greeted", "cut"):
        said[name] = " ".join(word.text for word in words(sheet_of(Stage(states()[name]), SIZES[0])))
        assert ("mất kết nối" in said[name]) == (name == "cut")
        assert "gặp cán bộ" in said[name]
    assert "ghép lại" in said["refused unauthorised"]
    assert "ghép lại" in said["refused not yet greeted"]
    assert "phiên bản" in said["refused update_needed"]
    left = " ".join(word.text for word in words(sheet_of(Stage(states()["not printed refused"]), SIZES[0])))
    assert "mất kết nối" not in left


@pytest.mark.parametrize("size", SIZES)
def test_the_loudspeaker_is_promised_only_where_a_voice_is_heard(size: tuple[int, int]) -> None:
    promised = {}
    for name in ("ticket", "ticket shown", "ticket no display", "ticket voice off"):
        said = " ".join(word.text for word in words(sheet_of(Stage(states()[name]), size)))
        promised[name] = ("loa" in said.split(), "màn hình." in said, "cán bộ gọi số" in said)
    assert promised == {
        "ticket": (True, True, False),
        "ticket shown": (False, True, False),
        "ticket no display": (False, False, True),
        "ticket voice off": (False, True, False),
    }


@pytest.mark.parametrize("name", ["ticket no desk", "ticket desk closed since", "not printed desk closed since"])
def test_no_desk_is_named_beside_the_word_that_there_is_none(name: str) -> None:
    said = [word.text for word in words(sheet_of(Stage(states()[name]), SIZES[0]))]
    assert any("chưa có quầy" in text for text in said) == name.startswith("ticket")
    assert "quầy phục vụ" not in said
    assert not any("1, 2" in text for text in said)


def test_the_staff_is_said_to_be_told_only_where_somebody_is_there_to_read_it() -> None:
    for name, told in (("not printed paper_out", True), ("not printed cut off", False), ("not printed nobody", False)):
        said = " ".join(word.text for word in words(sheet_of(Stage(states()[name]), SIZES[0])))
        assert ("đã được báo" in said) == told, name
        assert told or "Mời Ông/Bà báo cán bộ" in said


def test_a_number_that_is_called_already_is_not_told_to_sit_and_wait() -> None:
    """Where nobody waits the clerk calls while the paper is still being taken."""
    said = [word.text for word in words(sheet_of(Stage(states()["ticket called"]), SIZES[0]))]
    assert any("đến quầy 2" in text for text in said)
    assert not any("ngồi chờ" in text or "chờ trước" in text for text in said)


def test_names_are_shown_as_they_are() -> None:
    sheet = sheet_of(Stage(STATES["area hostile"]), (1080, 1920))
    assert any("[b]Ủy[/b]" in text.text and "&bl;" in text.text for text in words(sheet))


def test_take_your_paper_is_said_only_when_it_is_there() -> None:
    said = [text.text for text in words(sheet_of(Stage(STATES["ticket"]), (1080, 1920)))]
    assert "Mời Ông/Bà lấy phiếu" in said
    said = [text.text for text in words(sheet_of(Stage(STATES["ticket printing"]), (1080, 1920)))]
    assert "Đang in phiếu…" in said
    assert "Mời Ông/Bà lấy phiếu" not in said


def test_an_estimate_of_null_is_absent() -> None:
    said = " ".join(text.text for text in words(sheet_of(Stage(STATES["ticket"]), (1080, 1920))))
    assert "phút" not in said


def test_clock_and_countdown_go_on_without_drawing_anew() -> None:
    stage = Stage(STATES["ticket"])
    sheet = sheet_of(stage, (1080, 1920))
    before = list(sheet.children)
    stage.clock += 5
    sheet.tick()
    assert list(sheet.children) == before
    assert any(text.text == "Xong (15)" for text in words(sheet))


@pytest.mark.parametrize("size", SIZES)
def test_the_paper_shown_covers_no_button_and_leaves_with_the_ticket(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("L", (576, 1000), 255).save(tmp_path / "paper.png")
    stage = Stage(STATES["ticket"])
    sheet = sheet_of(stage, size)
    sheet.show_paper(tmp_path / "paper.png")
    (paper,) = sheet.papers.children
    width, height = paper.size
    # Where it comes to rest: inside the window, at the side it slides in from.
    x = size[0] - width - 24 * min(size) / 1080 if paper.x > 0 else 24 * min(size) / 1080
    for button in buttons(sheet):
        across = min(button.right, x + width) - max(button.x, x)
        down = min(button.top, paper.y + height) - max(button.y, paper.y)
        assert across <= 0 or down <= 0, button.touch
    stage.state = STATES["home 6"]
    sheet.draw()
    assert sheet.papers.children == []


# --- fingers ------------------------------------------------------------------------------------------------


def finger(x: float, y: float, uid: int = 1, button: str = "left") -> Any:
    return SimpleNamespace(uid=uid, pos=(x, y), opos=(x, y), button=button)


def middle_of(sheet: Any, touch: Touch) -> tuple[float, float]:
    return next(button.center for button in buttons(sheet) if button.touch == touch)


PAPERS = Touch("papers")


def test_a_tap_counts_when_the_finger_leaves() -> None:
    stage = Stage(STATES["home 6"])
    sheet = sheet_of(stage, (1080, 1920))
    one = finger(*middle_of(sheet, PAPERS))
    sheet.on_touch_down(one)
    assert stage.touches == []
    stage.clock += 30  # however long it lasts
    sheet.on_touch_up(one)
    assert stage.touches == [PAPERS]


def test_a_finger_may_drift_off_the_button_by_40() -> None:
    stage = Stage(STATES["home 6"])
    sheet = sheet_of(stage, (1080, 1920))
    edge = next(button for button in buttons(sheet) if button.touch == PAPERS)
    one = finger(edge.center_x, edge.top - 5)
    sheet.on_touch_down(one)
    one.pos = (edge.center_x, edge.top + 33)
    sheet.on_touch_up(one)
    assert stage.touches == [PAPERS]


def test_a_finger_drawn_away_means_nothing() -> None:
    stage = Stage(STATES["home 6"])
    sheet = sheet_of(stage, (1080, 1920))
    one = finger(*middle_of(sheet, PAPERS))
    sheet.on_touch_down(one)
    one.pos = (one.pos[0], one.pos[1] + 300)
    sheet.on_touch_up(one)
    assert stage.touches == []


def test_a_screen_drawn_anew_under_the_finger_keeps_the_tap() -> None:
    stage = Stage(STATES["home 6"])
    sheet = sheet_of(stage, (1080, 1920))
    one = finger(*middle_of(sheet, PAPERS))
    sheet.on_touch_down(one)
    stage.state = STATES["home full"]
    sheet.draw()
    sheet.on_touch_up(one)
    assert stage.touches == [PAPERS]


def test_a_screen_of_waiting_comes_only_when_there_is_something_to_wait_for() -> None:
    """Given a number asked for, when the answer is not there at once, then the button stays pressed for a moment."""
    from kiosk.screen.app import CALM

    class Asks(Stage):
        def touch(self, touch: Touch) -> None:
            super().touch(touch)
            self.state = replace(STATES["asking"], changed_at=self.clock)

    stage = Asks(STATES["area"])
    sheet = sheet_of(stage, (1080, 1920))
    take = next(button for button in buttons(sheet) if button.touch == Touch("take", False))
    one = finger(*take.center)
    sheet.on_touch_down(one)
    sheet.on_touch_up(one)
    sheet.draw()
    assert stage.touches == [Touch("take", False)]
    assert take in buttons(sheet)
    assert take.held
    stage.clock += CALM
    sheet.tick()
    assert take not in buttons(sheet)
    assert not any(button.held for button in buttons(sheet))
    stage.state = replace(STATES["ticket printing"], changed_at=stage.clock)
    before = list(sheet.children)
    sheet.draw()
    assert list(sheet.children) == before
    stage.state = replace(STATES["ticket"], changed_at=stage.clock)  # the paper is out: nothing to wait for
    sheet.draw()
    assert any(text.text == "Mời Ông/Bà lấy phiếu" for text in words(sheet))


def test_a_second_finger_and_a_right_click_mean_nothing() -> None:
    stage = Stage(STATES["home 6"])
    sheet = sheet_of(stage, (1080, 1920))
    one, other = finger(*middle_of(sheet, PAPERS)), finger(*middle_of(sheet, Touch("rating")), uid=2)
    sheet.on_touch_down(one)
    sheet.on_touch_down(other)
    sheet.on_touch_up(other)
    sheet.on_touch_up(one)
    right = finger(*middle_of(sheet, Touch("rating")), uid=3, button="right")
    sheet.on_touch_down(right)
    sheet.on_touch_up(right)
    assert stage.touches == [PAPERS]


def test_a_finger_that_never_left_does_not_keep_the_others_away_for_ever() -> None:
    """Given a touch screen unplugged under a finger, when it is back, then the next tap counts."""
    stage = Stage(STATES["home 6"])
    sheet = sheet_of(stage, (1080, 1920))
    sheet.on_touch_down(finger(*middle_of(sheet, Touch("rating"))))
    stage.clock += 11
    one = finger(*middle_of(sheet, PAPERS), uid=2)
    sheet.on_touch_down(one)
    sheet.on_touch_up(one)
    assert stage.touches == [PAPERS]
    assert not any(button.held for button in buttons(sheet))


def test_the_warning_takes_every_touch() -> None:
    stage = Stage(STATES["warning"])
    sheet = sheet_of(stage, (1080, 1920))
    one = finger(*middle_of(sheet, Touch("take", False)))
    sheet.on_touch_down(one)
    sheet.on_touch_up(one)
    assert stage.touches == [Touch("stay")]
    one = finger(*middle_of(sheet, Touch("still_here")))
    sheet.on_touch_down(one)
    sheet.on_touch_up(one)
    assert stage.touches == [Touch("stay"), Touch("still_here")]


def test_the_ways_out_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    from kivy.config import Config
    from kivy.core.window import Window

    from assets.window.place import Place, Windowed
    from kiosk.screen.app import KioskApp

    app = KioskApp(Stage(STATES["home 6"]), place=Place(Windowed(640, 480)))
    app.build()
    assert Window.dispatch("on_request_close") is True
    assert Window.dispatch("on_keyboard", 27, 41, None, []) is True
    app.open_settings()
    assert app._app_settings is None
    assert Config.get("kivy", "exit_on_escape") == "0"
    # Each further provider would bring every touch of a panel once more.
    assert Config.items("input") == [("mouse", "mouse,disable_multitouch")]
    assert not Config.items("modules")

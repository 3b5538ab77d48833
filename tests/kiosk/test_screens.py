"""Every screen at three sizes, from the real widgets: nothing cut off, too small, pale or covered.

Also what a finger does: taps on release, drift, long press, a screen drawn anew under it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from assets import theme
from kiosk.state import Touch
from tests.kiosk.window import SIZES, Stage, buttons, picture_of, sheet_of, states, torn, words, written

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


@pytest.mark.parametrize("size", SIZES)
def test_every_procedure_is_on_some_page_and_all_its_papers_are_shown(size: tuple[int, int]) -> None:
    state = STATES["area"]
    assert state.hall is not None
    found: set[object] = set()
    for page in range(8):
        sheet = sheet_of(Stage(replace(state, page=page)), size)
        shown = {button.touch.arg for button in buttons(sheet) if button.touch.do == "procedure"}
        found |= shown
        for code in shown:
            opened = sheet_of(Stage(replace(state, page=page, opened=str(code))), size)
            said = " ".join(text.text for text in words(opened))
            one = next(one for one in state.hall.procedures if one.code == code)
            assert all(paper["vi"] in said for paper in one.papers), code
    assert found == {one.code for one in state.hall.procedures}


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
    return next(button.center for button in buttons(sheet) if button.touch == touch)  # type: ignore[no-any-return]


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
    from kiosk.app import CALM

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


def test_the_ways_out_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    from kivy.config import Config
    from kivy.core.window import Window

    from kiosk.app import KioskApp

    app = KioskApp(Stage(STATES["home 6"]))
    app.build()
    assert Window.dispatch("on_request_close") is True
    assert Window.dispatch("on_keyboard", 27, 41, None, []) is True
    app.open_settings()
    assert app._app_settings is None
    assert Config.get("kivy", "exit_on_escape") == "0"
    assert Config.get("input", "mouse") == "mouse,disable_multitouch"
    assert not Config.items("modules")

"""The real widgets in a real (offscreen) window: nothing clipped or overlaid, contrast, size of the digits."""

from __future__ import annotations

# ruff: noqa: I001 - the window's settings come before Kivy
from tests.display.window import SIZES, Stage, picture_of

import dataclasses
import random
import time
from collections.abc import Callable, Iterator
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest

from assets import theme
from kivy.base import EventLoop

from display.board import Board
from display.picture import Picture, picture
from display.screen.cards import Card
from display.screen.digits import Digits
from display.screen.sentence import Sentence, extent
from server.protocol import HallInfo
from tests.display.samples import AREAS, CALLS, NOW, view_of
from tests.halls import FULL

pytestmark = pytest.mark.screen

STATES = [
    "normal", "come", "older read out", "twelve", "empty", "full", "long", "cut", "paused", "withdrawn", "closed",
    "closed until Monday", "last numbers", "connecting", "refused",
]  # fmt: skip


@pytest.fixture(scope="module")
def draw() -> Iterator[Callable[[Picture, tuple[int, int]], Any]]:
    """Show a picture in the window at a size; gives the screen, drawn."""
    stage = Stage()
    yield stage.show
    stage.close()


def pixels(screen: Any) -> Any:
    """What is drawn: rows from above, columns, RGB."""
    for _ in range(4):
        EventLoop.idle()
    return np.asarray(picture_of(screen))


def texts(screen: Any) -> list[Any]:
    """Every visible piece of writing on the screen."""

    def visible(widget: Any) -> bool:
        while widget is not screen:
            if widget.opacity == 0:
                return False
            widget = widget.parent
        return True

    return [
        widget
        for widget in screen.walk(restrict=True)
        if isinstance(widget, (Digits, Sentence)) and widget.text and visible(widget)
    ]


def ink(widget: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of what is drawn, in pixels."""
    if isinstance(widget, Digits):
        width, height = min(widget.width, widget.natural), widget.ink_height
    else:
        lines = widget.text.split("\n")
        width = max(extent(line, widget.font_name) for line in lines) * widget.font_size
        height = widget.texture_size[1] - 0.4 * widget.font_size
    left = {"left": widget.x, "center": widget.center_x - width / 2, "right": widget.right - width}[widget.halign]
    return left, widget.center_y - height / 2, left + width, widget.center_y + height / 2


def ground(widget: Any, screen: Any) -> str:
    """The colour behind a piece of writing."""
    for above in screen.walk(restrict=True):
        # The banner's line lies on its panel without being its child.
        if isinstance(above, Card) and above.opacity and above.width > 1 and above.collide_point(*widget.center):
            found = above.ground
            break
    else:
        in_band = widget.center_y < screen.y + screen.foot or widget.center_y > screen.top - screen.head
        found = theme.DISPLAY_BAND if in_band else theme.DISPLAY_GROUND
    parent = widget.parent
    return parent.ground if isinstance(parent, Card) else found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_nothing_is_clipped_and_everything_can_be_read(
    draw: Any, pictures: Callable[[str], dict[str, Picture]], state: str, size: tuple[int, int], lang: str
) -> None:
    screen = draw(pictures(lang)[state], size)
    written = texts(screen)
    assert written, "an empty screen"
    boxes = []
    for widget in written:
        said = widget.text
        if not isinstance(widget, Digits):
            words = [word for word in widget.said.split() if word != "·" or "·" in said]
            assert said.split() == words, f"words lost: {said!r}"
            assert not any(line.strip().endswith("·") for line in said.split("\n")), f"a dot dangles: {said!r}"
            assert widget.texture_size[0] <= widget.width + 1, f"too wide: {said!r}"
            assert widget.texture_size[1] <= widget.height + 2, f"too high: {said!r}"
            assert said.count("\n") + 1 <= widget.lines, f"too many lines: {said!r}"
            assert len(widget._label._cached_lines) == said.count("\n") + 1, f"broken or dropped by Kivy: {said!r}"
        left, bottom, right, top = ink(widget)
        assert left >= -1, said
        assert bottom >= -1, said
        assert right <= size[0] + 1, said
        assert top <= size[1] + 1, said
        boxes.append((said, (left, bottom, right, top)))
        ratio = theme.contrast(_hex(widget.color), ground(widget, screen))
        least = 5 if getattr(widget, "font_name", "") == "icons" else 7
        assert ratio >= least, f"{said!r} on {ground(widget, screen)}: {ratio:.1f}"
    for (one, a), (other, b) in combinations(boxes, 2):
        apart = a[2] <= b[0] + 2 or b[2] <= a[0] + 2 or a[3] <= b[1] + 2 or b[3] <= a[1] + 2
        assert apart, f"{one!r} lies over {other!r}"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    "state", ["normal", "come", "older read out", "twelve", "full", "long", "cut", "paused", "withdrawn"]
)
def test_the_newest_number_is_a_sixth_of_the_screen_high(
    draw: Any, pictures: Callable[[str], dict[str, Picture]], state: str, size: tuple[int, int]
) -> None:
    """Measured on the pixels, not on the font."""
    screen = draw(pictures("vi")[state], size)
    number = screen._card.ids.number
    color = np.array([round(part * 255) for part in number.color[:3]])
    x, right = int(number.x), int(min(number.right, number.x + number.natural))
    top, bottom = int(size[1] - number.top), int(size[1] - number.y)
    part = pixels(screen)[max(0, top) : bottom, x:right, :3].astype(int)
    rows = (np.abs(part - color).sum(axis=2) < 40).any(axis=1)
    height = np.flatnonzero(rows)[-1] - np.flatnonzero(rows)[0] + 1
    assert height >= size[1] / 6


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_after_the_last_number_the_hall_reads_it_and_the_calls_go_on(
    draw: Any, hall: HallInfo, size: tuple[int, int]
) -> None:
    """Given a hall that no longer gives numbers, when a desk calls, then it is said, and shown under a line on that."""
    board = Board()
    still_open = view_of(CALLS[1:], AREAS)
    board.update(still_open, CALLS[1].seq, NOW)

    def shown() -> Picture:
        return picture(hall, board, link="connected", lang="vi", now=NOW, heard=NOW)

    assert not any("hết giờ" in widget.text for widget in texts(draw(shown(), size)))
    board.update(view_of(CALLS, AREAS, open=False, opens_at="13:30"), CALLS[0].seq, NOW)
    called = board.begin()
    assert called is not None
    assert (called.kind, called.number) == ("call", CALLS[0].number)
    said = [widget.text for widget in texts(draw(shown(), size))]
    assert "Đã hết giờ lấy số – các quầy đang phục vụ những số còn lại" in [text.replace("\n", " ") for text in said]
    assert CALLS[0].number in said


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(("state", "least"), [("normal", 0.85), ("full", 0.73)])
def test_no_digit_looks_squeezed(
    draw: Any, pictures: Callable[[str], dict[str, Picture]], state: str, least: float, size: tuple[int, int]
) -> None:
    """The rule of a sixth and a narrow upright screen leave no other way for a little of it."""
    screen = draw(pictures("vi")[state], size)
    for widget in texts(screen):
        if isinstance(widget, Digits):
            assert widget.squeeze >= least, widget.text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
def test_the_foot_is_large_enough_and_no_line_ends_in_a_lone_word(
    draw: Any, pictures: Callable[[str], dict[str, Picture]], state: str, size: tuple[int, int]
) -> None:
    for lang in ("vi", "en"):
        screen = draw(pictures(lang)[state], size)
        for line in screen._foot:
            assert not line.text or line.font_size >= 27 * screen.unit, line.text
        last = screen._header.text.split("\n")[-1]
        assert screen._header.text.count("\n") == 0 or last.count(" ") >= 2, last


def test_a_new_call_moves_nothing_but_the_calls(draw: Any, pictures: Callable[[str], dict[str, Picture]]) -> None:
    normal = pictures("vi")["normal"]
    screen = draw(normal, (1920, 1080))
    before = [(row.pos[:], row.size[:]) for row in [*screen._areas, *screen._rows, screen._card, screen._missed]]
    screen.show(dataclasses.replace(normal, number="11111", desk="4"))
    after = [(row.pos[:], row.size[:]) for row in [*screen._areas, *screen._rows, screen._card, screen._missed]]
    assert after == before


@pytest.mark.proof
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_screen_does_not_depend_on_what_it_showed_before(
    draw: Any, pictures: Callable[[str], dict[str, Picture]], size: tuple[int, int]
) -> None:
    """A window that showed A and then B is pixel for pixel the window that only ever showed B.

    A seeded sample of the pairs; all of them in `make proof`.
    """
    shown = pictures("vi")
    pairs = list(permutations(STATES, 2))
    for one, other in pairs if FULL else random.Random(9).sample(pairs, 24):
        only = pixels(draw(shown[other], size))
        screen = draw(shown[one], size)
        screen.show(shown[other])
        assert (pixels(screen) == only).all(), f"{other!r} after {one!r}"


def test_a_wink_leaves_nothing_behind(draw: Any, pictures: Callable[[str], dict[str, Picture]]) -> None:
    screen = draw(pictures("vi")["normal"], (1024, 768))
    before = pixels(screen)
    screen.wink()
    brightest, dark, end = 0.0, 0, time.monotonic() + 20
    while dark < 30 and time.monotonic() < end:  # dark for a while: between its two pulses it is so for a moment
        EventLoop.idle()
        brightest = max(brightest, screen._card.glow)
        dark = 0 if screen._card.glow or not brightest else dark + 1
    assert brightest > 0.5
    assert (pixels(screen) == before).all()


def test_the_next_number_can_be_read_at_ten_metres(draw: Any, pictures: Callable[[str], dict[str, Picture]]) -> None:
    """At least 40 mm high on a 43-inch TV, which is 535 mm high."""
    screen = draw(pictures("vi")["normal"], (1920, 1080))
    for area in screen._areas:
        if area.numbers:
            number = area.numbers[0]
            assert number.ink_height / 1080 * 535 >= 40
            assert number.squeeze == 1


def test_the_newest_missed_number_always_stands_and_the_others_take_turns(
    draw: Any, pictures: Callable[[str], dict[str, Picture]]
) -> None:
    full = pictures("vi")["full"]
    seen: set[str] = set()
    for turn in range(40):
        screen = draw(dataclasses.replace(full, turn=turn), (1920, 1080))
        numbers = screen._missed.numbers.replace("\N{NO-BREAK SPACE}", " ").split()
        assert numbers[0] == full.missed[0]
        assert numbers[-1] == f"+{len(full.missed) - len(numbers) + 1}"
        seen.update(numbers[:-1])
    assert seen == set(full.missed)


def test_hostile_names_are_shown_as_they_are(draw: Any, pictures: Callable[[str], dict[str, Picture]]) -> None:
    screen = draw(pictures("vi")["long"], (1920, 1080))
    said = " ".join(widget.text for widget in texts(screen)).replace("\n", " ")
    assert "[B]HỒ CHÍ MINH[/B] <SCRIPT>" in said
    assert all(not getattr(widget, "markup", False) for widget in texts(screen))


def _hex(color: list[float]) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in color[:3])

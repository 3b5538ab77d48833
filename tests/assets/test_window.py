"""Where a window goes: what the options say, and a window that is kept on its screen; and what is in it."""

from __future__ import annotations

import argparse
import re
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import cast

import pytest

from assets.window.place import TRIES, Keeper, Place, Windowed, add_options, place_of
from assets.window.screens import Screen, Screens

LEFT = Screen(0, 0, 1920, 1080, main=True)
RIGHT = Screen(1920, 0, 1280, 720)


ROOT = Path(__file__).parents[2]


def test_no_two_widgets_have_one_name() -> None:
    """Kivy knows a widget, and the rule of a .kv file for it, by its class's name alone: within one process."""
    kivy = find_spec("kivy")
    assert kivy is not None
    assert kivy.origin is not None
    registers = Path(kivy.origin).with_name("factory_registers.py").read_text()
    names = {"kivy": set(re.findall(r"^r\('(\w+)'", registers, re.M))}
    for part in ("kiosk", "display", "assets"):
        texts = [file.read_text("utf-8") for file in (ROOT / part).rglob("*.py") if "kivy" in file.read_text("utf-8")]
        names[part] = {name for text in texts for name in re.findall(r"^class (\w+)", text, re.M)}
    assert {"Label", "Touchable", "Sentence", "WindowApp"} <= set.union(*names.values())
    for one, other in combinations(names, 2):
        assert not names[one] & names[other], f"{one} and {other}"


def parse(*words: str) -> Place:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_options(parser)
    return place_of(parser.parse_args(words))


def test_options() -> None:
    assert parse() == Place(None, None)
    assert parse("--screen", "2") == Place(None, 2)
    assert parse("--windowed", "960x540+590+0") == Place(Windowed(960, 540, (590, 0)), None)


@pytest.mark.parametrize("words", [("--screen", "0"), ("--screen", "tv"), ("--screen", "²"), ("--windowed", "9x9"),
                                   ("--windowed", "960x540\n")])  # fmt: skip
def test_a_wrong_option_is_a_sentence(words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=words[0]):
        parse(*words)


class Desk(Screens):
    """Screens that a test switches."""

    def __init__(self, *screens: Screen) -> None:
        self.screens = list(screens)
        self._ask = lambda: self.screens


class Window:
    """A window that does as it is told, unless it is `stubborn`."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.stubborn = stubborn
        self.moves = 0
        self.shown = True
        self._box = [0, 0, 800, 600]

    @property
    def system_size(self) -> tuple[int, int]:
        return self._box[2], self._box[3]

    @system_size.setter
    def system_size(self, size: tuple[int, int]) -> None:
        self.moves += 1
        if not self.stubborn:
            self._box[2:] = size

    def _place(self, at: int, value: int) -> None:
        if not self.stubborn:
            self._box[at] = value

    left = property(lambda self: self._box[0], lambda self, value: self._place(0, value))
    top = property(lambda self: self._box[1], lambda self, value: self._place(1, value))

    def hide(self) -> None:
        self.shown = False

    def show(self) -> None:
        self.shown = True

    @property
    def box(self) -> Screen:
        left, top, width, height = self._box
        return Screen(left, top, width, height)


def test_screens_are_numbered_from_the_left_and_two_that_show_the_same_are_one() -> None:
    desk = Desk(RIGHT, LEFT, Screen(0, 0, 1920, 1080))
    assert desk.now() == (LEFT, RIGHT)
    assert desk.chosen(1) == LEFT
    assert desk.chosen(2) == RIGHT
    assert desk.chosen(3) is None


def test_without_a_number_it_is_the_main_screen() -> None:
    main = Screen(1920, 0, 1280, 720, main=True)
    assert Desk(Screen(0, 0, 1920, 1080), main).chosen(None) == main
    assert Desk(RIGHT).chosen(None) == RIGHT
    assert Desk().chosen(None) is None


def test_a_window_follows_its_screen_and_hides_without_it() -> None:
    desk, window = Desk(LEFT, RIGHT), Window()
    keeper = Keeper(window, cast("Screens", desk), 2)
    keeper.look(0)
    assert window.box == RIGHT
    desk.screens = [LEFT]
    keeper.look(0)
    assert not window.shown, "the display must not cover the kiosk"
    assert keeper.hidden
    desk.screens = [Screen(0, 0, 1024, 768, main=True), Screen(1024, 0, 1920, 1080)]
    keeper.look(0)
    assert window.shown
    assert window.box == Screen(1024, 0, 1920, 1080)


def test_a_window_that_lies_right_is_left_alone() -> None:
    desk, window = Desk(LEFT), Window()
    keeper = Keeper(window, cast("Screens", desk), None)
    keeper.look(0)
    moves = window.moves
    keeper.look(0)
    assert window.moves == moves


def test_it_does_not_fight_a_window_manager_for_ever() -> None:
    desk, window = Desk(LEFT), Window(stubborn=True)
    keeper = Keeper(window, cast("Screens", desk), None)
    for _ in range(50):
        keeper.look(0)
    assert window.moves == 2 * TRIES
    desk.screens = [RIGHT]
    keeper.look(0)
    assert window.moves > 2 * TRIES

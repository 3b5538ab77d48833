"""Each screen of the kiosk looks as it did when somebody last looked at it (see `tests/tools/golden.py`)."""

from __future__ import annotations

# ruff: noqa: I001 - the window's settings come before Kivy
from tests.kiosk.window import SIZES, Stage, picture_of, sheet_of, states, words

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import ImageDraw

from tests.kiosk import samples
from tests.kiosk.pairs import LISTED
from tests.tools.golden import FEW, FOLDER, check, file_of, unlike

pytestmark = pytest.mark.screen
STATES = states()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", LISTED)
def test_it_looks_as_it_did(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    check(picture_of(sheet_of(Stage(STATES[name]), size)), file_of("kiosk", name, size), tmp_path)


def test_there_is_no_picture_of_a_state_that_is_gone() -> None:
    listed = {file_of("kiosk", name, size) for name in LISTED for size in SIZES}
    assert set((FOLDER / "kiosk").glob("*.png")) == listed


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_another_digit_and_a_missing_word_are_seen(size: tuple[int, int]) -> None:
    """What the comparison is for: it must not be so tolerant that it sees nothing."""
    state = STATES["ticket cancelling"]
    one = replace(state.given[0], ticket=samples.ticket("1009"))
    changed = picture_of(sheet_of(Stage(replace(state, given=(one,))), size))
    assert unlike(changed, file_of("kiosk", "ticket cancelling", size)) > FEW
    home = sheet_of(Stage(STATES["home 6"]), size)
    file = file_of("kiosk", "home 6", size)
    assert unlike(picture_of(home), file) <= FEW
    word = min(words(home), key=lambda word: word.texture_size[0])
    picture = picture_of(home)
    x, y, (wide, high) = word.texture_pos[0], word.texture_pos[1], word.texture_size
    box = (x, size[1] - y - high, x + wide, size[1] - y)
    ImageDraw.Draw(picture).rectangle(box, fill=picture.getpixel((box[0], box[1])))
    assert unlike(picture, file) > FEW, f"{word.text!r} is gone, and nobody sees it"

"""Each state of the display looks as it did when somebody last looked at it (see `tests/tools/golden.py`)."""

from __future__ import annotations

# ruff: noqa: I001 - the window's settings come before Kivy
from tests.display.window import SIZES, Stage, picture_of

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.display.samples import states
from tests.tools.golden import FEW, FOLDER, check, file_of, unlike

pytestmark = pytest.mark.screen
STATES = {f"{name} {lang}": picture for lang in ("vi", "en") for name, picture in states(lang).items()}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    found = Stage()
    yield found
    found.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", STATES)
def test_it_looks_as_it_did(stage: Stage, name: str, size: tuple[int, int], tmp_path: Path) -> None:
    check(picture_of(stage.show(STATES[name], size)), file_of("display", name, size), tmp_path)


def test_there_is_no_picture_of_a_state_that_is_gone() -> None:
    listed = {file_of("display", name, size) for name in STATES for size in SIZES}
    assert set((FOLDER / "display").glob("*.png")) == listed


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_another_digit_in_the_smallest_row_is_seen(stage: Stage, size: tuple[int, int]) -> None:
    normal = STATES["normal vi"]
    row = normal.rows[-1]
    changed = replace(normal, rows=(*normal.rows[:-1], replace(row, number=str(int(row.number) + 1))))
    assert unlike(picture_of(stage.show(changed, size)), file_of("display", "normal vi", size)) > FEW

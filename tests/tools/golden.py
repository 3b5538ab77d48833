"""Golden pictures: what each screen looked like when somebody last looked at it, kept in `tests/pictures/`.

Kept at a third of their size and in 64 colours. A change of the code that changes a picture fails its test; whoever
meant it makes the pictures anew (`python -m tests.pictures`), looks at them, and commits them with the change.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parents[1] / "pictures"
SMALLER = 3
"""Dots of the screen, across and down, of which one of the picture is the mean: another graphics card's soft edges and
another machine's hinting disappear in it."""
DIFFERENT = 48
"""Levels of 255 by which a dot must differ to count; the 64 colours alone make up to 24."""
FEW = 16
"""Dots that may differ. On this machine none does; another digit in the smallest row of the display changes 38."""


def file_of(part: str, name: str, size: tuple[int, int]) -> Path:
    """Where the picture of a state of `part` at a size stands."""
    return FOLDER / part / f"{name.replace(' ', '_')}_{size[0]}x{size[1]}.png"


def small(picture: Image.Image) -> Image.Image:
    """A picture as it is kept, but in all its colours."""
    return picture.convert("RGB").reduce(SMALLER)


def keep(picture: Image.Image, file: Path) -> None:
    """Make it the golden one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    few = small(picture).quantize(64, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def unlike(picture: Image.Image, file: Path) -> int:
    """How many dots differ from the golden picture; all of them where the size does. FileNotFoundError without one."""
    now, golden = small(picture), Image.open(file).convert("RGB")
    if now.size != golden.size:
        return now.width * now.height
    apart = np.abs(np.asarray(now, np.int16) - np.asarray(golden, np.int16)).max(axis=2)
    return int((apart > DIFFERENT).sum())


def check(picture: Image.Image, file: Path, folder: Path) -> None:
    """AssertionError where it is not the golden one; then it is written into `folder` to be looked at."""
    found = unlike(picture, file)
    if found > FEW:
        seen = folder / file.name
        picture.save(seen)
        raise AssertionError(f"{found} dots differ: {seen} is not {file} (meant? `python -m tests.pictures`)")

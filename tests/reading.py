"""Reads what a person reads, from the ink alone: the number on the display; a paper's words, number and code."""

from __future__ import annotations

import numpy as np
import pytesseract
from PIL import Image, ImageDraw, ImageFont

from assets.fonts import font

GOLD = (242, 178, 51)
OUTPUT = pytesseract.Output.DICT


def digit(value: str, weight: int = 800) -> np.ndarray:
    """A digit, or several, of the theme in a weight (heaviest unless told), cut to the ink, 48 high and 32 wide."""
    drawn = Image.new("L", (400 * len(value), 400))
    ImageDraw.Draw(drawn).text((60, 20), value, font=ImageFont.truetype(str(font(weight)), 280), fill=255)
    return scaled(drawn.crop(drawn.getbbox()))


def scaled(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((32, 48)), dtype=float) / 255


def card_digits(picture: Image.Image) -> list[np.ndarray]:
    """The dark shapes of the gold card's left part, from left to right, cut to their ink."""
    pixels = np.asarray(picture).astype(int)
    gold = (abs(pixels - GOLD) < 40).all(axis=2)
    rows, columns = np.flatnonzero(gold.sum(axis=1) > 200), np.flatnonzero(gold.sum(axis=0) > 60)
    if not len(rows) or not len(columns):
        return []
    card = pixels[rows[0] : rows[-1], columns[0] : columns[-1]]
    ink = card.max(axis=2) < 110
    ink = ink[10:-10, 10 : round(ink.shape[1] * 0.60)]
    return shapes_of(ink, ink.shape[0] * 0.4)  # the arrow is lower


def shapes_of(ink: np.ndarray, taller_than: float) -> list[np.ndarray]:
    """The dark shapes that stand beside each other, from left to right, cut to their ink."""
    shapes, start = [], None
    for x, dark in enumerate([*ink.any(axis=0), False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            part = ink[:, start:x]
            heights = np.flatnonzero(part.any(axis=1))
            if len(heights) > taller_than:
                cut = part[heights[0] : heights[-1] + 1]
                shapes.append(scaled(Image.fromarray((cut * 255).astype("uint8"))))
            start = None
    return shapes


def likeness(shapes: list[np.ndarray], number: str) -> float:
    """How like a number the shapes are: the mean agreement of their pixels, 0 where the count differs."""
    if len(shapes) != len(number):
        return 0.0
    return float(np.mean([1 - abs(shape - digit(value)).mean() for shape, value in zip(shapes, number, strict=True)]))


def read_paper(paper: Image.Image) -> tuple[str, list[np.ndarray], str]:
    """Its words, the shapes of its huge number, and its rating code, from the ink alone."""
    paper = paper.convert("L")
    ink = np.asarray(paper) < 128
    lines, start = [], None
    for y, dark in enumerate([*ink.any(axis=1), False]):
        if dark and start is None:
            start = y
        elif not dark and start is not None:
            lines.append((start, y))
            start = None
    top, bottom = max(lines, key=lambda line: line[1] - line[0])
    number = shapes_of(ink[top:bottom], 0.8 * (bottom - top))
    data = pytesseract.image_to_data(
        paper.resize((paper.width * 2, paper.height * 2)), lang="vie", config="--psm 6", output_type=OUTPUT
    )
    words = data["text"]
    at = next(n for n in range(len(words)) if words[n - 1 : n + 3] == ["Mã", "để", "đánh", "giá"])
    middle = data["top"][at] // 2 + data["height"][at] // 4
    top, bottom = next(line for line in lines if line[0] <= middle < line[1])
    # The code as one shape, because its two digits may touch: 7 and 6 do.
    part = Image.fromarray(ink[top:bottom, paper.width * 3 // 4 :])
    code = scaled(part.crop(part.getbbox()).convert("L"))
    return " ".join(words), number, min((f"{n:02}" for n in range(100)), key=lambda n: abs(code - digit(n, 700)).mean())

"""The tokens are the design's, and text on its ground reaches 7:1."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import assets
from assets import theme

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")


@pytest.mark.parametrize(
    ("fg", "bg"),
    [
        (theme.INK, theme.PAPER),
        (theme.INK, theme.CARD),
        (theme.MUTED, theme.PAPER),
        (theme.MUTED, theme.CARD),
        (theme.CARD, theme.BRAND),
        (theme.CARD, theme.BRAND_DARK),
        (theme.BRAND_DARK, theme.BRAND_LIGHT),
        (theme.OK, theme.CARD),
        (theme.WARN, theme.CARD),
        (theme.WARN, theme.GOLD_LIGHT),
        (theme.BAD, theme.CARD),
        (theme.OK_INK, theme.OK_LIGHT),
        (theme.CARD, theme.BRAND_CHIP),
        (theme.GOLD_INK, theme.GOLD),
        (theme.DISPLAY_TEXT, theme.DISPLAY_ROW),
        (theme.DISPLAY_MUTED, theme.DISPLAY_ROW),
        (theme.DISPLAY_GOLD, theme.DISPLAY_BAND),
    ],
)
def test_text_reaches_seven_to_one(fg: str, bg: str) -> None:
    assert theme.contrast(fg, bg) >= 7


def test_contrast_knows_the_two_ends_of_wcag() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#777777") == 1
    assert theme.contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)  # the well-known AA grey


@given(COLOURS, COLOURS)
def test_contrast_does_not_mind_the_order(one: str, other: str) -> None:
    assert theme.contrast(one, other) == theme.contrast(other, one)
    assert 1 <= theme.contrast(one, other) <= 21.01


@given(COLOURS)
def test_any_area_colour_can_be_lifted_off_the_display(color: str) -> None:
    assert theme.contrast(theme.lift(color, theme.DISPLAY_SIDE, 5), theme.DISPLAY_SIDE) >= 5


def test_css_carries_the_tokens() -> None:
    css = theme.css()
    assert css.startswith(":root {")
    for line in ("--ink: #14212B;", "--brand-dark: #083F4A;", "--radius: 18px;"):
        assert line in css


@pytest.mark.parametrize("wrong", ["red", "#12345", "#GGGGGG", ""])
def test_no_colour_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"colour|invalid literal"):
        theme.rgb(wrong)


def test_every_area_colour_reads_on_white() -> None:
    path = Path(assets.__file__).parent / "catalogue" / "default.toml"
    for area in tomllib.loads(path.read_text("utf-8"))["areas"]:
        assert theme.contrast(area["color"], theme.CARD) >= 7, area["code"]

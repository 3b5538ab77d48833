"""The chime is a chime, and fonts hold the letters and icons we draw."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import ImageFont

from assets import fonts
from display.voice import chime


def test_the_chime_starts_and_ends_in_silence_and_never_clips() -> None:
    wave = np.array(chime.chime(peak=0.5), dtype=float)
    assert abs(wave[0]) < 500
    assert abs(wave[-1]) < 50
    assert np.abs(wave).max() == pytest.approx(0.5 * 32767, rel=0.001)


@pytest.mark.parametrize(("note", "start"), chime.NOTES)
def test_each_note_sounds_after_its_start(note: float, start: float) -> None:
    wave = np.array(chime.chime(), dtype=float)

    def strength(first: float) -> float:
        part = wave[int(first * chime.RATE) : int((first + 0.2) * chime.RATE)]
        phase = 2j * math.pi * note * np.arange(len(part)) / chime.RATE
        return float(abs((part * np.exp(phase)).mean()))

    assert strength(start) > 1000
    if start >= 0.28:
        assert strength(start - 0.28) < strength(start) / 4


@pytest.mark.parametrize("weight", fonts.WEIGHTS)
def test_the_font_has_every_vietnamese_letter(weight: int) -> None:
    font = ImageFont.truetype(str(fonts.font(weight)), 40)
    missing = bytes(font.getmask("\U0010fffd"))
    letters = "ăâđêôơưĂÂĐÊÔƠƯ" + "ạảãàáậẩẫầấặẳẵằắẹẻẽèéệểễềếịỉĩìíọỏõòóộổỗồốợởỡờớụủũùúựửữừứỵỷỹỳý" + "–·“”…•"
    for letter in letters:
        assert bytes(font.getmask(letter)) != missing, letter


def test_an_icon_is_one_character_of_the_icon_font() -> None:
    assert fonts.glyph("home-outline") == "\U000f06a1"
    assert ImageFont.truetype(str(fonts.icon_font()), 40).getmask(fonts.glyph("home-outline")).getbbox()


@pytest.mark.parametrize("name", ["no-such-icon", "__font_file__", ""])
def test_an_unknown_icon_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        fonts.glyph(name)

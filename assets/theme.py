"""Colours and radii, once, for Kivy and for the web pages.

Values only: no widget and no page is made here. The source of every value is the design's table of tokens;
text on its ground is meant to reach a contrast of 7:1 (WCAG 2.2, 1.4.6), which the tests measure.
"""

from __future__ import annotations

import colorsys
from typing import Final

INK: Final = "#14212B"
MUTED: Final = "#44525E"
LINE: Final = "#DCE3E8"
PAPER: Final = "#F4F6F8"
CARD: Final = "#FFFFFF"
BRAND: Final = "#0B5C6B"
BRAND_DARK: Final = "#083F4A"
BRAND_LIGHT: Final = "#E3F1F3"
GOLD: Final = "#F2B233"
GOLD_LIGHT: Final = "#FFF4DC"
GOLD_INK: Final = "#2A1D00"
"""Text on gold."""

OK: Final = "#1B5E37"
WARN: Final = "#7A4000"
BAD: Final = "#97190F"
"""The three as text."""
OK_FILL: Final = "#2B7A4B"
WARN_FILL: Final = "#C46A00"
BAD_FILL: Final = "#B3261E"
"""The three as areas; no text stands on them."""
BAD_LIGHT: Final = "#FBE4E2"
OK_LIGHT: Final = "#E2F3E8"
OK_INK: Final = "#14482A"
"""Text on that."""

BRAND_CHIP: Final = "#1D4F59"
"""What may be pressed on the dark head of a page."""
LIVE: Final = "#5FD38D"
"""The dot of a link that holds, on that."""
FIELD_LINE: Final = "#7B8891"
"""Around what is typed in: 3:1 beside its ground (WCAG 2.2, 1.4.11)."""
KEY_LINE: Final = "#A9B6BF"
"""Around the sign of a key, and under the head of a table."""
SHADE: Final = f"{BRAND_DARK}8C"
"""Over a page behind a question: 55 % of the dark."""
CHART_BARS: Final = "#BFDDE3"
CHART_LINE: Final = "#B85C00"
LEVELS: Final = (BAD, "#F0A458", "#E8D680", "#8FC486", OK)
"""Of the five answers to a rating, worst first."""

DISPLAY_GROUND: Final = "#06222B"
DISPLAY_ROW: Final = "#0C3541"
DISPLAY_BAND: Final = "#041920"
"""Head and foot of the hall display."""
DISPLAY_SIDE: Final = "#0A2C36"
DISPLAY_WAITS: Final = "#4A370F"
"""A call whose citizen has not come yet, framed in gold."""
DISPLAY_TEXT: Final = "#FFFFFF"
DISPLAY_MUTED: Final = "#CFE3E8"
DISPLAY_GOLD: Final = "#FFE2A0"

RADIUS_KIOSK: Final = 28
RADIUS_DESK: Final = 18
"""Pixels: on the kiosk's 1080-wide screen, on the desk page."""

_CSS: Final = {
    "ink": INK, "muted": MUTED, "line": LINE, "paper": PAPER, "card": CARD,
    "brand": BRAND, "brand-dark": BRAND_DARK, "brand-light": BRAND_LIGHT,
    "gold": GOLD, "gold-light": GOLD_LIGHT, "gold-ink": GOLD_INK,
    "ok": OK, "warn": WARN, "bad": BAD, "ok-fill": OK_FILL, "warn-fill": WARN_FILL, "bad-fill": BAD_FILL,
    "bad-light": BAD_LIGHT, "ok-light": OK_LIGHT, "ok-ink": OK_INK,
    "brand-chip": BRAND_CHIP, "live": LIVE, "field-line": FIELD_LINE, "key-line": KEY_LINE, "shade": SHADE,
    "chart-bars": CHART_BARS, "chart-line": CHART_LINE, **{f"level-{n}": color for n, color in enumerate(LEVELS, 1)},
    "display-ground": DISPLAY_GROUND, "display-row": DISPLAY_ROW,
    "radius": f"{RADIUS_DESK}px",
}  # fmt: skip


def css() -> str:
    """The tokens as CSS custom properties on `:root`: `--ink`, `--brand-dark`, `--radius` …"""
    return ":root {\n" + "".join(f"  --{name}: {value};\n" for name, value in _CSS.items()) + "}\n"


def rgb(color: str) -> tuple[float, float, float]:
    """`#RRGGBB` as three numbers 0 … 1. Raises ValueError for anything else."""
    if len(color) != 7 or color[0] != "#":
        raise ValueError(f"not a colour like #0B5C6B: {color!r}")
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


def luminance(color: str) -> float:
    """Relative luminance 0 … 1 (WCAG 2.2, definition of relative luminance)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(fg: str, bg: str) -> float:
    """Contrast ratio of two colours, 1 … 21 (WCAG 2.2, 1.4.3)."""
    darker, lighter = sorted((luminance(fg), luminance(bg)))
    return (lighter + 0.05) / (darker + 0.05)


def lift(color: str, ground: str, ratio: float) -> str:
    """`color`, its hue kept, made lighter until it stands out from a dark `ground` by `ratio`.

    Area colours are chosen as text on white; on the display they would drown. Raises ValueError for a ground
    too light for it.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*rgb(color))
    for step in range(41):
        level = lightness + (1 - lightness) * step / 40
        lifted = colorsys.hls_to_rgb(hue, level, min(saturation, 0.65))
        found = "#" + "".join(f"{round(part * 255):02X}" for part in lifted)
        if contrast(found, ground) >= ratio:
            return found
    raise ValueError(f"{ground} is too light a ground for a contrast of {ratio}")

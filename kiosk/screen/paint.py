"""A screen's drawing board: places panels, words and buttons in units of which the shorter side of the window has 1080.

So a 1080 × 1920 kiosk counts in pixels, and 120 units are a touch target on every window. y counts from the top. It
draws what it is told; what a screen says and where is its own module's affair.
"""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from collections.abc import Callable
from typing import Any, Final

from kivy.uix.floatlayout import FloatLayout

from assets import fonts, theme
from kiosk.flow.state import Touch
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.widgets import Panel, Touchable, Words, fitting, measured

SMALLEST: Final = 30
"""No text is smaller, where the shorter side of the window has 1080."""
TARGET: Final = 120
"""No button is smaller in either direction."""
MARGIN: Final = 56
RADIUS: Final = theme.RADIUS_KIOSK


class Paint:
    """One drawing. `w`, `h` are the window's size in units; `live` holds what changes with the clock."""

    def __init__(self, sheet: FloatLayout, width: float, height: float) -> None:
        self._sheet = sheet
        self.scale = min(width, height) / 1080
        self.w, self.h = width / self.scale, height / self.scale
        self.portrait = height > width
        self.live: list[tuple[Words, Callable[[Kiosk], str]]] = []

    # --- measuring ------------------------------------------------------------------------------------------

    def height_of(self, text: str, size: float, weight: int, width: float) -> float:
        """Units that the text takes, wrapped at `width`."""
        return measured(text, weight, size * self.scale, round(width * self.scale))[1] / self.scale

    def width_of(self, text: str, size: float, weight: int) -> float:
        """How wide a text is at this size and weight, in units of the design."""
        return measured(text, weight, size * self.scale, None)[0] / self.scale

    def fit(self, text: str, size: float, weight: int, w: float, h: float, smallest: float = SMALLEST) -> float | None:
        """The size at which it fits the box, at most `size`; None where even the smallest is too large."""
        found = fitting(
            text, weight, size * self.scale, smallest * self.scale, round(w * self.scale), round(h * self.scale)
        )
        return None if found is None else found / self.scale

    def broken(self, text: str, size: float, weight: int, width: float) -> str:
        """A text of two lines broken after a comma where it can be, else into even halves: `Tư pháp,` / `hộ tịch`."""
        high = self.height_of(text, size, weight, width)
        if "\n" in text or high > 1.1 * self.height_of("X\nX", size, weight, width):
            return text
        words = text.split(" ")
        found: list[tuple[bool, float, str]] = []
        for n in range(1, len(words)):
            lines = [" ".join(words[:n]), " ".join(words[n:])]
            widest = max(self.width_of(line, size, weight) for line in lines)
            if widest <= width and high > 1.5 * self.height_of("X", size, weight, width):
                found.append((not lines[0].endswith(","), widest, "\n".join(lines)))
        return min(found)[2] if found else text

    def shortened(self, text: str, size: float, weight: int, w: float, h: float) -> str:
        """As many of its words as fit the box at that size, an ellipsis after them; all of it where it fits."""
        if self.fit(text, size, weight, w, h, size) is not None:
            return text
        words = text.split()
        low, high = 1, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.fit(" ".join(words[:middle]) + "…", size, weight, w, h, size) is not None
            low, high = (middle, high) if fits else (low, middle - 1)
        return " ".join(words[:low]).rstrip(" ,;:.–") + "…"

    # --- drawing --------------------------------------------------------------------------------------------

    def panel(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str,
        *,
        edge: str = "",
        edge_width: float = 0,
        radius: float = 0,
        corners: tuple[float, float, float, float] | None = None,
        opacity: float = 1.0,
    ) -> Panel:
        """A rectangle. `corners` (top left, top right, bottom right, bottom left) instead of one `radius`."""
        found = Panel(**self._look(x, y, w, h, fill, edge, edge_width, corners or (radius,) * 4, opacity))
        self._sheet.add_widget(found)
        return found

    def _look(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str,
        edge: str,
        edge_width: float,
        corners: tuple[float, ...],
        opacity: float,
    ) -> dict[str, Any]:
        s = self.scale
        return {
            "size_hint": (None, None),
            "pos": (round(x * s), round((self.h - y - h) * s)),
            "size": (round(w * s), round(h * s)),
            "fill": (*theme.rgb(fill), opacity),
            "edge": (*theme.rgb(edge), 1) if edge else (0, 0, 0, 0),
            "edge_width": max(1, round(edge_width * s)) if edge else 0,
            "corners": [corner * s for corner in corners],
        }

    def text(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        text: str,
        size: float,
        weight: int = 500,
        color: str = theme.INK,
        *,
        halign: str = "left",
        valign: str = "middle",
        smallest: float = SMALLEST,
    ) -> Words:
        """Words in a box: at `size`, or smaller where they would not fit."""
        found = self.fit(text, size, weight, w, h, smallest)
        return self._words(x, y, w, h, text, found or smallest, weight, color, halign, valign)

    def block(
        self,
        x: float,
        y: float,
        w: float,
        text: str,
        size: float,
        weight: int = 500,
        color: str = theme.INK,
        *,
        halign: str = "left",
    ) -> float:
        """Words as high as they need. Returns the y below them."""
        h = self.height_of(text, size, weight, w)
        self._words(x, y, w, h, text, size, weight, color, halign, "top")
        return y + h

    def _words(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        text: str,
        size: float,
        weight: int,
        color: str,
        halign: str,
        valign: str,
        icon: bool = False,
    ) -> Words:
        s = self.scale
        found = Words(
            text,
            weight=weight,
            size_px=size * s,
            color=color,
            halign=halign,
            valign=valign,
            icon=icon,
            size_hint=(None, None),
            pos=(round(x * s), round((self.h - y - h) * s)),
            size=(round(w * s), round(h * s)),
        )
        self._sheet.add_widget(found)
        return found

    def icon(self, x: float, y: float, size: float, name: str, color: str, *, within: float = 0) -> bool:
        """An icon in a square of `within` (or its own size). False, and nothing drawn, for a name unknown."""
        try:
            sign = fonts.glyph(name) if name else ""
        except KeyError:
            sign = ""
        if sign:
            side = within or size * 1.1
            self._words(x, y, side, side, sign, size, 400, color, "center", "middle", icon=True)
        return bool(sign)

    def button(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        touch: Touch,
        text: str = "",
        *,
        size: float = 40,
        weight: int = 700,
        color: str = theme.CARD,
        fill: str = theme.BRAND,
        edge: str = "",
        edge_width: float = 0,
        radius: float = RADIUS,
        icon: str = "",
        icon_after: bool = False,
        opacity: float = 1.0,
    ) -> Words | None:
        """Something to touch. Its words, if it has any of its own, to be changed with the clock."""
        look = self._look(x, y, w, h, fill, edge, edge_width, (radius,) * 4, opacity)
        self._sheet.add_widget(Touchable(touch, **look))
        if not text:
            return None
        pad = 24
        if icon:
            side = size * 1.2
            wide = min(self.width_of(text, size, weight), w - 2 * pad - side - 12)
            left = x + (w - wide - side - 12) / 2
            at = left + wide + 12 if icon_after else left
            self.icon(at, y + (h - side) / 2, size * 1.05, icon, color, within=side)
            words_x = left if icon_after else left + side + 12
            return self.text(words_x, y + 8, wide + 2, h - 16, text, size, weight, color)
        return self.text(x + pad, y + 8, w - 2 * pad, h - 16, text, size, weight, color, halign="center")

    def each_second(self, words: Words | None, text: Callable[[Kiosk], str]) -> None:
        """`words` say `text(kiosk)` from now on, of the kiosk as it is then: a touch may have put its end off."""
        if words is not None:
            self.live.append((words, text))


def readable(color: str, ground: str = theme.CARD) -> str:
    """An area's colour, darkened until it stands out 7:1 from `ground` (and white from it)."""
    red, green, blue = theme.rgb(color)
    for step in range(21):
        share = 1 - step / 20
        found = "#" + "".join(f"{round(part * share * 255):02X}" for part in (red, green, blue))
        if theme.contrast(found, ground) >= 7.0 and theme.contrast(theme.CARD, found) >= 7.0:
            return found
    return theme.INK

"""The display's screen without its program, for tests and for looking at: given a picture, the real widgets.

`python -m tests.display.window DIR [NAME…]` writes every state at every size as PNG. Imports Kivy.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.tools.window import SIZES, picture_of

__all__ = ["SIZES", "Stage", "main", "picture_of"]

from kivy.base import EventLoop
from kivy.core.window import Window

from display.picture import Picture
from display.screen.layout import HallScreen
from tests.display.samples import states


class Stage:
    """The window, with one screen at a time."""

    def __init__(self) -> None:
        EventLoop.ensure_window()
        EventLoop.status = "started"
        self._shown: HallScreen | None = None

    def show(self, picture: Picture, size: tuple[int, int]) -> Any:
        """A new screen of that size with the picture on it, drawn."""
        self.close()
        self._shown = screen = HallScreen(size=size, size_hint=(None, None))
        Window.add_widget(screen)
        screen.show(picture)
        self.settle()
        return screen

    def settle(self) -> None:
        """Let Kivy finish what one change leads to."""
        for _ in range(4):
            EventLoop.idle()

    def close(self) -> None:
        if self._shown is not None:
            Window.remove_widget(self._shown)
        self._shown = None


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage()
    for lang in ("vi", "en"):
        for name, picture in states(lang).items():
            for size in SIZES if name in names or not names else ():
                screen = stage.show(picture, size)
                file = f"{name.replace(' ', '_')}_{lang}_{size[0]}x{size[1]}.png"
                picture_of(screen).save(folder / file)


if __name__ == "__main__":
    main()

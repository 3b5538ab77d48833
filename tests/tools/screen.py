"""An X server of a test's own: where a program of ours draws, what is to be seen there, and a finger.

Bare unless a test adds a window manager, as on a mini PC without a desktop.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageGrab


class Screen:
    """One X server, started by `words`; `env` is what its programs see."""

    def __init__(self, words: Sequence[str]) -> None:
        read, write = os.pipe()
        self.process = subprocess.Popen(
            [*words, "-displayfd", str(write), "-nolisten", "tcp"],
            pass_fds=[write],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            self.close()
            raise RuntimeError(f"no X server: {' '.join(words)}")
        self.name = f":{number}"
        self.env = {"DISPLAY": self.name}

    def environment(self) -> dict[str, str]:
        """This process's, without what its own tests told SDL and Kivy, on this screen."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SDL_", "KIVY_"))}
        return {**kept, **self.env}

    def tool(self, *words: str) -> bytes:
        """What an X program prints that is run on this screen. Raises CalledProcessError."""
        return subprocess.run(words, env=self.environment(), stdout=subprocess.PIPE, check=True, timeout=30).stdout

    def picture(self) -> Image.Image:
        """The whole of it, as it is shown now."""
        return ImageGrab.grab(xdisplay=self.name).convert("RGB")

    def tap(self, x: float, y: float) -> None:
        """Touch and let go, in pixels from the upper left."""
        place = (str(round(x)), str(round(y)))
        self.tool("xdotool", "mousemove", *place, "mousedown", "1", "sleep", "0.08", "mouseup", "1")

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


class BareScreen(Screen):
    """Xvfb of a size in pixels, without a window manager; `more` words for it.

    Its picture is read from the server's memory, which costs the programs on it nothing: asked for it by X many times a
    second, the server is so busy that a kiosk draws no more for seconds, and loses its hall.
    """

    def __init__(self, size: tuple[int, int], *more: str) -> None:
        self.size = size
        self._memory = Path(tempfile.mkdtemp(prefix="luot-screen-"))
        super().__init__(["Xvfb", "-screen", "0", f"{size[0]}x{size[1]}x24", "-fbdir", str(self._memory), *more])

    def picture(self) -> Image.Image:
        """What it shows now (XWD: header, colours, lines of BGRX)."""
        dump = (self._memory / "Xvfb_screen0").read_bytes()
        fields = struct.unpack(">25I", dump[:100])
        header, line, colours = fields[0], fields[12], fields[19]
        start = header + 12 * colours
        return Image.frombytes("RGB", self.size, dump[start : start + line * self.size[1]], "raw", "BGRX", line, 1)

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._memory, ignore_errors=True)


@contextlib.contextmanager
def screen(size: tuple[int, int], *more: str) -> Iterator[BareScreen]:
    """A :class:`BareScreen`, closed with the block."""
    found = BareScreen(size, *more)
    try:
        yield found
    finally:
        found.close()

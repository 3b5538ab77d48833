"""An ESC/POS interpreter for the tests: bytes of a job in, the paper as a picture out.

Written from Epson's command reference, apart from python-escpos and from the kiosk's own preview, and strict: a byte
that is no command it knows is an error, because a real printer would print rubbish there. What the host asked is kept
in `answers` for whoever plays the printer.
"""

from __future__ import annotations

import numpy as np
from PIL import Image


class NotEscPosError(ValueError):
    """The stream holds something that no job of ours should send."""


class Reader:
    """Feed bytes, take `papers` (each an L image, 0 = ink) and `answers` (what the printer owes the host)."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.papers: list[Image.Image] = []
        self.answers = b""
        self.automatic: bool | None = None
        """Automatic status back, as GS a last set it; None before any."""
        self.rows: list[np.ndarray] = []
        self._held = bytearray()
        self._reset()

    def _reset(self) -> None:
        self._alignment = 0
        self._left, self._area = 0, self.width
        self._line = 30

    @property
    def idle(self) -> bool:
        """No command is half read."""
        return not self._held

    def lose_everything(self) -> None:
        """The buffers are cleared (DLE DC4 8) or the power was off; dots already burnt stay on the paper."""
        self._held.clear()

    def print_rubbish(self) -> None:
        """Go on after what is no command, as a printer does that lost bytes: a letter is printed for it."""
        del self._held[:1]
        self._advance(1)

    def feed(self, data: bytes) -> None:
        self._held += data
        while self._held and (used := self._one()):
            del self._held[:used]

    def _need(self, count: int) -> bool:
        return len(self._held) >= count

    def _one(self) -> int:
        """Carry out the command at the head; how long it was, 0 while it is not all there."""
        held = self._held
        if held[0] == 0x0A:
            self._advance(self._line)
            return 1
        if held[0] == 0x00:  # NUL: ignored outside of a command
            return 1
        if held[0] not in {0x1B, 0x1D}:
            raise NotEscPosError(f"text or unknown control 0x{held[0]:02x}")
        if not self._need(2):
            return 0
        return self._escape() if held[0] == 0x1B else self._group()

    def _escape(self) -> int:
        held, name = self._held, chr(self._held[1])
        if name == "@":
            self._reset()
            return 2
        if name == "2":
            self._line = 30
            return 2
        if name not in "aJd3":
            raise NotEscPosError(f"ESC {name!r}")
        if not self._need(3):
            return 0
        if name == "a":
            if held[2] not in {0, 1, 2, 48, 49, 50}:
                raise NotEscPosError(f"ESC a {held[2]}")
            self._alignment = held[2] % 48
        elif name == "J":
            self._advance(held[2])
        elif name == "d":
            self._advance(held[2] * self._line)
        else:
            self._line = held[2]
        return 3

    def _group(self) -> int:
        held, name = self._held, chr(self._held[1])
        if name in "LW":
            if not self._need(4):
                return 0
            dots = held[2] + 256 * held[3]
            if name == "L":
                self._left = dots
            else:
                self._area = min(dots, self.width - self._left)
            return 4
        if name == "v":
            return self._raster()
        if name == "V":
            if not self._need(3):
                return 0
            if held[2] not in {0, 1, 48, 49}:
                raise NotEscPosError(f"GS V {held[2]}")
            self._cut()
            return 3
        if name == "a":
            if not self._need(3):
                return 0
            self.automatic = bool(held[2])
            return 3
        if name == "r":
            if not self._need(3):
                return 0
            self.answers += b"\x00"
            return 3
        if name == "(":
            if not self._need(11):
                return 0
            if bytes(held[2:7]) != b"H\x06\x0000":
                raise NotEscPosError(f"GS ( {bytes(held[2:7])!r}")
            self.answers += b"\x37\x22" + bytes(held[7:11]) + b"\x00"
            return 11
        raise NotEscPosError(f"GS {name!r}")

    def _raster(self) -> int:
        held = self._held
        if not self._need(8):
            return 0
        if held[2] != ord("0") or held[3] != 0:
            raise NotEscPosError(f"GS v {held[2]} {held[3]}")
        wide, high = held[4] + 256 * held[5], held[6] + 256 * held[7]
        length = 8 + wide * high
        if not self._need(length):
            return 0
        dots = np.unpackbits(np.frombuffer(bytes(held[8:length]), np.uint8).reshape(high, wide), axis=1)
        if 8 * wide > self._area:
            raise NotEscPosError(f"a picture of {8 * wide} dots on {self._area}")
        room = self._area - 8 * wide
        start = self._left + (0, room // 2, room)[self._alignment]
        for line in dots:
            row = np.zeros(self.width, np.uint8)
            row[start : start + 8 * wide] = line
            self.rows.append(row)
        return length

    def _advance(self, dots: int) -> None:
        self.rows.extend(np.zeros(self.width, np.uint8) for _ in range(dots))

    def _cut(self) -> None:
        if self.rows:
            picture = (1 - np.array(self.rows)) * 255
            self.papers.append(Image.fromarray(picture.astype(np.uint8), "L"))
        self.rows = []

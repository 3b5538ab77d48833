"""A printer that is none: reads the ESC/POS bytes of a job and draws the paper they would make.

For demonstrations and for looking at a ticket without a printer. It obeys the commands our jobs use, skips the text
it has no character set for, and answers status questions as a printer in order would. No files here and no wire.
"""

from __future__ import annotations

from typing import Final

from PIL import Image

_FIXED: Final = {  # commands of a fixed length that leave no dots: skipped
    b"\x1bt": 3, b"\x1bE": 3, b"\x1b-": 3, b"\x1bM": 3, b"\x1b!": 3, b"\x1bG": 3, b"\x1b{": 3, b"\x1bR": 3,
    b"\x1bc": 4, b"\x1d!": 3, b"\x1dB": 3, b"\x1db": 3, b"\x1dP": 4, b"\x1da": 3,
}  # fmt: skip
_LINE: Final = 30
"""Dots of a line feed by default (ESC 2: 1/6 inch at 180 dpi)."""
_IN_ORDER: Final = b"\x12"
"""What DLE EOT 1–4 answer when nothing is wrong: only the fixed bits are set."""


class Paper:
    """Bytes in, papers out. `feed` takes any piece of the stream and returns the answers the printer would give."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.papers: list[Image.Image] = []
        """Finished papers, oldest first; the owner takes them away. A cut ends one, or the question for its end."""
        self._pending = b""
        self._clear()
        self._reset()

    def _reset(self) -> None:
        self._align = self._margin = 0
        self._area = self.width
        self._spacing = _LINE

    def _clear(self) -> None:
        self._strip = Image.new("1", (self.width, 0), 1)

    def feed(self, data: bytes) -> bytes:
        """Obey `data`; an unfinished command waits for its rest."""
        self._pending += data
        answers = b""
        while self._pending:
            taken, answer = self._obey(self._pending)
            if taken == 0:
                break
            self._pending = self._pending[taken:]
            answers += answer
        return answers

    def _obey(self, data: bytes) -> tuple[int, bytes]:
        """Obey one command: bytes used (0: not all there yet) and the answer."""
        lead, name = data[:1], data[:2]
        if lead == b"\n":
            self._down(self._spacing)
        if lead not in {b"\x1b", b"\x1d", b"\x10"}:
            return 1, b""
        if len(data) < 2 or (name in {b"\x1dv", b"\x1d("} and len(data) < 8):
            return 0, b""
        length = self._length(data, name)
        if len(data) < length:
            return 0, b""
        return length, self._act(data[:length], name)

    def _length(self, data: bytes, name: bytes) -> int:
        if name == b"\x1dv":
            return 8 + int.from_bytes(data[4:6], "little") * int.from_bytes(data[6:8], "little")
        if name == b"\x1d(":
            return 5 + int.from_bytes(data[3:5], "little")
        if name == b"\x10\x14":
            return 10 if data[2:3] == b"\x08" else 5
        if name == b"\x1b*":
            columns = int.from_bytes(data[3:5], "little") if len(data) >= 5 else 0
            return 5 + columns * (3 if data[2:3] in {b"\x20", b"\x21"} else 1)
        if name == b"\x1dV":
            return 4 if data[2:3] in {b"\x41", b"\x42"} else 3
        lengths = {b"\x1b@": 2, b"\x1b2": 2, b"\x1dL": 4, b"\x1dW": 4, b"\x1b$": 4}
        return lengths.get(name, _FIXED.get(name, 3))

    def _act(self, command: bytes, name: bytes) -> bytes:
        value = command[2] if len(command) > 2 else 0
        match name:
            case b"\x1b@":
                self._reset()
            case b"\x1ba":
                self._align = value % 48
            case b"\x1dL":
                self._margin = int.from_bytes(command[2:4], "little")
            case b"\x1dW":
                self._area = int.from_bytes(command[2:4], "little")
            case b"\x1bJ":
                self._down(value)
            case b"\x1bd":
                self._down(value * self._spacing)
            case b"\x1b2":
                self._spacing = _LINE
            case b"\x1b3":
                self._spacing = value
            case b"\x1dv":
                columns, rows = (int.from_bytes(command[n : n + 2], "little") for n in (4, 6))
                self._picture(Image.frombytes("1", (8 * columns, rows), command[8:]), advance=True)
            case b"\x1b*":
                self._columns(command)
            case b"\x1dV":
                self._cut()
            case b"\x10\x04":
                return _IN_ORDER
            case b"\x10\x14" if value == 8:
                return b"\x37\x25\x00"
            case b"\x1dr":
                self._cut()  # where the printer has no knife its paper is torn off here
                return b"\x00"
            case b"\x1d(" if command[2:3] == b"H" and command[5:7] == b"00":
                self._cut()
                return b"\x37\x22" + command[7:11] + b"\x00"
        return b""

    def _columns(self, command: bytes) -> None:
        """ESC *: 8 or 24 dots high, column by column; the line feed after it moves on."""
        deep = 3 if command[2] in {32, 33} else 1
        stripe = Image.frombytes("1", (8 * deep, (len(command) - 5) // deep), command[5:])
        self._picture(stripe.transpose(Image.Transpose.TRANSPOSE), advance=False)

    def _picture(self, ink: Image.Image, *, advance: bool) -> None:
        """Burn `ink` (1 = dot) at the place the alignment gives; with `advance` the paper moves on by its height."""
        room = self._area - ink.width
        left = self._margin + (room // 2 if self._align == 1 else room if self._align == 2 else 0)
        top = self._strip.height
        self._down(ink.height)
        self._strip.paste(0, (left, top), ink)
        if not advance:
            self._strip = self._strip.crop((0, 0, self.width, top + ink.height - min(ink.height, self._spacing)))

    def _down(self, dots: int) -> None:
        longer = Image.new("1", (self.width, self._strip.height + dots), 1)
        longer.paste(self._strip, (0, 0))
        self._strip = longer

    def _cut(self) -> None:
        if self._strip.height:
            self.papers.append(self._strip)
        self._clear()

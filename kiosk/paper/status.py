"""What a printer says about itself: the bytes of DLE EOT, GS r, GS ( H and of automatic status, told apart and read.

Pure. The bits are those of Epson's "ESC/POS Command Reference"; each kind of answer has fixed bits by which it is
known, wherever the wire may divide it. What fits nothing is noise, and noise proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from server.protocol import PaperState, PrinterState, PrintFault

QUESTIONS: Final = (4, 2, 3, 1)
"""DLE EOT n in the order asked: paper, cause of being offline, error, printer."""


@dataclass(frozen=True, slots=True)
class Status:
    """`fault`: why nothing can be printed now; None when all is well. `low`: the roll is near its end."""

    fault: PrintFault | None = None
    low: bool = False
    known: bool = True
    """False where the printer has no way to answer."""

    @property
    def printer(self) -> PrinterState:
        """The printer's state, as the hall is told it."""
        return self.fault or "ok"

    @property
    def paper(self) -> PaperState:
        """The roll's state, as the hall is told it."""
        if self.fault == "paper_out":
            return "out"
        if not self.known or self.fault in {"offline", "timeout", "unknown"}:
            return "unknown"
        return "low" if self.low else "ok"


def is_status(byte: int) -> bool:
    """DLE EOT answers have bits 0, 1, 4, 7 = 0, 1, 1, 0."""
    return byte & 0x93 == 0x12


def is_sensor(byte: int) -> bool:
    """GS r 1 answers: bits 0 and 1 say near end, 2 and 3 say end, in pairs; all others are 0."""
    return byte in {0x00, 0x03, 0x0C, 0x0F}


def read(status: Status, question: int, byte: int) -> Status:
    """`status` with what the answer to DLE EOT `question` adds; the first fault found stays."""
    fault: PrintFault | None = None
    match question:
        case 4:
            if byte & 0x60:
                fault = "paper_out"
            status = replace(status, low=bool(byte & 0x0C))
        case 2:
            if byte & 0x04:
                fault = "cover_open"
            elif byte & 0x20:
                fault = "paper_out"
        case 3:
            if byte & 0x0C:  # bit 2 mechanical error on newer models, bit 3 the cutter
                fault = "jam"
            elif byte & 0x60:  # bit 5 cannot recover, bit 6 will recover (hot print head)
                fault = "unknown"
        case 1:
            if byte & 0x08:
                fault = "offline"
    return replace(status, fault=status.fault or fault)


def cause_first(status: Status, answers: dict[int, int]) -> Status:
    """An open cover also reports the paper as out (the sensor sees none): the cover is then the cause to tell."""
    if answers.get(2, 0) & 0x04:
        return replace(status, fault="cover_open")
    return status


def read_group(group: bytes) -> Status:
    """What the four bytes of automatic status (GS a) say, unasked."""
    first, second, third, _ = group
    fault: PrintFault | None = None
    if first & 0x20:
        fault = "cover_open"
    elif third & 0x0C:
        fault = "paper_out"
    elif second & 0x0C:  # bit 2 mechanical error, bit 3 the cutter
        fault = "jam"
    elif second & 0x60:  # bit 5 cannot recover, bit 6 will recover by itself
        fault = "unknown"
    return Status(fault=fault, low=bool(third & 0x03))


def _begins_group(byte: int) -> bool:
    """The first byte of automatic status has bits 0, 1, 4, 7 = 0, 0, 1, 0."""
    return byte & 0x93 == 0x10


def _in_group(byte: int) -> bool:
    """The other three have bits 4 and 7 = 0: alone they look like answers to GS r 1."""
    return byte & 0x90 == 0


_FLOW: Final = frozenset({0x11, 0x13})
"""XON, XOFF: they hold the sender back and answer nothing."""


class Answers:
    """The stream from the printer, sorted: status bytes, sensor bytes, process ids, cleared; automatic status in groups
    of four; the rest is noise. One for as long as a connection lasts: a group or block may come in pieces.
    """

    def __init__(self) -> None:
        self._block = bytearray()
        """A 0x37 block that is not all there."""
        self._group = bytearray()
        """Automatic status that is not all there. What has bit 4 set cannot belong to it and may come in between."""
        self.forget()

    def forget(self) -> None:
        """Answers to older questions count no more. A group or block under way goes on."""
        self.statuses: list[int] = []
        self.sensors = 0
        self.process_ids: list[str] = []
        self.groups: list[bytes] = []
        self.cleared = 0
        self.noise = 0

    @property
    def unasked(self) -> Status:
        """The last thing it said unasked; in order where it said nothing."""
        return read_group(self.groups[-1]) if self.groups else Status()

    def take(self, data: bytes) -> None:
        """Sort what has arrived."""
        for byte in data:
            if byte not in _FLOW:
                self._take(byte)

    def _take(self, byte: int) -> None:
        if self._block:
            self._block.append(byte)
            if self._block[1] not in {0x22, 0x25}:
                self._block.clear()
                self.noise += 1
                self._take(byte)
            elif len(self._block) == (7 if self._block[1] == 0x22 else 3):
                self._end_block(bytes(self._block))
                self._block.clear()
        elif byte == 0x37:
            self._block.append(byte)
        elif is_status(byte):
            self.statuses.append(byte)
        elif _begins_group(byte):
            self.noise += len(self._group)
            self._group = bytearray((byte,))
        elif self._group and _in_group(byte):
            self._group.append(byte)
            if len(self._group) == 4:
                self.groups.append(bytes(self._group))
                self._group.clear()
        else:
            self.noise += len(self._group)
            self._group.clear()
            if is_sensor(byte):
                self.sensors += 1
            else:
                self.noise += 1

    def _end_block(self, block: bytes) -> None:
        if block[-1] != 0:
            self.noise += len(block)
        elif block[1] == 0x22:
            self.process_ids.append(block[2:6].decode("ascii", "replace"))
        else:
            self.cleared += 1

"""What a printer says about itself: the bytes of DLE EOT, GS r and GS ( H, told apart and read.

Pure. The bits are those of Epson's "ESC/POS Command Reference"; each kind of answer has fixed bits by which it is
known. What fits nothing is noise, and noise proves nothing.
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
        return self.fault or "ok"

    @property
    def paper(self) -> PaperState:
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


class Answers:
    """The stream from the printer, sorted: status bytes, sensor bytes, process ids, cleared; the rest is noise."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.sensors: list[int] = []
        self.process_ids: list[str] = []
        self.cleared = 0
        self.noise = 0
        self._open = b""

    def take(self, data: bytes) -> None:
        """Sort what has arrived. Blocks (0x37 …) may come in pieces."""
        data = self._open + data
        self._open = b""
        while data:
            if data[0] == 0x37 and data[1:2] in {b"", b"\x22", b"\x25"}:
                length = 7 if data[1:2] == b"\x22" else 3
                if len(data) < length:
                    self._open = data
                    return
                self._block(data[:length])
                data = data[length:]
                continue
            self._single(data[0])
            data = data[1:]

    def _block(self, block: bytes) -> None:
        if block[-1] != 0:
            self.noise += len(block)
        elif block[1] == 0x22:
            self.process_ids.append(block[2:6].decode("ascii", "replace"))
        else:
            self.cleared += 1

    def _single(self, byte: int) -> None:
        if is_status(byte):
            self.statuses.append(byte)
        elif is_sensor(byte):
            self.sensors.append(byte)
        elif byte not in {0x11, 0x13}:  # XON, XOFF
            self.noise += 1

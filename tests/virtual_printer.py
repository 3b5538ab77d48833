"""A receipt printer for the tests, on a real pty or TCP port, with a buffer, a paper roll, and scripted faults.

It reads the wire as a printer does: real-time commands are obeyed on arrival, everything else goes through a buffer of
limited size. Where the wire can hold the sender back (`flow`), a full buffer takes nothing more; where it cannot, what
does not fit is lost. Its head may be slow and may rest, and it may speak unasked (automatic status back). Papers are
drawn by `escpos_reader`. Faults are plain attributes, to be set before or during a job.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol

from PIL import Image

from tests.escpos_reader import NotEscPosError, Reader
from tests.printer_ends import CLEAR, PtyEnd, TcpEnd

BUFFER = 4096
XON, XOFF = b"\x11", b"\x13"
_LATE = 128
"""Bytes of room at which XOFF is said: so many may still come, as on a real port."""


class End(Protocol):
    """The printer's end of a wire."""

    @property
    def spec(self) -> str: ...
    @property
    def heeds_xoff(self) -> bool: ...
    def receive(self, room: int) -> bytes: ...
    def receive_asides(self) -> bytes: ...
    def send(self, data: bytes) -> None: ...
    def pull(self) -> None: ...


class VirtualPrinter:
    """`with VirtualPrinter.on_tcp(576) as printer: … printer.spec` — a running printer and its `--printer` text."""

    def __init__(self, width: int, *, buffer: int = BUFFER) -> None:
        self.automatic: Literal["never", "while asked", "always"] = "never"
        """Automatic status back (GS a): four bytes at each change, and to each new connection. `always`: by a switch in
        the printer, whatever GS a says; `while asked`: on when the power came, off by GS a 0."""
        self.flow: Literal["held", "xon/xoff", "none"] = "held"
        """How a full buffer stops the sender: by the wire itself, as TCP, USB and RTS/CTS do; by XOFF; not at all."""
        self.head_speed: float | None = None
        """Dots a second; None is at once."""
        self.rest, self.rest_every = 0.0, 0
        """Seconds for which the head rests, each time so many dots have been printed (0: never)."""
        self.lost = 0
        """Bytes that came while the buffer was full."""
        self.near_end = False
        self.paper_out = False
        self.cover_open = False
        self.jam = False
        self.mute = False
        """Says nothing at all."""
        self.slow_to_answer = 0.0
        """Seconds until anything it says is heard."""
        self.noisy = False
        """Answers rubbish to every question."""
        self.keeps_confirmation = False
        """Prints, but never answers what is queued behind the job."""
        self.clears = True
        """Knows DLE DC4 8; many clones do not."""
        self.out_after: int | None = None
        """The paper runs out (or what `ends_by` says) once so many further dots have been printed."""
        self.ends_by: Literal["paper_out", "cover_open", "jam", "near_end"] = "paper_out"
        self.stall_after: int | None = None
        """Takes no more bytes after so many of them."""
        self.unplug_after: int | None = None
        """The wire is pulled after so many bytes."""
        self.unplug_at_confirmation = False
        """Pulled once everything is printed, before the answer."""
        self.reader = Reader(width)
        self.received = 0
        self.log = b""
        self.papers: list[Image.Image] = []
        self.questions = 0
        self.spec = ""
        self._capacity = buffer
        self._buffer = bytearray()
        self._partial = b""
        self._said: tuple[bytes, object] = (b"", None)
        self._head_free, self._since_rest = 0.0, 0
        self._unsaid: list[tuple[float, bytes]] = []
        self._stopped = False
        self._closing, self._pull, self._pulled = threading.Event(), threading.Event(), threading.Event()
        self._wire: End | None = None
        self._thread = threading.Thread(target=self._run, name="virtual printer", daemon=True)
        self.failure: BaseException | None = None

    @classmethod
    def on_pty(cls, width: int, *, buffer: int = BUFFER, node: Path | None = None) -> VirtualPrinter:
        """`node`: a name for the port that is there only while the printer is plugged in."""
        printer = cls(width, buffer=buffer)
        printer.plug_in(PtyEnd(node))
        return printer

    @classmethod
    def on_tcp(cls, width: int, *, buffer: int = BUFFER) -> VirtualPrinter:
        printer = cls(width, buffer=buffer)
        printer.plug_in(TcpEnd())
        return printer

    def plug_in(self, wire: End) -> None:
        self._wire = wire
        self.spec = wire.spec

    def plug_in_again(self) -> None:
        """The same printer on the same address or node, after it was unplugged: its power comes from there."""
        self.unplug_after, self.unplug_at_confirmation = None, False
        self._buffer.clear()
        self.reader.lose_everything()
        self._said = (b"", None)
        if isinstance(self._wire, TcpEnd):
            self._wire = TcpEnd(self._wire.port)
        else:
            assert isinstance(self._wire, PtyEnd)
            assert self._wire.node is not None
            self._wire = PtyEnd(self._wire.node)

    def unplug(self) -> None:
        """Pull the wire now; back once it is out."""
        self._pull.set()
        assert self._pulled.wait(5)
        self._pulled.clear()

    def mend(self) -> None:
        """All faults gone: paper is in, the cover shut, the wire let through."""
        self.paper_out = self.cover_open = self.jam = self.mute = self.noisy = self.near_end = False
        self.keeps_confirmation = False
        self.out_after = self.stall_after = self.unplug_after = None

    def __enter__(self) -> VirtualPrinter:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join(5)
        assert self._wire is not None
        self._wire.pull()
        if self.failure is not None and kind is None:
            raise self.failure

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._turn()
        except BaseException as error:  # noqa: BLE001 - handed to the test in __exit__
            self.failure = error

    def _turn(self) -> None:
        wire = self._wire
        assert wire is not None
        if self._pull.is_set():
            self._pull.clear()
            wire.pull()
            self._pulled.set()
        self._speak_unasked(wire)
        while self._unsaid and self._unsaid[0][0] <= time.monotonic():
            wire.send(self._unsaid.pop(0)[1])
        stuck = self.stall_after is not None and self.received >= self.stall_after
        if stuck:
            time.sleep(0.005)
        elif (room := self._room(wire)) <= 0:
            # A full printer still hears real-time commands (DLE EOT: "even when the receive buffer is full").
            self._arrived(wire.receive_asides(), overflow=True)
        else:
            if self.stall_after is not None:
                room = min(room, self.stall_after - self.received)
            if self.unplug_after is not None:
                room = min(room, self.unplug_after - self.received)
            data = wire.receive(max(room, 1))
            self.received += len(data)
            self.log += data
            self._arrived(data)
            if self.unplug_after is not None and self.received >= self.unplug_after:
                wire.pull()
                self.unplug_after = None
        self._print_some()

    def _room(self, wire: End) -> int:
        """Bytes to be taken from the wire now."""
        room = self._capacity - len(self._buffer)
        if self.flow == "held":
            return room
        if self.flow == "xon/xoff":
            blocked = self.paper_out or self.cover_open or self.jam  # offline: it says XOFF too
            if not self._stopped and (room < _LATE or blocked):
                self._stopped = True
                self._say(XOFF)
            elif self._stopped and room > self._capacity // 2 and not blocked:
                self._stopped = False
                self._say(XON)
            if self._stopped and wire.heeds_xoff:
                return 0  # what the kiosk wrote since then has not left its computer
        return 64

    def _arrived(self, data: bytes, *, overflow: bool = False) -> None:
        """Obey real-time commands, buffer the rest (or lose it). A DLE sequence may come in pieces."""
        held = bytes(self._buffer)
        self._sort(data)
        if overflow and self._buffer:
            self._buffer = bytearray(held)

    def _store(self, data: bytes) -> None:
        room = max(0, self._capacity - len(self._buffer)) if self.flow != "held" else len(data)
        self._buffer += data[:room]
        self.lost += len(data[room:])

    def _sort(self, data: bytes) -> None:
        data = self._partial + data
        self._partial = b""
        while data:
            start = data.find(b"\x10")
            if start < 0:
                self._store(data)
                return
            self._store(data[:start])
            data = data[start:]
            if data[:2] == b"\x10\x04" and len(data) >= 3 and 1 <= data[2] <= 4:
                self._question(data[2])
                data = data[3:]
            elif data.startswith(CLEAR):
                if self.clears:
                    self._buffer.clear()
                    self.reader.lose_everything()
                    self._say(b"\x37\x25\x00")
                data = data[len(CLEAR) :]
            elif (len(data) < 3 and b"\x10\x04".startswith(data[:2])) or CLEAR.startswith(data):
                self._partial = data
                return
            else:
                self._store(data[:1])
                data = data[1:]

    def _question(self, number: int) -> None:
        self.questions += 1
        byte = 0x12
        blocked = self.paper_out or self.cover_open or self.jam
        if number == 1 and blocked:
            byte |= 0x08
        if number == 2:
            byte |= 0x04 * self.cover_open | 0x20 * self.paper_out | 0x40 * self.jam
        if number == 3:
            byte |= 0x08 * self.jam
        if number == 4:
            byte |= 0x0C * (self.near_end or self.paper_out) | 0x60 * (self.paper_out or self.cover_open)
        self._say(bytes((byte,)))

    def _speak_unasked(self, wire: End) -> None:
        """Automatic status back, after Epson's GS a: at each change, and first of all."""
        if self.automatic == "never" or (self.automatic == "while asked" and self.reader.automatic is False):
            return
        blocked = self.paper_out or self.cover_open or self.jam
        group = bytes(
            (
                0x10 | 0x08 * blocked | 0x20 * self.cover_open,
                0x0C * self.jam,
                0x03 * (self.near_end or self.paper_out) | 0x0C * (self.paper_out or self.cover_open),
                0x0F * self.near_end,
            )
        )
        link = wire.link if isinstance(wire, TcpEnd) else wire
        if link is not None and (group, link) != self._said:
            self._said = (group, link)
            self._say(group[:2])  # in two pieces, as a slow line brings it
            time.sleep(0.002)
            self._say(group[2:])

    def _say(self, data: bytes) -> None:
        if self.mute:
            return
        if self.noisy:
            data = bytes(byte ^ 0xA5 for byte in data) + b"\xff\xfe"
        assert self._wire is not None
        if self.slow_to_answer or self._unsaid:
            self._unsaid.append((time.monotonic() + self.slow_to_answer, data))
        else:
            self._wire.send(data)

    def _print_some(self) -> None:
        """Carry out what is buffered, as far as paper, cover and head allow."""
        while self._buffer and not (self.paper_out or self.cover_open or self.jam):
            if time.monotonic() < self._head_free:
                return
            before = len(self.reader.rows)
            size = 256 if self.head_speed is None else 64
            piece = bytes(self._buffer[:size])
            del self._buffer[:size]
            self._read(piece)
            self._move_on(max(0, len(self.reader.rows) - before))
            while self.reader.papers:
                self.papers.append(self.reader.papers.pop(0))
            answers, self.reader.answers = self.reader.answers, b""
            if answers and self.unplug_at_confirmation:
                assert self._wire is not None
                self._wire.pull()
            elif answers and not self.keeps_confirmation:
                self._say(answers)

    def _read(self, piece: bytes) -> None:
        while True:
            try:
                self.reader.feed(piece)
            except NotEscPosError:
                if not self.lost:
                    raise
                self.reader.print_rubbish()
                piece = b""
            else:
                return

    def _move_on(self, dots: int) -> None:
        """So many dots were printed: the roll ends, the head is busy for a while."""
        if self.out_after is not None:
            self.out_after -= dots
            if self.out_after <= 0:
                self.out_after = None
                setattr(self, self.ends_by, True)
        if self.head_speed is not None:
            self._head_free = time.monotonic() + dots / self.head_speed
        self._since_rest += dots
        if self.rest_every and self._since_rest >= self.rest_every:
            self._since_rest = 0
            self._head_free = max(self._head_free, time.monotonic()) + self.rest

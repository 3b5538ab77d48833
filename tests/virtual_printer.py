"""A receipt printer for the tests, on a real pty or TCP port, with a buffer, a paper roll, and scripted faults.

It reads the wire as a printer does: real-time commands are obeyed on arrival, everything else goes through a buffer of
limited size, and a full buffer means that nothing more is taken. Papers are drawn by `escpos_reader`. Faults are plain
attributes, to be set before or during a job.
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import os
import pty
import re
import select
import socket
import termios
import threading
import time
import tty
from types import TracebackType

from PIL import Image

from tests.escpos_reader import Reader

BUFFER = 4096
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


class VirtualPrinter:
    """`with VirtualPrinter.on_tcp(576) as printer: … printer.spec` — a running printer and its `--printer` text."""

    def __init__(self, width: int, *, buffer: int = BUFFER) -> None:
        self.near_end = False
        self.paper_out = False
        self.cover_open = False
        self.jam = False
        self.mute = False
        """Says nothing at all."""
        self.noisy = False
        """Answers rubbish to every question."""
        self.keeps_confirmation = False
        """Prints, but never answers what is queued behind the job."""
        self.clears = True
        """Knows DLE DC4 8; many clones do not."""
        self.out_after: int | None = None
        """The paper runs out once so many further dots have been printed."""
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
        self._closing, self._pull, self._pulled = threading.Event(), threading.Event(), threading.Event()
        self._wire: _PtyEnd | _TcpEnd | None = None
        self._thread = threading.Thread(target=self._run, name="virtual printer", daemon=True)
        self.failure: BaseException | None = None

    @classmethod
    def on_pty(cls, width: int, *, buffer: int = BUFFER) -> VirtualPrinter:
        printer = cls(width, buffer=buffer)
        printer.plug_in(_PtyEnd())
        return printer

    @classmethod
    def on_tcp(cls, width: int, *, buffer: int = BUFFER) -> VirtualPrinter:
        printer = cls(width, buffer=buffer)
        printer.plug_in(_TcpEnd())
        return printer

    def plug_in(self, wire: _PtyEnd | _TcpEnd) -> None:
        self._wire = wire
        self.spec = wire.spec

    def plug_in_again(self) -> None:
        """The same printer on the same address, after it was unplugged (TCP)."""
        self.unplug_after, self.unplug_at_confirmation = None, False
        assert isinstance(self._wire, _TcpEnd)
        self._wire = _TcpEnd(self._wire.port)

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
        stuck = self.stall_after is not None and self.received >= self.stall_after
        room = self._capacity - len(self._buffer)
        if stuck:
            time.sleep(0.005)
        elif room <= 0:
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

    def _arrived(self, data: bytes, *, overflow: bool = False) -> None:
        """Obey real-time commands, buffer the rest (or lose it). A DLE sequence may come in pieces."""
        held = bytes(self._buffer)
        self._sort(data)
        if overflow and self._buffer:
            self._buffer = bytearray(held)

    def _sort(self, data: bytes) -> None:
        data = self._partial + data
        self._partial = b""
        while data:
            start = data.find(b"\x10")
            if start < 0:
                self._buffer += data
                return
            self._buffer += data[:start]
            data = data[start:]
            if data[:2] == b"\x10\x04" and len(data) >= 3 and 1 <= data[2] <= 4:
                self._question(data[2])
                data = data[3:]
            elif data.startswith(_CLEAR):
                if self.clears:
                    self._buffer.clear()
                    self.reader.lose_everything()
                    self._say(b"\x37\x25\x00")
                data = data[len(_CLEAR) :]
            elif (len(data) < 3 and b"\x10\x04".startswith(data[:2])) or _CLEAR.startswith(data):
                self._partial = data
                return
            else:
                self._buffer += data[:1]
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

    def _say(self, data: bytes) -> None:
        if self.mute:
            return
        if self.noisy:
            data = bytes(byte ^ 0xA5 for byte in data) + b"\xff\xfe"
        assert self._wire is not None
        self._wire.send(data)

    def _print_some(self) -> None:
        """Carry out what is buffered, as far as paper and cover allow."""
        while self._buffer and not (self.paper_out or self.cover_open or self.jam):
            before = len(self.reader.rows)
            piece = bytes(self._buffer[:256])
            del self._buffer[:256]
            self.reader.feed(piece)
            if self.out_after is not None:
                self.out_after -= max(0, len(self.reader.rows) - before)
                if self.out_after <= 0:
                    self.paper_out, self.out_after = True, None
            while self.reader.papers:
                self.papers.append(self.reader.papers.pop(0))
            answers, self.reader.answers = self.reader.answers, b""
            if answers and self.unplug_at_confirmation:
                assert self._wire is not None
                self._wire.pull()
            elif answers and not self.keeps_confirmation:
                self._say(answers)


class _PtyEnd:
    """The printer's end of a pseudo-terminal; the kiosk opens the other as a serial port."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.spec = f"serial:{os.ttyname(self._slave)}@115200"
        self._open = True
        self._held = b""

    def receive(self, room: int) -> bytes:
        if not self._open:
            time.sleep(0.01)
            return b""
        if self._held:
            data, self._held = self._held[:room], self._held[room:]
            return data
        ready, _, _ = select.select([self._master], [], [], 0.01)
        if not ready:
            return b""
        try:
            return os.read(self._master, room)
        except OSError:  # the kiosk's side is closed at the moment
            return b""

    def receive_asides(self) -> bytes:
        """A few bytes waiting alone: a real-time command sent while the job is held back, or the end of a piece of it.

        The latter stays where it is, and what comes after it too: the wire keeps its order.
        """
        waiting = array.array("i", [0])
        fcntl.ioctl(self._master, termios.FIONREAD, waiting)
        if not self._held and 0 < waiting[0] <= 12:
            data = os.read(self._master, 12)
            if re.fullmatch(rb"(\x10\x04[\x01-\x04])+|" + re.escape(_CLEAR), data):
                return data
            self._held = data
        time.sleep(0.005)
        return b""

    def send(self, data: bytes) -> None:
        if self._open:
            os.write(self._master, data)

    def pull(self) -> None:
        if self._open:
            self._open = False
            os.close(self._slave)
            os.close(self._master)


class _TcpEnd:
    """A printer that takes one connection at a time."""

    def __init__(self, port: int = 0) -> None:
        self._server = socket.socket()
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # A small window, so that a printer that takes no more bytes is soon felt by the sender.
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self._server.bind(("127.0.0.1", port))
        self._server.listen(1)
        self.port: int = self._server.getsockname()[1]
        self.spec = f"tcp:127.0.0.1:{self.port}"
        self._link: socket.socket | None = None
        self._aside = False

    def receive(self, room: int) -> bytes:
        if self._server.fileno() < 0:
            time.sleep(0.01)
            return b""
        if self._link is None:
            ready, _, _ = select.select([self._server], [], [], 0.01)
            if not ready:
                return b""
            self._link, _ = self._server.accept()
            self._aside = False
        ready, _, _ = select.select([self._link], [], [], 0.01)
        if not ready:
            return b""
        data = b""
        with contextlib.suppress(OSError):
            data = self._link.recv(room)
        if not data:
            self._link.close()
            self._link = None
        return data

    def receive_asides(self) -> bytes:
        """What a new connection says while the old one's job fills the buffer."""
        ready, _, _ = select.select([self._server], [], [], 0.005)
        if ready:
            if self._link is not None:
                self._link.close()
            self._link, _ = self._server.accept()
            self._aside = True
        if self._link is None or not self._aside:
            return b""
        ready, _, _ = select.select([self._link], [], [], 0.005)
        with contextlib.suppress(OSError):
            if ready:
                return self._link.recv(12)
        return b""

    def send(self, data: bytes) -> None:
        if self._link is not None:
            with contextlib.suppress(OSError):  # the host let go
                self._link.sendall(data)

    def pull(self) -> None:
        self._server.close()
        if self._link is not None:
            # RST, as when a cable or the power is pulled and the printer starts anew.
            self._link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self._link.close()
            self._link = None

"""The printer's ends of a wire, for the tests: a pseudo-terminal and a TCP port. They carry bytes, no more."""

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
import time
import tty
from pathlib import Path

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8."""


class PtyEnd:
    """The printer's end of a pseudo-terminal; the kiosk opens the other as a serial port.

    With `node`, a path, the port has that name as long as it is plugged in, as udev gives one.
    """

    def __init__(self, node: Path | None = None) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        name = os.ttyname(self._slave)
        self.node = node
        if node is not None:
            node.symlink_to(name)
        self.spec = f"serial:{node or name}@115200"
        self._open = True
        self._held = b""

    @property
    def heeds_xoff(self) -> bool:
        """The kiosk has told its port to stop at XOFF: what it writes then waits in its own computer."""
        return self._open and bool(termios.tcgetattr(self._slave)[0] & termios.IXON)

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
            if re.fullmatch(rb"(\x10\x04[\x01-\x04])+|" + re.escape(CLEAR), data):
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
            if self.node is not None:
                self.node.unlink()
            os.close(self._slave)
            os.close(self._master)


class TcpEnd:
    """A printer that takes one connection at a time."""

    heeds_xoff = False

    def __init__(self, port: int = 0) -> None:
        self._server = socket.socket()
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # A small window, so that a printer that takes no more bytes is soon felt by the sender.
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self._server.bind(("127.0.0.1", port))
        self._server.listen(1)
        self.port: int = self._server.getsockname()[1]
        self.spec = f"tcp:127.0.0.1:{self.port}"
        self.link: socket.socket | None = None
        self._aside = False

    def receive(self, room: int) -> bytes:
        if self._server.fileno() < 0:
            time.sleep(0.01)
            return b""
        if self.link is None:
            ready, _, _ = select.select([self._server], [], [], 0.01)
            if not ready:
                return b""
            self.link, _ = self._server.accept()
            self._aside = False
        ready, _, _ = select.select([self.link], [], [], 0.01)
        if not ready:
            return b""
        data = b""
        with contextlib.suppress(OSError):
            data = self.link.recv(room)
        if not data:
            self.link.close()
            self.link = None
        return data

    def receive_asides(self) -> bytes:
        """What a new connection says while the old one's job fills the buffer."""
        ready, _, _ = select.select([self._server], [], [], 0.005)
        if ready:
            if self.link is not None:
                self.link.close()
            self.link, _ = self._server.accept()
            self._aside = True
        if self.link is None or not self._aside:
            return b""
        ready, _, _ = select.select([self.link], [], [], 0.005)
        with contextlib.suppress(OSError):
            if ready:
                return self.link.recv(12)
        return b""

    def send(self, data: bytes) -> None:
        if self.link is not None:
            with contextlib.suppress(OSError):  # the host let go
                self.link.sendall(data)

    def pull(self) -> None:
        self._server.close()
        if self.link is not None:
            # RST, as when a cable or the power is pulled and the printer starts anew.
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.link.close()
            self.link = None

"""A network printer on TCP (port 9100, "raw"). Bytes and time-outs only; nothing of ESC/POS."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from typing import Final

from kiosk.paper.wires import Gone

_CONNECT: Final = 2.0
_NO_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class TcpWire:
    """A printer on the network, usually at port 9100."""

    answers = True
    keeps_open = False
    """Most network printers take one connection at a time: hold it only while there is something to say."""
    may_lose = False

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """See :class:`Wire`."""
        if self._socket is not None:
            return
        try:
            self._socket = socket.create_connection(self._address, timeout=_CONNECT)
        except OSError as error:
            raise Gone(f"{self._address[0]}:{self._address[1]}: {error}") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data: bytes, timeout: float) -> int:
        """See :class:`Wire`."""
        wire = self._open_socket()
        wire.settimeout(timeout)
        sent = 0
        try:
            while sent < len(data):
                sent += wire.send(data[sent : sent + 4096])
        except TimeoutError:
            return sent
        except OSError as error:
            raise Gone(str(error)) from error
        return sent

    def read(self, timeout: float) -> bytes:
        """See :class:`Wire`."""
        wire = self._open_socket()
        wire.settimeout(max(timeout, 0.001))
        try:
            data = wire.recv(4096)
        except TimeoutError:
            return b""
        except OSError as error:
            raise Gone(str(error)) from error
        if not data:
            raise Gone("the printer closed the connection")
        return data

    def close(self, *, discard: bool = False) -> None:
        """See :class:`Wire`."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it may be gone already
                if discard:
                    # Linger 0: RST instead of FIN, so that neither side delivers the rest (socket(7), SO_LINGER).
                    self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                else:
                    self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise Gone("not connected")
        return self._socket

"""A printer on a serial port, or on USB as a serial port, by pyserial, with a write time-out.

Bytes and time-outs only. The port stays open between jobs: opening it toggles DTR, which some printers take for a
reset. A printer with a full buffer says XOFF, which the system's driver obeys; or it lets go of CTS, by option.
"""

from __future__ import annotations

import contextlib
import sys
import time
from typing import Final

import serial

from kiosk.paper.wires import Gone

if sys.platform == "win32":
    _TROUBLE: tuple[type[Exception], ...] = (OSError,)
else:
    import termios

    _TROUBLE = (OSError, termios.error)
    """pyserial lets the system's own errors through; SerialException is an OSError, termios.error is not."""

_CHUNK: Final = 512
"""Bytes handed over at a time: half a second at 9,600 baud, well inside the time-outs."""


class SerialWire:
    """A printer on a serial port."""

    answers = True
    keeps_open = True
    may_lose = True
    """Whether cable and printer do what the port was told cannot be known."""

    def __init__(self, port: str, baud: int, *, rtscts: bool = False) -> None:
        self._name, self._baud, self._rtscts = port, baud, rtscts
        self._port: serial.Serial | None = None

    def open(self) -> None:
        """See :class:`Wire`."""
        if self._port is not None:
            return
        try:
            self._port = serial.Serial(
                self._name,
                self._baud,
                timeout=0,
                write_timeout=3.0,
                xonxoff=not self._rtscts,
                rtscts=self._rtscts,
            )
        except ValueError as error:
            raise Gone(f"{self._name}: {error}") from error
        except _TROUBLE as error:
            raise Gone(f"{self._name}: {error}") from error

    def write(self, data: bytes, timeout: float) -> int:
        """See :class:`Wire`."""
        port = self._open_port()
        sent = 0
        try:
            port.write_timeout = timeout
            while sent < len(data):
                chunk = data[sent : sent + _CHUNK]
                taken = port.write(chunk)
                sent += len(chunk) if taken is None else taken
                if not self._drained(port, timeout):
                    return sent - min(sent, port.out_waiting)
        except serial.SerialTimeoutException:
            return sent
        except _TROUBLE as error:
            raise Gone(f"{self._name}: {error}") from error
        return sent

    @staticmethod
    def _drained(port: serial.Serial, timeout: float) -> bool:
        """Wait until the system has put the bytes on the wire; False once nothing has moved for `timeout` seconds.

        Without this a slow port would still be sending seconds after the last byte seemed to be taken.
        """
        waiting = port.out_waiting
        last_move = time.monotonic()
        while waiting > 0:
            if time.monotonic() - last_move > timeout:
                return False
            time.sleep(0.002)
            now = port.out_waiting
            if now < waiting:
                last_move = time.monotonic()
            waiting = now
        return True

    def read(self, timeout: float) -> bytes:
        """See :class:`Wire`."""
        port = self._open_port()
        try:
            port.timeout = timeout
            first = bytes(port.read(1))
            return first + bytes(port.read(port.in_waiting)) if first else b""
        except _TROUBLE as error:
            raise Gone(f"{self._name}: {error}") from error

    def close(self, *, discard: bool = False) -> None:
        """See :class:`Wire`."""
        if self._port is not None:
            if discard:
                with contextlib.suppress(*_TROUBLE):  # an unplugged port has nothing to drop
                    self._port.reset_output_buffer()
                    # A printer in trouble has said XOFF and hears nothing more: the port must not stay stopped.
                    self._port.xonxoff = False
            with contextlib.suppress(*_TROUBLE):
                self._port.close()
            self._port = None

    def _open_port(self) -> serial.Serial:
        if self._port is None:
            raise Gone("not open")
        return self._port

"""The wires to a printer: what each must do, and which one a `--printer` text means.

A wire carries bytes and knows how long it may take; it knows nothing of ESC/POS. One kind, one module beside this
one. Every call ends within its time-out, whatever the printer does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Gone(Exception):
    """The printer cannot be reached (any more): refused, unplugged, no such port. Says why."""


class Wire(Protocol):
    """One printer's wire, for one thread. After :class:`Gone` it may be opened again."""

    @property
    def answers(self) -> bool:
        """The printer can say something back on this wire."""
        ...

    @property
    def keeps_open(self) -> bool:
        """The wire stays open between jobs; network printers want to be let go."""
        ...

    @property
    def may_lose(self) -> bool:
        """Bytes sent to a full printer may be lost: nothing on the wire surely holds the sender back."""
        ...

    def open(self) -> None:
        """Open it; nothing to do if it is open. Raises Gone within 2 s."""
        ...

    def write(self, data: bytes, timeout: float) -> int:
        """Hand bytes over. Returns how many were taken; fewer than all: nothing moved for `timeout` seconds."""
        ...

    def read(self, timeout: float) -> bytes:
        """What has arrived, at once if something has; b"" after `timeout` seconds of silence."""
        ...

    def close(self, *, discard: bool = False) -> None:
        """Let go; never raises. With `discard`, what was taken and not yet delivered is dropped on the way."""
        ...


def wire_of(spec: str, *, width: int, on_paper: Callable[[Path], None] = lambda _: None) -> Wire:
    """The wire that a `--printer` text names. ValueError, with a sentence for a person, if there is none.

    `width` (dots) is the paper's, and `on_paper` is told the picture's path, both for `preview:` only.
    """
    kind, colon, rest = spec.partition(":")
    if not colon or not rest:
        raise ValueError(f"--printer {spec!r}: expected {FORMS}")
    if kind == "preview":
        from kiosk.paper.wires.preview import PreviewWire

        return PreviewWire(Path(rest), width, on_paper)
    if kind == "serial":
        from kiosk.paper.wires.serial_port import SerialWire

        rest, _, flow = rest.rpartition(",") if "," in rest else (rest, "", "xonxoff")
        if flow not in {"xonxoff", "rtscts"}:
            raise ValueError(f"--printer {spec!r}: after the comma xonxoff or rtscts is expected")
        port, _, baud = rest.partition("@")
        if not port or (baud and not (baud.isascii() and baud.isdecimal())):
            raise ValueError(f"--printer {spec!r}: the speed after @ must be a number, e.g. serial:COM3@19200")
        return SerialWire(port, int(baud or 9600), rtscts=flow == "rtscts")
    if kind == "tcp":
        from kiosk.paper.wires.tcp import TcpWire

        host, port_number = _host_and_port(rest, spec)
        return TcpWire(host, port_number)
    if kind == "usb":
        from kiosk.paper.wires.usb import UsbWire

        vendor, _, product = rest.partition(":")
        try:
            return UsbWire(int(vendor, 16), int(product, 16))
        except ValueError:
            raise ValueError(f"--printer {spec!r}: expected usb:VID:PID in hex, e.g. usb:04b8:0e15") from None
    if kind == "file":
        from kiosk.paper.wires.device_file import FileWire

        return FileWire(Path(rest))
    if kind == "windows":
        from kiosk.paper.wires.windows_queue import WindowsWire, spooler

        return WindowsWire(rest, spooler())
    raise ValueError(f"--printer {spec!r}: unknown kind {kind!r}; expected {FORMS}")


FORMS = "preview:DIR, serial:PORT[@BAUD][,rtscts], tcp:HOST[:9100], usb:VID:PID, file:PATH or (on Windows) windows:NAME"


def _host_and_port(text: str, spec: str) -> tuple[str, int]:
    """`host`, `host:9100`, `[::1]:9100` → host and port."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, "9100"
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"--printer {spec!r}: expected tcp:HOST or tcp:HOST:PORT, e.g. tcp:192.168.1.50:9100")
    return host.strip("[]"), int(port)

"""`luot-kiosk --list-printers`: what `--printer` may be on this PC, and what keeps it from being used."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_CLASS: Final = 7
"""USB Device Class Definition for Printing Devices, 1.1."""


def listed(usb_backend: Any = None) -> str:
    """One line a printer, ready to be put behind `--printer`; below them how to go on."""
    found = [*_usb(usb_backend), *_queues(), *_device_files(), *_serial()]
    lines = [f"  {spec:<28} {words}" for spec, words in found]
    if not lines:
        lines = ["  none found: is it switched on, and its cable plugged in?"]
    return "\n".join(
        [
            "Printers of this PC, as --printer takes them:",
            *lines,
            "",
            "A network printer is tcp:ADDRESS (its self-test page shows the address: hold FEED while switching it on).",
            "A printer without any of these: --printer preview:DIR draws the papers into a folder.",
            "",
        ]
    )


def _usb(backend: Any) -> Iterator[tuple[str, str]]:
    import usb.core
    import usb.util

    try:
        devices = list(usb.core.find(find_all=True, custom_match=_is_printer, backend=backend))
    except usb.core.NoBackendError:
        yield "usb:…", "cannot be looked for: libusb is missing (apt-get install libusb-1.0-0)"
        return
    for device in devices:
        spec = f"usb:{device.idVendor:04x}:{device.idProduct:04x}"
        try:
            name = " ".join(filter(None, (device.manufacturer, device.product))) or "printer"
            yield spec, name
        except (ValueError, usb.core.USBError):  # pyusb says so where it may not read the names
            yield spec, "no right to use it: luot install kiosk writes the rule that gives it"


def _is_printer(device: Any) -> bool:
    try:
        return any(interface.bInterfaceClass == _CLASS for configuration in device for interface in configuration)
    except (ValueError, OSError):  # USBError is an OSError: a device that does not tell is no printer of ours
        return False


def _queues() -> Iterator[tuple[str, str]]:
    if sys.platform != "win32":
        return
    from kiosk.paper.wires.windows_queue import queues, spooler

    try:
        yield from ((f'"windows:{name}"', "Windows' printer queue") for name in queues(spooler()))
    except ValueError as error:
        yield "windows:…", str(error)


def _device_files(folder: Path = Path("/dev/usb")) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("lp*")) if folder.is_dir() else ():
        right = "" if os.access(path, os.W_OK) else "; no right to use it: add the user to the group lp"
        yield f"file:{path}", f"the same printer as a device file, which cannot answer{right}"


def _serial() -> Iterator[tuple[str, str]]:
    from serial.tools import list_ports

    for port in sorted(list_ports.comports()):
        if port.hwid != "n/a":
            right = "" if sys.platform == "win32" or os.access(port.device, os.W_OK) else "; no right: group dialout"
            words = f"{port.description}, if a printer is on it (its speed is on its self-test: @19200){right}"
            yield f"serial:{port.device}", words

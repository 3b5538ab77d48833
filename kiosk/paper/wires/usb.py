"""A printer on USB by pyusb, as a printer-class device with bulk endpoints. Bytes and time-outs only.

The device is found anew at each opening, so that one plugged in again is taken up.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

import usb.core
import usb.util

from kiosk.paper.wires import Gone

_PRINTER_CLASS: Final = 7
"""USB Device Class Definition for Printing Devices, 1.1."""
_CHUNK: Final = 4096


class UsbWire:
    """A printer on USB, without the system's driver."""

    keeps_open = True
    may_lose = False

    def __init__(self, vendor: int, product: int, backend: Any = None) -> None:
        self._ids = (vendor, product)
        self._backend = backend
        self._device: Any = None
        self._out: Any = None
        self._in: Any = None

    @property
    def answers(self) -> bool:
        """A printer without a bulk-in endpoint cannot answer; known once it has been open."""
        return self._device is None or self._in is not None

    def open(self) -> None:
        """See :class:`Wire`."""
        if self._device is not None:
            return
        name = f"usb:{self._ids[0]:04x}:{self._ids[1]:04x}"
        try:
            device = usb.core.find(idVendor=self._ids[0], idProduct=self._ids[1], backend=self._backend)
            if device is None:
                raise Gone(f"{name}: no such device")
            self._claim(device, name)
        except usb.core.NoBackendError as error:
            raise Gone(f"{name}: no libusb on this machine") from error
        except (usb.core.USBError, NotImplementedError) as error:
            raise Gone(f"{name}: {error}") from error
        self._device = device

    def _claim(self, device: Any, name: str) -> None:
        try:
            chosen = device.get_active_configuration()
        except usb.core.USBError:  # just plugged in, and no driver has chosen one
            device.set_configuration()
            chosen = device.get_active_configuration()
        interface = usb.util.find_descriptor(chosen, bInterfaceClass=_PRINTER_CLASS) or chosen[(0, 0)]
        number = interface.bInterfaceNumber
        with contextlib.suppress(NotImplementedError):  # Windows and macOS have no driver to detach
            if device.is_kernel_driver_active(number):
                device.detach_kernel_driver(number)
        usb.util.claim_interface(device, number)
        self._out = _endpoint(interface, usb.util.ENDPOINT_OUT)
        self._in = _endpoint(interface, usb.util.ENDPOINT_IN)
        if self._out is None:
            raise Gone(f"{name}: no bulk-out endpoint; not a printer")

    def write(self, data: bytes, timeout: float) -> int:
        """See :class:`Wire`."""
        if self._device is None:
            raise Gone("not open")
        sent = 0
        try:
            while sent < len(data):
                sent += int(self._out.write(data[sent : sent + _CHUNK], timeout=round(timeout * 1000)))
        except usb.core.USBTimeoutError:
            return sent
        except usb.core.USBError as error:
            raise Gone(str(error)) from error
        return sent

    def read(self, timeout: float) -> bytes:
        """See :class:`Wire`."""
        if self._device is None:
            raise Gone("not open")
        if self._in is None:
            return b""
        try:
            # libusb takes 0 as "for ever".
            return bytes(self._in.read(64, timeout=max(1, round(timeout * 1000))))
        except usb.core.USBTimeoutError:
            return b""
        except usb.core.USBError as error:
            raise Gone(str(error)) from error

    def close(self, *, discard: bool = False) -> None:  # noqa: ARG002 - nothing is held back here
        """See :class:`Wire`."""
        if self._device is not None:
            with contextlib.suppress(usb.core.USBError):  # it may be unplugged
                usb.util.dispose_resources(self._device)
            self._device = self._out = self._in = None


def _endpoint(interface: Any, direction: int) -> Any:
    return usb.util.find_descriptor(
        interface,
        custom_match=lambda end: (
            usb.util.endpoint_direction(end.bEndpointAddress) == direction
            and usb.util.endpoint_type(end.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
        ),
    )

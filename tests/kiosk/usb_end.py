"""The USB cable between pyusb and the virtual printer: a pyusb backend whose only device is that printer."""

from __future__ import annotations

# ruff: noqa: ARG002 - pyusb's own signatures
import errno
import threading
import time
from array import array
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

VENDOR, PRODUCT = 0x04B8, 0x0E15
OUT, IN = 0x01, 0x82
_BULK = 2
_PIPE = 2048
"""Bytes on their way at most; the rest waits for the printer."""


class UsbEnd(usb.backend.IBackend):
    """Both ends at once: what pyusb asks of a backend, and what the virtual printer asks of its wire."""

    heeds_xoff = False

    def __init__(self, *, both_ways: bool = True, configured: bool = True) -> None:
        self.spec = f"usb:{VENDOR:04x}:{PRODUCT:04x}"
        self.plugged = True
        self.driver = True
        """The system's own printer driver holds the device."""
        self.claimed: set[int] = set()
        self._configured = int(configured)
        self._ends = (OUT, IN) if both_ways else (OUT,)
        self._there, self._back = bytearray(), bytearray()
        self._moved = threading.Condition()

    # --- the printer's side -----------------------------------------------------------------------------------

    def receive(self, room: int) -> bytes:
        with self._moved:
            if not self._there:
                self._moved.wait(0.01)
            data = bytes(self._there[:room])
            del self._there[:room]
            self._moved.notify_all()
        return data

    def receive_asides(self) -> bytes:
        time.sleep(0.005)  # bulk data keep their order: nothing overtakes
        return b""

    def send(self, data: bytes) -> None:
        with self._moved:
            self._back += data
            self._moved.notify_all()

    def pull(self) -> None:
        with self._moved:
            self.plugged = False
            self._there.clear()
            self._back.clear()
            self.claimed.clear()
            self._moved.notify_all()

    def plug(self) -> None:
        self.plugged, self.driver = True, True

    # --- pyusb's side -----------------------------------------------------------------------------------------

    def enumerate_devices(self) -> Iterator[str]:
        yield from ["the printer"] if self.plugged else []

    def get_device_descriptor(self, dev: Any) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x0200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=VENDOR, idProduct=PRODUCT, bcdDevice=0, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, address=1, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: Any, config: int) -> Any:
        if config:
            raise IndexError(config)
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: Any, intf: int, alt: int, config: int) -> Any:
        if intf or alt:
            raise IndexError(intf)
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=len(self._ends),
            bInterfaceClass=7, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: Any, ep: int, intf: int, alt: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=self._ends[ep], bmAttributes=_BULK, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: Any) -> str:
        self._present()
        return "handle"

    def close_device(self, dev_handle: Any) -> None:
        self.claimed.clear()

    def get_configuration(self, dev_handle: Any) -> int:
        self._present()
        return self._configured

    def set_configuration(self, dev_handle: Any, config_value: int) -> None:
        self._present()
        self._configured = config_value

    def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
        self._present()
        return self.driver

    def detach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
        self.driver = False

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        self._present()
        if self.driver:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        self.claimed.add(intf)

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        self._present()
        self.claimed.discard(intf)

    def bulk_write(self, dev_handle: Any, ep: int, intf: int, data: Any, timeout: int) -> int:
        """What did not fit in time is lost to the caller, and what did is not counted: as libusb tells it."""
        assert (ep, intf in self.claimed) == (OUT, True)
        left, end = bytes(data), time.monotonic() + timeout / 1000
        with self._moved:
            while True:
                self._present()
                room = _PIPE - len(self._there)
                self._there += left[:room]
                left = left[room:]
                self._moved.notify_all()
                if not left:
                    return len(data)
                self._wait(end)

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        assert (ep, intf in self.claimed) == (IN, True)
        end = time.monotonic() + timeout / 1000
        with self._moved:
            while not self._back:
                self._present()
                self._wait(end)
            count = min(len(buff), len(self._back))
            buff[:count] = array("B", self._back[:count])
            del self._back[:count]
            return count

    def _wait(self, end: float) -> None:
        left = end - time.monotonic()
        if left <= 0:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        self._moved.wait(left)

    def _present(self) -> None:
        if not self.plugged:
            raise usb.core.USBError("No such device (it may have been disconnected)", -4, errno.ENODEV)

"""The printer's thread: whatever breaks there, there is an outcome and the kiosk goes on."""

from __future__ import annotations

import asyncio

from kiosk.paper.escpos import model_of
from kiosk.paper.printer import Printer
from kiosk.paper.thread import PrinterThread
from tests.kiosk import samples


class Broken:
    """A wire whose driver fails in a way that no wire foresaw."""

    answers = keeps_open = True
    may_lose = False

    def open(self) -> None:
        raise TypeError("'NoneType' object cannot be interpreted as an integer")

    def write(self, data: bytes, timeout: float) -> int:  # noqa: ARG002 - the wire's contract
        raise TypeError

    def read(self, timeout: float) -> bytes:  # noqa: ARG002
        raise TypeError

    def close(self, *, discard: bool = False) -> None:
        pass


def test_a_drivers_surprise_is_an_unknown_printer_and_not_the_end() -> None:
    async def story() -> None:
        thread = PrinterThread(Printer(Broken()), model_of("KR-306"))
        assert (await thread.look()).fault == "unknown"
        assert await thread.print(samples.ticket(), samples.hall(), "vi") == "unknown"
        assert (await thread.look()).fault == "unknown"
        thread.close()

    asyncio.run(story())

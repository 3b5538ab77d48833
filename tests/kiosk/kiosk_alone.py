"""A kiosk without its window, as a program to be traced or killed: takes so many numbers, one after the other.

`python -m tests.kiosk.kiosk_alone URL FOLDER PRINTER COUNT` ends by itself once the hall has been told of every paper.
A paper that failed is asked for again here, as its citizen would.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.flow.shown import shown
from kiosk.flow.state import Touch
from kiosk.journal.journal import Journal
from kiosk.live.kiosk import LiveKiosk
from kiosk.paper.escpos import model_of
from kiosk.paper.printer import Printer
from kiosk.paper.wires import wire_of
from server.client.client import new_id

AREAS = ("tu-phap", "dat-dai", "xa-hoi", "kinh-te")
MODEL = model_of("KR-306")


async def take_numbers(live: LiveKiosk, journal: Journal, changed: asyncio.Event, count: int) -> None:
    """One citizen after the other."""

    async def until(true: Callable[[], bool]) -> None:
        while not true():
            changed.clear()
            await changed.wait()

    async def tap(do: str, arg: str | bool | None = None) -> None:
        """Taps are ignored for a moment after a change of screen, and twice on the same button."""
        before = live.state.touched
        while live.state.touched == before:
            live.touch(Touch(do, arg))
            await asyncio.sleep(0.02)

    def paper() -> str:
        one = live.state.number_shown()
        return one.paper if one else ""

    for n in range(count):
        await until(lambda: shown(live.state) == "home")
        await tap("area", AREAS[n % len(AREAS)])
        await tap("take", n % 2 == 0)
        await until(lambda: paper() not in {"", "printing"})
        while paper() not in {"confirmed", "sent"}:
            await tap("print_again")
            await until(lambda: paper() != "printing")
        await tap("done")
    while journal.unsent():
        await asyncio.sleep(0.05)


async def main(open_journal: Callable[[Path], Journal]) -> None:
    url, folder, printer, count = sys.argv[1:]
    changed = asyncio.Event()
    journal = open_journal(Path(folder) / "kiosk.db")
    live = LiveKiosk(
        url=url,
        token="t",
        lang="vi",
        journal=journal,
        printer=Printer(wire_of(printer, width=MODEL.width)),
        model=MODEL,
        on_change=changed.set,
    )
    running = asyncio.create_task(live.run())
    await take_numbers(live, journal, changed, int(count))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    journal.close()


def durable(path: Path) -> Journal:
    return Journal(path, clock=time.time, new_id=new_id)


if __name__ == "__main__":
    asyncio.run(main(durable))

"""The program itself, on a bare X server and with the real hall: it fills the screen, two taps give paper, it ends."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from kiosk.flow.state import State, Touch
from tests.halls import events_of, luot, program, until
from tests.kiosk.real import area, home, kiosk, screen
from tests.virtual_printer import VirtualPrinter

pytestmark = pytest.mark.screen

SIZE = (1080, 1920)
PLAIN = ("Escape", "Tab", "Return", "space", "BackSpace", "Delete", "Insert", "Menu", "Print", "Pause", "Home", "End")
KEYS = [
    f"{held}{key}"
    for held in ("", "ctrl+", "alt+", "shift+", "super+", "ctrl+alt+", "ctrl+shift+")
    for key in (*PLAIN, *(f"F{n}" for n in range(1, 13)), *"acdefimnopqrstvwxz")
]
"""What ends, leaves or opens something in other programs, and what Kivy's own modules listen to."""


async def test_it_fills_a_bare_screen_two_taps_give_paper_and_only_the_service_ends_it(tmp_path: Path) -> None:
    with (
        program(tmp_path / "hall") as hall,
        VirtualPrinter.on_tcp(576) as printer,
        screen(SIZE) as display,
    ):
        token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=hall.folder).stdout.strip()
        with kiosk(display, hall.url, token, tmp_path / "kiosk", printer.spec) as running:
            shown = home()
            await display.until(shown, running)
            display.tool("xdotool", "key", *KEYS)
            await display.touch(shown, Touch("area", "tu-phap"))
            shown = area(shown, "tu-phap")
            await display.until(shown, running)
            await display.touch(shown, Touch("take", False))
            await until(lambda: printer.papers, 30)
            issued = [event for event in events_of(hall.folder) if event["kind"] == "issued"]
            assert [event["number"] for event in issued] == ["1001"]
            assert len(printer.papers) == 1
            running.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(running.process.wait, 5) == 0
            assert "Traceback" not in running.said()


async def test_a_kiosk_whose_disk_takes_nothing_sends_people_to_the_staff(tmp_path: Path) -> None:
    """It ends with an error after a while, to be started again; nobody stands before a dark screen until then."""
    (tmp_path / "kiosk" / "kiosk.db").mkdir(parents=True)  # nothing can be written to that
    with (
        screen(SIZE) as display,
        kiosk(display, "http://127.0.0.1:9", "t", tmp_path / "kiosk", f"preview:{tmp_path}") as running,
    ):
        await display.until(State(note="out_of_order"), running)
        assert "cannot be written" in running.said()
        running.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(running.process.wait, 5) == 1

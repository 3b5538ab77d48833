"""The real kiosk in a real window: an X server without a window manager, the program, a finger, and eyes.

The eyes compare the screen with the same widgets drawn here from the state that ought to be shown, so a test says
which state it expects and not which words.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

import assets
from kiosk.flow.state import State, Touch
from kiosk.flow.touches import SETTLING
from server.protocol import HallInfo, KioskArea, KioskView
from tests.kiosk.window import Stage, buttons, picture_of, sheet_of
from tests.tools.screen import BareScreen

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which a screen that does not come has failed; a busy machine may take its time."""
ALIKE = 0.005
"""Share of the dots in which a screen may differ from its picture: the clock and the countdown. Another cause of a
paper that is not printed changes 0.008, another number 0.06."""
DIFFERENT = 12
"""Levels of 255 by which a dot must differ to count: soft edges are drawn slightly differently."""


class KioskScreen(BareScreen):
    """A bare X server for a kiosk: waits for a state's picture, and touches a state's buttons."""

    async def until(self, state: State, kiosk: Kiosk) -> None:
        """Wait until the screen shows a state."""
        wanted = picture_of(sheet_of(Stage(state), self.size))
        deadline = time.monotonic() + PATIENCE
        while (unlike := difference(self.picture(), wanted)) > ALIKE:
            assert kiosk.process.poll() is None, f"the kiosk ended: {kiosk.said()}"
            assert time.monotonic() < deadline, f"{state.screen} is not shown: {unlike:.1%} differ; {kiosk.said()}"
            await asyncio.sleep(0.1)

    async def touch(self, state: State, touch: Touch) -> None:
        """Touch a button of the state that is shown, and let go."""
        x, y = self.place(state, touch)
        await asyncio.sleep(SETTLING + 0.1)  # taps right after a change of screen are ignored
        await asyncio.to_thread(self.tap, x, y)

    def place(self, state: State, touch: Touch) -> tuple[int, int]:
        """Where the button stands, from the upper left."""
        sheet = sheet_of(Stage(state), self.size)
        found = next(button for button in buttons(sheet) if button.touch == touch)
        return round(found.center_x), round(self.size[1] - found.center_y)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Share of the dots that differ; all of them where the sizes do."""
    if one.size != other.size:
        return 1.0
    apart = np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max(axis=2)
    return float((apart > DIFFERENT).mean())


@contextlib.contextmanager
def screen(size: tuple[int, int]) -> Iterator[KioskScreen]:
    found = KioskScreen(size)
    try:
        yield found
    finally:
        found.close()


class Kiosk:
    """A running `python -m kiosk`."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self._log = process, log

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@contextlib.contextmanager
def kiosk(on: KioskScreen, url: str, token: str, folder: Path, printer: str, *more: str) -> Iterator[Kiosk]:
    """The real program on a screen; its journal is in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "token").write_text(token)
    line = [sys.executable, "-m", "kiosk", "--server", url, "--token-file", str(folder / "token"), *more]
    line += ["--printer", printer, "--data", str(folder)]
    environment = on.environment()
    with (folder / "kiosk.log").open("ab") as log:
        process = subprocess.Popen(line, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield Kiosk(process, folder / "kiosk.log")
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(10)


def home(waiting: int = 0) -> State:
    """The home screen of a real hall that was just set up: the default catalogue, no desk open. So many wait in the
    first area.
    """
    text = (Path(assets.__file__).parent / "catalogue" / "default.toml").read_text("utf-8")
    hall = msgspec.convert(tomllib.loads(text), HallInfo)
    areas = tuple(
        KioskArea(code=area.code, waiting=0 if n else waiting, desks_open=(), open=True)
        for n, area in enumerate(hall.areas)
    )
    return State(hall=hall, view=KioskView(areas=areas, ended=(), open=True), linked=True)


def area(state: State, code: str) -> State:
    """The screen of an area, entered from home."""
    return replace(state, screen="area", area=code, deadline=1060.0)

"""`luot demo`, as `make run` starts it, on a desktop with a sound server: one ticket from the tap to the rating."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from display.board import Announcement
from display.voice import engines
from display.voice.chime import RATE, chime
from display.voice.words import sentence
from tests.halls import events_of
from tests.reading import card_digits, likeness, read_paper
from tests.surroundings import Desktop, desktop, ended, places, session_bus, sound_server, tap_until, wait_for

pytestmark = [pytest.mark.screen, pytest.mark.browser]

SCALE = 576 / 1080
"""The demo's kiosk beside one of 1080 x 1920, in whose pixels the places below are."""
KIOSK = (576, 1024)
DISPLAY = (960, 540)
"""Width and height of the demo's windows."""
HEAD = (8, 63, 74)
BRAND = (11, 92, 107)
KEYS = {
    **{str(n): (211 + 326 * ((n - 1) % 3), 401 + 153 * ((n - 1) // 3)) for n in range(1, 10)},
    "0": (537, 859),
}

Box = tuple[int, int, int, int]
FIELDS: Box = (0, 150, 1080, 325)
KEYPAD: Box = (0, 330, 1080, 930)


class Visit:
    """A citizen in front of the kiosk."""

    def __init__(self, screen: Desktop) -> None:
        self.screen = screen
        self.corner = wait_for(lambda: screen.window(KIOSK), "the kiosk's window", 60)

    def sees(self) -> Image.Image:
        x, y = self.corner
        return self.screen.picture().crop((x, y, x + KIOSK[0], y + KIOSK[1]))

    def pixel(self, x: float, y: float) -> Any:
        return self.sees().getpixel((round(x * SCALE), round(y * SCALE)))

    def tap(self, x: float, y: float) -> None:
        place = [str(round(at * SCALE + corner)) for at, corner in zip((x, y), self.corner, strict=True)]
        self.screen.tool("xdotool", "mousemove", *place, "click", "1")

    def tap_until(self, x: float, y: float, true: Callable[[], Any], what: str) -> None:
        tap_until(lambda: self.tap(x, y), true, what)

    def part(self, box: Box) -> Any:
        """That part of the kiosk, as numbers."""
        left, top, right, bottom = (round(at * SCALE) for at in box)
        return np.asarray(self.sees().crop((left, top, right, bottom))).astype(int)

    def changed(self, box: Box) -> Callable[[], bool]:
        """Whether that part looks different from now: far more than a cursor's blink. What others do is elsewhere."""
        before = self.part(box)
        return lambda: int((abs(self.part(box) - before) > 40).any(axis=2).sum()) > 45

    def has_field(self) -> bool:
        """The frame around the field that the keys fill."""
        return int((abs(self.part(FIELDS) - BRAND) < 12).all(axis=2).sum()) > 230

    def at_home(self) -> bool:
        return self.pixel(20, 20) == HEAD and min(self.pixel(1070, 300)) > 230


def test_a_whole_ticket_on_a_real_desktop(tmp_path: Path) -> None:
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        bus = stack.enter_context(session_bus())
        sound = stack.enter_context(sound_server())
        screen = stack.enter_context(desktop(tmp_path, managed=True))
        data = tmp_path / "demo"
        log = tmp_path / "demo.log"
        words = [sys.executable, "-m", "server", "demo", "--port", "0", "--data", str(data)]
        env = {**screen.environment(), **sound.env, **bus.env, "PYTHONUNBUFFERED": "1"}
        with log.open("wb") as out:
            demo = subprocess.Popen(words, env=env, stdout=out, stderr=out)
        stack.callback(ended, demo)
        stack.push(lambda kind, *_: screen.picture().save(tmp_path / "desktop.png") if kind else None)
        url = wait_for(lambda: re.search(r"desk page +(http\S+)/desk", log.read_text()), "the demo", 60)[1]
        pin = wait_for(lambda: re.search(r"clerk +Hoa +PIN (\d+)", log.read_text()), "the PIN")[1]
        visit = Visit(screen)

        # Tapped, and printed.
        wait_for(visit.at_home, "the kiosk's home", 60)
        visit.tap_until(290, 520, lambda: not visit.at_home(), "the area's screen")
        wait_for(lambda: visit.pixel(100, 1600) == BRAND, "*Lấy số thường*")
        visit.tap_until(290, 1637, lambda: visit.pixel(100, 1600) != BRAND, "the number")
        paper = wait_for(lambda: next((data / "paper").glob("paper-0001.png"), None), "paper")
        wait_for(lambda: kinds(data).count("printed") == 1, "the kiosk's word that it was printed")
        text, number, code = read_paper(Image.open(paper))
        assert "SỐ THỨ TỰ" in text
        assert likeness(number, "1001") > 0.85

        # Called: heard, and shown.
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        stack.callback(browser.close)
        desk = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        desk.goto(f"{url}/sign-in")
        desk.fill("input[autocomplete=username]", "Hoa")
        desk.fill("input[type=password]", pin)
        desk.keyboard.press("Enter")
        desk.wait_for_url("**/desk")
        desk.get_by_role("button", name=re.compile("Quầy 1")).click()
        wait_for(lambda: "1001" in desk.inner_text("body"), "the queue on the desk page")
        time.sleep(0.8)  # presses within 700 ms count as one
        samples = stack.enter_context(sound.recorded())
        desk.keyboard.press("Space")
        wait_for(lambda: "called" in kinds(data), "the call")
        said = sentence(Announcement(1, "call", "1001", "1", ""), "Quầy 1", "vi")
        voice = np.array(engines.Espeak().say(said, "vi"), float)
        wait_for(lambda: places(samples(), voice), "the voice on the recorded monitor", 40)
        heard = samples()
        chimes = places(heard, np.array(chime(), float))
        assert len(chimes) >= 1
        at = places(heard, voice)[0]
        assert at > chimes[0], "the chime comes first"
        loudness = 20 * np.log10(np.sqrt((heard[at : at + len(voice)] ** 2).mean()) / 32768)
        assert -30 < loudness < -10
        x, y = wait_for(lambda: screen.window(DISPLAY), "the display's window")
        whole = (x, y, x + DISPLAY[0], y + DISPLAY[1])
        shapes = wait_for(
            lambda: likeness(found := card_digits(screen.picture().crop(whole)), "1001") > 0.85 and found, "the card"
        )
        for wrong in ("1007", "7001", "1011", "4001"):
            assert likeness(shapes, wrong) < likeness(shapes, "1001") - 0.02, wrong
        wait_for(lambda: [e["via"] for e in told(data)] == ["shown", "said"], "the display's word to the hall")

        # Served.
        time.sleep(0.8)
        desk.keyboard.press("Space")
        wait_for(lambda: "started" in kinds(data), "the start")
        time.sleep(0.8)
        desk.keyboard.press("Space")
        wait_for(lambda: "finished" in kinds(data), "the finish")

        # Rated, with the number and the code on the paper.
        if not visit.at_home():
            visit.tap(540, 1780)  # *Xong*
        wait_for(visit.at_home, "the kiosk's home again", 90)
        visit.tap_until(790, 1690, visit.has_field, "the keys")
        for key in "1001":
            visit.tap_until(*KEYS[key], visit.changed(FIELDS), f"{key} in the number")
        visit.tap_until(847, 236, visit.changed(FIELDS), "the field of the code")
        for key in code:
            visit.tap_until(*KEYS[key], visit.changed(FIELDS), f"{key} in the code")
        visit.tap_until(540, 1008, visit.changed(KEYPAD), "the faces")
        visit.tap_until(957, 1060, lambda: "rated" in kinds(data), "the rating")
        assert [(e["score"], e["via"]) for e in events_of(data) if e["kind"] == "rated"] == [(5, "code")]
        assert bus.awake, "the desktop would have gone dark"
        assert demo.poll() is None
        print(
            f"whole ticket: {time.monotonic() - begun:.0f} s; voice of {len(voice) / RATE:.2f} s "
            f"{(at - chimes[0]) / RATE:.2f} s after the chime, at {loudness:.1f} dB of full scale, "
            f"{len(places(heard, voice))} reading(s), {len(chimes)} chime(s)"
        )
        demo.terminate()
        assert demo.wait(20) == 0


def kinds(data: Path) -> list[str]:
    return [event["kind"] for event in events_of(data)] if (data / "luot.db").exists() else []


def told(data: Path) -> list[dict[str, Any]]:
    return [event for event in events_of(data) if event["kind"] == "announced"]

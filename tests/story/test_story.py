"""One story on the real programs, from the tap at the kiosk to the figures on the manager's page.

Server, kiosk and display are processes of their own, in real windows on bare X servers; the printer is a TCP printer
that answers; the desk and manager pages run in Chromium. Nothing of ours is called but through what people use: taps,
keys, paper, picture.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from tests.halls import PIN, begin, events_of, luot, program
from tests.reading import card_digits, likeness, read_paper
from tests.surroundings import tap_until, wait_for
from tests.tools.screen import BareScreen
from tests.virtual_printer import VirtualPrinter

pytestmark = [pytest.mark.screen, pytest.mark.browser]

BRAND = (11, 92, 107)


class StoryScreen(BareScreen):
    """A bare X server of a size, whose pictures may be kept in `folder`."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        folder.mkdir()
        self.folder = folder
        super().__init__((width, height))

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "SDL_AUDIODRIVER": "dummy"}

    def tap_until(self, x: float, y: float, changed: Callable[[], bool], what: str) -> None:
        tap_until(lambda: self.tap(x, y), changed, what)


@contextlib.contextmanager
def running(log: Path, env: dict[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of our programs, until it is told to end; it must end in good order."""
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", *words], env=env, stdout=out, stderr=out)
        try:
            yield process
            process.terminate()
            assert process.wait(15) == 0, log.read_text()[-2000:]
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(10)


def test_from_the_tap_to_the_report(tmp_path: Path) -> None:
    data = tmp_path / "hall"
    begin(data)
    for name, role in (("Hoa", "clerk"), ("Minh", "manager")):
        assert luot("person", "add", name, "--role", role, data=data, stdin=PIN + "\n").returncode == 0
    for role in ("kiosk", "display"):
        token = luot("device", "add", f"{role}-1", "--role", role, data=data).stdout
        (tmp_path / f"{role}.token").write_text(token)
    with contextlib.ExitStack() as stack:
        hall = stack.enter_context(program(data))
        printer = stack.enter_context(VirtualPrinter.on_tcp(576))
        kiosk, wall = StoryScreen(tmp_path / "x1", 1080, 1920), StoryScreen(tmp_path / "x2", 1920, 1080)
        stack.callback(kiosk.close)
        stack.callback(wall.close)
        words = ("--server", hall.url, "--token-file")
        stack.enter_context(
            running(tmp_path / "kiosk.log", kiosk.environment(), "kiosk", *words, str(tmp_path / "kiosk.token"),
                    "--printer", printer.spec, "--data", str(tmp_path / "kiosk"))
        )  # fmt: skip
        stack.enter_context(
            running(tmp_path / "display.log", wall.environment(), "display", *words, str(tmp_path / "display.token"))
        )
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        stack.callback(browser.close)
        stack.push(lambda kind, *_: keep_pictures(tmp_path, kiosk, wall, browser) if kind else None)

        # A citizen takes a number: two taps, and there is paper.
        wait_for(lambda: at_home(kiosk), "the kiosk's home")
        kiosk.tap_until(290, 520, lambda: not at_home(kiosk), "the area's screen")
        wait_for(lambda: kiosk.picture().getpixel((100, 1600)) == BRAND, "*Lấy số thường*")
        kiosk.tap_until(290, 1637, lambda: kiosk.picture().getpixel((100, 1600)) != BRAND, "the number")
        wait_for(lambda: printer.papers, "paper")
        printer.papers[0].save(tmp_path / "paper.png")
        text, number, code = read_paper(printer.papers[0])
        assert "SỐ THỨ TỰ" in text
        assert likeness(number, "1001") > 0.85
        assert likeness(number, "1001") > likeness(number, "1007") + 0.02
        assert len(printer.papers) == 1

        # A clerk presses Space.
        desk = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        _sign_in(desk, hall.url, "Hoa")
        desk.wait_for_url("**/desk")
        desk.get_by_role("button", name=re.compile("Quầy 1")).click()
        wait_for(lambda: "1001" in desk.inner_text("body"), "the queue on the desk page")
        wait_for(lambda: "Gọi số tiếp theo" in desk.inner_text("body"), "the big button")
        time.sleep(0.8)  # presses within 700 ms count as one
        desk.keyboard.press("Space")
        wait_for(lambda: any(e["kind"] == "called" for e in events_of(data)), "the call")

        # The hall sees who is called, and where to go.
        shapes = wait_for(
            lambda: likeness(found := card_digits(wall.picture()), "1001") > 0.85 and found, "1001 on the display"
        )
        seen = likeness(shapes, "1001")
        for wrong in ("1007", "1008", "7001", "1011", "4001"):
            assert likeness(shapes, wrong) < seen - 0.02, (wrong, seen)

        # Served, finished.
        time.sleep(0.8)
        desk.keyboard.press("Space")
        wait_for(lambda: any(e["kind"] == "started" for e in events_of(data)), "the start")
        time.sleep(0.8)
        desk.keyboard.press("Digit1")
        time.sleep(0.8)
        desk.keyboard.press("Space")
        wait_for(lambda: any(e["kind"] == "finished" for e in events_of(data)), "the finish")

        # The citizen rates, with the number and the code on the paper.
        def ratings() -> list[dict[str, object]]:
            return [e for e in events_of(data) if e["kind"] == "rated"]

        _rate(kiosk, "1001", code, ratings)
        rated = ratings()
        assert [(e["score"], e["via"]) for e in rated] == [(5, "code")]

        # The manager reads it.
        manager = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        _sign_in(manager, hall.url, "Minh")
        manager.wait_for_url("**/manager")
        _figures(manager)
        assert hall.process.poll() is None
    assert luot("check", data=data).returncode == 0


def keep_pictures(folder: Path, kiosk: StoryScreen, wall: StoryScreen, browser: Any) -> None:
    """What everybody saw when it went wrong."""
    kiosk.picture().save(folder / "kiosk.png")
    wall.picture().save(folder / "display.png")
    for n, context in enumerate(browser.contexts):
        context.pages[0].screenshot(path=folder / f"page-{n}.png")


def _sign_in(page: Any, url: str, name: str) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("input[autocomplete=username]", name)
    page.fill("input[type=password]", PIN)
    page.keyboard.press("Enter")


def at_home(kiosk: StoryScreen) -> bool:
    """The dark head over light ground: no other screen has both."""
    head, ground = (np.asarray(kiosk.picture().convert("RGB"))[y, x] for x, y in ((20, 20), (1070, 300)))
    return tuple(head) == (8, 63, 74) and min(ground) > 230


KEYS = {
    **{str(n): (211 + 326 * ((n - 1) % 3), 401 + 153 * ((n - 1) // 3)) for n in range(1, 10)},
    "0": (537, 859),
}
FIELDS = (0, 150, 1080, 325)
KEYPAD = (0, 330, 1080, 930)


def _rate(kiosk: StoryScreen, number: str, code: str, rated: Callable[[], object]) -> None:
    """From wherever the kiosk is: home, *Đánh giá phục vụ*, number, code, the happiest face."""
    if not at_home(kiosk):
        kiosk.tap(540, 1780)  # *Xong*
    wait_for(lambda: at_home(kiosk), "the kiosk's home again", 40)
    kiosk.tap_until(790, 1690, lambda: has_field(kiosk), "the keys")
    for key in number:
        kiosk.tap_until(*KEYS[key], changed(kiosk, FIELDS), f"{key} in the number")
    kiosk.tap_until(847, 236, changed(kiosk, FIELDS), "the field of the code")
    for key in code:
        kiosk.tap_until(*KEYS[key], changed(kiosk, FIELDS), f"{key} in the code")
    kiosk.tap_until(540, 1008, changed(kiosk, KEYPAD), "the faces")
    kiosk.picture().save(kiosk.folder / "faces.png")
    kiosk.tap_until(957, 1060, lambda: bool(rated()), "the rating")


def has_field(kiosk: StoryScreen) -> bool:
    """The frame around the field that the keys fill."""
    field = np.asarray(kiosk.picture().crop(FIELDS)).astype(int)
    return int((abs(field - BRAND) < 12).all(axis=2).sum()) > 800


def changed(kiosk: StoryScreen, box: tuple[int, int, int, int]) -> Callable[[], bool]:
    """Whether that part of the screen looks different from now: far more than a cursor's blink, and for good."""
    before = np.asarray(kiosk.picture().crop(box)).astype(int)

    def is_changed() -> bool:
        now = np.asarray(kiosk.picture().crop(box)).astype(int)
        return int((abs(now - before) > 40).any(axis=2).sum()) > 150

    return is_changed


def _figures(page: Any) -> None:
    """One number issued and served, and one rating of the best level: in the day's report as the manager reads it."""
    page.goto(page.url.split("#")[0] + "#report")
    page.get_by_role("button", name="Ngày", exact=True).click()
    said = {}

    def figures() -> bool:
        for box in page.locator("[data-figure]").all():
            said[box.get_attribute("data-figure")] = box.inner_text()
        return "1 / 1" in said.get("response", "") or "1 đánh giá" in said.get("satisfied", "")

    wait_for(figures, f"the figures: {said}")
    assert page.locator("[data-figure=served] .value").inner_text() == "1"
    assert page.locator("[data-figure=satisfied]").inner_text().count("1 đánh giá") == 1
    assert "0 / 1 phiếu" in page.locator("[data-figure=no_show]").inner_text()
    areas = page.locator("#by-areas tr[data-key=tu-phap] > *").all_inner_texts()
    assert areas[:2] == ["Tư pháp, hộ tịch", "1"], areas

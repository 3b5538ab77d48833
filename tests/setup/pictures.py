"""Takes the pictures of the README from the real programs, on X servers and in a browser of its own.

`PYTHONPATH=tests .venv/bin/python -m setup.pictures DIR` writes them; they go to `.github/` once somebody has looked at
them. One morning of a ward: numbers from a kiosk's wire, two clerks, a call that stands on the display.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from server import protocol as p
from server.client.client import Client
from tests.halls import PIN, begin, luot, program
from tests.surroundings import sound_server
from tests.tools.screen import BareScreen

FOLDER = Path(__file__).parents[2]
CLERKS = ("Hoa", "Lan", "Nam", "Mai")
AREAS = ("tu-phap", "dat-dai", "tu-phap", "kinh-te", "xa-hoi", "tu-phap", "dat-dai", "van-phong", "tu-phap")


class Tv(BareScreen):
    """An X server of a size, with the program that fills it."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__(size)
        self.program: subprocess.Popen[bytes] | None = None

    def show(self, part: str, *words: str, **more: str) -> None:
        env = {**self.environment(), **more}
        self.program = subprocess.Popen([sys.executable, "-P", "-m", part, *words], env=env, cwd=FOLDER)

    def close(self) -> None:
        if self.program is not None:
            self.program.terminate()
            self.program.wait(20)
        super().close()


def save(picture: Image.Image, to: Path) -> None:
    """In few colours: small enough for a page that a ward opens on a phone."""
    picture.convert("RGB").quantize(200, dither=Image.Dither.NONE).save(to, optimize=True)


@contextlib.contextmanager
def tv(size: tuple[int, int]) -> Iterator[Tv]:
    screen = Tv(size)
    try:
        yield screen
    finally:
        screen.close()


async def issue(client: Client[Any], areas: tuple[str, ...]) -> None:
    for n, area in enumerate(areas):
        await client.ask(p.Issue(id=str(uuid.uuid4()), area=area, priority=n % 5 == 4))


async def sign_in(browser: Browser, url: str, name: str, size: tuple[int, int]) -> Page:
    page = await (await browser.new_context(viewport={"width": size[0], "height": size[1]})).new_page()
    await page.goto(f"{url}/sign-in")
    await page.fill("#name", name)
    await page.fill("#pin", PIN)
    await page.press("#pin", "Enter")
    await page.wait_for_selector("#body:not([hidden])")
    return page


async def taken(page: Page, to: Path) -> None:
    file = to.with_suffix(".raw.png")
    await page.screenshot(path=file)
    save(Image.open(file), to)
    file.unlink()


async def press(page: Page, key: str) -> None:
    await asyncio.sleep(1)  # presses within 700 ms count as one
    await page.keyboard.press(key)


async def morning(to: Path) -> None:
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "hall"
        begin(data)
        for name, role in (*((name, "clerk") for name in CLERKS), ("Minh", "manager")):
            luot("person", "add", name, "--role", role, data=data, stdin=f"{PIN}\n")
        token = luot("device", "add", "kiosk-2", "--role", "kiosk", data=data).stdout.strip()
        url = stack.enter_context(program(data)).url
        local = data / "local"
        sound = stack.enter_context(sound_server())
        kiosk, display = stack.enter_context(tv((1080, 1920))), stack.enter_context(tv((1920, 1080)))
        paper = data / "paper"
        words = ("--server", url, "--token-file")
        kiosk.show("kiosk", *words, f"{local}/kiosk.token", "--printer", f"preview:{paper}", "--data", f"{data}/k")
        display.show("display", *words, f"{local}/display.token", **sound.env)
        client: Client[Any] = Client(url, role="kiosk", token=token, view=p.KioskView)
        wire = asyncio.create_task(client.run())
        status = p.Status(id=str(uuid.uuid4()), printer="ok", paper="ok", sound="off", screen="1080x1920")
        await client.ask(status)
        await issue(client, AREAS)
        async with async_playwright() as play:
            browser = await play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            desks = [await sign_in(browser, url, name, (1280, 800)) for name in CLERKS]
            for n, page in enumerate(desks, 1):
                await page.get_by_role("button", name=f"Quầy {n}").first.click()
                await press(page, "Space")
            await issue(client, AREAS + AREAS[::-1])
            for page in desks:
                await press(page, "Space")
            for page in desks[1:3]:
                await press(page, "1")
                await press(page, "Space")
            await asyncio.sleep(8)
            save(kiosk.picture(), to / "kiosk.png")
            save(display.picture(), to / "display.png")
            await taken(desks[0], to / "desk.png")
            kiosk.tap(290, 520)
            await asyncio.sleep(2)
            save(kiosk.picture(), to / "kiosk-area.png")
            kiosk.tap(290, 1637)
            await asyncio.sleep(4)
            save(kiosk.picture(), to / "kiosk-number.png")
            shutil.copy(sorted(paper.glob("*.png"))[-1], to / "paper.png")
            manager = await sign_in(browser, url, "Minh", (1440, 1000))
            await asyncio.sleep(3)
            await taken(manager, to / "manager.png")
            await browser.close()
        wire.cancel()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    asyncio.run(morning(target))
    print(f"{target}: {time.monotonic() - begun:.0f} s")

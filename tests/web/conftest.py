"""A real hall, a real browser; a kiosk's hand to take numbers with."""

from __future__ import annotations

import asyncio
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect, sync_playwright

from server import protocol as p
from server.client.client import Client
from tests.halls import PIN, begin, luot, program

PATIENCE = 20_000
"""ms: twenty times what a page takes on a busy machine. No test waits for it to run out."""
expect.set_options(timeout=PATIENCE)


@dataclass
class Hall:
    """A hall that runs, with the clerks Hoa and Lan and the kiosk `kiosk-1`."""

    url: str
    data: Path
    token: str

    def kiosk(self, *commands: p.Command) -> list[Any]:
        """What the kiosk says, one after the other; gives the answers."""

        async def say() -> list[Any]:
            client = Client(self.url, role="kiosk", token=self.token, view=p.KioskView)
            running = asyncio.create_task(client.run())
            try:
                return [await client.ask(command) for command in commands]
            finally:
                running.cancel()

        # Playwright's own loop runs in this thread.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(say())).result()

    def take(self, count: int, area: str = "tu-phap", **more: Any) -> list[dict[str, Any]]:
        """So many numbers from the kiosk."""
        return self.kiosk(*(p.Issue(id=str(uuid.uuid4()), area=area, **more) for _ in range(count)))


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with people and a kiosk, to be copied; and the kiosk's token."""
    folder = tmp_path_factory.mktemp("seed") / "hall"
    begin(folder)
    for name in ("Hoa", "Lan"):
        assert luot("person", "add", name, "--role", "clerk", data=folder, stdin=f"{PIN}\n").returncode == 0
    return folder, luot("device", "add", "kiosk-1", "--role", "kiosk", data=folder).stdout.strip()


@pytest.fixture
def hall(seed: tuple[Path, str], tmp_path: Path) -> Iterator[Hall]:
    data = tmp_path / "hall"
    shutil.copytree(seed[0], data)
    with program(data) as running:
        yield Hall(running.url, data, seed[1])
        running.stop()
    assert "Traceback" not in (data / "hall.log").read_text()


def chromium_here() -> str:
    """The program."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "no Chromium: apt install chromium"
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium_here()
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


SignIn = Callable[..., Page]


@pytest.fixture
def come(browser: Browser) -> Iterator[SignIn]:
    """Sign somebody in, in a browser of their own. A complaint of the page fails the test."""
    complaints: list[str] = []
    contexts = []

    def go(url: str, name: str, pin: str = PIN, *, size: tuple[int, int] = (1280, 800), lang: str = "vi",
           prepare: Callable[[Page], None] = lambda _: None) -> Page:  # fmt: skip
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        contexts.append(context)
        context.add_init_script(f"localStorage.setItem('luot-lang', '{lang}')")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        prepare(page)
        page.goto(f"{url}/sign-in")
        page.fill("#name", name)
        page.fill("#pin", pin)
        page.press("#pin", "Enter")
        page.wait_for_url(re.compile("/(manager|desk)$"))
        page.wait_for_selector("#body:not([hidden])")
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


class Cable:
    """The wire of one page, to be pulled and put back. Keeps what the page sent."""

    def __init__(self) -> None:
        self.out = False
        self.deaf = 0
        """So many answers of the hall are lost on the way, though the wire holds."""
        self.sent: list[str] = []
        self.sides: list[WebSocketRoute] = []

    def lay(self, page: Page) -> None:
        page.route_web_socket("**/ws", self._between)

    def pull(self) -> None:
        self.out = True
        for side in self.sides:
            side.close()

    def _between(self, page_side: WebSocketRoute) -> None:
        if self.out:
            page_side.close()
            return
        hall_side = page_side.connect_to_server()
        self.sides = [page_side, hall_side]

        def from_page(frame: str | bytes) -> None:
            self.sent.append(str(frame))
            hall_side.send(frame)

        def from_hall(frame: str | bytes) -> None:
            if self.deaf and '"type":"reply"' in str(frame):
                self.deaf -= 1
            else:
                page_side.send(frame)

        page_side.on_message(from_page)
        hall_side.on_message(from_hall)


@pytest.fixture
def cable() -> Cable:
    return Cable()


@pytest.fixture
def sign_in(come: SignIn, hall: Hall) -> SignIn:
    """Sign a clerk in; opens `desk` unless it is ""."""

    def go(name: str = "Hoa", desk: str = "2", **more: Any) -> Page:
        page = come(hall.url, name, **more)
        if desk:
            page.click(f"[data-desk='{desk}']")
            page.wait_for_selector("#big:not([hidden])")
            page.wait_for_timeout(750)  # the press that opened the desk
        return page

    return go

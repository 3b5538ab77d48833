"""A real hall, a real browser; a kiosk's hand to take numbers with."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import server
from server import protocol as p
from server.client import Client

ROOT = Path(server.__file__).parent.parent
PIN = "246810"
CONFIG = "[hours]\nalways_open = true\n[limits]\ntickets_per_minute = 0\nmessages_per_second = 0\n"


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


def luot(*arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "server", *arguments], cwd=ROOT, input=given, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with people and a kiosk, to be copied; and the kiosk's token."""
    folder = tmp_path_factory.mktemp("seed") / "hall"
    for name in ("Hoa", "Lan"):
        luot("person", "add", name, "--role", "clerk", "--data", str(folder), given=f"{PIN}\n")
    return folder, luot("device", "add", "kiosk-1", "--role", "kiosk", "--data", str(folder))


@pytest.fixture
def hall(seed: tuple[Path, str], tmp_path: Path) -> Iterator[Hall]:
    data = tmp_path / "hall"
    shutil.copytree(seed[0], data)
    (tmp_path / "hall.toml").write_text(CONFIG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["hall", "--data", str(data), "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", *command, "--config", str(tmp_path / "hall.toml")],
            cwd=ROOT, stdout=log, stderr=log,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + 20
            while time.monotonic() < until and process.poll() is None:
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/sign-in", timeout=1):
                    break
                time.sleep(0.05)
            else:
                raise AssertionError((tmp_path / "log").read_text())
            yield Hall(url, data, seed[1])
        finally:
            process.terminate()
            process.wait(20)
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "no Chromium: apt install chromium"
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, hall: Hall) -> Iterator[SignIn]:
    """Sign a clerk in, in a browser of their own; opens `desk` unless it is "". A complaint of the page fails."""
    complaints: list[str] = []
    contexts = []

    def go(name: str = "Hoa", desk: str = "2", *, size: tuple[int, int] = (1280, 800), lang: str = "vi",
           prepare: Callable[[Page], None] = lambda _: None) -> Page:  # fmt: skip
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        contexts.append(context)
        context.add_init_script(f"localStorage.setItem('luot-lang', '{lang}')")
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        prepare(page)
        page.goto(f"{hall.url}/sign-in")
        page.fill("#name", name)
        page.fill("#pin", PIN)
        page.press("#pin", "Enter")
        page.wait_for_url("**/desk")
        page.wait_for_selector("#body:not([hidden])")
        if desk:
            page.click(f"[data-desk='{desk}']")
            page.wait_for_selector("#big:not([hidden])")
            page.wait_for_timeout(750)  # the press that opened the desk
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []

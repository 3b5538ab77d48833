"""What a page costs to load: everything it needs is asked for at once, and nothing is sent twice."""

from __future__ import annotations

import http.client
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from server.pages import files
from tests.halls import PIN
from tests.web.conftest import chromium_here

PAGES = ("/sign-in", "/desk", "/manager")


def get(url: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def test_whoever_has_a_file_is_told_so_and_gets_no_second_copy(hall: Any) -> None:
    for path in (*PAGES, "/web/desk/desk.js", "/web/theme.css", "/web/fonts/BeVietnamPro-400.ttf"):
        first = get(hall.url, path)
        body = first.read()
        assert first.status == 200
        assert len(body) > 100
        etag = first.headers["ETag"]
        again = get(hall.url, path, **{"If-None-Match": f'"other", W/{etag}'})
        assert (again.status, again.read()) == (304, b""), path
        assert again.headers["ETag"] == etag
        assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
        older = get(hall.url, path, **{"If-None-Match": '"older"'})
        assert (older.status, older.read()) == (200, body), path


def test_what_is_no_file_is_kept_by_nobody(hall: Any) -> None:
    for path in ("/nothing", "/export/report.csv?start=2026-11-23&end=2026-11-23"):
        answer = get(hall.url, path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["ETag"] is None


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_every_module_that_its_script_needs(page: str) -> None:
    served = files.table()
    text = served[page].body.decode()
    (script,) = re.findall(r'<script type="module" src="([^"]+)"', text)
    waiting, needed = [script], set()
    while waiting:
        path = waiting.pop()
        if path not in needed:
            needed.add(path)
            for name in re.findall(r'from "(\.\.?/[^"]+\.js)"', served[path].body.decode()):
                waiting.append(urljoin(path, name))
    assert len(needed) > 3
    assert set(re.findall(r'rel="modulepreload" href="([^"]+)"', text)) == needed - {script}


def test_types_are_not_served() -> None:
    served = files.table()
    assert "/web/common/values.js" in served
    assert [path for path in served if path.endswith(".ts")] == []


class Loads:
    """What the browser asks for while a page loads: its statuses, and how many round trips lie one behind the other."""

    def __init__(self, page: Page) -> None:
        self.depth: dict[str, int] = {}
        self.status: dict[str, int] = {}
        self.names: dict[str, str] = {}
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.requestWillBeSent", self._asked)
        wire.on("Network.responseReceivedExtraInfo", self._answered)
        wire.on("Network.webSocketCreated", lambda event: self._deeper(event["url"], event))

    def _asked(self, event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        self.names[event["requestId"]] = url
        self._deeper(url, event)

    def _deeper(self, url: str, event: dict[str, Any]) -> None:
        by = event.get("initiator", {})
        frames = by.get("stack", {}).get("callFrames", [])
        before = by.get("url") or (frames[0]["url"] if frames else "")
        self.depth.setdefault(url, self.depth.get(before.split("#")[0], 0) + 1)

    def _answered(self, event: dict[str, Any]) -> None:
        self.status[self.names.get(event["requestId"], event["requestId"])] = event["statusCode"]


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_second_load_sends_nothing_again_and_takes_few_round_trips(hall: Any, sign_in: Any, lang: str) -> None:
    page = sign_in(desk="2", lang=lang)
    loads = Loads(page)
    page.reload()
    page.wait_for_selector("#big:not([hidden])")
    statuses = {url: status for url, status in loads.status.items() if urlsplit(url).path not in {"/ws"}}
    assert len(statuses) > 10
    assert {url: status for url, status in statuses.items() if status != 304} == {}
    assert any(url.endswith("/ws") for url in loads.depth)
    assert max(loads.depth.values()) <= 5, loads.depth


@pytest.mark.browser
def test_who_signed_out_is_on_no_page_that_the_back_button_brings(hall: Any, browser: Browser) -> None:
    """A browser may keep a whole page for its Back button, as it was."""
    keeping = browser.browser_type.launch(
        executable_path=chromium_here(), args=["--no-sandbox"], ignore_default_args=["--disable-back-forward-cache"]
    )
    page = keeping.new_page()
    page.goto(f"{hall.url}/sign-in")
    page.fill("#name", "Hoa")
    page.fill("#pin", PIN)
    page.press("#pin", "Enter")
    page.wait_for_url("**/desk")
    page.wait_for_selector("[data-desk='2']")
    page.click("#leave")
    page.wait_for_url("**/sign-in")
    page.go_back(wait_until="commit")
    page.wait_for_url("**/sign-in")
    keeping.close()

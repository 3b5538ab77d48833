"""What others can do in a clerk's browser: a page of another site, a name that is a script, a wire that is read."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

import server
from server.access import certificates
from server.settings.reading import default_settings, to_toml
from server.settings.shape import Settings
from tests.certificates import made, strange
from tests.halls import HALL_TOML, PIN, begin, events_of, luot, program

pytestmark = pytest.mark.browser

CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")


@contextmanager
def site(page: str) -> Iterator[str]:
    """Another site on this machine: a port of its own, the same host. For a cookie's `SameSite` that is one site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


ATTACK = """
async (hall) => {
  const found = {};
  found.socket = await new Promise((end) => {
    const socket = new WebSocket(hall.replace("http", "ws") + "/ws");
    socket.onopen = () => { socket.send('{"type":"hello","protocol":1,"role":"desk"}'); };
    socket.onmessage = (message) => end(message.data);
    socket.onclose = () => end("closed");
  });
  const reading = (path, how) => fetch(hall + path, { credentials: "include", ...how }).then(
    (answer) => answer.text().then((text) => text || answer.type), () => "refused");
  found.page = await reading("/desk", {});
  found.out = await reading("/sign-out", { method: "POST" });
  found.blind = await reading("/sign-out", { method: "POST", mode: "no-cors" });
  const frame = document.createElement("iframe");
  frame.src = hall + "/desk";
  await new Promise((end) => { frame.onload = end; frame.onerror = end; document.body.append(frame); });
  try { found.frame = frame.contentDocument?.body?.innerHTML ?? "closed"; } catch { found.frame = "closed"; }
  return found;
}
"""


def test_a_page_of_another_site_neither_speaks_nor_reads_for_the_clerk(hall: Any, sign_in: Any) -> None:
    page = sign_in("Hoa", "2")
    cookies = page.context.cookies()
    assert [(one["name"], one["httpOnly"], one["sameSite"]) for one in cookies] == [("luot", True, "Strict")]
    before = len(events_of(hall.data))
    with site("<!doctype html><body>") as evil:
        other = page.context.new_page()
        other.goto(evil)
        found = other.evaluate(ATTACK, hall.url)
        other.close()
    assert found == {"socket": "closed", "page": "refused", "out": "refused", "blind": "opaque", "frame": "closed"}
    assert len(events_of(hall.data)) == before
    page.reload()
    expect(page.locator("#who")).to_contain_text("Hoa")  # still signed in


# OWASP, XSS Filter Evasion: one of each kind that needs no more than a name's length.
SCRIPTS = (
    "<script>hurt()</script>",
    '"><img src=x onerror=hurt()>',
    "'-hurt()-'",
    "<svg onload=hurt()>",
    "${hurt()}{{hurt()}}",
    "javascript:hurt()//",
    "&lt;img src=x onerror=hurt()&gt;",
)


def test_no_name_is_ever_a_script(tmp_path: Path, come: Any) -> None:
    """Of people, devices, areas, procedures, desks, the hall: on every section of the manager's page, and at a desk.

    A violation of the pages' policy would be an error in the console, which fails the test too.
    """
    data = tmp_path / "hall"
    begin(data)
    for n, name in enumerate(SCRIPTS):
        role = "manager" if n == 0 else "clerk"
        assert luot("person", "add", name, "--role", role, data=data, stdin=f"{PIN}\n").returncode == 0
        kind = "kiosk" if n % 2 else "display"
        assert luot("device", "add", name, "--role", kind, data=data).returncode == 0
    raw = msgspec.to_builtins(default_settings())
    raw["name"] = {"vi": SCRIPTS[0]}
    for table in ("areas", "procedures", "desks"):
        for n, item in enumerate(raw[table]):
            item["name"] = {"vi": SCRIPTS[n % len(SCRIPTS)]}
    toml = tmp_path / "odd.toml"
    toml.write_text(to_toml(msgspec.convert(raw, Settings)), "utf-8")
    taken = luot("settings", "import", str(toml), data=data)
    assert taken.returncode == 0, taken.stderr
    hurt = "window.hurt = () => { window.wounds = (window.wounds ?? 0) + 1 }; window.alert = window.hurt"
    with program(data) as running:
        desk = come(running.url, SCRIPTS[1], prepare=lambda page: page.add_init_script(hurt))
        desk.click("[data-desk='1']")
        desk.wait_for_selector("#big:not([hidden])")
        desk.wait_for_timeout(750)  # the press that opened the desk
        desk.keyboard.press("KeyS")
        desk.keyboard.press("Digit1")
        desk.keyboard.press("Enter")
        expect(desk.locator("body")).to_contain_text("1001")
        desk.keyboard.press("Escape")
        desk.keyboard.press("Space")
        page = come(running.url, SCRIPTS[0], prepare=lambda page: page.add_init_script(hurt))
        for section in ("today", "report", "log", "people", "devices"):
            page.evaluate("section => { location.hash = section }", section)
            page.wait_for_load_state("networkidle")
            expect(page.locator("main")).to_be_visible()
            if section in {"people", "devices"}:
                for name in SCRIPTS:
                    expect(page.get_by_text(name, exact=True).first).to_be_visible()
        for one in (desk, page):
            assert one.evaluate("window.wounds ?? 0") == 0
            assert one.locator("script:not([src]), svg[onload], img[onerror]").count() == 0


def test_a_browser_believes_the_authority_for_the_hall_and_for_nothing_else(tmp_path: Path) -> None:
    """By the manual's own line, in a home of its own. Without it, and for a site that the authority may not speak for,
    the browser shows no page, whatever somebody signed.
    """
    manual = (Path(server.__file__).parent / "README.md").read_text("utf-8")
    (line,) = re.findall(r"`(certutil -d [^`]+ca\.crt)`", manual)
    home, data = tmp_path / "home", tmp_path / "hall"
    (home / ".pki/nssdb").mkdir(parents=True)
    environment = {**os.environ, "HOME": str(home)}
    begin(data)
    tls = made(data / "tls")
    pem = json.dumps(str(tls / "server.pem"))

    def shown() -> str:
        """The page's title, or the browser's reason for showing none."""
        path = shutil.which("chromium") or shutil.which("google-chrome")
        with (
            program(data, config=f"{HALL_TOML}[tls]\ncert = {pem}\nkey = {pem}\n") as running,
            sync_playwright() as play,
        ):
            chromium = play.chromium.launch(executable_path=path, args=["--no-sandbox"], env={**environment})
            page = chromium.new_page()
            try:
                page.goto(running.url.replace("http:", "https:") + "/sign-in")
                return page.title()
            except Error as error:
                return str(error)
            finally:
                chromium.close()

    with ThreadPoolExecutor(1) as thread:  # in this one the module's own browser may run
        assert "ERR_CERT_AUTHORITY_INVALID" in thread.submit(shown).result()
        subprocess.run(["sh", "-c", line], cwd=tls, env=environment, check=True)
        assert thread.submit(shown).result() == "Đăng nhập"
        strange(tls, "127.0.0.1", "mail.example.com")
        assert "ERR_CERT_" in thread.submit(shown).result()


def test_pages_over_tls(tmp_path: Path, browser: Browser) -> None:
    """The session's cookie never goes in clear, devices are told to pin the hall, and the end is told beforehand."""
    data = tmp_path / "hall"
    begin(data)
    assert luot("person", "add", "Thu", "--role", "manager", data=data, stdin=f"{PIN}\n").returncode == 0
    now = datetime.now(UTC).replace(microsecond=0)
    tls = made(data / "tls", now=now - certificates.SERVER + timedelta(days=20))
    pem = json.dumps(str(tls / "server.pem"))
    with program(data, config=f"{HALL_TOML}[tls]\ncert = {pem}\nkey = {pem}\n") as running:
        url = running.url.replace("http:", "https:")
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 1000})
        page = context.new_page()
        page.goto(f"{url}/sign-in")
        page.fill("#name", "Thu")
        page.fill("#pin", PIN)
        page.press("#pin", "Enter")
        page.wait_for_url("**/manager")
        assert [cookie["secure"] for cookie in context.cookies()] == [True]
        expect(page.locator("#alarms")).to_contain_text("Chứng thư mã hóa đường truyền (TLS) sắp hết hạn")
        expect(page.locator("#alarms")).to_contain_text("chạy luot tls trên máy chủ rồi khởi động lại")
        assert page.evaluate(CONTRAST) == []
        page.evaluate("location.hash = 'devices'")
        page.fill("#field-name", "display-1")
        page.select_option("#field-role", "display")
        page.click("#add-device button")
        for command in ("#command", "#install"):
            expect(page.locator(command)).to_contain_text(f"--server {url} --ca ca.crt --token-file display.token")
        expect(page.locator("#dialog")).to_contain_text("Chép tệp ca.crt (thư mục tls của máy chủ)")
        assert page.evaluate(CONTRAST) == []
        context.close()

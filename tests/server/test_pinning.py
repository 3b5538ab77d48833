"""Kiosk and display believe their hall's authority and nobody else, say why not, and nothing secret goes in clear."""

from __future__ import annotations

import asyncio
import base64
import http.client
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from server.access import certificates
from server.client import trust
from server.client.client import Client
from tests.certificates import HERE, made, secure_hall, strange, tapped
from tests.halls import PIN, cookie_of, hall, until

ROOT = Path(__file__).parents[2]


class Trying:
    """A kiosk's client that tries to come in for a while."""

    def __init__(self, url: str, token: str, ca: Path | None) -> None:
        self.views: list[Any] = []
        self.client: Client[p.KioskView] = Client(
            url,
            role="kiosk",
            token=token,
            view=p.KioskView,
            on_view=lambda view, _: self.views.append(view),
            tls=trust.pinned(url, ca),
        )

    async def __aenter__(self) -> Trying:
        self.task = asyncio.create_task(self.client.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    messages = [record.getMessage() for record in caplog.records if record.name == "server.client.client"]
    return [message for message in messages if "not to be reached" in message]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("scheme", ["https", "wss"])
async def test_a_kiosk_that_pins_its_hall_comes_in(tmp_path: Path, host: Any, scheme: Any) -> None:
    tls = made(tmp_path / "tls")
    async with secure_hall(tmp_path / "hall", tls) as h:
        token = await h.device("kiosk-1", "kiosk")
        async with Trying(f"{scheme}://{host}:{h.service.port}", token, tls / "ca.crt") as trying:
            await until(lambda: trying.views)


async def test_a_renewed_certificate_is_believed_without_anything_done_at_the_kiosk(tmp_path: Path) -> None:
    tls = made(tmp_path / "tls")
    ca = tmp_path / "ca.crt"
    ca.write_bytes((tls / "ca.crt").read_bytes())
    made(tls)
    async with secure_hall(tmp_path / "hall", tls) as h:
        token = await h.device("kiosk-1", "kiosk")
        async with Trying(f"https://127.0.0.1:{h.service.port}", token, ca) as trying:
            await until(lambda: trying.views)


NOW = datetime.now(UTC)
REFUSED = {
    "another authority": "is not of the authority in the file of --ca",
    "nobody known": "this PC does not know who made its certificate",
    "ended": "its certificate has ended",
    "not yet": "is not valid yet: look at the date of this PC",
    "another name": "its certificate is not for 127.0.0.1",
    "beyond its authority": "its authority may not speak for it",
}


@pytest.mark.parametrize("case", REFUSED)
async def test_who_is_not_the_hall_is_refused_in_a_sentence_and_told_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, case: Any
) -> None:
    times = {"ended": NOW - certificates.SERVER - timedelta(days=1), "not yet": NOW + timedelta(days=9)}
    names = ("localhost",) if case == "another name" else HERE
    tls = made(tmp_path / "tls", *names, now=times.get(case))
    ca: Path | None = tls / "ca.crt"
    if case == "another authority":
        ca = made(tmp_path / "other") / "ca.crt"
    elif case == "nobody known":
        ca = None
    elif case == "beyond its authority":
        strange(tls, "127.0.0.1", "mail.example.com")
    async with secure_hall(tmp_path / "hall", tls) as h, tapped(h.service.port) as wire:
        token = await h.device("kiosk-1", "kiosk")
        async with Trying(f"https://127.0.0.1:{wire.port}", token, ca) as trying:
            await until(lambda: told(caplog))
            heard = len(wire.heard)
            await until(lambda: len(wire.heard) > heard)  # it has tried again
        assert not trying.views
        assert REFUSED[case] in told(caplog)[0]
        assert len(told(caplog)) == 1, "said once, not at each try"
        assert not wire.has(token)
        assert b"GET /ws" not in wire.heard, "no silent way back to http"


async def test_a_hall_without_tls_is_said_and_the_token_stays_here(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ca = made(tmp_path / "tls") / "ca.crt"
    async with hall(tmp_path / "hall") as h, tapped(h.service.port) as wire:
        token = await h.device("kiosk-1", "kiosk")
        async with Trying(f"https://127.0.0.1:{wire.port}", token, ca):
            await until(lambda: told(caplog))
        assert "is [tls] in the hall.toml that the hall runs with?" in told(caplog)[0]
        assert not wire.has(token)


async def test_a_kiosk_with_an_http_address_at_a_hall_with_tls_is_told_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with secure_hall(tmp_path / "hall", made(tmp_path / "tls")) as h, tapped(h.service.port) as wire:
        token = await h.device("kiosk-1", "kiosk")
        async with Trying(f"http://127.0.0.1:{wire.port}", token, None):
            await until(lambda: told(caplog))
        assert "does it have TLS, and an https:// address?" in told(caplog)[0]
        assert not wire.has(token)


async def test_another_reason_is_said_when_it_comes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A hall that was off when the kiosk started: what is wrong with its certificate would be seen by nobody."""
    ca = made(tmp_path / "other") / "ca.crt"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with secure_hall(tmp_path / "hall", made(tmp_path / "tls")) as h:
        token = await h.device("kiosk-1", "kiosk")
        async with Trying(f"https://127.0.0.1:{port}", token, ca):
            await until(lambda: told(caplog))
            async with tapped(h.service.port, port):
                await until(lambda: len(told(caplog)) > 1)
        assert "is not of the authority" not in told(caplog)[0]
        assert "is not of the authority" in told(caplog)[-1]


# --- what passes on the wire --------------------------------------------------------------------------------


def signed_in(connection: http.client.HTTPConnection) -> tuple[str, str]:
    """A clerk signs in and looks at the desk page: the session's cookie, and what was sent as name and PIN."""
    basic = base64.b64encode(f"Hoa:{PIN}".encode()).decode()
    connection.request("POST", "/sign-in", headers={"Authorization": f"Basic {basic}"})
    response = connection.getresponse()
    response.read()
    assert response.status == 204
    cookie = cookie_of(response)
    connection.request("GET", "/desk", headers={"Cookie": f"luot={cookie}"})
    page = connection.getresponse()
    assert page.status == 200
    page.read()
    connection.close()
    return cookie, basic


@pytest.mark.parametrize("secure", [True, False], ids=["TLS", "in clear"])
async def test_no_token_no_pin_and_no_session_passes_in_clear(tmp_path: Path, secure: Any) -> None:
    """Without TLS all three are heard: the listener listens."""
    tls = made(tmp_path / "tls")
    running = secure_hall(tmp_path / "hall", tls) if secure else hall(tmp_path / "hall")
    async with running as h, tapped(h.service.port) as wire:
        await h.service.do({"do": "person", "name": "Hoa", "role": "clerk", "pin": PIN})
        token = await h.device("kiosk-1", "kiosk")
        url = f"{'https' if secure else 'http'}://127.0.0.1:{wire.port}"
        connection = (
            http.client.HTTPSConnection("127.0.0.1", wire.port, context=trust.pinned(url, tls / "ca.crt"))
            if secure
            else http.client.HTTPConnection("127.0.0.1", wire.port)
        )
        secrets = [token, *await asyncio.to_thread(signed_in, connection)]
        async with Trying(url, token, tls / "ca.crt" if secure else None) as trying:
            await until(lambda: trying.views)
            await trying.client.ask(p.Issue(id="00000000-0000-4000-8000-000000000001", area="tu-phap"))
    assert len(wire.heard) > 2000
    assert [wire.has(secret) for secret in secrets] == [not secure] * 3


# --- the programs -------------------------------------------------------------------------------------------


def words(part: str, server: str, ca: Path, folder: Path) -> list[str]:
    own = ["--printer", f"preview:{folder / 'paper'}", "--data", str(folder / "kiosk")] if part == "kiosk" else []
    own += ["--voice", "off"] if part == "display" else []
    line = [sys.executable, "-P", "-m", part, "--server", server, "--ca", str(ca)]
    return [*line, "--token-file", str(folder / "token"), "--windowed", "540x960", *own]


ENVIRONMENT = {**os.environ, "SDL_VIDEODRIVER": "offscreen", "XDG_RUNTIME_DIR": "/nowhere"}


@pytest.mark.parametrize("part", ["kiosk", "display"])
@pytest.mark.parametrize(
    ("file", "server", "sentence"),
    [
        ("none", "https://127.0.0.1:9", "No such file"),
        (".", "https://127.0.0.1:9", "Is a directory"),
        ("empty", "https://127.0.0.1:9", "there is no certificate in it"),
        ("picture", "https://127.0.0.1:9", "there is no certificate in it"),
        ("damaged", "https://127.0.0.1:9", "is damaged"),
        ("tls/ca.key", "https://127.0.0.1:9", "a private key, which stays on the server"),
        ("leaf", "https://127.0.0.1:9", "a server's certificate, not its authority's"),
        ("tls/ca.crt", "http://127.0.0.1:9", "is not encrypted; give the https:// address"),
    ],
)
def test_a_wrong_file_is_a_sentence_before_anything_opens(
    tmp_path: Path, part: Any, file: Any, server: Any, sentence: Any
) -> None:
    tls = made(tmp_path / "tls")
    lines = (tls / "ca.crt").read_text().splitlines()
    (tmp_path / "empty").touch()
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "damaged").write_text("\n".join([*lines[:3], *lines[4:]]))
    leaf = (tls / "server.pem").read_text()
    (tmp_path / "leaf").write_text(leaf[leaf.index("-----BEGIN CERT") :])
    (tmp_path / "token").write_text("0123456789abcdef")
    line = words(part, server, tmp_path / file, tmp_path)
    ended = subprocess.run(line, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2, ended.stderr
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    installed = [sys.executable, "-m", "server", "install", part, "--user", "root", "--print", "--server", server]
    installed += ["--ca", str(tmp_path / file), "--token-file", str(tmp_path / "token"), "--data", str(tmp_path)]
    installed += ["--printer", "preview:x"] if part == "kiosk" else []
    ended = subprocess.run(installed, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2, ended.stdout
    assert sentence in ended.stderr


@pytest.mark.screen
@pytest.mark.parametrize("part", ["kiosk", "display"])
async def test_the_program_comes_in_by_its_file(tmp_path: Path, part: Any) -> None:
    tls = made(tmp_path / "tls")
    async with secure_hall(tmp_path / "hall", tls) as h:
        (tmp_path / "token").write_text(await h.device(f"{part}-1", part))
        line = words(part, f"https://127.0.0.1:{h.service.port}", tls / "ca.crt", tmp_path)
        process = await asyncio.create_subprocess_exec(*line, cwd=ROOT, env=ENVIRONMENT)
        try:
            await until(lambda: h.service.presence.is_connected(f"{part}-1"), 60)
        finally:
            process.terminate()
            await process.wait()

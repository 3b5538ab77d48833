"""Who comes in: PINs, tokens, sessions, names of the hall, origins, limits; and the pages' own rules."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import http.client
import io
import json
import threading
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.typing import Origin

from server import protocol as p
from server.client.client import Client, socket_url
from server.live.clock import SimulatedClock
from server.live.pushes import LAG, PUSH_EVERY
from server.pages import exports
from server.record import file as record
from server.record.file import FILE
from server.record.tables import sqlite3
from server.settings.process import Config, Hours, Limits
from tests.halls import PIN, cookie_of, hall, new_id, sign_in, sit, sitting, until


def get(port: Any, path: Any, method: str = "GET", **headers: Any) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return response, response.read()


async def test_a_person_signs_in_and_out(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await h.service.do({"do": "person", "name": "Hoà", "role": "clerk", "pin": PIN})
        wrong = await asyncio.to_thread(sign_in, h.service.port, "Hoà", "000000")
        assert wrong.status == 401
        assert wrong.getheader("WWW-Authenticate") is None
        right = await asyncio.to_thread(sign_in, h.service.port, "Hoà", PIN)
        assert right.status == 204
        cookie = right.getheader("Set-Cookie")
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        token = cookie_of(right)
        async with sitting(h.url, "desk", token):
            pass
        out, _ = await asyncio.to_thread(
            get,
            h.service.port,
            "/sign-out",
            "POST",
            Cookie=f"luot={token}",
            Origin=f"http://127.0.0.1:{h.service.port}",
        )
        assert out.status == 204
        seat = sit(h.url, "desk", token)
        await until(lambda: seat.client.state == "unauthorised")
        await seat.leave()


async def test_wrong_tries_delay_by_name_and_address_and_lock_nobody_out(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        for name in ("Hoa", "Lan"):
            await h.service.do({"do": "person", "name": name, "role": "clerk", "pin": PIN})
        answers = [await asyncio.to_thread(sign_in, h.service.port, "Hoa", "000000") for _ in range(4)]
        assert [answer.status for answer in answers][:2] == [401, 401]
        late = answers[-1]
        assert late.status == 429
        assert 1 <= int(late.getheader("Retry-After") or 0) <= 60
        assert (await asyncio.to_thread(sign_in, h.service.port, "Hoa", PIN)).status == 429
        assert (await asyncio.to_thread(sign_in, h.service.port, "Lan", PIN)).status == 204
        assert h.service.access.wait("Hoa", "10.0.0.9", 0.0) == 0


async def test_nothing_secret_is_on_the_disk(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        session = await h.person("Hoa")
        kiosk = await h.seat("kiosk", token)
        issued = await kiosk.ask(p.Issue, area="tu-phap")
    disk = b"".join(path.read_bytes() for path in tmp_path.glob(FILE + "*"))
    for secret in (token, session, PIN, issued["token"].split(".")[1]):
        assert secret.encode() not in disk
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in disk


async def test_a_revoked_device_is_cut_off_at_once(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk = await h.kiosk()
        manager = await h.manager()
        await manager.ask(p.Revoke, kind="device", name="kiosk-1")
        await until(lambda: kiosk.client.state == "unauthorised")


async def test_a_revoked_person_is_cut_off_and_the_last_manager_stays(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        desk, manager = await h.desk(), await h.manager()
        await manager.ask(p.Revoke, kind="person", name="Hoa")
        await until(lambda: desk.client.state == "unauthorised")
        error = await manager.refused(p.Revoke, kind="person", name="Minh")
        assert (error.code, error.detail) == ("last_manager", "Minh is the last manager: add another one first")


async def test_sessions_end_with_the_day(tmp_path: Path) -> None:
    clock = SimulatedClock(1_795_428_000_000)  # Monday, 23 November 2026, 17:00 in Viet Nam
    async with hall(tmp_path, hours=Hours(), clock=clock) as h:
        desk, kiosk = await h.desk(), await h.kiosk()
        await kiosk.ask(p.Issue, area="tu-phap")
        await desk.ask(p.CloseDesk, desk="1")
        clock.at += 3 * 3_600_000
        await until(lambda: desk.client.state == "unauthorised")
        assert not h.service.rounds.hall.day_open
        assert kiosk.client.state == "connected"


async def test_the_first_manager_comes_in_once(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        _, pin = await h.service.people.first_manager()
        assert len(pin) == 6
        first = await asyncio.to_thread(sign_in, h.service.port, "quan-ly", pin)
        assert first.status == 204
        assert (await asyncio.to_thread(sign_in, h.service.port, "quan-ly", pin)).status == 401
        manager = await h.seat("manager", cookie_of(first))
        assert [person.settled for person in manager.view.people] == [False]
        await manager.ask(p.SetPin, name="quan-ly", pin="13579246")
        await until(lambda: manager.view.people[0].settled)
        assert (await asyncio.to_thread(sign_in, h.service.port, "quan-ly", "13579246")).status == 204
        assert await h.service.people.first_manager() is None


async def test_an_unused_one_time_pin_is_replaced_at_the_next_start(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        _, old = await h.service.people.first_manager()
    async with hall(tmp_path) as h:
        _, new = await h.service.people.first_manager()
        if new != old:
            assert (await asyncio.to_thread(sign_in, h.service.port, "quan-ly", old)).status == 401
        assert (await asyncio.to_thread(sign_in, h.service.port, "quan-ly", new)).status == 204


async def test_host_and_origin(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        port = h.service.port

        async def status(path: Any, method: str = "GET", **headers: Any) -> Any:
            return (await asyncio.to_thread(get, port, path, method, **headers))[0].status

        assert await status("/sign-in") == 200
        assert await status("/sign-in", Host=f"localhost:{port}") == 200
        assert await status("/sign-in", Host=f"192.168.1.10:{port}") == 200
        assert await status("/sign-in", Host=f"evil.example:{port}") == 421
        assert await status("/sign-in", Origin="http://evil.example") == 403
        assert await status("/sign-in", "POST", Origin="http://evil.example") == 403
        assert await status("/nothing") == 404
        assert await status("/web/../access.py") == 404
        assert await status("/web/%2e%2e/access.py") == 404
        assert await status("/sign-in", "DELETE") == 405
        assert await status("/export/report.csv?start=2026-11-01&end=2026-11-30") == 303


async def test_a_cookie_counts_only_from_the_halls_own_page(tmp_path: Path) -> None:
    """A page of another site, or one without an origin, cannot use the clerk's cookie."""
    async with hall(tmp_path) as h:
        token = await h.person("Hoa")
        hello = '{"type":"hello","protocol":1,"role":"desk"}'
        own = f"http://127.0.0.1:{h.service.port}"
        for origin, welcome in ((Origin(own), True), (None, False)):
            async with connect(
                socket_url(h.url), additional_headers={"Cookie": f"luot={token}"}, origin=origin, proxy=None
            ) as socket:
                await socket.send(hello)
                answer = json.loads(await socket.recv())
                assert (answer["type"] == "welcome") == welcome


async def test_every_page_carries_a_strict_policy(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        pages = h.service._pages.table
        assert {"/desk", "/manager", "/sign-in"} <= set(pages)
        for path in pages:
            response, body = await asyncio.to_thread(get, h.service.port, path)
            assert response.status == 200, path
            policy = response.getheader("Content-Security-Policy")
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert response.getheader("X-Content-Type-Options") == "nosniff"
            assert len(body) == int(response.getheader("Content-Length"))
            if response.getheader("Content-Type").startswith("text/html"):
                assert b" style=" not in body
                assert b"<style" not in body
                assert b"onclick" not in body
        head, body = await asyncio.to_thread(get, h.service.port, "/desk", "HEAD")
        assert (head.status, body) == (200, b"")
        assert int(head.getheader("Content-Length")) > 0


async def test_exports_are_for_managers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hall(tmp_path) as h:
        kiosk = await h.kiosk()
        for _ in range(2):
            await kiosk.ask(p.Issue, area="tu-phap")
        clerk, manager = await h.person("Hoa"), await h.person("Minh", "manager")
        path = "/export/log.csv?start=2026-01-01&end=2036-12-31"
        refused, _ = await asyncio.to_thread(get, h.service.port, path, Cookie=f"luot={clerk}")
        assert refused.status == 303
        given, body = await asyncio.to_thread(get, h.service.port, path, Cookie=f"luot={manager}")
        assert given.status == 200
        assert body.startswith(b"\xef\xbb\xbflocal_time,seq,at,kind")
        assert 'filename="luot-log-2026-01-01-2036-12-31.csv"' in given.getheader("Content-Disposition")
        zone = ZoneInfo(h.service.in_force.settings.timezone)
        for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig"))):
            local = datetime.fromisoformat(row["local_time"]).replace(tzinfo=zone)
            assert local == datetime.fromisoformat(row["at"]).replace(microsecond=0)
        monkeypatch.setattr(exports, "EXPORT_ROWS", 1)
        cut, body = await asyncio.to_thread(get, h.service.port, path, Cookie=f"luot={manager}")
        assert "-newest-1.csv" in cut.getheader("Content-Disposition")
        assert len(body.decode().splitlines()) == 2
        bad, _ = await asyncio.to_thread(get, h.service.port, "/export/log.csv?start=x", Cookie=f"luot={manager}")
        assert bad.status == 400


async def test_too_many_messages_are_refused_and_the_socket_lives(tmp_path: Path) -> None:
    async with hall(tmp_path, limits=Limits(messages_per_second=20, tickets_per_minute=0)) as h:
        kiosk = await h.kiosk()
        replies = await asyncio.gather(*(kiosk.reply(p.Status(id=new_id())) for _ in range(40)))
        codes = [reply.error.code for reply in replies if not reply.ok]
        assert 10 <= len(codes) <= 25
        assert set(codes) == {"too_fast"}
        await asyncio.sleep(0.2)
        assert (await kiosk.reply(p.Status(id=new_id()))).ok


async def test_nothing_that_a_stranger_sends_reaches_the_disk(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await h.service.do({"do": "person", "name": "Hoa", "role": "clerk", "pin": PIN})
        kiosk = await h.kiosk()
        with contextlib.closing(sqlite3.connect(f"file:{tmp_path / FILE}?mode=ro", uri=True)) as conn:

            def version() -> int:
                return int(conn.execute("PRAGMA data_version").fetchone()[0])

            before, port = version(), h.service.port
            own = {"Origin": f"http://127.0.0.1:{port}", "Host": f"127.0.0.1:{port}"}
            for n in range(5):
                out, _ = await asyncio.to_thread(get, port, "/sign-out", "POST", Cookie=f"luot=made-up-{n}", **own)
                assert out.status == 204
                assert (await asyncio.to_thread(sign_in, port, f"Ai đó {n}", "000000")).status == 401
            async with connect(socket_url(h.url), proxy=None) as socket:
                await socket.send(p.encode(p.Hello(protocol=1, role="kiosk", token="made up")).decode())
                assert json.loads(await socket.recv())["code"] == "unauthorised"
            assert version() == before
            # Nor does what changes nothing, whoever sends it.
            assert (await kiosk.refused(p.Issue, area="nowhere")).code == "unknown_area"
            assert (await kiosk.refused(p.Find, number="9999")).code == "unknown_number"
            assert version() == before
            await kiosk.ask(p.Issue, area="tu-phap")
            assert version() != before


async def test_an_unexpected_error_of_a_page_is_logged_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with hall(tmp_path) as h:
        session = await h.person("Minh", "manager")
        (tmp_path / FILE).rename(tmp_path / "elsewhere")
        path = "/export/report.csv?start=2026-11-23&end=2026-11-24"
        response, _ = await asyncio.to_thread(get, h.service.port, path, Cookie=f"luot={session}")
        (tmp_path / "elsewhere").rename(tmp_path / FILE)
    assert response.status == 500
    assert "unable to open database file" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("head", ["Host: [::1", "Host: 127.0.0.1\r\nHost: 127.0.0.1", "X: y"])
async def test_an_odd_host_is_refused_and_no_error_of_ours(
    tmp_path: Path, head: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with hall(tmp_path) as h:
        reader, writer = await asyncio.open_connection("127.0.0.1", h.service.port)
        writer.write(f"GET /desk HTTP/1.1\r\n{head}\r\n\r\n".encode())
        assert (await reader.readline()).split()[1] in {b"400", b"421"}
        writer.close()
    assert "Traceback" not in caplog.text


async def test_every_file_that_is_served_is_used(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        table = h.service._pages.table
    texts = [file.body.decode() for file in table.values() if "text/" in file.kind]
    files = {path for path in table if path.startswith("/web/") and not path.startswith("/web/texts/")}
    assert {path for path in files if not any(path.rpartition("/")[2] in text for text in texts)} == set()


async def close_code(socket: ClientConnection) -> int | None:
    """Read to the end: the code with which the hall closed."""
    with pytest.raises(ConnectionClosed):
        while True:
            await socket.recv()
    return socket.close_code


async def test_a_sign_in_that_is_over_ends_on_the_live_socket_too(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        desk = await h.desk()
        access = h.service.access
        soon = h.service.rounds.clock.read().now + 300
        access.logins = {token: (name, soon) for token, (name, _) in access.logins.items()}
        await until(lambda: desk.client.state == "unauthorised")


async def test_the_papers_secrets_go_to_whoever_prints_it(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk, desk = await h.kiosk(), await h.desk()
        given = await kiosk.ask(p.Issue, area="tu-phap")
        assert given["token"]
        assert len(given["rating_code"]) == 2
        by_hand = await desk.ask(p.Issue, area="tu-phap")
        again = await desk.ask(p.Reprint, ticket=given["ticket"])
        assert (by_hand["token"], by_hand["rating_code"]) == (again["token"], again["rating_code"]) == ("", "")
        await until(lambda: kiosk.view.jobs)
        assert kiosk.view.jobs[0].ticket.rating_code == given["rating_code"], "the kiosk prints it"


async def test_who_only_holds_places_loses_them(tmp_path: Path) -> None:
    """The oldest of an address goes, so that whoever comes is let in: silent sockets keep nobody out."""
    async with hall(tmp_path, limits=Limits(sockets_per_address=3)) as h:
        token = await h.device("kiosk-1", "kiosk")
        silent = [await connect(socket_url(h.url), proxy=None) for _ in range(3)]
        kiosk = await h.seat("kiosk", token)
        with pytest.raises(ConnectionClosed):
            await silent[0].recv()
        again = await connect(socket_url(h.url), proxy=None)
        assert silent[1].state is silent[2].state is again.state is State.OPEN, "the greeted one counts no more"
        assert (await kiosk.reply(p.Status(id=new_id()))).ok
        for socket in (*silent[1:], again):
            await socket.close()


async def test_one_name_takes_two_places_and_the_newest_stays(tmp_path: Path) -> None:
    async with hall(tmp_path, limits=Limits()) as h:
        token = await h.device("tablet", "kiosk")

        async def greeted() -> ClientConnection:
            socket = await connect(socket_url(h.url), proxy=None)
            await socket.send(p.encode(p.Hello(protocol=1, role="kiosk", token=token)).decode())
            assert json.loads(await socket.recv())["type"] == "welcome"
            return socket

        sockets = [await greeted() for _ in range(12)]
        for socket in sockets[:-2]:
            assert await close_code(socket) == 4429
        assert sockets[-2].state is sockets[-1].state is State.OPEN
        for socket in sockets[-2:]:
            await socket.close()


async def test_who_does_not_read_is_dropped(tmp_path: Path) -> None:
    """A reader that stands still costs 1 MiB, and what the system's own buffers hold; then it may come again."""
    async with hall(tmp_path) as h:
        kiosk, session = await h.kiosk(), await h.person("Hoa")
        for _ in range(100):
            await kiosk.ask(p.Issue, area="tu-phap")
        still = await connect(socket_url(h.url), proxy=None, max_queue=1)
        await still.send(p.encode(p.Hello(protocol=1, role="desk", token=session)).decode())
        sessions = h.service.sessions
        await until(lambda: sessions.of("desk"))
        (one,) = sessions.of("desk")
        most = 0
        async with asyncio.timeout(120):
            while sessions.of("desk"):
                await kiosk.ask(p.Issue, area="tu-phap")
                most = max(most, one.socket.transport.get_write_buffer_size())
                await asyncio.sleep(PUSH_EVERY)
        assert most < LAG + 256 * 1024
        still.transport.abort()


async def test_three_kiosks_with_one_token_do_not_push_each_other_out_for_ever(tmp_path: Path) -> None:
    async with hall(tmp_path, limits=Limits()) as h:
        token = await h.device("kiosk-1", "kiosk")
        greeted = 0

        def count(_welcome: object) -> None:
            nonlocal greeted
            greeted += 1

        clients = [Client(h.url, role="kiosk", token=token, view=p.KioskView, on_welcome=count) for _ in range(3)]
        tasks = [asyncio.create_task(client.run()) for client in clients]
        await until(lambda: greeted == 3)
        await until(lambda: sum(client.state == "connected" for client in clients) == 2)
        await asyncio.sleep(4)  # many times as long as a client waits after an ordinary cut
        assert greeted == 3
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_nearly_full_disk_keeps_nobody_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first start, and the hall's own kiosk and display, need a little room and no more."""
    monkeypatch.setattr(record, "NEARLY_FULL", 2**62)
    async with hall(tmp_path) as h:
        assert h.service.disk.low
        assert await h.service.people.first_manager() is not None
        assert all(file.exists() for file in (await h.service.pair_locally()).values())
        monkeypatch.setattr(record.Record, "free", lambda _: 0)
        await until(lambda: h.service.disk.full)
        for name in ("kiosk-local", "display-local"):
            h.service.access.drop("device", name)
        await h.service.pair_locally()  # says so in the log, and goes on


async def test_a_first_pin_that_the_disk_does_not_take_is_no_wrong_pin(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        name, pin = await h.service.people.first_manager()
        h.service.rounds.record.free = lambda: 0
        await until(lambda: h.service.disk.full)
        assert (await asyncio.to_thread(sign_in, h.service.port, name, pin)).status == 503
        del h.service.rounds.record.free
        await until(lambda: not h.service.disk.full)
        assert (await asyncio.to_thread(sign_in, h.service.port, name, pin)).status == 204


async def test_displays_and_desks_leave_places_to_kiosks_and_managers(tmp_path: Path) -> None:
    async with hall(tmp_path, limits=Limits(sockets=200 + 4)) as h:
        tokens = [await h.device(f"d{n}", "display") for n in range(4)]
        for token in tokens[:3]:
            await h.seat("display", token)
        late = await connect(socket_url(h.url), proxy=None)
        await late.send(p.encode(p.Hello(protocol=1, role="display", token=tokens[3])).decode())
        assert json.loads(await late.recv())["code"] == "too_many"
        await late.close()
        assert (await (await h.kiosk()).reply(p.Status(id=new_id()))).ok


async def test_who_keeps_sending_too_fast_is_closed(tmp_path: Path) -> None:
    async with hall(tmp_path, limits=Limits(messages_per_second=20)) as h:
        token = await h.device("kiosk-1", "kiosk")
        socket = await connect(socket_url(h.url), proxy=None)
        await socket.send(p.encode(p.Hello(protocol=1, role="kiosk", token=token)).decode())
        ended = asyncio.create_task(close_code(socket))
        with contextlib.suppress(ConnectionClosed):
            for _ in range(5000):
                await socket.send(p.encode(p.Status(id=new_id())).decode())
        assert await asyncio.wait_for(ended, 20) == 4429


@pytest.mark.parametrize("given", [True, False], ids=["given", "of the system"])
async def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Any) -> None:
    """A hall's own certificate is trusted where the client is given it, or where the system is told of it."""
    import ssl
    import subprocess

    from server.service import Service
    from server.settings.process import Tls
    from server.settings.shape import BadSettings

    cert, key = tmp_path / "hall.crt", tmp_path / "hall.key"
    await asyncio.to_thread(
        subprocess.run,
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert),
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    if not given:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    config = Config(host="127.0.0.1", port=0, tls=Tls(cert=str(cert), key=str(key)))
    async with Service(tmp_path / "hall", config) as service:
        running = asyncio.create_task(service.run())
        token = (await service.do({"do": "device", "name": "kiosk-1", "role": "kiosk"}))["result"]["token"]
        from server.client.client import Client

        views = []
        client = Client(
            f"https://127.0.0.1:{service.port}",
            role="kiosk",
            token=token,
            view=p.KioskView,
            on_view=lambda view, _: views.append(view),
            tls=ssl.create_default_context(cafile=str(cert)) if given else None,
        )
        task = asyncio.create_task(client.run())
        await until(lambda: views)
        for one in (task, running):
            one.cancel()
        await asyncio.gather(task, running, return_exceptions=True)
    bad = Config(host="127.0.0.1", port=0, tls=Tls(cert=str(key), key=str(cert)))
    with pytest.raises(BadSettings, match="tls"):
        async with Service(tmp_path / "hall", bad):
            pass


async def test_wrong_tries_side_by_side_count_too(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await h.service.do({"do": "person", "name": "Hoa", "role": "clerk", "pin": PIN})
        answers = await asyncio.gather(
            *(asyncio.to_thread(sign_in, h.service.port, "Hoa", "000000") for _ in range(12))
        )
        assert [answer.status for answer in answers].count(429) >= 8


@contextlib.asynccontextmanager
async def slow_disk(h: Any, desk: Any) -> AsyncIterator[Any]:
    """A round is under way and stays so: what is read of the hall meanwhile is told to nobody yet."""
    rounds, released = h.service.rounds, threading.Event()
    rounds._thread.do(released.wait, 20)
    asked = asyncio.create_task(desk.reply(p.Issue(id=new_id(), area="tu-phap")))
    try:
        await until(lambda: rounds._under_way)
        yield
    finally:
        released.set()
        await asked


async def test_who_hangs_up_during_the_welcome_leaves_no_place_taken(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        hello = p.encode(p.Hello(protocol=1, role="kiosk", token=token)).decode()
        desk = await h.desk()
        for _ in range(5):
            async with slow_disk(h, desk):
                socket = await connect(socket_url(h.url), proxy=None)
                await socket.send(hello)
                await asyncio.sleep(0.05)
                socket.transport.abort()
                await asyncio.sleep(0.05)
        await until(lambda: not h.service.presence.is_connected("kiosk-1"))
        assert not h.service.sessions.of("kiosk")


async def test_who_is_revoked_while_coming_in_stays_out(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        desk = await h.desk()
        async with connect(socket_url(h.url), proxy=None) as socket:
            async with slow_disk(h, desk):
                await socket.send(p.encode(p.Hello(protocol=1, role="kiosk", token=token)).decode())
                await asyncio.sleep(0.1)
                h.service.access.drop("device", "kiosk-1")
            assert json.loads(await socket.recv())["code"] == "unauthorised"


async def test_a_kiosk_of_this_machine_is_paired_anew_where_the_record_knows_another_token(tmp_path: Path) -> None:
    """A copy of another PC's record was restored."""
    async with hall(tmp_path) as h:
        tokens = await h.service.pair_locally()
        before = tokens["kiosk"].read_text()
        assert (await h.service.pair_locally())["kiosk"].read_text() == before
        tokens["kiosk"].write_text("of another PC")
        await h.service.pair_locally()
        access = h.service.access
        assert access.device(tokens["kiosk"].read_text(), "kiosk") is not None
        assert access.device(before, "kiosk") is None

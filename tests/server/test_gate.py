"""At the door: how many may wait there, and how many are let in before the hall goes on with its work."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import struct
import subprocess
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from server import service
from server.access.pins import OF_ADDRESS as OF_ADDRESS_PINS
from server.live.door import OF_ADDRESS, TAKEN
from server.service import Service
from server.settings.process import Config, Limits, Tls
from tests.halls import hall, until

MANY = 600


async def test_connections_are_let_in_one_by_one_and_each_address_in_its_turn(tmp_path: Path) -> None:
    """Between any two of them the hall does what else there is to do; however many come, others are among the next."""
    async with hall(tmp_path, limits=Limits(sockets_per_address=MANY)) as h:
        gate, taken = h.service._gate, [0]
        where = ("127.0.0.1", h.service.port)
        with ExitStack() as stack:
            links = [stack.enter_context(socket.create_connection(where, timeout=0.5)) for _ in range(MANY)]
            other = stack.enter_context(socket.create_connection(where, 0.5, ("127.0.0.2", 0)))
            # Nothing has run in this loop meanwhile: the system held them all.
            while "127.0.0.2" not in gate._by_address:
                await asyncio.sleep(0)
                taken.append(gate.taken)
            assert max(after - before for before, after in pairwise(taken)) <= 1
            assert gate.taken <= MANY // TAKEN + 5
            # On those for whom there is no room we hang up; whoever waits gets in.
            links[-1].setblocking(False)
            with suppress(ConnectionResetError):
                assert await asyncio.get_running_loop().sock_recv(links[-1], 1) == b""
            await until(lambda: gate.taken > OF_ADDRESS)
            other.close()
        await until(lambda: not gate._by_address and not h.service._door._waiting)


async def test_what_a_connection_says_that_has_gone_already_counts_for_nobody(tmp_path: Path) -> None:
    """It has no address any more: its tries of a PIN would pass every bound."""
    async with hall(tmp_path, limits=Limits()) as h:
        await h.person("Minh", "manager")
        pins, tried = h.service.access.pins, 0
        where = ("127.0.0.1", h.service.port)
        for n in range(40):
            link = socket.create_connection(where)
            who = base64.b64encode(f"x{n}:123456".encode()).decode()
            link.sendall(f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {who}\r\n\r\n".encode())
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            link.close()
            await asyncio.sleep(0.005)
            tried = max(tried, len(pins._queue))
        assert tried <= OF_ADDRESS_PINS
        await until(lambda: not pins._queue and not h.service._gate._by_address)


async def test_a_download_is_no_strangers(tmp_path: Path) -> None:
    """Among many who only hold places it would be the oldest, and the first to go."""
    async with hall(tmp_path, limits=Limits()) as h:
        session = await h.person("Minh", "manager")
        reader, writer = await asyncio.open_connection("127.0.0.1", h.service.port)
        path = "/export/log.csv?start=2026-01-01&end=2036-12-31"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: luot={session}\r\n\r\n".encode())
        await until(lambda: h.service._gate.taken == 1 and not h.service._gate._by_address)
        assert (await reader.read(64)).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_silent_strangers_hold_up_no_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CLOSED_WITHIN", 1000.0)  # else it would wait that long for their farewells
    with ExitStack() as stack:
        async with hall(tmp_path, limits=Limits()) as h:
            for n in range(20):
                stack.enter_context(socket.create_connection(("127.0.0.1", h.service.port), 1, (f"127.0.0.{n + 2}", 0)))
            await until(lambda: h.service._gate.taken == 20)
            gate = h.service._gate
        assert not gate._by_address


async def test_of_a_slow_reader_that_is_dropped_the_system_keeps_nothing(tmp_path: Path) -> None:
    """Else it goes on offering the rest of the page for minutes, of as many as come."""
    async with hall(tmp_path, limits=Limits(sockets_per_address=2)) as h:
        where = ("127.0.0.1", h.service.port)
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(slow, where)
            await loop.sock_sendall(slow, b"GET /web/fonts/BeVietnamPro-400.ttf HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert (await loop.sock_recv(slow, 64)).startswith(b"HTTP/1.1 200")
            with socket.create_connection(where), socket.create_connection(where):
                await until(lambda: h.service._gate.taken == 3)
                await asyncio.sleep(0)
                got = 0
                with pytest.raises(ConnectionResetError):
                    while data := await loop.sock_recv(slow, 4096):
                        got += len(data)
                assert got < 50_000


async def test_with_tls_connections_count_from_their_first_byte(tmp_path: Path) -> None:
    """Each costs 300 KiB from then on: whoever only knocks loses the place as well, and who speaks no TLS."""
    cert, key = tmp_path / "hall.crt", tmp_path / "hall.key"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert), "-days", "2"]
    words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    await asyncio.to_thread(subprocess.run, ["openssl", *words], check=True, capture_output=True)
    config = Config(
        host="127.0.0.1", port=0, tls=Tls(cert=str(cert), key=str(key)), limits=Limits(sockets_per_address=3)
    )
    async with Service(tmp_path / "hall", config) as service:
        running, gate = asyncio.create_task(service.run()), service._gate
        where = ("127.0.0.1", service.port)
        with ExitStack() as stack:
            for _ in range(20):
                stack.enter_context(socket.create_connection(where))
            await until(lambda: gate.taken == 20)
            assert gate._count == 3
            with socket.create_connection(where) as plain:
                plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
                await until(lambda: gate.taken == 21 and gate._count == 2)
            trusting = ssl.create_default_context(cafile=str(cert))
            reader, writer = await asyncio.open_connection(*where, ssl=trusting)
            # The request comes in one piece with the handshake's end.
            writer.write(b"GET /desk HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            assert b"</html>" in await reader.read()
            writer.close()
        await until(lambda: gate._count == 0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

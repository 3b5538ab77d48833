"""At the door: how many may wait there, and how many are let in before the hall goes on with its work."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from halls import hall, until

from server.config import Limits

MANY = 300


async def test_one_connection_is_taken_at_each_turn_and_hundreds_may_wait(tmp_path: Path) -> None:
    """Between any two of them the hall does what else there is to do; the system holds the others, and refuses none."""
    async with hall(tmp_path, limits=Limits(sockets_per_address=MANY)) as h:
        gate, taken = h.service._gate, [0]
        with ExitStack() as stack:
            for _ in range(MANY):  # nothing runs in this loop meanwhile
                stack.enter_context(socket.create_connection(("127.0.0.1", h.service.port), timeout=0.5))
            while gate.taken < MANY:
                await asyncio.sleep(0)
                taken.append(gate.taken)
        assert max(after - before for before, after in pairwise(taken)) <= 2
        await until(lambda: not gate._by_address)


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

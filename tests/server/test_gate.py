"""At the door: how many may wait there, and how many are let in before the hall goes on with its work."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

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

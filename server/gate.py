"""Connections of strangers: those that have not said who they are. How many there may be, from where, how long.

A connection counts here from its first byte (with TLS: from the end of its handshake) until it is greeted or over. When
there are too many of them the oldest goes, of the address that has most: whoever comes is let in, says who they are
within a moment, and counts no more; whoever only holds places loses them.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast

from websockets.asyncio.server import ServerConnection

log = logging.getLogger(__name__)

STRANGERS: Final = 256
"""Connections of strangers in all."""
HEAD_WITHIN: Final = 5.0
"""s from the connection to the end of its request's head."""
QUEUE: Final = 1024
"""Connections that the system holds until they are taken."""
AT_ONCE: Final = QUEUE if sys.platform == "win32" else 1
"""Connections that are taken in one turn of the loop, before the next command is looked at. asyncio takes as many as it
lets the system hold; on Windows it takes one by one, however many that are."""


def hold_many(listening: Iterable[socket.socket]) -> None:
    """Let the system hold as many connections as may come at once."""
    for one in listening:
        with one.dup() as same:
            same.listen(QUEUE)


def cut(transport: asyncio.Transport) -> None:
    """End a connection at once, with all that was not read: the system would go on offering it for minutes."""
    at_once = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    with suppress(OSError):  # it may be gone already
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    transport.abort()


class Gate:
    """The strangers of one hall. `per_address`: so many of one address; 0 = no limit at all."""

    def __init__(self, per_address: int, strangers: int = STRANGERS) -> None:
        self._per_address, self._strangers = per_address, strangers
        self._by_address: dict[str, dict[Guarded, None]] = {}
        self._count = 0
        self.taken = 0
        """Connections that came."""

    def connections(self) -> type[ServerConnection]:
        """What websockets takes as `create_connection`: it only calls it."""
        return cast("type[ServerConnection]", partial(Guarded, self))

    def came(self, one: Guarded) -> None:
        self._by_address.setdefault(one.address, {})[one] = None
        self._count += 1
        self.taken += 1
        if not self._per_address:
            return
        if len(self._by_address[one.address]) > self._per_address:
            self._drop_oldest(one.address)
        elif self._count > self._strangers:
            self._drop_oldest(max(self._by_address, key=lambda address: len(self._by_address[address])))

    def knows(self, one: Guarded) -> None:
        """It has said who it is, or is gone: it counts here no more."""
        group = self._by_address.get(one.address, {})
        if one in group:
            del group[one]
            self._count -= 1
            if not group:
                del self._by_address[one.address]

    def _drop_oldest(self, address: str) -> None:
        oldest = next(iter(self._by_address[address]))
        self.knows(oldest)
        log.info("too many connections: one of %s is dropped", address)
        cut(oldest.transport)


class Guarded(ServerConnection):
    """A connection that the gate watches."""

    def __init__(self, gate: Gate, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate = gate
        self._late: asyncio.TimerHandle | None = None
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        self._late = self.loop.call_later(HEAD_WITHIN, self._drop_headless)
        self._gate.came(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._late is not None:
            self._late.cancel()
        self._gate.knows(self)
        super().connection_lost(exc)

    def greeted(self) -> None:
        """It has said who it is."""
        self._gate.knows(self)

    def _drop_headless(self) -> None:
        if self.request is None:
            cut(self.transport)

"""Connections of strangers: those that have not said who they are. How many there may be, from where, how long.

A connection counts here from its first byte until it is greeted or over; that of TLS costs 300 KiB from then on. When
there are too many of them the oldest goes, of the address that has most: whoever comes is let in, says who they are
within a moment, and counts no more; whoever only holds places loses them.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import struct
import sys
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast

from websockets.asyncio.server import ServerConnection

log = logging.getLogger(__name__)

STRANGERS: Final = 256
"""Connections of strangers in all."""
HEAD_WITHIN: Final = 5.0
"""s from the connection to the end of its request's head."""


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
        self.tls: ssl.SSLContext | None = None
        self._by_address: dict[str, dict[Guarded, None]] = {}
        self._count = 0
        self.taken = 0
        """Connections that came."""

    def connections(self) -> type[ServerConnection]:
        """What websockets takes as `create_connection`: it only calls it."""
        return cast("type[ServerConnection]", partial(Guarded, self))

    def came(self, one: Guarded) -> None:
        """Count a new connection; where there are too many, the oldest goes."""
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

    def close(self) -> None:
        """The hall ends: nobody waits for those who have not said who they are."""
        for group in list(self._by_address.values()):
            for one in list(group):
                self.knows(one)
                cut(one.transport)

    def _drop_oldest(self, address: str) -> None:
        oldest = next(iter(self._by_address[address]))
        self.knows(oldest)
        log.info("too many connections: one of %s is dropped", address)
        cut(oldest.transport)


class Guarded(ServerConnection):
    """A connection that the gate watches, from its first byte on: with TLS, its handshake is made here."""

    def __init__(self, gate: Gate, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate = gate
        self._late: asyncio.TimerHandle | None = None
        self._made = self._gone = False
        self._securing: asyncio.Task[None] | None = None
        self._early: list[bytes] = []
        """What came right behind the handshake of TLS."""
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: somebody connects."""
        self.transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        if peer is None:
            # It has gone already; what it said before is still there to be read, and would count for nobody.
            self._gone = True
            self.transport.abort()
            return
        self.address = str(peer[0])
        self._late = self.loop.call_later(HEAD_WITHIN, self._drop_headless)
        if self._gate.tls is None:
            self._is_made(transport)
        else:
            self.transport.pause_reading()
            self._securing = self.loop.create_task(self._secure(self._gate.tls))
        self._gate.came(self)

    def _is_made(self, transport: asyncio.BaseTransport) -> None:
        self._made = True
        super().connection_made(transport)

    async def _secure(self, tls: ssl.SSLContext) -> None:
        with suppress(OSError):  # no TLS, or gone: strangers' faults are no news
            secure = await self.loop.start_tls(
                self.transport, self, tls, server_side=True, ssl_handshake_timeout=HEAD_WITHIN
            )
            if secure is not None and not self._gone:
                self._is_made(secure)
                for data in self._early:
                    super().data_received(data)
                return
        self._over()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._made:
            super().data_received(data)
        else:
            self._early.append(data)

    def eof_received(self) -> None:
        """Called by asyncio: the other side sends no more."""
        if self._made:
            super().eof_received()
        else:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: the connection is over."""
        self._gone = True
        self._over()
        if self._securing is not None:
            self._securing.cancel()
        if self._made:
            super().connection_lost(exc)

    def _over(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._gate.knows(self)

    def greeted(self) -> None:
        """It has said who it is."""
        self._gate.knows(self)

    def _drop_headless(self) -> None:
        if self.request is None:
            cut(self.transport)

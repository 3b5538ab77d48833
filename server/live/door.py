"""Takes the connections that come, at a pace and each address in its turn: a crowd costs those who are inside little.

asyncio makes a connection of whatever has come. Here they wait as bare sockets, which cost next to nothing: one is let
in at each turn of the loop, a few hundred at once and then so many a second. Whoever comes from an address of its own
is among the next, however many others wait at theirs.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

log = logging.getLogger(__name__)

QUEUE: Final = 1024
"""Connections that the system holds until they are taken."""
TAKEN: Final = 32
"""Of which so many are taken at a time."""
OF_ADDRESS, WAITING = 64, 512
"""So many of one address wait, and so many in all; on others we hang up. A browser asks for six files at once."""
AT_ONCE, A_SECOND, A_SECOND_TLS = 200, 250, 80
"""So many are let in without a pause, and so many a second from then on: a handshake of TLS costs three times a plain
connection."""
AGAIN: Final = 1.0
"""s until the next try where the system has no file left."""


class Door:
    """Of one hall. `made`: the asyncio protocol of a new connection."""

    def __init__(
        self, listening: Iterable[socket.socket], made: Callable[[], asyncio.Protocol], a_second: float = A_SECOND
    ) -> None:
        """Take over from asyncio, which goes on by itself where its loop tells of no sockets (Windows: one by one)."""
        self._made, self._pace = made, a_second
        self._loop = asyncio.get_running_loop()
        self._own: list[socket.socket] = []
        self._waiting: dict[str, deque[socket.socket]] = {}
        """By address; the next in turn first."""
        self._count = 0
        self._may, self._since = float(AT_ONCE), self._loop.time()
        self._next: asyncio.Handle | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        for one in listening:
            try:
                self._loop.remove_reader(one.fileno())
            except NotImplementedError:
                return
            own = one.dup()
            own.listen(QUEUE)
            self._own.append(own)
            self._open(own)

    def close(self) -> None:
        """Take nobody in any more."""
        for own in self._own:
            self._loop.remove_reader(own.fileno())
            own.close()
        if self._next is not None:
            self._next.cancel()
        for waiting in self._waiting.values():
            for connection in waiting:
                connection.close()

    def _open(self, own: socket.socket) -> None:
        if own.fileno() >= 0:  # not closed meanwhile
            self._loop.add_reader(own.fileno(), self._take, own)

    def _take(self, own: socket.socket) -> None:
        for _ in range(TAKEN):
            try:
                connection, address = own.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                break  # no more, or it has gone again
            except OSError as error:
                log.error("no connection can be taken: %s", error)
                self._loop.remove_reader(own.fileno())
                self._loop.call_later(AGAIN, self._open, own)
                break
            self._wait(connection, str(address[0]))
        if self._next is None:
            self._let_in()

    def _wait(self, connection: socket.socket, address: str) -> None:
        waiting = self._waiting.setdefault(address, deque())
        waiting.append(connection)
        self._count += 1
        if len(waiting) <= OF_ADDRESS and self._count <= WAITING:
            return
        most = address
        if self._count > WAITING:  # among equals the newest
            most = max(reversed(self._waiting), key=lambda address: len(self._waiting[address]))
        self._waiting[most].pop().close()
        self._count -= 1
        if not self._waiting[most]:
            del self._waiting[most]

    def _let_in(self) -> None:
        """The next in turn, now or as soon as the pace allows; and so on, one at each turn of the loop."""
        self._next = None
        if not self._count:
            return
        now = self._loop.time()
        self._may, self._since = min(AT_ONCE, self._may + (now - self._since) * self._pace), now
        if self._may < 1:
            self._next = self._loop.call_later((1 - self._may) / self._pace, self._let_in)
            return
        self._may -= 1
        self._count -= 1
        address = next(iter(self._waiting))
        waiting = self._waiting.pop(address)
        connection = waiting.popleft()
        if waiting:
            self._waiting[address] = waiting  # behind the others
        connection.setblocking(False)
        task: asyncio.Task[object] = self._loop.create_task(self._loop.connect_accepted_socket(self._made, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._count:
            self._next = self._loop.call_soon(self._let_in)

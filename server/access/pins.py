"""PINs as argon2id, one at a time, and who may wait for that: few, of each address fewer, known names first."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

from server.access.keys import Keys

PLACES: Final = 8
"""Tries that wait, besides the one at work: with 45 ms each nobody waits half a second."""
OF_ADDRESS: Final = 2
"""Tries of one address that wait or are at work."""
NICE: Final = 10
"""Of the thread in which they are tried."""

# 19 MiB, two passes, one lane: OWASP's minimum for argon2id; about 45 ms on the cheap PCs of a ward.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
NOBODYS: Final = "$argon2id$v=19$m=19456,t=2,p=1$T5+ccMXINPLAIa/bSYksfg$9UsPk1LmgjsTlDLG21bFAKy6e/0P626MJNuZKSygaU8"
"""The hash of a PIN that nobody has or knows: a try for a name that is not here takes as long as any other."""
_PLAIN: Final = "$argon2id$"


T = TypeVar("T")


def _give_way() -> None:
    """Numbers go first: a stranger's made-up names must not take a processor from them. On Linux this thread alone."""
    if sys.platform == "linux":
        mine = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, mine, max(NICE, os.getpriority(os.PRIO_PROCESS, mine)))


class Full(Exception):
    """No place in the queue; somebody may try again in a moment."""


@dataclass(eq=False)
class _Waiting:
    address: str | None
    """Null: a new PIN of somebody who is in already."""
    known: bool
    turn: asyncio.Future[None]


class Pins:
    """The hashes of one hall. For one event loop."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._busy = False
        self._at_work: str | None = None
        """The address whose try is at work; null where none is, or a new PIN's."""
        self._queue: list[_Waiting] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pins", initializer=_give_way)

    async def hash(self, pin: str) -> str:
        """For those who are in already: a person's new PIN has its place."""
        async with self._turn(None, known=True):
            return self._keys.mark + await self._apart(_hasher.hash, self._keys.peppered(pin))

    def knows(self, stored: str) -> bool:
        """Was it made with this hall's pepper, or (up to 2026.11) with none? What was not can never be right."""
        return stored.startswith((self._keys.mark, _PLAIN))

    def is_plain(self, stored: str) -> bool:
        """Was it made without a pepper, up to 2026.11?"""
        return stored.startswith(_PLAIN)

    async def matches(self, stored: str, pin: str, address: str, *, known: bool) -> bool:
        """Raises :class:`Full`. `known`: the name is that of a person here."""
        if not stored.startswith(_PLAIN):
            stored, pin = stored.removeprefix(self._keys.mark), self._keys.peppered(pin)
        async with self._turn(address, known=known):
            try:
                return await self._apart(_hasher.verify, stored, pin)
            except VerificationError:
                return False

    def _apart(self, work: Callable[..., T], *args: str) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    @contextlib.asynccontextmanager
    async def _turn(self, address: str | None, *, known: bool) -> AsyncIterator[None]:
        if self._busy:
            await self._wait(address, known=known)
        else:
            self._busy, self._at_work = True, address
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, address: str | None, *, known: bool) -> None:
        taken = [self._at_work, *(one.address for one in self._queue)].count(address)
        if address is not None and taken >= OF_ADDRESS:
            raise Full
        if address is not None and len(self._queue) >= PLACES and not (known and self._push_out()):
            raise Full
        mine = _Waiting(address, known, asyncio.get_running_loop().create_future())
        strangers = sum(not one.known for one in self._queue)
        self._queue.insert(len(self._queue) - strangers if known else len(self._queue), mine)
        try:
            await mine.turn
        except asyncio.CancelledError:
            if mine in self._queue:
                self._queue.remove(mine)
            elif mine.turn.done() and not mine.turn.cancelled() and mine.turn.exception() is None:
                self._pass_on()  # its turn had come just before
            raise

    def _push_out(self) -> bool:
        """Make room: the last name that nobody here has goes. False where all are known."""
        last = next((one for one in reversed(self._queue) if not one.known), None)
        if last is None:
            return False
        self._queue.remove(last)
        if not last.turn.done():
            last.turn.set_exception(Full())
        return True

    def _pass_on(self) -> None:
        self._busy, self._at_work = False, None
        while self._queue and not self._busy:
            following = self._queue.pop(0)
            if not following.turn.done():  # whoever waited may have gone
                self._busy, self._at_work = True, following.address
                following.turn.set_result(None)

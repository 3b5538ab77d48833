"""The mark beside the record is kept up with it, in a thread of its own: no round waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from server.record.mark import Keeper, Mark

log = logging.getLogger(__name__)

EVERY: Final = 0.05
"""s between two writings of the mark: a burst of rounds needs few."""


class Marking:
    """Writes the latest mark it was given, once it is `allowed`: then what the old mark says was taken into account."""

    def __init__(self, keeper: Keeper) -> None:
        self.allowed = False
        self.on_trouble: list[Callable[[bool], None]] = []
        """Called with whether the mark cannot be written, as that changes."""
        self._keeper = keeper
        self._latest: Mark | None = None
        self._task: asyncio.Task[None] | None = None
        self._trouble = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mark")

    def soon(self, mark: Mark) -> None:
        """Have this mark written, unless a later one comes first."""
        if not self.allowed:
            return
        self._latest = mark
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while (mark := self._latest) is not None:
                self._latest = None
                try:
                    await asyncio.get_running_loop().run_in_executor(self._thread, self._keeper.keep, mark)
                    failed = False
                except OSError as error:  # the record is as good as before; the next round tries again
                    log.error("the mark beside the record cannot be written: %s", error)
                    failed = True
                if failed != self._trouble:
                    self._trouble = failed
                    for tell in self.on_trouble:
                        tell(failed)
                await asyncio.sleep(EVERY)
        finally:
            self._task = None

    async def close(self) -> None:
        """On return the latest mark is written, or was tried."""
        if self._task is not None:
            await self._task
        self._thread.shutdown()

"""The record is opened, committed, folded and closed in one thread: this one. Rows are put in by whoever decides."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from server.record.file import Held, Record

log = logging.getLogger(__name__)

TRY_EVERY: Final = 0.1
"""s between two tries to take a file that another program holds."""


class RecordThread:
    """Opens the record, works for it, and closes it."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="record")

    async def open(self) -> None:
        """Open the record and bring its tables up to date. Waits for as long as another program holds its file."""
        told = False
        while True:
            try:
                await self.do(self.record.open)
            except Held as error:
                if not told:
                    log.warning("%s: waiting until it lets go. Close that program to go on", error)
                told = True
                await asyncio.sleep(TRY_EVERY)
            else:
                return

    def do(self, work: Callable[..., None], *args: Any) -> asyncio.Future[None]:
        """Have some work done there, after all that was asked for before."""
        return asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    async def close(self) -> None:
        """Close the record, once all that was asked for is done."""
        await self.do(self.record.close)
        self._pool.shutdown()

"""Reports in a process of their own, one at a time: they take neither the hall's interpreter nor its memory.

The process ends with its answer, or where the hall is stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Final

import msgspec

from server.reports.questions import Answer, Asked, Question

WAITING: Final = 4
"""Reports that wait while one is made."""


class TooMany(Exception):  # noqa: N818 - told as `reports_busy`
    """Enough reports are being made."""


class Failed(Exception):  # noqa: N818 - logged whole
    """The process ended without an answer; the text is what it said."""


class Reports:
    """The reports of one hall's record."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._one_at_a_time = asyncio.Semaphore(1)
        self._asked = 0
        self._process: asyncio.subprocess.Process | None = None
        self._closed = False

    async def ask(self, question: Question) -> tuple[Answer, bytes]:
        """Raises :class:`TooMany` or :class:`Failed`."""
        if self._asked > WAITING or self._closed:
            raise TooMany
        self._asked += 1
        try:
            async with self._one_at_a_time:
                if self._closed:
                    raise TooMany
                return await self._run(msgspec.json.encode(Asked(str(self._record), question)))
        finally:
            self._asked -= 1

    async def _run(self, asked: bytes) -> tuple[Answer, bytes]:
        flags = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "server.reports", stdin=PIPE, stdout=PIPE, stderr=PIPE, creationflags=flags
        )
        try:
            if self._closed:  # while it was started
                raise TooMany
            answer, complaint = await process.communicate(asked)
        finally:
            self._process = None
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._closed:
            raise TooMany
        said = complaint.decode("utf-8", "replace").strip()
        if process.returncode != 0:
            raise Failed(f"a report ended with {process.returncode}: {said}")
        head, _, body = answer.partition(b"\n")
        return msgspec.json.decode(head, type=Answer), body

    def close(self) -> None:
        """The hall ends: nobody waits for a report any more."""
        self._closed = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

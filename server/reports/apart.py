"""Reports in a process of their own, one at a time: they take neither the hall's interpreter nor its memory.

The process ends with its answer, or where the hall is stopped. It writes to a file without a name, so that a reader as
slow as may be holds up no other report and takes no memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

import msgspec

from server.reports.questions import Answer, Asked, Question

WAITING: Final = 4
"""Reports that wait while one is made."""
HEAD: Final = 1024
"""Bytes, more than an :class:`Answer` has."""


class TooMany(Exception):
    """Enough reports are being made."""


class Failed(Exception):
    """The process ended without an answer; the text is what it said."""


class Made:
    """A report: `size` bytes in a file that goes when it is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - HEAD))
        _, line, head = file.read().rpartition(b"\n")
        self.head = msgspec.json.decode(head, type=Answer)
        self.size = end - len(head) - len(line)
        file.seek(0)

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        return self._file.read(min(size, self.size - self._file.tell()))

    def whole(self) -> bytes:
        """All of it, and close it."""
        with self._file:
            return self.read(self.size)

    def close(self) -> None:
        """Delete the answer's file."""
        self._file.close()


class Reports:
    """The reports of one hall's record."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._one_at_a_time = asyncio.Semaphore(1)
        self._asked = 0
        self._process: asyncio.subprocess.Process | None = None
        self._closed = False

    async def ask(self, question: Question) -> Made:
        """Close what is returned. Raises :class:`TooMany` or :class:`Failed`."""
        if self._asked > WAITING or self._closed:
            raise TooMany
        self._asked += 1
        try:
            async with self._one_at_a_time:
                if self._closed:
                    raise TooMany
                with ExitStack() as stack:
                    out = stack.enter_context(tempfile.TemporaryFile())
                    await self._run(msgspec.json.encode(Asked(str(self._record), question)), out)
                    made = Made(out)
                    stack.pop_all()
                    return made
        finally:
            self._asked -= 1

    async def _run(self, asked: bytes, out: IO[bytes]) -> None:
        flags = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "server.reports", stdin=PIPE, stdout=out, stderr=PIPE, creationflags=flags
        )
        try:
            if self._closed:  # while it was started
                raise TooMany
            _, complaint = await process.communicate(asked)
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

    def close(self) -> None:
        """The hall ends: nobody waits for a report any more."""
        self._closed = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

"""A printer behind a device file (`/dev/usb/lp0`, `LPT1`) or a plain file: bytes go in, nothing comes back.

The file must be there. None is ever made: under the name of an unplugged printer, papers would count as sent for ever.

A device file may hold a write for ever (paper out), and no system lets a blocking write be timed everywhere; so the
write has a thread of its own, which is left to itself when it takes too long.
"""

from __future__ import annotations

import contextlib
import io
import os
import queue
import stat
import threading
from pathlib import Path
from typing import Final

from kiosk.paper.wires import Gone

_CHUNK: Final = 1024


class FileWire:
    """A printer behind a device file, e.g. `/dev/usb/lp0`. It says nothing back."""

    answers = False
    keeps_open = False
    may_lose = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: _Writer | None = None

    def open(self) -> None:
        """See :class:`Wire`."""
        if self._writer is None:
            writer = _Writer(self._path)
            failure = writer.wait(2.0)
            if failure != "":
                writer.leave()
                raise Gone(f"{self._path}: {failure or 'does not open'}")
            self._writer = writer

    def write(self, data: bytes, timeout: float) -> int:
        """See :class:`Wire`."""
        if self._writer is None:
            raise Gone("not open")
        for sent in range(0, len(data), _CHUNK):
            self._writer.put(data[sent : sent + _CHUNK])
            failure = self._writer.wait(timeout)
            if failure is None:
                return sent
            if failure:
                raise Gone(f"{self._path}: {failure}")
        return len(data)

    def read(self, timeout: float) -> bytes:  # noqa: ARG002 - the wire's contract
        """Nothing ever comes."""
        return b""

    def close(self, *, discard: bool = False) -> None:  # noqa: ARG002 - nothing is held back here
        """See :class:`Wire`."""
        if self._writer is not None:
            self._writer.leave()
            self._writer = None


def _open_only(path: str, flags: int) -> int:
    return os.open(path, flags & ~os.O_CREAT)


class _Writer:
    """A thread that opens the file and writes what it is given, answering after each step."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._work: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="printer file", daemon=True).start()

    def put(self, data: bytes) -> None:
        self._work.put(data)

    def wait(self, timeout: float) -> str | None:
        """ "" when the last step is done, what went wrong, or None after `timeout` seconds."""
        with contextlib.suppress(queue.Empty):
            return self._done.get(timeout=timeout)
        return None

    def leave(self) -> None:
        """No more work; a thread still held by the device ends when the device lets it go."""
        self._work.put(None)

    def _run(self) -> None:
        try:
            with io.FileIO(self._path, "ab", opener=_open_only) as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode) and self._path.absolute().is_relative_to("/dev"):
                    raise OSError("a plain file where the printer's device should be")
                self._done.put("")
                while (data := self._work.get()) is not None:
                    while data:
                        data = data[file.write(data) or 0 :]
                    self._done.put("")
        except OSError as error:
            self._done.put(str(error))

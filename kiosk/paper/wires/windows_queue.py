"""A printer behind a queue of Windows' spooler, by win32print, as raw bytes past the driver. Nothing comes back.

Every ticket is a document of its own. The spooler takes everything at once, also for a printer that is switched off; so
a document counts as taken when it has left the queue, and one that is stuck is deleted: it must not come out of the
printer an hour later.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from kiosk.paper.wires import Gone

_T = TypeVar("_T")

_LOOK: Final = 0.05
"""s between two looks at the queue."""
_SLOWEST: Final = 8000.0
"""Bytes a second that a slow head takes of a ticket's pictures; its buffer may be small, the spooler then waits."""

# winspool.h
_RAW: Final = 1
_DELETE: Final = 5
_JOB_PRINTED: Final = 0x80 | 0x1000  # JOB_STATUS_PRINTED, JOB_STATUS_COMPLETE: kept by a queue that keeps documents
_JOB_FAULTS: Final = {0x02: "error", 0x20: "offline", 0x40: "out of paper", 0x200: "blocked", 0x400: "needs a person"}
_QUEUE_FAULTS: Final = {
    0x1: "paused",
    0x2: "error",
    0x8: "paper jam",
    0x10: "out of paper",
    0x40: "paper problem",
    0x80: "offline",
    0x1000: "not available",
    0x100000: "needs a person",
    0x400000: "cover open",
}
_WORKS_OFFLINE: Final = 0x400
"""PRINTER_ATTRIBUTE_WORK_OFFLINE: what Windows sets when a USB printer is unplugged."""


def spooler() -> Any:
    """Windows' own. Raises ValueError with a sentence for a person where there is none."""
    try:
        import win32print
    except ImportError:
        raise ValueError("--printer windows:NAME is for Windows (with pywin32 installed)") from None
    return win32print


def queues(of: Any) -> list[str]:
    """The names of this PC's printer queues."""
    local_and_connected = 0x2 | 0x4
    return [str(name) for _flags, _text, name, _comment in of.EnumPrinters(local_and_connected, None, 1)]


class WindowsWire:
    """A printer behind a queue of Windows. It says nothing back."""

    answers = False
    keeps_open = False
    may_lose = False

    def __init__(self, name: str, of: Any) -> None:
        self._name, self._of = name, of
        self._queue: Any = None

    def open(self) -> None:
        """See :class:`Wire`."""
        if self._queue is None:
            self._queue = self._try(lambda: self._of.OpenPrinter(self._name))
        try:
            self._look()
        except Gone:
            self.close()
            raise

    def _look(self) -> None:
        found = self._try(lambda: self._of.GetPrinter(self._queue, 2))
        if found["Attributes"] & _WORKS_OFFLINE:
            raise Gone(f"{self._name}: offline")
        for flag, words in _QUEUE_FAULTS.items():
            if found["Status"] & flag:
                raise Gone(f"{self._name}: {words}")

    def write(self, data: bytes, timeout: float) -> int:
        """See :class:`Wire`."""
        if self._queue is None:
            raise Gone("not open")
        job: int = self._try(lambda: self._of.StartDocPrinter(self._queue, _RAW, ("Luot", None, "RAW")))
        try:
            self._try(lambda: self._fill(data))
            if self._leaves(job, timeout + len(data) / _SLOWEST):
                return len(data)
        except Gone:
            self._delete(job)
            raise
        self._delete(job)
        return 0

    def _fill(self, data: bytes) -> None:
        """Hand the document over that was begun."""
        self._of.StartPagePrinter(self._queue)
        taken = self._of.WritePrinter(self._queue, data)
        if taken < len(data):
            raise OSError(f"the spooler took {taken} of {len(data)} bytes")
        self._of.EndPagePrinter(self._queue)
        self._of.EndDocPrinter(self._queue)

    def _leaves(self, job: int, seconds: float) -> bool:
        """Wait until the document has left the queue; False after `seconds`. Raises Gone where it says why not."""
        until = time.monotonic() + seconds
        while (state := self._try(lambda: self._state(job))) is not None:
            for flag, words in _JOB_FAULTS.items():
                if state & flag:
                    raise Gone(f"{self._name}: {words}")
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK)
        return True

    def _delete(self, job: int) -> None:
        with contextlib.suppress(*self._trouble):  # it may have left the queue meanwhile
            self._of.SetJob(self._queue, job, 0, None, _DELETE)

    def _state(self, job: int) -> int | None:
        """The document's JOB_STATUS bits while it is in the queue."""
        for found in self._of.EnumJobs(self._queue, 0, 999, 1):
            if found["JobId"] == job:
                state = int(found["Status"])
                return None if state & _JOB_PRINTED else state
        return None

    def read(self, timeout: float) -> bytes:  # noqa: ARG002 - the wire's contract
        """Nothing ever comes."""
        return b""

    def close(self, *, discard: bool = False) -> None:  # noqa: ARG002 - what is stuck was deleted already
        """See :class:`Wire`."""
        if self._queue is not None:
            with contextlib.suppress(*self._trouble):
                self._of.ClosePrinter(self._queue)
            self._queue = None

    @property
    def _trouble(self) -> tuple[type[Exception], ...]:
        return (self._of.error, OSError)

    def _try(self, step: Callable[[], _T]) -> _T:
        try:
            return step()
        except self._trouble as error:
            raise Gone(f"{self._name}: {error}") from error

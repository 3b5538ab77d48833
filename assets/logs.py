"""Where a program's log goes: to stderr (a service manager keeps it), or to a file where nobody keeps stderr.

Windows' task scheduler starts the parts by `pythonw`, which has no stdout and no stderr at all.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

SIZE: Final = 5_000_000
"""Bytes of a log file, after which a new one is begun."""
KEPT: Final = 4
"""Older log files that are kept."""


AT_ONCE: Final = 20
"""Lines of one kind that are written within :data:`A_WHILE`; what more there are is only counted."""
A_WHILE: Final = 60.0
"""s."""
KINDS: Final = 500
"""Kinds of lines that are counted."""


class Few(logging.Filter):
    """Lets few lines of one kind through at a time: a log is to be read, and a disk is not to be filled by a stranger.

    What was left out is told by the next line of that kind.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}
        """Kind → since when it is counted, and how many there were."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Called by `logging`: may this line be written?"""
        kind, now = (record.name, str(record.msg)), self._clock()
        since, count = self._seen.get(kind, (now, 0))
        left_out = max(0, count - AT_ONCE)
        if now - since >= A_WHILE:
            if left_out:
                record.msg, record.args = f"{record.getMessage()} (and {left_out} more like this)", ()
            since, count = now, 0
        if len(self._seen) >= KINDS:
            self._seen.clear()
        self._seen[kind] = (since, count + 1)
        return count < AT_ONCE


def speak_utf8() -> None:
    """Print every letter, in consoles of Windows too: by themselves they know some hundred, and fail at the others."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def set_up(file: Path | None) -> None:
    """Log to `file`, or to stderr without one. Raises OSError where the file cannot be written.

    With a file, and without stdout and stderr, what would be printed (addresses, the first PIN, a traceback, the stacks
    of a program that stands still) goes to a `.out` beside it, and what a start before left there to `.out.1`.
    """
    handlers: list[logging.Handler] = []
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(RotatingFileHandler(file, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8"))
        if sys.stderr is None or sys.stdout is None:
            printed = file.with_suffix(".out")
            with suppress(FileNotFoundError):
                printed.replace(printed.with_suffix(".out.1"))
            stream = printed.open("w", encoding="utf-8", buffering=1)
            sys.stdout, sys.stderr = sys.stdout or stream, sys.stderr or stream
    # `force`: python-escpos sets up a log of its own, without times, while it is imported.
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=handlers or None,
        force=True,
    )
    few = Few()
    for handler in logging.getLogger().handlers:
        handler.addFilter(few)

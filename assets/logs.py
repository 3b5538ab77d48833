"""Where a program's log goes: to stderr (a service manager keeps it), or to a file where nobody keeps stderr.

Windows' task scheduler starts the parts by `pythonw`, which has no stdout and no stderr at all.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

SIZE: Final = 5_000_000
"""Bytes of a log file, after which a new one is begun."""
KEPT: Final = 4
"""Older log files that are kept."""


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

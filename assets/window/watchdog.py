"""Two watchdogs for a program that no longer works: the service manager's (sd_notify(3)), and one in the process.

The service manager hears nothing where there is none (a desktop session, Windows' task scheduler). There Python's own
watchdog ends the process: it runs in C and needs no lock of the interpreter, so that it also acts where the main
thread waits for ever inside a library. Whoever started the program starts it again.
"""

from __future__ import annotations

import faulthandler
import os
import socket
import sys
from contextlib import suppress
from functools import cache
from typing import Final

EVERY: Final = 5.0
"""s between two words that the program works."""
PATIENCE: Final = 4 * EVERY
"""s without a word after which the program is taken to stand still; systemd's units have the same."""


def ready() -> None:
    """The program is up."""
    _notify("READY=1")


def alive() -> None:
    """The program still works."""
    _notify("WATCHDOG=1")


def guard(patience: float = PATIENCE) -> None:
    """End the process, with the stack of each thread on stderr, unless this is called again within `patience` s."""
    if sys.stderr is not None:  # none under Windows' pythonw: there the log goes to a file, set as stderr
        faulthandler.dump_traceback_later(patience, exit=True)


@cache
def _channel(family: int) -> socket.socket:
    """One socket for all words: there may be no file left to open one when a word matters most.

    It waits for nobody: a service manager that is slow to read must not hold up those who wait for a number.
    """
    channel = socket.socket(family, socket.SOCK_DGRAM)
    channel.setblocking(False)
    return channel


def _notify(word: str) -> None:
    """Tell the service manager. A word that does not go out is no reason to stop: its absence is what is acted on."""
    address = os.environ.get("NOTIFY_SOCKET")
    family = getattr(socket, "AF_UNIX", None)
    if not address or family is None:
        return
    with suppress(OSError):
        _channel(family).sendto(word.encode(), "\0" + address[1:] if address.startswith("@") else address)

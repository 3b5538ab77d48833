"""The service manager's watchdog: a program that no longer says that it works is started anew (sd_notify(3)).

Without systemd these do nothing.
"""

from __future__ import annotations

import os
import socket
from typing import Final

EVERY: Final = 5.0
"""s between two words; systemd waits for four of them."""


def ready() -> None:
    """The program is up."""
    _notify("READY=1")


def alive() -> None:
    """The program still works."""
    _notify("WATCHDOG=1")


def _notify(word: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    family = getattr(socket, "AF_UNIX", None)
    if not address or family is None:
        return
    with socket.socket(family, socket.SOCK_DGRAM) as channel:
        channel.sendto(word.encode(), "\0" + address[1:] if address.startswith("@") else address)

"""A running hall has its whole record proven, once after each start, by a process that takes what time is left over.

A start itself proves only the current day: years would keep people waiting at the door.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import Final

from server import protocol as p
from server.service import Service

log = logging.getLogger(__name__)

AFTER: Final = 60.0
"""s after the start: first come those who wait at the door."""
ALARM: Final[p.AlarmCode] = "record_damaged"


async def prove(service: Service, after: float = AFTER) -> None:
    """Run `luot check` on the hall's folder; what it finds is an alarm, and stands in the log as a sentence."""
    await asyncio.sleep(after)
    politely = ("nice", "-n", "15") if shutil.which("nice") else ()
    words = (*politely, sys.executable, "-P", "-m", "server", "check", "--data", str(service.folder))
    flags = getattr(subprocess, "IDLE_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    process = await asyncio.create_subprocess_exec(*words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, creationflags=flags)
    try:
        _, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode == 0:
        log.info("the whole record is sound")
        return
    log.error("the record is damaged: %s", complaint.decode("utf-8", "replace").strip())
    service.alarms.set(ALARM, True)

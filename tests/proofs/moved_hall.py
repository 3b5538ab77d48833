"""The real hall on a clock that a test moves: `moved_hall.py CLOCK hall --data … --host … --port … --config …`.

CLOCK is a file of eight bytes: the hall's time in ms, little-endian. Everything else is `luot hall`'s.
"""

from __future__ import annotations

import asyncio
import mmap
import sys
from pathlib import Path

import msgspec

from assets import logs
from server.cli.hall import _announce, run_hall
from server.live.clock import SimulatedClock
from server.service import Service
from server.settings import process as config


class SharedClock(SimulatedClock):
    """Shows what stands in the file, which another process may change at any time."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), 8)

    @property
    def at(self) -> int:
        return int.from_bytes(self._map[:8], "little")

    @at.setter
    def at(self, at: int) -> None:
        self._map[:8] = at.to_bytes(8, "little")


def main(clock: str, _hall: str, *words: str) -> int:
    logs.set_up(None)
    told = dict(zip(words[::2], words[1::2], strict=True))
    chosen = config.read(Path(told["--config"]))
    chosen = msgspec.structs.replace(chosen, host=told["--host"], port=int(told["--port"]))
    service = Service(Path(told["--data"]), chosen, clock=SharedClock(Path(clock)))
    return asyncio.run(run_hall(service, _announce))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

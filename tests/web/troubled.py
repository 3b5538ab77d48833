"""`luot hall` on a machine with troubles: it listens to the whole network without TLS, and two files in the folder
tell the rest: where `full` lies its disk is nearly full, where `leapt` lies its clock shows three days more."""

import sys
from pathlib import Path

from server.cli.main import main
from server.live.clock import HallClock, steady_ms, wall_ms
from server.record.file import Record

FOLDER = Path(sys.argv[sys.argv.index("--data") + 1])
THREE_DAYS = 3 * 24 * 3600 * 1000


def wall() -> int:
    return wall_ms() + THREE_DAYS * (FOLDER / "leapt").exists()


HallClock.__init__.__defaults__ = (wall, steady_ms)
Record.nearly_full = lambda self: (self.folder / "full").exists()
sys.argv += ["--host", "0.0.0.0"]
main()

"""A hall with `synchronous=NORMAL`, for the one test that must see it lose tickets. No switch does this."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])  # this folder has a `server` of its own

from server.cli.main import main  # noqa: E402
from server.record import tables as schema  # noqa: E402

schema.PRAGMAS["synchronous"] = 1
main()

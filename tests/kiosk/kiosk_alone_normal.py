"""The same kiosk with `synchronous=NORMAL`, for the one test that must see it lose something. No switch does this."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kiosk.journal.journal import Journal
from tests.kiosk.kiosk_alone import durable, main


def careless(path: Path) -> Journal:
    journal = durable(path)
    journal._db.execute("PRAGMA synchronous=NORMAL")
    return journal


if __name__ == "__main__":
    asyncio.run(main(careless))

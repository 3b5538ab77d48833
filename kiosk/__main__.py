"""`python -m kiosk`: reads the command line, puts the parts together, and runs them until it is told to stop.

Wiring only. A wrong argument is explained in a sentence, before a window is opened.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from assets.texts import languages
from assets.window import windowed, worth_reading
from kiosk.booth import Booth
from kiosk.escpos_bytes import Model, model_of
from kiosk.journal import Journal, NotDurable, open_journal
from kiosk.kivy_setup import prepare
from kiosk.printer import Printer
from kiosk.wires import FORMS, wire_of
from server.client import new_id, socket_url

log = logging.getLogger("kiosk")

PROFILE = "KR-306"
"""A plain 80 mm printer: 576 dots, raster pictures, a knife, GS r. Most unbranded ones answer to it."""

OUT_OF_ORDER = 30.0
"""Seconds for which a kiosk whose disk takes nothing says so before it ends, to be started again."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a kiosk. Exits with 2 and a sentence on wrong arguments."""
    parser = _parser()
    options = parser.parse_args(arguments)
    # `force`: python-escpos sets up a log of its own, without times, while it is imported.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    logging.getLogger("kivy").addFilter(worth_reading)
    try:
        token = _token(options.token_file)
        socket_url(options.server)
        size = windowed(options.windowed) if options.windowed else None
        model = model_of(options.profile)
        wire_of(options.printer, width=model.width)
        if options.lang not in languages():
            raise ValueError(f"--lang {options.lang!r}: there are texts in {', '.join(languages())}")
        data = Path(options.data)
        data.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    try:
        journal = open_journal(data / "kiosk.db", clock=time.time, new_id=new_id)
    except (NotDurable, OSError) as error:
        parser.error(f"--data {data}: {error}")
    except sqlite3.Error as error:
        log.error("the journal in %s cannot be written: %s; the next start tries again", data, error)
        prepare(data / "kivy", size)
        asyncio.run(_out_of_order(options))
        sys.exit(1)
    prepare(data / "kivy", size)
    with contextlib.closing(journal):
        asyncio.run(_run(options, token, model, journal))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk", description="Take-a-number kiosk: gives numbers, prints tickets, takes ratings."
    )
    parser.add_argument("--server", required=True, metavar="URL", help="the hall, e.g. http://192.168.1.10:8000")
    parser.add_argument("--token-file", metavar="FILE", help="file with this kiosk's token; or LUOT_TOKEN")
    parser.add_argument("--printer", required=True, metavar="SPEC", help=FORMS)
    parser.add_argument(
        "--profile", default=PROFILE, help=f"the printer's python-escpos profile (default {PROFILE}: 80 mm)"
    )
    parser.add_argument("--data", default="kiosk-data", metavar="DIR", help="folder of the journal")
    parser.add_argument("--lang", default="vi", help="the usual language (default vi)")
    parser.add_argument("--windowed", metavar="WxH[+X+Y]", help="a window instead of the full screen")
    parser.add_argument("--mode", choices=["tickets"], default="tickets", help="what the device is for")
    parser.add_argument(
        "--show-paper", action="store_true", help="with --printer preview: show each paper on the screen"
    )
    return parser


def _token(file: str | None) -> str:
    if file is None:
        token = os.environ.get("LUOT_TOKEN", "")
        if not token:
            raise ValueError("no token: give --token-file FILE or set LUOT_TOKEN (luot device add prints it)")
        return token.strip()
    try:
        token = Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"--token-file {file}: {error}") from error
    if not token or any(sign.isspace() for sign in token):
        raise ValueError(f"--token-file {file}: it must hold the token and nothing else")
    return token


async def _run(options: argparse.Namespace, token: str, model: Model, journal: Journal) -> None:
    from kiosk.app import KioskApp, run

    loop = asyncio.get_running_loop()

    def on_paper(path: Path) -> None:  # called in the printer's thread
        if options.show_paper:
            loop.call_soon_threadsafe(app.sheet.show_paper, path)

    booth = Booth(
        url=options.server,
        token=token,
        lang=options.lang,
        journal=journal,
        printer=Printer(wire_of(options.printer, width=model.width, on_paper=on_paper), cuts=model.cuts),
        model=model,
        on_change=lambda: app.changed(),  # noqa: PLW0108 - app is made below
    )
    app = KioskApp(booth, whole=options.windowed is None)
    _stop_on_signals(app.stop)
    await run(app, booth.run)


async def _out_of_order(options: argparse.Namespace) -> None:
    """Where nothing can be kept no number may be given: send people to the staff, until it is tried again."""
    from kiosk.app import KioskApp, OutOfOrder, run

    app = KioskApp(OutOfOrder(options.lang), whole=options.windowed is None)
    _stop_on_signals(app.stop)
    await run(app, lambda: asyncio.sleep(OUT_OF_ORDER))


def _stop_on_signals(stop: Callable[[], object]) -> None:
    with contextlib.suppress(NotImplementedError):  # Windows: the console's own signal handlers end the loop
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)


if __name__ == "__main__":
    main()

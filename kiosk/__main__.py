"""`python -m kiosk`: reads the command line, puts the parts together, and runs them until it is told to stop.

A wrong argument is explained in a sentence, before a window is opened. Where the disk takes nothing, a last screen
sends people to the staff.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assets import logs, parts
from assets.texts import languages
from assets.window import kivy_setup, token
from assets.window import place as window
from assets.window.screens import NoScreen
from kiosk.journal.file import NotDurable
from kiosk.journal.journal import Journal, open_journal
from kiosk.paper.wires import FORMS, wire_of
from server.client import options as hall
from server.client.client import new_id

if TYPE_CHECKING:  # not every PC has what these need
    from kiosk.paper.escpos import Model

log = logging.getLogger("kiosk")

PROFILE = "KR-306"
"""A plain 80 mm printer: 576 dots, raster pictures, a knife, GS r. Most unbranded ones answer to it."""

GRAPHICS: Final = {"multisamples": "0", "resizable": "0"}
"""Kivy's settings of our own: rounded corners are smooth enough, and old PCs are slow."""

OUT_OF_ORDER = 30.0
"""Seconds for which a kiosk whose disk takes nothing says so before it ends, to be started again."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a kiosk. Exits with 2 and a sentence on wrong arguments, with 1 where there is no screen."""
    logs.speak_utf8()
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        logs.set_up(options.log)
    except OSError as error:
        parser.error(f"--log {options.log}: {error}")
    logging.getLogger("kivy").addFilter(kivy_setup.worth_reading)
    why = parts.lacks("kiosk")
    if why is not None:
        parser.error(why)
    from kiosk.paper.escpos import model_of

    try:
        options.token = token.read_token(options.token_file)
        options.tls = hall.tls_of(options)
        options.place = window.place_of(options)
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
        _open_window(data, options.place)
        asyncio.run(_out_of_order(options))
        sys.exit(1)
    with contextlib.closing(journal):
        _open_window(data, options.place)
        asyncio.run(_run(options, model, journal))


def _open_window(data: Path, place: window.Place) -> None:
    """Exits with 1 and a sentence where there is no screen: whoever started the kiosk tries again later."""
    try:
        kivy_setup.prepare(data / "kivy", place, GRAPHICS)
        kivy_setup.open_window()
    except NoScreen as error:
        sys.exit(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="luot-kiosk", description="Take-a-number kiosk: gives numbers, prints tickets, takes ratings."
    )
    hall.add_options(parser)
    token.add_option(parser)
    parser.add_argument("--printer", required=True, metavar="SPEC", help=FORMS)
    parser.add_argument(
        "--profile", default=PROFILE, help=f"the printer's python-escpos profile (default {PROFILE}: 80 mm)"
    )
    parser.add_argument("--data", default="kiosk-data", metavar="DIR", help="folder of the journal")
    parser.add_argument("--lang", default="vi", help="the usual language (default vi)")
    window.add_options(parser)
    parser.add_argument("--log", type=Path, metavar="FILE", help="log to a file instead of stderr")
    parser.add_argument("--list-printers", action=_ListPrinters, help="show what --printer may be on this PC, and end")
    parser.add_argument("--mode", choices=["tickets"], default="tickets", help="what the device is for")
    parser.add_argument(
        "--show-paper", action="store_true", help="with --printer preview: show each paper on the screen"
    )
    return parser


class _ListPrinters(argparse.Action):
    """Shows the printers of this PC; like `--help` it needs no other option."""

    def __init__(self, *, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        why = parts.lacks("kiosk")
        if why is not None:
            parser.error(why)
        from kiosk.paper.printers_here import listed

        sys.stdout.write(listed())
        parser.exit()


async def _run(options: argparse.Namespace, model: Model, journal: Journal) -> None:
    from kiosk.live.kiosk import LiveKiosk
    from kiosk.paper.printer import Printer
    from kiosk.screen.app import KioskApp

    loop = asyncio.get_running_loop()

    def on_paper(path: Path) -> None:  # called in the printer's thread
        if options.show_paper:
            loop.call_soon_threadsafe(app.sheet.show_paper, path)

    live = LiveKiosk(
        url=options.server,
        token=options.token,
        lang=options.lang,
        journal=journal,
        printer=Printer(wire_of(options.printer, width=model.width, on_paper=on_paper), cuts=model.cuts),
        model=model,
        tls=options.tls,
        on_change=lambda: app.changed(),  # noqa: PLW0108 - app is made below
    )
    app = KioskApp(live, place=options.place)
    await app.run_with(live.run)


async def _out_of_order(options: argparse.Namespace) -> None:
    """Where nothing can be kept no number may be given: send people to the staff, until it is tried again."""
    from kiosk.screen.app import KioskApp, OutOfOrder

    app = KioskApp(OutOfOrder(options.lang), place=options.place)
    await app.run_with(lambda: asyncio.sleep(OUT_OF_ORDER))


if __name__ == "__main__":
    main()

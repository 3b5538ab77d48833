"""`luot install …`: each part starts by itself, and again after a failure. `--print` shows, `--remove` takes away.

Needs no part of Luot but itself: a kiosk's PC has no database, the server's no Kivy. The texts stand in `units`
(Linux) and `tasks` (Windows).
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import click

from assets.texts import languages
from server.cli.install import tasks, units
from server.cli.install.plan import Plan, ca_place, token_in
from server.cli.main import fail
from server.client.client import socket_url
from server.client.trust import pinned

PARTS: Final = ("server", "kiosk", "display")
_PRINTER: Final = (
    r"usb:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}|tcp:(\[[^\]]+\]|[^:\s]+)(:[0-9]{1,5})?|"
    r"serial:[^@,]+(@[0-9]+)?(,xonxoff|,rtscts)?|(windows|file|preview):.+"
)
"""What the kiosk's `--printer` takes (`kiosk/wires`, which the server does not import)."""
PATH: Final = click.Path(path_type=Path)


@click.command(help="Start by itself, and again after a failure. Type it as the desktop's user for kiosk and display.")
@click.argument("part", type=click.Choice(PARTS))
@click.option(
    "--data",
    type=PATH,
    metavar="DIR",
    help="server: the hall's folder; kiosk: its own is in it.  "
    "[default: /srv/luot; kiosk, display: ~/.local/share/luot; Windows: C:\\ProgramData\\Luot]",
)
@click.option("--config", type=PATH, metavar="FILE", help="server: a hall.toml.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, metavar="N", help="server: port."
)
@click.option(
    "--server",
    default="http://127.0.0.1:8000",
    show_default=True,
    metavar="URL",
    help="kiosk, display: the hall's address.",
)
@click.option("--token-file", type=PATH, metavar="FILE", help="kiosk, display: the device's token.")
@click.option("--ca", type=PATH, metavar="FILE", help="kiosk, display: the hall's ca.crt; with an https:// address.")
@click.option("--printer", metavar="SPEC", help="kiosk: where its printer is, see luot-kiosk --help.")
@click.option("--profile", metavar="NAME", help="kiosk: the printer's python-escpos profile.")
@click.option(
    "--screen", type=click.IntRange(1, 9), metavar="N", help="kiosk, display: the screen to fill; 1 is the leftmost."
)
@click.option("--lang", metavar="CODE", help="kiosk, display: the usual language.")
@click.option("--voice", type=click.Choice(("espeak", "off")), help="display: off leaves the chime.")
@click.option("--user", metavar="NAME", help="Linux: as whom it runs; else who types this.")
@click.option("--bare", is_flag=True, help="Linux, kiosk and display: no desktop here, something else starts X.")
@click.option("--remove", is_flag=True, help="Take it away again; the folders of data stay.")
@click.option("--print", "only_print", is_flag=True, help="Only show what would be done.")
def install(part: str, **options: Any) -> None:
    """Have a part start by itself."""
    try:
        system = tasks if sys.platform == "win32" else units
        folder = options["data"] or system.usual_folder(part, options)
        plan = planned(part, folder.absolute(), options)
        if options["only_print"]:
            print(plan.shown_removal() if options["remove"] else plan.shown(), end="")
        elif options["remove"]:
            plan.undo()
        else:
            plan.carry_out()
    except ValueError as error:
        fail(str(error), 2)
    except PermissionError as error:
        fail(f"{error.filename or part} cannot be written: {_as_whom(part, options)}")
    except (OSError, subprocess.CalledProcessError) as error:
        fail(f"{part} was not installed: {error}")


def planned(part: str, folder: Path, options: dict[str, Any], *etc: Path) -> Plan:
    """What is done on this PC. Raises ValueError with a sentence for a person."""
    system = tasks if sys.platform == "win32" else units
    if part != "server" and not options["remove"]:
        _check(part, options)
    words = words_of(part, folder, options)
    plan: Plan = system.plan(part, folder, words, options, *etc)
    if part != "server" and not options["remove"] and options["token_file"] is None:
        # Without its token the part would end at once, behind everybody's back.
        token_in(Path(words[words.index("--token-file") + 1]), part)
    return plan


def _check(part: str, options: dict[str, Any]) -> None:
    """What the part would refuse at each of its starts, where nobody sees it. Raises ValueError."""
    socket_url(options["server"])
    pinned(options["server"], options["ca"])
    if options["lang"] is not None and options["lang"] not in languages():
        raise ValueError(f"--lang {options['lang']}: there are texts in {', '.join(languages())}")
    printer = options["printer"]
    if part == "kiosk" and printer is not None and not re.fullmatch(_PRINTER, printer, re.ASCII):
        raise ValueError(f"--printer {printer}: this is no printer; luot-kiosk --list-printers shows what is there")


def words_of(part: str, folder: Path, options: dict[str, Any], system: ModuleType | None = None) -> list[str]:
    """The part's own command line, after `python`, on a `system`: `units` or `tasks`, else this PC's."""
    if part == "server":
        config = options["config"]
        words = ["-m", "server", "hall", "--data", str(folder), "--port", str(options["port"])]
        return words + (["--config", str(config.absolute())] if config else [])
    here = system or (tasks if sys.platform == "win32" else units)
    # A file that was carried here, on a stick, is copied: the stick is pulled.
    carried = options["token_file"] is not None
    token = here.token_place(part, folder, options) if carried else folder / "local" / f"{part}.token"
    words = ["-m", part, "--server", options["server"], "--token-file", str(token)]
    words += ["--ca", str(ca_place(here.token_place(part, folder, options)))] if options["ca"] is not None else []
    own = ("profile", "screen", "lang") if part == "kiosk" else ("voice", "screen", "lang")
    if part == "kiosk":
        if options["printer"] is None and not options["remove"]:
            fail("say where the kiosk's printer is: --printer SPEC (luot-kiosk --list-printers shows what is there)", 2)
        words += ["--printer", str(options["printer"]), "--data", str(folder / "kiosk")]
    for name in own:
        words += [f"--{name}", str(options[name])] if options[name] else []
    return words


def _as_whom(part: str, options: dict[str, Any]) -> str:
    if sys.platform == "win32":
        return "type it in a console that was started as administrator"
    if part == "server" or options["bare"]:
        return "type the same command with sudo"
    return "type it as the user who is logged in at the screen"

"""`luot …`: the table of commands. Each is imported when it is typed; a part that is not installed is a sentence.

No command's work is here.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NoReturn

import click

from assets import logs, parts
from server import VERSION

_COMMANDS: Final = {
    "hall": ("server.cli.hall:hall", "Run the hall: server, pages, record."),
    "demo": ("server.cli.demo:demo", "The whole hall on this machine, paper on screen, PINs made for this run."),
    "device": ("server.cli.device:device", "Kiosks and displays."),
    "person": ("server.cli.person:person", "Clerks and managers."),
    "settings": ("server.cli.settings:settings", "The hall's settings as a TOML file."),
    "check": ("server.cli.record:check", "Prove the record: order, hash chain, projections."),
    "backup": ("server.cli.record:backup", "Copy the record, verified, while the hall runs."),
    "restore": ("server.cli.record:restore", "Put a copy in the record's place; the record is kept beside it."),
    "report": ("server.cli.report:report", "Figures of a period, up to today."),
    "tls": ("server.cli.tls:tls", "Make or renew the hall's own certificates, so that nothing goes in clear."),
    "simulate": (
        "server.cli.simulate.main:simulate",
        "Virtual citizens and clerks over real sockets, in simulated time.",
    ),
    "install": ("server.cli.install.main:install", "Start by itself, and again after a failure."),
}
"""Command → where it is, and its line in `luot --help`."""


def main() -> None:
    """The program `luot`."""
    logs.speak_utf8()
    signal.signal(signal.SIGTERM, _end)
    try:
        try:
            luot()
        finally:
            if sys.stdout is not None:  # none under Windows' pythonw before there is a log
                sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        # Only what was printed has no file's name. What is left of it would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:  # `luot report | head` has what it wanted
            print(f"luot: the answer could not be written: {said(error)}", file=sys.stderr)
        sys.exit(1)


def _end(number: int, _frame: object) -> NoReturn:
    """End in good order: what was begun is put away."""
    sys.exit(128 + number)


def said(error: BaseException) -> str:
    """An error in words: the system's without its number, and with the file first."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def fail(message: str, code: int = 1) -> NoReturn:
    """End the program with a sentence."""
    print(f"luot: {message}", file=sys.stderr)
    raise SystemExit(code)


class _Table(click.Group):
    """The commands, none of them imported before it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's contract
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        if cmd_name not in _COMMANDS:
            return None
        place, line = _COMMANDS[cmd_name]
        why = None if cmd_name == "install" else parts.lacks("server")
        if why is not None:
            return _absent(cmd_name, line, why)
        module, _, name = place.partition(":")
        found: click.Command = getattr(import_module(module), name)
        found.short_help = line
        return found


def _absent(name: str, line: str, why: str) -> click.Command:
    """A command of a part that is not installed: takes any words, says why, ends."""
    say: Callable[..., Any] = lambda **_: fail(why, 2)  # noqa: E731 - one expression
    words = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)
    return click.Command(
        name,
        callback=say,
        params=[words],
        short_help=line,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
    )


@click.group(cls=_Table, help="Luot: lấy số.", context_settings={"help_option_names": ["--help"]})
@click.version_option(VERSION, message="%(version)s", help="Print the version.")
def luot() -> None:
    """A take-a-number system for one-stop halls."""

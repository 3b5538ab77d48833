"""`luot settings …`: the hall's settings as a TOML file."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.folder import PATH, ask_owner, in_folder
from server.cli.main import fail, said
from server.files import whole
from server.settings.reading import read_text, read_toml
from server.settings.shape import BadSettings


@click.group("settings", help="The hall's settings as a TOML file.")
def settings() -> None:
    """What a hall can set."""


@settings.command("export")
@click.argument("file", type=PATH)
@in_folder
def settings_export(file: Path, data: Path) -> None:
    """Write the settings in force to a TOML file."""
    text = ask_owner(data, {"do": "export"})["toml"]
    try:
        if file.exists() and not file.is_file():  # a pipe or the console
            file.write_text(text, "utf-8")
        else:
            with whole(file.resolve()) as part:  # where a link leads, not in its place
                part.write_text(text, "utf-8")
    except OSError as error:
        fail(said(error))


@settings.command("import")
@click.argument("file", type=PATH)
@in_folder
def settings_import(file: Path, data: Path) -> None:
    """Take settings from a TOML file: all of it, or nothing and what is wrong with it."""
    try:
        text = read_text(file)
        read_toml(text)
    except BadSettings as error:
        fail(f"{file}: nothing was taken:\n      " + "\n      ".join(error.faults), 2)
    changes = ask_owner(data, {"do": "settings", "toml": text})["changes"]
    if changes:
        print(f"{file} was taken over, and is in force now:", *changes, sep="\n  ")
    else:
        print(f"{file} was taken over: it says what was in force already")

"""`luot person …`: clerks and managers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import click
import msgspec

from server.cli.folder import access_in, ask_owner, hall_in, in_folder, show
from server.cli.main import fail
from server.protocol import PersonRole, Pin


@click.group(help="Clerks and managers.")
def person() -> None:
    """Clerks and managers."""


@person.command("add")
@click.argument("name")
@in_folder
@click.option("--role", type=click.Choice(get_args(PersonRole)), required=True)
def person_add(name: str, data: Path, role: str) -> None:
    """Add a person. The PIN (6 to 20 digits) comes from standard input, or is asked for."""
    hall_in(data)
    ask_owner(data, {"do": "person", "name": name, "role": role, "pin": _pin()})


@person.command("pin")
@click.argument("name")
@in_folder
def person_pin(name: str, data: Path) -> None:
    """Give a person another PIN."""
    hall_in(data)
    ask_owner(data, {"do": "pin", "name": name, "pin": _pin()})


@person.command("revoke")
@click.argument("name")
@in_folder
def person_revoke(name: str, data: Path) -> None:
    """Take a person's access away at once."""
    ask_owner(data, {"do": "revoke", "kind": "person", "name": name})


def _pin() -> str:
    if sys.stdin.isatty():
        pin = str(click.prompt("PIN", hide_input=True, confirmation_prompt=True))
    else:
        pin = sys.stdin.readline().strip()
    try:
        return msgspec.convert(pin, Pin)
    except msgspec.ValidationError:
        fail("a PIN has 6 to 20 digits", 2)


@person.command("list")
@in_folder
def person_list(data: Path) -> None:
    """Show who may sign in: name and role."""
    show(
        (person.name, person.role if person.settled else f"{person.role}, has set no PIN of their own yet")
        for person in access_in(data).people.values()
    )

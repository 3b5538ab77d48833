"""`luot device …`, `luot person …`: who may come in, and who there is. Each checks its words and does one thing."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import get_args

import click
import msgspec

from server.access import keys
from server.access.people import Access
from server.cli.folder import ask_owner, hall_in, in_folder
from server.cli.hall import UNFIT
from server.cli.main import fail
from server.protocol import DeviceRole, PersonRole, Pin
from server.record import tables as schema
from server.record.file import FILE


@click.group(help="Kiosks and displays.")
def device() -> None:
    """Kiosks and displays."""


@click.group(help="Clerks and managers.")
def person() -> None:
    """Clerks and managers."""


@device.command("add")
@click.argument("name")
@in_folder
@click.option("--role", type=click.Choice(get_args(DeviceRole)), required=True)
def device_add(name: str, data: Path, role: str) -> None:
    """Pair a device; prints its token, and nothing else."""
    print(ask_owner(data, {"do": "device", "name": name, "role": role})["result"]["token"])


@device.command("revoke")
@click.argument("name")
@in_folder
def device_revoke(name: str, data: Path) -> None:
    """Take a device's access away; its live connection is closed."""
    ask_owner(data, {"do": "revoke", "kind": "device", "name": name})


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


@device.command("list")
@in_folder
def device_list(data: Path) -> None:
    """Show the devices that are paired: name and role."""
    _show((device.name, device.role) for device in _access(data).devices.values())


@person.command("list")
@in_folder
def person_list(data: Path) -> None:
    """Show who may sign in: name and role."""
    _show(
        (person.name, person.role if person.settled else f"{person.role}, has set no PIN of their own yet")
        for person in _access(data).people.values()
    )


def _access(data: Path) -> Access:
    """As the record has it now, whether or not the hall runs."""
    hall_in(data, reading=True)
    try:
        with closing(schema.connect(data / FILE, read_only=True).conn) as conn:
            return Access.load(conn, keys.load(data) or keys.made())
    except UNFIT as error:
        fail(f"the record in {data} cannot be read: {error}")


def _show(rows: Iterable[tuple[str, str]]) -> None:
    found = sorted(rows)
    width = max((len(name) for name, _ in found), default=0)
    for name, words in found:
        print(f"{name:<{width}}  {words}")

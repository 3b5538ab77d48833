"""`luot device …`: kiosks and displays."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from server.cli.folder import access_in, ask_owner, in_folder, show
from server.protocol import DeviceRole


@click.group(help="Kiosks and displays.")
def device() -> None:
    """Kiosks and displays."""


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


@device.command("list")
@in_folder
def device_list(data: Path) -> None:
    """Show the devices that are paired: name and role."""
    show((device.name, device.role) for device in access_in(data).devices.values())

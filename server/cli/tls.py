"""`luot tls`: the hall's own certificates, in its folder, and what is to be done with them next."""

from __future__ import annotations

import ipaddress
import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import tomli_w

from assets import parts
from server import VERSION
from server.cli.folder import hall_in, in_folder
from server.cli.main import fail, said
from server.files import refuse_strangers
from server.pages.addresses import lan_addresses

FOLDER: Final = "tls"
"""In the hall's folder, beside the record: `luot backup` copies the record alone."""


@click.command()
@in_folder
@click.option(
    "--name", "names", multiple=True, metavar="NAME", help="A further name or address of the hall; repeatable."
)
@click.option("--new-authority", is_flag=True, help="A new authority too: kiosks, displays, browsers need its ca.crt.")
def tls(data: Path, names: tuple[str, ...], new_authority: bool) -> None:
    """Make the hall's certificates for TLS, or renew the server's; the authority stays as it is."""
    why = parts.lacks("tls")
    if why is not None:
        fail(why, 2)
    from server.access import certificates

    hall_in(data)
    now = datetime.now(UTC).replace(microsecond=0)
    if now.year < int(VERSION.split(".")[0]):
        fail(f"the date of this PC is {now:%Y-%m-%d}: set it right first, certificates carry it")
    host = socket.gethostname().lower()
    folder = data.absolute() / FOLDER
    try:
        refuse_strangers(data, root_too=True)
        own = _own(host)
        made = certificates.make(folder, names, now, host=host, here=own, new_authority=new_authority)
    except certificates.Unmade as error:
        fail(str(error), 2)
    except OSError as error:
        fail(said(error))
    print(f"{folder / certificates.SERVER_PEM}: the server's certificate, until {made.server_ends:%Y-%m-%d}, for")
    print(f"  {', '.join(made.names)}")
    if made.left_out:
        print(f"Not for {', '.join(made.left_out)}: the authority was made when this PC had no such address.")
    print(f"{folder / certificates.CA}: the hall's authority, until {made.authority_ends:%Y-%m-%d}; its SHA-256 is")
    print(f"  {made.fingerprint}")
    # The hall answers to its own names and to any address.
    further = [name for name in made.names if name not in own and not _is_address(name)]
    if made.new_authority:
        _say_what_next(folder, own[0], further)
    else:
        if names and further:
            print(f"The hall answers to them where hall.toml says, above its [tables]: hosts = {json.dumps(further)}")
        print("Restart the hall. Kiosks, displays and browsers stay as they are: their authority is the same.")
    if made.server_ends == made.authority_ends:
        print("Both end on that day, for good: make a new authority beforehand, by --new-authority.")


def _own(host: str) -> list[str]:
    """By what this machine is found: on its networks, by its name, from itself."""
    found = [*lan_addresses(), *lan_addresses(socket.AF_INET6), host]
    if "." not in host and host != "localhost":
        found.append(f"{host}.local")  # the pages answer to that as well
    return list(dict.fromkeys([*found, "localhost", "127.0.0.1", "::1"]))


def _say_what_next(folder: Path, address: str, further: list[str]) -> None:
    pem, ca = str(folder / "server.pem"), folder / "ca.crt"
    lines = tomli_w.dumps({**({"hosts": further} if further else {}), "tls": {"cert": pem, "key": pem}})
    print("What is to be done now:")
    print("1. Put these lines into the hall.toml of `luot hall --config` (`luot install server --config`); restart it:")
    print("".join(f"     {line}\n" for line in lines.splitlines() if line), end="")
    print(f"2. Carry {ca} (no other file of that folder) to each kiosk and display. There, with that file:")
    print(f"     --server https://{f'[{address}]' if ':' in address else address}:8000 --ca ca.crt")
    print("3. Let the desks' browsers trust ca.crt: server/README.md, TLS. Compare the SHA-256 above at each PC.")
    print("The authority's key, ca.key, is for the next `luot tls` alone, and in no copy of `luot backup`. Kept on a")
    print("stick in a safe instead, it cannot be stolen from here.")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

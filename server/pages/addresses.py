"""Where a hall listens, and where people and other machines find it there."""

from __future__ import annotations

import ipaddress
import socket
import struct
from typing import Any, Final
from urllib.parse import urlsplit

FAR: Final = {socket.AF_INET: "198.51.100.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses that belong to nobody (RFC 5737, RFC 3849): a datagram socket is pointed there, and nothing is sent."""
NEIGHBOURS: Final = "224.0.0.1"
"""All machines of one network, which needs no router."""


def listening(host: str, port: int) -> dict[str, Any]:
    """The arguments of `create_server` that listen on `host`; `::` takes IPv4 as well. Raises OSError."""
    host = _bare(host)
    if host == "::":  # asyncio by itself would shut IPv4 out
        return {"sock": socket.create_server((host, port), family=socket.AF_INET6, dualstack_ipv6=True)}
    return {"host": host, "port": port}


def addresses(host: str, port: int, scheme: str) -> list[str]:
    """The pages' addresses for a person to type, of a hall that listens on `host`."""
    names = [host := _bare(host)]
    if _is_any(host):
        names = ["127.0.0.1", *lan_addresses()]
        if host == "::":
            names += lan_addresses(socket.AF_INET6)
    return [f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}/" for name in names]


def only_here(address: str) -> bool:
    """Is this an address that only this very machine can reach? `address` as `addresses` gives it."""
    return _is_local(urlsplit(address).hostname or "")


def serves_others(host: str) -> bool:
    """Do other machines reach a hall that listens on `host`, once there is a network?"""
    return not _is_local(_bare(host))


def lan_addresses(family: socket.AddressFamily = socket.AF_INET) -> list[str]:
    """This machine's own addresses on its networks, the one towards other networks first. May wait for a DNS."""
    found = _towards_others(family)
    if family == socket.AF_INET:
        found += sorted(_named() - set(found))
        found = found or _among_neighbours()
    return found


def _towards_others(family: socket.AddressFamily) -> list[str]:
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((FAR[family], 9))
        except OSError:
            return []  # no way to another network
        return [own for own in (_own(probe),) if own]


def _named() -> set[str]:
    """What the machine's name stands for. Debian and Ubuntu map it to 127.0.1.1, which is of no use to others."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    except OSError:
        return set()
    return {address for address in found if _is_of_use(address)}


def _among_neighbours() -> list[str]:
    """The address on each network, where no router joins them and no name tells of them."""
    found: dict[str, None] = {}
    for index, _ in socket.if_nameindex():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            chosen = struct.pack("=4s4si", bytes(4), bytes(4), index)
            try:
                probe.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, chosen)
                probe.connect((NEIGHBOURS, 9))
            except OSError:
                continue  # without an address
            found |= dict.fromkeys(own for own in (_own(probe),) if own)
    return list(found)


def _own(probe: socket.socket) -> str | None:
    address = str(probe.getsockname()[0])
    return address if _is_of_use(address) else None


def _is_of_use(address: str) -> bool:
    """To another machine: a link-local IPv6 address is of none without the name of an interface there."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return not (found.is_loopback or found.is_unspecified or (found.version == 6 and found.is_link_local))


def _is_local(name: str) -> bool:
    return name in {"localhost", "::1"} or name.startswith("127.")


def _is_any(host: str) -> bool:
    return host in {"", "0.0.0.0", "::"}


def _bare(host: str) -> str:
    """`[::1]`, as it stands in an address, is `::1`; every way of writing an address is the shortest."""
    host = host.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host

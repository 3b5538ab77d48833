"""What one process is told: where the folder is, which address, which limits. From `hall.toml` and the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from server.settings.faults import plain
from server.settings.reading import FAULTS, nearest, parse, read_text
from server.settings.shape import BadSettings

Count = Annotated[int, Meta(ge=0)]


class Tls(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The files (PEM) of the hall's certificate and key."""

    cert: str
    key: str


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """0 = no limit."""

    tickets_per_minute: Count = 30
    """Per kiosk."""
    burst: Count = 3
    messages_per_second: Count = 20
    """Per socket."""
    sockets_per_address: Count = 32
    """Of connections that have not said who they are: a browser opens six at a time for a page."""
    sockets: Count = 260
    """In all; of these 60 for devices and people, the rest for phones."""


class Hours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When numbers are given, beside the settings' sessions."""

    always_open: bool = False
    """No sessions at all: for demos and tests."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of `hall.toml`."""

    host: str = "0.0.0.0"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    hosts: tuple[str, ...] = ()
    """Further names this hall answers to."""
    tls: Tls | None = None
    limits: Limits = Limits()
    hours: Hours = Hours()


def read(path: Path) -> Config:
    """A configuration file. Raises :class:`BadSettings` with sentences for a person."""
    try:
        raw = parse(read_text(path))
    except BadSettings as error:
        raise BadSettings([f"{path}: {fault}" for fault in error.faults]) from None
    faults: list[str] = []
    tables: dict[str, Any] = {"": Config, "tls": Tls, "limits": Limits, "hours": Hours}
    for name, kind in tables.items():
        table = raw if not name else raw.get(name, {})
        for key in table if isinstance(table, dict) else ():
            if key not in kind.__struct_fields__ and len(faults) < FAULTS:
                where = f"[{name}] {key}" if name else key
                faults.append(f"{path}: unknown key {where!r}{nearest(key, kind.__struct_fields__)}")
    if not faults:
        try:
            return msgspec.convert(raw, Config)
        except msgspec.ValidationError as error:
            reason, _, where = str(error).partition(" - at `$.")
            place = where.rstrip("`")
            faults.append(f"{path}: {f'{place}: ' if place else ''}{plain(place, reason)}")
    raise BadSettings(faults)

"""The answers to requests, as the record keeps them."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from server import protocol as p


class Stored(Struct, frozen=True, omit_defaults=True):
    """An answer as the record keeps it: without the ticket's token and code, which are made anew each time."""

    ok: bool
    result: msgspec.Raw | UnsetType = UNSET
    error: p.Error | UnsetType = UNSET

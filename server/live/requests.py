"""Requests that were answered before: asked again with the same id, they get the same words and do nothing twice.

What changed the hall is on the disk with its answer. What changed nothing is remembered here for a while.
"""

from __future__ import annotations

import hashlib
import logging
import time
from typing import Final

import msgspec
from msgspec.structs import replace

from server import protocol as p
from server.hall.rules.case import Who
from server.record.answers import Stored
from server.record.file import Record
from server.record.tables import sqlite3

log = logging.getLogger(__name__)

PASSING: Final = frozenset({"too_fast", "internal", "unauthorised", "busy"})
"""Refusals that are judged anew at once: the same command may succeed when sent again."""
RECENT: Final = 1000
RECENT_FOR: Final = 60.0
"""So many answers that changed nothing are remembered, for so many seconds: longer than any client waits."""
TOKENS: Final = 100
"""New devices whose tokens are shown again to the same request, while this process lives."""

Key = tuple[str, str]
"""Principal and id of a request."""

_stored = msgspec.json.Decoder(Stored)


def key_of(who: Who, id: str) -> Key:
    """By what a request is found: its principal, and its id."""
    return f"{who.role}:{who.name}", id


def fingerprint(command: p.Command) -> bytes:
    """By what a repetition is known as the same. It is stored, so it has nothing of what could be guessed from it."""
    if isinstance(command, (p.AddPerson, p.SetPin)):
        command = replace(command, pin="")
    elif isinstance(command, p.Rate):
        command = replace(command, comment=None)
    return hashlib.sha256(p.encode(command)).digest()


class Requests:
    """The answered requests of one hall."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._recent: dict[Key, tuple[float, bytes, Stored]] = {}
        """Answers of requests that changed nothing, with when they were given."""
        self._tokens: dict[Key, str] = {}
        """Tokens of new devices by the request that added them. On the disk is only their hash."""

    def known(self, key: Key, body: bytes, name: str) -> tuple[bytes, Stored | None] | None:
        """Body and answer of a request that was answered before: null where it was not.

        No answer where it was carried out and only that is known; then the body is `body`. `name`: for the log.
        """
        found = self._recent.get(key)
        if found is not None and time.monotonic() - found[0] < RECENT_FOR:
            return found[1:]
        try:
            known = self._record.look_up(*key)
            return None if known is None else (known[0], _stored.decode(known[1]))
        except (sqlite3.Error, msgspec.MsgspecError, ValueError, TypeError):
            log.exception("the stored answer of %s of %s cannot be read", name, key[0])
            return body, None

    def changed_nothing(self, key: Key, body: bytes, answer: Stored) -> None:
        """Remember an answer that is not written: its second copy may be on the way, and must not act after this."""
        if isinstance(answer.error, p.Error) and answer.error.code in PASSING:
            return
        self._recent[key] = (time.monotonic(), body, answer)
        if len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]

    def keep_token(self, key: Key, token: str) -> None:
        """Remember the token of the device that this request added."""
        self._tokens = {**dict(list(self._tokens.items())[1 - TOKENS :]), key: token}

    def token(self, key: Key) -> str | None:
        """Of the device that this request added; null where another process showed it, or many came since."""
        return self._tokens.get(key)

"""What no copy of the record takes along: the key of the papers' codes, and the pepper of the PINs.

Both stand in one private file beside the record. Whoever gets a copy on a stick can make no paper's code from it, and
try no PIN: there are only a million of those, and argon2id alone would give them up within hours. A hall that is
restored on another PC without this file gets new ones: then everybody needs a new PIN, and the codes of papers that
were given before are over.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from server.files import write_private

FILE: Final = "hall.key"
SIZE: Final = 32


class BadKeys(RuntimeError):
    """The file is there and cannot be read; the text is a sentence for a person."""


class Keys(Struct, frozen=True):
    """`secret` for what a citizen's paper carries, `pepper` for PINs; :data:`SIZE` bytes each."""

    secret: bytes
    pepper: bytes

    @property
    def mark(self) -> str:
        """By what a hashed PIN shows which pepper it was made with."""
        return f"k{hashlib.blake2b(self.pepper, digest_size=4, person=b'luot pepper').hexdigest()}:"

    def peppered(self, pin: str) -> str:
        """What is hashed in the PIN's place (OWASP, Password Storage: peppering by HMAC)."""
        return hmac.digest(self.pepper, pin.encode(), "sha256").hex()


def made(secret: bytes | None = None) -> Keys:
    """New keys, or a new pepper beside a secret that is there already."""
    return Keys(secret or secrets.token_bytes(SIZE), secrets.token_bytes(SIZE))


def load(folder: Path) -> Keys | None:
    """The keys of a hall's folder; null where it has none yet. Raises :class:`BadKeys`, OSError."""
    path = folder / FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Keys)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise BadKeys(f"{path} cannot be read ({error}). Put the right one there; without it, take it away") from error
    if (len(found.secret), len(found.pepper)) != (SIZE, SIZE):
        raise BadKeys(f"{path} is not whole. Put the right one there; without it, take it away")
    return found


def keep(folder: Path, keys: Keys) -> None:
    """Write them whole or not at all, for the folder's user only. Raises OSError."""
    write_private(folder / FILE, msgspec.json.encode(keys).decode())

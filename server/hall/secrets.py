"""What only the holder of a paper knows, made from the hall's own secret and never stored."""

from __future__ import annotations

import base64
import hashlib
import hmac


def ticket_secrets(secret: bytes, ticket: int) -> tuple[str, str]:
    """What the paper of a ticket carries: its token for a phone (128 bits), and its rating code (two digits,
    never 00, which looks like a fault).

    Both come from one keyed hash (RFC 7693) of the ticket: repeatable, never stored.
    """
    digest = hashlib.blake2b(b"ticket:%d" % ticket, key=secret, digest_size=24).digest()
    token = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
    return f"{ticket}.{token}", f"{int.from_bytes(digest[16:24]) % 100 or 10:02d}"


def comment_note(secret: bytes, request: str, comment: str) -> str:
    """The reference of a comment in the record: a salted hash, so that the text can be erased and not guessed."""
    return hmac.digest(secret, f"comment:{request}:{comment}".encode(), hashlib.sha256).hex()[:32]

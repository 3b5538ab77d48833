"""One process owns a folder; others that want to write ask it.

The owner holds a lock on the folder (SQLite's own, so that it is the same on Linux and Windows and dies with the
process) and listens on a loopback port that `control.json` names together with a secret. A request is one JSON line,
the answer another. Who asks lays a file of a random name into the folder, and the owner looks for it there: a copied
folder has the same `control.json`, but is another folder. Nothing here knows the rules.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from server.files import refuse_strangers, write_private
from server.record.tables import sqlite3

FILE: Final = "control.json"
LOCK: Final = "owner.lock"
LINE: Final = 1024 * 1024
ANSWER_WITHIN: Final = 30.0
LINE_WITHIN: Final = 5.0
"""s for the request to come: it is written at once."""
CONNECTIONS: Final = 16
"""At once; then the oldest goes, which is a stranger's that says nothing."""

OTHER_FOLDER: Final = "other_folder"
WRONG_SECRET: Final = "wrong_secret"
_PROOF: Final = r"ask-[0-9a-f]{32}\Z"

Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Owned(Exception):
    """Another process owns the folder."""


class Ownership:
    """The lock on a folder, held until `release` or the end of the process. Raises :class:`Owned`, PermissionError."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_strangers(folder, root_too=True)
        # Private: who may read it may also hold it, and keep the hall from starting.
        (folder / LOCK).touch(mode=0o600)
        (folder / LOCK).chmod(0o600)
        self._conn = sqlite3.connect(str(folder / LOCK), isolation_level=None, timeout=0, check_same_thread=False)
        try:
            self._conn.execute("PRAGMA journal_mode=OFF")
            self._conn.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._conn.close()
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_BUSY) & 0xFF != sqlite3.SQLITE_BUSY:
                raise OSError(f"{folder / LOCK}: {error}") from error
            raise Owned(f"another luot already runs on {folder}") from error

    def release(self) -> None:
        """Let the folder go."""
        self._conn.close()


async def listen(folder: Path, answer: Answer) -> asyncio.Server:
    """Open the channel: a loopback port, named in `control.json` (mode 0600) with its secret."""
    secret = secrets.token_urlsafe(32)
    here: dict[asyncio.StreamWriter, None] = {}
    """Who has not said anything yet."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here[writer] = None
        if len(here) > CONNECTIONS:
            oldest = next(iter(here))
            del here[oldest]
            oldest.transport.abort()
        try:
            async with asyncio.timeout(LINE_WITHIN):
                line = await reader.readline()
            here.pop(writer, None)  # it has said what it wants, and is carried out
            async with asyncio.timeout(ANSWER_WITHIN):
                reply = await _replied(line)
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        except (ValueError, RecursionError, TimeoutError, ConnectionError):
            pass  # a stranger on the loopback port: it gets nothing
        finally:
            here.pop(writer, None)
            writer.close()

    async def _replied(line: bytes) -> dict[str, Any]:
        request = json.loads(line)
        given = request.pop("secret", "") if isinstance(request, dict) else ""
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), secret.encode()):
            return {"ok": False, "error": WRONG_SECRET}
        if not _lies_in(folder, request.pop("proof", "")):
            return {"ok": False, "error": OTHER_FOLDER}
        return await answer(request)

    _sweep(folder)
    server = await asyncio.start_server(one, "127.0.0.1", 0, limit=LINE)
    port = server.sockets[0].getsockname()[1]
    write_private(folder / FILE, json.dumps({"port": port, "secret": secret}))
    return server


def _sweep(folder: Path) -> None:
    """Take away what a command left that was killed while it asked."""
    for left in folder.glob("ask-*"):
        if re.fullmatch(_PROOF, left.name) and time.time() - left.stat().st_mtime > 2 * ANSWER_WITHIN:
            left.unlink(missing_ok=True)


def _lies_in(folder: Path, proof: Any) -> bool:
    """Is the file there that whoever asks has laid into their folder?"""
    return isinstance(proof, str) and re.fullmatch(_PROOF, proof) is not None and (folder / proof).is_file()


def ask(folder: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """Ask the folder's owner; null where nobody owns it: `control.json` may be one of a copy, or of a hall that died.

    Raises OSError when the owner does not answer.
    """
    try:
        known = msgspec.json.decode((folder / FILE).read_bytes(), type=dict)
        connection = socket.create_connection(("127.0.0.1", known["port"]), timeout=5)
    except (FileNotFoundError, ConnectionRefusedError, msgspec.DecodeError, KeyError):
        return None
    proof = folder / f"ask-{secrets.token_hex(16)}"
    with connection, connection.makefile("rwb") as stream:
        connection.settimeout(ANSWER_WITHIN)
        write_private(proof, "")
        try:
            words = {**request, "secret": known["secret"], "proof": proof.name}
            stream.write(json.dumps(words).encode() + b"\n")
            stream.flush()
            line = stream.readline()
        finally:
            proof.unlink(missing_ok=True)
    if not line:
        raise OSError("the running hall closed the control channel without an answer")
    try:
        reply = msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise OSError(f"another program answers at the port that {folder / FILE} names") from error
    return None if reply.get("error") in {OTHER_FOLDER, WRONG_SECRET} else reply

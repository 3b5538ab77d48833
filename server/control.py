"""One process owns a folder; others that want to write ask it.

The owner holds a lock on the folder (SQLite's own, so that it is the same on Linux and Windows and dies with the
process) and listens on a loopback port that `control.json` names together with a secret. A request is one JSON line,
the answer another. Nothing here knows the rules.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from server.files import refuse_strangers, write_private
from server.schema import sqlite3

FILE: Final = "control.json"
LOCK: Final = "owner.lock"
LINE: Final = 1024 * 1024
ANSWER_WITHIN: Final = 30.0

Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Owned(Exception):  # noqa: N818
    """Another process owns the folder."""


class Ownership:
    """The lock on a folder, held until `release` or the end of the process. Raises :class:`Owned`, PermissionError."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        refuse_strangers(folder, root_too=True)
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
        self._conn.close()


async def listen(folder: Path, answer: Answer) -> asyncio.Server:
    """Open the channel: a loopback port, named in `control.json` (mode 0600) with its secret."""
    secret = secrets.token_urlsafe(32)

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                request = json.loads(await reader.readline())
                given = request.pop("secret", "") if isinstance(request, dict) else ""
                if not isinstance(given, str) or not hmac.compare_digest(given, secret):
                    reply: dict[str, Any] = {"ok": False, "error": "forbidden"}
                else:
                    reply = await answer(request)
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        except (ValueError, TimeoutError, ConnectionError):
            pass  # a stranger on the loopback port: it gets nothing
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0, limit=LINE)
    port = server.sockets[0].getsockname()[1]
    write_private(folder / FILE, json.dumps({"port": port, "secret": secret}))
    return server


def ask(folder: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """Ask the folder's owner; null where nobody owns it. Raises OSError when the owner does not answer."""
    try:
        known = msgspec.json.decode((folder / FILE).read_bytes(), type=dict)
        connection = socket.create_connection(("127.0.0.1", known["port"]), timeout=5)
    except (FileNotFoundError, ConnectionRefusedError, msgspec.DecodeError, KeyError):
        return None
    with connection, connection.makefile("rwb") as stream:
        connection.settimeout(ANSWER_WITHIN)
        stream.write(json.dumps({**request, "secret": known["secret"]}).encode() + b"\n")
        stream.flush()
        line = stream.readline()
    if not line:
        raise OSError("the running hall closed the control channel without an answer")
    reply: dict[str, Any] = json.loads(line)
    return reply

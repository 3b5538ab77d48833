"""The journal's file: one SQLite connection, WAL and `synchronous=FULL`, or none. What is in it is not known here."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS numbers (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, area TEXT NOT NULL, procedure TEXT, priority INTEGER NOT NULL,
    lang TEXT NOT NULL, asked_at REAL NOT NULL, answer TEXT, prints INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS jobs (
    key TEXT PRIMARY KEY, state TEXT NOT NULL, ticket INTEGER NOT NULL, begun_at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS reports (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS record (n INTEGER PRIMARY KEY, id TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS told (number TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS heard (
    area TEXT PRIMARY KEY, number TEXT NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS starts (n INTEGER PRIMARY KEY, at REAL NOT NULL) STRICT;
"""
_STARTED: Final = "INSERT INTO starts VALUES (1, ?) ON CONFLICT (n) DO UPDATE SET at = excluded.at"
"""Written at each start: a disk that takes nothing shows before a citizen has touched anything."""


class NotDurable(RuntimeError):
    """The file system or the build of SQLite does not give what the journal needs."""


class JournalFile:
    """The open file; `at` is the time of this start in Unix seconds.

    Raises :class:`NotDurable`, `sqlite3.OperationalError` where the disk takes nothing, and another
    `sqlite3.DatabaseError` where the file cannot be read.
    """

    def __init__(self, path: Path, *, at: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        try:
            self._open(path, at)
        except BaseException:
            self.db.close()
            raise

    def _open(self, path: Path, at: float) -> None:
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("PRAGMA trusted_schema=OFF")
        if self.pragma("journal_mode") != "wal" or self.pragma("synchronous") != 2:
            raise NotDurable(f"{path}: SQLite does not offer WAL with synchronous=FULL here")
        if (found := self.pragma("quick_check")) != "ok":
            raise sqlite3.DatabaseError(str(found))
        with self.at_once():
            for statement in _SCHEMA.split(";"):
                self.db.execute(statement)
            self.db.execute(_STARTED, (at,))

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def pragma(self, name: str) -> str | int:
        """What a setting of SQLite's is."""
        value: str | int = self.db.execute(f"PRAGMA {name}").fetchone()[0]
        return value

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """All or nothing, on the disk when it ends."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")


def set_aside(path: Path, why: object) -> None:
    """Give a file that cannot be read a name that nothing had."""
    n = next(n for n in count(1) if not path.with_name(f"{path.name}.unreadable-{n}").exists())
    log.error("%s: %s; set aside as %s.unreadable-%d, a new journal is begun", path, why, path.name, n)
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(path.with_name(f"{path.name}.unreadable-{n}{end}"))

"""The record's tables, as migrations. Each is applied once, in its own transaction, and never changed afterwards.

SQLite here is the one sqlite-utils uses (`pysqlite3` where it is installed); older ones than `OLDEST` are refused.
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database, Migrations
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the very module that it uses

OLDEST: Final = (3, 51, 3)
"""Older SQLite can corrupt a WAL that two connections use (the WAL-reset bug, sqlite.org/wal.html)."""

PRAGMAS: Final = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: acknowledged means on the disk
    "busy_timeout": 5000,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "secure_delete": 1,
}

# Python's sqlite3 looks for an adapter at every null and every bytes it binds, and where it finds none it asks the
# value itself, which costs more than binding five values. These say: as it is.
sqlite3.register_adapter(type(None), lambda null: null)
sqlite3.register_adapter(bytes, bytearray)

migrations = Migrations("luot")

__all__ = ["OLDEST", "PRAGMAS", "WrongPragma", "WrongTables", "connect", "migrations", "sqlite3", "verify"]


class WrongPragma(RuntimeError):
    """A connection did not take one of the settings that the record's promises rest on."""


class WrongTables(RuntimeError):
    """The file's tables are not those that this version makes; the text says how, for a person."""


def verify(db: Database) -> None:
    """Compare the file's tables, indexes, views and triggers with those of its migrations.

    Raises :class:`WrongTables`: a newer version has written the file, or somebody has changed it by hand. A trigger
    that was planted would run with the hall's own rights.
    """
    names = [migration.name for migration in migrations.pending(Database(memory=True))]
    try:
        applied = [migration.name for migration in migrations.applied(db)]
    except (LookupError, ValueError, TypeError) as error:
        raise WrongTables(f"the record's list of migrations cannot be read: {type(error).__name__}: {error}") from error
    if newer := [name for name in applied if name not in names]:
        raise WrongTables(f"a newer Luot has written this record ({', '.join(newer)}): install that version again")
    wanted = Database(memory=True)
    following = next((name for name in names if name not in applied), None)
    migrations.apply(wanted, stop_before=following)
    found, made = _made(db), _made(wanted)
    for what in sorted({*found, *made}):
        if found.get(what) != made.get(what):
            how = "is missing" if what not in found else "does not belong there" if what not in made else "was changed"
            raise WrongTables(f"the record's tables are not as Luot made them: {' '.join(what)} {how}")


_LIBRARYS: Final = {("table", "_sqlite_migrations"), ("index", "idx__sqlite_migrations_migration_set_name")}
"""What sqlite-utils makes for itself."""


def _made(db: Database) -> dict[tuple[str, str], str]:
    """What is in a file besides rows: (kind, name) → its SQL. Names that begin with `sqlite_` are SQLite's own."""
    rows = db.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return {(row[0], row[1]): row[2] for row in rows if (row[0], row[1]) not in _LIBRARYS}


def too_old(found: str, machine: str) -> str:
    """The sentence for a SQLite that is refused, with the way out that there is on such a machine."""
    said = f"SQLite {found} is too old, {'.'.join(map(str, OLDEST))} is needed: "
    if machine in {"x86_64", "AMD64"}:
        return said + "pip install pysqlite3"
    return said + (
        "for this kind of processor there is no pysqlite3. Run the hall on a PC with an Intel or AMD processor (kiosk "
        "and display may stay here), or by a Python that brings a newer SQLite (uv python install 3.13)"
    )


def connect(
    path: Path, *, read_only: bool = False, pragmas: dict[str, Any] | None = None, one_thread: bool = True
) -> Database:
    """Open the database with every pragma set and asserted. For the calling thread only, or for one at a time.

    Raises :class:`WrongPragma`, or `sqlite3.Error` where the file is no database or cannot be opened.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        raise WrongPragma(too_old(sqlite3.sqlite_version, platform.machine()))
    mode = "ro" if read_only else "rwc"
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        cached_statements=512,
        check_same_thread=one_thread,
    )
    try:
        for name, wanted_value in (pragmas or PRAGMAS).items():
            if read_only and name == "journal_mode":
                continue  # a property of the file: a copy that was made for keeping has no write-ahead log
            conn.execute(f"PRAGMA {name}={wanted_value}").fetchall()
            found = conn.execute(f"PRAGMA {name}").fetchone()[0]
            if found != wanted_value:
                raise WrongPragma(f"{name} is {found}, not {wanted_value}")
        conn.row_factory = sqlite3.Row
        return Database(conn)
    except BaseException:
        conn.close()
        raise


@migrations()
def m001_record(db: Database) -> None:
    """Events, their projections, requests, comments, settings, people and devices."""
    for statement in _M001.split(";\n"):
        if statement.strip():
            db.execute(statement)


_VERSIONED = """
CREATE TABLE {name} (
    code TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (code, since)
) STRICT;
"""

# Every index costs each ticket a page: a day's events are found by the `seq` of its opening, a ticket's by the range
# from its own id (the `seq` that issued it) to the end of its day, visits by their ticket.
_M001: Final = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, day TEXT, at INTEGER NOT NULL, kind TEXT NOT NULL, v INTEGER NOT NULL,
    ticket INTEGER, visit INTEGER, number TEXT, area TEXT, procedure TEXT, desk TEXT, clerk TEXT, device TEXT,
    priority INTEGER, outcome TEXT, dossiers INTEGER, score INTEGER, via TEXT, target_area TEXT, target_desk TEXT,
    because TEXT, since INTEGER, until INTEGER, taken_at INTEGER, date TEXT, ref INTEGER, note TEXT, request TEXT,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX events_days ON events (seq) WHERE kind = 'day_opened';
CREATE TABLE event_reasons (
    seq INTEGER NOT NULL REFERENCES events (seq), code TEXT NOT NULL, PRIMARY KEY (seq, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY, day TEXT NOT NULL, number TEXT NOT NULL, area TEXT NOT NULL, procedure TEXT,
    priority INTEGER NOT NULL, device TEXT, via TEXT NOT NULL, issued_at INTEGER NOT NULL, state TEXT NOT NULL,
    visits INTEGER NOT NULL, absences INTEGER NOT NULL, printed TEXT, not_printed TEXT, UNIQUE (day, number)
) STRICT;
CREATE TABLE visits (
    ticket INTEGER NOT NULL REFERENCES tickets (id), n INTEGER NOT NULL, day TEXT NOT NULL, number TEXT NOT NULL,
    area TEXT NOT NULL, procedure TEXT, priority INTEGER NOT NULL, desk TEXT, clerk TEXT, queued_at INTEGER NOT NULL,
    called_at INTEGER, calls INTEGER NOT NULL, because TEXT, waited INTEGER, started_at INTEGER, ended_at INTEGER,
    end TEXT, outcome TEXT, dossiers INTEGER, score INTEGER, rated_at INTEGER, rated_via TEXT,
    PRIMARY KEY (ticket, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE requests (
    principal TEXT NOT NULL, id TEXT NOT NULL, body_hash BLOB NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (principal, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE comments (note TEXT PRIMARY KEY, text TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, before TEXT, after TEXT
) STRICT;
CREATE TABLE people (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, pin TEXT, added_at INTEGER NOT NULL, revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE devices (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, token BLOB NOT NULL, added_at INTEGER NOT NULL, revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE logins (
    token BLOB PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
""" + "".join(_VERSIONED.format(name=name) for name in ("options", "areas", "procedures", "desks", "sessions"))

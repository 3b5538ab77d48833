"""A verified copy of the record, and its way back. The copy is made by SQLite's backup API while the hall runs.

A copy counts only once it was opened, checked whole by `check`, written through to the disk and renamed into place.
"""

from __future__ import annotations

import os
from pathlib import Path

from server import schema
from server.check import Sound, check_file
from server.control import Ownership
from server.record import FILE, RESTORED, take_restored
from server.schema import sqlite3


def backup(folder: Path, target: Path) -> Sound:
    """Copy the record of `folder` to `target`. Raises `Faulty` for a bad copy, OSError, `sqlite3.Error`."""
    source = folder / FILE
    if not source.is_file():
        raise FileNotFoundError(f"there is no record at {source}")
    if target.resolve() == source.resolve():
        raise FileExistsError(f"{target} is the record itself")
    return _copy(source, target)


def restore(source: Path, folder: Path) -> tuple[Sound, Path | None]:
    """Put a copy in the place of `folder`'s record. The second value is where that is kept; null if there was none.

    Raises `Owned` while a hall runs there, `Faulty` for a bad copy; then nothing is changed.
    """
    if not source.is_file():
        raise FileNotFoundError(f"there is no copy at {source}")
    owner = Ownership(folder)
    try:
        check_file(source)
        sound = _copy(source, folder / RESTORED)
        kept = take_restored(folder)
        _sync_folder(folder)
        return sound, kept
    finally:
        owner.release()


def _copy(source: Path, target: Path) -> Sound:
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    origin = schema.connect(source, read_only=True)
    try:
        copy = sqlite3.connect(str(part), isolation_level=None)
        try:
            origin.conn.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
    finally:
        origin.conn.close()
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    sound = check_file(part)
    for suffix in ("-wal", "-shm"):
        part.with_name(part.name + suffix).unlink(missing_ok=True)
    part.replace(target)
    _sync_folder(target.parent)
    return sound


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where the system can (Windows has no such call and needs none)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

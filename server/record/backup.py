"""A verified copy of the record, and its way back. The copy is made by SQLite's backup API while the hall runs.

A copy counts only once it was opened, checked whole by `check`, written through to the disk and renamed into place.
"""

from __future__ import annotations

import errno
import shutil
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from server.access import keys
from server.access.people import ONCE
from server.access.pins import Pins
from server.files import sync_folder, whole
from server.record import mark
from server.record import tables as schema
from server.record.check import Proof, check_file
from server.record.file import FILE, RESTORED, Damaged, held, readable, take_restored
from server.record.owner import Ownership
from server.record.tables import sqlite3


def backup(folder: Path, target: Path, *, replace: bool = False) -> Proof:
    """Copy the record of `folder` to `target`. Raises `Faulty` for a bad copy, OSError, `sqlite3.Error`.

    A file that is there already may be the only good copy: it goes only with `replace`, and a copy of a record only
    where this record holds all that is in it.
    """
    source = folder / FILE
    if not source.is_file():
        raise FileNotFoundError(f"there is no record at {source}")
    if target.resolve() == source.resolve():
        raise FileExistsError(f"{target} is the record itself")
    if target.is_file() and not replace:
        raise FileExistsError(f"{target} is there already; name another file, or overwrite it by --replace")
    if target.is_file():
        _make_sure_it_is_older(source, target)
    return _copy(source, target)


def restore(source: Path, folder: Path) -> tuple[Proof, Path | None]:
    """Put a copy in the place of `folder`'s record. The second value is where that is kept; null if there was none.

    The mark stays, and says of the old record all that can be read of it: the next start goes on above its numbers.
    Raises `Owned` while a hall runs there, `Faulty` for a bad copy; then nothing is changed.
    """
    if not source.is_file():
        raise FileNotFoundError(f"there is no copy at {source}")
    check_file(source)
    owner = Ownership(folder)
    try:
        sound = _copy(source, folder / RESTORED)
        _raise_mark(folder, source)
        kept = take_restored(folder)
        sync_folder(folder)
        return sound, kept
    finally:
        owner.release()


def goes_back(folder: Path) -> bool:
    """Does the record lack what its own hall had on this disk? The mark beside it tells. Raises `sqlite3.Error`."""
    try:
        known = mark.read(folder)
    except (mark.BadMark, OSError):
        return False
    if known is None:
        return False
    with closing(schema.connect(folder / FILE, read_only=True).conn) as conn:
        return known.hall == _hall_of(conn) and mark.lacks(conn, known)


def _raise_mark(folder: Path, source: Path) -> None:
    """Before the record goes from its place: its mark says all that can be read of it."""
    try:
        known = mark.read(folder)
    except (mark.BadMark, OSError):
        known = None
    seen = None
    # A copy is mostly put in the place of a record that cannot be read: then the mark knows what it knows.
    there = folder / FILE
    with suppress(sqlite3.Error, Damaged), readable(), closing(schema.connect(there, read_only=True).conn) as conn:
        seen = mark.of_record(conn)
    if seen is not None and seen.numbers:
        mark.raise_to(folder, seen)
        return
    with closing(schema.connect(source, read_only=True).conn) as copy:
        coming = _hall_of(copy)
    if known is not None and known.hall != coming and not known.numbers:
        # A hall that was only begun here, in whose place another PC's comes: its kiosks know more than this mark.
        (folder / mark.FILE).unlink(missing_ok=True)


def _hall_of(conn: Any) -> str:
    """Whose record it is, hexadecimal; "" for one that no hall has opened since halls have an id."""
    found = conn.execute(_HALL).fetchone()
    return bytes(found[0]).hex() if found else ""


def strange(source: Path, folder: Path) -> bool:
    """Was this copy made with other keys than `folder` has? Then its PINs and its papers' codes are over there.

    Raises :class:`keys.BadKeys`, `sqlite3.Error`.
    """
    mine = keys.load(folder)
    with closing(schema.connect(source, read_only=True).conn) as copy:
        old = copy.execute("SELECT value FROM meta WHERE name = 'secret'").fetchone()
        if old is not None and mine is not None and bytes(old[0]) != mine.secret:
            return True
        known = Pins(mine or keys.made()).knows
        pins = copy.execute("SELECT pin FROM people WHERE pin IS NOT NULL AND revoked_at IS NULL")
        return any(not known(pin.removeprefix(ONCE)) for (pin,) in pins)


def _make_sure_it_is_older(source: Path, target: Path) -> None:
    """Refuse to overwrite what only `target` holds: another hall, or events that this record has not (any more)."""
    try:
        with closing(schema.connect(target, read_only=True).conn) as copy:
            hall, last = copy.execute(_HALL).fetchone(), copy.execute(f"{_EVENT} ORDER BY seq DESC").fetchone()
    except sqlite3.Error:
        return  # it is no copy of a record: there is nothing to lose that `--replace` does not mean
    with closing(schema.connect(source, read_only=True).conn) as record:
        mine = record.execute(_HALL).fetchone()
        if hall is not None and mine is not None and tuple(hall) != tuple(mine):
            raise FileExistsError(f"{target} is the copy of another hall: look at --data, or name another file")
        if last is None:
            return
        same = record.execute(f"{_EVENT} WHERE seq = ?", (last["seq"],)).fetchone()
    if same is None or tuple(same) != tuple(last):
        raise FileExistsError(f"{target} holds what is not in this record: it may be the newer one; name another file")


_HALL = "SELECT value FROM meta WHERE name = 'hall'"
_EVENT = "SELECT seq, hash FROM events"


def _copy(source: Path, target: Path) -> Proof:
    _make_sure_of_room(source, target)
    with whole(target) as part:
        try:
            _copy_pages(source, part)
        except sqlite3.OperationalError as error:
            raise OSError(f"{source} could not be copied to {target}: {held(error, source)}") from error
        return check_file(part)


def _make_sure_of_room(source: Path, target: Path) -> None:
    needed = source.stat().st_size
    if target.parent.is_dir() and shutil.disk_usage(target.parent).free < needed:
        raise OSError(errno.ENOSPC, f"there is no room for {needed / 1e6:.1f} MB", str(target))


def _copy_pages(source: Path, part: Path) -> None:
    def told(status: int, _remaining: int, _total: int) -> None:
        # Without this SQLite would wait for the other program for ever, and no signal would end it.
        if status & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise OSError(f"{source} could not be copied: another program holds it")

    with (
        closing(schema.connect(source, read_only=True).conn) as origin,
        closing(sqlite3.connect(str(part), isolation_level=None)) as copy,
    ):
        origin.backup(copy, progress=told)
        copy.execute("PRAGMA journal_mode=DELETE")

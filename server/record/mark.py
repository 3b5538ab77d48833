"""The mark: how far the record has come, in a small file beside it that is written and synced apart from it.

A record can go back without a word: an older copy is put in its place, or its write-ahead log is damaged, and SQLite
opens what is left. The mark tells, and says above which numbers the day goes on. It is written after each round, not
before its answers: a record that is ahead of its mark is as it should be. No `luot backup` takes it along.

The file has two places, written in turn and each with its own checksum: a power cut spoils one of them at most.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from io import FileIO
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server.files import whole
from server.hall import events as e

FILE: Final = "luot.mark"
PLACE: Final = 4096
"""Bytes of each place: a page of any disk, and room for nine areas' numbers."""
_CHECKSUM: Final = 64


class BadMark(RuntimeError):
    """The file is there and says nothing that could be read; the text is a sentence for a person."""


class Mark(Struct, frozen=True, kw_only=True):
    """How far a record had come."""

    hall: str
    """Whose record: its id, hexadecimal."""
    epoch: int
    """How often the hall has gone on above what it lost."""
    seq: int
    """The last event on the disk, its hash (hexadecimal), and its instant (ms UTC)."""
    hash: str
    at: int
    day: str | None
    """The local date of the day at hand, and per first digit the highest counter given on it."""
    numbers: dict[str, int] = {}
    turn: int = 0
    """Counts the writings of this file."""


def read(folder: Path) -> Mark | None:
    """The mark of a hall's folder; null where there is none. Raises :class:`BadMark`, OSError."""
    path = folder / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    found = [mark for at in (0, PLACE) if (mark := _decoded(content[at : at + PLACE]))]
    if not found:
        raise BadMark(f"{path} cannot be read: it does not say any more up to where numbers were given")
    return max(found, key=lambda mark: mark.turn)


def _encoded(mark: Mark) -> bytes:
    body = msgspec.json.encode(mark)
    return (hashlib.sha256(body).hexdigest().encode() + body).ljust(PLACE)


def _decoded(place: bytes) -> Mark | None:
    checksum, body = place[:_CHECKSUM], place[_CHECKSUM:].rstrip(b" ")
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        return None
    try:
        return msgspec.json.decode(body, type=Mark)
    except msgspec.MsgspecError:
        return None


class Keeper:
    """Writes the mark of one folder, in one thread. Its file is made with the first mark, and never grows."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._file: FileIO | None = None
        self._turn = 0

    def keep(self, mark: Mark) -> None:
        """On return the mark is on the disk. Raises OSError; then there is none, as far as the disk does anything."""
        try:
            if self._file is None:
                self._open(mark)
            assert self._file is not None
            turn = self._turn + 1
            self._file.seek(turn % 2 * PLACE)
            if self._file.write(_encoded(replace(mark, turn=turn))) != PLACE:
                raise OSError(errno.EIO, "only a part of it was written", str(self._path))
            os.fsync(self._file.fileno())
            self._turn = turn
        except OSError:
            # One that says less than is on paper is worse than none: without it a start asks the kiosks.
            self.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            raise

    def _open(self, mark: Mark) -> None:
        try:
            found = read(self._path.parent)
        except BadMark:
            found = None
        if found is None:
            with whole(self._path) as part:
                part.write_bytes(2 * _encoded(mark))
        else:
            self._turn = found.turn
        self._file = self._path.open("rb+", buffering=0)

    def close(self) -> None:
        """Close the file; the next mark opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None


def raise_to(folder: Path, seen: Mark) -> None:
    """Before a record goes from its place: what it holds and the mark does not say yet is put into it. OSError."""
    try:
        known = read(folder)
    except BadMark:
        known = None
    if known is not None:
        if known.hall == seen.hall and known.seq >= seen.seq:
            return
        if known.day == seen.day:
            digits = {*known.numbers, *seen.numbers}
            higher = {digit: max(known.numbers.get(digit, 0), seen.numbers.get(digit, 0)) for digit in digits}
            seen = replace(seen, numbers=higher)
    keeper = Keeper(folder)
    try:
        keeper.keep(seen)
    finally:
        keeper.close()


def of_record(conn: Any) -> Mark | None:
    """What the mark of a record should say; null for one without events. Raises `sqlite3.Error`."""
    last = conn.execute("SELECT seq, hash, at FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    hall = conn.execute("SELECT value FROM meta WHERE name = 'hall'").fetchone()
    if last is None or hall is None:
        return None
    opened = conn.execute("SELECT max(seq) FROM events WHERE kind = 'day_opened'").fetchone()[0] or 0
    numbers: dict[str, int] = {}
    day = None
    given = "SELECT day, number FROM events WHERE seq > ? AND kind IN ('issued', 'numbers_lost')"
    for row in conn.execute(given, (opened,)):
        day = row["day"]
        digit, counter = row["number"][0], int(row["number"][1:])
        numbers[digit] = max(counter, numbers.get(digit, 0))
    return Mark(
        hall=bytes(hall[0]).hex(),
        epoch=epoch_of(conn),
        seq=last["seq"],
        hash=bytes(last["hash"]).hex(),
        at=last["at"],
        day=day,
        numbers=numbers,
    )


def epoch_of(conn: Any) -> int:
    """How often the hall of this record has gone on above what it lost."""
    row = conn.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    return 0 if row is None else int(bytes(row[0]))


def lacks(conn: Any, mark: Mark) -> bool:
    """Does the record lack what its mark says it held, and has not gone on above it since?"""
    if mark.seq == 0:
        return False
    hall = conn.execute("SELECT value FROM meta WHERE name = 'hall'").fetchone()
    row = conn.execute("SELECT hash FROM events WHERE seq = ?", (mark.seq,)).fetchone()
    same = hall is not None and bytes(hall[0]).hex() == mark.hall
    if same and row is not None and bytes(row[0]).hex() == mark.hash:
        return False
    accounted = "SELECT 1 FROM events WHERE kind = ? AND because = 'mark' AND ref >= ?"
    return conn.execute(accounted, (e.Recovered.__struct_config__.tag, mark.seq)).fetchone() is None

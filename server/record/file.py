"""The hall's record on disk: one SQLite file, one writer, everything of a round in one transaction.

The caller decides what is true; this module makes it last. It never retries, never drops a row and never answers
"done" before the commit has returned. `Batch` is filled in the hall's loop, `Record.commit` runs in the record's
thread; `look_up` and `load` use connections of their own.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from server.access import keys
from server.files import whole
from server.hall.events import Event, Issued, Recovered
from server.hall.fold import Hall
from server.hall.state import Impossible, Ticket
from server.record import mark, rows
from server.record import tables as schema
from server.record.seen import Seen
from server.record.tables import sqlite3
from server.settings.shape import BadSettings

log = logging.getLogger(__name__)

FILE: Final = "luot.db"
RESTORED: Final = FILE + ".restored"
"""A proven copy that is about to become the record."""
MIB: Final = 1024 * 1024
NEARLY_FULL: Final = 64 * MIB
"""Bytes free below which nothing new is begun: what waits and who is here is served to the end."""
FULL: Final = MIB
"""Bytes free below which nothing is written."""
RESERVE: Final = "reserve"
"""A file whose place on the disk a start may take: SQLite opens no record where there is no room at all."""
RESERVED: Final = 2 * MIB
"""Its bytes."""
REQUESTS_KEPT: Final = 30 * 86_400_000
"""ms for which the answer to a request is kept: longer than any kiosk stays cut off with one in its journal."""
GENESIS: Final = bytes(32)

_GIVEN_TICKET = rows.insert("tickets", rows.GIVEN_TICKET)
_GIVEN_VISIT = rows.insert("visits", rows.GIVEN_VISIT)
_TICKET = rows.upsert("tickets", ("id",), rows.TICKET_COLUMNS)
_VISIT = rows.upsert("visits", ("ticket", "n"), rows.VISIT_COLUMNS)
_REASON = rows.insert("event_reasons", ("seq", "code"))
_REQUEST = rows.insert("requests", ("principal", "id", "body_hash", "answer", "at"))


class RoundRejected(Exception):
    """A constraint of the record refused the round: nothing of it was written."""


class Held(Exception):
    """Another program holds the file for writing. Nothing is wrong with the disk: it may be taken later."""


class Damaged(Exception):
    """The record is not as it was written; the message names the first bad row."""


class DiskTrouble(Exception):
    """The disk did not take the round. The process must end: what it holds in memory is not what is on disk."""


@dataclass
class Batch:
    """What one round writes. Rows are made by `Record.write`, all at once: one after the other costs a fifth less."""

    head: bytes
    """The hash before its first event; once it is written, the one after its last."""
    events: list[tuple[Event, int, str | None, str | None]] = field(default_factory=list)
    """Each with its `seq`, day and request."""
    given: list[tuple[Ticket, str | None]] = field(default_factory=list)
    """New tickets, which cost less to write than changed ones; each with its day."""
    tickets: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    visits: dict[tuple[int, int], tuple[Any, ...]] = field(default_factory=dict)
    requests: list[tuple[str, str, bytes, str, int]] = field(default_factory=list)
    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    """Further writes of the round: people, devices, settings, comments."""
    forgets: bool = False
    """Something is erased: it must leave the write-ahead log as well, where old pages stay for a while."""

    def add(self, event: Event, touched: tuple[Ticket, ...], hall: Hall, request: str | None) -> None:
        """Take an event that `hall` has just applied, and the tickets it changed."""
        self.events.append((event, hall.seq, hall.day, request))
        if type(event) is Issued:
            self.given += [(ticket, hall.day) for ticket in touched]
            return
        for ticket in touched:
            self.tickets[ticket.id] = rows.ticket_row(ticket, hall)
            self.visits[ticket.id, ticket.visit] = rows.visit_row(ticket, hall)

    def event_rows(self) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
        """The events' rows by their columns, each chained to the one before; moves `head` to the last."""
        found: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for event, seq, day, request in self.events:
            columns, values, self.head = rows.event_row(event, seq=seq, day=day, request=request, previous=self.head)
            found.setdefault(columns, []).append(values)
        return found

    def reasons(self) -> list[tuple[int, str]]:
        """(`seq`, code) of every reason given with a rating."""
        return [(seq, code) for event, seq, _, _ in self.events for code in getattr(event, "reasons", ())]

    def __bool__(self) -> bool:
        return bool(self.events or self.requests or self.statements)


def take_restored(folder: Path) -> Path | None:
    """Make the proven copy the record. What lies in its place is kept, under a name nothing had before.

    Returns the record that was kept, or null where there was none. Its file goes first and its write-ahead log after
    it, so that neither ever lies beside the other's: cut off at any point, doing this again finishes it.
    """
    current = folder / FILE
    named = re.compile(re.escape(FILE) + r"\.before-restore-(\d+)(-wal|-shm)?")
    used = [(int(found[1]), found[2] or "") for entry in folder.iterdir() if (found := named.fullmatch(entry.name))]
    last = max((n for n, _ in used), default=0)
    left = [suffix for suffix in ("", "-wal", "-shm") if (folder / (FILE + suffix)).exists()]
    # A log alone belongs to the record that was kept last, if that still lacks it: this was cut off between the two.
    go_on = "" not in left and (last, "") in used and not any((last, suffix) in used for suffix in left)
    kept = folder / f"{FILE}.before-restore-{last if go_on else last + 1}"
    for suffix in left:
        (folder / (FILE + suffix)).replace(kept.with_name(kept.name + suffix))
    (folder / RESTORED).replace(current)
    return kept if left and kept.exists() else None


class Record:
    """The record of one folder. Make it, then `open()`; `write` and `commit` never run at the same time."""

    def __init__(self, folder: Path, *, pragmas: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.path = folder / FILE
        self.keys: keys.Keys
        """Known once it is open."""
        self._pragmas = pragmas
        self._writer: Any = None
        self._reader: Any = None
        self._seen = Seen()
        """The stored requests: what is not among them was never answered, and needs no look-up."""
        self._written: list[tuple[str, str]] = []
        """Of the requests in the transaction under way."""
        self._forgets = False
        """The write-ahead log still holds what was erased."""
        self.id = b""
        """Of this record, for ever: what tells it from another hall's. Known once it is open."""
        self.epoch = 0
        """How often its hall has gone on above what it lost; as of the last commit."""
        self.mark = mark.Keeper(folder)

    def open(self) -> None:
        """Open for writing and bring the tables up to date. Raises :class:`Held` after `busy_timeout`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        marked = (self.folder / mark.FILE).exists()
        if (self.folder / RESTORED).exists() and not self.path.exists():
            take_restored(self.folder)  # a restore was cut off between its renames; this copy was proven
        self.path.touch(mode=0o600)  # it holds names and hashed PINs
        try:
            db = schema.connect(self.path, pragmas=self._pragmas, one_thread=False)
        except sqlite3.OperationalError as error:
            raise held(error, self.path) from error
        try:
            if marked and db.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
                raise Damaged(
                    f"{self.path} is missing or empty, and {mark.FILE} beside it says that there was a record. Put it "
                    f"back, or a copy by luot restore; to begin anew, take {mark.FILE} away"
                )
            schema.verify(db)  # before anything is made in a file that is another program's
            schema.migrations.apply(db)
            schema.verify(db)
            self._take_keys(db)
            if db.execute("SELECT 1 FROM meta WHERE name = 'hall'").fetchone() is None:
                db.execute("INSERT INTO meta VALUES ('hall', ?)", (secrets.token_bytes(16),))
            self.id = bytes(db.execute("SELECT value FROM meta WHERE name = 'hall'").fetchone()[0])
            self.epoch = mark.epoch_of(db)
            self._forget_requests(db)
            # From now on nobody waits in here for a file that another program holds: see `begin`.
            db.execute("PRAGMA busy_timeout=0")
        except BaseException as error:
            db.conn.close()
            if isinstance(error, sqlite3.OperationalError):
                raise held(error, self.path) from error
            raise
        self._writer = db.conn

    def _take_keys(self, db: Any) -> None:
        """The keys beside the record. Up to 2026.11 the secret stood in the record itself: it moves out of there."""
        old = db.execute("SELECT value FROM meta WHERE name = 'secret'").fetchone()
        found = keys.load(self.folder)
        if found is None:
            found = keys.made(bytes(old[0]) if old is not None else None)
            keys.keep(self.folder, found)
        self.keys = found
        if old is not None:
            db.execute("DELETE FROM meta WHERE name = 'secret'")
            self._forgets = True

    def _forget_requests(self, db: Any) -> None:
        """Drop answers so old that nobody asks for them again, and remember which the others are."""
        newest = db.execute("SELECT max(at) FROM requests").fetchone()[0] or 0
        db.execute(*forget_requests(newest))
        self._seen = Seen()
        for principal, id in db.execute("SELECT principal, id FROM requests"):
            self._seen.add(principal, id)

    def close(self) -> None:
        """Close the writer (in its thread): the write-ahead log is folded into the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.mark.close()

    def checkpoint(self) -> None:
        """Fold what the write-ahead log holds into the file, as far as nobody reads it: a damaged log then takes
        little with it. Like `commit`, never beside `write`. Where it fails nothing is lost: it is tried again.
        """
        try:
            self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            log.warning("the write-ahead log could not be folded into the record: %s", error)

    def begin(self) -> None:
        """Take the file for writing, at once or not at all. Raises :class:`Held` or :class:`DiskTrouble`."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            found = held(error, self.path)
            raise found if isinstance(found, Held) else DiskTrouble(str(error)) from error
        except sqlite3.Error as error:
            raise DiskTrouble(str(error)) from error

    def let_go(self) -> None:
        """Nothing is to be written after all."""
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def write(self, batch: Batch) -> None:
        """Put the whole batch or nothing into the transaction that `begin` began; `commit` ends it. In memory, as far
        as it fits.

        Raises :class:`RoundRejected` for a broken constraint and :class:`DiskTrouble` for everything the disk does.
        """
        conn = self._writer
        self._forgets |= batch.forgets
        events = batch.event_rows()
        try:
            for names, values in events.items():
                conn.executemany(rows.insert("events", names), values)
            conn.executemany(_GIVEN_TICKET, [rows.given_ticket(ticket, day) for ticket, day in batch.given])
            conn.executemany(_GIVEN_VISIT, [rows.given_visit(ticket, day) for ticket, day in batch.given])
            conn.executemany(_TICKET, batch.tickets.values())
            conn.executemany(_VISIT, batch.visits.values())
            conn.executemany(_REASON, batch.reasons())
            for statement, bound in batch.statements:
                conn.execute(statement, bound)
            conn.executemany(_REQUEST, batch.requests)
        except sqlite3.IntegrityError as error:
            conn.execute("ROLLBACK")
            raise RoundRejected(str(error)) from error
        except sqlite3.Error as error:
            raise DiskTrouble(str(error)) from error
        self._written = [row[:2] for row in batch.requests]

    def commit(self) -> None:
        """On return what was written is on the disk. Raises :class:`DiskTrouble`."""
        try:
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            raise DiskTrouble(str(error)) from error
        for request in self._written:
            self._seen.add(*request)
        if self._forgets:
            with suppress(sqlite3.Error):  # the erasure itself is on the disk; the log is emptied with a later round
                self._forgets = bool(self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

    # --- reading (in the loop's thread) ----------------------------------------------------------------------

    @property
    def reader(self) -> Any:
        """A connection for short look-ups, of the thread that first asks."""
        if self._reader is None:
            self._reader = schema.connect(self.path, read_only=True).conn
        return self._reader

    def close_reader(self) -> None:
        """Close the connection of the reading thread."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def look_up(self, principal: str, id: str) -> tuple[bytes, str] | None:
        """The stored answer to a request: (hash of its body, answer)."""
        if not self._seen.may_have(principal, id):
            return None
        row = self.reader.execute(
            "SELECT body_hash, answer FROM requests WHERE principal = ? AND id = ?", (principal, id)
        ).fetchone()
        return None if row is None else (bytes(row[0]), row[1])

    def ticket_of(self, request: str) -> int | None:
        """The ticket that a request has made: from its event, where the stored answer cannot be read. No index."""
        found = self.reader.execute(
            "SELECT ticket FROM events WHERE request = ? AND kind = 'issued'", (request,)
        ).fetchone()
        return None if found is None else int(found[0])

    def secret(self) -> bytes:
        """The key of the codes on papers."""
        return self.keys.secret

    def load(self, hall: Hall) -> bytes:
        """Fold the current day into an empty hall; returns the last hash. Reads no older day.

        Raises :class:`Damaged`.
        """
        opened = self.reader.execute("SELECT max(seq) FROM events WHERE kind = 'day_opened'").fetchone()[0]
        first = opened or 1  # a date may be confirmed before there was ever a day
        last = self.reader.execute("SELECT hash FROM events WHERE seq = ?", (first - 1,)).fetchone()
        head = bytes(last[0]) if last is not None else GENESIS
        hall.seq = first - 1
        before = self.reader.execute("SELECT max(day) FROM tickets WHERE id < ?", (first,)).fetchone()[0]
        hall.day_before = before or ""
        with closing(proven(self.reader, head, first)) as found:
            for _, event, digest in found:
                applied(hall, event)
                head = digest
        return head

    def last_at(self) -> int:
        """The instant (ms) of the last event; 0 for an empty record."""
        row = self.reader.execute("SELECT at FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        return row[0] if row else 0

    def events(self, since: int, until: int = 2**62) -> Iterator[tuple[int, Event, bytes]]:
        """(seq, event, hash) of a range of the record, in order."""
        yield from read_events(self.reader, since, until)

    def simulated(self) -> bool:
        """Were the record's days made by `luot simulate`?"""
        return self.reader.execute("SELECT 1 FROM meta WHERE name = 'simulated'").fetchone() is not None

    def mark_simulated(self, head: bytes) -> Batch:
        """The batch that says: this record was made by `luot simulate`."""
        return Batch(head, statements=[("INSERT OR IGNORE INTO meta VALUES ('simulated', x'01')", ())])

    def free(self) -> int:
        """Bytes that may still be written here."""
        return shutil.disk_usage(self.folder).free

    def nearly_full(self) -> bool:
        """Is so little room left that nothing new may begin?"""
        return self.free() < NEARLY_FULL

    def keep_reserve(self) -> None:
        """Lay the reserve aside, where there is room for it."""
        reserve = self.folder / RESERVE
        if not reserve.exists() and not self.nearly_full():
            with suppress(OSError), whole(reserve) as part:
                part.write_bytes(bytes(RESERVED))

    def use_reserve(self) -> None:
        """Make room for a start on a full disk."""
        if self.folder.exists() and self.free() < FULL:
            (self.folder / RESERVE).unlink(missing_ok=True)


@contextmanager
def readable() -> Iterator[None]:
    """Values of a type that no hall writes, as a damaged page has them, become :class:`Damaged`."""
    try:
        yield
    except BadSettings:
        raise  # it says more
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
        raise Damaged(f"a value in it cannot be read: {type(error).__name__}: {error}") from error


def forget_requests(now: int) -> tuple[str, tuple[int]]:
    """The statement that drops answers so old that nobody asks for them again: at a start, and at each day's end."""
    return "DELETE FROM requests WHERE at < ?", (now - REQUESTS_KEPT,)


def held(error: sqlite3.OperationalError, path: Path) -> Exception:
    """The same error; or, where it says that another program holds the file, :class:`Held`."""
    # A copy's errors come without a code.
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        return Held(f"another program holds {path} for writing")
    return error


def applied(hall: Hall, event: Event) -> tuple[Ticket, ...]:
    """Fold an event that was read. Raises :class:`Damaged` where it cannot follow, or holds what no hall writes."""
    try:
        return hall.apply(event)
    except (Impossible, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise Damaged(f"event {hall.seq}: {error or type(error).__name__}") from error


def proven(conn: Any, head: bytes, first: int = 1) -> Generator[tuple[Any, Event, bytes], None, None]:
    """(row, event, hash) from event `first` on, each proven to follow the one before, whose hash is `head`.

    Raises :class:`Damaged`.
    """
    seq = first - 1
    with closing(conn.cursor()) as cursor, closing(read_events(conn, first)) as events:
        for row in cursor.execute("SELECT * FROM events WHERE seq >= ? ORDER BY seq", (first,)):
            try:
                found, event, digest = next(events)
            except (KeyError, ValueError, TypeError, OverflowError) as error:
                raise Damaged(f"event {row['seq']} cannot be read: {type(error).__name__}: {error}") from error
            jumps = isinstance(event, Recovered) and found == event.ref + 1 > seq
            if found != seq + 1 and not jumps:
                raise Damaged(f"event {seq + 1} is missing: {found} follows")
            known = {name: row[name] for name in rows.COLUMNS}
            if rows.row_hash(known, getattr(event, "reasons", ()), head) != digest:
                raise Damaged(f"event {found}: the hash does not fit: the row, or one before it, was changed")
            yield row, event, digest
            seq, head = found, digest


def read_events(conn: Any, since: int = 0, until: int = 2**62) -> Generator[tuple[int, Event, bytes], None, None]:
    """(seq, event, hash) between two `seq`s, both included, in order."""
    reasons: dict[int, list[str]] = {}
    for seq, code in conn.execute(
        "SELECT seq, code FROM event_reasons WHERE seq BETWEEN ? AND ? ORDER BY seq, code", (since, until)
    ):
        reasons.setdefault(seq, []).append(code)
    with closing(conn.cursor()) as cursor:
        for row in cursor.execute("SELECT * FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq", (since, until)):
            yield row["seq"], rows.event_of(row, tuple(reasons.get(row["seq"], ()))), bytes(row["hash"])

"""The kiosk's own small record: numbers asked for, papers begun, and what the hall must still be told.

Everything is on the disk before it has an effect outside: the id before the command is sent, the number before it is
printed, the end of a print before the hall hears of it. No network and no printer here; nothing is asked or printed by
itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

from kiosk.flow.state import Asked
from kiosk.journal.file import JournalFile, set_aside
from kiosk.journal.last_numbers import LastNumbers
from server import protocol
from server.protocol import Printed, PrintFailed, PrintFault, PrintJob, PrintResult, Reprint, TicketResult

NumberState = Literal["asked", "numbered", "printing", "printed", "failed", "unknown", "refused", "settled"]
"""`refused`: the hall gave none. `settled`: printed or written down, and its citizen is gone."""

Report = Printed | PrintFailed | Reprint
"""What the hall is told of a paper."""

KEPT: Final = 7 * 24 * 3600.0
"""Seconds for which finished rows are kept, for whoever looks for a lost paper."""
ASKED_AGAIN: Final = 30 * 60.0
"""Seconds after which an unanswered question is not asked again: its citizen has long been served otherwise, and the
hall would give a number to nobody."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A number as the journal has it."""

    id: str
    state: NumberState
    area: str
    procedure: str | None
    priority: bool
    lang: str
    asked_at: float
    ticket: TicketResult | None
    prints: int

    def asked(self, at: float) -> Asked:
        """The request as the flow has it. `at`: by the flow's clock."""
        return Asked(self.id, self.area, self.procedure, self.priority, self.lang, at)


class Journal:
    """One file, one connection, one thread. Every method that writes has committed when it returns.

    `clock` gives Unix seconds, `new_id` a fresh UUID for a report's command.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._clock, self._new_id = clock, new_id
        self._file = JournalFile(path, at=clock())
        self._db = self._file.db
        self.last_numbers = LastNumbers(self._file)
        self.paper_in_doubt = False
        """`recover` found a paper that may have been cut off midway: the printer may still hold a part of it."""

    def close(self) -> None:
        """Close the journal; what is written is on the disk."""
        self._file.close()

    # --- a number -------------------------------------------------------------------------------------------

    def asked(self, asked: Asked) -> None:
        """Before the command is sent."""
        self._db.execute(
            "INSERT INTO numbers (id, state, area, procedure, priority, lang, asked_at) VALUES (?,?,?,?,?,?,?)",
            (asked.id, "asked", asked.area, asked.procedure, asked.priority, asked.lang, self._clock()),
        )

    def numbered(self, id: str, ticket: TicketResult) -> None:
        """Before anything is printed or shown. A second answer with the same id changes nothing."""
        self._db.execute(
            "UPDATE numbers SET state = 'numbered', answer = ? WHERE id = ? AND state = 'asked'",
            (protocol.encode(ticket).decode(), id),
        )

    def refused(self, id: str) -> None:
        """The hall said no for good."""
        self._db.execute("UPDATE numbers SET state = 'refused' WHERE id = ? AND state = 'asked'", (id,))

    def printing(self, id: str, *, again: bool, untold: str = "") -> bool:
        """Before the first byte goes to the printer. False: this paper was begun before, do not print.

        Without `again` a number is printed once in its life; with it, a person has asked for another paper. `untold`:
        the id of the command by which the hall is told of that; "" where it has allowed it.
        """
        allowed = "('failed', 'unknown', 'numbered')" if again else "('numbered')"
        with self._file.at_once():
            begun = self._db.execute(
                f"UPDATE numbers SET state = 'printing', prints = prints + 1 WHERE id = ? AND state IN {allowed}",
                (id,),
            ).rowcount
            if begun and untold and (kept := self.number(id)) and kept.ticket:
                self._report(Reprint(id=untold, ticket=kept.ticket.ticket))
        return begun == 1

    def printed(self, id: str, ticket: int, result: PrintResult) -> None:
        """The paper is out; the hall will be told."""
        with self._file.at_once():
            self._db.execute("UPDATE numbers SET state = 'printed' WHERE id = ? AND state = 'printing'", (id,))
            self._report(Printed(id=self._new_id(), ticket=ticket, result=result))

    def failed(self, id: str, ticket: int, reason: PrintFault) -> None:
        """No paper, or nobody knows (`unknown`); the hall will be told, and the desks through it."""
        state = "unknown" if reason == "unknown" else "failed"
        with self._file.at_once():
            self._db.execute("UPDATE numbers SET state = ? WHERE id = ? AND state = 'printing'", (state, id))
            self._report(PrintFailed(id=self._new_id(), ticket=ticket, reason=reason))

    def settled(self, id: str) -> None:
        """Its citizen has it: not offered again after a restart. A paper under way stays under way."""
        self._db.execute("UPDATE numbers SET state = 'settled' WHERE id = ? AND state != 'printing'", (id,))

    def taken_up(self, id: str, *, unknown: bool) -> None:
        """Settled too early: its citizen took the cancellation back, and has no paper (`unknown`: nobody knows)."""
        state = "unknown" if unknown else "failed"
        self._db.execute("UPDATE numbers SET state = ? WHERE id = ? AND state = 'settled'", (state, id))

    def age(self, kept: Kept) -> float:
        """Seconds since it was asked for; 0 where the clock was set back meanwhile."""
        return max(0.0, self._clock() - kept.asked_at)

    def number(self, id: str) -> Kept | None:
        """What is known of the number that this request asked for; null for an unknown one."""
        row = self._db.execute("SELECT * FROM numbers WHERE id = ?", (id,)).fetchone()
        return _kept(row) if row else None

    # --- reprints that a desk asked for ---------------------------------------------------------------------

    def job_begun(self, job: PrintJob) -> bool:
        """Before a desk's reprint goes to the printer. False: begun before, even if by a kiosk that then died."""
        key = _job_key(job)
        return (
            self._db.execute(
                "INSERT INTO jobs (key, state, ticket, begun_at) VALUES (?, 'printing', ?, ?) ON CONFLICT DO NOTHING",
                (key, job.ticket.ticket, self._clock()),
            ).rowcount
            == 1
        )

    def job_ended(self, job: PrintJob, outcome: PrintResult | PrintFault) -> None:
        """A desk's reprint has come out or failed: the hall is to be told."""
        with self._file.at_once():
            self._db.execute("UPDATE jobs SET state = ? WHERE key = ?", (outcome, _job_key(job)))
            self._report(_outcome(self._new_id(), job.ticket.ticket, outcome))

    # --- what the hall must still be told -------------------------------------------------------------------

    def unsent(self) -> list[Report]:
        """Reports not yet acknowledged, oldest first, each with the id it keeps."""
        rows = self._db.execute("SELECT name, body FROM reports ORDER BY n").fetchall()
        return [msgspec.json.decode(body, type=_REPORTS[name]) for name, body in rows]

    def acknowledged(self, id: str) -> None:
        """The hall knows of this report: it need not be sent again."""
        self._db.execute("DELETE FROM reports WHERE id = ?", (id,))

    # --- after a restart ------------------------------------------------------------------------------------

    def recover(self) -> list[Kept]:
        """Call once at start. What was `printing` is now `unknown`, and the hall will be told so.

        Returns, oldest first, the numbers to take up again: `asked` (ask again with the same id), `numbered`, `failed`
        and `unknown` (offer them; print nothing by itself).
        """
        now = self._clock()
        with self._file.at_once():
            for (id,) in self._db.execute("SELECT id FROM numbers WHERE state = 'printing'").fetchall():
                self._db.execute("UPDATE numbers SET state = 'unknown' WHERE id = ?", (id,))
                kept = self.number(id)
                assert kept is not None
                assert kept.ticket is not None  # only a numbered one is ever printed
                self._report(PrintFailed(id=self._new_id(), ticket=kept.ticket.ticket, reason="unknown"))
            for key, ticket in self._db.execute("SELECT key, ticket FROM jobs WHERE state = 'printing'").fetchall():
                self._db.execute("UPDATE jobs SET state = 'unknown' WHERE key = ?", (key,))
                self._report(PrintFailed(id=self._new_id(), ticket=ticket, reason="unknown"))
            unknown = "SELECT 1 FROM {} WHERE state = 'unknown' AND {} > ?"
            self.paper_in_doubt = any(
                self._db.execute(unknown.format(table, time), (now - ASKED_AGAIN,)).fetchone()
                for table, time in (("numbers", "asked_at"), ("jobs", "begun_at"))
            )
            # A clock that was set meanwhile may make a row younger than now: that one is kept.
            self._db.execute("DELETE FROM numbers WHERE asked_at < ? AND state != 'asked'", (now - KEPT,))
            self._db.execute("DELETE FROM numbers WHERE asked_at < ? AND state = 'asked'", (now - ASKED_AGAIN,))
            self._db.execute("DELETE FROM jobs WHERE begun_at < ?", (now - KEPT,))
        rows = self._db.execute(
            "SELECT * FROM numbers WHERE state = 'asked'"
            " OR (state IN ('numbered', 'failed', 'unknown') AND asked_at > ?) ORDER BY asked_at",
            (now - ASKED_AGAIN,),
        ).fetchall()
        return [_kept(row) for row in rows]

    # --- inside ---------------------------------------------------------------------------------------------

    def _report(self, command: Report) -> None:
        self._db.execute(
            "INSERT INTO reports (id, name, body) VALUES (?, ?, ?)",
            (command.id, protocol.name_of(command), protocol.encode(command).decode()),
        )


def open_journal(path: Path, *, clock: Callable[[], float], new_id: Callable[[], str]) -> Journal:
    """The journal at `path`. One that cannot be read is set aside, and a new one is begun.

    What it held of papers is lost to this kiosk; the numbers are the hall's, and a hall that gives none because a
    file of its kiosk is damaged would be worse. Raises `sqlite3.OperationalError` where the disk takes nothing.
    """
    try:
        return Journal(path, clock=clock, new_id=new_id)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        set_aside(path, error)
    return Journal(path, clock=clock, new_id=new_id)


_REPORTS: Final[dict[str, type[Report]]] = {"printed": Printed, "print_failed": PrintFailed, "reprint": Reprint}


def _outcome(id: str, ticket: int, outcome: PrintResult | PrintFault) -> Report:
    if outcome == "confirmed" or outcome == "sent":  # noqa: PLR1714 - mypy narrows by comparison only
        return Printed(id=id, ticket=ticket, result=outcome)
    return PrintFailed(id=id, ticket=ticket, reason=outcome)


def _job_key(job: PrintJob) -> str:
    """`seq` alone starts anew with another record of the hall; with the ticket and its time it does not."""
    return f"{job.seq} {job.ticket.ticket} {job.ticket.issued_at}"


def _kept(row: tuple[str, NumberState, str, str | None, int, str, float, str | None, int]) -> Kept:
    id, state, area, procedure, priority, lang, asked_at, answer, prints = row
    ticket = msgspec.json.decode(answer, type=TicketResult) if answer else None
    return Kept(id, state, area, procedure, bool(priority), lang, asked_at, ticket, prints)

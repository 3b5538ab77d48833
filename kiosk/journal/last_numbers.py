"""What hall and kiosk know of each other: which record's numbers these are, and the last number of each area."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from kiosk.journal.file import JournalFile
from server.protocol import TicketResult

# Not of another hall's record; more than a kiosk gives in a day, so that the last of every area is among them.
_ANSWERS: Final = """
SELECT answer FROM numbers WHERE answer IS NOT NULL AND rowid > coalesce((SELECT since FROM record), 0)
ORDER BY rowid DESC LIMIT 3000
"""


class Last(NamedTuple):
    """The last number of an area that the kiosk knows of; when it was given here or heard of, by the hall's time
    (ISO 8601); and the event of it, or with which it was heard of."""

    area: str
    number: str
    at: str
    seq: int


class LastNumbers:
    """That part of a journal. Every method that writes has committed when it returns."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def heard(self, last: Last) -> None:
        """The highest number of an area today, given here or elsewhere."""
        self._file.db.execute("INSERT OR REPLACE INTO heard VALUES (?, ?, ?, ?)", last)

    def record(self) -> str:
        """Which hall's record the numbers in here are of; "" before a hall has said so."""
        row = self._file.db.execute("SELECT id FROM record").fetchone()
        return row[0] if row else ""

    def belongs_to(self, record: str) -> bool:
        """The numbers from now on are of this record. True where those before were another hall's."""
        known = self.record()
        if record in {"", known}:
            return False
        with self._file.at_once():
            newest = self._file.db.execute("SELECT coalesce(max(rowid), 0) FROM numbers").fetchone()[0] if known else 0
            self._file.db.execute("INSERT OR REPLACE INTO record VALUES (1, ?, ?)", (record, newest))
            if known:
                self._file.db.execute("DELETE FROM heard")
                self._file.db.execute("DELETE FROM told")
        return bool(known)

    def all(self) -> list[Last]:
        """The last number of each area that this hall gave, as far as is known here: by its events, which only rise."""
        found = {row[0]: Last(*row) for row in self._file.db.execute("SELECT area, number, at, seq FROM heard")}
        for ticket in self._given():
            if ticket.area not in found or found[ticket.area].seq < ticket.ticket:
                found[ticket.area] = Last(ticket.area, ticket.number, ticket.issued_at, ticket.ticket)
        return list(found.values())

    def lacks(self, given: dict[str, str]) -> bool:
        """Does the hall name a last number of an area that is not in here? Then this is not the journal of that time.

        Once: what is named is known from now on. The answer to a question under way may still come.
        """
        known = {ticket.number for ticket in self._given()}
        known |= {number for (number,) in self._file.db.execute("SELECT number FROM told")}
        asked = {area for (area,) in self._file.db.execute("SELECT area FROM numbers WHERE state = 'asked'")}
        with self._file.at_once():
            self._file.db.execute("DELETE FROM told")
            self._file.db.executemany(
                "INSERT INTO told VALUES (?)", [(number,) for number in sorted(set(given.values()))]
            )
        return any(number not in known and area not in asked for area, number in given.items())

    def _given(self) -> Iterator[TicketResult]:
        """What was given here, newest first."""
        for (answer,) in self._file.db.execute(_ANSWERS):
            yield msgspec.json.decode(answer, type=TicketResult)

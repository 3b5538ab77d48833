"""Records as large as years or as the fullest day, written as the hall writes them: real events, hashes, projections.

No rounds and no sockets: a hundred thousand tickets take half a minute.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from contextlib import closing
from pathlib import Path
from typing import Any

from server.hall import events as e
from server.hall.day import Reading, opening
from server.hall.day import closing as day_end
from server.hall.fold import Hall
from server.record.file import FILE, Batch, Record
from server.settings.shape import policy_of
from server.settings.storing import load_settings
from tests.halls import begin

DAY = 86_400_000
WAITING = 20
"""Tickets that wait at each moment of a day."""
FIRST = "2018-01-01"


class Filling:
    """Days of one record, one after the other. Close it before a hall opens the folder."""

    def __init__(self, folder: Path, *, always_open: bool = False) -> None:
        if not (folder / FILE).exists():
            begin(folder)
        self.record = Record(folder)
        self.record.open()
        found = load_settings(self.record.reader)
        assert found is not None
        self.hall = Hall(policy_of(found, secret=self.record.secret(), always_open=always_open))
        self._batch = Batch(self.record.load(self.hall))
        self._desks = [(code, f"Cán bộ {code}") for code in self.hall.policy.desks]

    def days(self, days: int, tickets: int) -> None:
        """So many days of so many tickets, from the day after the last on; all are over."""
        calendar = self.hall.policy.calendar
        at = self.hall.last_at or calendar.instant(FIRST, "00:00")
        for _ in range(days):
            at += DAY
            date = calendar.date_of(at)
            self.day(calendar.instant(date, "07:30"), calendar.instant(date, "11:00"), tickets)
            self._end(calendar.instant(date, "12:00"))

    def today(self, tickets: int) -> None:
        """Today, until now: so many tickets, of which the last wait."""
        now = time.time_ns() // 1_000_000
        self.day(now - 1, now, tickets)
        self._write()

    def day(self, start: int, end: int, tickets: int) -> None:
        for event in opening(self.hall, Reading(start)):
            self._apply(event)
        for desk, clerk in self._desks:
            self._apply(e.DeskOpened(at=start, desk=desk, clerk=clerk))
        line: deque[int] = deque()
        for n in range(tickets):
            at = start + (end - start) * n // tickets
            self._issue(at, n)
            line.append(self.hall.seq - 1)
            if len(line) > WAITING:
                self._serve(at, line.popleft(), n)

    def _issue(self, at: int, n: int) -> None:
        areas = list(self.hall.policy.areas.values())
        area = areas[n % len(areas)]
        number = f"{area.prefix}{self.hall.counters.get(area.code, 0) + 1:03d}"
        ticket, kiosk = self.hall.seq + 1, f"kiosk-{1 + n % 2}"
        request = str(uuid.UUID(int=ticket, version=4))
        self._apply(
            e.Issued(
                at=at, ticket=ticket, number=number, area=area.code, priority=n % 7 == 0, device=kiosk, via="kiosk"
            ),
            request,
        )
        self._batch.requests.append((f"kiosk:{kiosk}", request, bytes(32), '{"ok":true,"result":{}}', at))
        self._apply(e.Printed(at=at, ticket=ticket, device=kiosk, via="confirmed"))

    def _serve(self, at: int, ticket: int, n: int) -> None:
        found = self.hall.tickets[ticket]
        desk, clerk = self._desks[n % len(self._desks)]
        self._apply(
            e.Called(
                at=at, ticket=ticket, visit=1, number=found.number, area=found.area, desk=desk, clerk=clerk,
                because="longest_wait",
            )
        )  # fmt: skip
        here: dict[str, Any] = {"at": at, "ticket": ticket, "visit": 1, "desk": desk, "clerk": clerk}
        self._apply(e.Started(**here))
        self._apply(e.Finished(**here, outcome=("received", "returned", "supplement", None)[n % 4]))
        if n % 7 == 0:
            score = 1 + n // 7 % 5
            reasons = ("manner", "wait") if score < 3 else ()
            self._apply(e.Rated(at=at, ticket=ticket, visit=1, score=score, via="code", reasons=reasons))

    def _end(self, at: int) -> None:
        for event in day_end(self.hall, at):
            self._apply(event)
        self._write()

    def _apply(self, event: e.Event, request: str | None = None) -> None:
        self._batch.add(event, self.hall.apply(event), self.hall, request)

    def _write(self) -> None:
        self.record.begin()
        self.record.write(self._batch)
        self.record.commit()
        self._batch = Batch(self._batch.head)

    def close(self) -> None:
        self.record.close_reader()
        self.record.close()


def fill(folder: Path, *, days: int = 0, tickets: int = 300, today: int = 0, always_open: bool = False) -> None:
    """`days` that are over, of so many tickets, and `today` tickets of a day that goes on."""
    with closing(Filling(folder, always_open=always_open)) as filling:
        filling.days(days, tickets)
        if today:
            filling.today(today)

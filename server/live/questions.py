"""Reports, pages of the log, a number's story: asked for over the socket, and read apart from the rounds.

A report is made in a process of its own, a page of the log in a thread, each on one snapshot: none delays a ticket.
"""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import msgspec

from server import protocol as p
from server.hall.rules.case import Who
from server.live.sockets import failure
from server.record import tables as schema
from server.reports import log as logbook
from server.reports.apart import Reports, TooMany
from server.reports.questions import ReportAsked


class Questions:
    """About the record at `path`."""

    def __init__(self, path: Path, reports: Reports) -> None:
        self._path = path
        self._reports = reports

    async def answer(self, command: p.Report | p.Log | p.Story, _who: Who) -> bytes:
        """The reply, as JSON."""
        try:
            if isinstance(command, p.Report):
                result = (await self._reports.ask(ReportAsked(command.start, command.end))).whole()
            else:
                result = await asyncio.to_thread(self._short, command)
        except ValueError as error:
            return failure(command.id, "bad_message", str(error))
        except TooMany:
            return failure(command.id, "reports_busy")
        return p.encode(p.Reply(id=command.id, ok=True, result=msgspec.Raw(result)))

    def _short(self, command: p.Log | p.Story) -> bytes:
        with closing(schema.connect(self._path, read_only=True).conn) as conn:
            conn.execute("BEGIN")
            if isinstance(command, p.Log):
                return p.encode(logbook.log(conn, command))
            return p.encode(logbook.story(conn, command.date, command.number))

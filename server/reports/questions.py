"""What a child process works out for the hall, and how. Reads the record, writes nothing."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from server import protocol as p
from server.record import tables as schema
from server.reports import figures, log
from server.reports.table import log_csv, report_sheet
from server.settings.shape import Settings, policy_of
from server.settings.storing import load_settings

EXPORT_ROWS: Final = 200_000


class ReportAsked(Struct, frozen=True, tag="report"):
    """The figures of the days `start` to `end` (local ISO dates, both included), as JSON."""

    start: str
    end: str


class SheetAsked(Struct, frozen=True, tag="sheet"):
    """The same as CSV with heads in a language."""

    start: str
    end: str
    lang: str


class LogAsked(Struct, frozen=True, tag="log"):
    """The log's newest entries as CSV, `rows` at most."""

    command: p.Log
    rows: int


Question = ReportAsked | SheetAsked | LogAsked


class Asked(Struct, frozen=True):
    """What the child reads from its stdin, as JSON."""

    record: str
    question: Question


class Answer(Struct, frozen=True):
    """What it writes to its stdout: the bytes themselves, and after a line end this, as JSON."""

    more: bool = False
    """Of a log: there were more entries."""


def answer(asked: Asked, out: IO[bytes]) -> Answer:
    """On one snapshot, written to `out` as it is found."""
    with closing(schema.connect(Path(asked.record), read_only=True).conn) as conn:
        conn.execute("BEGIN")
        in_force = load_settings(conn)
        assert in_force is not None, "a running hall has settings"
        question = asked.question
        if isinstance(question, LogAsked):
            entries = log.entries(conn, question.command, question.rows + 1)
            log_csv(out, islice(entries, question.rows), ZoneInfo(in_force.timezone))
            return Answer(more=next(entries, None) is not None)
        found = _report(conn, in_force, question.start, question.end)
        if isinstance(question, SheetAsked):
            out.write(report_sheet(found, in_force, question.lang))
        else:
            out.write(msgspec.json.encode(found))
        return Answer()


def _report(conn: Any, in_force: Settings, start: str, end: str) -> figures.Report:
    return figures.report(
        conn,
        start,
        end,
        target_minutes=in_force.target_minutes,
        levels=len(in_force.rating.levels),
        calendar=policy_of(in_force, secret=b"").calendar,
    )

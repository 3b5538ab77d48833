"""`luot report`: the figures of a period."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import msgspec

from server.cli.folder import hall_in, in_folder
from server.cli.hall import UNFIT
from server.cli.main import fail
from server.record import tables as schema
from server.record.file import FILE
from server.settings.shape import policy_of
from server.settings.storing import load_settings


@click.command()
@in_folder
@click.option(
    "--period",
    required=True,
    metavar="PERIOD",
    help="day, week, month, quarter, year, or FROM..TO (2026-11-01..2026-11-30)",
)
@click.option("--format", default="text", show_default=True, metavar="FORMAT", help="text, json or csv")
def report(data: Path, period: str, format: str) -> None:
    """Figures of a period, up to today."""
    from server.reports import figures, table

    hall_in(data, reading=True)
    try:
        with closing(schema.connect(data / FILE, read_only=True).conn) as conn:
            conn.execute("BEGIN")
            in_force = load_settings(conn)
            if in_force is None:
                fail(f"the record in {data} has no settings yet; start the hall once")
            policy = policy_of(in_force, secret=b"")
            start, end = dates(period, policy.calendar.local(round(datetime.now(UTC).timestamp() * 1000)).date())
            found = figures.report(
                conn,
                start,
                end,
                target_minutes=in_force.target_minutes,
                levels=len(in_force.rating.levels),
                calendar=policy.calendar,
            )
    except UNFIT as error:
        fail(f"the record in {data} cannot be read: {error}")
    except ValueError as error:
        fail(str(error), 2)
    if format == "json":
        print(msgspec.json.encode(found).decode())
    elif format == "csv":
        sys.stdout.buffer.write(table.report_csv(found))
    elif format == "text":
        print(table.report_text(found, in_force))
    else:
        fail("--format is text, json or csv", 2)


def dates(period: str, today: date) -> tuple[str, str]:
    """The first and last date of a period, both included. Raises ValueError with a sentence."""
    if ".." in period:
        first, _, last = period.partition("..")
        try:
            start, end = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            raise ValueError("--period FROM..TO takes dates like 2026-11-01..2026-11-30") from None
        if start > end:
            raise ValueError(f"--period ends ({end}) before it begins ({start})")
        return start.isoformat(), end.isoformat()
    starts = {
        "day": today,
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "quarter": today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        "year": today.replace(month=1, day=1),
    }
    if period not in starts:
        raise ValueError(f"--period is {', '.join(starts)} or FROM..TO, not {period!r}")
    return starts[period].isoformat(), today.isoformat()

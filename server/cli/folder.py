"""`luot settings …` to `luot simulate`: what is done to a hall's folder. Each checks its words, does one thing, and
ends with a clear sentence.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from server.access import keys
from server.cli.hall import UNFIT
from server.cli.main import fail, said
from server.files import refuse_strangers, whole
from server.record import backup as copies
from server.record import owner as control
from server.record import tables as schema
from server.record.check import Faulty
from server.record.check import check as prove
from server.record.file import FILE, RESTORED
from server.service import Service
from server.settings.process import Config
from server.settings.reading import read_text, read_toml
from server.settings.shape import BadSettings, policy_of
from server.settings.storing import load_settings

PATH: Final = click.Path(path_type=Path)
in_folder = click.option("--data", type=PATH, required=True, metavar="DIR", help="The hall's folder.")


@click.group("settings", help="The hall's settings as a TOML file.")
def settings_group() -> None:
    """What a hall can set."""


def hall_in(data: Path, *, reading: bool = False) -> None:
    """Refuse a folder that holds no hall: a mistyped one would become an empty hall, and take the PIN or the device.

    `luot hall`, `demo`, `simulate`, `install server` and `restore` begin one; nothing else does.
    """
    try:
        refuse_strangers(data, reading=reading)
        there = any((data / name).is_file() for name in (FILE, RESTORED))
    except PermissionError as error:
        fail(said(error))
    if not there:
        fail(f"there is no hall in {data} (no {FILE}): look at --data", 2)


def ask_owner(data: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Do something in a folder: by its running hall, or by a hall that runs just for this."""
    hall_in(data)
    try:
        answer = control.ask(data, dict(request))
        if answer is None:
            answer = asyncio.run(_alone(data, dict(request)))
    except control.Owned:
        # It was just starting or stopping: it has the lock, but no channel yet.
        fail(f"another luot owns {data} and does not answer; try again in a moment")
    except PermissionError as error:
        fail(said(error))
    except OSError as error:
        fail(f"the hall on {data} does not answer: {said(error)}")
    except (*UNFIT, BadSettings) as error:
        fail(f"the record in {data} cannot be opened: {error}")
    if not answer.get("ok"):
        faults = answer.get("faults")
        fail("\n      ".join(faults) if faults else answer.get("detail") or str(answer.get("error")), 2)
    return answer


async def _alone(data: Path, request: dict[str, Any]) -> dict[str, Any]:
    async with Service(data, Config(host="127.0.0.1", port=0)) as service:
        running = asyncio.create_task(service.run())
        try:
            return await service.do(request)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@settings_group.command("export")
@click.argument("file", type=PATH)
@in_folder
def settings_export(file: Path, data: Path) -> None:
    """Write the settings in force to a TOML file."""
    text = ask_owner(data, {"do": "export"})["toml"]
    try:
        if file.exists() and not file.is_file():  # a pipe or the console
            file.write_text(text, "utf-8")
        else:
            with whole(file.resolve()) as part:  # where a link leads, not in its place
                part.write_text(text, "utf-8")
    except OSError as error:
        fail(said(error))


@settings_group.command("import")
@click.argument("file", type=PATH)
@in_folder
def settings_import(file: Path, data: Path) -> None:
    """Take settings from a TOML file: all of it, or nothing and what is wrong with it."""
    try:
        text = read_text(file)
        read_toml(text)
    except BadSettings as error:
        fail(f"{file}: nothing was taken:\n      " + "\n      ".join(error.faults), 2)
    changes = ask_owner(data, {"do": "settings", "toml": text})["changes"]
    if changes:
        print(f"{file} was taken over, and is in force now:", *changes, sep="\n  ")
    else:
        print(f"{file} was taken over: it says what was in force already")


# --- the record ---------------------------------------------------------------------------------------------


@click.command()
@in_folder
def check(data: Path) -> None:
    """Prove the record: order, hash chain, projections."""
    hall_in(data, reading=True)
    try:
        sound = prove(data)
    except Faulty as error:
        fail(str(error))
    print(f"sound: {sound.events} events, {sound.tickets} tickets, {sound.visits} visits, {sound.days} days")
    print(f"hash:  {sound.head}")


@click.command()
@in_folder
@click.option("--to", type=PATH, required=True, metavar="FILE", help="The copy.")
@click.option("--replace", is_flag=True, help="Overwrite a copy that is there already.")
def backup(data: Path, to: Path, replace: bool) -> None:
    """Copy the record, verified, while the hall runs."""
    hall_in(data, reading=True)
    try:
        sound = copies.backup(data, to, replace=replace)
    except (Faulty, OSError, schema.sqlite3.Error) as error:
        fail(f"no copy was made: {said(error)}")
    print(f"{to}: {sound.events} events, checked")


@click.command()
@in_folder
@click.option("--from", "source", type=PATH, required=True, metavar="FILE", help="A copy made by backup.")
def restore(data: Path, source: Path) -> None:
    """Put a copy in the record's place; the record is kept beside it."""
    try:
        if copies.strange(source, data):
            print(
                f"This copy was made with another {keys.FILE} than that of {data}, which no copy takes along: with it "
                "nobody's PIN works. The next start prints a PIN for the manager, who gives everybody a new one; "
                f"rating codes on papers given before are over. Whoever still has that {keys.FILE} copies it there "
                "first.",
                flush=True,
            )
    except schema.sqlite3.Error:
        pass  # no record at all: it is said next
    except keys.BadKeys as error:
        fail(str(error))
    try:
        sound, kept = copies.restore(source, data)
    except (Faulty, OSError, control.Owned, schema.sqlite3.Error) as error:
        fail(f"nothing was changed: {said(error)}")
    print(f"{data / FILE}: {sound.events} events, checked")
    if kept is not None:
        print(f"the record before it is kept as {kept}")
    if copies.goes_back(data):
        print(
            "This hall had written more than is in the copy. At the next start it goes on above the numbers that were "
            "given, and the desk page says from which; who holds one that is not in the copy is called by number."
        )


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


COUNT: Final = click.IntRange(1)


@click.command()
@in_folder
@click.option("--tickets", type=COUNT, default=300, show_default=True, metavar="N", help="Tickets a day.")
@click.option("--days", type=COUNT, default=1, show_default=True, metavar="N", help="Working days.")
@click.option("--desks", type=COUNT, default=4, show_default=True, metavar="N", help="Desks that open.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same days.")
def simulate(data: Path, tickets: int, days: int, desks: int, seed: int) -> None:
    """Virtual citizens and clerks over real sockets, on a simulated clock; refused on a folder with real days."""
    from server.cli import simulate as virtual

    try:
        print(asyncio.run(virtual.run(data, tickets=tickets, days=days, desks=desks, seed=seed)))
    except virtual.RealDays as error:
        fail(str(error), 2)
    except control.Owned as error:
        fail(str(error), 3)
    except PermissionError as error:
        fail(said(error))
    except (OSError, *UNFIT) as error:
        fail(f"{data}: {said(error)}")

"""`luot …`: the command line. Each command checks its words, does one thing, and ends with a clear sentence."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import msgspec
import typer

from assets import watchdog
from server import VERSION, control, install, schema, settings
from server import backup as copies
from server import config as configs
from server.check import Faulty, check_file
from server.config import Config
from server.files import whole
from server.protocol import DeviceRole, PersonRole, Pin
from server.record import FILE, DiskTrouble
from server.service import Service
from server.settings import BadSettings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Luot: lấy số.")
device_app = typer.Typer(no_args_is_help=True, help="Kiosks and displays.")
person_app = typer.Typer(no_args_is_help=True, help="Clerks and managers.")
settings_app = typer.Typer(no_args_is_help=True, help="The hall's settings as a TOML file.")
app.add_typer(device_app, name="device")
app.add_typer(person_app, name="person")
app.add_typer(settings_app, name="settings")

LAST_PORT: Final = 65535
UNFIT: Final = (schema.WrongPragma, schema.sqlite3.Error)
"""What opening a record raises that is damaged, or none at all."""
Data = Annotated[Path, typer.Option("--data", help="The hall's folder.", metavar="DIR")]


def main() -> None:
    """The program `luot`."""
    for stream in (sys.stdout, sys.stderr):  # Windows consoles are not UTF-8 by themselves
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    signal.signal(signal.SIGTERM, _end)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        # Only what was printed has no file's name. What is left of it would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:  # `luot report | head` has what it wanted
            print(f"luot: the answer could not be written: {said(error)}", file=sys.stderr)
        sys.exit(1)


def _end(number: int, _frame: object) -> NoReturn:
    """End in good order: what was begun is put away."""
    sys.exit(128 + number)


def said(error: BaseException) -> str:
    """An error in words: the system's without its number, and with the file first."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def fail(message: str, code: int = 1) -> NoReturn:
    print(f"luot: {message}", file=sys.stderr)
    raise typer.Exit(code)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(VERSION)
        raise typer.Exit


# --- the hall -----------------------------------------------------------------------------------------------


@app.command()
def hall(
    data: Data,
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: 0.0.0.0]")] = None,
    port: Annotated[int | None, typer.Option(help="Port.  [default: 8000]", min=0, max=LAST_PORT)] = None,
    config: Annotated[Path | None, typer.Option(help="A hall.toml.", metavar="FILE")] = None,
) -> None:
    """Run the hall: server, pages, record."""
    set_up_log()
    try:
        chosen = configs.read(config) if config else Config()
    except BadSettings as error:
        fail("\n      ".join(error.faults), 2)
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    service = Service(data, msgspec.structs.replace(chosen, **changes))
    sys.exit(asyncio.run(run_hall(service, _announce)))


def set_up_log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)


SWITCH_INTERVAL: Final = 0.0005
"""s after which the record's thread, back from the disk, gets the interpreter from a busy loop. By itself Python lets
it wait ten times as long, and everybody in its round with it."""

TAKEN: Final = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}
"""On Windows a port in use has a number of its own."""

Announce = Callable[[Service], Coroutine[Any, Any, None]]


async def run_hall(service: Service, announce: Announce) -> int:
    """Serve until SIGINT or SIGTERM; the exit code. A disk that fails ends it with 1: the next start recovers."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stop.set)
    try:
        async with service:
            running = asyncio.create_task(service.run())
            stopping = asyncio.create_task(stop.wait())
            try:
                announcing = asyncio.create_task(announce(service))
                await asyncio.wait({running, announcing}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    announcing.cancel()
                    running.result()
                await announcing
                watchdog.ready()
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
            finally:
                for task in (running, stopping):
                    task.cancel()
                await asyncio.gather(running, stopping, return_exceptions=True)
    except control.Owned as error:
        print(f"luot: {error}", file=sys.stderr)
        return 3
    except BadSettings as error:
        print(f"luot: {error}", file=sys.stderr)
        return 2
    except socket.gaierror as error:
        print(f"luot: --host {service.config.host}: {said(error)}", file=sys.stderr)
        return 1
    except OSError as error:
        in_use = f"port {service.config.port} is in use; choose another by --port"
        print(f"luot: {in_use if error.errno in TAKEN else said(error)}", file=sys.stderr)
        return 1
    except UNFIT as error:
        print(f"luot: the record cannot be opened: {error}", file=sys.stderr)
        return 1
    except DiskTrouble as error:
        logging.critical("the disk failed, the hall ends: %s", error)
        return 1
    return 0


async def _announce(service: Service) -> None:
    first = await service.office.first_manager()
    await service.pair_locally()
    print(f"Luot {VERSION}: the hall is open at", flush=True)
    for address in await asyncio.to_thread(service.addresses):  # a network without DNS may take its time
        print(f"  {address}", flush=True)
    if first is not None:
        print("First start. Sign in once at /sign-in as the manager, then set a PIN of your own and add people:")
        print(f"  name: {first[0]}   one-time PIN: {first[1]}", flush=True)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=0, max=LAST_PORT)] = 8000,
    data: Annotated[Path | None, typer.Option(help="Folder to keep.  [default: a new one]", metavar="DIR")] = None,
) -> None:
    """The whole hall on this machine: server, kiosk, display, paper on screen, random PINs printed once."""
    from server import demo as whole

    set_up_log()
    sys.exit(asyncio.run(whole.run(port, data)))


# --- people, devices, settings ------------------------------------------------------------------------------


def ask_owner(data: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Do something in a folder: by its running hall, or by a hall that runs just for this."""
    try:
        answer = control.ask(data, dict(request))
        if answer is None:
            answer = asyncio.run(_alone(data, dict(request)))
    except control.Owned:
        # It was just starting or stopping: it has the lock, but no channel yet.
        fail(f"another luot owns {data} and does not answer; try again in a moment")
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


@device_app.command("add")
def device_add(name: str, data: Data, role: Annotated[DeviceRole, typer.Option()]) -> None:
    """Pair a device; prints its token, and nothing else."""
    print(ask_owner(data, {"do": "device", "name": name, "role": role})["result"]["token"])


@device_app.command("revoke")
def device_revoke(name: str, data: Data) -> None:
    """Take a device's access away; its live connection is closed."""
    ask_owner(data, {"do": "revoke", "kind": "device", "name": name})


@person_app.command("add")
def person_add(name: str, data: Data, role: Annotated[PersonRole, typer.Option()]) -> None:
    """Add a person. The PIN (6 to 20 digits) comes from standard input, or is asked for."""
    ask_owner(data, {"do": "person", "name": name, "role": role, "pin": _pin()})


@person_app.command("pin")
def person_pin(name: str, data: Data) -> None:
    """Give a person another PIN."""
    ask_owner(data, {"do": "pin", "name": name, "pin": _pin()})


@person_app.command("revoke")
def person_revoke(name: str, data: Data) -> None:
    """Take a person's access away at once."""
    ask_owner(data, {"do": "revoke", "kind": "person", "name": name})


def _pin() -> str:
    if sys.stdin.isatty():
        pin: str = typer.prompt("PIN", hide_input=True, confirmation_prompt=True)
    else:
        pin = sys.stdin.readline().strip()
    try:
        return msgspec.convert(pin, Pin)
    except msgspec.ValidationError:
        fail("a PIN has 6 to 20 digits", 2)


@settings_app.command("export")
def settings_export(file: Path, data: Data) -> None:
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


@settings_app.command("import")
def settings_import(file: Path, data: Data) -> None:
    """Take settings from a TOML file: all of it, or nothing and what is wrong with it."""
    try:
        text = settings.read_text(file)
        settings.read_toml(text)
    except BadSettings as error:
        fail(f"{file}: nothing was taken:\n      " + "\n      ".join(error.faults), 2)
    ask_owner(data, {"do": "settings", "toml": text})


# --- the record ---------------------------------------------------------------------------------------------


@app.command()
def check(data: Data) -> None:
    """Prove the record: order, hash chain, projections."""
    try:
        sound = check_file(data / FILE)
    except Faulty as error:
        fail(str(error))
    print(f"sound: {sound.events} events, {sound.tickets} tickets, {sound.visits} visits, {sound.days} days")
    print(f"hash:  {sound.head}")


@app.command()
def backup(
    data: Data,
    to: Annotated[Path, typer.Option(help="The copy.", metavar="FILE")],
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a copy that is there already.")] = False,
) -> None:
    """Copy the record, verified, while the hall runs."""
    try:
        sound = copies.backup(data, to, replace=replace)
    except (Faulty, OSError, schema.sqlite3.Error) as error:
        fail(f"no copy was made: {said(error)}")
    print(f"{to}: {sound.events} events, checked")


@app.command()
def restore(
    data: Data, source: Annotated[Path, typer.Option("--from", help="A copy made by backup.", metavar="FILE")]
) -> None:
    """Put a copy in the record's place; the record is kept beside it."""
    try:
        sound, kept = copies.restore(source, data)
    except (Faulty, OSError, control.Owned, schema.sqlite3.Error) as error:
        fail(f"nothing was changed: {said(error)}")
    print(f"{data / FILE}: {sound.events} events, checked")
    if kept is not None:
        print(f"the record before it is kept as {kept}")


@app.command()
def report(
    data: Data,
    period: Annotated[str, typer.Option(help="day, week, month, quarter, year, or FROM..TO (2026-11-01..2026-11-30)")],
    format: Annotated[str, typer.Option(help="text, json or csv")] = "text",
) -> None:
    """Figures of a period, up to today."""
    from server.reports import figures, table

    if not (data / FILE).exists():
        fail(f"there is no record in {data}")
    try:
        with closing(schema.connect(data / FILE, read_only=True).conn) as conn:
            conn.execute("BEGIN")
            in_force = settings.load(conn)
            if in_force is None:
                fail(f"the record in {data} has no settings yet; start the hall once")
            policy = settings.policy(in_force, secret=b"")
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


@app.command()
def simulate(
    data: Data,
    tickets: Annotated[int, typer.Option(help="Tickets a day.", min=1)] = 300,
    days: Annotated[int, typer.Option(help="Working days.", min=1)] = 1,
    desks: Annotated[int, typer.Option(help="Desks that open.", min=1)] = 4,
    seed: Annotated[int, typer.Option(help="The same seed makes the same days.")] = 1,
) -> None:
    """Virtual citizens and clerks over real sockets, on a simulated clock; refused on a folder with real days."""
    from server import simulate as virtual

    try:
        print(asyncio.run(virtual.run(data, tickets=tickets, days=days, desks=desks, seed=seed)))
    except virtual.RealDays as error:
        fail(str(error), 2)
    except control.Owned as error:
        fail(str(error), 3)
    except (OSError, *UNFIT) as error:
        fail(f"{data}: {said(error)}")


app.command("install")(install.command)

"""`luot hall`: a hall that runs until it is told to stop, and what its end means; `luot demo` runs the same."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from assets import logs
from assets.window import watchdog
from server import VERSION
from server.access import keys
from server.cli.main import fail, said
from server.cli.proving import prove
from server.record import owner as control
from server.record import tables as schema
from server.record.file import Damaged, DiskTrouble
from server.service import Service
from server.settings import process as configs
from server.settings.process import Config
from server.settings.shape import BadSettings

if sys.platform != "win32":
    import resource

PORT: Final = click.IntRange(0, 65535)
UNFIT: Final = (schema.WrongPragma, schema.WrongTables, schema.sqlite3.Error, Damaged, keys.BadKeys)
"""What opening a record raises that is damaged, or none at all."""


@click.command(help="Run the hall: server, pages, record.")
@click.option("--data", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The hall's folder.")
@click.option("--host", help="Address to listen on.  [default: 0.0.0.0]")
@click.option("--port", type=PORT, metavar="N", help="Port.  [default: 8000]")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="A hall.toml.")
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="Log to a file instead of stderr.")
def hall(data: Path, host: str | None, port: int | None, config: Path | None, log: Path | None) -> None:
    """Run one hall until it is told to stop."""
    try:
        logs.set_up(log)
    except OSError as error:
        fail(f"--log {log}: {error}", 2)
    try:
        chosen = configs.read(config) if config else Config()
    except BadSettings as error:
        fail("\n      ".join(error.faults), 2)
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    service = Service(data, msgspec.structs.replace(chosen, **changes))
    sys.exit(asyncio.run(run_hall(service, _announce)))


SWITCH_INTERVAL: Final = 0.0005
"""s after which the record's thread, back from the disk, gets the interpreter from a busy loop. By itself Python lets
it wait ten times as long, and everybody in its round with it."""

TAKEN: Final = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}
"""On Windows a port in use has a number of its own."""

FILES: Final = 8192
"""Open files that a hall asks for: the usual 1,024 are few where strangers hold connections open."""

Announce = Callable[[Service], Coroutine[Any, Any, None]]


async def run_hall(service: Service, announce: Announce) -> int:
    """Serve until SIGINT or SIGTERM; the exit code. A disk that fails ends it with 1: the next start recovers."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    _raise_file_limit()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stop.set)
    try:
        async with service:
            running = asyncio.create_task(service.run())
            stopping = asyncio.create_task(stop.wait())
            proving: list[asyncio.Task[None]] = []
            try:
                announcing = asyncio.create_task(announce(service))
                await asyncio.wait({running, announcing}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    announcing.cancel()
                    running.result()
                await announcing
                watchdog.ready()
                proving.append(asyncio.create_task(prove(service)))
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
            finally:
                tasks = (running, stopping, *proving)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
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


def _raise_file_limit() -> None:
    """Allow as many open files as the system lets us. Windows has no such limit to raise."""
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and (hard == resource.RLIM_INFINITY or soft < hard):
            wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def _announce(service: Service) -> None:
    try:
        first = await service.people.first_manager()
    except RuntimeError as error:
        first = None
        print(f"luot: {error}", file=sys.stderr)
    await service.pair_locally()
    print(f"Luot {VERSION}: the hall is open at", flush=True)
    for address in await asyncio.to_thread(service.addresses):  # a network without DNS may take its time
        print(f"  {address}", flush=True)
    if first is not None:
        print("First start. Sign in once at /sign-in as the manager, then set a PIN of your own and add people:")
        print(f"  name: {first[0]}   one-time PIN: {first[1]}", flush=True)

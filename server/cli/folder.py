"""What commands about a hall's folder share: is it one, who owns it, what is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click

from server.access import keys
from server.access.people import Access
from server.cli.hall import UNFIT
from server.cli.main import fail, said
from server.files import refuse_strangers
from server.record import owner as control
from server.record import tables as schema
from server.record.file import FILE, RESTORED
from server.service import Service
from server.settings.process import Config
from server.settings.shape import BadSettings

PATH: Final = click.Path(path_type=Path)
in_folder = click.option("--data", type=PATH, required=True, metavar="DIR", help="The hall's folder.")


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


def access_in(data: Path) -> Access:
    """People and devices as the record has it now, whether or not the hall runs."""
    hall_in(data, reading=True)
    try:
        with closing(schema.connect(data / FILE, read_only=True).conn) as conn:
            return Access.load(conn, keys.load(data) or keys.made())
    except UNFIT as error:
        fail(f"the record in {data} cannot be read: {error}")


def show(rows: Iterable[tuple[str, str]]) -> None:
    """Print names and what is said of each, in columns, in order of the names."""
    found = sorted(rows)
    width = max((len(name) for name, _ in found), default=0)
    for name, words in found:
        print(f"{name:<{width}}  {words}")

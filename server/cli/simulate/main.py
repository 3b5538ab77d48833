"""`luot simulate`: the command."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import click

from server.cli.folder import in_folder
from server.cli.hall import UNFIT
from server.cli.main import fail, said
from server.record import owner as control

COUNT: Final = click.IntRange(1)


@click.command()
@in_folder
@click.option("--tickets", type=COUNT, default=300, show_default=True, metavar="N", help="Tickets a day.")
@click.option("--days", type=COUNT, default=1, show_default=True, metavar="N", help="Working days.")
@click.option("--desks", type=COUNT, default=4, show_default=True, metavar="N", help="Desks that open.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same days.")
def simulate(data: Path, tickets: int, days: int, desks: int, seed: int) -> None:
    """Virtual citizens and clerks over real sockets, in simulated time; refused on a folder with real days."""
    from server.cli.simulate import days as virtual

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

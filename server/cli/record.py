"""`luot check`, `backup`, `restore`: the record is proven, copied, put back."""

from __future__ import annotations

from pathlib import Path

import click

from server.access import keys
from server.cli.folder import PATH, hall_in, in_folder
from server.cli.main import fail, said
from server.record import backup as copies
from server.record import owner as control
from server.record import tables as schema
from server.record.check import Faulty
from server.record.check import check as prove
from server.record.file import FILE


@click.command()
@in_folder
def check(data: Path) -> None:
    """Prove the record: order, hash chain, projections."""
    hall_in(data, reading=True)
    try:
        proof = prove(data)
    except Faulty as error:
        fail(str(error))
    print(f"sound: {proof.events} events, {proof.tickets} tickets, {proof.visits} visits, {proof.days} days")
    print(f"hash:  {proof.head}")


@click.command()
@in_folder
@click.option("--to", type=PATH, required=True, metavar="FILE", help="The copy.")
@click.option("--replace", is_flag=True, help="Overwrite a copy that is there already.")
def backup(data: Path, to: Path, replace: bool) -> None:
    """Copy the record, verified, while the hall runs."""
    hall_in(data, reading=True)
    try:
        proof = copies.backup(data, to, replace=replace)
    except (Faulty, OSError, schema.sqlite3.Error) as error:
        fail(f"no copy was made: {said(error)}")
    print(f"{to}: {proof.events} events, checked")


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
        proof, kept = copies.restore(source, data)
    except (Faulty, OSError, control.Owned, schema.sqlite3.Error) as error:
        fail(f"nothing was changed: {said(error)}")
    print(f"{data / FILE}: {proof.events} events, checked")
    if kept is not None:
        print(f"the record before it is kept as {kept}")
    if copies.goes_back(data):
        print(
            "This hall had written more than is in the copy. At the next start it goes on above the numbers that were "
            "given, and the desk page says from which; who holds one that is not in the copy is called by number."
        )

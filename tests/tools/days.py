"""Whole records as JSON lines, and back: days of each release that every later version must open, fold and prove.

    python -m tests.tools.days FOLDER > tests/days/VERSION-NAME.jsonl

A line is a statement of the schema, or a row of a table without its nulls. Bytes are hexadecimal after `x:`. The last
line is what `luot check` said of the record then. Left out is what nobody may have: PINs, tokens, the words of ratings.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from server.record.check import check
from server.record.file import FILE
from server.record.tables import sqlite3

KEPT = ("people", "logins", "comments", "requests")
"""Tables whose rows stay where they are."""


def lines_of(folder: Path) -> Iterator[str]:
    """The record of a hall's folder, line by line. Raises what `check` raises."""
    proof = check(folder)
    with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        schema = conn.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY rowid").fetchall()
        for row in schema:
            yield json.dumps({"sql": row["sql"]}, ensure_ascii=False)
        tables = [row["name"] for row in schema if row["type"] == "table" and row["name"] not in KEPT]
        for table in tables:
            for row in conn.execute(f"SELECT * FROM {table}"):
                values = {name: _told(row[name]) for name in row.keys() if row[name] is not None}  # noqa: SIM118
                yield json.dumps({"table": table, **values}, ensure_ascii=False)
    yield json.dumps({"proof": msgspec.to_builtins(proof)})


def _told(value: Any) -> Any:
    return f"x:{value.hex()}" if isinstance(value, bytes) else value


def _value(told: Any) -> Any:
    return bytes.fromhex(told[2:]) if isinstance(told, str) and told.startswith("x:") else told


def put_back(lines: Iterator[str], folder: Path) -> dict[str, Any]:
    """Make the record again in an empty folder. Returns what `check` said of it when it was written."""
    with closing(sqlite3.connect(str(folder / FILE))) as conn, conn:
        for line in lines:
            told = json.loads(line)
            if "sql" in told:
                conn.execute(told["sql"])
            elif "table" in told:
                table = told.pop("table")
                names = ", ".join(f'"{name}"' for name in told)
                marks = ", ".join("?" * len(told))
                values = [_value(value) for value in told.values()]
                conn.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
            else:
                proof: dict[str, Any] = told["proof"]
                return proof
    raise ValueError("the last line is missing: what was proven")


if __name__ == "__main__":
    for found in lines_of(Path(sys.argv[1])):
        print(found)

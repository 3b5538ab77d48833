"""The floor: a bare websocket + SQLite program that makes the same commit and answers with as many bytes.

No rules, no views, no checks: what the machine itself costs. `floor.py DIR ROWS.json` prints its port. A text frame
`w<n>` is answered, once the rows are on the disk, with n bytes; `b<n>` broadcasts n bytes to everybody.
"""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from websockets.asyncio.server import broadcast, serve
from websockets.exceptions import ConnectionClosed

try:
    import pysqlite3 as sqlite3
except ImportError:
    import sqlite3


async def main(folder: Path, pragmas: dict[str, object], statements: list[list[Any]]) -> None:
    """`statements`: what one ticket commits, as [sql, values, fresh]: what is to be put at which position."""
    for statement in statements:
        statement[1] = [bytes.fromhex(value["hex"]) if isinstance(value, dict) else value for value in statement[1]]
    thread = ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()

    def connect() -> sqlite3.Connection:
        conn = sqlite3.connect(str(folder / "floor.db"), isolation_level=None)
        for name, value in pragmas.items():
            conn.execute(f"PRAGMA {name}={value}").fetchall()
        conn.executescript((folder / "schema.sql").read_text())
        return conn

    conn = await loop.run_in_executor(thread, connect)
    waiting: asyncio.Queue[Any] = asyncio.Queue()
    counter = iter(range(1, 10**9))

    def commit(count: int) -> None:
        conn.execute("BEGIN IMMEDIATE")
        tickets = [
            # Numbers of six areas, and ids of requests in order of time.
            {"id": n, "number": f"{n % 6 + 1}{n // 6:04}", "request": f"0197aaaa-0000-7000-8000-{n:012x}"}
            for n in islice(counter, count)
        ]
        for sql, values, fresh in statements:
            found = []
            for ticket in tickets:
                row = values.copy()
                for position, what in fresh:
                    row[position] = ticket[what]
                found.append(row)
            conn.executemany(sql, found)
        conn.execute("COMMIT")

    async def rounds() -> None:
        while True:
            batch = [await waiting.get()]
            while not waiting.empty():
                batch.append(waiting.get_nowait())
            await loop.run_in_executor(thread, commit, len(batch))
            for done in batch:
                done.set_result(None)

    everybody = set()

    async def one(socket: Any) -> None:
        everybody.add(socket)
        try:
            async for frame in socket:
                size = int(frame.split(" ")[0][1:])
                if frame[0] == "b":
                    broadcast(everybody, "x" * size)
                    continue
                done = loop.create_future()
                waiting.put_nowait(done)
                await done
                await socket.send("x" * size)
        except ConnectionClosed:
            pass
        finally:
            everybody.discard(socket)

    async with serve(one, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await rounds()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *json.loads(Path(sys.argv[2]).read_text())))

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

from websockets.asyncio.server import broadcast, serve
from websockets.exceptions import ConnectionClosed

try:
    import pysqlite3 as sqlite3
except ImportError:
    import sqlite3


async def main(folder: Path, pragmas: dict[str, object], statements: list[list]) -> None:
    """`statements`: what one ticket commits, as [sql, values] with `None` where a running number goes, and `""` where
    a running id of a request goes.
    """
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
    waiting: asyncio.Queue = asyncio.Queue()
    numbers = iter(range(1, 10**9))

    def commit(count: int) -> None:
        conn.execute("BEGIN IMMEDIATE")
        running = [(n, f"0197aaaa-{n >> 16 & 0xFFFF:04x}-7000-8000-{n:012x}") for n in islice(numbers, count)]
        for sql, values in statements:
            conn.executemany(
                sql, [[n if v is None else request if v == "" else v for v in values] for n, request in running]
            )
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

    async def one(socket) -> None:
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

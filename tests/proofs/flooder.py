"""A stranger on the network: holds connections open in three ways, and asks for things, from addresses of its own.

`python -m tests.proofs.flooder URL ADDRESSES CONNECTIONS REQUESTS SECONDS`: so many connections of each kind at once
(half-open, silent websockets, slow readers), from 127.0.0.2 on, and so many requests spread over the time. It prints
"there" once all have been tried, and in the end what became of them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import sys
from collections import Counter
from urllib.parse import urlsplit

UPGRADE = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SLOW = "GET /web/fonts/BeVietnamPro-400.ttf HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF = "GET /desk HTTP/1.1\r\nHost: "


def odd(n: int) -> bytes:
    """One of the requests: sign-out, sign-in, and what no browser sends."""
    who = base64.b64encode(f"Ai đó {n}:{n:06d}".encode()).decode()
    host = "Host: 127.0.0.1\r\n"
    cookie = f"Cookie: luot={secrets.token_urlsafe(32)}\r\n"
    return (
        f"POST /sign-out HTTP/1.1\r\n{host}Origin: http://127.0.0.1\r\n{cookie}\r\n",
        f"POST /sign-in HTTP/1.1\r\n{host}Origin: http://127.0.0.1\r\nAuthorization: Basic {who}\r\n\r\n",
        f"GET /../../etc/passwd HTTP/1.1\r\n{host}\r\n",
        "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
        f"POST /sign-in HTTP/1.1\r\n{host}\r\n",
        f"GET /ws HTTP/1.1\r\n{host}Upgrade: websocket\r\n\r\n",
        f"GET /{'x' * 9000} HTTP/1.1\r\n{host}\r\n",
        "\x16\x03\x01 nonsense\r\n\r\n",
    )[n % 8].encode()


async def main(url: str, addresses: int, connections: int, requests: int, seconds: float) -> None:
    at = urlsplit(url)
    loop = asyncio.get_running_loop()
    seen: Counter[str] = Counter()
    end = loop.time() + seconds

    async def opened(n: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        mine = (f"127.0.0.{2 + n % addresses}", 0)
        return await asyncio.open_connection(at.hostname, at.port, local_addr=mine, limit=4096)

    async def hold(n: int, kind: str) -> None:
        """Open one and hold it; where it is dropped open the next, once."""
        for _ in range(2):
            if loop.time() > end:
                return
            try:
                reader, writer = await opened(n)
                words = {"half": HALF, "slow": SLOW, "silent": UPGRADE.format(key=base64.b64encode(b"x" * 16).decode())}
                writer.write(words[kind].encode())
                seen[f"{kind} opened"] += 1
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.1, end - loop.time())):
                        while await reader.read(64):
                            await asyncio.sleep(0.5 if kind == "slow" else 0)
                        seen[f"{kind} dropped"] += 1
                writer.transport.abort()
            except OSError:
                seen[f"{kind} dropped"] += 1

    async def ask(n: int) -> None:
        try:
            reader, writer = await opened(n)
            writer.write(odd(n))
            async with asyncio.timeout(30):
                line = await reader.readline()
            seen[f"answer {line.split(b' ')[1].decode() if b' ' in line else 'none'}"] += 1
            writer.transport.abort()
        except (OSError, TimeoutError):
            seen["answer none"] += 1

    async with asyncio.TaskGroup() as group:
        for n in range(connections):
            for kind in ("half", "silent", "slow"):
                group.create_task(hold(n, kind))
        await asyncio.sleep(min(2.0, seconds / 4))
        print("there", flush=True)
        for n in range(requests):
            group.create_task(ask(n))
            await asyncio.sleep(max(0.0, (end - loop.time()) / (requests - n)))
    print(dict(sorted(seen.items())), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:5]), float(sys.argv[5])))

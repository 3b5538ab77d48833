"""A stranger on the network: holds connections open in three ways, and asks for things, from addresses of its own.

`python -m tests.proofs.flooder URL ADDRESSES CONNECTIONS REQUESTS SECONDS`: so many connections of each kind at once
(half-open, silent websockets, slow readers), from 127.0.0.2 on, and so many requests spread over the time. In the
end it prints what became of them. Bare sockets and epoll: what it does not need
itself of the machine's two cores the hall and its clients have.
"""

from __future__ import annotations

import base64
import errno
import heapq
import json
import resource
import secrets
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from urllib.parse import urlsplit

UPGRADE = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {base64.b64encode(b'x' * 16).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
HELD = {
    "half": "GET /desk HTTP/1.1\r\nHost: ",
    "silent": UPGRADE,
    "slow": "GET /web/fonts/BeVietnamPro-400.ttf HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}
FILES = 16_384
SLOWLY = 0.5
"""s between two readings of 64 bytes."""


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


class Flood:
    """`addresses`: from so many of its own."""

    def __init__(self, url: str, addresses: int) -> None:
        at = urlsplit(url)
        self.target = (at.hostname, at.port)
        self.addresses = addresses
        self.seen: Counter[str] = Counter()
        self._poll = select.epoll()
        self._links: dict[int, tuple[socket.socket, str, bytes, int]] = {}
        """File → socket, what for, what it still says, how often it may come again."""
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, when: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._later, (when, next(self._order), do))

    def open(self, n: int, kind: str, words: bytes, again: int = 0) -> None:
        link = socket.socket()
        link.setblocking(False)
        link.bind((f"127.0.0.{2 + n % self.addresses}", 0))
        found = link.connect_ex(self.target)
        if found not in {0, errno.EINPROGRESS}:
            link.close()
            self.seen[f"{kind} {errno.errorcode[found]}"] += 1
            return
        self._links[link.fileno()] = (link, kind, words, again)
        self._poll.register(link, select.EPOLLOUT)

    def run(self, until: float) -> None:
        while (now := time.monotonic()) < until:
            while self._later and self._later[0][0] <= now:
                heapq.heappop(self._later)[2]()
            following = self._later[0][0] if self._later else until
            for file, _what in self._poll.poll(max(0.001, min(following, until) - now)):
                self._step(file)

    def _step(self, file: int) -> None:
        link, kind, words, again = self._links[file]
        try:
            if words:
                if (found := link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) != 0:
                    raise OSError(found, "")
                if kind in HELD:
                    self.seen[f"{kind} opened"] += 1
                link.send(words)
                self._links[file] = (link, kind, b"", again)
                self._poll.modify(link, select.EPOLLIN)
                return
            got = link.recv(64)
        except OSError:
            got = b""
        if kind in HELD and got:
            if kind == "slow":
                self._poll.unregister(link)  # else epoll tells again and again that the hall has hung up
                self.at(time.monotonic() + SLOWLY, lambda: self._listen(file, link))
            return
        del self._links[file]
        self._poll.unregister(link)
        address = int(link.getsockname()[0].rpartition(".")[2]) - 2
        link.close()
        if kind not in HELD:
            self.seen[f"answer {got.split(b' ')[1].decode() if b' ' in got else 'none'}"] += 1
            return
        self.seen[f"{kind} dropped"] += 1
        if again:
            self.open(address, kind, HELD[kind].encode(), again - 1)

    def _listen(self, file: int, link: socket.socket) -> None:
        if file in self._links and self._links[file][0] is link:
            self._poll.register(link, select.EPOLLIN)

    def close(self) -> None:
        self.seen["still held"] = len(self._links)
        for link, *_ in self._links.values():
            link.close()


def main(url: str, addresses: int, connections: int, requests: int, seconds: float) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))
    flood = Flood(url, addresses)
    begun = time.monotonic()
    for n in range(connections):
        for kind, words in HELD.items():
            flood.open(n, kind, words.encode(), again=1)
    for n in range(requests):
        flood.at(begun + seconds * n / requests, lambda n=n: flood.open(n, "ask", odd(n)))
    flood.run(begun + seconds)
    flood.close()
    print(json.dumps(dict(sorted(flood.seen.items()))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:5]), float(sys.argv[5]))  # type: ignore[call-arg]  # four numbers

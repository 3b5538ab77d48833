"""Halls that serve TLS, for tests: a hall's own certificates, one of any date or name, and what passed on the wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from server.access import certificates
from server.service import Service
from server.settings.process import Config, Tls
from tests.halls import NO_LIMITS, OPEN, RunningHall

HERE = ("127.0.0.1", "localhost")


def made(folder: Path, *names: str, now: datetime | None = None) -> Path:
    """A hall's certificates in `folder`, as `luot tls` makes them."""
    certificates.make(folder, names or HERE, now or datetime.now(UTC), host="may-chu")
    return folder


def strange(tls: Path, *names: str) -> None:
    """Somebody with the authority's key makes a certificate past `luot tls`, for a name that is not the hall's too."""
    text = (tls / certificates.CA_KEY).read_bytes()
    key, authority = load_pem_private_key(text, None), x509.load_pem_x509_certificate(text)
    own = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    server = certificates._server(own, [certificates.named(name) for name in names], (key, authority), now, "x")
    (tls / certificates.SERVER_PEM).write_text(certificates._private(own) + certificates._public(server))


@contextlib.asynccontextmanager
async def secure_hall(folder: Path, tls: Path) -> AsyncIterator[RunningHall]:
    """A hall that serves TLS with the certificates in `tls`."""
    pem = str(tls / certificates.SERVER_PEM)
    config = Config(host="127.0.0.1", port=0, limits=NO_LIMITS, hours=OPEN, tls=Tls(cert=pem, key=pem))
    async with Service(folder, config) as service:
        running = asyncio.create_task(service.run())
        found = RunningHall(service)
        try:
            yield found
        finally:
            for seat in found.seats:
                await seat.leave()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@dataclass
class Tapped:
    """A wire on which somebody listens: `port` leads to the hall, `heard` is every byte of both ways."""

    port: int
    heard: bytearray = field(default_factory=bytearray)

    def has(self, secret: str) -> bool:
        """Did it pass, as it stands or under a WebSocket's mask (RFC 6455, 5.3: four bytes that come again)?"""
        word, heard = secret.encode(), bytes(self.heard)
        assert len(word) > 8
        for at in range(len(heard) - len(word) + 1):
            mask = bytes(a ^ b for a, b in zip(heard[at : at + 4], word, strict=False))
            if all(heard[at + i] ^ word[i] == mask[i % 4] for i in range(4, len(word))):
                return True
        return False


@contextlib.asynccontextmanager
async def tapped(port: int, at: int = 0) -> AsyncIterator[Tapped]:
    """Somebody between the clients and the hall at `port` of 127.0.0.1 who passes on everything and keeps it.

    He listens at port `at`, or at any that is free.
    """
    ways: set[asyncio.Task[None]] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                wire.heard += data
                writer.write(data)
                await writer.drain()
        writer.close()

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", port)
        for way in (pass_on(reader, here), pass_on(there, writer)):
            task = asyncio.create_task(way)
            ways.add(task)
            task.add_done_callback(ways.discard)

    server = await asyncio.start_server(come, "127.0.0.1", at)
    wire = Tapped(server.sockets[0].getsockname()[1])
    try:
        yield wire
    finally:
        server.close()
        for task in [*ways]:
            task.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

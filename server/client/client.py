"""The reconnecting client that kiosk, display and tools share.

It keeps one socket to the hall, greets, hands over each whole view, and carries commands across reconnects: a
command whose answer is not there yet is sent again with the same id, which the hall answers with the same words.
It keeps nothing on disk and decides nothing: what to do with a view or a refusal is its owner's affair.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import ssl
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidURI

from server import protocol
from server.client import trust
from server.client.clock import HallClock, instant
from server.protocol import Command, Error, Hello, Welcome

log = logging.getLogger(__name__)

DELAYS: Final = (0.25, 0.5, 1.0, 2.0)
"""Seconds before each further try; the last one repeats; each ± 25 % so that a hall's clients spread."""

SILENCE: Final = {"kiosk": 3.0, "rate": 3.0, "display": 5.0, "desk": 5.0, "manager": 5.0, "ticket": 10.0}
"""Seconds without a word after which the link counts as cut; the hall says a beat every second."""

REFUSED_FOR_GOOD: Final = 30.0
"""Seconds between tries once the hall has said that it will not have us (revoked, another protocol)."""


class Refusal(Exception):
    """The hall's answer to a command was no. `error.code` says why."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.code)
        self.error = error


class Unreachable(Exception):
    """No answer came in time. Whether the command took effect is not known; asking again with its id is safe."""


class Strange(Exception):
    """What answers there speaks no protocol of a hall; the text says what was wrong."""


V = TypeVar("V", bound=Struct)
R = TypeVar("R")


class Client(Generic[V]):
    """One connection to the hall, for the owner's event loop only. `tls` believes the hall (`trust.pinned`); without it
    an https:// address is believed as this PC's system does.

    `url` is `http(s)://host[:port]` or `ws(s)://…`. `on_welcome`, `on_view` and `on_connection` are called in the
    loop: the last with `"connected"`, `"cut"`, `"unauthorised"` or `"update_needed"`, once per change. `greeting` may
    add to the hello of each connection.
    """

    def __init__(
        self,
        url: str,
        *,
        role: protocol.Role,
        token: str,
        view: type[V],
        lang: str = "vi",
        on_welcome: Callable[[Welcome], None] = lambda _: None,
        on_view: Callable[[V, int], None] = lambda _view, _seq: None,
        on_connection: Callable[[str], None] = lambda _: None,
        greeting: Callable[[Hello], Hello] = lambda hello: hello,
        tls: ssl.SSLContext | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.url = socket_url(url)
        self.role = role
        self.state = "cut"
        self.now = ""
        """The hall's own time of its last word, ISO 8601."""
        self.clock = HallClock()
        self._hello = Hello(protocol=protocol.PROTOCOL, role=role, token=token, lang=lang)
        self._greeting = greeting
        self._view = msgspec.json.Decoder(view)
        self._hall = msgspec.json.Decoder(protocol.HallInfo)
        self._on_welcome, self._on_view, self._on_connection = on_welcome, on_view, on_connection
        self._tls = tls
        self._headers = headers or {}
        self._socket: ClientConnection | None = None
        self._open: dict[str, tuple[str, asyncio.Future[protocol.Incoming]]] = {}

    async def run(self) -> None:
        """Connect and stay connected until cancelled. Never returns by itself."""
        tries = 0
        logged = ""
        while True:
            replaced = strange = False
            try:
                async with self._connection() as socket:
                    await self._listen(socket)
            except (OSError, ConnectionClosed, InvalidHandshake, InvalidMessage, TimeoutError, Strange) as error:
                replaced = isinstance(error, ConnectionClosed) and _was_replaced(error)
                strange = isinstance(error, Strange)
                if self.state == "connected" and not strange:
                    log.info("cut off from the hall: %s", error or type(error).__name__)
                elif (why := self._why(error)) != logged:
                    logged = why
                    log.warning("the hall at %s is not to be reached: %s", self.url, why)
            greeted = self._socket is not None
            logged = "" if greeted and not strange else logged
            self._socket = None
            if self.state == "connected":
                self._say("cut")
            tries = 0 if greeted else tries + 1
            pause = DELAYS[min(tries, len(DELAYS) - 1)]
            if self.state in {"unauthorised", "update_needed"} or replaced:
                pause = REFUSED_FOR_GOOD
            elif strange:
                pause = DELAYS[-1]
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))

    def _why(self, error: BaseException) -> str:
        if isinstance(error, InvalidMessage) and self.url.startswith("ws:"):
            return f"{error}: does it have TLS, and an https:// address?"
        return trust.said(error, self.url, pin=self._tls is not None)

    async def ask(self, command: Command, *, timeout: float = 8.0) -> Any:
        """Send a command and wait for its answer, across reconnects; its `result` decoded from JSON.

        Raises :class:`Refusal` with the hall's code, :class:`Unreachable` after `timeout` seconds.
        """
        reply = await self.reply_to(command, timeout=timeout)
        if not reply.ok:
            raise Refusal(reply.error if isinstance(reply.error, Error) else Error(code="internal"))
        return msgspec.json.decode(reply.result) if isinstance(reply.result, msgspec.Raw) else None

    async def reply_to(self, command: Command, *, timeout: float = 8.0) -> protocol.Incoming:
        """Like :meth:`ask`, but the whole reply, refusals included."""
        frame = protocol.encode(command).decode()
        answer: asyncio.Future[protocol.Incoming] = asyncio.get_running_loop().create_future()
        with self._awaiting(command.id, frame, answer):
            if self._socket is not None:
                with contextlib.suppress(ConnectionClosed):  # sent again once the link is back
                    await self._socket.send(frame)
            try:
                async with asyncio.timeout(timeout):  # `wait_for` of Python 3.11 can swallow a cancellation
                    return await answer
            except TimeoutError:
                raise Unreachable(protocol.name_of(command)) from None

    @contextlib.contextmanager
    def _awaiting(self, id: str, frame: str, answer: asyncio.Future[protocol.Incoming]) -> Iterator[None]:
        self._open[id] = (frame, answer)
        try:
            yield
        finally:
            self._open.pop(id, None)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[ClientConnection]:
        try:
            async with connect(
                self.url,
                compression=None,
                open_timeout=5,
                ping_interval=5,
                ping_timeout=5,
                close_timeout=1,
                max_size=4 * 1024 * 1024,
                ssl=(self._tls or True) if self.url.startswith("wss:") else None,  # true: as the system trusts
                additional_headers=self._headers,
                proxy=None,
            ) as socket:
                yield socket
        except InvalidURI as error:
            raise ValueError(f"not an address of a hall: {self.url}") from error

    async def _listen(self, socket: ClientConnection) -> None:
        silence = SILENCE[self.role]
        await socket.send(protocol.encode(self._greeting(self._hello)).decode())
        while True:
            async with asyncio.timeout(silence):
                frame = await socket.recv(decode=False)
            message = _read(protocol.decode_incoming, frame)
            if message.now and message.now != self.now:
                self.clock.heard(_read(instant, message.now))
                self.now = message.now
            if message.type == "view" and isinstance(message.view, msgspec.Raw):
                self._on_view(_read(self._view.decode, message.view), message.seq)
            elif message.type == "reply" and message.id in self._open:
                answer = self._open[message.id][1]
                if not answer.done():
                    answer.set_result(message)
            elif message.type == "welcome":
                await self._welcomed(socket, message)
            elif message.type == "error":
                if message.code in {"unauthorised", "forbidden", "update_needed"}:
                    self._say("update_needed" if message.code == "update_needed" else "unauthorised")
                else:
                    log.warning("the hall answers %s: %s", message.code, message.detail)

    async def _welcomed(self, socket: ClientConnection, message: protocol.Incoming) -> None:
        if not isinstance(message.hall, msgspec.Raw) or not self.now:
            raise Strange("a welcome without a hall")
        hall = _read(self._hall.decode, message.hall)
        _read(ZoneInfo, hall.timezone)
        self._socket = socket
        self._on_welcome(
            Welcome(
                protocol=protocol.PROTOCOL,
                version=message.version,
                role=message.role,
                device=message.device,
                hall=hall,
                seq=message.seq,
                now=message.now,
                record=message.record,
                epoch=message.epoch,
                given=message.given,
            )
        )
        self._say("connected")
        for frame, answer in list(self._open.values()):
            if not answer.done():
                await socket.send(frame)

    def _say(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._on_connection(state)


def _read(read: Callable[[Any], R], given: Any) -> R:
    """Read what the other end sent. Raises :class:`Strange`: whoever stands there ends no program of ours by a word."""
    try:
        return read(given)
    except (msgspec.MsgspecError, ValueError, LookupError, RecursionError, OSError) as error:
        raise Strange(f"what answers there does not speak as a hall does: {str(error)[:200]}") from None


def _was_replaced(error: ConnectionClosed) -> bool:
    """Do several programs come with one token? Then they must not push each other out without a pause."""
    end = error.rcvd
    if end is None or (end.code, end.reason) != (protocol.TOO_MANY, protocol.REPLACED):
        return False
    log.error("too many programs use this one's token: each needs its own (luot device add)")
    return True


def new_id() -> str:
    """A request's id: a UUID version 7 (RFC 9562 § 5.7), by the time it was made.

    Ids in order of time lie side by side in the hall's record; random ones would cost each command a page of its own.
    """
    bits = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=bits & ~(0x3 << 62) | 0x2 << 62))


def socket_url(url: str) -> str:
    """`http://hall:8000` → `ws://hall:8000/ws`. Raises ValueError with a sentence for a person."""
    for given, wire in (
        ("http://", "ws://"),
        ("https://", "wss://"),
        ("ws://", "ws://"),
        ("wss://", "wss://"),
    ):
        if url.startswith(given) and len(url) > len(given):
            rest = url[len(given) :].rstrip("/")
            return wire + (rest if rest.endswith("/ws") else rest + "/ws")
    raise ValueError(f"the hall's address must look like http://192.168.1.10:8000, not {url!r}")

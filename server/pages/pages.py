"""GET path → page, from a table built at start; and the two empty POSTs of signing in and out.

Every answer carries a strict Content-Security-Policy; `Host` must be one of this hall's names, and `Origin`, where
there is one, must equal it. Nothing here changes the hall: what changes goes over the socket.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import logging
import math
import socket
import time
from contextlib import closing
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from server.access.pins import Full
from server.live.gate import Guarded
from server.live.people import People
from server.live.rounds import Rounds
from server.pages import exports, files
from server.reports.apart import Reports, TooMany

log = logging.getLogger(__name__)

COOKIE: Final = "luot"
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class Pages:
    """All pages of one hall. `names` are the further host names it answers to."""

    def __init__(
        self, rounds: Rounds, people: People, reports: Reports, names: tuple[str, ...], *, secure: bool
    ) -> None:
        self._rounds = rounds
        self._people = people
        self._access = people.access
        self._reports = reports
        self.scheme = "https" if secure else "http"
        self.names: frozenset[str] = frozenset()
        self.full_name = ""
        """This machine's full name, as the network has it now: a DNS server may answer another one each time."""
        self.answer_to("localhost", socket.gethostname(), *names)
        self.table = files.table()
        self._exports = 0
        """So many are being made or sent."""

    async def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """The response to a plain HTTP request, or null for a websocket that may go on."""
        path, _, query = request.path.partition("?")
        names = request.headers.get_all("Host")
        if len(names) != 1:
            return respond(HTTPStatus.BAD_REQUEST, "A request names one host.\n")
        if not self.host_known(names[0]):
            return respond(HTTPStatus.MISDIRECTED_REQUEST, "This hall does not answer to that name.\n")
        if request.headers.get("Origin") is not None and not self.same_origin(request.headers):
            return respond(HTTPStatus.FORBIDDEN, "Another site may not speak for you here.\n")
        if path == "/ws" and request.method == "GET":
            return None
        if request.method == "POST":
            return await self._post(connection, path, request.headers)
        if request.method not in {"GET", "HEAD"}:
            return respond(HTTPStatus.METHOD_NOT_ALLOWED, "GET, HEAD or POST\n", Allow="GET, HEAD, POST")
        export = exports.EXPORTS.get(path)
        known = request.headers.get_all("If-None-Match")
        response = self._get(path, known) if export is None else await self._export(connection, request, export, query)
        if request.method == "HEAD":
            response.body = b""
        return response

    def answer_to(self, *names: str) -> None:
        """Further names of this hall; one without a dot also as `NAME.local`."""
        own = {name.lower() for name in names}
        self.names |= own | {f"{name}.local" for name in own if "." not in name}

    # --- who asks -------------------------------------------------------------------------------------------

    def host_known(self, host: str) -> bool:
        """An IP literal (nobody can re-bind one), or one of our own names: defeats DNS rebinding."""
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:  # `[::1`, which is half an address
            return False
        if not name:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name.lower() in {*self.names, self.full_name}
        return True

    def same_origin(self, headers: Headers) -> bool:
        """Does the request come from a page of this hall?"""
        return headers.get("Origin") == f"{self.scheme}://{headers.get('Host', '')}"

    def cookie(self, headers: Headers) -> str | None:
        """The session a page sent along; only where the page is ours (`Origin` is there and was checked)."""
        return _cookie(headers) if headers.get("Origin") is not None else None

    # --- GET ------------------------------------------------------------------------------------------------

    def _get(self, path: str, known: list[str]) -> Response:
        file = self.table.get(path)
        if file is not None:
            caching = {"ETag": file.etag, "Cache-Control": "max-age=3600" if file.keep else "no-cache"}
            if any(file.etag in tags for tags in known):
                return respond(HTTPStatus.NOT_MODIFIED, b"", **caching)
            return respond(HTTPStatus.OK, file.body, kind=file.kind, **caching)
        if path == "/":
            return respond(HTTPStatus.SEE_OTHER, "", Location="/desk")
        return respond(HTTPStatus.NOT_FOUND, "There is no such page here.\n")

    async def _export(
        self, connection: ServerConnection, request: Request, export: exports.Export, query: str
    ) -> Response:
        # Exports hold waits and ratings: for a manager's session. A plain link sends no Origin; SameSite=Strict
        # keeps the cookie from coming along from elsewhere.
        now = self._rounds.clock.read().now
        if self._access.person(_cookie(request.headers) or "", "manager", now) is None:
            return respond(HTTPStatus.SEE_OTHER, "", Location="/sign-in")
        if isinstance(connection, Guarded):
            connection.greeted()  # a download takes its time, and is no stranger's
        try:
            asked = export(parse_qs(query))
        except (KeyError, ValueError) as error:
            return respond(HTTPStatus.BAD_REQUEST, f"start and end must be dates (2026-11-23): {error}\n")
        too_many = respond(HTTPStatus.SERVICE_UNAVAILABLE, "Other reports are being made.\n", Retry_After="5")
        if self._exports >= exports.AT_ONCE:
            return too_many
        self._exports += 1
        try:
            with closing(await self._reports.ask(asked.question)) as made:
                name = f'attachment; filename="{asked.name(made.head)}"'
                response = respond(HTTPStatus.OK, b"", kind="text/csv; charset=utf-8", Content_Disposition=name)
                return await exports.send(connection, response, made, head=request.method == "HEAD")
        except TooMany:
            return too_many
        finally:
            self._exports -= 1

    # --- POST -----------------------------------------------------------------------------------------------

    async def _post(self, connection: ServerConnection, path: str, headers: Headers) -> Response:
        if path not in {"/sign-in", "/sign-out"}:
            return respond(HTTPStatus.NOT_FOUND, "There is no such page here.\n")
        if headers.get("Origin") is None and _cookie(headers) is not None:
            return respond(HTTPStatus.FORBIDDEN, "A page must say where it comes from.\n")
        if path == "/sign-out":
            return await self._sign_out(headers)
        address = str(connection.remote_address[0]) if connection.remote_address else ""
        return await self._sign_in(headers, address)

    async def _sign_in(self, headers: Headers, address: str) -> Response:
        given = _basic(headers.get("Authorization", ""))
        if given is None:
            return respond(HTTPStatus.UNAUTHORIZED, "")
        name, pin = given
        if self._rounds.held:
            return respond(HTTPStatus.SERVICE_UNAVAILABLE, f"{self._rounds.held}\n", Retry_After="2")
        access = self._access
        wait = access.wait(name, address, time.monotonic())
        if wait > 0:
            return respond(HTTPStatus.TOO_MANY_REQUESTS, "", Retry_After=str(math.ceil(wait)))
        try:
            person = await access.check_pin(name, pin, address, time.monotonic())
        except Full:
            return respond(HTTPStatus.TOO_MANY_REQUESTS, "", Retry_After="1")
        if person is None:
            log.info("wrong PIN for %r from %s", name, address)
            return respond(HTTPStatus.UNAUTHORIZED, "")
        if person.once:
            used = await self._people.use_up(person)
            if used is None and access.people.get(person.name) is person:
                return respond(HTTPStatus.SERVICE_UNAVAILABLE, "The record takes nothing now.\n", Retry_After="5")
            if used is None:
                return respond(HTTPStatus.UNAUTHORIZED, "")
            person = used
        plain = person.pin is not None and access.pins.is_plain(person.pin)
        token = await self._people.sign_in(person.name, person, await access.pins.hash(pin) if plain else None)
        if token is None and access.people.get(person.name) is not person:
            return respond(HTTPStatus.UNAUTHORIZED, "")
        if token is None:
            return respond(HTTPStatus.SERVICE_UNAVAILABLE, "The record takes nothing now.\n")
        secure = "; Secure" if self.scheme == "https" else ""
        cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"
        return respond(HTTPStatus.NO_CONTENT, "", Set_Cookie=cookie, Luot_Role=person.role)

    async def _sign_out(self, headers: Headers) -> Response:
        token = _cookie(headers)
        named = unquote(headers.get("Luot-Name", ""))
        if token is not None:
            now = self._rounds.clock.read().now
            person = self._access.person(token, "desk", now)
            if named and person is not None and person.name != named:
                return respond(HTTPStatus.OK, "Somebody else is signed in in this browser.\n")
            if self._rounds.held:
                return respond(HTTPStatus.SERVICE_UNAVAILABLE, f"{self._rounds.held}\n", Retry_After="2")
            if not await self._people.sign_out(token):
                return respond(HTTPStatus.SERVICE_UNAVAILABLE, "The record takes nothing now.\n", Retry_After="5")
        return respond(HTTPStatus.NO_CONTENT, "", Set_Cookie=f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")


def respond(status: HTTPStatus, body: bytes | str, *, kind: str = "", **more: str) -> Response:
    """A whole response: one a connection, kept by nobody unless `more`, which are further headers, says so."""
    data = body.encode() if isinstance(body, str) else body
    headers = {
        "Content-Length": str(len(data)),
        "Connection": "close",
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    if status is HTTPStatus.NOT_MODIFIED:
        del headers["Content-Length"]  # the body's, of which nothing is said here
    if data or status is HTTPStatus.OK:
        headers["Content-Type"] = kind or "text/plain; charset=utf-8"
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    return Response(status.value, status.phrase, Headers(headers), data)


def _cookie(headers: Headers) -> str | None:
    for header in headers.get_all("Cookie"):
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE and value:
                return value
    return None


def _basic(header: str) -> tuple[str, str] | None:
    """Name and PIN of `Authorization: Basic …` (RFC 7617, UTF-8); null for anything else."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, pin = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, pin) if colon and name and len(name) <= 40 and len(pin) <= 20 else None

"""What a manager takes home as a file: which question a path asks, and how its answer is sent in pieces."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Final

from msgspec import Struct
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Response

from server import protocol as p
from server.client.client import new_id
from server.reports.apart import Made
from server.reports.questions import EXPORT_ROWS, Answer, LogAsked, Question, SheetAsked

AT_ONCE: Final = 4
"""Exports that are made or sent: each has a file of up to 30 MB."""
PIECE: Final = 64 * 1024
"""Bytes of an export that are in memory at once, beside what waits in the socket."""

Query = dict[str, list[str]]


class Asked(Struct, frozen=True):
    """A question to the reports, and the name of the file that answers it."""

    question: Question
    title: str

    def name(self, answer: Answer) -> str:
        """Of the file: it says where something was left out."""
        return f"{self.title}{f'-newest-{EXPORT_ROWS}' if answer.more else ''}.csv"


Export = Callable[[Query], Asked]
"""Raises KeyError or ValueError where start or end is no date."""


def _report(query: Query) -> Asked:
    start, end = _date(query, "start"), _date(query, "end")
    return Asked(SheetAsked(start, end, query.get("lang", ["vi"])[0]), f"luot-report-{start}-{end}")


def _log(query: Query) -> Asked:
    def wanted(name: str) -> str | None:
        return query[name][0] if query.get(name) else None

    command = p.Log(
        id=new_id(),
        start=_date(query, "start"),
        end=_date(query, "end"),
        kind=wanted("kind"),
        area=wanted("area"),
        desk=wanted("desk"),
        clerk=wanted("clerk"),
        number=wanted("number"),
    )
    return Asked(LogAsked(command, EXPORT_ROWS), f"luot-log-{command.start}-{command.end}")


EXPORTS: Final[dict[str, Export]] = {"/export/report.csv": _report, "/export/log.csv": _log}


def _date(query: Query, name: str) -> str:
    return date.fromisoformat(query[name][0]).isoformat()


class _Rest(Response):
    """The last bytes of a response, whose others have been sent."""

    def serialize(self) -> bytes:
        return bytes(self.body)


async def send(connection: ServerConnection, response: Response, made: Made, *, head: bool) -> Response:
    """Send `response` with what was made as its body, as fast as it is taken; `head`: without it.

    The last piece is returned: websockets sends it, and closes.
    """
    del response.headers["Content-Length"]
    response.headers["Content-Length"] = str(made.size)
    if head:
        return response
    piece = made.read(PIECE)
    response.body = piece
    data = response.serialize()
    with suppress(OSError):  # who leaves in the middle, however, is no news
        while (following := made.read(PIECE)) and not connection.transport.is_closing():
            connection.transport.write(data)
            await connection.drain()
            data = following
    return _Rest(response.status_code, response.reason_phrase, response.headers, data)

"""What the flow wants done, as plain records: numbers asked for, papers printed, ratings sent."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow.state import Asked, Rating
from server.protocol import TicketResult


@dataclass(frozen=True, slots=True)
class AskNumber:
    """Ask the hall for a number."""

    asked: Asked


@dataclass(frozen=True, slots=True)
class PrintPaper:
    """Print the number `key`. `again`: asked for at this kiosk after a failure; the hall is told of that by a command
    with the id `untold`, unless it has allowed it ("").
    """

    key: str
    ticket: TicketResult
    lang: str
    again: bool
    untold: str = ""


@dataclass(frozen=True, slots=True)
class AskReprint:
    """Ask whether the number `key` may be printed again."""

    id: str
    key: str
    ticket: int


@dataclass(frozen=True, slots=True)
class CancelNumber:
    """Ask the hall to give a number up. `id`: of this request; `key`: of the number's."""

    id: str
    key: str
    ticket: int


@dataclass(frozen=True, slots=True)
class RestoreNumber:
    """Take back a number that was cancelled here."""

    id: str
    key: str
    ticket: int


@dataclass(frozen=True, slots=True)
class FindNumber:
    """Ask whether this number can be rated. `code`: "" without one."""

    id: str
    number: str
    code: str


@dataclass(frozen=True, slots=True)
class SendRating:
    """Send a rating to the hall."""

    rating: Rating


@dataclass(frozen=True, slots=True)
class Settle:
    """The citizen has the number; it need not be offered again after a restart."""

    key: str


@dataclass(frozen=True, slots=True)
class TakeUp:
    """A settled number is its citizen's again, and its paper is not out: offer it after a restart. `unknown`: it may
    be out all the same.
    """

    key: str
    unknown: bool = False


Effect = AskNumber | PrintPaper | AskReprint | CancelNumber | RestoreNumber | FindNumber | SendRating | Settle | TakeUp

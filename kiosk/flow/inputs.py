"""What can happen to the kiosk, as plain records: touches, time, what the hall says, ends of papers.

Values only: what follows from what stands in `step.py`. Ids are made by whoever reports the touch.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow.state import Asked, Paper, Refused, Touch
from server.protocol import HallInfo, KioskView, PrintFault, PrintResult, TicketResult


@dataclass(frozen=True, slots=True)
class Touched:
    """A touch, and a fresh UUID for the command it may become."""

    touch: Touch
    id: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. `today`: the hall's local date, "" before its first word."""

    today: str = ""


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The hall has taken this kiosk in, and says what it is."""

    hall: HallInfo


@dataclass(frozen=True, slots=True)
class Viewed:
    """The hall's view for kiosks, as of event `seq`."""

    view: KioskView
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Linked:
    """`refused`: why the hall does not take this kiosk; "" where it is only out of reach."""

    up: bool
    refused: Refused = ""


@dataclass(frozen=True, slots=True)
class NumberGiven:
    """The answer to a request for a number: here it is."""

    id: str
    ticket: TicketResult


@dataclass(frozen=True, slots=True)
class NumberRefused:
    """The answer to a request for a number: none, and why (an error's code)."""

    id: str
    code: str


@dataclass(frozen=True, slots=True)
class PaperPrinted:
    """A paper is out, as far as the printer tells."""

    key: str
    result: PrintResult


@dataclass(frozen=True, slots=True)
class PaperFailed:
    """A paper did not come out, and why."""

    key: str
    reason: PrintFault


@dataclass(frozen=True, slots=True)
class Answered:
    """The hall's answer to a rating, or to the question before it: "" is yes, else why not, or `unreachable`."""

    id: str
    code: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The hall's answer to the cancelling of the number `key`, with the same codes."""

    id: str
    code: str
    key: str


@dataclass(frozen=True, slots=True)
class Restored:
    """The hall's answer to the taking back of the number `key`, with the same codes."""

    id: str
    code: str
    key: str


@dataclass(frozen=True, slots=True)
class Reprinted:
    """The hall's answer to the question `id`, whether the number `key` may be printed again: "" is yes, with the
    ticket as it is now; else why not, and for `already_called` the desk.
    """

    id: str
    key: str
    code: str
    ticket: TicketResult | None = None
    desk: str = ""


@dataclass(frozen=True, slots=True)
class FoundGiven:
    """After a restart: a number whose paper is not known to be in its citizen's hand."""

    key: str
    ticket: TicketResult
    lang: str
    paper: Paper


@dataclass(frozen=True, slots=True)
class FoundAsked:
    """After a restart: a number asked for whose answer was not kept; it is being asked again with its id."""

    asked: Asked


Input = (
    Touched | Tick | Welcomed | Viewed | Linked | NumberGiven | NumberRefused | PaperPrinted | PaperFailed | Answered
    | Cancelled | Restored | Reprinted | FoundGiven | FoundAsked
)  # fmt: skip

"""What the kiosk knows, as plain records.

Values only: what follows from what stands in `step.py`. Times are seconds of a clock that never runs backwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from server.protocol import HallInfo, KioskView, PrintFault, PrintResult, TicketResult

Screen = Literal[
    "home", "area", "papers", "asking", "ticket", "not_printed", "rate_find", "rate", "sending", "thanks", "sorry"
]
Shown = Literal[
    "home", "area", "papers", "asking", "ticket", "not_printed", "rate_find", "rate", "sending", "thanks", "sorry",
    "closed", "cut",
]  # fmt: skip
"""What is drawn: `closed` and `cut` lie over the screens on which nothing can be begun without an open hall."""

Paper = PrintResult | PrintFault | Literal["printing", "late", "failed"]
"""Where a number's paper is. `late`: the number came after its citizen had been sent to the staff. `failed`: it was
not printed, by now for whatever reason."""

Refused = Literal["", "unauthorised", "update_needed"]
"""Why the hall does not take this kiosk: its token is revoked or another hall's, or another protocol is spoken."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A number asked for and not yet given."""

    id: str
    area: str
    procedure: str | None
    priority: bool
    lang: str
    at: float


@dataclass(frozen=True, slots=True)
class Given:
    """A number the hall gave here. `key` is the id it was asked with; `at` when it was asked for or found again."""

    key: str
    ticket: TicketResult
    lang: str
    paper: Paper
    at: float
    found: bool = False
    """It came after a restart, or late: when the hall gave it is not known here."""
    known: bool = True
    """The hall gave it just now, or has said since that it is still to come."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating being made. Either `ticket` (from the list) or `number`; `desk` and `number` are shown."""

    number: str = ""
    code: str = ""
    ticket: int | None = None
    desk: str = ""
    score: int = 0
    reasons: tuple[str, ...] = ()
    comment: str = ""
    typing: bool = False
    in_code: bool = False
    """The digits go to the code, not to the number."""
    id: str = ""
    """Of the command, once it was sent."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What a citizen's finger meant: `do` is the button, `arg` which one of its kind."""

    do: str
    arg: str | int | bool | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything the window shows follows from this, and from the time."""

    screen: Screen = "home"
    lang: str = "vi"
    usual_lang: str = "vi"
    hall: HallInfo | None = None
    view: KioskView | None = None
    seq: int = 0
    """Of the view: what the hall knew of when it made it."""
    today: str = ""
    """The hall's local date, `YYYY-MM-DD`; "" before its first word."""
    linked: bool = False
    refused: Refused = ""
    area: str | None = None
    opened: str | None = None
    """The procedure whose papers are open; its code goes with the number."""
    page: int = 0
    """Of tiles and of numbers just served: which page. Of procedures: one that stands on the page, by its place."""
    asked: Asked | None = None
    overdue: tuple[Asked, ...] = ()
    """Asked for, not answered, and their citizens sent to the staff; the same ids stay asked."""
    given: tuple[Given, ...] = ()
    """Numbers whose paper is not settled, oldest first, and the one on the screen."""
    current: str | None = None
    """The key of the number on the screen."""
    cancelled: Given | None = None
    """The number last cancelled here, as long as it may be taken back."""
    rating: Rating = field(default_factory=Rating)
    sent: Rating | None = None
    """The rating as it was last sent."""
    note: str = ""
    """A code that a screen words: a refusal, or `cancel_question`, `cancelling`, `cancelled`, `finding`, `rated` …"""
    note_number: str = ""
    note_desk: str = ""
    deadline: float | None = None
    """When the screen is left by itself."""
    changed_at: float = -10.0
    acted_at: float = -10.0
    """When a button was last touched, or the screen last changed: touches of no button keep a screen only so long."""
    touched: tuple[Touch, float] | None = None

    def number_shown(self) -> Given | None:
        """The number on the screen; null where none is."""
        return next((one for one in self.given if one.key == self.current), None)

    def unclaimed(self) -> tuple[Given, ...]:
        """Numbers without a paper whose citizens may still come for it."""
        return tuple(one for one in self.given if one.key != self.current and one.paper not in _SETTLED)


_SETTLED = frozenset({"printing", "confirmed", "sent"})

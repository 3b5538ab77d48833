"""What a hall is made of: its tickets and what may follow what, its desks, lines and calls. No I/O, no clock here.

    waiting ──called──▶ called ──started──▶ serving ──finished──▶ served
       ▲  │               │  ╰───no_show──▶ no_show                  │
       │  ├─cancelled (from waiting, called, no_show), expired       │
       │  ╰◀restored (what a kiosk cancelled, within seconds)        │
       ╰──────────requeued (from no_show, and from served for a missing paper)

`TRANSITIONS` is this picture as a table; an event that it does not know is a bug of the rules, and the fold raises
:class:`Impossible` instead of guessing. `undone` alone is not in it: it puts a ticket back to what it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from server.hall import events as e
from server.hall.events import Event
from server.protocol import CallReason, DeskStateCode, IssuedVia, OutcomeCode, PrintFault, PrintResult, RatedVia

State = Literal["waiting", "called", "serving", "served", "no_show", "cancelled", "expired"]
FINAL: Final = frozenset({"served", "no_show", "cancelled", "expired"})

TRANSITIONS: Final[dict[tuple[State, type[Event]], State]] = {
    ("waiting", e.Called): "called",
    ("called", e.Recalled): "called",
    ("called", e.Started): "serving",
    ("called", e.WentMissing): "no_show",
    ("serving", e.Finished): "served",
    ("no_show", e.Requeued): "waiting",
    ("served", e.Requeued): "waiting",
    ("waiting", e.Cancelled): "cancelled",
    ("called", e.Cancelled): "cancelled",
    ("no_show", e.Cancelled): "cancelled",
    ("cancelled", e.Restored): "waiting",
    ("waiting", e.Expired): "expired",
    ("called", e.Expired): "expired",
}

NORMAL, AFTER_NEXT, HEAD = 0, 1, 2
"""A ticket's place: in its own turn; after the area's next call (requeued); at the head (a call taken back)."""

TicketEvent = e.Called | e.Started | e.Finished | e.WentMissing | e.Cancelled | e.Expired

OPEN_ENDED: Final = 2**53
LOST: Final = "lost"
"""`via` of a number that the record had lost: it stands in the line by when it was given, not by when it came back."""

SINCE_A_START: Final = frozenset({"clock_ahead", "clock_behind"})
"""Doubts about a clock that was wrong when the hall started: what was written before that start stands."""


class Impossible(Exception):
    """An event that cannot follow: a bug of the rules or a damaged record, never a user's mistake."""


def at_desk(clerk: str) -> str:
    """Under what a clerk's numbers are counted, beside the kiosks' by their names."""
    return f"desk:{clerk}"


class Announced(Struct, frozen=True):
    """What the hall's displays have told of a ticket's present calls. Instants are ms."""

    shown: int = 0
    """So many of its calls stood on a board,"""
    shown_at: int | None = None
    """the first since then;"""
    said: int = 0
    """so many were read out,"""
    said_at: int | None = None
    """the first until then."""


NOT_ANNOUNCED: Final = Announced()


class Ticket(Struct, frozen=True, kw_only=True):
    """One number of the day. The fields from `visit` on describe its current stay in a queue; times are ms."""

    id: int
    number: str
    area: str
    procedure: str | None
    priority: bool
    device: str | None
    via: IssuedVia
    issued_at: int
    state: State = "waiting"
    printed: PrintResult | None = None
    """`confirmed` or `sent`; null: no paper yet."""
    not_printed: PrintFault | None = None
    """Why the last try gave no paper."""
    absences: int = 0
    visit: int = 1
    queued_at: int
    place: int = NORMAL
    after_calls: int = 0
    """The area's count of calls when the ticket was requeued."""
    desk: str | None = None
    clerk: str | None = None
    calls: int = 0
    first_called_at: int | None = None
    called_at: int | None = None
    """The latest call."""
    call: int = 0
    """`seq` of the event that called it to where it is."""
    announced: Announced = NOT_ANNOUNCED
    because: CallReason | Literal[""] = ""
    started_at: int | None = None
    ended_at: int | None = None
    end: str | None = None
    outcome: OutcomeCode | None = None
    dossiers: int | None = None
    score: int | None = None
    rated_at: int | None = None
    rated_via: RatedVia | None = None
    rating: int = 0
    """`seq` of the rating that stands."""
    reasons: tuple[str, ...] = ()
    note: str | None = None
    step: int = 0
    """`seq` of the event that brought it here, and what it was before: what `undo` takes back."""
    step_kind: str = ""
    step_at: int = 0
    step_desk: str | None = None
    before: Ticket | None = None


class Desk(Struct, frozen=True, kw_only=True):
    """A desk as the fold has it. `because`: why it rests."""

    code: str
    state: DeskStateCode = "closed"
    clerk: str | None = None
    ticket: int | None = None
    last: int | None = None
    """The ticket of the desk's last step: the only one that can be undone."""
    because: str | None = None


def may_return(ticket: Ticket) -> bool:
    """A missed number, or one served today that was sent for a paper."""
    return ticket.state == "no_show" or (ticket.state == "served" and ticket.outcome == "supplement")


class Call(Struct, frozen=True, kw_only=True):
    """One line of the display: a call, a recall, or a call taken back (`withdrawn` = the `seq` of the call)."""

    seq: int
    ticket: int
    number: str
    desk: str
    area: str
    at: int
    recall: bool = False
    withdrawn: int | None = None
    shown: bool = False
    said: bool = False


class Lost(Struct, frozen=True):
    """Numbers that are on papers, up to this counter: known to the record or not. Given by `at` (ms)."""

    counter: int
    at: int


class Job(Struct, frozen=True, kw_only=True):
    """A reprint asked for at a desk and not yet answered by its kiosk."""

    seq: int
    ticket: int
    device: str
    at: int


class Line:
    """The waiting tickets of one area: `plain` and `marked` (priority) in order of arrival, `special` out of it."""

    __slots__ = ("marked", "plain", "special")

    def __init__(self) -> None:
        self.plain: dict[int, Ticket] = {}
        self.marked: dict[int, Ticket] = {}
        self.special: dict[int, Ticket] = {}

    def __len__(self) -> int:
        return len(self.plain) + len(self.marked) + len(self.special)

    def put(self, ticket: Ticket) -> None:
        """It waits: where it stood, or, new, where it belongs."""
        for group in (self.plain, self.marked, self.special):
            if ticket.id in group:
                group[ticket.id] = ticket
                return
        apart = ticket.place != NORMAL or ticket.via == LOST
        group = self.special if apart else self.marked if ticket.priority else self.plain
        group[ticket.id] = ticket

    def move(self, ticket: Ticket) -> None:
        """It waits out of the order of arrival from now on."""
        self.drop(ticket.id)
        self.special[ticket.id] = ticket

    def drop(self, id: int) -> None:
        """It waits no more."""
        for group in (self.plain, self.marked, self.special):
            group.pop(id, None)


def shifted(ticket: Ticket, moved: Callable[[int], int]) -> Ticket:
    """The same with each of its instants moved."""
    changes = {
        name: moved(value)
        for name in (
            "issued_at",
            "queued_at",
            "first_called_at",
            "called_at",
            "started_at",
            "ended_at",
            "rated_at",
            "step_at",
        )
        if (value := getattr(ticket, name)) is not None
    }
    told = ticket.announced
    instants = (told.shown_at, told.said_at)
    shown_at, said_at = (None if at is None else moved(at) for at in instants)
    return replace(
        ticket,
        before=shifted(ticket.before, moved) if ticket.before else None,
        announced=replace(told, shown_at=shown_at, said_at=said_at),
        **changes,
    )

"""What a client may say, and who may say it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from server.protocol.types import (
    MOST_REASONS,
    Announcement,
    Code,
    Comment,
    DeviceRole,
    Dossiers,
    Id,
    IsoDate,
    Name,
    Number,
    OutcomeCode,
    PaperCode,
    PaperState,
    PauseReason,
    PersonRole,
    Pin,
    PrinterState,
    PrintFault,
    PrintResult,
    ReasonCode,
    Role,
    Score,
    SoundState,
    TicketId,
)


class Hello(Struct, frozen=True, forbid_unknown_fields=True, tag="hello"):
    """The first message of every socket. `token` may be absent where the page's cookie speaks for it."""

    protocol: int
    role: Role
    token: Annotated[str, Meta(max_length=200)] | None = None
    lang: Annotated[str, Meta(max_length=8)] = "vi"
    given: dict[Code, Number] = {}
    """Of a kiosk: the last number of each area that it knows of, by which the hall knows what its record has lost."""
    given_at: dict[Code, Annotated[str, Meta(max_length=40)]] = {}
    """When each was given, by the hall's time (ISO 8601); without it, today, where the hall is at work."""
    seq: TicketId | None = None
    """The last event of the hall that it heard of with them."""
    record: Annotated[str, Meta(max_length=64)] = ""
    """Of which hall's record all this is, as the welcome said; "" where it is not known."""


class Command(Struct, frozen=True, forbid_unknown_fields=True):
    """What a client asks for. `id` is made at the touch or click; the same id again gets the same answer."""

    id: Id


class Issue(Command, frozen=True, tag="issue"):
    """Give a number of an area. Answered by a `TicketResult`."""

    area: Code
    procedure: Code | None = None
    priority: bool = False


class Printed(Command, frozen=True, tag="printed"):
    """A paper has come out, as far as the printer tells: see `PrintResult`."""

    ticket: TicketId
    result: PrintResult


class PrintFailed(Command, frozen=True, tag="print_failed"):
    """No paper has come out, and why."""

    ticket: TicketId
    reason: PrintFault


class Reprint(Command, frozen=True, tag="reprint"):
    """Print a number's paper again. Answered by a `TicketResult`."""

    ticket: TicketId


class Cancel(Command, frozen=True, tag="cancel"):
    """A number is given up: its citizen leaves, or goes on without it."""

    ticket: TicketId


class Restore(Command, frozen=True, tag="restore"):
    """Take a kiosk's own `cancel` back: the number waits again where it did."""

    ticket: TicketId


class Find(Command, frozen=True, tag="find"):
    """Would a rating of this number be taken? Asked before the faces, refused as `rate` would be; changes nothing."""

    number: Number
    code: PaperCode | None = None


class Rate(Command, frozen=True, tag="rate"):
    """Either `number` (with its `code` from the paper, if the citizen has it) or `ticket` from the ended list."""

    score: Score
    number: Number | None = None
    code: PaperCode | None = None
    ticket: TicketId | None = None
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=MOST_REASONS)] = ()
    comment: Comment | None = None


class Status(Command, frozen=True, tag="status"):
    """A device tells how it is; kept in memory only."""

    printer: PrinterState = "none"
    paper: PaperState = "unknown"
    sound: SoundState = "off"
    screen: Annotated[str, Meta(max_length=40)] = ""


class Announced(Command, frozen=True, tag="announced"):
    """A display says how far it has come with a call. `call` is the call's `seq` in the display's view."""

    call: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    how: Announcement


class OpenDesk(Command, frozen=True, tag="open_desk"):
    """Sit down at a desk; it stays one's own until it is closed."""

    desk: Code


class PauseDesk(Command, frozen=True, tag="pause_desk"):
    """No next number for a while, and why."""

    desk: Code
    reason: PauseReason | None = None


class CloseDesk(Command, frozen=True, tag="close_desk"):
    """Leave one's desk, and why."""

    desk: Code
    reason: PauseReason | None = None


class CallNext(Command, frozen=True, tag="call_next"):
    """`ticket` is the one the desk has now, or null where it is free."""

    ticket: TicketId | None
    outcome: OutcomeCode | None = None
    dossiers: Dossiers | None = None


class CallTicket(Command, frozen=True, tag="call_ticket"):
    """`ticket` is the one the desk has now, or null where it is free; outcome and dossiers are that one's."""

    ticket: TicketId | None
    number: Number
    outcome: OutcomeCode | None = None
    dossiers: Dossiers | None = None


class Recall(Command, frozen=True, tag="recall"):
    """Call the number of one's desk once more."""

    ticket: TicketId


class Start(Command, frozen=True, tag="start"):
    """Whoever was called is here: service begins."""

    ticket: TicketId


class NoShow(Command, frozen=True, tag="no_show"):
    """Whoever was called did not come."""

    ticket: TicketId


class Finish(Command, frozen=True, tag="finish"):
    """Service ends, with what came of it."""

    ticket: TicketId
    outcome: OutcomeCode | None = None
    dossiers: Dossiers | None = None


class SetOutcome(Command, frozen=True, tag="set_outcome"):
    """Null takes the outcome, or the dossiers, back; dossiers that are left out stay as they are."""

    ticket: TicketId
    outcome: OutcomeCode | None
    dossiers: Dossiers | UnsetType | None = UNSET


class Requeue(Command, frozen=True, tag="requeue"):
    """Put a number that missed its turn, or lacked a paper, back in line."""

    number: Number


class SetPriority(Command, frozen=True, tag="set_priority"):
    """Give a waiting number the priority mark, or take it away."""

    ticket: TicketId
    priority: bool


class Undo(Command, frozen=True, tag="undo"):
    """Take back the last step of one's desk."""

    ticket: TicketId


class ConfirmDate(Command, frozen=True, tag="confirm_date"):
    """A person says which date it is today; ends a doubtful day."""

    date: IsoDate


class OpenSession(Command, frozen=True, tag="open_session"):
    """An extra session from now; `minutes` until it ends, null = until the last desk closes."""

    minutes: Annotated[int, Meta(ge=5, le=720)] | None = None


class AddPerson(Command, frozen=True, tag="add_person"):
    """Somebody new may sign in."""

    name: Name
    role: PersonRole
    pin: Pin


class SetPin(Command, frozen=True, tag="set_pin"):
    """Give somebody another PIN; whoever is signed in by the old one goes out."""

    name: Name
    pin: Pin


class AddDevice(Command, frozen=True, tag="add_device"):
    """The reply's `token` is shown once and never stored in clear."""

    name: Name
    role: DeviceRole


class Revoke(Command, frozen=True, tag="revoke"):
    """Take a person's or a device's access away; its live sockets are closed."""

    kind: Literal["person", "device"]
    name: Name


class EraseComment(Command, frozen=True, tag="erase_comment"):
    """Erase the words that came with a number's rating. The score stays."""

    ticket: TicketId


class Report(Command, frozen=True, tag="report"):
    """Figures of a period, both dates included. Answers with `reports.Report` as JSON."""

    start: IsoDate
    end: IsoDate


class Log(Command, frozen=True, tag="log"):
    """The events of a period, newest first, at most 200 a page (`before` = a `seq` to go on from)."""

    start: IsoDate
    end: IsoDate
    kind: Code | None = None
    area: Code | None = None
    desk: Code | None = None
    clerk: Annotated[str, Meta(max_length=40)] | None = None
    number: Number | None = None
    before: Annotated[int, Meta(ge=1)] | None = None


class Story(Command, frozen=True, tag="story"):
    """Everything that happened to one number on one day."""

    date: IsoDate
    number: Number


AnyCommand = (
    Issue | Printed | PrintFailed | Reprint | Cancel | Restore | Find | Rate | Status | Announced
    | OpenDesk | PauseDesk | CloseDesk | CallNext | CallTicket | Recall | Start | NoShow | Finish | SetOutcome
    | Requeue | SetPriority | Undo
    | ConfirmDate | OpenSession | AddPerson | SetPin | AddDevice | Revoke | EraseComment | Report | Log | Story
)  # fmt: skip

COMMANDS: Final[tuple[type[Command], ...]] = AnyCommand.__args__

_DESK = frozenset({"desk"})
_MANAGER = frozenset({"manager"})
_KIOSK_DESK = frozenset({"kiosk", "desk"})
_RATING = frozenset({"kiosk", "rate", "ticket"})

ALLOWED: Final[dict[type[Command], frozenset[str]]] = {
    Issue: _KIOSK_DESK,
    Printed: frozenset({"kiosk"}),
    PrintFailed: frozenset({"kiosk"}),
    Reprint: _KIOSK_DESK,
    Cancel: _KIOSK_DESK,
    Restore: frozenset({"kiosk"}),
    Find: frozenset({"kiosk", "rate"}),
    Rate: _RATING,
    Status: frozenset({"kiosk", "display"}),
    Announced: frozenset({"display"}),
    OpenDesk: _DESK,
    PauseDesk: _DESK,
    CloseDesk: _DESK,
    CallNext: _DESK,
    CallTicket: _DESK,
    Recall: _DESK,
    Start: _DESK,
    NoShow: _DESK,
    Finish: _DESK,
    SetOutcome: _DESK,
    Requeue: _DESK,
    SetPriority: _DESK,
    Undo: _DESK,
    ConfirmDate: frozenset({"desk", "manager"}),
    OpenSession: _MANAGER,
    AddPerson: _MANAGER,
    SetPin: _MANAGER,
    AddDevice: _MANAGER,
    Revoke: _MANAGER,
    EraseComment: _MANAGER,
    Report: _MANAGER,
    Log: _MANAGER,
    Story: _MANAGER,
}
"""Which roles may send which command. A command that is not here may be sent by nobody."""

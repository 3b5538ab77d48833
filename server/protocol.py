"""The messages on the wire, and nothing else: what a client may say, what the server answers, strictly decoded.

A leaf: no I/O here, and no other module of ours is imported. Clients' messages are refused when they carry an
unknown field, a duplicate key, a wrong type or an id that is no UUID; clients themselves ignore fields they do not
know, so the server may add some. The meaning of every message, with an example, stands in `server/README.md`.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

PROTOCOL: Final = 1
"""Raised when an older client could no longer work; `hello` with another number gets `update_needed`."""

MAX_FRAME: Final = 16 * 1024
"""The largest frame taken from a client, in bytes."""

Role = Literal["kiosk", "display", "rate", "desk", "manager", "ticket"]
DeviceRole = Literal["kiosk", "display", "rate"]
PersonRole = Literal["clerk", "manager"]

OutcomeCode = Literal[
    "received", "returned", "supplement", "refused", "extended", "stopped", "guided", "elsewhere", "not_ready"
]
PrintResult = Literal["confirmed", "sent"]
PrintFault = Literal["paper_out", "cover_open", "jam", "offline", "timeout", "unknown"]
PaperState = Literal["ok", "low", "out", "unknown"]
PrinterState = Literal["ok", "paper_out", "cover_open", "jam", "offline", "timeout", "unknown", "none"]
ReasonCode = Literal["wait", "manner", "guidance", "extra_papers", "late_result", "place", "other"]
PauseReason = Literal["break", "meeting", "fault", "end_of_hours", "away", "other"]

Text = dict[str, str]
"""A text by language code: `{"vi": …, "en": …}`; `vi` is always there."""

Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Code = Annotated[str, Meta(min_length=1, max_length=40)]
Number = Annotated[str, Meta(pattern=r"^[0-9]{3,6}$")]
TicketId = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Dossiers = Annotated[int, Meta(ge=0, le=999)]
Score = Annotated[int, Meta(ge=1, le=5)]
Comment = Annotated[str, Meta(max_length=500)]
IsoDate = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


# --- what a client says -------------------------------------------------------------------------------------


class Hello(Struct, frozen=True, forbid_unknown_fields=True, tag="hello"):
    """The first message of every socket. `token` may be absent where the page's cookie speaks for it."""

    protocol: int
    role: Role
    token: Annotated[str, Meta(max_length=200)] | None = None
    lang: Annotated[str, Meta(max_length=8)] = "vi"


class Command(Struct, frozen=True, forbid_unknown_fields=True):
    """What a client asks for. `id` is made at the touch or click; the same id again gets the same answer."""

    id: Id


class Issue(Command, frozen=True, tag="issue"):
    area: Code
    procedure: Code | None = None
    priority: bool = False


class Printed(Command, frozen=True, tag="printed"):
    ticket: TicketId
    result: PrintResult


class PrintFailed(Command, frozen=True, tag="print_failed"):
    ticket: TicketId
    reason: PrintFault


class Reprint(Command, frozen=True, tag="reprint"):
    ticket: TicketId


class Cancel(Command, frozen=True, tag="cancel"):
    ticket: TicketId


class Rate(Command, frozen=True, tag="rate"):
    """Either `number` (with its `code` from the paper, if the citizen has it) or `ticket` from the ended list."""

    score: Score
    number: Number | None = None
    code: Annotated[str, Meta(pattern=r"^[0-9]{2}$")] | None = None
    ticket: TicketId | None = None
    reasons: Annotated[tuple[ReasonCode, ...], Meta(max_length=7)] = ()
    comment: Comment | None = None


class Status(Command, frozen=True, tag="status"):
    """A device tells how it is; kept in memory only."""

    printer: PrinterState = "none"
    paper: PaperState = "unknown"
    sound: Literal["ok", "off", "fault"] = "off"
    screen: Annotated[str, Meta(max_length=40)] = ""


class OpenDesk(Command, frozen=True, tag="open_desk"):
    desk: Code


class PauseDesk(Command, frozen=True, tag="pause_desk"):
    desk: Code
    reason: PauseReason | None = None


class CloseDesk(Command, frozen=True, tag="close_desk"):
    desk: Code
    reason: PauseReason | None = None


class CallNext(Command, frozen=True, tag="call_next"):
    """`ticket` is the one the desk has now, or null where it is free."""

    ticket: TicketId | None
    outcome: OutcomeCode | None = None
    dossiers: Dossiers | None = None


class CallTicket(Command, frozen=True, tag="call_ticket"):
    ticket: TicketId | None
    number: Number


class Recall(Command, frozen=True, tag="recall"):
    ticket: TicketId


class Start(Command, frozen=True, tag="start"):
    ticket: TicketId


class NoShow(Command, frozen=True, tag="no_show"):
    ticket: TicketId


class Finish(Command, frozen=True, tag="finish"):
    ticket: TicketId
    outcome: OutcomeCode | None = None
    dossiers: Dossiers | None = None


class SetOutcome(Command, frozen=True, tag="set_outcome"):
    ticket: TicketId
    outcome: OutcomeCode
    dossiers: Dossiers | None = None


class Requeue(Command, frozen=True, tag="requeue"):
    number: Number


class SetPriority(Command, frozen=True, tag="set_priority"):
    ticket: TicketId
    priority: bool


class Undo(Command, frozen=True, tag="undo"):
    ticket: TicketId


class ConfirmDate(Command, frozen=True, tag="confirm_date"):
    """A person says which date it is today; ends a doubtful day."""

    date: IsoDate


class OpenSession(Command, frozen=True, tag="open_session"):
    """An extra session from now; `minutes` until it ends, null = until the last desk closes."""

    minutes: Annotated[int, Meta(ge=5, le=720)] | None = None


class AddPerson(Command, frozen=True, tag="add_person"):
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    role: PersonRole
    pin: Annotated[str, Meta(pattern=r"^[0-9]{6,20}$")]


class SetPin(Command, frozen=True, tag="set_pin"):
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    pin: Annotated[str, Meta(pattern=r"^[0-9]{6,20}$")]


class AddDevice(Command, frozen=True, tag="add_device"):
    """The reply's `token` is shown once and never stored in clear."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    role: DeviceRole


class Revoke(Command, frozen=True, tag="revoke"):
    """Take a person's or a device's access away; its live sockets are closed."""

    kind: Literal["person", "device"]
    name: Annotated[str, Meta(min_length=1, max_length=40)]


class EraseComment(Command, frozen=True, tag="erase_comment"):
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
    Issue | Printed | PrintFailed | Reprint | Cancel | Rate | Status
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
    Rate: _RATING,
    Status: frozenset({"kiosk", "display"}),
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


# --- what the server says -----------------------------------------------------------------------------------


class AreaInfo(Struct, frozen=True, kw_only=True):
    code: str
    prefix: str
    name: Text
    words: Text = {}
    """Everyday words under the name: "Khai sinh, kết hôn, chứng thực"."""
    icon: str = ""
    """A Material Design Icons name, e.g. `home-outline`."""
    color: str = "#0B5C6B"


class ProcedureInfo(Struct, frozen=True, kw_only=True):
    code: str
    area: str
    name: Text
    words: Text = {}
    papers: tuple[Text, ...] = ()
    note: Text = {}
    """One line to know beforehand, e.g. "cả hai bên phải có mặt"."""
    time_limit: Text = {}
    fee: Text = {}
    exempt: Text = {}
    """Who need not pay; always shown beside the fee."""
    elsewhere: Text = {}
    """Set where this hall does not handle it: says where to go."""
    reference: str = ""
    decision: str = ""
    checked_on: str = ""


class DeskInfo(Struct, frozen=True, kw_only=True):
    code: str
    name: Text
    areas: tuple[str, ...]


class SessionInfo(Struct, frozen=True, kw_only=True):
    """Local hours `HH:MM` on `weekdays` (0 = Monday)."""

    start: str
    end: str
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    areas: tuple[str, ...] = ()
    """Empty = all areas."""


class PriorityInfo(Struct, frozen=True, kw_only=True):
    rule: Text
    """Who has priority, in words, as shown above the two buttons."""
    short: Text
    """The same in a few words, for the display's foot."""
    longest_wait: int = 30
    """Minutes of waiting after which nobody is overtaken by a priority number any more."""


class RatingInfo(Struct, frozen=True, kw_only=True):
    question: Text
    levels: tuple[Text, ...]
    """Words of the scores 1 … n, worst first (5, or 3)."""
    reasons: dict[str, Text]
    minutes: int = 240
    """How long after the end a visit may be rated."""


class HallInfo(Struct, frozen=True, kw_only=True):
    """What seldom changes: sent with `welcome`. After a change of settings every client is welcomed anew."""

    name: Text
    """The authority: "UBND PHƯỜNG …"."""
    place: Text
    """The centre: "Trung tâm Phục vụ hành chính công"."""
    areas: tuple[AreaInfo, ...]
    procedures: tuple[ProcedureInfo, ...]
    desks: tuple[DeskInfo, ...]
    sessions: tuple[SessionInfo, ...]
    priority: PriorityInfo
    rating: RatingInfo
    texts: dict[str, Text] = {}
    """Sentences the hall may reword: `notice`, `ticket_foot`, `help`, `slot`."""
    timezone: str = "Asia/Ho_Chi_Minh"
    languages: tuple[str, ...] = ("vi", "en")
    voice: bool = True
    no_show_calls: int = 2
    no_show_seconds: int = 45


class Welcome(Struct, frozen=True, kw_only=True, tag="welcome"):
    protocol: int
    version: str
    role: str
    device: str
    """The device's name, the person's name, or the ticket's number."""
    hall: HallInfo
    seq: int
    now: str


class View(Struct, frozen=True, tag="view"):
    seq: int
    view: msgspec.Raw


class Beat(Struct, frozen=True, tag="beat"):
    seq: int
    now: str


class Error(Struct, frozen=True, omit_defaults=True):
    """A refusal or failure: a code; clients make the sentence. The rest is there where the code needs it."""

    code: str
    detail: str = ""
    ticket: int | UnsetType | None = UNSET
    number: str = ""
    desk: str = ""


class ErrorMessage(Struct, frozen=True, omit_defaults=True, tag="error"):
    """An error that answers no command: at the opening, or for a frame without a readable id."""

    code: str
    detail: str = ""


class Reply(Struct, frozen=True, omit_defaults=True, tag="reply"):
    id: str
    ok: bool
    result: msgspec.Raw | UnsetType = UNSET
    error: Error | UnsetType = UNSET


class TicketResult(Struct, frozen=True, kw_only=True):
    """The answer to `issue`, and what a reprint prints."""

    ticket: int
    number: str
    area: str
    procedure: str | None
    priority: bool
    ahead: int
    estimate: dict[str, int] | None
    desks: tuple[str, ...]
    """Codes of the open desks that serve the area; of all that could, while none is open."""
    issued_at: str
    token: str
    rating_code: str


# --- views --------------------------------------------------------------------------------------------------


class KioskArea(Struct, frozen=True, kw_only=True):
    code: str
    waiting: int
    estimate: dict[str, int] | None = None
    desks_open: tuple[str, ...]
    open: bool
    """Numbers are given now."""
    opens_at: str | None = None
    """Local `HH:MM` of the next session today, where closed or without a desk; null: not today."""
    closes_at: str | None = None


class EndedTicket(Struct, frozen=True, kw_only=True):
    ticket: int
    number: str
    area: str
    desk: str
    ended_at: str


class PrintJob(Struct, frozen=True, kw_only=True):
    """A reprint that a desk asked of the kiosk `device`; `seq` tells it from an earlier one of the ticket."""

    seq: int
    device: str
    ticket: TicketResult


class KioskView(Struct, frozen=True, kw_only=True):
    areas: tuple[KioskArea, ...]
    ended: tuple[EndedTicket, ...]
    """Recently ended and not yet rated, newest first, at most 12."""
    jobs: tuple[PrintJob, ...] = ()
    open: bool
    doubtful: bool = False
    opens_at: str | None = None
    """Next opening, ISO 8601 with offset, where closed."""
    notice: Text = {}


class DisplayCall(Struct, frozen=True, kw_only=True):
    seq: int
    number: str
    desk: str
    area: str
    at: str
    recall: bool


class Withdrawn(Struct, frozen=True, kw_only=True):
    """A call taken back (undo): "Số 1006 xin vui lòng chờ"."""

    seq: int
    call: int
    number: str
    at: str


class DisplayArea(Struct, frozen=True, kw_only=True):
    code: str
    waiting: int
    next: tuple[str, ...]
    """At most five numbers, in the order in which they will be called."""
    priority: tuple[bool, ...]
    """For each of `next`: does it carry the priority mark."""
    desks_open: tuple[str, ...]
    opens_at: str | None = None


class DisplayView(Struct, frozen=True, kw_only=True):
    calls: tuple[DisplayCall, ...]
    """Newest first, at most 20; a recall is an entry of its own."""
    withdrawn: tuple[Withdrawn, ...]
    missed: tuple[str, ...]
    areas: tuple[DisplayArea, ...]
    open: bool
    """Numbers are given now. Desks may go on serving after that: see `desks_open` of the areas."""
    paused: bool
    """Every desk that was opened is paused."""
    opens_at: str | None = None
    notice: Text = {}


class DeskTicket(Struct, frozen=True, kw_only=True):
    ticket: int
    number: str
    area: str
    procedure: str | None
    priority: bool
    state: Literal["called", "serving"]
    issued_at: str
    waited: int
    """Seconds in open hours, up to the call."""
    calls: int
    called_at: str
    started_at: str | None
    outcome: str | None = None
    dossiers: int | None = None
    not_printed: str | None = None
    no_show_at: str | None = None
    """From when on `no_show` is accepted; null while another call is needed."""
    because: str = ""


class QueueTicket(Struct, frozen=True, kw_only=True):
    ticket: int
    number: str
    area: str
    procedure: str | None
    priority: bool
    waited: int
    """Seconds in open hours."""
    not_printed: str | None = None
    """Why there is no paper: a print fault, else null."""


class MissedTicket(Struct, frozen=True, kw_only=True):
    ticket: int
    number: str
    area: str
    state: Literal["no_show", "supplement"]
    calls: int
    at: str


class UndoStep(Struct, frozen=True, kw_only=True):
    ticket: int
    number: str
    kind: str
    """The event that `undo` would take back: called started finished no_show cancelled."""
    until: str


class Unrecorded(Struct, frozen=True, kw_only=True):
    """A visit of mine today, ended; its outcome may be filled in or changed."""

    ticket: int
    number: str
    ended_at: str
    outcome: str | None
    dossiers: int | None


class MyDay(Struct, frozen=True, kw_only=True):
    served: int
    service_seconds: int | None
    """Mean of the visits whose start was pressed."""
    unrecorded: int
    visits: tuple[Unrecorded, ...]
    """Newest first, at most 20; those without an outcome before the rest."""


class DeskState(Struct, frozen=True, kw_only=True):
    desk: str
    state: Literal["open", "paused", "closed"]
    clerk: str | None
    areas: tuple[str, ...]
    ticket: DeskTicket | None = None
    undo: UndoStep | None = None
    pause_reason: str | None = None


class DeviceFault(Struct, frozen=True, kw_only=True):
    device: str
    printer: str
    paper: str
    connected: bool


class DeskView(Struct, frozen=True, kw_only=True):
    me: DeskState | None
    """Null while the clerk has opened no desk."""
    desks: tuple[DeskState, ...]
    """All desks, so that a free one can be chosen; without their undo steps."""
    queue: tuple[QueueTicket, ...]
    total: int
    missed: tuple[MissedTicket, ...]
    day: MyDay
    faults: tuple[DeviceFault, ...]
    open: bool
    doubtful: bool
    """The machine's date is in doubt: ask to confirm it."""
    date: str
    issued: tuple[QueueTicket, ...] = ()
    """Given at a desk within the last minutes, newest first: to read the number out again."""


class AreaNow(Struct, frozen=True, kw_only=True):
    code: str
    issued: int
    waiting: int
    serving: int
    served: int
    no_show: int
    longest_wait: int
    """Seconds, of those who wait now."""
    mean_wait: int | None
    within_target: int | None
    """Per mille of the answered calls that came within the target."""
    answered: int = 0
    """Answered calls: what the two before are of."""


class DeviceNow(Struct, frozen=True, kw_only=True):
    name: str
    role: str
    connected: bool
    last_seen: str | None
    printer: str = ""
    paper: str = ""
    sound: str = ""


class PersonNow(Struct, frozen=True, kw_only=True):
    name: str
    role: str
    signed_in: bool
    settled: bool = True
    """Has a PIN of their own; the first manager, come in by a one-time PIN, has none yet."""


class ManagerView(Struct, frozen=True, kw_only=True):
    date: str
    doubtful: bool
    open: bool
    opens_at: str | None
    areas: tuple[AreaNow, ...]
    desks: tuple[DeskState, ...]
    devices: tuple[DeviceNow, ...]
    people: tuple[PersonNow, ...]
    alarms: tuple[str, ...]
    """Codes: `doubtful_date` `clock_stepped` `disk_low` `no_tls` `printer:<device>` `gone:<device>`."""
    ratings: int
    satisfied: int
    """Ratings 4 and 5 today."""
    target_minutes: int = 15
    """The wait that `within_target` is measured against."""


class TicketView(Struct, frozen=True, kw_only=True):
    number: str
    area: str
    state: str
    ahead: int | None
    desk: str | None


# --- decoding and encoding ----------------------------------------------------------------------------------


class BadMessage(ValueError):  # noqa: N818 - it is about the message, and the wire's own word
    """A frame that is no message of this protocol. `id` is the command's, where one could be read."""

    def __init__(self, detail: str, id: str | None = None) -> None:
        super().__init__(detail)
        self.id = id


class _Envelope(Struct):
    id: Id | UnsetType = UNSET


_hello = msgspec.json.Decoder(Hello)
_command = msgspec.json.Decoder(AnyCommand)
_envelope = msgspec.json.Decoder(_Envelope)
_encoder = msgspec.json.Encoder()
encode = _encoder.encode
"""Any struct of this module, as JSON bytes."""


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise BadMessage("duplicate key")


_check_keys = json.JSONDecoder(object_pairs_hook=_unique).decode


def _decode(decoder: msgspec.json.Decoder[Any], frame: str | bytes) -> Any:
    """Decode one frame; :class:`BadMessage` for whatever is wrong with it."""
    if not isinstance(frame, str):
        raise BadMessage("binary frame")
    try:
        message = decoder.decode(frame)
        # msgspec lets the last of two equal keys win; a client that sends both means nothing we may guess.
        _check_keys(frame)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError, BadMessage) as error:
        raise BadMessage(str(error)[:200], _readable_id(frame)) from None
    return message


def _readable_id(frame: str) -> str | None:
    try:
        found = _envelope.decode(frame).id
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def decode_hello(frame: str | bytes) -> Hello:
    """The opening message. Raises :class:`BadMessage`."""
    message: Hello = _decode(_hello, frame)
    return message


def decode_command(frame: str | bytes) -> Command:
    """A command. Raises :class:`BadMessage`."""
    message: Command = _decode(_command, frame)
    return message


class Incoming(Struct):
    """Any message from the server, as loosely as a client may read it."""

    type: str
    seq: int = 0
    now: str = ""
    id: str = ""
    ok: bool = False
    code: str = ""
    detail: str = ""
    version: str = ""
    role: str = ""
    device: str = ""
    hall: msgspec.Raw | UnsetType = UNSET
    view: msgspec.Raw | UnsetType = UNSET
    result: msgspec.Raw | UnsetType = UNSET
    error: Error | UnsetType = UNSET


VIEWS: Final[dict[str, type[Struct]]] = {
    "kiosk": KioskView,
    "rate": KioskView,
    "display": DisplayView,
    "desk": DeskView,
    "manager": ManagerView,
    "ticket": TicketView,
}
"""The view each role gets."""

_incoming = msgspec.json.Decoder(Incoming)


def decode_incoming(frame: str | bytes) -> Incoming:
    """A message from the server, for clients. Raises `msgspec.DecodeError`."""
    return _incoming.decode(frame)


def name_of(command: type[Command] | Command) -> str:
    """The command's name on the wire: `call_next`."""
    kind = command if isinstance(command, type) else type(command)
    return str(kind.__struct_config__.tag)

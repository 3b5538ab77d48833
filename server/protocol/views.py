"""What each role sees of the hall. Views are whole: a newer one replaces the older."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from server.protocol.answers import TicketResult
from server.protocol.types import (
    AtDesk,
    CallReason,
    DeskStateCode,
    DeviceRole,
    Displays,
    Instant,
    OutcomeCode,
    PaperState,
    PersonRole,
    PrinterState,
    PrintFault,
    SoundState,
    Text,
)


class KioskArea(Struct, frozen=True, kw_only=True):
    """One area on the kiosk: how many wait (`waiting`), and which desks (codes) serve it now (`desks_open`)."""

    code: str
    waiting: int
    estimate: dict[str, int] | None = None
    desks_open: tuple[str, ...]
    open: bool
    """Numbers are given now."""
    opens_at: str | None = None
    """Local `HH:MM` of the next session today, where closed; null: open now, or not again today."""
    closes_at: str | None = None
    at_once: bool = False
    """Whoever took a number now would be called at once: a desk is free, and nobody waits for it."""
    last: str | None = None
    """The highest number of today, whoever gave it: kiosks remember it for a hall that loses its record."""


class EndedTicket(Struct, frozen=True, kw_only=True):
    """A visit that can be rated: the ticket's id and number, its area and desk (codes), and when it ended."""

    ticket: int
    number: str
    area: str
    desk: str
    ended_at: Instant


class PrintJob(Struct, frozen=True, kw_only=True):
    """A reprint that a desk asked of the kiosk `device`; `seq` tells it from an earlier one of the ticket."""

    seq: int
    device: str
    ticket: TicketResult


class CalledNow(Struct, frozen=True, kw_only=True):
    """A kiosk's number that is being called: its citizen may still stand at the kiosk."""

    ticket: int
    desk: str


class KioskView(Struct, frozen=True, kw_only=True):
    """What the kiosk shows."""

    areas: tuple[KioskArea, ...]
    ended: tuple[EndedTicket, ...]
    """Recently ended and not yet rated, newest first, at most 12."""
    jobs: tuple[PrintJob, ...] = ()
    called: tuple[CalledNow, ...] = ()
    unprinted: tuple[int, ...] | None = None
    """Tickets of kiosks within the last 40 minutes without a paper that wait, or are called; oldest first. One that is
    not here is printed, begun, ended or of another day: a kiosk offers it no more. Null: this hall does not say."""
    announces: Displays | None = None
    """What becomes of a call now: a display reads it out, displays only show it, or none is connected. Null: this hall
    does not say."""
    open: bool
    doubtful: bool = False
    opens_at: Instant | None = None
    """Next opening, ISO 8601 with offset, where closed."""
    notice: Text = {}


class DisplayCall(Struct, frozen=True, kw_only=True):
    """A call: event `seq`, number, desk and area (codes), its instant, and whether the number was called before."""

    seq: int
    number: str
    desk: str
    area: str
    at: Instant
    recall: bool
    answered: bool = False
    """Its citizen has come, or it is over: nobody needs to be told of it any more."""
    said: bool = True
    """A display has read it out, or it need not be."""


class Withdrawn(Struct, frozen=True, kw_only=True):
    """A call taken back (undo): "Số 1006 xin vui lòng chờ"."""

    seq: int
    call: int
    number: str
    at: Instant


class DisplayArea(Struct, frozen=True, kw_only=True):
    """One area on the display: how many wait, and who is next."""

    code: str
    waiting: int
    next: tuple[str, ...]
    """At most five numbers, in the order in which they will be called."""
    priority: tuple[bool, ...]
    """For each of `next`: does it carry the priority mark."""
    desks_open: tuple[str, ...]
    opens_at: str | None = None
    open: bool = True
    """Numbers of this area are given now."""
    at_once: bool = False
    """Whoever took a number now would be called at once: a desk is free, and nobody waits for it."""
    paused: bool = False
    """Nobody sits at its desks now, but one of them was not closed: it goes on later."""


class DisplayView(Struct, frozen=True, kw_only=True):
    """What the hall's display shows and says."""

    calls: tuple[DisplayCall, ...]
    """Newest first; a recall is an entry of its own. Each that is not answered, and the last 20."""
    withdrawn: tuple[Withdrawn, ...]
    missed: tuple[str, ...]
    areas: tuple[DisplayArea, ...]
    open: bool
    """Numbers are given now. Desks may go on serving after that: see `desks_open` of the areas."""
    paused: bool
    """Every desk that was opened is paused."""
    opens_at: Instant | None = None
    notice: Text = {}


class DeskTicket(Struct, frozen=True, kw_only=True):
    """The number at a desk: its ticket's id, area and procedure (codes), and where it stands."""

    ticket: int
    number: str
    area: str
    procedure: str | None
    priority: bool
    state: AtDesk
    issued_at: Instant
    waited: int
    """Seconds in open hours, up to the call."""
    calls: int
    called_at: Instant
    started_at: Instant | None
    outcome: OutcomeCode | None = None
    dossiers: int | None = None
    not_printed: PrintFault | None = None
    no_show_at: Instant | None = None
    """From when on `no_show` is accepted; null while another call is needed, or this one is not announced yet."""
    turn: int | None = None
    """Calls that the display reads out before this one; null where it has read this one out, or there is none to wait
    for."""
    because: CallReason | Literal[""] = ""


class QueueTicket(Struct, frozen=True, kw_only=True):
    """A number in line: its ticket's id, area and procedure (codes)."""

    ticket: int
    number: str
    area: str
    procedure: str | None
    priority: bool
    waited: int
    """Seconds in open hours."""
    not_printed: PrintFault | None = None
    """Why there is no paper: a print fault, else null."""


class MissedTicket(Struct, frozen=True, kw_only=True):
    """A number that may come back: it was absent, or its citizen went for a paper. `calls`: so many times called."""

    ticket: int
    number: str
    area: str
    state: Literal["no_show", "supplement"]
    calls: int
    at: Instant


class UndoStep(Struct, frozen=True, kw_only=True):
    """The step that can be taken back: of which ticket, which event, until when (ISO 8601)."""

    ticket: int
    number: str
    kind: str
    """The event that `undo` would take back: called started finished no_show cancelled."""
    until: str


class Unrecorded(Struct, frozen=True, kw_only=True):
    """A visit of mine today, ended; its outcome may be filled in or changed."""

    ticket: int
    number: str
    ended_at: Instant
    outcome: OutcomeCode | None
    dossiers: int | None


class MyDay(Struct, frozen=True, kw_only=True):
    """What a clerk has done today. `served`: numbers; `unrecorded`: those without an outcome."""

    served: int
    service_seconds: int | None
    """Mean of the visits whose start was pressed."""
    unrecorded: int
    visits: tuple[Unrecorded, ...]
    """Newest first, at most 20; those without an outcome before the rest."""


class DeskState(Struct, frozen=True, kw_only=True):
    """One desk: who sits at it (`clerk`), the areas it serves (codes), the number it calls or serves."""

    desk: str
    state: DeskStateCode
    clerk: str | None
    areas: tuple[str, ...]
    ticket: DeskTicket | None = None
    undo: UndoStep | None = None
    pause_reason: str | None = None
    away_since: Instant | None = None
    """Since when an open desk's page is on no screen (told after a minute): nobody may be sitting there."""


class DeviceFault(Struct, frozen=True, kw_only=True):
    """A kiosk in trouble: the last word of its printer and its paper, and whether it is connected."""

    device: str
    printer: PrinterState
    paper: PaperState
    connected: bool


class AreaRecovered(Struct, frozen=True, kw_only=True):
    """An area some of whose numbers of today the record has lost: whoever holds one is called by number."""

    area: str
    next: str
    """The first number that was given, or will be, after that."""


class DeskView(Struct, frozen=True, kw_only=True):
    """What a clerk's page shows."""

    me: DeskState | None
    """Null while the clerk has opened no desk."""
    desks: tuple[DeskState, ...]
    """All desks, so that a free one can be chosen; without their undo steps."""
    queue: tuple[QueueTicket, ...]
    """The first of the `total` who wait."""
    total: int
    only_here: int
    """Those of them whom no other open desk serves."""
    missed: tuple[MissedTicket, ...]
    day: MyDay
    faults: tuple[DeviceFault, ...]
    open: bool
    doubtful: bool
    """The machine's date is in doubt: ask to confirm it."""
    date: str
    held: bool = False
    """Another program holds the record's file: nothing can be written until it lets go."""
    issued: tuple[QueueTicket, ...] = ()
    """Given at a desk within the last minutes, newest first: to read the number out again."""
    recovered: tuple[AreaRecovered, ...] = ()


class AreaNow(Struct, frozen=True, kw_only=True):
    """One area today: numbers given, waiting, called or in service, served, absent."""

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
    """A paired device, whether it is connected, and what it last said of itself."""

    name: str
    role: DeviceRole
    connected: bool
    last_seen: Instant | None
    printer: PrinterState | Literal[""] = ""
    paper: PaperState | Literal[""] = ""
    sound: SoundState | Literal[""] = ""
    """Empty: it has not told yet."""


class PersonNow(Struct, frozen=True, kw_only=True):
    """Somebody who may sign in, and whether they are."""

    name: str
    role: PersonRole
    signed_in: bool
    settled: bool = True
    """Has a PIN of their own; the first manager, come in by a one-time PIN, has none yet."""


class ManagerView(Struct, frozen=True, kw_only=True):
    """What the manager's page shows of today."""

    date: str
    doubtful: bool
    open: bool
    opens_at: Instant | None
    areas: tuple[AreaNow, ...]
    desks: tuple[DeskState, ...]
    devices: tuple[DeviceNow, ...]
    people: tuple[PersonNow, ...]
    alarms: tuple[str, ...]
    """Each an `AlarmCode`, of some with what it is about: `tls_ends:<date>` `tls_over:<date>` `printer:<device>`
    `gone:<device>` `desk_left:<desk>`."""
    ratings: int
    satisfied: int
    """Ratings 4 and 5 today."""
    first_day: bool = False
    """No day before this one has numbers on record: the hall is being set up."""
    addresses: tuple[str, ...] = ()
    """Where other machines find this hall; none where it listens to its own machine alone."""
    target_minutes: int = 15
    """The wait that `within_target` is measured against."""


class TicketView(Struct, frozen=True, kw_only=True):
    """What a citizen's phone shows of one number: how many are ahead, or which desk calls it."""

    number: str
    area: str
    state: str
    ahead: int | None
    desk: str | None

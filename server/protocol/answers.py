"""What the server says: the welcome with everything about the hall, answers, errors."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from server.protocol.types import Colour, Instant, PriorityPolicy, Text


class AreaInfo(Struct, frozen=True, kw_only=True):
    """A service area: its code (a word), the digit its numbers begin with, its names, icon and colour."""

    code: str
    prefix: str
    name: Text
    short: Text = {}
    """One or two words, for the display; without them the name."""
    words: Text = {}
    """Everyday words under the name: "Khai sinh, kết hôn, chứng thực"."""
    icon: str = ""
    """A Material Design Icons name, e.g. `home-outline`."""
    color: Colour = "#0B5C6B"


class ProcedureInfo(Struct, frozen=True, kw_only=True):
    """A procedure of an area, with what a citizen needs for it."""

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
    """A desk, and the codes of the areas that it serves."""

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
    """Who is served first, and by how much."""

    rule: Text
    """Who has priority, in words, as shown above the two buttons."""
    short: Text
    """The same in a few words, for the display's foot."""
    policy: PriorityPolicy = "weight"
    weight: int = 4
    """`weight`: a minute of a priority person's wait counts as so many."""
    longest_wait: int = 30
    """`cap`: minutes of waiting after which nobody is overtaken by a priority number any more."""


class RatingInfo(Struct, frozen=True, kw_only=True):
    """The question at the kiosk after a visit, its levels of satisfaction, and reasons to be dissatisfied."""

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
    target_minutes: int = 15
    """The wait that the hall is measured against: longer ones are marked."""


class Welcome(Struct, frozen=True, kw_only=True, tag="welcome"):
    """The hall's answer to a `hello` that it takes: who you are, what the hall is, how far it has come."""

    protocol: int
    version: str
    role: str
    device: str
    """The device's name, the person's name, or the ticket's number."""
    hall: HallInfo
    seq: int
    now: str
    record: str = ""
    """Which hall's record this is: a kiosk that comes from another says nothing of that one's numbers here."""
    epoch: int = 0
    """How often the hall has gone on above what its record lost."""
    given: dict[str, str] = {}
    """To a kiosk: the last number of each area that it gave today, as the hall knows it."""


class View(Struct, frozen=True, tag="view"):
    """All that a role sees, whole, as of event `seq`."""

    seq: int
    view: msgspec.Raw


class Beat(Struct, frozen=True, tag="beat"):
    """The hall is there though nothing changes: its last event's `seq`, and its instant (ISO 8601)."""

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
    """The answer to the command of this id: a result, or an error."""

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
    """Codes of the desks that serve the area, open with somebody there; none while there is none."""
    issued_at: Instant
    token: str
    rating_code: str


class CallResult(Struct, frozen=True, kw_only=True):
    """The answer to a command that calls a number, or puts it back in the line."""

    ticket: int
    number: str
    at: Instant


class DeviceToken(Struct, frozen=True, kw_only=True):
    """The answer to `add_device`: said once, stored nowhere in clear."""

    token: str

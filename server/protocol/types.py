"""The words of the wire: codes, and what a well-formed value looks like."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

PROTOCOL: Final = 1
"""Raised when an older client could no longer work; `hello` with another number gets `update_needed`."""

MAX_FRAME: Final = 16 * 1024
"""The largest frame taken from a client, in bytes."""

DeviceRole = Literal["kiosk", "display", "rate"]
PageRole = Literal["desk", "manager"]
"""What a person's socket is for. A manager may come in as either, a clerk as `desk` alone."""
Role = Literal[DeviceRole, PageRole, "ticket"]
PersonRole = Literal["clerk", "manager"]

OutcomeCode = Literal[
    "received", "returned", "supplement", "refused", "extended", "stopped", "guided", "elsewhere", "not_ready"
]
PrintResult = Literal["confirmed", "sent"]
PrintFault = Literal["paper_out", "cover_open", "jam", "offline", "timeout", "unknown"]
PaperState = Literal["ok", "low", "out", "unknown"]
PrinterState = Literal["ok", PrintFault, "none"]
SoundState = Literal["ok", "off", "fault"]
PauseReason = Literal["break", "meeting", "fault", "end_of_hours", "away", "other"]

PriorityPolicy = Literal["weight", "first", "cap"]
"""How priority acts: see `server/hall/order.py`."""
Announcement = Literal["shown", "said"]
"""How far a display has come with a call: it stands on the board; its first reading has ended."""
Displays = Literal["said", "shown", "none"]
"""What becomes of a call now: a display reads it out, displays only show it, or none is connected."""
DeskStateCode = Literal["open", "paused", "closed"]
AtDesk = Literal["called", "serving"]
"""How a ticket stands at the desk that has it."""

CallReason = Literal["longest_wait", "priority", "requeued", "left_over", "taken_back", "by_number"]
"""Which rule put a number first: see `server/hall/order.py`; `by_number`: a clerk called it out of turn."""
CancelReason = Literal["citizen", "clerk", "absences"]
"""Who took a number back: its citizen at the kiosk, a clerk, or nobody, after too many absences."""
EndReason = Literal["day_end", "revoked"]
"""Why a desk or a visit ended though nobody pressed."""
Doubt = Literal["clock_ahead", "clock_behind", "clock_stepped"]
"""How the machine's clock contradicts the record."""
ConfirmedBy = Literal["person", "clock_returned"]
RecoveredBy = Literal["mark", "kiosk"]
"""Who knew that the record lacks something: the file beside it, or a kiosk."""
Because = Literal[
    CallReason, CancelReason, EndReason, Doubt, ConfirmedBy, RecoveredBy, PauseReason, PrintFault
]  # fmt: skip
"""Every reason that an event may carry."""
IssuedVia = Literal["kiosk", "desk", "lost"]
"""Where a number was taken; `lost`: the record had lost it, and its citizen came with the paper."""
RatedVia = Literal["code", "list", "number", "tablet", "phone"]
Via = Literal[IssuedVia, PrintResult, Announcement, RatedVia]
"""Every way that an event may have come."""

UNAUTHORISED: Final = 4401
"""Close code: whoever was welcome, or wished to be, is not (any more). The reason is a `SessionEnd`, an error's code,
or empty."""
UPDATE_NEEDED: Final = 4400
TOO_MANY: Final = 4429
"""Close code: there is no place. With the reason `replaced` it went to the same name's newer socket;
with `too_fast` it was taken from who sends too much."""
REPLACED: Final = "replaced"
SessionEnd = Literal["signed_out", "day_end", "pin_changed", "revoked", "unauthorised"]
"""The reason that a close with 4401 carries: why whoever was welcome is so no more."""

OpeningError = Literal["unauthorised", "forbidden", "update_needed", "too_many"]
"""Why a socket is not welcomed; `bad_message` apart."""
ErrorCode = Literal[
    OpeningError, "bad_message", "id_reused", "reports_busy", "busy", "internal", "closed", "unknown_area",
    "no_numbers_left", "too_fast", "too_late", "not_served", "already_rated", "unknown_number", "desk_taken",
    "ticket_open", "desk_not_open", "stale", "nobody_waiting", "still_called", "already_called", "too_soon",
    "not_allowed",
    "name_taken",
    "name_odd",
    "name_unknown",
    "last_manager",
    "token_gone",
]  # fmt: skip
"""Why a command is refused, or a socket closed. What each means stands in the manual."""
AlarmCode = Literal[
    "doubtful_date", "clock_stepped", "disk_low", "record_held", "record_damaged", "record_behind", "mark_unwritten",
    "many_numbers", "no_tls", "tls_ends", "tls_over", "printer", "gone", "desk_left",
]  # fmt: skip
"""What a manager is told of; the last five name something after a colon: a date, a device, a desk."""

Text = dict[str, str]
"""A text by language code: `{"vi": …, "en": …}`; `vi` is always there."""

# Patterns end in `\Z`: Python's `$` also stands before a line end.
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
LONGEST_NAME: Final = 40
"""Letters of a person's or device's name, and of a code."""
Code = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
ReasonCode = Code
"""Why somebody is dissatisfied: a key of the hall's own `rating.reasons`, which may be any."""
MOST_REASONS: Final = 20
Number = Annotated[str, Meta(pattern=r"^[0-9]{3,6}\Z")]
TicketId = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Pin = Annotated[str, Meta(pattern=r"^[0-9]{6,20}\Z")]
PaperCode = Annotated[str, Meta(pattern=r"^[0-9]{2}\Z")]
"""The two digits on a ticket that open its rating."""
Dossiers = Annotated[int, Meta(ge=0, le=999)]
Score = Annotated[int, Meta(ge=1, le=5)]
Comment = Annotated[str, Meta(max_length=500)]
Instant = Annotated[
    str,
    Meta(
        pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
        r"(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})\Z"
    ),
]
"""`2026-11-23T01:42:07.120Z`: clients reckon with it, so whoever speaks as the hall may send them nothing else."""
Colour = Annotated[str, Meta(pattern=r"^#[0-9A-Fa-f]{6}\Z")]
IsoDate = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]

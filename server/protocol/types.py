"""The words of the wire: codes, and what a well-formed value looks like."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

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
PauseReason = Literal["break", "meeting", "fault", "end_of_hours", "away", "other"]

PriorityPolicy = Literal["weight", "first", "cap"]
"""How priority acts: see `server/hall/order.py`."""
Announcement = Literal["shown", "said"]
"""How far a display has come with a call: it stands on the board; its first reading has ended."""
SessionEnd = Literal["signed_out", "day_end", "pin_changed", "revoked", "unauthorised"]
"""The reason that a close with 4401 carries: why whoever was welcome is so no more."""

Text = dict[str, str]
"""A text by language code: `{"vi": …, "en": …}`; `vi` is always there."""

# Patterns end in `\Z`: Python's `$` also stands before a line end.
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
Code = Annotated[str, Meta(min_length=1, max_length=40)]
ReasonCode = Code
"""Why somebody is dissatisfied: a key of the hall's own `rating.reasons`, which may be any."""
MOST_REASONS: Final = 20
Number = Annotated[str, Meta(pattern=r"^[0-9]{3,6}\Z")]
TicketId = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Pin = Annotated[str, Meta(pattern=r"^[0-9]{6,20}\Z")]
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

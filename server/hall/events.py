"""What can happen in a hall: one frozen record per kind of event. No I/O here.

An event's fields are columns of the record's `events` table, under the same names; an absent field is NULL there.
`at` is in milliseconds of UTC. Kinds and fields are history: they may be added to, never renamed or re-used.
A ticket's id is the `seq` of the event that issued it, so it is unique for ever and needs no counter of its own.
"""

from __future__ import annotations

from typing import Final, get_args

from msgspec import Struct

from server import protocol as p


class Event(Struct, frozen=True, kw_only=True):
    """What happened. `at`: ms UTC; it never runs backwards."""

    at: int


class DayOpened(Event, frozen=True, kw_only=True, tag="day_opened"):
    """A new local date begins: numbers start again. `because` is set where the machine's clock is in doubt."""

    day: str
    because: p.Doubt | None = None


class DayReopened(Event, frozen=True, kw_only=True, tag="day_reopened"):
    """Work goes on after the day was closed: the same date, the same numbers."""


class DayClosed(Event, frozen=True, kw_only=True, tag="day_closed"):
    """The day is over; what follows belongs to the next."""


class DateDoubted(Event, frozen=True, kw_only=True, tag="date_doubted"):
    """The machine's clock contradicts the record."""

    because: p.Doubt


class DateConfirmed(Event, frozen=True, kw_only=True, tag="date_confirmed"):
    """A person (or the clock, come back) said which date it is. The only event whose `at` may run backwards.

    `date` is the date of the day at hand (null: there is none, or it was closed); `taken_at` is the instant of
    this event by the clock before it was corrected.
    """

    date: str | None
    taken_at: int
    clerk: str | None = None
    because: p.ConfirmedBy | None = None


class Recovered(Event, frozen=True, kw_only=True, tag="recovered"):
    """The record lacks events that were on the disk, up to `ref`: it goes on with `ref` + 1, so that none of their
    tickets' ids comes twice. `because` says who knew: `mark` (the file beside the record) or `kiosk` (`device`)."""

    ref: int
    because: p.RecoveredBy
    device: str | None = None


class NumbersLost(Event, frozen=True, kw_only=True, tag="numbers_lost"):
    """Numbers up to this one are on papers today, known to the record or not. `taken_at`: it was given by then."""

    number: str
    taken_at: int
    device: str | None = None


class HoursSet(Event, frozen=True, kw_only=True, tag="hours_set"):
    """The day's open hours of one area, as the settings had them when it began: waits are measured in them."""

    area: str
    since: int
    until: int


class SessionOpened(Event, frozen=True, kw_only=True, tag="session_opened"):
    """An extra session outside the hours; without `until` it lasts until the last desk closes."""

    clerk: str | None = None
    desk: str | None = None
    until: int | None = None


class SessionClosed(Event, frozen=True, kw_only=True, tag="session_closed"):
    """The extra session is over."""


class DeskOpened(Event, frozen=True, kw_only=True, tag="desk_opened"):
    """A clerk sat down at a desk."""

    desk: str
    clerk: str


class DeskPaused(Event, frozen=True, kw_only=True, tag="desk_paused"):
    """A desk rests."""

    desk: str
    clerk: str
    because: p.PauseReason | None = None


class DeskClosed(Event, frozen=True, kw_only=True, tag="desk_closed"):
    """`because` is a pause reason, `day_end`, or `revoked` where the clerk's access was taken away."""

    desk: str
    clerk: str
    because: p.PauseReason | p.EndReason | None = None


class Issued(Event, frozen=True, kw_only=True, tag="issued"):
    """A citizen took (`via` kiosk) or was given (`via` desk) a number. `ticket` is this event's own `seq`.

    `via` lost: the record had lost it, and its citizen came with the paper. It was given by `taken_at`.
    """

    ticket: int
    visit: int = 1
    number: str
    area: str
    procedure: str | None = None
    priority: bool = False
    device: str | None = None
    desk: str | None = None
    clerk: str | None = None
    via: p.IssuedVia
    taken_at: int | None = None


class Printed(Event, frozen=True, kw_only=True, tag="printed"):
    """`via` is the print result: `confirmed`, or `sent` to a printer that cannot answer."""

    ticket: int
    device: str
    via: p.PrintResult


class PrintFailed(Event, frozen=True, kw_only=True, tag="print_failed"):
    """A paper did not come out, and why."""

    ticket: int
    device: str
    because: p.PrintFault


class ReprintAsked(Event, frozen=True, kw_only=True, tag="reprint_asked"):
    """`device` is the kiosk that is to print."""

    ticket: int
    device: str
    desk: str | None = None
    clerk: str | None = None
    via: p.IssuedVia


class Called(Event, frozen=True, kw_only=True, tag="called"):
    """`because` says which rule put the number first: see `order.why`."""

    ticket: int
    visit: int
    number: str
    area: str
    desk: str
    clerk: str
    because: p.CallReason


class Recalled(Event, frozen=True, kw_only=True, tag="recalled"):
    """A number was called once more."""

    ticket: int
    visit: int
    number: str
    area: str
    desk: str
    clerk: str


class Announced(Event, frozen=True, kw_only=True, tag="announced"):
    """A display told how far it has come with a call: `ref` is the call's `seq`, `via` is `shown` or `said`."""

    ticket: int
    visit: int
    number: str
    device: str
    ref: int
    via: p.Announcement


class Started(Event, frozen=True, kw_only=True, tag="started"):
    """Service began."""

    ticket: int
    visit: int
    desk: str
    clerk: str


class Finished(Event, frozen=True, kw_only=True, tag="finished"):
    """`because` is `day_end` or `revoked` where nobody pressed."""

    ticket: int
    visit: int
    desk: str
    clerk: str
    outcome: p.OutcomeCode | None = None
    dossiers: int | None = None
    because: p.EndReason | None = None


class WentMissing(Event, frozen=True, kw_only=True, tag="no_show"):
    """Whoever was called did not come."""

    ticket: int
    visit: int
    desk: str
    clerk: str


class OutcomeSet(Event, frozen=True, kw_only=True, tag="outcome_set"):
    """What came of a visit was told afterwards."""

    ticket: int
    visit: int
    clerk: str
    outcome: p.OutcomeCode | None = None
    """Null: taken back."""
    dossiers: int | None = None


class Requeued(Event, frozen=True, kw_only=True, tag="requeued"):
    """Back in the line, in a new visit, to be called after the next call of its area."""

    ticket: int
    visit: int
    number: str
    area: str
    desk: str
    clerk: str


class PrioritySet(Event, frozen=True, kw_only=True, tag="priority_set"):
    """A number got the priority mark, or lost it."""

    ticket: int
    priority: bool
    clerk: str


class Undone(Event, frozen=True, kw_only=True, tag="undone"):
    """`ref` is the `seq` of the event taken back."""

    ticket: int
    visit: int
    desk: str
    clerk: str
    ref: int


class Cancelled(Event, frozen=True, kw_only=True, tag="cancelled"):
    """A number was given up, by its kiosk or at a desk, and why."""

    ticket: int
    visit: int
    device: str | None = None
    desk: str | None = None
    clerk: str | None = None
    because: p.CancelReason


class Restored(Event, frozen=True, kw_only=True, tag="restored"):
    """The citizen took a cancellation back within seconds; `ref` is its `seq`."""

    ticket: int
    visit: int
    device: str
    ref: int


class Expired(Event, frozen=True, kw_only=True, tag="expired"):
    """The day was closed while the number still waited or was only called."""

    ticket: int
    visit: int


class Rated(Event, frozen=True, kw_only=True, tag="rated"):
    """A rating with the paper's code replaces one without: `ref`."""

    ticket: int
    visit: int
    score: int
    via: p.RatedVia
    device: str | None = None
    reasons: tuple[str, ...] = ()
    note: str | None = None
    """Reference of the comment, which stands in a table of its own."""
    ref: int | None = None


class CommentErased(Event, frozen=True, kw_only=True, tag="comment_erased"):
    """The words of a rating were erased."""

    ticket: int
    clerk: str


AnyEvent = (
    DayOpened | DayReopened | DayClosed | DateDoubted | DateConfirmed | Recovered | NumbersLost | HoursSet
    | SessionOpened | SessionClosed | DeskOpened | DeskPaused | DeskClosed | Issued | Printed | PrintFailed
    | ReprintAsked | Called | Recalled | Announced | Started | Finished | WentMissing | OutcomeSet | Requeued
    | PrioritySet | Undone | Cancelled | Restored | Expired | Rated | CommentErased
)  # fmt: skip

KINDS: Final[dict[str, type[Event]]] = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyEvent)}
"""Every kind by its name in the record."""


def kind_of(event: Event) -> str:
    """An event's kind, as the record has it: `issued`, `called` …"""
    return str(event.__struct_config__.tag)

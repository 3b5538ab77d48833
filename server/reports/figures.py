"""The figures of a period, by the definitions that are printed under every table. Reads the record, writes nothing.

* Wait: queued → the call that was answered, per visit, in open hours. Service: start → finish.
* No-show: tickets whose last stay ended absent / tickets issued. A ticket cancelled after its last absence counts.
* Index: satisfied ratings (of five levels the two best, of three the best) / ratings. Response: ratings of served
  visits / served visits.
* p90 and median: nearest rank. Supplement share: of visits with a recorded outcome.

Times are whole milliseconds; means are rounded to them. A ticket belongs to the desk and clerk of its last stay.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any, Final

from msgspec import Struct

from server.hall.calendar import Calendar
from server.hall.policy import least_satisfied
from server.reports.days import LAST, between

UPPER_TARGET_MINUTES: Final = 30
"""The older line of QĐ 468/QĐ-TTg (2022), drawn beside the present one."""


class Figures(Struct, frozen=True, kw_only=True):
    """One line of a report."""

    issued: int
    served: int
    """Tickets that ended served."""
    no_show: int
    cancelled: int
    expired: int
    visits: int
    """Stays that ended served: one ticket may have several."""
    waits: int
    """Answered calls."""
    mean_wait: int | None
    median_wait: int | None
    p90_wait: int | None
    within_target: int
    over_upper: int
    services: int
    mean_service: int | None
    outcomes: dict[str, int]
    unrecorded: int
    dossiers: int
    ratings: int
    """Of served visits."""
    scores: tuple[int, ...]
    """How many ratings of each level, worst first."""
    satisfied: int
    gave_up_ratings: int
    """Ratings by those who were absent or expired: told apart."""


class Line(Struct, frozen=True, kw_only=True):
    key: str
    figures: Figures


class Hour(Struct, frozen=True, kw_only=True):
    """Numbers taken in a local hour, and the waits that began in it: a come-back's begins when it is queued again."""

    hour: int
    issued: int
    waits: int
    mean_wait: int | None


class Report(Struct, frozen=True, kw_only=True):
    start: str
    end: str
    target_minutes: int
    days: int
    """Days on which the hall was open at all."""
    total: Figures
    areas: tuple[Line, ...]
    desks: tuple[Line, ...]
    clerks: tuple[Line, ...]
    by_day: tuple[Line, ...]
    hours: tuple[Hour, ...]
    reasons: dict[str, int]
    """Of the two lowest levels: how often each reason was given."""
    doubtful_days: tuple[str, ...]
    """Days opened while the clock was in doubt and never confirmed."""


Row = Any


def report(conn: Any, start: str, end: str, *, target_minutes: int, levels: int, calendar: Calendar) -> Report:
    """The figures from `start` to `end` (local ISO dates, both included)."""
    tickets = conn.execute(
        "SELECT t.*, v.desk, v.clerk, v.end FROM tickets t JOIN visits v ON v.ticket = t.id AND v.n = t.visits "
        "WHERE t.day BETWEEN ? AND ?",
        (start, end),
    ).fetchall()
    # By way of the tickets, whose days are indexed.
    visits = conn.execute(
        "SELECT v.* FROM tickets t JOIN visits v ON v.ticket = t.id WHERE t.day BETWEEN ? AND ?", (start, end)
    ).fetchall()

    def figures(tickets: Iterable[Row], visits: Iterable[Row]) -> Figures:
        return _figures(list(tickets), list(visits), target_minutes * 60_000, levels)

    def lines(key: Callable[[Row], str | None]) -> tuple[Line, ...]:
        keys = sorted({k for row in (*tickets, *visits) if (k := key(row)) is not None})
        by_ticket, by_visit = _grouped(tickets, key), _grouped(visits, key)
        return tuple(Line(key=k, figures=figures(by_ticket.get(k, ()), by_visit.get(k, ()))) for k in keys)

    return Report(
        start=start,
        end=end,
        target_minutes=target_minutes,
        days=len({row["day"] for row in tickets}),
        total=figures(tickets, visits),
        areas=lines(lambda row: row["area"]),
        desks=lines(lambda row: row["desk"]),
        clerks=lines(lambda row: row["clerk"]),
        by_day=lines(lambda row: row["day"]),
        hours=_hours(tickets, visits, calendar),
        reasons=_reasons(conn, start, end, tickets),
        doubtful_days=_doubtful(conn, start, end),
    )


def _grouped(rows: Iterable[Row], key: Callable[[Row], str | None]) -> dict[str, list[Row]]:
    out: dict[str, list[Row]] = {}
    for row in rows:
        k = key(row)
        if k is not None:
            out.setdefault(k, []).append(row)
    return out


def _figures(tickets: list[Row], visits: list[Row], target: int, levels: int) -> Figures:
    states = Counter(row["state"] for row in tickets)
    waits = sorted(row["waited"] for row in visits if row["waited"] is not None)
    served = [row for row in visits if row["end"] == "served"]
    services = [row["ended_at"] - row["started_at"] for row in served if row["started_at"] is not None]
    rated = [row["score"] for row in served if row["score"] is not None]
    scores = Counter(rated)
    no_show = sum(1 for row in tickets if row["end"] == "no_show")
    absent_cancelled = sum(1 for row in tickets if row["end"] == "no_show" and row["state"] == "cancelled")
    return Figures(
        issued=len(tickets),
        served=states["served"],
        no_show=no_show,
        cancelled=states["cancelled"] - absent_cancelled,
        expired=states["expired"],
        visits=len(served),
        waits=len(waits),
        mean_wait=mean(waits),
        median_wait=nearest_rank(waits, 0.5),
        p90_wait=nearest_rank(waits, 0.9),
        within_target=sum(1 for wait in waits if wait <= target),
        over_upper=sum(1 for wait in waits if wait > UPPER_TARGET_MINUTES * 60_000),
        services=len(services),
        mean_service=mean(services),
        outcomes=dict(sorted(Counter(row["outcome"] for row in served if row["outcome"] is not None).items())),
        unrecorded=sum(1 for row in served if row["outcome"] is None),
        dossiers=sum(row["dossiers"] or 0 for row in served),
        ratings=len(rated),
        scores=tuple(scores[level] for level in range(1, levels + 1)),
        satisfied=sum(1 for score in rated if score >= least_satisfied(levels)),
        gave_up_ratings=sum(1 for row in visits if row["end"] != "served" and row["score"] is not None),
    )


def mean(values: list[int]) -> int | None:
    """The mean in the values' unit, rounded; null of nothing."""
    return round(sum(values) / len(values)) if values else None


def nearest_rank(ordered: list[int], share: float) -> int | None:
    """The smallest value that at least `share` of the (sorted) values do not exceed; null of nothing."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def _hours(tickets: list[Row], visits: list[Row], calendar: Calendar) -> tuple[Hour, ...]:
    issued = Counter(calendar.local(row["issued_at"]).hour for row in tickets)
    waits: dict[int, list[int]] = {}
    for row in visits:
        if row["waited"] is not None:
            waits.setdefault(calendar.local(row["queued_at"]).hour, []).append(row["waited"])
    return tuple(
        Hour(hour=hour, issued=issued[hour], waits=len(waits.get(hour, ())), mean_wait=mean(waits.get(hour, [])))
        for hour in sorted(issued.keys() | waits.keys())
    )


def _reasons(conn: Any, start: str, end: str, tickets: Iterable[Row]) -> dict[str, int]:
    """Of each visit's standing (latest) rating. One pass over the events of the days: `rated` has no index."""
    counted = {row["id"] for row in tickets}
    latest: dict[tuple[int, int], int] = {}
    for seq, ticket, visit in conn.execute(
        "SELECT seq, ticket, visit FROM events WHERE seq BETWEEN ? AND ? AND kind = 'rated' ORDER BY seq",
        between(conn, start, end),
    ):
        if ticket in counted:
            latest[ticket, visit] = seq
    standing = set(latest.values())
    given = conn.execute(
        "SELECT seq, code FROM event_reasons WHERE seq BETWEEN ? AND ?",
        (min(standing, default=0), max(standing, default=0)),
    )
    return dict(sorted(Counter(code for seq, code in given if seq in standing).items()))


def _doubtful(conn: Any, start: str, end: str) -> tuple[str, ...]:
    opened = conn.execute("SELECT seq, day, because FROM events WHERE kind = 'day_opened' ORDER BY seq").fetchall()
    days = []
    for row, following in zip_longest(opened, opened[1:]):
        if row["because"] is None or not start <= row["day"] <= end:
            continue
        confirmed = conn.execute(
            "SELECT 1 FROM events WHERE seq BETWEEN ? AND ? AND kind = 'date_confirmed' LIMIT 1",
            (row["seq"] + 1, following["seq"] - 1 if following is not None else LAST),
        ).fetchone()
        if confirmed is None:
            days.append(row["day"])
    return tuple(days)

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
from bisect import bisect_right
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct

from server.hall.calendar import MINUTE, Calendar
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
    """The figures of one area, desk, clerk, hour or month."""

    key: str
    figures: Figures


class Hour(Struct, frozen=True, kw_only=True):
    """Numbers taken in a local hour, and the waits that began in it: a come-back's begins when it is queued again."""

    hour: int
    issued: int
    waits: int
    mean_wait: int | None


class Report(Struct, frozen=True, kw_only=True):
    """The figures of the days from `start` to `end` (dates, both included)."""

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


@dataclass
class _Sums:
    """What lines are made of: how many tickets and visits of each kind, and their times in ms."""

    tickets: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    """By (state, end of the last stay)."""
    visits: Counter[tuple[str | None, str | None, int | None, int | None]] = field(default_factory=Counter)
    """By (end, outcome, dossiers, score)."""
    waits: list[int] = field(default_factory=list)
    services: list[int] = field(default_factory=list)

    def add(self, other: _Sums) -> None:
        self.tickets.update(other.tickets)
        self.visits.update(other.visits)
        self.waits += other.waits
        self.services += other.services


@dataclass
class _Gathered:
    """All that is read of the tickets of some days, in one pass."""

    places: defaultdict[tuple[str, str | None, str | None], _Sums] = field(default_factory=lambda: defaultdict(_Sums))
    """By (area, desk, clerk)."""
    days: defaultdict[str, _Sums] = field(default_factory=lambda: defaultdict(_Sums))
    issued: Counter[int] = field(default_factory=Counter)
    """By local hour."""
    waits: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By the local hour in which they began."""
    ids: set[int] = field(default_factory=set)

    def by(self, part: int) -> dict[str, _Sums]:
        """The places' sums by area (0), desk (1) or clerk (2)."""
        out: defaultdict[str, _Sums] = defaultdict(_Sums)
        for place, sums in self.places.items():
            key = place[part]
            if key is not None:
                out[key].add(sums)
        return out


def report(conn: Any, start: str, end: str, *, target_minutes: int, levels: int, calendar: Calendar) -> Report:
    """The figures from `start` to `end` (local ISO dates, both included)."""
    found = _gather(conn, start, end, calendar)
    total = _Sums()
    for sums in found.places.values():
        total.add(sums)

    def figures(sums: _Sums) -> Figures:
        return _figures(sums, target_minutes * MINUTE, levels)

    def lines(groups: dict[str, _Sums]) -> tuple[Line, ...]:
        return tuple(Line(key=key, figures=figures(groups[key])) for key in sorted(groups))

    return Report(
        start=start,
        end=end,
        target_minutes=target_minutes,
        days=sum(1 for sums in found.days.values() if sums.tickets),
        total=figures(total),
        areas=lines(found.by(0)),
        desks=lines(found.by(1)),
        clerks=lines(found.by(2)),
        by_day=lines(found.days),
        hours=tuple(
            Hour(hour=hour, issued=found.issued[hour], waits=len(found.waits[hour]), mean_wait=mean(found.waits[hour]))
            for hour in sorted({*found.issued, *found.waits})
        ),
        reasons=_reasons(conn, start, end, found.ids),
        doubtful_days=_doubtful(conn, start, end),
    )


def _gather(conn: Any, start: str, end: str, calendar: Calendar) -> _Gathered:
    out = _Gathered()
    hours: dict[int, int] = {}

    def hour(at: int) -> int:
        """The local hour: no zone differs from another by less than a quarter."""
        quarter = at // (15 * MINUTE)
        known = hours.get(quarter)
        if known is None:
            known = hours[quarter] = calendar.local(at).hour
        return known

    with closing(conn.cursor()) as cursor:
        cursor.row_factory = None  # plain tuples: a quarter of the cost of rows with names
        # By way of the tickets, whose days are indexed.
        cursor.execute(
            "SELECT t.id, t.day, t.area, t.state, t.issued_at, t.visits = v.n, v.day, v.area, v.desk, v.clerk, v.end, "
            "v.outcome, v.dossiers, v.score, v.queued_at, v.waited, v.started_at, v.ended_at "
            "FROM tickets t JOIN visits v ON v.ticket = t.id WHERE t.day BETWEEN ? AND ?",
            (start, end),
        )
        for (
            id, of_day, of_area, state, issued_at, last, day, area, desk, clerk, ended,
            outcome, dossiers, score, queued_at, waited, started_at, ended_at,
        ) in cursor:  # fmt: skip
            if last:
                out.places[of_area, desk, clerk].tickets[state, ended] += 1
                out.days[of_day].tickets[state, ended] += 1
                out.issued[hour(issued_at)] += 1
                out.ids.add(id)
            for sums in (out.places[area, desk, clerk], out.days[day]):
                sums.visits[ended, outcome, dossiers, score] += 1
                if waited is not None:
                    sums.waits.append(waited)
                if ended == "served" and started_at is not None:
                    sums.services.append(ended_at - started_at)
            if waited is not None:
                out.waits[hour(queued_at)].append(waited)
    return out


def _figures(sums: _Sums, target: int, levels: int) -> Figures:
    waits = sorted(sums.waits)
    states: Counter[str] = Counter()
    no_show = absent_cancelled = 0
    for (state, ended), count in sums.tickets.items():
        states[state] += count
        if ended == "no_show":
            no_show += count
            absent_cancelled += count * (state == "cancelled")
    outcomes: Counter[str | None] = Counter()
    scores: Counter[int] = Counter()
    visits = all_dossiers = gave_up_ratings = 0
    for (ended, outcome, dossiers, score), count in sums.visits.items():
        if ended != "served":
            gave_up_ratings += count * (score is not None)
            continue
        visits += count
        outcomes[outcome] += count
        all_dossiers += count * (dossiers or 0)
        if score is not None:
            scores[score] += count
    return Figures(
        issued=states.total(),
        served=states["served"],
        no_show=no_show,
        cancelled=states["cancelled"] - absent_cancelled,
        expired=states["expired"],
        visits=visits,
        waits=len(waits),
        mean_wait=mean(waits),
        median_wait=nearest_rank(waits, 0.5),
        p90_wait=nearest_rank(waits, 0.9),
        within_target=bisect_right(waits, target),
        over_upper=len(waits) - bisect_right(waits, UPPER_TARGET_MINUTES * MINUTE),
        services=len(sums.services),
        mean_service=mean(sums.services),
        outcomes={code: outcomes[code] for code in sorted(code for code in outcomes if code is not None)},
        unrecorded=outcomes[None],
        dossiers=all_dossiers,
        ratings=scores.total(),
        scores=tuple(scores[level] for level in range(1, levels + 1)),
        satisfied=sum(count for score, count in scores.items() if score >= least_satisfied(levels)),
        gave_up_ratings=gave_up_ratings,
    )


def mean(values: list[int]) -> int | None:
    """The mean in the values' unit, rounded; null of nothing."""
    return round(sum(values) / len(values)) if values else None


def nearest_rank(ordered: list[int], share: float) -> int | None:
    """The smallest value that at least `share` of the (sorted) values do not exceed; null of nothing."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def _reasons(conn: Any, start: str, end: str, counted: set[int]) -> dict[str, int]:
    """Of each visit's standing (latest) rating. One pass over the events of the days: `rated` has no index."""
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
    opened = conn.execute(
        "SELECT seq, day, (SELECT min(seq) FROM events n WHERE n.kind = 'day_opened' AND n.seq > e.seq) AS following "
        "FROM events e WHERE kind = 'day_opened' AND because IS NOT NULL AND day BETWEEN ? AND ? ORDER BY seq",
        (start, end),
    ).fetchall()
    days = []
    for row in opened:
        confirmed = conn.execute(
            "SELECT 1 FROM events WHERE seq BETWEEN ? AND ? AND kind = 'date_confirmed' LIMIT 1",
            (row["seq"] + 1, row["following"] or LAST),
        ).fetchone()
        if confirmed is None:
            days.append(row["day"])
    return tuple(days)

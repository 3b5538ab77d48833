"""Every figure of a report, recomputed from the raw events alone. Shares no code with the product.

    python tests/recompute.py DIR START END     prints the figures as JSON

Written from the definitions in the README: wait = queued → the call that was answered, in open hours; service =
start → finish; no-show = tickets whose last stay ended absent. It also proves, as it reads, that no number is given
twice a day, that no desk holds two tickets, that each stay is left once and that time does not run backwards.
"""

from __future__ import annotations

import copy
import json
import math
import sqlite3
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

VIETNAM = timezone(timedelta(hours=7))


def read(folder: Path) -> tuple[list[dict[str, Any]], dict[int, list[str]]]:
    conn = sqlite3.connect(f"file:{folder / 'luot.db'}?mode=ro", uri=True)
    conn.row_factory = sqlite3.Row
    events = [dict(row) for row in conn.execute("SELECT * FROM events ORDER BY seq")]
    reasons = defaultdict(list)
    for seq, code in conn.execute("SELECT seq, code FROM event_reasons"):
        reasons[seq].append(code)
    conn.close()
    return events, reasons


def open_time(spans: list[list[int]], start: int, end: int) -> int:
    """Milliseconds of start…end within the union of the spans, counted span by span on a merged list."""
    total, reached = 0, start
    for since, until in sorted(spans):
        lower, upper = max(since, reached), min(until, end)
        if upper > lower:
            total += upper - lower
            reached = upper
    return total


class World:
    """What the events say, ticket by ticket, stay by stay."""

    def __init__(self, events: list[dict[str, Any]], reasons: dict[int, list[str]]) -> None:
        self.tickets: dict[int, dict[str, Any]] = {}
        self.reasons = reasons
        self.hours: dict[str, list[list[int]]] = defaultdict(list)
        self.extra: list[list[int]] = []
        self.desks: dict[str, int | None] = {}
        self.numbers: set[tuple[str, str]] = set()
        self.day = ""
        before = 0
        for event in events:
            assert event["at"] >= before or event["kind"] == "date_confirmed", f"time runs backwards at {event['seq']}"
            before = event["at"]
            getattr(self, "on_" + event["kind"], lambda _: None)(event)

    def on_day_opened(self, event: dict[str, Any]) -> None:
        assert all(desk is None for desk in self.desks.values()), "a desk kept a ticket over night"
        self.day, self.hours, self.extra = event["day"], defaultdict(list), []

    def on_day_closed(self, event: dict[str, Any]) -> None:
        for ticket in self.tickets.values():
            if ticket["day"] == self.day:
                assert ticket["state"] in {"served", "no_show", "cancelled", "expired"}, ticket
        for span in self.extra:
            span[1] = min(span[1], max(span[0], event["at"]))

    def on_hours_set(self, event: dict[str, Any]) -> None:
        self.hours[event["area"]].append([event["since"], event["until"]])

    def on_session_opened(self, event: dict[str, Any]) -> None:
        self.extra.append([event["at"], event["until"] or 2**60])

    def on_session_closed(self, event: dict[str, Any]) -> None:
        for span in self.extra:
            if span[1] == 2**60:  # a session of a set length goes on
                span[1] = max(span[0], event["at"])

    def on_issued(self, event: dict[str, Any]) -> None:
        key = (event["day"], event["number"])
        assert key not in self.numbers, f"{key} was given twice"
        self.numbers.add(key)
        self.tickets[event["ticket"]] = {
            "day": event["day"],
            "area": event["area"],
            "issued_at": event["at"],
            "state": "waiting",
            "stays": [self.stay(event["at"])],
            "steps": [],
        }

    @staticmethod
    def stay(at: int) -> dict[str, Any]:
        return {"queued": at, "desk": None, "clerk": None, "end": None, "waited": None, "start": None, "finish": None,
                "outcome": None, "dossiers": None, "score": None, "reasons": []}  # fmt: skip

    def step(self, event: dict[str, Any], allowed: set[str], state: str) -> dict[str, Any]:
        ticket = self.tickets[event["ticket"]]
        assert ticket["state"] in allowed, (event["kind"], ticket)
        ticket["steps"].append((event["seq"], ticket["state"], copy.deepcopy(ticket["stays"])))
        ticket["state"] = state
        assert len(ticket["stays"]) == event["visit"], "a stay was skipped"
        return ticket["stays"][-1]

    def on_called(self, event: dict[str, Any]) -> None:
        assert self.desks.get(event["desk"]) is None, f"desk {event['desk']} has two"
        stay = self.step(event, {"waiting"}, "called")
        stay.update(desk=event["desk"], clerk=event["clerk"], call=event["at"])
        self.desks[event["desk"]] = event["ticket"]

    def on_recalled(self, event: dict[str, Any]) -> None:
        ticket = self.tickets[event["ticket"]]
        assert ticket["state"] == "called"
        ticket["stays"][-1]["call"] = event["at"]

    def on_announced(self, event: dict[str, Any]) -> None:
        """No wait, stay or count depends on it."""
        assert self.tickets[event["ticket"]]["state"] == "called"

    def on_started(self, event: dict[str, Any]) -> None:
        stay = self.step(event, {"called"}, "serving")
        area = self.tickets[event["ticket"]]["area"]
        stay["start"] = event["at"]
        stay["waited"] = open_time(self.hours[area] + self.extra, stay["queued"], stay["call"])
        assert 0 <= stay["queued"] <= stay["call"] <= stay["start"]

    def leave(self, event: dict[str, Any], end: str, allowed: set[str], state: str) -> dict[str, Any]:
        stay = self.step(event, allowed, state)
        assert stay["end"] is None, "a stay was left twice"
        stay["end"] = end
        for desk, held in self.desks.items():
            if held == event["ticket"]:
                self.desks[desk] = None
        return stay

    def on_finished(self, event: dict[str, Any]) -> None:
        stay = self.leave(event, "served", {"serving"}, "served")
        stay.update(finish=event["at"], outcome=event["outcome"], dossiers=event["dossiers"])
        assert stay["start"] <= stay["finish"]

    def on_no_show(self, event: dict[str, Any]) -> None:
        self.leave(event, "no_show", {"called"}, "no_show")

    def on_cancelled(self, event: dict[str, Any]) -> None:
        if self.tickets[event["ticket"]]["state"] == "no_show":
            self.step(event, {"no_show"}, "cancelled")
        else:
            self.leave(event, "cancelled", {"waiting", "called"}, "cancelled")

    def on_restored(self, event: dict[str, Any]) -> None:
        ticket = self.tickets[event["ticket"]]
        seq, state, stays = ticket["steps"].pop()
        assert (seq, state, ticket["state"]) == (event["ref"], "waiting", "cancelled")
        ticket["state"], ticket["stays"] = state, stays

    def on_expired(self, event: dict[str, Any]) -> None:
        self.leave(event, "expired", {"waiting", "called"}, "expired")

    def on_requeued(self, event: dict[str, Any]) -> None:
        ticket = self.tickets[event["ticket"]]
        assert ticket["state"] in {"no_show", "served"}
        assert ticket["stays"][-1]["end"] is not None
        ticket["state"], ticket["steps"] = "waiting", []
        ticket["stays"].append(self.stay(event["at"]))

    def on_outcome_set(self, event: dict[str, Any]) -> None:
        self.tickets[event["ticket"]]["stays"][-1].update(outcome=event["outcome"], dossiers=event["dossiers"])

    def on_undone(self, event: dict[str, Any]) -> None:
        ticket = self.tickets[event["ticket"]]
        seq, state, stays = ticket["steps"].pop()
        assert seq == event["ref"]
        ticket["state"], ticket["stays"] = state, stays
        for desk, held in self.desks.items():
            if held == event["ticket"]:
                self.desks[desk] = None
        if state in {"called", "serving"}:
            assert self.desks.get(event["desk"]) is None
            self.desks[event["desk"]] = event["ticket"]

    def on_rated(self, event: dict[str, Any]) -> None:
        stay = self.tickets[event["ticket"]]["stays"][event["visit"] - 1]
        stay["score"] = event["score"]
        stay["reasons"] = self.reasons.get(event["seq"], [])


def rank(values: list[int], share: float) -> int | None:
    return sorted(values)[max(1, math.ceil(len(values) * share)) - 1] if values else None


def average(values: list[int]) -> int | None:
    return round(sum(values) / len(values)) if values else None


def figures(tickets: list[dict[str, Any]], stays: list[dict[str, Any]], target: int, levels: int) -> dict[str, Any]:
    waits = [stay["waited"] for stay in stays if stay["waited"] is not None]
    served = [stay for stay in stays if stay["end"] == "served"]
    services = [stay["finish"] - stay["start"] for stay in served]
    scores = [stay["score"] for stay in served if stay["score"] is not None]
    absent = [ticket for ticket in tickets if ticket["stays"][-1]["end"] == "no_show"]
    outcomes = Counter(stay["outcome"] for stay in served)
    unrecorded = outcomes.pop(None, 0)
    return {
        "issued": len(tickets),
        "served": sum(ticket["state"] == "served" for ticket in tickets),
        "no_show": len(absent),
        "cancelled": sum(ticket["state"] == "cancelled" and ticket not in absent for ticket in tickets),
        "expired": sum(ticket["state"] == "expired" for ticket in tickets),
        "visits": len(served),
        "waits": len(waits),
        "mean_wait": average(waits),
        "median_wait": rank(waits, 0.5),
        "p90_wait": rank(waits, 0.9),
        "within_target": sum(wait <= target for wait in waits),
        "over_upper": sum(wait > 30 * 60_000 for wait in waits),
        "services": len(services),
        "mean_service": average(services),
        "outcomes": dict(sorted(outcomes.items())),
        "unrecorded": unrecorded,
        "dossiers": sum(stay["dossiers"] or 0 for stay in served),
        "ratings": len(scores),
        "scores": [scores.count(level) for level in range(1, levels + 1)],
        "satisfied": sum(score >= {5: 4, 3: 3}[levels] for score in scores),
        "gave_up_ratings": sum(stay["score"] is not None for stay in stays if stay["end"] != "served"),
    }


def report(folder: Path, start: str, end: str, target_minutes: int = 15, levels: int = 5) -> dict[str, Any]:
    world = World(*read(folder))
    tickets = [ticket for ticket in world.tickets.values() if start <= ticket["day"] <= end]
    target = target_minutes * 60_000

    def lines(of_ticket: Any, of_stay: Any) -> list[dict[str, Any]]:
        keys = {of_ticket(ticket) for ticket in tickets} | {
            of_stay(ticket, stay) for ticket in tickets for stay in ticket["stays"]
        }
        return [
            {
                "key": key,
                "figures": figures(
                    [ticket for ticket in tickets if of_ticket(ticket) == key],
                    [stay for ticket in tickets for stay in ticket["stays"] if of_stay(ticket, stay) == key],
                    target,
                    levels,
                ),
            }
            for key in sorted(keys - {None})
        ]

    stays = [stay for ticket in tickets for stay in ticket["stays"]]

    def hour(at: int) -> int:
        return datetime.fromtimestamp(at / 1000, VIETNAM).hour

    taken = [hour(ticket["issued_at"]) for ticket in tickets]
    waits = [(hour(stay["queued"]), stay["waited"]) for stay in stays if stay["waited"] is not None]
    return {
        "start": start,
        "end": end,
        "target_minutes": target_minutes,
        "days": len({ticket["day"] for ticket in tickets}),
        "total": figures(tickets, stays, target, levels),
        "areas": lines(lambda ticket: ticket["area"], lambda ticket, _: ticket["area"]),
        "desks": lines(lambda ticket: ticket["stays"][-1]["desk"], lambda _, stay: stay["desk"]),
        "clerks": lines(lambda ticket: ticket["stays"][-1]["clerk"], lambda _, stay: stay["clerk"]),
        "by_day": lines(lambda ticket: ticket["day"], lambda ticket, _: ticket["day"]),
        "hours": [
            {
                "hour": h,
                "issued": taken.count(h),
                "waits": sum(began == h for began, _ in waits),
                "mean_wait": average([waited for began, waited in waits if began == h]),
            }
            for h in sorted({*taken, *(began for began, _ in waits)})
        ],
        "reasons": dict(sorted(Counter(code for stay in stays for code in stay["reasons"]).items())),
        "doubtful_days": [],
    }


if __name__ == "__main__":
    print(json.dumps(report(Path(sys.argv[1]), sys.argv[2], sys.argv[3]), ensure_ascii=False))

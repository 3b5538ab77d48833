"""What the day has come to, kept up step by step, is what walking through all its tickets gives."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

from server import protocol as p
from server.hall.order import Order
from server.hall.rules.case import Refused

AREAS = ("tu-phap", "dat-dai", "xa-hoi")
CLERKS = {"Hoa": "1", "Lan": "2", "Mai": "3"}


def walked(case: Any) -> dict[str, Any]:
    """The same figures from every ticket and every stay of the day."""
    hall, order = case.hall, Order(case.hall, case.now)
    today = list(hall.tickets.values())
    stays = [*hall.earlier, *today]
    found: dict[str, Any] = {}
    for area in AREAS:
        mine = [t for t in today if t.area == area]
        answered = [
            order.waited(t, t.called_at) // 1000
            for t in stays
            if t.area == area and t.state in {"serving", "served"} and t.called_at is not None
        ]
        waiting = [order.waited(t) // 1000 for t in mine if t.state == "waiting"]
        found[area] = (
            len(mine),
            len(waiting),
            sum(t.state in {"called", "serving"} for t in mine),
            sum(t.state == "served" for t in mine),
            sum(t.end == "no_show" for t in mine),
            max(waiting, default=0),
            len(answered),
            round(sum(answered) / len(answered)) if answered else None,
            round(1000 * sum(wait <= 900 for wait in answered) / len(answered)) if answered else None,
        )
    scores = [t.score for t in stays if t.score is not None and t.end == "served"]
    found["scores"] = (len(scores), sum(score >= case.policy.least_satisfied for score in scores))
    for clerk in CLERKS:
        served = [t for t in stays if t.clerk == clerk and t.state == "served"]
        times = [t.ended_at - t.started_at for t in served if t.started_at is not None]
        found[clerk] = (len(served), round(sum(times) / len(times) / 1000) if times else None)
    return found


def told(case: Any) -> dict[str, Any]:
    manager = case.views.manager(devices=(), people=(), alarms=(), target_seconds=900)
    found: dict[str, Any] = {
        area.code: (
            area.issued, area.waiting, area.serving, area.served, area.no_show, area.longest_wait,
            area.answered, area.mean_wait, area.within_target,
        )
        for area in manager.areas
        if area.code in AREAS
    }  # fmt: skip
    found["scores"] = (manager.ratings, manager.satisfied)
    for clerk in CLERKS:
        day = case.views.desk(clerk, ()).day
        found[clerk] = (day.served, day.service_seconds)
    return found


def step(case: Any, chance: random.Random) -> None:
    clerk = chance.choice(list(CLERKS))
    tickets = list(case.hall.tickets)
    some = chance.choice(tickets) if tickets else 1
    number = case.hall.tickets[some].number if tickets else "1001"
    desk = case.hall.desk_of(clerk)
    mine = desk.ticket if desk is not None else None
    case.wait(seconds=chance.choice([1, 20, 50, 200]))
    match chance.randrange(16):
        case 0 | 1 | 2:
            case.issue(chance.choice(AREAS), priority=chance.random() < 0.3)
        case 3 | 4:
            case.clerk(p.CallNext, clerk, ticket=mine)
        case 5:
            case.clerk(p.Start, clerk, ticket=mine or some)
        case 6:
            case.clerk(p.Finish, clerk, ticket=mine or some, outcome=chance.choice(["supplement", "received", None]))
        case 7:
            case.clerk(p.Recall, clerk, ticket=mine or some)
        case 8:
            case.clerk(p.NoShow, clerk, ticket=mine or some)
        case 9:
            case.clerk(p.Requeue, clerk, number=number)
        case 10:
            case.clerk(p.Undo, clerk, ticket=mine or some)
        case 11:
            case.clerk(p.Cancel, clerk, ticket=some)
        case 12:
            case.kiosk(p.Rate, ticket=some, score=chance.randint(1, 5))
        case 13:
            case.clerk(p.SetPriority, clerk, ticket=some, priority=chance.random() < 0.5)
        case 14:
            case.clerk(p.CallTicket, clerk, ticket=mine, number=number)
        case 15:
            case.manager(p.OpenSession, minutes=chance.choice([None, 30]))


@pytest.mark.parametrize("seed", range(20))
def test_the_tally_is_what_walking_through_the_day_gives(cases: Any, seed: int) -> None:
    chance = random.Random(seed)
    case = cases()
    case.clock("07:40")
    for clerk, desk in CLERKS.items():
        case.open(desk, clerk)
    for _ in range(250):
        with contextlib.suppress(Refused, KeyError):
            step(case, chance)
        assert told(case) == walked(case), case.log[-3:]
    assert any(t.state == "served" for t in case.hall.tickets.values())
    # A confirmed date moves the day's instants, and with its hours the waits.
    case.doubt = "clock_stepped"
    case.tick()
    case.doubt = None
    with contextlib.suppress(Refused):
        case.manager(p.ConfirmDate, date="2026-11-24")
    assert told(case) == walked(case)
    # And rebuilt from its events it says the same.
    again = case.again()
    case.hall = again
    assert told(case) == walked(case)

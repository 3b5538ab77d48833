"""Priority that keeps its word: the bound, the theory, and a full morning. All of them ask the product's own rule.

The closed form is Kleinrock's (1964; Stanford, Taylor, Ziedins 2014) for one desk and exponential services, and shares
no code with the product.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, replace
from statistics import fmean

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.hall.calendar import MINUTE
from server.hall.order import standing
from server.hall.policy import Policy
from tests.halls import FULL, size
from tests.server.conftest import DEFAULT, Case

pytestmark = pytest.mark.proof


def weighing(weight: int) -> Policy:
    """1: first come, first served."""
    return replace(Case().policy, weight=weight)


# --- 1: the bound -------------------------------------------------------------------------------------------


@given(
    arrivals=st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=14),
    gaps=st.lists(st.integers(0, 25), min_size=14, max_size=14),
    weight=st.integers(1, 8),
)
def test_only_who_came_in_the_first_part_of_its_wait_overtakes_a_number(
    arrivals: list[tuple[int, bool]], gaps: list[int], weight: int
) -> None:
    """Within (1 - 1/b) of the wait of whoever is overtaken."""
    case = Case(priority=msgspec.structs.replace(DEFAULT.priority, weight=weight), always_open=True)
    case.clock("08:00")
    case.open()
    waiting: dict[str, tuple[int, bool]] = {}
    called: list[tuple[str, int]] = []
    for (gap, priority), pause in zip(arrivals, gaps, strict=False):
        case.wait(minutes=gap)
        ticket = case.issue(priority=priority)
        waiting[ticket.number] = (case.now, priority)
        if pause % 3 == 0:
            called.append((case.serve().number, case.now - 3 * MINUTE))
    while case.hall.waiting("tu-phap"):
        case.wait(minutes=gaps[len(called) % len(gaps)])
        called.append((case.serve().number, case.now - 3 * MINUTE))
    when = dict(called)
    order = [number for number, _ in called]
    for at, number in enumerate(order):
        came, marked = waiting[number]
        for earlier in order[:at]:
            other, other_marked = waiting[earlier]
            if other > came and when[earlier] > came:
                assert other_marked
                assert not marked
                assert other - came <= (when[earlier] - came) * (1 - 1 / weight) + 1


# --- a desk in the abstract, whose rule is the product's ----------------------------------------------------


@dataclass(frozen=True)
class Visit:
    came: float
    service: float
    priority: bool


def waits(visits: list[Visit], policy: Policy, desks: int = 1) -> tuple[list[float], list[float]]:
    """The waits of the priority visits and of the others, in the visits' unit of time. Whoever is next is asked of
    :func:`standing`, at the instant at which a desk is free.
    """
    lines: dict[bool, deque[Visit]] = {True: deque(), False: deque()}
    out: dict[bool, list[float]] = {True: [], False: []}
    free = [0.0] * desks
    upcoming = deque(visits)

    def rank(priority: bool, now: float) -> tuple[int, float]:
        head = lines[priority][0]
        return standing(policy, priority=priority, waited=round((now - head.came) * 1e6)), head.came

    while upcoming or lines[True] or lines[False]:
        desk = min(range(desks), key=free.__getitem__)
        if not lines[True] and not lines[False] and upcoming:
            free[desk] = max(free[desk], upcoming[0].came)
        now = free[desk]
        while upcoming and upcoming[0].came <= now:
            visit = upcoming.popleft()
            lines[visit.priority].append(visit)
        kinds = [kind for kind in (True, False) if lines[kind]]
        chosen = min(kinds, key=lambda kind: rank(kind, now))
        visit = lines[chosen].popleft()
        out[chosen].append(now - visit.came)
        free[desk] = now + visit.service
    return out[True], out[False]


def poisson(n: int, rho: float, share: float, chance: random.Random) -> list[Visit]:
    """So many customers of mean service 1 at a load of `rho` of one desk."""
    at, out = 0.0, []
    for _ in range(n):
        at += chance.expovariate(rho)
        out.append(Visit(at, chance.expovariate(1.0), chance.random() < share))
    return out


def closed_form(rho: float, share: float, b: int) -> tuple[float, float]:
    """Mean waits of class 1 (priority) and class 2, for services of mean 1."""
    one, two = rho * share, rho * (1 - share)
    w0 = rho
    others = (w0 / (1 - rho)) / (1 - one * (1 - 1 / b))
    return w0 / (1 - rho) - two * others * (1 - 1 / b), others


# --- 2: the theory ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rho", [0.5, 0.8, 0.9])
def test_mean_waits_are_those_of_the_closed_form(rho: float) -> None:
    """Within 3 % at full size: five seeds of 200,000 customers."""
    share, customers = 0.2, size(40_000, 200_000)
    for b in (2, 4, 8):
        runs = [waits(poisson(customers, rho, share, random.Random(seed)), weighing(b)) for seed in range(size(2, 5))]
        found = [fmean(fmean(run[kind]) for run in runs) for kind in (0, 1)]
        wanted = closed_form(rho, share, b)
        apart = [one / other - 1 for one, other in zip(found, wanted, strict=True)]
        print(f"rho {rho}, b {b}: {found[0]:.3f} / {found[1]:.3f}, closed form {wanted[0]:.3f} / {wanted[1]:.3f}")
        assert max(map(abs, apart)) < (0.03 if FULL else 0.12), (b, apart)


# --- 3: never to its own harm -------------------------------------------------------------------------------


@pytest.mark.parametrize("desks", [1, 2])
@pytest.mark.parametrize("share", [0.05, 0.15, 0.3, 0.5])
def test_priority_never_waits_longer_than_the_others_on_average(share: float, desks: int) -> None:
    for rho in (0.6, 0.95):
        visits = poisson(size(10_000, 60_000), rho * desks, share, random.Random(7))
        priority, others = waits(visits, weighing(4), desks)
        assert fmean(priority) < fmean(others), (rho, share)


# --- 4: the morning after Tết -------------------------------------------------------------------------------


def tet_morning(seed: int) -> list[Visit]:
    """130 people between 7:00 and 11:00 in the waves of `luot simulate`, services of 3.5 min on average. In minutes."""
    chance = random.Random(seed)
    came = sorted(240 * chance.betavariate(1.3, 2.6) for _ in range(130))
    spread = 0.55
    mean = math.log(3.5) - spread**2 / 2
    return [Visit(at, chance.lognormvariate(mean, spread), chance.random() < 0.15) for at in came]


def p95(values: list[float]) -> float:
    return sorted(values)[bisect_left(range(len(values)), 0.95 * len(values) - 1)]


@pytest.mark.parametrize("desks", [1, 2])
def test_on_the_fullest_morning_priority_keeps_its_word(desks: int) -> None:
    mornings = [tet_morning(seed) for seed in range(50)]
    first_come = [waits(morning, weighing(1), desks) for morning in mornings]
    weighed = [waits(morning, weighing(4), desks) for morning in mornings]
    before = p95([wait for run in first_come for wait in run[0]])
    after = p95([wait for run in weighed for wait in run[0]])
    others = fmean(w for run in weighed for w in run[1]) / fmean(w for run in first_come for w in run[1]) - 1
    print(f"Tết, {desks} desk(s): p95 of priority {before:.0f} → {after:.0f} min; the others' mean {others:+.1%}")
    assert after <= 45
    assert others <= 0.16

"""Who is next: the written rule against a slow, plain model of it, and the promises that follow from it."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from server import protocol as p
from server.hall.order import Order
from server.hall.views.moment import Moment
from server.hall.views.ticket import ticket as ticket_view
from tests.server.conftest import DEFAULT


def by(policy: Any) -> Any:
    """The default hall's priority, by another policy."""
    return msgspec.structs.replace(DEFAULT.priority, policy=policy)


def test_longest_wait_first_over_a_desks_areas(case: Any) -> None:
    case.issue("ket-qua")
    case.wait(minutes=1)
    case.issue("tu-phap")
    case.wait(minutes=1)
    case.issue("ket-qua")
    case.open("2")  # serves tu-phap and ket-qua
    assert [case.serve().number for _ in range(3)] == ["6001", "1001", "6002"]


def test_priority_first(cases: Any) -> None:
    case = cases(priority=by("first"))
    case.issue()
    case.wait(minutes=60)
    case.issue(priority=True)
    case.issue()
    case.issue(priority=True)
    assert case.line() == ["1002", "1004", "1001", "1003"]


def test_with_a_cap_nobody_is_overtaken_after_the_longest_wait(cases: Any) -> None:
    case = cases(priority=by("cap"))
    case.issue()
    case.wait(minutes=31)
    case.issue(priority=True)
    case.issue()
    assert case.line() == ["1001", "1002", "1003"]


def test_with_a_weight_a_minute_of_priority_counts_as_four(case: Any) -> None:
    case.issue()
    case.wait(minutes=9)
    case.issue(priority=True)
    case.wait(minutes=2.9)
    assert case.line() == ["1001", "1002"]
    case.wait(minutes=0.2)  # 12.1 minutes, and four times 3.1
    assert case.line() == ["1002", "1001"]
    case.open()
    assert case.call().because == "priority"


def test_a_weight_counts_open_hours_only(case: Any) -> None:
    case.clock("11:10")
    case.issue()
    case.clock("11:28")
    case.issue(priority=True)
    case.clock("13:29")
    assert case.line() == ["1001", "1002"], "20 minutes, and four times 2; the lunch break counts for nobody"


def test_the_longest_wait_counts_open_hours_only(case: Any) -> None:
    case.clock("11:20")
    case.issue()
    case.clock("13:35")  # two hours later, but only fifteen minutes of them open
    assert Order(case.hall, case.now).waited(case.hall.tickets[case.hall.seq]) == 15 * 60_000


def test_the_mornings_leftovers_come_before_the_afternoons_priority(case: Any) -> None:
    case.clock("11:25")
    case.issue()
    case.issue(priority=True)
    case.clock("13:31")
    case.issue(priority=True)
    case.issue()
    case.wait(minutes=1)
    assert case.line() == ["1002", "1001", "1003", "1004"]
    case.open()
    assert case.call().because == "left_over"


def test_changing_the_mark_moves_a_number_and_back(case: Any) -> None:
    first, second, third = case.issue(), case.issue(), case.issue()
    case.open()
    case.wait(minutes=1)
    case.clerk(p.SetPriority, ticket=third.id, priority=True)
    assert case.line() == ["1003", "1001", "1002"]
    case.clerk(p.SetPriority, ticket=third.id, priority=False)
    assert case.line() == ["1001", "1002", "1003"]
    assert [case.ahead(t) for t in (first, second, third)] == [0, 1, 2]


def test_ahead_counts_shared_desks(case: Any) -> None:
    case.issue("tu-phap")
    case.wait(minutes=1)
    result = case.issue("ket-qua")
    assert case.ahead(result) == 0  # no desk is open: only its own line is certain
    case.open("2", "Hoa")  # both areas
    assert case.ahead(result) == 1
    case.open("4", "Lan")  # ket-qua, but not tu-phap: it may be called at once
    assert case.ahead(result) == 0


def test_ahead_counts_only_desks_with_somebody_there_as_the_paper_names_them(case: Any) -> None:
    case.issue("tu-phap")
    case.wait(minutes=1)
    ticket = case.issue("ket-qua")
    case.open("2", "Hoa")  # both areas
    case.open("4", "Lan")  # ket-qua, but not tu-phap

    def said(**away: Any) -> Any:
        result = Moment(case.hall, case.now, away).ticket_result(ticket)
        view = ticket_view(Moment(case.hall, case.now, away), ticket)
        assert view.ahead == result.ahead
        return result.desks, result.ahead

    assert said() == (("2", "4"), 0)
    since = case.now
    case.wait(minutes=2)
    assert said(Lan=since) == (("2",), 1), "desk 2 will call the other first"
    assert said(Hoa=since) == (("4",), 0)
    assert said(Hoa=since, Lan=since) == ((), 0), "nobody is there: only its own line is certain"


def test_the_display_shows_what_will_be_called(case: Any) -> None:
    for n in range(7):
        case.issue(priority=n % 3 == 2)
        case.wait(seconds=30)
    case.open()
    shown = case.views.display({}).areas[0]
    assert shown.waiting == 7
    assert shown.priority == (True, True, False, False, False)
    called = [case.call("Hoa")]
    for _ in range(4):  # at the same instant: each minute changes who is next
        case.clerk(p.Start, ticket=called[-1].id)
        case.clerk(p.Finish, ticket=called[-1].id)
        called.append(case.call("Hoa"))
    assert [ticket.number for ticket in called] == list(shown.next)


# --- against a model ----------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.sampled_from(["issue", "priority", "call", "undo", "absent", "back", "mark", "wait"]),
        st.integers(0, 5),
    ),
    max_size=40,
)


@given(steps=steps, policy=st.sampled_from(["weight", "first", "cap"]))
def test_the_line_is_the_written_rule(cases: Any, steps: Any, policy: Any) -> None:
    case = cases(absences=99, priority=by(policy))
    case.open("2")
    for what, n in steps:
        _step(case, what, n)
        for area in ("tu-phap", "ket-qua"):
            expected = _model(case, area)
            assert case.line(area) == expected
            shown = next(a for a in case.views.display({}).areas if a.code == area)
            assert list(shown.next) == expected[:5]
            kiosk = next(a for a in case.views.kiosk({}).areas if a.code == area)
            assert kiosk.waiting == len(expected)
    queue = case.views.desk("Hoa", ()).queue
    assert len(queue) == sum(len(case.line(area)) for area in ("tu-phap", "ket-qua"))
    if queue:
        head = queue[0].number
        if case.hall.desk("2").ticket is None:
            assert case.call().number == head
    assert case.again().tickets == case.hall.tickets


@given(steps=steps, policy=st.sampled_from(["weight", "first", "cap"]))
def test_ahead_is_kept(cases: Any, steps: Any, policy: Any) -> None:
    """Whoever is told "n ahead" by a lone desk is called after exactly n others, if nobody jumps the line."""
    case = cases(absences=99, priority=by(policy))
    case.open("2")
    for what, n in steps:
        _step(case, what, n)
    if (held := case.hall.desk("2").ticket) is not None:
        ticket = case.hall.tickets[held]
        if ticket.state == "called":
            case.clerk(p.Start, ticket=held)
        case.clerk(p.Finish, ticket=held)
    waiting = [t for t in case.hall.tickets.values() if t.state == "waiting"]
    promised = {t.number: case.ahead(t) for t in waiting}
    called = _serve_all(case, len(waiting))
    assert promised == {number: position for position, number in enumerate(called)}


def _serve_all(case: Any, count: Any) -> Any:
    out = []
    for _ in range(count):
        ticket = case.call()
        case.clerk(p.Start, ticket=ticket.id)
        case.clerk(p.Finish, ticket=ticket.id)
        out.append(ticket.number)
    return out


def _step(case: Any, what: Any, n: Any) -> None:
    area = "tu-phap" if n % 2 else "ket-qua"
    desk = case.hall.desk("2")
    held = case.hall.tickets.get(desk.ticket) if desk.ticket else None
    if what in {"issue", "priority"}:
        case.issue(area, priority=what == "priority")
    elif what == "wait":
        case.wait(minutes=1 + 7 * n)
        case.now = min(case.now, case.policy.calendar.instant("2026-11-23", "10:30"))
    elif what == "call" and held is None and any(case.hall.waiting(a) for a in ("tu-phap", "ket-qua")):
        case.call()
    elif what == "undo" and held is not None and held.before is not None and case.now - held.step_at < 60_000:
        case.clerk(p.Undo, ticket=held.id)
    elif what == "absent" and held is not None and held.state == "called":
        case.absent(held)
    elif what == "back":
        missed = [t for t in case.hall.tickets.values() if t.state == "no_show"]
        if missed:
            case.clerk(p.Requeue, number=missed[n % len(missed)].number)
    elif what == "mark":
        waiting = [t for t in case.hall.tickets.values() if t.state == "waiting"]
        if waiting:
            chosen = waiting[n % len(waiting)]
            case.clerk(p.SetPriority, ticket=chosen.id, priority=not chosen.priority)


def _model(case: Any, area: Any) -> Any:
    """The rule as it stands in `order.py`'s first lines, written down as plainly as can be."""
    hall, now = case.hall, case.now
    waiting = [t for t in hall.tickets.values() if t.state == "waiting" and t.area == area]
    calls = hall.area_calls.get(area, 0)
    cap = case.policy.longest_wait

    def waited(t: Any) -> Any:
        start = case.policy.calendar.instant("2026-11-23", "07:30")
        return now - max(t.queued_at, start)

    late = sorted((t for t in waiting if t.place == 1 and calls <= t.after_calls), key=lambda t: (t.queued_at, t.id))
    rest = [t for t in waiting if t not in late]
    rest.sort(key=lambda t: (t.queued_at, t.id))
    if case.policy.priority == "weight":
        rest.sort(key=lambda t: waited(t) * (4 if t.priority else 1), reverse=True)
    elif case.policy.priority == "first":
        rest.sort(key=lambda t: not t.priority)
    else:
        rest.sort(key=lambda t: 0 if t.priority or waited(t) >= cap else 1)
    rest.sort(key=lambda t: {2: 0, 1: 1, 0: 2}[t.place])
    return [t.number for t in (*rest[:1], *late, *rest[1:])]

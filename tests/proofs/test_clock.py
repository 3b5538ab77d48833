"""The machine's clock steps: numbers stay unique, waits do not go below nothing, no day is lost, the hall opens."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from server.hall.rules.case import Who
from server.live.clock import HallClock
from server.record.tables import sqlite3
from server.settings.process import Hours
from tests.halls import NO_LIMITS, events_of, hall, luot, new_id, until

pytestmark = pytest.mark.fault

SECOND, HOUR, DAY = 1000, 3_600_000, 86_400_000
YEARS = 365 * DAY


def instant(text: str) -> int:
    """Local time in Viet Nam → ms."""
    return round(datetime.fromisoformat(text + "+07:00").astimezone(UTC).timestamp() * 1000)


class Machine:
    """A PC whose wall clock can be stepped; its steady clock cannot."""

    def __init__(self, at: str) -> None:
        self.steady = 0
        self.wall = instant(at)

    def run_on(self, ms: int) -> None:
        self.steady += ms
        self.wall += ms

    def clock(self, last_at: int) -> HallClock:
        return HallClock("Asia/Ho_Chi_Minh", last_at, lambda: self.wall, lambda: self.steady)


def to(year: int) -> Any:
    """A step from wherever to the first of January of a year."""
    return lambda machine: instant(f"{year}-01-01T09:00:00") - machine.wall


STEPS = {
    "+1s": lambda _: SECOND,
    "-1s": lambda _: -SECOND,
    "+1h": lambda _: HOUR,
    "-1h": lambda _: -HOUR,
    "+1d": lambda _: DAY,
    "-1d": lambda _: -DAY,
    "1970": to(1970),
    "2036": to(2036),
}


async def take(h: Any, seat: Any, count: int = 2) -> Any:
    return [(await seat.ask(p.Issue, area="tu-phap"))["number"] for _ in range(count)]


async def serve(desk: Any) -> None:
    called = await desk.ask(p.CallNext, ticket=None)
    await desk.ask(p.Start, ticket=called["ticket"])
    await desk.ask(p.Finish, ticket=called["ticket"])


async def a_day(h: Any, machine: Any, ms: Any) -> Any:
    """Two numbers, one served; then so many ms, which end the day: the instant of its end, once the disk has it."""
    kiosk, desk = await h.kiosk(), await h.desk()
    await take(h, kiosk)
    await serve(desk)
    await desk.ask(p.CloseDesk, desk="1")
    machine.run_on(ms)
    rounds = h.service.rounds
    await until(lambda: not rounds.hall.day_open and rounds.seq == rounds.hall.seq)
    return rounds.hall.last_at


def sound(folder: Any) -> Any:
    checked = luot("check", data=folder)
    assert checked.returncode == 0, checked.stderr
    conn = sqlite3.connect(str(folder / "luot.db"))
    rows = conn.execute("SELECT day, number FROM tickets").fetchall()
    assert len(set(rows)) == len(rows)
    expired = conn.execute("SELECT count(*) FROM tickets WHERE state = 'expired'").fetchone()[0]
    conn.close()
    found = waits(folder)
    assert found
    assert min(found) >= 0
    assert max(found) < 4 * HOUR  # nobody waited for a step of the clock
    return expired


def waits(folder: Any) -> Any:
    """What the reports will count of each visit, in ms."""
    conn = sqlite3.connect(str(folder / "luot.db"))
    found = [row[0] for row in conn.execute("SELECT waited FROM visits WHERE waited IS NOT NULL ORDER BY ticket")]
    conn.close()
    return found


async def test_a_desk_that_nobody_came_back_to_is_seen_after_a_restart_under_a_doubt(tmp_path: Path) -> None:
    """The hall's time goes on from its last event then, hours before the machine's."""
    machine = Machine("2026-11-23T08:00:00")
    async with hall(tmp_path, clock=machine.clock(0)) as h:
        kiosk, _ = await h.kiosk(), await h.desk()
        machine.wall += 10 * HOUR
        await take(h, kiosk)
        assert h.service.rounds.hall.doubtful == "clock_stepped"
        last_at = h.service.rounds.hall.last_at
    async with hall(tmp_path, clock=machine.clock(last_at)) as h:
        assert h.service.rounds.hall.doubtful
        display = await h.display()
        assert any(area.desks_open for area in display.view.areas)
        machine.run_on(61 * SECOND)
        await until(lambda: not any(area.desks_open for area in display.view.areas))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("back", [True, False])
async def test_stepped_in_mid_morning_while_the_hall_runs(tmp_path: Path, step: Any, back: Any) -> None:
    """The day goes on: who waits still waits, the line keeps its order, the numbers go on."""
    machine = Machine("2026-11-24T09:30:00")
    by = STEPS[step](machine)
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(0)) as h:
        kiosk, desk = await h.kiosk(), await h.desk()
        assert await take(h, kiosk) == ["1001", "1002"]
        machine.run_on(5 * 60_000)
        await serve(desk)
        machine.wall += by
        await asyncio.sleep(1.2)  # a tick of the hall falls into the step
        assert await take(h, kiosk) == ["1003", "1004"]
        machine.run_on(60_000)
        await serve(desk)
        if back:
            machine.wall -= by
            await asyncio.sleep(1.2)
        else:
            await until(lambda: desk.view.doubtful == (abs(by) > 2 * 60_000))
        if not back and desk.view.doubtful:
            # A person says it is still the same day, whatever the machine says.
            await desk.ask(p.ConfirmDate, date="2026-11-24")
        await until(lambda: not desk.view.doubtful)
        machine.run_on(60_000)
        assert await take(h, kiosk) == ["1005", "1006"]
        await serve(desk)
        assert h.service.rounds.hall.day == "2026-11-24"
        assert await take(h, kiosk) == ["1007", "1008"]
    assert sound(tmp_path) == 0


@pytest.mark.parametrize("step", STEPS)
async def test_restarted_in_mid_morning_with_a_wrong_clock(tmp_path: Path, step: Any) -> None:
    """A power cut with a dead battery: the morning's line is still there, and the next number is the next."""
    machine = Machine("2026-11-24T09:30:00")
    by = STEPS[step](machine)
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(0)) as h:
        kiosk, desk = await h.kiosk(), await h.desk()
        await take(h, kiosk, 3)
        machine.run_on(5 * 60_000)
        await serve(desk)
        last_at = h.service.rounds.hall.last_at
    machine.run_on(60_000)
    machine.wall += by
    before = waits(tmp_path)
    assert len(before) == 1
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(last_at)) as h:
        kiosk = await h.seat("kiosk", await h.device("kiosk-2", "kiosk"))
        desk = await h.desk()
        if step == "+1d":  # a whole day later is what every next morning looks like: yesterday is over
            await asyncio.sleep(1.2)
            assert await take(h, kiosk) == ["1001", "1002"]
            await serve(desk)
        else:
            assert await take(h, kiosk) == ["1004", "1005"]
            await asyncio.sleep(1.2)
            if desk.view.doubtful:
                await desk.ask(p.ConfirmDate, date="2026-11-24")
                await until(lambda: not desk.view.doubtful)
            machine.run_on(60_000)
            assert await take(h, kiosk) == ["1006", "1007"]
            for _ in range(3):
                await serve(desk)
            assert h.service.rounds.hall.day == "2026-11-24"
    assert sound(tmp_path) == (2 if step == "+1d" else 0)
    after = waits(tmp_path)
    assert after[0] == before[0] == 5 * 60_000
    assert step == "+1d" or after[1] > 5 * 60_000, "the two who were there before waited through it"


@pytest.mark.parametrize("step", STEPS)
async def test_stepped_at_night(tmp_path: Path, step: Any) -> None:
    """Next morning the hall opens whatever the clock says, with a day and numbers of its own."""
    machine = Machine("2026-11-24T09:30:00")
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(0)) as h:
        last_at = await a_day(h, machine, round(9.6 * HOUR))
    machine.run_on(round(12.9 * HOUR))  # 08:00 next morning
    machine.wall += STEPS[step](machine)
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(last_at)) as h:
        kiosk = await h.seat("kiosk", await h.device("kiosk-2", "kiosk"))
        desk = await h.desk()  # opening a desk opens a session, where the clock says it is no time for one
        assert await take(h, kiosk) == ["1001", "1002"]
        await asyncio.sleep(1.2)
        if desk.view.doubtful:
            await desk.ask(p.ConfirmDate, date="2026-11-25")
        await until(lambda: not desk.view.doubtful)
        if step not in {"+1d", "-1h", "+1h", "+1s", "-1s"}:
            assert h.service.rounds.hall.day == "2026-11-25"
        assert await take(h, kiosk) == ["1003", "1004"]
        await serve(desk)
    days = {event["day"] for event in events_of(tmp_path) if event["kind"] == "issued"}
    assert len(days) >= 2
    sound(tmp_path)


async def test_a_clock_that_was_set_right_ends_the_doubt_by_itself(tmp_path: Path) -> None:
    """NTP arrives an hour after a start in 1970: nobody has to confirm anything."""
    machine = Machine("2026-11-23T09:00:00")
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(0)) as h:
        last_at = await a_day(h, machine, 10 * HOUR)
    machine.run_on(13 * HOUR)
    right = machine.wall
    machine.wall = instant("1970-01-01T00:00:00")
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(last_at)) as h:
        kiosk = await h.seat("kiosk", await h.device("kiosk-2", "kiosk"))
        assert await take(h, kiosk) == ["1001", "1002"]
        desk = await h.desk()
        await until(lambda: desk.view.doubtful)
        machine.wall = right
        await until(lambda: not desk.view.doubtful)
        assert h.service.rounds.hall.day == "2026-11-24"
        assert await take(h, kiosk) == ["1003", "1004"]
        await serve(desk)
    tickets = {(event["ticket"], event["day"]) for event in events_of(tmp_path) if event["kind"] == "issued"}
    assert len(tickets) == 6
    sound(tmp_path)


async def test_a_mistyped_date_is_corrected_by_the_manager(tmp_path: Path) -> None:
    """A finger slips when the date is confirmed: the manager says it again, and the day's numbers go on under it."""
    machine = Machine("2026-11-24T09:30:00")
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(0)) as h:
        last_at = await a_day(h, machine, round(9.6 * HOUR))
    machine.run_on(round(12.9 * HOUR))
    machine.wall += STEPS["1970"](machine)
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(last_at)) as h:
        kiosk, manager = await h.seat("kiosk", await h.device("kiosk-2", "kiosk")), await h.manager()
        desk = await h.desk()
        assert await take(h, kiosk) == ["1001", "1002"]
        await until(lambda: manager.view.doubtful)
        await manager.ask(p.ConfirmDate, date="2026-12-25")
        await until(lambda: manager.view.date == "2026-12-25" and not manager.view.doubtful)
        await serve(desk)
        assert (await desk.refused(p.ConfirmDate, date="2026-11-25")).code == "forbidden"
        await manager.ask(p.ConfirmDate, date="2026-11-25")
        await until(lambda: manager.view.date == "2026-11-25")
        assert await take(h, kiosk) == ["1003", "1004"]
        await serve(desk)
        machine.run_on(60_000)
        await manager.ask(p.ConfirmDate, date="2026-12-24")  # and once more, with people in the hall
        await manager.ask(p.ConfirmDate, date="2026-11-25")
        assert [h.service.rounds.hall.day, h.service.rounds.hall.waiting("tu-phap")] == ["2026-11-25", 2]
    days = {(event["ticket"], event["day"]) for event in events_of(tmp_path) if event["kind"] == "issued"}
    assert len(days) == 6
    assert sound(tmp_path) == 1


async def test_a_manager_corrects_a_date_that_no_clock_doubted(tmp_path: Path) -> None:
    """The PC was a day ahead at the first start: everybody who waits keeps the place."""
    machine = Machine("2026-11-25T09:30:00")
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(0)) as h:
        kiosk, desk, manager = await h.kiosk(), await h.desk(), await h.manager()
        await take(h, kiosk)
        await manager.ask(p.ConfirmDate, date="2026-11-24")
        assert h.service.rounds.hall.waiting("tu-phap") == 2
        assert await take(h, kiosk) == ["1003", "1004"]
        await serve(desk)
    assert sound(tmp_path) == 0


@pytest.mark.parametrize("together", [True, False])
async def test_a_number_taken_as_the_date_is_confirmed_joins_the_line_that_was_there(
    tmp_path: Path, together: Any
) -> None:
    """Nobody is at a desk yet. The clock goes back by years in the very round in which a citizen touches the kiosk."""
    machine = Machine("2026-11-20T09:00:00")
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(0)) as h:
        await take(h, await h.kiosk(), 1)
        last_at = h.service.rounds.hall.last_at
    machine.run_on(3 * DAY)
    machine.wall += STEPS["2036"](machine)
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(last_at)) as h:
        kiosk, desk = await h.seat("kiosk", await h.device("kiosk-2", "kiosk")), await h.desk("Hoa", None)
        await until(lambda: desk.view.doubtful)
        assert await take(h, kiosk, 1) == ["1002"]
        rounds, citizen, clerk = h.service.rounds, Who("kiosk", "kiosk-2"), Who("desk", "Hoa")
        said = [
            rounds.submit(p.ConfirmDate(id=new_id(), date="2026-11-23"), clerk),
            rounds.submit(p.Issue(id=new_id(), area="tu-phap"), citizen),
        ]
        replies = await asyncio.gather(*said) if together else [await one for one in said]
        assert json.loads(replies[1])["result"]["number"] == "1003"
        for _ in range(2):
            machine.run_on(HOUR)
            await asyncio.sleep(1.2)
        assert rounds.hall.waiting("tu-phap") == 3
        await desk.ask(p.OpenDesk, desk="1")
        machine.run_on(60_000)
        for _ in range(3):
            await serve(desk)
        assert rounds.hall.last_at == instant("2026-11-23T11:01:00")
    # In open hours: the first since nine on Friday, the others since nine today.
    assert [ms // 60_000 for ms in waits(tmp_path)] == [6 * 60 + 3 * 60 + 31, 121, 121]
    assert luot("check", data=tmp_path).returncode == 0


@pytest.mark.parametrize("step", ["+1d", "2036", "1970"])
async def test_a_doubt_outlives_a_restart(tmp_path: Path, step: Any) -> None:
    """Nobody said which date it is: a power cut in between is no answer."""
    machine = Machine("2026-11-24T09:30:00")
    by = STEPS[step](machine)
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(0)) as h:
        kiosk, desk = await h.kiosk(), await h.desk()
        await take(h, kiosk)
        machine.wall += by
        await until(lambda: desk.view.doubtful)
        await take(h, kiosk)
        last_at = h.service.rounds.hall.last_at
    async with hall(tmp_path, hours=Hours(), limits=NO_LIMITS, clock=machine.clock(last_at)) as h:
        desk = await h.desk()
        await asyncio.sleep(1.2)
        assert desk.view.doubtful
        await desk.ask(p.ConfirmDate, date="2026-11-24")
        await until(lambda: not desk.view.doubtful)
        assert h.service.rounds.hall.day == "2026-11-24"
        kiosk = await h.seat("kiosk", await h.device("kiosk-2", "kiosk"))
        assert await take(h, kiosk) == ["1005", "1006"]
        for _ in range(2):
            await serve(desk)
    sound(tmp_path)

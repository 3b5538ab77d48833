"""An hour with far more numbers than usual is an alarm, whoever gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from server import protocol as p
from server import service
from server.live import usual
from server.live.clock import SimulatedClock
from tests.halls import hall, until

DAY = 86_400_000
MORNING = 1_800_000_000_000


async def test_far_more_numbers_than_usual_are_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "COUNTED_EVERY", 0.05)
    monkeypatch.setattr(usual, "FEW", 12)
    clock = SimulatedClock(MORNING)
    async with hall(tmp_path, clock=clock) as h:
        kiosk = await h.kiosk()
        manager = await h.manager()
        for _ in range(5):
            await kiosk.ask(p.Issue, area="tu-phap")
        assert usual.ALARM not in manager.view.alarms
    clock = SimulatedClock(MORNING + DAY)
    async with hall(tmp_path, clock=clock) as h:
        manager = await h.manager("Lan")
        desk = await h.desk()
        for _ in range(15):  # three times the busiest hour of before
            await desk.ask(p.Issue, area="tu-phap")
        assert not usual.far_above(h.service.rounds.hall, MORNING + DAY, 5)
        await desk.ask(p.Issue, area="tu-phap")
        await until(lambda: usual.ALARM in manager.view.alarms)
        clock.at += 4_000_000
        await until(lambda: usual.ALARM not in manager.view.alarms)


async def test_a_hall_without_a_day_before_has_a_bound_of_its_own(tmp_path: Path) -> None:
    async with hall(tmp_path, clock=SimulatedClock(MORNING)) as h:
        kiosk = await h.kiosk()
        for _ in range(3):
            await kiosk.ask(p.Issue, area="tu-phap")
        found = h.service.rounds.hall
        conn = h.service.rounds.record.reader
        assert usual.busiest_hour(conn, found.day or "") is None
        assert usual.busiest_hour(conn, "2030-01-01") is None
        assert not usual.far_above(found, MORNING, None)

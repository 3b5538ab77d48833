"""Reports in a process of their own: one at a time, few wait, and none outlives the hall."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import psutil
from halls import hall, until

from server import protocol as p
from server.reports.apart import WAITING, TooMany
from server.reports.questions import ReportAsked

DAYS = ("2026-01-01", "2036-12-31")


def children() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it may just end
            if "server.reports" in one.cmdline():
                found.append(one)
    return found


async def test_one_at_a_time_and_few_wait(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        reports = h.service.office.reports
        asked = [asyncio.create_task(reports.ask(ReportAsked(*DAYS))) for _ in range(WAITING + 5)]
        seen = 0
        while not all(task.done() for task in asked):
            seen = max(seen, len(children()))
            await asyncio.sleep(0.01)
        assert seen == 1
        refused = [task for task in asked if isinstance(task.exception(), TooMany)]
        assert len(refused) == 4
        manager = await h.manager()
        asked = [asyncio.create_task(reports.ask(ReportAsked(*DAYS))) for _ in range(WAITING + 1)]
        await until(children)
        assert (await manager.refused(p.Report, start=DAYS[0], end=DAYS[1])).code == "reports_busy"
        await asyncio.gather(*asked)
        assert (await manager.ask(p.Report, start=DAYS[0], end=DAYS[1]))["days"] == 0


async def test_none_outlives_the_hall(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        asked = [asyncio.create_task(h.service.office.reports.ask(ReportAsked(*DAYS))) for _ in range(3)]
        await until(children)
        (process,) = children()
        process.suspend()  # it would take for ever
        begun = time.monotonic()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, BaseException) for one in found)
    assert not children()
    assert time.monotonic() - begun < 30

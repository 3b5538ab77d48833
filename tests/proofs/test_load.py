"""Many at once: no number twice, no ticket called twice, no press with two effects. Full size in `make proof`."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from tests.halls import NO_LIMITS, events_of, hall, luot, new_id, program, result_of, sitting, size

pytestmark = pytest.mark.load

AREAS = ("tu-phap", "dat-dai", "xa-hoi", "kinh-te", "van-phong", "ket-qua")


@pytest.mark.seconds(900)
async def test_64_kiosks_issue_at_once(tmp_path: Path) -> None:
    """Every answer is another number, every number an event, `seq` without a hole."""
    tickets = size(2_000, 20_000)
    with program(tmp_path) as found:
        tokens = [
            luot("device", "add", f"kiosk-{n}", "--role", "kiosk", data=tmp_path).stdout.strip() for n in range(2)
        ]
        answers: list[dict[str, Any]] = []
        left = iter(range(tickets))

        async def citizen(n: int) -> None:
            async with sitting(found.url, "kiosk", tokens[n % len(tokens)]) as seat:
                for i in left:
                    answers.append(await seat.ask(p.Issue, area=AREAS[i % len(AREAS)], priority=i % 7 == 0))

        await asyncio.gather(*(citizen(n) for n in range(64)))
        assert found.stop() == 0
    assert len(answers) == tickets
    assert len({answer["ticket"] for answer in answers}) == tickets
    assert len({answer["number"] for answer in answers}) == tickets
    events = events_of(tmp_path)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    issued = {event["ticket"]: event["number"] for event in events if event["kind"] == "issued"}
    assert issued == {answer["ticket"]: answer["number"] for answer in answers}
    check = luot("check", data=tmp_path)
    assert check.returncode == 0, check.stderr


async def test_two_desks_call_at_the_same_instant(tmp_path: Path) -> None:
    """2,000 pairs of presses: no ticket is called twice, no desk goes without."""
    pairs = size(200, 2_000)
    async with hall(tmp_path, limits=NO_LIMITS) as h:
        kiosk = await h.kiosk()
        hoa, lan = await h.desk("Hoa", "1"), await h.desk("Lan", "2")
        called: list[int] = []
        for _ in range(pairs):
            await asyncio.gather(*(kiosk.ask(p.Issue, area="tu-phap") for _ in range(2)))
            both = await asyncio.gather(hoa.ask(p.CallNext, ticket=None), lan.ask(p.CallNext, ticket=None))
            called += [result["ticket"] for result in both]
            for desk, result in zip((hoa, lan), both, strict=True):
                await desk.ask(p.Start, ticket=result["ticket"])
                await desk.ask(p.Finish, ticket=result["ticket"])
    assert len(called) == 2 * pairs
    assert max(Counter(called).values()) == 1
    calls = Counter(event["ticket"] for event in events_of(tmp_path) if event["kind"] == "called")
    assert max(calls.values()) == 1


async def test_two_tabs_of_one_desk_press_at_once(tmp_path: Path) -> None:
    """500 times: one press has its effect, the other is told `stale`."""
    presses = size(60, 500)
    async with hall(tmp_path, limits=NO_LIMITS) as h:
        kiosk = await h.kiosk()
        tab = await h.desk("Hoa", "1")
        other = await h.desk("Hoa", None)
        current = None
        for _ in range(presses):
            await kiosk.ask(p.Issue, area="tu-phap")
            replies = await asyncio.gather(
                *(seat.reply(p.CallNext(id=new_id(), ticket=current)) for seat in (tab, other))
            )
            assert sorted(reply.ok for reply in replies) == [False, True]
            lost = next(reply for reply in replies if not reply.ok)
            won = next(reply for reply in replies if reply.ok)
            assert isinstance(lost.error, p.Error)
            assert lost.error.code == "stale"
            current = result_of(won)["ticket"]
            assert lost.error.ticket == current
            await tab.ask(p.Start, ticket=current)
    events = events_of(tmp_path)
    assert sum(event["kind"] == "called" for event in events) == presses
    assert sum(event["kind"] == "finished" for event in events) == presses - 1

"""An open desk whose clerk's page is gone: marked, alarmed, and no longer counted on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server import protocol as p
from server.live.clock import SimulatedClock
from server.settings.process import Hours
from tests.halls import hall, until

MORNING = round(datetime(2026, 11, 23, 2, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000


def desk(view: Any, code: str = "1") -> Any:
    return next(found for found in view.desks if found.desk == code)


def area(view: Any, code: str = "tu-phap") -> Any:
    return next(found for found in view.areas if found.code == code)


async def test_a_desk_whose_page_is_gone_is_not_counted_on_until_it_is_back(tmp_path: Path) -> None:
    clock = SimulatedClock(MORNING)
    async with hall(tmp_path, clock=clock) as h:
        kiosk, display, manager = await h.kiosk(), await h.display(), await h.manager()
        hoa, lan = await h.desk("Hoa", "1"), await h.desk("Lan", "2")
        await kiosk.ask(p.Issue, area="tu-phap")
        await until(lambda: lan.view.total == 1 and area(kiosk.view).desks_open == ("1", "2"))
        assert lan.view.only_here == 0
        await hoa.leave()
        await until(lambda: len(h.service.sessions.of("desk")) == 1)
        clock.at += MINUTE // 2
        h.service.pushes.soon()
        await kiosk.ask(p.Issue, area="tu-phap")
        await until(lambda: area(kiosk.view).waiting == 2)
        assert area(kiosk.view).desks_open == ("1", "2"), "a short cut is nothing"
        clock.at += MINUTE
        h.service.pushes.soon()
        await until(lambda: area(kiosk.view).desks_open == area(display.view).desks_open == ("2",))
        await until(lambda: desk(manager.view).away_since == "2026-11-23T02:00:00.000Z")
        await until(lambda: lan.view.only_here == 2)
        assert desk(manager.view, "2").away_since is None
        assert "desk_left:1" not in manager.view.alarms
        clock.at += 4 * MINUTE
        h.service.pushes.soon()
        await until(lambda: "desk_left:1" in manager.view.alarms)
        back = await h.desk("Hoa", None)
        assert back.view.me.state == "open"
        await until(lambda: "desk_left:1" not in manager.view.alarms and desk(manager.view).away_since is None)
        await until(lambda: area(kiosk.view).desks_open == ("1", "2"))


async def test_a_second_page_of_the_clerk_is_enough_and_a_paused_desk_is_no_alarm(tmp_path: Path) -> None:
    clock = SimulatedClock(MORNING)
    async with hall(tmp_path, clock=clock) as h:
        manager, hoa, lan = await h.manager(), await h.desk("Hoa", "1"), await h.desk("Lan", "2")
        again = await h.desk("Hoa", None)
        await lan.ask(p.PauseDesk, desk="2")
        await hoa.leave()
        await lan.leave()
        await until(lambda: len(h.service.sessions.of("desk")) == 1)
        clock.at += 10 * MINUTE
        h.service.pushes.soon()
        await until(lambda: not any(person.signed_in for person in manager.view.people if person.name == "Lan"))
        await until(lambda: desk(manager.view, "2").state == "paused")
        assert desk(manager.view, "1").away_since is desk(manager.view, "2").away_since is None
        assert not [alarm for alarm in manager.view.alarms if alarm.startswith("desk_left")]
        await again.leave()
        clock.at += 6 * MINUTE
        h.service.pushes.soon()
        await until(lambda: "desk_left:1" in manager.view.alarms)


async def test_after_a_start_the_pages_have_their_time_to_come_back(tmp_path: Path) -> None:
    clock = SimulatedClock(MORNING)
    async with hall(tmp_path, clock=clock) as h:
        await h.desk("Hoa", "1")
    clock.at += 10 * MINUTE
    async with hall(tmp_path, clock=clock) as h:
        manager = await h.manager()
        assert desk(manager.view).state == "open"
        assert desk(manager.view).away_since is None
        clock.at += 6 * MINUTE
        h.service.pushes.soon()
        await until(lambda: "desk_left:1" in manager.view.alarms)
        assert desk(manager.view).away_since == "2026-11-23T02:10:00.000Z"


async def test_what_changes_by_time_alone_reaches_the_screens_in_the_second(tmp_path: Path) -> None:
    """A session that ends or begins is no event; neither is a minute without a clerk's page, nor an overtaking."""
    clock = SimulatedClock(MORNING)
    async with hall(tmp_path, hours=Hours(), clock=clock) as h:
        pushes = h.service.pushes
        kiosk, display, hoa = await h.kiosk(), await h.display(), await h.desk("Hoa", "1")
        await kiosk.ask(p.Issue, area="tu-phap")
        clock.at += 20 * MINUTE
        await kiosk.ask(p.Issue, area="tu-phap", priority=True)

        async def quiet() -> None:
            """All that has happened is on the screens."""
            pushes.soon()
            await until(lambda: pushes._later is None and pushes._settled_by_time())

        await quiet()
        for _ in range(5):
            clock.at += 1000
            assert pushes._settled_by_time(), "waits grow, and no screen shows them"

        await hoa.leave()
        await until(lambda: not h.service.sessions.of("desk"))
        await quiet()
        clock.at += 61_000
        assert not pushes._settled_by_time(), "nobody sits at the desk any more"
        await quiet()
        clock.at += 10 * MINUTE
        assert not pushes._settled_by_time(), "the priority number has overtaken the other"
        await quiet()
        clock.at = h.service.rounds.hall.policy.calendar.instant("2026-11-23", "11:30")
        assert not pushes._settled_by_time(), "the morning's session is over"
        await until(lambda: not kiosk.view.open and not display.view.open)


async def test_kiosks_are_told_whether_a_call_is_heard_or_seen_at_all(tmp_path: Path) -> None:
    """They promise it to whoever has just taken a number."""
    async with hall(tmp_path) as h:
        kiosk = await h.kiosk()
        await until(lambda: kiosk.view.announces == "none")
        display = await h.display()
        await until(lambda: kiosk.view.announces == "shown")
        for sound, told in (("ok", "said"), ("fault", "shown"), ("ok", "said"), ("off", "shown")):
            await display.ask(p.Status, sound=sound, screen="1920x1080")
            await until(lambda told=told: kiosk.view.announces == told)
        for sound, told in (("ok", "said"), ("fault", "none")):  # the TV is switched off
            await display.ask(p.Status, sound=sound, screen="off")
            await until(lambda told=told: kiosk.view.announces == told)
        await display.ask(p.Status, sound="fault", screen="1920x1080")
        await until(lambda: kiosk.view.announces == "shown")
        await display.leave()
        await until(lambda: kiosk.view.announces == "none")


async def test_neither_an_answer_nor_a_paper_names_a_desk_whose_page_is_gone(tmp_path: Path) -> None:
    """What `issue` and `reprint` answer is printed; it says what the kiosk's screen says at that moment."""
    clock = SimulatedClock(MORNING)
    async with hall(tmp_path, clock=clock) as h:
        kiosk, hoa, lan = await h.kiosk(), await h.desk("Hoa", "1"), await h.desk("Lan", "2")
        first = await kiosk.ask(p.Issue, area="tu-phap")
        assert first["desks"] == ["1", "2"]
        await hoa.leave()
        await until(lambda: len(h.service.sessions.of("desk")) == 1)
        assert (await kiosk.ask(p.Issue, area="tu-phap"))["desks"] == ["1", "2"], "a short cut is nothing"
        clock.at += 2 * MINUTE
        given = await kiosk.ask(p.Issue, area="tu-phap")
        again = await lan.ask(p.Reprint, ticket=first["ticket"])
        await until(lambda: kiosk.view.jobs and area(kiosk.view).desks_open == ("2",))
        assert given["desks"] == again["desks"] == list(kiosk.view.jobs[0].ticket.desks) == ["2"]
        await lan.ask(p.CloseDesk, desk="2")
        nowhere = await kiosk.ask(p.Issue, area="tu-phap")
        assert nowhere["desks"] == [], "nobody is there: no desk is named that may stay closed all day"
        again = await kiosk.ask(p.Reprint, ticket=nowhere["ticket"])
        assert again["desks"] == []

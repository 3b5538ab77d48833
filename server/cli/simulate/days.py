"""`luot simulate`: seeded days of virtual citizens and clerks, over real sockets, on a simulated clock.

The hall that serves them is the real one; only its clock is moved by the script. Everything random comes from the
seed, so the same seed makes the same days. Refused on a folder that holds real days.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import random
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from server import protocol as p
from server.client.client import Client, Refusal
from server.hall.calendar import MINUTE, Calendar
from server.live.clock import SimulatedClock
from server.service import Service
from server.settings.process import Config, Limits

FIRST_DAY: Final = date(2026, 9, 7)
SECOND: Final = 1000
MIX: Final = {"tu-phap": 0.66, "ket-qua": 0.12, "dat-dai": 0.07, "xa-hoi": 0.07, "kinh-te": 0.03, "van-phong": 0.05}
"""Share of the arrivals by area: one area has most of the load, as in real wards."""
SERVICE_MINUTES: Final = {"tu-phap": 4.0, "ket-qua": 2.0, "dat-dai": 11.0, "xa-hoi": 8.0, "kinh-te": 7.0}
OUTCOMES: Final[dict[str, tuple[p.OutcomeCode, ...]]] = {
    "tu-phap": ("received", "received", "returned", "returned", "supplement", "guided"),
    "ket-qua": ("returned", "returned", "returned", "not_ready"),
}
REASONS: Final[tuple[p.ReasonCode, ...]] = ("wait", "guidance", "manner")
USUAL: Final[tuple[p.OutcomeCode, ...]] = (
    "received",
    "received",
    "supplement",
    "guided",
    "refused",
    "extended",
    "elsewhere",
)


class RealDays(Exception):
    """The folder holds days that really were: nothing is invented beside them."""


async def run(data: Path, *, tickets: int, days: int, desks: int, seed: int) -> str:
    """Simulate `days` working days of about `tickets` each; returns a sentence. Raises :class:`RealDays`, `Owned`."""
    clock = SimulatedClock(0)
    limits = Limits(tickets_per_minute=0, messages_per_second=0, sockets_per_address=0)
    service = Service(data, Config(host="127.0.0.1", port=0, limits=limits), clock=clock)
    async with service, AsyncExitStack() as stack:
        if service.rounds.hall.day is not None and not service.rounds.record.simulated():
            raise RealDays(f"{data} holds real days; simulate in a folder of its own")
        # Before the rounds begin: the first of them would find this transaction open, and end the hall.
        await service.rounds.commit_alone(service.rounds.record.mark_simulated(service.rounds.head))
        running = asyncio.create_task(service.run())
        stack.push_async_callback(_stop, running)
        day = service.rounds.hall.day
        # Further days of a folder are other days: the same ids again would be answered with what was done before.
        chance = random.Random(seed if day is None else f"{seed} after {day}")
        script = _Script(service, clock, chance, desks)
        await script.connect(stack)
        script.day = date.fromisoformat(day) + timedelta(days=1) if day else FIRST_DAY
        for _ in range(days):
            while script.day.weekday() >= 5:
                script.day += timedelta(days=1)
            await script.work(tickets)
            script.day += timedelta(days=1)
        return f"{data}: {days} days, {script.issued} tickets, {script.ratings} ratings"


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


Step = Callable[[], Awaitable[None]]


class _Script:
    """The virtual time: steps in order of their instants, each a few commands."""

    def __init__(self, service: Service, clock: SimulatedClock, chance: random.Random, desks: int) -> None:
        self.service, self.clock, self.chance = service, clock, chance
        self.desk_codes = list(service.in_force.settings.desks)[:desks]
        self.calendar: Calendar = service.in_force.policy().calendar
        self.day = FIRST_DAY
        self.issued = self.ratings = 0
        self._steps: list[tuple[int, int, Step]] = []
        self._order = count()
        self.kiosks: list[Client[p.KioskView]] = []
        self.clerks: list[_Clerk] = []
        self.codes: dict[int, tuple[str, str]] = {}

    async def connect(self, stack: AsyncExitStack) -> None:
        """Pair two kiosks and sign in the clerks."""
        url = f"http://127.0.0.1:{self.service.port}"
        for n in (1, 2):
            name = f"kiosk-{n}"
            if name in self.service.access.devices:
                await self.service.do({"do": "revoke", "kind": "device", "name": name})
            added = await self.service.do({"do": "device", "name": name, "role": "kiosk"})
            self.kiosks.append(Client(url, role="kiosk", token=added["result"]["token"], view=p.KioskView))
        names = ("Hoa", "Lan", "Minh", "Tuấn", "Thảo", "Dũng", "Hạnh", "Sơn", "Nga")
        for desk, name in zip(self.desk_codes, names, strict=False):
            if name not in self.service.access.people:
                pin = f"{self.chance.randrange(10**6):06d}"
                await self.service.do({"do": "person", "name": name, "role": "clerk", "pin": pin})
            self.clerks.append(_Clerk(self, name, desk.code, url))
        for client in self.kiosks:
            stack.push_async_callback(_stop, asyncio.create_task(client.run()))
        for clerk in self.clerks:
            stack.push_async_callback(clerk.leave)

    def at(self, instant: float, step: Step) -> None:
        heapq.heappush(self._steps, (round(instant), next(self._order), step))

    def later(self, seconds: float, step: Step) -> None:
        self.at(self.clock.at + seconds * SECOND, step)

    def id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    async def work(self, tickets: int) -> None:
        """One day, from before the first session until it is closed."""
        day = self.day.isoformat()
        spans = self.calendar.spans(day)
        self.clock.at = spans[0][0] - 20 * MINUTE
        for clerk in self.clerks:
            clerk.plan(spans)
        for start, end in spans:
            share = (end - start) / sum(until - since for since, until in spans)
            for _ in range(round(tickets * share * self.chance.uniform(0.9, 1.1))):
                # Waves: most come in the first third of a session.
                when = start + (end - start - 5 * MINUTE) * self.chance.betavariate(1.3, 2.6)
                self.at(when, self.arrive)
        while self._steps:
            instant, _, step = heapq.heappop(self._steps)
            self.clock.at = max(self.clock.at, instant)
            await step()
        # The day's end signs everybody out; who stayed would take the old session for a living one next morning.
        for clerk in self.clerks:
            await clerk.leave()
        self.clock.at = max(
            self.clock.at, spans[-1][1] + self.service.in_force.settings.day_end_minutes * MINUTE + MINUTE
        )
        async with asyncio.timeout(30):
            while self.service.rounds.hall.day_open:  # the end of the day is the hall's own doing
                self.service.rounds.wake()
                await asyncio.sleep(0.01)
            # Closed in memory: the last day's end must be on the disk before the hall is stopped.
            landed = asyncio.Event()
            self.service.rounds.show(lambda: None, lambda _: landed.set())
            await landed.wait()

    # --- citizens -------------------------------------------------------------------------------------------

    async def arrive(self) -> None:
        """Somebody takes a number; may have chosen wrongly; gets paper, or not."""
        areas = [area.code for area in self.service.in_force.settings.areas]
        area = self.chance.choices(areas, [MIX.get(area, 0.02) for area in areas])[0]
        offered = [item.code for item in self.service.in_force.settings.procedures if item.area == area]
        procedure = self.chance.choice(offered) if offered and self.chance.random() < 0.6 else None
        priority = self.chance.random() < 0.14
        given_by = self.chance.choice(self.clerks) if self.chance.random() < 0.03 else None
        asker = given_by.client if given_by is not None and given_by.sits else self.chance.choice(self.kiosks)
        result = await self._ask(asker, p.Issue(id=self.id(), area=area, procedure=procedure, priority=priority))
        if result is None:
            return
        self.issued += 1
        ticket = result["ticket"]
        self.codes[ticket] = (result["number"], result["rating_code"])
        if asker not in self.kiosks:
            return
        if self.chance.random() < 0.02:
            self.later(8, lambda: self._do(asker, p.Cancel(id=self.id(), ticket=ticket)))
            return
        if self.chance.random() < 0.01:
            await self._ask(asker, p.PrintFailed(id=self.id(), ticket=ticket, reason="paper_out"))
        else:
            await self._ask(asker, p.Printed(id=self.id(), ticket=ticket, result="confirmed"))

    async def rate(self, ticket: int) -> None:
        """One in seven rates, nearly all kindly; by code, by number or from the list."""
        number, code = self.codes[ticket]
        score = self.chance.choices((1, 2, 3, 4, 5), (2, 3, 8, 27, 60))[0]
        reasons = tuple(self.chance.sample(REASONS, 2)) if score <= 2 else ()
        comment = "Cán bộ hướng dẫn tận tình" if self.chance.random() < 0.05 else None
        how: dict[str, Any] = self.chance.choices(
            ({"number": number, "code": code}, {"number": number}, {"ticket": ticket}), (6, 2, 2)
        )[0]
        command = p.Rate(id=self.id(), score=score, reasons=reasons, comment=comment, **how)
        if await self._ask(self.chance.choice(self.kiosks), command) is not None:
            self.ratings += 1

    async def _do(self, client: Client[Any], command: p.Command) -> None:
        await self._ask(client, command)

    async def _ask(self, client: Client[Any], command: p.Command) -> Any:
        """The result, or null for a refusal: citizens and clerks do ask in vain."""
        try:
            return await client.ask(command, timeout=30)
        except Refusal:
            return None


class _Clerk:
    """A clerk at one desk: opens, calls, waits, serves, forgets, goes for tea."""

    def __init__(self, script: _Script, name: str, desk: str, url: str) -> None:
        self.script, self.name, self.desk, self.url = script, name, desk, url
        self.sits = False
        self.until = 0
        self._pause = 0.0
        self.client: Client[p.DeskView] = self._client("")
        self._task: asyncio.Task[None] | None = None

    def _client(self, token: str) -> Client[p.DeskView]:
        return Client(self.url, role="desk", token=token, view=p.DeskView)

    def plan(self, spans: tuple[tuple[int, int], ...]) -> None:
        """Come for each session of the day, a little late; now and then not at all."""
        if self.script.chance.random() < 0.04 and len(self.script.clerks) > 1:
            return
        for start, end in spans:
            self.script.at(start + self.script.chance.uniform(-4, 6) * MINUTE, partial(self.open, end))
            if self.script.chance.random() < 0.5:
                self.script.at((start + end) / 2, self.take_a_break)

    async def open(self, until: int) -> None:
        if self._task is None:
            await self._sign_in()
        self.until = until
        self.sits = await self._ask(p.OpenDesk(id=self.script.id(), desk=self.desk)) is not None
        if self.sits:
            self._pause = 0.0
            self.script.later(2, self.free)

    async def _sign_in(self) -> None:
        """Sessions end with the day: each morning the clerk signs in."""
        await self.leave()
        token = await self.script.service.people.sign_in(self.name)
        if token is None:
            raise RuntimeError("the record took no sign-in")
        self.client = self._client(token)
        self._task = asyncio.create_task(self.client.run())

    async def leave(self) -> None:
        if self._task is not None:
            await _stop(self._task)
            self._task = None

    async def take_a_break(self) -> None:
        self._pause = self.script.chance.uniform(5, 15)

    async def free(self) -> None:
        """Nobody at the desk: call the next, rest, or go."""
        chance = self.script.chance
        if self._pause:
            minutes, self._pause = self._pause, 0.0
            await self._ask(p.PauseDesk(id=self.script.id(), desk=self.desk, reason="break"))
            self.script.later(minutes * 60, self._back)
            return
        called = await self._ask(p.CallNext(id=self.script.id(), ticket=None))
        if called is not None:
            await self._called(called["ticket"])
        elif self.script.clock.at < self.until:
            self.script.later(chance.uniform(10, 40), self.free)
        else:
            self.sits = False
            await self._ask(p.CloseDesk(id=self.script.id(), desk=self.desk, reason="end_of_hours"))

    async def _back(self) -> None:
        await self._ask(p.OpenDesk(id=self.script.id(), desk=self.desk))
        self.script.later(1, self.free)

    async def _called(self, ticket: int) -> None:
        chance = self.script.chance
        if chance.random() < 0.01:  # a slip of the finger, taken back
            await self._ask(p.Undo(id=self.script.id(), ticket=ticket))
            self.script.later(5, self.free)
        elif chance.random() < 0.05:
            self.script.later(30, lambda: self._recall(ticket))
        else:
            self.script.later(chance.uniform(5, 40), lambda: self._start(ticket))

    async def _recall(self, ticket: int) -> None:
        await self._ask(p.Recall(id=self.script.id(), ticket=ticket))
        if self.script.chance.random() < 0.4:
            self.script.later(10, lambda: self._start(ticket))
        else:
            self.script.later(25, lambda: self._give_up(ticket))

    async def _give_up(self, ticket: int) -> None:
        await self._ask(p.NoShow(id=self.script.id(), ticket=ticket))
        if self.script.chance.random() < 0.5:
            self.script.later(self.script.chance.uniform(5, 25) * 60, lambda: self._come_back(ticket))
        self.script.later(2, self.free)

    async def _come_back(self, ticket: int) -> None:
        if self.sits:
            await self._ask(p.Requeue(id=self.script.id(), number=self.script.codes[ticket][0]))

    async def _start(self, ticket: int) -> None:
        await self._ask(p.Start(id=self.script.id(), ticket=ticket))
        hall = self.script.service.rounds.hall
        minutes = SERVICE_MINUTES.get(hall.tickets[ticket].area, 5.0)
        seconds = 60 * minutes * math.exp(self.script.chance.gauss(-0.15, 0.55))
        self.script.later(max(20, seconds), lambda: self._finish(ticket))

    async def _finish(self, ticket: int) -> None:
        chance = self.script.chance
        area = self.script.service.rounds.hall.tickets[ticket].area
        outcome = chance.choice(OUTCOMES.get(area, USUAL)) if chance.random() < 0.93 else None
        dossiers = chance.choice((1, 1, 1, 2, 6)) if outcome == "received" else None
        if chance.random() < 0.16:
            self.script.later(chance.uniform(20, 400), lambda: self.script.rate(ticket))
        if outcome == "supplement" and chance.random() < 0.3:
            self.script.later(chance.uniform(15, 60) * 60, lambda: self._come_back(ticket))
        if self._pause or self.script.clock.at >= self.until:
            await self._ask(p.Finish(id=self.script.id(), ticket=ticket, outcome=outcome, dossiers=dossiers))
            self.script.later(2, self.free)
            return
        called = await self._ask(p.CallNext(id=self.script.id(), ticket=ticket, outcome=outcome, dossiers=dossiers))
        if called is not None:
            await self._called(called["ticket"])
        else:
            self.script.later(chance.uniform(10, 40), self.free)

    async def _ask(self, command: p.Command) -> Any:
        return await self.script._ask(self.client, command)

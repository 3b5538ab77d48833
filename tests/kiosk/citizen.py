"""Somebody before a kiosk of pure rules: touches, what the world says, and time that passes only when told."""

from __future__ import annotations

from kiosk.flow.effects import Effect
from kiosk.flow.inputs import Input, Linked, NumberGiven, Tick, Touched, Viewed, Welcomed
from kiosk.flow.shown import shown
from kiosk.flow.state import State, Touch
from kiosk.flow.step import step
from tests.kiosk import samples

TICKET = samples.ticket()


class Citizen:
    """A kiosk with somebody before it: ids are counted, time passes only when told."""

    def __init__(self, *, levels: int = 5, ended: int = 4) -> None:
        self.now = 1000.0
        self.ids = 0
        self.state = State()
        self.effects: list[Effect] = []
        self.hears(Welcomed(samples.hall(levels=levels)), Viewed(samples.view(ended=ended)), Linked(True))

    def hears(self, *news: Input) -> Citizen:
        for one in news:
            self.state, effects = step(self.state, one, self.now)
            self.effects += effects
        return self

    def taps(self, do: str, arg: str | int | bool | None = None, *, after: float = 2.0) -> Citizen:
        self.now += after
        self.ids += 1
        return self.hears(Touched(Touch(do, arg), f"id-{self.ids}"))

    def waits(self, seconds: float) -> Citizen:
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 0.5)
            self.hears(Tick())
        return self

    @property
    def screen(self) -> str:
        return shown(self.state)

    def takes_a_number(self) -> Citizen:
        return self.taps("area", "tu-phap").taps("take", False)

    def gets(self, ticket: object = TICKET) -> Citizen:
        assert self.state.asked is not None
        return self.hears(NumberGiven(self.state.asked.id, ticket))  # type: ignore[arg-type]


def done(citizen: Citizen, kind: type[Effect]) -> list[Effect]:
    return [effect for effect in citizen.effects if isinstance(effect, kind)]

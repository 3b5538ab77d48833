"""The window: draws the flow's state, sends its touches; nothing else. What a touch does is decided in `flow/`.

Import only after `kivy_setup.prepare`. A tap counts when the finger leaves, may drift, and may last as long as it
likes; every way out of the window that Kivy offers is closed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.image import Image

from assets.window.app import WindowApp
from assets.window.place import Place
from kiosk.flow.cancelling import may_cancel
from kiosk.flow.shown import is_fresh, shown, warning
from kiosk.flow.standing import may_print
from kiosk.flow.state import Shown, State, Touch
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import Paint
from kiosk.screen.screens import home, message, not_printed, procedures, rate, rate_find, ticket
from kiosk.screen.widgets import Touchable

DRIFT: Final = 40.0
"""Units that a finger may wander between touching and leaving."""
CALM: Final = 0.25
"""Seconds for which a screen of waiting is not drawn yet: mostly its end comes sooner. Nothing flickers, and neither
the hall's answer nor the paper waits for a picture that nobody could have read."""
LOST: Final = 10.0
"""Seconds after which a finger that never left no longer keeps others away: its screen was unplugged meanwhile."""
SHOWN_FOR: Final = 7.0
"""Seconds for which `--show-paper` leaves the printed paper on the screen."""


class Source(Protocol):
    """What the window needs of the running kiosk."""

    state: State

    def touch(self, touch: Touch) -> None:
        """A button was touched."""

    def now(self) -> float:
        """Seconds of the flow's clock."""

    def hall_time(self) -> datetime | None:
        """The hall's local time; null where it is not known."""


class OutOfOrder:
    """A source for a kiosk that cannot work: cut off, and deaf."""

    def __init__(self, lang: str) -> None:
        self.state = State(lang=lang, usual_lang=lang, note="out_of_order")

    def touch(self, touch: Touch) -> None:
        """Nothing can be done here."""

    def now(self) -> float:
        """Seconds of a clock of its own."""
        return time.monotonic()

    def hall_time(self) -> datetime | None:
        """Not known."""
        return None


def _procedures_or_choice(paint: Paint, kiosk: Kiosk) -> None:
    (procedures.draw if kiosk.state.area else home.choose_for_papers)(paint, kiosk)


SCREENS: Final[dict[Shown, Callable[[Paint, Kiosk], None]]] = {
    "home": home.draw,
    "area": procedures.draw,
    "papers": _procedures_or_choice,
    "asking": message.wait,
    "sending": message.wait,
    "ticket": ticket.draw,
    "not_printed": not_printed.draw,
    "rate_find": rate_find.draw,
    "rate": rate.draw,
    "thanks": message.thanks,
    "sorry": message.sorry,
    "closed": message.closed,
    "cut": message.cut,
}


class Sheet(FloatLayout):
    """The whole window. Finds the button under a finger by place, so that a screen may be drawn anew under it."""

    def __init__(self, source: Source, **rest: Any) -> None:
        super().__init__(**rest)
        self._source = source
        self._drawn: object = None
        self._paint: Paint | None = None
        self._finger: Any = None
        self._since = 0.0
        self._meant: Touch | None = None
        self._second: int | None = None
        self.papers = FloatLayout()
        self.bind(size=lambda *_: self.draw())

    def draw(self) -> None:
        """Draw the state, unless it is drawn already or only in passing."""
        state, now = self._source.state, self._source.now()
        if self._passing():
            return
        warned = warning(state, now) is not None
        cancellable = may_cancel(state, now) is not None
        one = state.number_shown()
        fresh = one is not None and is_fresh(one, now)
        here = self._source.hall_time()
        # Touches and deadlines change the state without changing the picture.
        seen = (
            state.screen, state.lang, state.hall, state.view, state.linked, state.refused, state.area, state.opened,
            state.page, state.given, state.current, state.rating, state.note, bool(state.overdue), warned, cancellable,
            fresh, state.note_number, state.note_desk, one is not None and may_print(state, one),
            here.date() if here else None, tuple(self.size),
        )  # fmt: skip
        if seen == self._drawn or min(self.size) < 200:
            return
        self._drawn = seen
        self.clear_widgets()
        self._paint = Paint(self, *self.size)
        kiosk = Kiosk(state, now, self._source.hall_time)
        SCREENS[shown(state)](self._paint, kiosk)
        if shown(state) != "ticket":
            self.papers.clear_widgets()
        self.add_widget(self.papers)
        if warned:
            message.warn(self._paint, kiosk)
        if state.note == "cancel_question":
            message.ask_to_cancel(self._paint, kiosk)

    def _passing(self) -> bool:
        """The state is one of waiting, and has only begun."""
        state = self._source.state
        one = state.number_shown()
        waits = state.screen == "asking" or (state.screen == "ticket" and one is not None and one.paper == "printing")
        return waits and 0 <= self._source.now() - state.changed_at < CALM

    def tick(self, *_: object) -> None:
        """Clock and countdowns; and what only time changes: a warning, the end of an offer."""
        self.draw()
        if self._paint is not None:
            kiosk = Kiosk(self._source.state, self._source.now(), self._source.hall_time)
            for words, text in self._paint.live:
                words.say(text(kiosk))

    # --- fingers --------------------------------------------------------------------------------------------

    def on_touch_down(self, touch: Any) -> bool:
        """Called by Kivy. One finger at a time; what it meant is told when it is lifted."""
        now = self._source.now()
        held = self._finger is not None and now - self._since < LOST
        if held or getattr(touch, "button", "left") != "left":
            return True
        for pressed in self._buttons():
            pressed.held = False
        self._finger, self._since = touch.uid, now
        button = self._button_at(*touch.pos)
        self._meant = button.touch if button else None
        if button:
            button.held = True
        return True

    def on_touch_move(self, touch: Any) -> bool:  # noqa: ARG002 - nothing here follows a finger
        """Called by Kivy."""
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Called by Kivy. A button counts where the finger is lifted on it."""
        if touch.uid != self._finger:
            return True
        self._finger = None
        meant, self._meant = self._meant, None
        x, y = touch.pos
        ox, oy = touch.opos
        near = max(abs(x - ox), abs(y - oy)) <= DRIFT * (self._paint.scale if self._paint else 1)
        there = self._button_at(x, y)
        if meant is None:
            self._source.touch(Touch("stay"))
        elif near or (there is not None and there.touch == meant):
            self._source.touch(meant)
        if not self._passing():  # else the button stays pressed until there is something to show
            for button in self._buttons():
                button.held = False
        return True

    def _buttons(self) -> list[Touchable]:
        return [child for child in self.children if isinstance(child, Touchable)]

    def _button_at(self, x: float, y: float) -> Touchable | None:
        """The uppermost button there (children are kept uppermost first)."""
        return next((button for button in self._buttons() if button.collide_point(x, y)), None)

    # --- the demonstration's paper --------------------------------------------------------------------------

    def show_paper(self, path: Path) -> None:
        """Slide the printed paper in where no button is, for some seconds."""
        if self._paint is None:
            return
        s = self._paint.scale
        picture = Image(source=str(path), size_hint=(None, None), nocache=True, fit_mode="contain")
        wide, high = picture.texture_size
        # Upright, between the number and the buttons; across, over the left edge below the number: no button is there.
        upright = self._paint.portrait
        height = 470 * s
        width = height * wide / max(1, high)
        picture.size = (width, height)
        x = self.width - width - 24 * s if upright else 24 * s
        picture.pos = (self.width if upright else -width, 390 * s if upright else 24 * s)
        self.papers.clear_widgets()
        self.papers.add_widget(picture)
        slide = Animation(x=x, duration=0.8, t="out_cubic") + Animation(duration=SHOWN_FOR)
        slide += Animation(opacity=0, duration=0.5)
        slide.bind(on_complete=lambda *_: self.papers.remove_widget(picture))
        slide.start(picture)


class KioskApp(WindowApp):
    """Kivy's application around one `Sheet`."""

    def __init__(self, source: Source, *, place: Place) -> None:
        super().__init__(place)
        self.source = source
        self.sheet: Sheet

    def build(self) -> Sheet:
        """Called by Kivy: makes the window's only widget, and shuts the ways out."""
        self.sheet = Sheet(self.source)
        Clock.schedule_interval(self.sheet.tick, 0.25)
        Window.bind(on_request_close=lambda *_, **__: True)  # Alt+F4 and the like
        Window.bind(on_keyboard=lambda *_: True)  # Esc, F1, Ctrl+V: no key does anything here
        Window.bind(on_dropfile=lambda *_: True, on_drop_file=lambda *_: True)
        return self.sheet

    def changed(self) -> None:
        """The state has changed: draw it in the next frame."""
        Clock.schedule_once(lambda _: self.sheet.draw(), 0)

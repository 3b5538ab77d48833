"""Kivy's application around one widget and the work behind it, in one asyncio loop.

Import only after `kivy_setup.prepare`.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from kivy.app import App
from kivy.clock import Clock

from assets.window import watchdog
from assets.window.place import Keeper, Place, stay_in_place


class WindowApp(App):
    """A program that stays at its place on the screen and is ended by the service manager. A subclass gives `build`."""

    title = "Luot"

    def __init__(self, place: Place, **rest: Any) -> None:
        super().__init__(**rest)
        self.place = place
        self._keeper: Keeper | None = None

    @property
    def hidden(self) -> bool:
        """Is nothing to be seen, because its screen is switched off?"""
        return self._keeper is not None and self._keeper.hidden

    def on_start(self) -> None:
        """Stay in place; and by the window's own clock tell the watchdogs: one that no longer draws is started anew."""
        self._keeper = stay_in_place(self.place)

        def alive(_: float) -> None:
            watchdog.alive()
            watchdog.guard()

        def ready(_: float) -> None:
            watchdog.ready()
            watchdog.guard()

        Clock.schedule_once(ready)
        Clock.schedule_interval(alive, watchdog.EVERY)

    def open_settings(self, *_: object) -> bool:
        """F1 would open Kivy's settings over the screen."""
        return False

    async def run_with(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Window and work in one loop, until the window is closed (where it may be), SIGTERM or SIGINT comes, or the
        work ends. Raises what the work raised.
        """
        _on_signals(self.stop)
        task = asyncio.get_running_loop().create_task(work())
        task.add_done_callback(lambda _: self.stop())
        try:
            await self.async_run("asyncio")
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (error := task.exception()):
            raise error


def _on_signals(stop: Callable[[], object]) -> None:
    """In the loop, not in the signal's own handler: there Kivy's clock would wait for its own lock."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))

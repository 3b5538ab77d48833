"""The display's program: the hall's views go to the board, the board's calls to the screen and the loudspeaker.

Wiring only: what is announced stands in `board`, what is drawn in `picture` and `screen`, what is said in `speech`.
Everything runs in one asyncio loop; only the voice is made in a thread.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window

from assets.texts import pick
from assets.window import feed_the_watchdog, fill_the_screen
from display import speech
from display.board import Announcement, Board
from display.picture import picture
from display.screen import HallScreen
from display.sound import Player
from display.widgets import register_fonts
from server.client import Client, Refusal, Unreachable, new_id
from server.protocol import DisplayView, HallInfo, Status, Welcome

log = logging.getLogger(__name__)

GAP: Final = 0.7
"""Seconds between the end of one announcement and the next: room for a sound card that lags behind its clock."""

STATUS_EVERY: Final = 10.0
"""Seconds between two words about ourselves, where nothing changed."""

Sound = Literal["ok", "off", "fault"]


class DisplayApp(App):
    """`engine` is the voice; `mute` says why there is none although there should be."""

    def __init__(
        self,
        *,
        url: str,
        token: str,
        lang: str,
        engine: speech.Engine,
        mute: bool,
        folder: Path,
        closable: bool,
    ) -> None:
        super().__init__()
        self.title = "Luot"
        self.board = Board()
        self.hall: HallInfo | None = None
        self.client = Client(
            url,
            role="display",
            token=token,
            view=DisplayView,
            lang=lang,
            on_welcome=self._welcomed,
            on_view=self._viewed,
            on_connection=lambda _: self.refresh(),
        )
        self._lang = lang
        self._engine = engine
        self._mute = mute
        self._closable = closable
        self._player = Player(folder)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._changed = asyncio.Event()
        self._heard_now = ""
        self._hall_time: datetime | None = None
        self._steady = 0.0
        self._heard: datetime | None = None
        self._told: tuple[Sound, str] | None = None

    # --- Kivy ---------------------------------------------------------------------------------------------

    def build(self) -> HallScreen:
        register_fonts()
        Window.show_cursor = self._closable
        Window.bind(on_request_close=lambda *_, **__: not self._closable)
        if not self._closable:
            fill_the_screen()
        self.screen = HallScreen()
        Clock.schedule_interval(lambda _: self.refresh(), 0.25)
        feed_the_watchdog()
        return self.screen

    def open_settings(self, *_: object) -> bool:
        """F1 would open Kivy's settings over the hall's screen."""
        return False

    def leave(self) -> None:
        """End in order: the service manager's wish. For signal handlers: Kivy's clock would wait for its own lock."""
        if self._loop is None:
            raise SystemExit(0)
        self._loop.call_soon_threadsafe(self.stop)

    async def main(self) -> None:
        """Run until the window is closed (where it may be); an unexpected error ends the program."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self.client.run()),
                group.create_task(self._announce()),
                group.create_task(self._tell()),
            ]
            await self.async_run(async_lib="asyncio")
            while not all(task.done() for task in tasks):
                for task in tasks:  # again and again: `wait_for` can lose one cancellation (CPython gh-86296)
                    task.cancel()
                await asyncio.wait(tasks, timeout=0.2)

    # --- what the hall says -------------------------------------------------------------------------------

    def _welcomed(self, welcome: Welcome) -> None:
        self.hall = welcome.hall
        self._changed.set()
        self.refresh()

    def _viewed(self, view: DisplayView, seq: int) -> None:
        now = self.now()
        if now is not None:  # there is one: a view follows a welcome, which carries the time
            self.board.update(view, seq, now)
            self._heard = now
        self._news.set()
        self.refresh()

    def now(self) -> datetime | None:
        """The hall's time: its last word of it, and what has passed since on a steady clock."""
        if self.client.now != self._heard_now:
            self._heard_now = self.client.now
            self._hall_time = self._heard = datetime.fromisoformat(self.client.now)
            self._steady = time.monotonic()
        if self._hall_time is None:
            return None
        return self._hall_time + timedelta(seconds=time.monotonic() - self._steady)

    def refresh(self) -> None:
        """Draw what is true now; costs nothing where it is drawn already."""
        now = self.now()
        self.screen.show(
            picture(self.hall, self.board, link=self.client.state, lang=self._lang, now=now, heard=self._heard)
        )

    # --- calls --------------------------------------------------------------------------------------------

    async def _announce(self) -> None:
        while True:
            call = self.board.begin(time.monotonic())
            self.refresh()
            if call is None:
                self._news.clear()
                await self._news.wait()
                await asyncio.sleep(self.board.remaining(time.monotonic()))
                continue
            log.info("%s %s, desk %s (seq %d)", call.kind, call.number, call.desk or "-", call.seq)
            self.screen.wink()
            sound = await asyncio.to_thread(self._sound_of, call)
            self._player.play(speech.to_wav(sound))
            self._changed.set()
            self.board.hold(time.monotonic(), speech.seconds(sound) + GAP)
            await asyncio.sleep(self.board.remaining(time.monotonic()))

    def _sound_of(self, call: Announcement) -> speech.Samples:
        """Chime and voice; the chime alone where the voice fails, which is told once."""
        if self.hall is None or not self.hall.voice:
            return speech.announcement(speech.Silent().say("", self._lang))
        names = {desk.code: pick(desk.name, speech.spoken(self._lang)) for desk in self.hall.desks}
        words = speech.sentence(call, names.get(call.desk, call.desk), self._lang)
        try:
            voice = self._engine.say(words, self._lang)
        except speech.Mute as why:
            if not self._mute:
                log.error("no voice: %s", why)
            self._mute = True
            return speech.announcement(speech.Silent().say("", self._lang))
        self._mute = self._mute and isinstance(self._engine, speech.Silent)
        return speech.announcement(voice)

    # --- about ourselves ----------------------------------------------------------------------------------

    def sound(self) -> Sound:
        """How the sound is: a wanted voice that is missing counts as a fault even while the chime sounds."""
        if not self._player.works or self._mute:
            return "fault"
        silent = isinstance(self._engine, speech.Silent) or (self.hall is not None and not self.hall.voice)
        return "off" if silent else "ok"

    async def _tell(self) -> None:
        while True:
            told = (self.sound(), f"{Window.width}x{Window.height}")
            if self.client.state == "connected":
                try:
                    await self.client.ask(Status(id=new_id(), sound=told[0], screen=told[1]))
                    self._told = told
                except Refusal as refusal:
                    log.warning("the hall does not take our status: %s", refusal.error.code)
                except Unreachable:
                    pass  # the cut itself is logged by the client, and shown
            await self._until_changed()

    async def _until_changed(self) -> None:
        """Wait for a change of what we would tell, or until it is time to tell it again."""
        try:
            async with asyncio.timeout(STATUS_EVERY):
                while True:
                    self._changed.clear()
                    await self._changed.wait()
                    if (self.sound(), f"{Window.width}x{Window.height}") != self._told:
                        return
        except TimeoutError:
            return

"""The display's program: the hall's views go to the board, the board's calls to the screen and the loudspeaker; and
what has been shown and said goes back to the hall.

Wiring only: what is announced stands in `board`, what is drawn in `picture` and `screen`, what is said in `voice`.
Everything runs in one asyncio loop; only the voice is made in a thread.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from typing import Final

from kivy.clock import Clock
from kivy.core.window import Window

from assets.tasks import together
from assets.texts import pick
from assets.window.app import WindowApp
from assets.window.place import Place
from display.board import DWELL, Announcement, Board
from display.picture import picture
from display.screen.layout import HallScreen
from display.told import ToldOf
from display.voice import engines, samples
from display.voice.player import Player
from display.voice.words import sentence, spoken
from server.client.client import Client, Refusal, Unreachable, new_id
from server.protocol import Announced, DisplayView, HallInfo, SoundState, Status, Welcome

log = logging.getLogger(__name__)

GAP: Final = 0.1
"""Seconds between the end of one announcement and the next."""

STATUS_EVERY: Final = 10.0
"""Seconds between two words about ourselves, where nothing changed; and between two tries of a sound that fails."""

KEPT: Final = 16
"""Voices that are kept, of about 280 KB each."""

CHECK_EVERY: Final = 60.0
"""Seconds between two tries of a sound that works: nobody should learn from the first call that it does not."""


class DisplayApp(WindowApp):
    """`engine` is the voice; `mute` says why there is none although there should be."""

    def __init__(
        self,
        *,
        url: str,
        token: str,
        lang: str,
        engine: engines.Engine,
        mute: bool,
        place: Place,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(place)
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
            tls=tls,
        )
        self._lang = lang
        self._engine = engine
        self._mute = mute
        self._player = Player()
        self._news = asyncio.Event()
        self._changed = asyncio.Event()
        self._calls = asyncio.Event()
        self._told_of = ToldOf()
        self._told: tuple[SoundState, str] | None = None
        self._voices: dict[str, samples.Samples] = {}
        """The last voices by their words: each is heard twice."""

    # --- Kivy ---------------------------------------------------------------------------------------------

    def build(self) -> HallScreen:
        """Called by Kivy: makes the window's only widget."""
        closable = self.place.window is not None
        Window.bind(on_request_close=lambda *_, **__: not closable)
        self.screen = HallScreen()
        Clock.schedule_interval(lambda _: self.refresh(), 0.25)
        return self.screen

    async def main(self) -> None:
        """Run until the window is closed (where it may be); an unexpected error ends the program."""
        await self.run_with(self._work)

    async def _work(self) -> None:
        await together(self.client.run(), self._announce(), self._tell(), self._tell_of_calls())

    # --- what the hall says -------------------------------------------------------------------------------

    def _welcomed(self, welcome: Welcome) -> None:
        self.hall = welcome.hall
        self._changed.set()
        self.refresh()

    def _viewed(self, view: DisplayView, seq: int) -> None:
        now = self.client.clock.now()
        if now is not None:  # there is one: a view follows a welcome, which carries the time
            self.board.update(view, seq, now)
        self._news.set()
        self.refresh()
        self._calls.set()

    def refresh(self) -> None:
        """Draw what is true now; costs nothing where it is drawn already."""
        clock = self.client.clock
        self.screen.show(
            picture(self.hall, self.board, link=self.client.state, lang=self._lang, now=clock.now(), heard=clock.said)
        )

    # --- calls --------------------------------------------------------------------------------------------

    async def _announce(self) -> None:
        """Read out what the board says, one after the other."""
        last = ""
        while True:
            # Cut off, nobody knows whether a call still stands. What nobody hears need not move the card once more.
            call = None
            if self.client.state == "connected":
                call = self.board.begin(again=self.sound() == "ok")
            else:
                self.board.rest()
            self.refresh()
            if call is None:
                self._news.clear()
                await self._news.wait()
                last = ""
                continue
            words = await asyncio.to_thread(self._words_of, call)
            log.info("%s%s %s, desk %s (seq %d)", call.kind, " again" * call.again, call.number, call.desk, call.seq)
            if not call.again:
                self.screen.wink()
            begun = time.monotonic()
            follows = call.again and call.number == last
            sound = samples.repetition(words) if follows else samples.announcement(words)
            ready = asyncio.create_task(asyncio.to_thread(self._make_ready))
            played = await self._player.play(sound)
            await ready
            if played and words:
                self._told_of.said(call.calls)
            self.board.read_out(call)
            last = call.number
            self._changed.set()
            self._calls.set()
            dwell = 0.0 if call.again else DWELL - (time.monotonic() - begun)
            await asyncio.sleep(max(GAP, dwell))

    def _words_of(self, call: Announcement) -> samples.Samples:
        """The voice; nothing where there is none, which is told once."""
        if self.hall is None or not self.hall.voice:
            return samples.SILENCE
        names = {desk.code: pick(desk.name, spoken(self._lang)) for desk in self.hall.desks}
        words = sentence(call, names.get(call.desk, call.desk), self._lang)
        if words in self._voices:
            return self._voices[words]
        try:
            voice = self._engine.say(words, self._lang)
        except engines.Mute as why:
            if not self._mute:
                log.error("no voice: %s", why)
            self._mute = True
            return samples.SILENCE
        self._mute = self._mute and isinstance(self._engine, engines.Silent)
        self._voices = {**dict(list(self._voices.items())[1 - KEPT :]), words: voice}
        return voice

    def _make_ready(self) -> None:
        """Make the voice of what comes next while another is heard."""
        upcoming = self.board.upcoming()
        if upcoming is not None:
            self._words_of(upcoming)

    async def _tell_of_calls(self) -> None:
        """Tell the hall which calls stand on the board, and which have been read out."""
        while True:
            await self._calls.wait()
            self._calls.clear()
            if self.board.view is not None:
                self._told_of.keep(call.seq for call in self.board.view.calls)
            for call, how in self._told_of.due(self.board.standing() if self._seen() else ()):
                try:
                    await self.client.ask(Announced(id=new_id(), call=call, how=how))
                except Refusal as refusal:
                    log.warning("the hall does not take our word of a call: %s", refusal.error.code)
                except Unreachable:
                    break  # the next view comes with the link
                self._told_of.told(call, how)

    def _seen(self) -> bool:
        """Does anybody see the board as it is now?"""
        return self.client.state == "connected" and not self.hidden

    # --- about ourselves ----------------------------------------------------------------------------------

    def sound(self) -> SoundState:
        """How the sound is: a wanted voice that is missing counts as a fault even while the chime sounds."""
        if not self._player.works or self._mute:
            return "fault"
        silent = isinstance(self._engine, engines.Silent) or (self.hall is not None and not self.hall.voice)
        return "off" if silent else "ok"

    def _about_us(self) -> tuple[SoundState, str]:
        return self.sound(), f"{Window.width}x{Window.height}" if self._seen() else "off"

    async def _tell(self) -> None:
        checked = float("-inf")
        while True:
            every = CHECK_EVERY if self._player.works else STATUS_EVERY
            if time.monotonic() - checked >= every and not self._player.busy:
                await self._player.check()
                checked = time.monotonic()
            told = self._about_us()
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
                    if self._about_us() != self._told:
                        return
        except TimeoutError:
            return

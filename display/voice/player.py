"""Plays one sound at a time, and knows whether a device took all of it.

Each sound is played by a program of the system in a process of its own (on Windows by the system itself). So nothing
of the sound can hold up the picture: with a sound server on the desktop the first sound that Kivy 2.3.1 opens stops
its window for ever (kivy#9023). Each sound finds the device that is there now, so that a sound server that was
restarted, or a cable put back, is heard again at the next call. And the program's end tells whether it was played.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
from array import array
from collections.abc import Sequence
from typing import Final

from display.voice.chime import RATE
from display.voice.samples import Samples, seconds, to_wav

log = logging.getLogger(__name__)

LATE: Final = 5.0
"""Seconds that a sound may last longer than its samples; then the device has stopped taking them."""
AGAIN: Final = 1.0
"""Seconds before a sound that failed is played once more: a sound server takes so long to start again."""
_PROBE: Final = 0.1
"""Seconds of silence by which the device is tried."""

_PLAYERS: Final = (
    # PulseAudio's, also PipeWire's; the environment's PULSE_SINK names another device than the usual one.
    ("paplay", "--raw", f"--rate={RATE}", "--format=s16le", "--channels=1", "--client-name=Luot"),
    # ALSA's, where no sound server runs.
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1"),
)


class Unheard(Exception):
    """The sound was not played, or not to its end."""


class Player:
    """The loudspeaker. For one event loop."""

    def __init__(self) -> None:
        self.works: bool | None = None
        """Whether the last sound was played to its end; None before the first."""
        self._one_at_a_time = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Is a sound being played?"""
        return self._one_at_a_time.locked()

    async def play(self, samples: Samples) -> bool:
        """Play 16-bit mono samples at RATE to their end, once more from the start if that fails. Were they played?"""
        async with self._one_at_a_time:
            try:
                await _play(samples)
            except Unheard:
                await asyncio.sleep(AGAIN)
                return await self._last_try(samples)
            self._note(None)
            return True

    async def check(self) -> bool:
        """Try the device without being heard."""
        async with self._one_at_a_time:
            return await self._last_try(array("h", bytes(2 * int(_PROBE * RATE))))

    async def _last_try(self, samples: Samples) -> bool:
        try:
            await _play(samples)
        except Unheard as why:
            self._note(why)
            return False
        self._note(None)
        return True

    def _note(self, why: Unheard | None) -> None:
        works = why is None
        if self.works is False and works:
            log.info("the sound works again")
        elif self.works is not False and not works:
            log.error("no sound: %s", why)
        self.works = works


async def _play(samples: Samples) -> None:
    """Raises :class:`Unheard`."""
    if sys.platform == "win32":
        await _by_windows(samples)
        return
    data = samples.tobytes() if sys.byteorder == "little" else _swapped(samples)
    reasons = []
    for command in _PLAYERS:
        if shutil.which(command[0]) is None:
            continue
        try:
            await _run(command, data, seconds(samples) + LATE)
        except Unheard as why:
            reasons.append(f"{command[0]}: {why}")
            continue
        if command[0] == "paplay" and await _goes_nowhere():
            raise Unheard("the sound server has no device but its dummy: no loudspeaker, or its cable is out")
        return
    raise Unheard("; ".join(reasons) or "neither paplay nor aplay is installed (Debian: apt install pulseaudio-utils)")


async def _by_windows(samples: Samples) -> None:
    import winsound

    try:
        async with asyncio.timeout(seconds(samples) + LATE):
            flags = winsound.SND_MEMORY | winsound.SND_NODEFAULT  # type: ignore[attr-defined,unused-ignore]  # Windows
            await asyncio.to_thread(winsound.PlaySound, to_wav(samples), flags)  # type: ignore[attr-defined,unused-ignore]  # the same
    except (RuntimeError, TimeoutError) as error:
        raise Unheard(str(error) or "the device takes no sound") from error


async def _run(command: Sequence[str], data: bytes, within: float) -> str:
    """Run a program on `data`, at most for `within` seconds; what it printed. Raises :class:`Unheard`."""
    pipe = asyncio.subprocess.PIPE
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
    except OSError as error:
        raise Unheard(str(error)) from error
    try:
        async with asyncio.timeout(within):
            printed, complaint = await process.communicate(data)
    except TimeoutError as error:
        raise Unheard("the device takes no sound") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        said = complaint.decode("utf-8", "replace").strip().splitlines()
        raise Unheard(said[0] if said else f"ended with {process.returncode}")
    return printed.decode("utf-8", "replace").strip()


async def _goes_nowhere() -> bool:
    """Is the sound server's usual device its dummy? It makes one where the last real device has gone."""
    try:
        return await _run(("pactl", "get-default-sink"), b"", LATE) == "auto_null"
    except Unheard:  # an old pactl, or the server has gone since; the next sound will tell
        return False


def _swapped(samples: Samples) -> bytes:
    turned = array("h", samples)
    turned.byteswap()
    return turned.tobytes()

"""Plays one WAV at a time through Kivy's SDL2 audio, and knows whether anything could be heard.

How long a sound lasts is the caller's affair: without an audio device Kivy never says that a sound has ended.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from kivy.core.audio import SoundLoader

log = logging.getLogger(__name__)


class Player:
    """The loudspeaker. `folder` is ours alone, for the two files that take turns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = 0
        self._sound: Any = None
        self.works = True
        """False once a sound could not be played; True again with the next that can."""

    def play(self, wav: bytes) -> None:
        """Start the sound; whatever may still sound is stopped: two voices are worse than half a one."""
        if self._sound is not None:
            self._sound.stop()
            self._sound.unload()
        self._turn ^= 1
        path = self._folder / f"call-{self._turn}.wav"
        try:
            path.write_bytes(wav)
        except OSError as error:  # a full disk must not take the screen away as well: the hall is told of the fault
            log.warning("%s: %s", path, error)
            self._sound = None
        else:
            self._sound = SoundLoader.load(str(path))
        # Without a device SDL2's loader hands out a sound of no length that plays nothing.
        works = self._sound is not None and self._sound.length > 0
        if works:
            self._sound.play()
        if works != self.works:
            log.log(logging.INFO if works else logging.ERROR, "sound %s", "works again" if works else "fails")
        self.works = works

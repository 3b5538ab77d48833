"""The voices: espeak-ng as a subprocess, on Linux and Windows alike, and none, which leaves the chime alone."""

from __future__ import annotations

import shutil
import subprocess
import wave
from array import array
from collections.abc import Callable
from io import BytesIO
from typing import Final, Protocol

from display.voice.chime import RATE
from display.voice.samples import SILENCE, Samples, level, trimmed
from display.voice.words import spoken

SPEED: Final = 105
"""Words a minute: slow enough for a hall with an echo (espeak-ng's own default is 175)."""

TIMEOUT: Final = 10.0
"""Seconds that espeak-ng may take for a sentence; it needs 0.1."""

_VOICES: Final = {"vi": "vi", "en": "en-gb"}


class Mute(Exception):
    """The engine gave no voice. The text says why."""


class Engine(Protocol):
    """A voice."""

    def say(self, words: str, lang: str) -> Samples:
        """16-bit mono samples at :data:`RATE`. Raises :class:`Mute`."""


class Silent:
    """No voice; the chime stays."""

    def say(self, words: str, lang: str) -> Samples:  # noqa: ARG002 - an engine's contract
        """Silence."""
        return SILENCE


class Espeak:
    """espeak-ng as a subprocess. Raises :class:`Mute` at once where the program is not there."""

    def __init__(self, which: Callable[[str], str | None] = shutil.which) -> None:
        found = which("espeak-ng")
        if found is None:
            raise Mute("espeak-ng is not installed (Debian: apt install espeak-ng)")
        self._program = found

    def say(self, words: str, lang: str) -> Samples:
        """The words, at one loudness whatever they are."""
        command = [self._program, "-v", _VOICES[spoken(lang)], "-s", str(SPEED), "-b", "1", "--stdin", "--stdout"]
        try:
            done = subprocess.run(
                command,
                input=words.encode(),
                capture_output=True,
                timeout=TIMEOUT,
                check=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise Mute(f"espeak-ng: {error}") from error
        return level(trimmed(read_wav(done.stdout)))


def read_wav(data: bytes) -> Samples:
    """The samples of a WAV as espeak-ng writes it to a pipe, where the length in its header is a lie.

    Raises :class:`Mute` for anything but 16-bit mono at :data:`RATE`.
    """
    try:
        with wave.open(BytesIO(data)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            frames = file.readframes(len(data) // 2)
    except (wave.Error, EOFError) as error:
        raise Mute(f"no sound in the answer: {error}") from error
    if shape != (1, 2, RATE) or not frames:
        raise Mute(f"unexpected sound: channels, bytes, rate = {shape}, {len(frames)} bytes")
    samples = array("h")
    samples.frombytes(frames[: len(frames) // 2 * 2])
    return samples

"""A call as words, and the words as one sound: chime and sentence. Plays nothing.

Numbers are spelled in words by ourselves: espeak-ng reads 15 as "mười năm". Chime and sentence are joined into one
sound, because chained clips leave audible gaps. Engines: `Espeak` (a subprocess, on Linux and
Windows alike) and `Silent`, which leaves the chime alone.
"""

from __future__ import annotations

import logging
import math
import shutil
import subprocess
import wave
from array import array
from collections.abc import Callable, Iterable
from io import BytesIO
from operator import mul
from typing import Final, Protocol, TypeAlias

from assets.texts import translator
from display.board import Announcement
from display.voice.chime import RATE, chime

log = logging.getLogger(__name__)

SPEED: Final = 105
"""Words a minute: slow enough for a hall with an echo (espeak-ng's own default is 175)."""

LOUDNESS: Final = -16.0
"""dB of full scale, RMS over the voiced parts: near −16 LUFS; single words of espeak-ng differ by 12 dB."""

PAUSE: Final = 0.5
"""Seconds before a sentence that is said once more at once."""

LEAD: Final = 0.15
TAIL: Final = 0.25
"""Seconds between chime and sentence, and after the last one."""

TIMEOUT: Final = 10.0
"""Seconds that espeak-ng may take for a sentence; it needs 0.1."""

Samples: TypeAlias = "array[int]"

SILENCE: Final[Samples] = array("h")
"""No words."""

_DIGITS: Final = {
    "vi": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VOICES: Final = {"vi": "vi", "en": "en-gb"}


class Mute(Exception):  # noqa: N818 - a state the display shows, not a bug
    """The engine gave no voice. The text says why."""


def spoken(lang: str) -> str:
    """The language in which a hall that shows `lang` speaks: there are words for Vietnamese and English only."""
    return lang if lang in _DIGITS else "vi"


def digits(number: str, lang: str) -> str:
    """A ticket's number digit by digit: `1008` → `một không không tám`."""
    return " ".join(_DIGITS[spoken(lang)][int(digit)] for digit in number if digit.isdecimal())


def count(n: int, lang: str) -> str:
    """0 … 99 as one says it: 15 → `mười lăm`, 21 → `hai mươi mốt`. Raises ValueError beyond."""
    if not 0 <= n <= 99:
        raise ValueError(n)
    ones = _DIGITS[spoken(lang)]
    ten, one = divmod(n, 10)
    if n < 10:
        return ones[n]
    if spoken(lang) == "en":
        return _TEENS[one] if ten == 1 else _TENS[ten - 2] + (f"-{ones[one]}" if one else "")
    head = "mười" if ten == 1 else f"{ones[ten]} mươi"
    tail = {0: "", 1: "một" if ten == 1 else "mốt", 5: "lăm"}.get(one, ones[one])
    return f"{head} {tail}".strip()


def sentence(call: Announcement, desk_name: str, lang: str) -> str:
    """What is said. A desk whose code is no number is said by its name."""
    lang = spoken(lang)
    _ = translator(lang)
    number = digits(call.number, lang)
    if call.kind == "withdrawn":
        return _("Số %(number)s xin vui lòng chờ.") % {"number": number}
    if call.desk.isdecimal() and int(call.desk) <= 99:
        desk = count(int(call.desk), lang)
        return _("Mời công dân có số thứ tự %(number)s, đến quầy số %(desk)s.") % {"number": number, "desk": desk}
    return _("Mời công dân có số thứ tự %(number)s, đến %(desk)s.") % {"number": number, "desk": desk_name}


class Engine(Protocol):
    """A voice."""

    def say(self, words: str, lang: str) -> Samples:
        """16-bit mono samples at :data:`RATE`. Raises :class:`Mute`."""


class Silent:
    """No voice; the chime stays."""

    def say(self, words: str, lang: str) -> Samples:  # noqa: ARG002 - an engine's contract
        return array("h")


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


def trimmed(samples: Samples) -> Samples:
    """Without the near-silence (below −50 dB) that espeak-ng leaves before and after a sentence."""

    def first_loud(some: Iterable[int]) -> int | None:
        return next((index for index, sample in enumerate(some) if abs(sample) > 100), None)

    before, after = first_loud(samples), first_loud(reversed(samples))
    return samples if before is None or after is None else samples[before : len(samples) - after]


def level(samples: Samples, target: float = LOUDNESS) -> Samples:
    """The same sound at `target` dB RMS over its voiced parts; peaks are bent, not cut, below full scale."""
    loudness = rms(samples)
    if loudness == 0:
        return samples
    gain = 10 ** (target / 20) / loudness
    knee = 0.75

    def bent(sample: int) -> int:
        value = sample / 32768 * gain
        size = abs(value)
        if size > knee:
            size = knee + (0.99 - knee) * math.tanh((size - knee) / (0.99 - knee))
        return round(math.copysign(size, value) * 32767)

    # Each value once: the picture waits for the interpreter while this thread has it.
    known = {sample: bent(sample) for sample in set(samples)}
    return array("h", map(known.__getitem__, samples))


def rms(samples: Samples, block: int = RATE // 20) -> float:
    """RMS 0 … 1 of the blocks of 50 ms that are voiced: within 30 dB of the loudest (after EBU R 128's gate)."""
    powers = []
    for start in range(0, len(samples), block):
        part = samples[start : start + block]
        powers.append(sum(map(mul, part, part)) / len(part) / 32768**2)
    voiced = [power for power in powers if power > max(powers) / 1000]
    return math.sqrt(sum(voiced) / len(voiced)) if voiced else 0.0


def announcement(words: Samples) -> Samples:
    """Chime and words: one sound. Without words the chime alone."""
    joined = chime()
    if words:
        joined.extend(_silence(LEAD) + words)
    return joined + _silence(TAIL)


def repetition(words: Samples) -> Samples:
    """The words once more, right after their announcement."""
    return _silence(PAUSE) + words + _silence(TAIL)


def to_wav(samples: Samples) -> bytes:
    """A WAV file of 16-bit mono samples at :data:`RATE`."""
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def seconds(samples: Samples) -> float:
    """How long the sound lasts."""
    return len(samples) / RATE


def _silence(length: float) -> Samples:
    return array("h", bytes(2 * int(length * RATE)))

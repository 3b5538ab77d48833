"""Sounds as 16-bit mono samples at :data:`RATE`: cut, levelled, and joined with the chime. Nothing is played here.

Chime and sentence become one sound, because chained clips leave audible gaps.
"""

from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Iterable
from io import BytesIO
from operator import mul
from typing import Final, TypeAlias

from display.voice.chime import RATE, chime

LOUDNESS: Final = -16.0
"""dB of full scale, RMS over the voiced parts: near −16 LUFS; single words of espeak-ng differ by 12 dB."""

PAUSE: Final = 0.5
"""Seconds before a sentence that is said once more at once."""

LEAD: Final = 0.15
TAIL: Final = 0.25
"""Seconds between chime and sentence, and after the last one."""

Samples: TypeAlias = "array[int]"

SILENCE: Final[Samples] = array("h")
"""No words."""


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
    return chime() + _silence(LEAD if words else 0) + words + _silence(TAIL)


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

"""The chime before a call: three soft notes, computed. Pure: no file, no device.

Struck-bar notes: a sine with two quieter partials that die away. The fall e″–c″–g′ is the pattern people know
from stations, and lies where small loudspeakers are loudest.
"""

from __future__ import annotations

import math
from array import array
from functools import cache
from typing import Final

RATE: Final = 22050
"""Samples a second; the voice's own rate (espeak-ng), so that chime and sentence join without resampling."""

NOTES: Final = ((659.26, 0.0), (523.25, 0.28), (392.0, 0.56))
"""Frequency in Hz and start in seconds."""

_PARTIALS: Final = ((1.0, 1.0, 3.2), (2.0, 0.28, 5.5), (3.01, 0.10, 9.0))
"""Multiple of the note, share of its strength, decay per second."""

_ATTACK: Final = 0.008
"""Seconds in which a note rises: shorter clicks, longer is no chime any more."""


@cache
def chime(peak: float = 0.5, seconds: float = 1.25) -> array[int]:
    """16-bit mono samples at :data:`RATE`, at most `peak` (0 … 1) of full scale, fading out at the end.

    Computed once, as it takes a tenth of a second: whoever adds to it copies it first.
    """
    length = int(seconds * RATE)
    wave = [0.0] * length
    for note, start in NOTES:
        first = int(start * RATE)
        for index in range(first, length):
            t = (index - first) / RATE
            rise = min(1.0, t / _ATTACK)
            wave[index] += rise * sum(
                share * math.exp(-decay * t) * math.sin(2 * math.pi * note * multiple * t)
                for multiple, share, decay in _PARTIALS
            )
    fade = int(0.08 * RATE)
    for index in range(length - fade, length):
        wave[index] *= (length - index - 1) / fade
    loudest = max(abs(sample) for sample in wave)
    return array("h", (round(sample / loudest * peak * 32767) for sample in wave))

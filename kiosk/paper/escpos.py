"""Bitmap → ESC/POS bytes: one job, from reset to cut, ended by a question whose answer proves that it was printed.

Bytes only: no wire is known here, nothing is sent. python-escpos' `Dummy` is the encoder. The bitmap goes as raster
(GS v 0) because most cheap printers have no Vietnamese code page; white bands become line feeds and each band is
cropped to its ink, so that a ticket stays below 30 KB (a plain bitmap takes 75: 37 s at 19,200 baud).
Commands after Epson's "ESC/POS Command Reference"; the names in capitals are its own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from escpos.capabilities import NotSupported, get_profile
from escpos.printer import Dummy
from PIL import Image

BAND: Final = 24
"""Dots, at most, of one raster command. A printer that lost a job midway still expects the rest of a band: as many
zeros (white dots) end it, so a band must stay short; and a part of a job must end soon."""
PART: Final = 1800
"""Bytes, at most, of a part of a job; two of them are less than the buffer that even the smallest printers have (4 KB).
One band of the widest paper (80 bytes a line) is longer: it is a part of its own."""

RESET: Final = b"\x1b@"
CLEAR_BUFFER: Final = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 fn 8, in real time: forget what was received and not yet printed."""
ABANDON_BAND: Final = bytes(BAND * 80)
"""NULs, more than a band of the widest paper: they end a raster command cut off midway and do nothing otherwise."""
PAPER_SENSOR: Final = b"\x1dr\x01"
"""GS r 1: queued, answered once everything before it is done: behind the job, and on some wires behind each part."""
_NOT_UNASKED: Final = b"\x1da\x00"
"""GS a 0: no automatic status back; a switch may have turned it on, and ESC @ leaves it so."""

_BAND_HEADER: Final = 9
"""Bytes of a band besides its dots: GS v 0 has eight; one more stands for the alignment that may change."""

FEED: Final = 90
"""Dots from the print head to the knife, about 11 mm at 203 dpi, so that the cut misses the text."""

_PROCESS_ID_PROFILES: Final = frozenset({"TM-L90", "TM-P80", "TM-P80-42col", "TM-T20II", "TM-T20II-42col", "TM-T88V"})
"""Profiles whose printers answer GS ( H fn 48 (Epson's list for that command); the others get GS r 1."""

_REAL_TIME: Final = re.compile(rb"\x10[\x04\x05\x14]")
"""Raster data that a printer would take for DLE EOT, DLE ENQ, DLE DC4 and obey in mid-picture."""


@dataclass(frozen=True, slots=True)
class Job:
    """One paper as bytes, and the answer that confirms it: the process id, or "" where a GS r 1 status will do.

    `parts` end between two commands; the last ends with the question for that answer. `dots`: the paper's length.
    """

    parts: tuple[bytes, ...]
    process_id: str
    dots: int

    @property
    def data(self) -> bytes:
        """All bytes of the job."""
        return b"".join(self.parts)


@dataclass(frozen=True, slots=True)
class Model:
    """What is known of a printer: its python-escpos profile, dots a line, and which queued question it answers."""

    profile: str
    width: int
    process_id: bool
    cuts: bool


def model_of(profile: str) -> Model:
    """The model behind a python-escpos profile name. ValueError, with a sentence for a person, if there is none.

    The paper is laid out 384, 512 or 576 dots wide: the widest of them that the profile's head can print. A profile
    without a width (python-escpos' `default`) counts as 576, the usual 80 mm printer at 203 dpi.
    """
    try:
        known = get_profile(profile)
    except (KeyError, NotSupported) as error:
        raise ValueError(f"no printer profile named {profile!r}; python-escpos lists them") from error
    pixels = known.profile_data["media"]["width"].get("pixels", "Unknown")
    dots = pixels if isinstance(pixels, int) else 576
    widths = [width for width in (384, 512, 576) if width <= dots]
    if not widths or not known.supports("bitImageRaster"):
        raise ValueError(f"the printer {profile} cannot print tickets: it needs raster pictures at least 384 dots wide")
    return Model(
        profile=profile,
        width=widths[-1],
        process_id=profile in _PROCESS_ID_PROFILES,
        cuts=known.supports("paperFullCut") or known.supports("paperPartCut"),
    )


def job_of(picture: Image.Image, model: Model, process_id: str) -> Job:
    """The whole job for `picture` (mode "1", black is ink). `process_id`: four printable ASCII signs, new each time."""
    if picture.width != model.width:
        raise ValueError(f"the picture is {picture.width} dots wide, the printer {model.width}")
    printer = Dummy(profile=model.profile)
    # Some profiles leave the width open; python-escpos prints a line about that for every picture.
    printer.profile.profile_data = {
        **printer.profile.profile_data,
        "media": {"width": {"pixels": model.width}},
    }
    # GS L, GS W: the whole line
    printer._raw(RESET + _NOT_UNASKED + b"\x1dL\x00\x00\x1dW" + model.width.to_bytes(2, "little"))
    parts = [b""]

    def divide() -> None:
        """What was encoded since then joins the last part, or begins another."""
        if len(parts[-1]) + len(printer.output) > PART:
            parts.append(b"")
        parts[-1] += printer.output
        printer.clear()

    aligned = "left"
    for band, align, blank in _bands(picture):
        _feed(printer, blank)
        if band is None:
            break
        if align != aligned:
            printer.set(align=align)
            aligned = align
        printer.image(_harmless(band), impl="bitImageRaster", fragment_height=BAND)
        divide()
    _feed(printer, FEED)
    if model.cuts:
        # Our own feed instead of cut()'s six lines; GS V 0/1 as the profile has it.
        printer._raw(b"\x1dV\x00" if printer.profile.supports("paperFullCut") else b"\x1dV\x01")
    if model.process_id:
        printer._raw(b"\x1d(H\x06\x0000" + process_id.encode("ascii"))
    else:
        printer._raw(PAPER_SENSOR)
    divide()
    return Job(tuple(parts), process_id if model.process_id else "", picture.height + FEED)


def _bands(picture: Image.Image) -> Iterator[tuple[Image.Image | None, str, int]]:
    """Cropped bands of at most `BAND` dots, how each is aligned, and the blank dots before it; the last may have none.

    Left-aligned a band loses the white on its right; centred, as much on both sides, in whole bytes, so that nothing
    moves. A run of inked lines is divided where that makes the fewest bytes.
    """
    inverted = picture.convert("L").point(lambda grey: 255 - grey)
    whole = picture.width // 8
    margins: list[tuple[int, int] | None] = []
    for y in range(picture.height):
        box = inverted.crop((0, y, picture.width, y + 1)).getbbox()
        margins.append((box[0] // 8, (picture.width - box[2]) // 8) if box else None)
    y = blank = 0
    while y < len(margins):
        if margins[y] is None:
            y, blank = y + 1, blank + 1
            continue
        run = [pair for pair in itertools.takewhile(lambda pair: pair is not None, margins[y:]) if pair]
        for rows in _divided(run, whole):
            left, right = (min(side) for side in zip(*run[:rows], strict=True))
            run = run[rows:]
            side = min(left, right)
            box = (8 * side, y, 8 * (whole - side), y + rows)
            align = "center"
            if 2 * side <= right:
                align, box = "left", (0, y, 8 * (whole - right), y + rows)
            yield picture.crop(box), align, blank
            y, blank = y + rows, 0
    yield None, "left", blank


def _divided(run: list[tuple[int, int]], whole: int) -> list[int]:
    """Heights of the bands into which `run` (white bytes left and right of each line) is best divided."""
    best: list[tuple[int, int]] = [(0, 0)]  # bytes up to here, height of the last band
    for end in range(1, len(run) + 1):
        left = right = whole
        choices = []
        for rows in range(1, min(end, BAND) + 1):
            left, right = min(left, run[end - rows][0]), min(right, run[end - rows][1])
            width = whole - max(right, 2 * min(left, right))
            choices.append((best[end - rows][0] + _BAND_HEADER + rows * width, rows))
        best.append(min(choices))
    heights = []
    end = len(run)
    while end:
        heights.append(best[end][1])
        end -= best[end][1]
    return heights[::-1]


def _harmless(band: Image.Image) -> Image.Image:
    """The band without byte pairs that are real-time commands: one dot is set beside an inked one. Nobody sees it."""
    ink = band.point(lambda grey: 255 - grey).tobytes()
    while _REAL_TIME.search(ink):
        ink = _REAL_TIME.sub(lambda pair: bytes((0x18, pair.group()[1])), ink)
    return Image.frombytes("1", band.size, ink).point(lambda grey: 255 - grey)


def _feed(printer: Dummy, dots: int) -> None:
    """ESC J n: down by `dots` motion units of one dot, 255 at a time."""
    while dots > 0:
        step = min(dots, 255)
        printer._raw(b"\x1bJ" + bytes((step,)))
        dots -= step

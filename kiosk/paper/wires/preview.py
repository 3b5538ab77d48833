"""The wire to no printer: the bytes become pictures of paper in a folder, `paper-0001.png` and on.

It behaves like a printer in order that answers at once. What the bytes look like is `kiosk/paper/preview.py`'s affair.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from kiosk.paper.preview import Paper
from kiosk.paper.wires import Gone


class PreviewWire:
    """No printer: each paper becomes a picture in a folder."""

    answers = True
    keeps_open = True
    may_lose = False

    def __init__(self, folder: Path, width: int, on_paper: Callable[[Path], None]) -> None:
        self._folder, self._on_paper = folder, on_paper
        self._paper = Paper(width)
        self._said = b""

    def open(self) -> None:
        """Make the folder. Raises :class:`Gone`."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Gone(f"{self._folder}: {error}") from error

    def write(self, data: bytes, timeout: float) -> int:  # noqa: ARG002 - the wire's contract
        """See :class:`Wire`."""
        self._said += self._paper.feed(data)
        while self._paper.papers:
            self._save(self._paper.papers.pop(0).convert("L"))
        return len(data)

    def _save(self, picture: Image.Image) -> None:
        names = (re.fullmatch(r"paper-(\d+)\.png", file.name) for file in self._folder.glob("paper-*.png"))
        last = max((int(name.group(1)) for name in names if name), default=0)
        path = self._folder / f"paper-{last + 1:04}.png"
        unfinished = path.with_suffix(".tmp")
        try:
            picture.save(unfinished, "png")
            unfinished.replace(path)
        except OSError as error:
            raise Gone(f"{path}: {error}") from error
        self._on_paper(path)

    def read(self, timeout: float) -> bytes:  # noqa: ARG002 - the wire's contract
        """What a printer would have said."""
        said, self._said = self._said, b""
        return said

    def close(self, *, discard: bool = False) -> None:  # noqa: ARG002 - nothing is held back here
        """See :class:`Wire`."""
        self._said = b""

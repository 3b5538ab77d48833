"""Kivy for tests: one window in SDL's memory for the whole process, whichever program's widgets are drawn in it.

Import it before anything of Kivy's.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from assets.window import kivy_setup
from assets.window.place import Place, Windowed

kivy_setup.prepare(Path(tempfile.mkdtemp(prefix="luot-kivy-")), Place(Windowed(640, 480)), {"multisamples": "0"})

from kivy.lang import Builder  # noqa: E402
from PIL import Image  # noqa: E402

SIZES = ((1080, 1920), (1024, 768), (1920, 1080))
"""Pixels of the windows in which every screen is looked at."""


def picture_of(widget: Any) -> Image.Image:
    """What a widget looks like, drawn by the graphics card (or Mesa)."""
    Builder.sync()  # what the event loop does before each frame
    texture = widget.export_as_image().texture
    return Image.frombytes("RGBA", texture.size, texture.pixels).convert("RGB")

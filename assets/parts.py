"""Which parts of Luot are installed on this PC. A hall's PCs have one part each; a missing one is a sentence.

Nothing is imported here: what is asked for is only looked for.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final, Literal

Part = Literal["server", "kiosk", "display", "tls"]

_X11: Final = ("Xlib",) if sys.platform.startswith("linux") else ()
_NEEDS: Final[dict[Part, tuple[str, ...]]] = {
    "server": ("argon2", "fontpkg", "fonticon_mdi7", "sqlite_utils", "tomli_w"),
    "kiosk": ("escpos", "fontpkg", "fonticon_mdi7", "kivy", "PIL", "serial", "usb", *_X11),
    "display": ("fontpkg", "fonticon_mdi7", "kivy", *_X11),
    "tls": ("cryptography",),
}
_KIVY_UP_TO: Final = (3, 13)
"""Kivy 2.3.1 has wheels for no newer Python."""


def lacks(part: Part) -> str | None:
    """Why this PC cannot run a part, as a sentence for a person; None if it can."""
    absent = [name for name in _NEEDS[part] if find_spec(name) is None]
    if not absent:
        return None
    if "kivy" in absent and sys.version_info[:2] > _KIVY_UP_TO:
        return (
            f"the {part} cannot run on Python {sys.version_info.major}.{sys.version_info.minor}: Kivy, which it draws "
            'with, needs Python 3.11, 3.12 or 3.13. Install one of these, and with it "luot[' + part + ']"'
        )
    return f'the {part} part is not installed here (no {", ".join(absent)}): pip install "luot[{part}]"'

"""Every file a browser may get, in memory: a path that is not a key of the table is not served.

A page tells at once which modules its script needs, however deep, so that a browser asks for all of them together. Each
file has an ETag: whoever has it already is told so in a line.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import posixpath
import re
from importlib import resources
from typing import Final

from msgspec import Struct

from assets import fonts, texts, theme

WEIGHTS: Final = (400, 500, 600, 700, 800)
TYPES: Final = {".js": "text/javascript", ".ttf": "font/ttf"}
"""Of these the system's own table may say something else, on which a browser runs no module."""
IMPORTED: Final = re.compile(r"^(?:import|export)\b[^;]*?from \"(\.[^\"]+)\";", re.M)
SCRIPT: Final = re.compile(r"^( *)<script type=\"module\" src=\"([^\"]+)\"></script>(?=\n)", re.M)


class File(Struct, frozen=True):
    """What is sent for a path."""

    kind: str
    """Its Content-Type."""
    body: bytes
    etag: str
    keep: bool
    """A browser need not ask for it again within an hour: it changes with a release alone."""


def _file(kind: str, body: bytes, *, keep: bool = False) -> File:
    return File(kind, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"', keep)


def table() -> dict[str, File]:
    """Path → file, of everything there is."""
    found: dict[str, File] = {}
    pages: dict[str, str] = {}
    for room in resources.files("server").joinpath("web").iterdir():
        for file in room.iterdir() if room.is_dir() else ():
            stem, ending = posixpath.splitext(file.name)
            kind = TYPES.get(ending) or mimetypes.guess_type(file.name)[0]
            if kind is None or not file.is_file() or file.name.endswith(".d.ts"):  # types are for the checks alone
                continue
            text = "; charset=utf-8" if kind.startswith("text/") else ""
            if ending == ".html":
                pages[f"/{stem}"] = file.read_text("utf-8")
            else:
                found[f"/web/{room.name}/{file.name}"] = _file(kind + text, file.read_bytes())
    found["/web/theme.css"] = _file("text/css; charset=utf-8", theme.css().encode())
    for weight in WEIGHTS:
        found[f"/web/fonts/BeVietnamPro-{weight}.ttf"] = _file("font/ttf", fonts.font(weight).read_bytes(), keep=True)
    for lang in texts.languages():
        catalog = json.dumps(texts.catalog(lang), ensure_ascii=False).encode()
        found[f"/web/texts/{lang}.json"] = _file("application/json", catalog)
    scripts = {path: file.body.decode() for path, file in found.items() if path.endswith(".js")}
    made = {path: _file("text/html; charset=utf-8", preloading(page, scripts)) for path, page in pages.items()}
    return found | made


def preloading(page: str, scripts: dict[str, str]) -> bytes:
    """A page that names every module its script imports, before the script. `scripts`: path → text."""

    def named(found: re.Match[str]) -> str:
        indent, script = found.groups()
        lines = [f'{indent}<link rel="modulepreload" href="{path}">\n' for path in needed(script, scripts)]
        return "".join(lines) + found[0]

    return SCRIPT.sub(named, page).encode()


def needed(script: str, scripts: dict[str, str]) -> list[str]:
    """The paths of all modules that a script imports, itself or by others, nearest first. Raises KeyError for a path
    that is none of `scripts`.
    """
    found: dict[str, None] = {}
    waiting = [script]
    while waiting:
        path = waiting.pop(0)
        for imported in IMPORTED.findall(scripts[path]):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), imported))
            if target not in found and target != script:
                found[target] = None
                waiting.append(target)
    return list(found)

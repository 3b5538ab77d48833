"""Settings read from TOML and checked whole.

`read_toml` accepts a file only if all of it is right, and otherwise names every line and reason it can find. Nothing
is taken in part.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import tomli_w

from assets.fonts import glyph
from assets.texts import languages
from server.settings import faults as faults_of
from server.settings.shape import ITEMS, OPTIONS, TEXTS, BadSettings, Settings


def default_settings() -> Settings:
    """The default hall of 2026, from the assets."""
    return read_toml(resources.files("assets").joinpath("catalogue/default.toml").read_text("utf-8"))


LARGEST: Final = 1_000_000
"""Characters of a settings file."""
FAULTS: Final = 20
"""Faults that are told at once: to find the right name for each costs time, and nobody mends more at a time."""


def read_text(path: Path) -> str:
    """A settings or configuration file as text; a byte-order mark, as Windows' editors write it, is left out.

    Raises :class:`BadSettings`.
    """
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise BadSettings([error.strerror or str(error)]) from None
    except UnicodeDecodeError:
        raise BadSettings(["this is not UTF-8 text; save the file as UTF-8"]) from None


def parse(text: str) -> dict[str, Any]:
    """A TOML text's tables. Raises :class:`BadSettings`, whatever is in it."""
    if len(text) > LARGEST:
        raise BadSettings([f"this is far too long for settings: {len(text)} characters, at most {LARGEST}"])
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # too deep, or a number of thousands of digits
        raise BadSettings([faults_of.badly_written(str(error))]) from None


def read_toml(text: str) -> Settings:
    """Settings from a TOML text. Raises :class:`BadSettings` with the faults found, the first :data:`FAULTS`."""
    raw = parse(text)
    if not raw:
        raise BadSettings(["there are no settings in it"])
    faults = [_with_line(text, path, reason) for path, reason in islice(_faults(raw), FAULTS)]
    if not faults:
        settings: Settings = msgspec.convert(raw, Settings)
        faults = [_with_line(text, path, reason) for path, reason in islice(_contradictions(settings), FAULTS)]
        if not faults:
            return settings
    raise BadSettings(faults)


def to_toml(settings: Settings) -> str:
    """The same settings as a TOML text that `read_toml` takes back unchanged."""
    return tomli_w.dumps(_bare(msgspec.to_builtins(settings)))


def _bare(value: Any) -> Any:
    """Without what is empty: blank is blank."""
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in value.items() if inner not in ("", (), [], {}, None)}
    if isinstance(value, list | tuple):
        return [_bare(inner) for inner in value]
    return value


def _faults(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Wrong types and unknown keys, item by item, so that one fault does not hide the next."""
    known = Settings.__struct_fields__
    for key in raw:
        if key not in known:
            yield key, f"unknown key {key!r}{nearest(key, known)}"
    for key, kind in ITEMS.items():
        items = raw.get(key, [])
        if not isinstance(items, list):
            yield key, f"{key} must be [[{key}]] tables"
            continue
        for index, item in enumerate(items):
            yield from _fault_of(item, kind, f"{key}[{index}]")
    rest = {key: value for key, value in raw.items() if key in OPTIONS}
    yield from _fault_of({**rest, "areas": [], "desks": []}, Settings, "")
    yield from ((key, f"there must be at least one [[{key}]]") for key in ("areas", "desks") if not raw.get(key))


def _fault_of(item: Any, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(item, dict) and path:
        for key in item:
            if key not in kind.__struct_fields__:
                yield f"{path}.{key}", f"unknown key {key!r}{nearest(key, kind.__struct_fields__)}"
                return
    try:
        msgspec.convert(item, kind)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        place = f"{path}{where.rstrip('`')}".lstrip(".")
        yield place, faults_of.plain(place, reason)


def nearest(key: str, known: Iterable[str]) -> str:
    """`; did you mean 'areas'?` for a key close to a known one; else nothing."""
    close = difflib.get_close_matches(key, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _contradictions(s: Settings) -> Iterator[tuple[str, str]]:
    """What is well-formed and still cannot be."""
    try:
        ZoneInfo(s.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield "timezone", f"no time zone {s.timezone!r}"
    areas = {area.code for area in s.areas}
    yield from _twice("areas", [area.code for area in s.areas], "code")
    yield from _twice("areas", [area.prefix for area in s.areas], "prefix")
    yield from _twice("procedures", [procedure.code for procedure in s.procedures], "code")
    yield from _twice("desks", [desk.code for desk in s.desks], "code")
    for index, area in enumerate(s.areas):
        try:
            glyph(area.icon)
        except KeyError:
            yield f"areas[{index}].icon", f"no icon {area.icon!r} in Material Design Icons"
    for index, procedure in enumerate(s.procedures):
        if procedure.area not in areas:
            yield f"procedures[{index}].area", f"no area {procedure.area!r}{nearest(procedure.area, areas)}"
    served = [("desks", [desk.areas for desk in s.desks]), ("sessions", [session.areas for session in s.sessions])]
    for key, lists in served:
        for index, codes in enumerate(lists):
            for code in codes:
                if code not in areas:
                    yield f"{key}[{index}].areas", f"no area {code!r}{nearest(code, areas)}"
    for index, session in enumerate(s.sessions):
        if session.start >= session.end:
            yield f"sessions[{index}].end", f"the session ends at {session.end}, before it starts"
    yield from faults_of.overlaps(s.sessions)
    if len(s.rating.levels) not in {3, 5}:
        yield "rating.levels", "there must be three or five levels"
    for key in s.texts:
        if key not in TEXTS:
            yield f"texts.{key}", f"unknown key {key!r}{nearest(key, TEXTS)}"
    if "vi" not in s.languages:
        yield "languages", "Vietnamese (vi) must be among the languages"
    yield from _twice("languages", list(s.languages), "language")
    for language in s.languages:
        if language not in languages():
            yield "languages", f"no sentences in {language!r}; there are {', '.join(languages())}"
    for path, text in _texts(msgspec.to_builtins(s), ""):
        if not text.get("vi", "").strip():
            yield path, "the Vietnamese text (vi) is missing"
        yield from faults_of.too_long(path, text)
        for language in text:
            if language not in languages():
                yield f"{path}.{language}", f"unknown language {language!r}; there are {', '.join(languages())}"


def _twice(key: str, values: list[str], name: str) -> Iterator[tuple[str, str]]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield f"{key}[{index}].{name}", f"{name} {value!r} stands twice"


def _texts(value: Any, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, dict):
        if value and all(isinstance(inner, str) for inner in value.values()):
            yield path, value
            return
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]")


def _with_line(text: str, path: str, reason: str) -> str:
    line = _line_of(text, path)
    return f"line {line}: {path}: {reason}" if line else f"{path}: {reason}"


def _line_of(text: str, path: str) -> int | None:
    """The line on which a path such as `areas[2].prefix` is written; its table's line where it is not."""
    steps = re.findall(r"([A-Za-z_-]+)(?:\[(\d+)\])?", path)
    if not steps:
        return None
    (table, index), rest = steps[0], [name for name, _ in steps[1:]]
    lines = text.splitlines()
    name = re.escape(table)

    def find(pattern: str, start: int = 0, end: int | None = None) -> list[int]:
        return [n for n in range(start, len(lines) if end is None else end) if re.match(pattern, lines[n])]

    items = find(rf"\s*\[\[\s*{name}\s*\]\]")
    starts = items or find(rf"\s*{name}\s*=") or find(rf"\s*\[\s*{name}\s*[\].]")
    if not starts:
        return None
    start = starts[int(index)] if index and int(index) < len(starts) else starts[0]
    if rest:
        end = next((n for n in items if n > start), None)
        key = re.escape(rest[0])
        within = find(rf"\s*({key}\s*=|\[\s*{name}\.{key}\s*\])", start + 1, end)
        start = within[0] if within else start
    return start + 1

"""The hall's settings: read from TOML, checked whole, kept in versioned tables, handed out as typed values.

`read_toml` accepts a file only if all of it is right, and otherwise names every line and reason it can find. Nothing
is taken in part. What the rules need of the settings is extracted by `policy`; what clients need by `hall_info`.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import tomli_w
from msgspec import Meta, Struct

from assets.fonts import glyph
from assets.texts import languages
from server import protocol as p
from server.access.people import Statement, change
from server.hall.calendar import Calendar
from server.hall.policy import Policy
from server.settings import faults as faults_of

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=40)]
Minutes = Annotated[int, Meta(ge=0, le=1440)]


class Area(p.AreaInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Slug
    prefix: Annotated[str, Meta(pattern=r"^[1-9]\Z")]
    color: Annotated[str, Meta(pattern=r"^#[0-9A-Fa-f]{6}\Z")] = "#0B5C6B"


class Procedure(p.ProcedureInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Slug
    certainty: Annotated[str, Meta(pattern=r"^[A-D](/[A-D])?\Z")] = "D"
    """A official · B secondary source · C well known, not checked · D uncertain."""
    valid_until: str = ""
    sensitive: bool = False
    """Logged by its area only (disability, poverty)."""
    same_day: bool = False


class Desk(p.DeskInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,4}\Z")]


class Session(p.SessionInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    start: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
    end: Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z")]
    weekdays: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)


class Priority(p.PriorityInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    weight: Annotated[int, Meta(ge=1, le=20)] = 4
    longest_wait: Minutes = 30


class Rating(p.RatingInfo, frozen=True, kw_only=True, forbid_unknown_fields=True):
    minutes: Minutes = 240
    reasons: Annotated[dict[p.ReasonCode, p.Text], Meta(max_length=p.MOST_REASONS)]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a hall can set. `assets/catalogue/default.toml` shows each key in use."""

    name: p.Text
    place: p.Text
    timezone: str = "Asia/Ho_Chi_Minh"
    languages: tuple[str, ...] = ("vi", "en")
    voice: bool = True
    no_show_calls: Annotated[int, Meta(ge=1, le=10)] = 2
    no_show_seconds: Annotated[int, Meta(ge=0, le=600)] = 45
    absences: Annotated[int, Meta(ge=1, le=20)] = 3
    day_end_minutes: Minutes = 120
    target_minutes: Annotated[int, Meta(ge=1, le=240)] = 15
    """The wait that reports are measured against (QĐ 468/QĐ-TTg: 15 minutes from 2025)."""
    priority: Priority
    rating: Rating
    texts: dict[str, p.Text] = {}
    areas: tuple[Area, ...]
    procedures: tuple[Procedure, ...] = ()
    desks: tuple[Desk, ...]
    sessions: tuple[Session, ...] = ()


TEXTS: Final = ("notice", "ticket_foot", "help", "slot")
"""The sentences that a hall may reword."""
ITEMS: Final = {"areas": Area, "procedures": Procedure, "desks": Desk, "sessions": Session}
OPTIONS: Final = tuple(name for name in Settings.__struct_fields__ if name not in ITEMS)


class BadSettings(ValueError):  # noqa: N818
    """A settings file is wrong. `faults` are sentences for a person, each with its line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def default() -> Settings:
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


# --- the tables ---------------------------------------------------------------------------------------------


def load(reader: Any) -> Settings | None:
    """The settings in force; null for a record that has none yet. Raises :class:`BadSettings`: they are damaged."""
    try:
        return _load(reader)
    except msgspec.MsgspecError as error:
        raise BadSettings([f"the record's own settings cannot be read: {error}"]) from error


def _load(reader: Any) -> Settings | None:
    raw: dict[str, Any] = {
        row["code"]: msgspec.json.decode(row["body"])
        for row in reader.execute("SELECT code, body FROM options WHERE until IS NULL")
    }
    if not raw:
        return None
    for table in ITEMS:
        raw[table] = [
            msgspec.json.decode(row["body"])
            for row in reader.execute(f"SELECT body FROM {table} WHERE until IS NULL ORDER BY position")
        ]
    return msgspec.convert(raw, Settings)


def store(before: Settings | None, after: Settings, who: str, now: int) -> list[Statement]:
    """The statements that put `after` in force: old versions end, new ones begin, each change is logged."""
    out: list[Statement] = []
    for table, old, new in _differences(before, after):
        for code in [*old, *(code for code in new if code not in old)]:
            was, is_ = old.get(code), new.get(code)
            if was == is_:
                continue
            out.append((f"UPDATE {table} SET until = ? WHERE code = ? AND until IS NULL", (now, code)))
            if is_ is not None:
                position, body = is_
                # The same instant twice (two imports within a millisecond): the later one stands.
                out.append((f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, NULL)", (code, position, body, now)))
            out.append(change(now, who, f"{table}:{code}", was[1] if was else None, is_[1] if is_ else None))
    return out


def told(before: Settings, after: Settings) -> list[str]:
    """What `store` changes, a line for each table."""
    out = []
    for table, old, new in _differences(before, after):
        changed = [code for code in new if code in old and old[code][1] != new[code][1]]
        added, gone = [code for code in new if code not in old], [code for code in old if code not in new]
        if table == "options":
            out += changed
        elif table == "sessions":
            out += [f"sessions: {', '.join(map(faults_of.span, after.sessions))}"] if changed or added or gone else []
        else:
            lists = ((changed, "changed"), (added, "new"), (gone, "taken away"))
            parts = [f"{', '.join(codes)} {what}" for codes, what in lists if codes]
            if parts or [*old] != [*new]:
                out.append(f"{table}: {'; '.join(parts) or 'in another order'}")
    return out


Versions = dict[str, tuple[int, str]]


def _differences(before: Settings | None, after: Settings) -> Iterator[tuple[str, Versions, Versions]]:
    for table in ("options", *ITEMS):
        yield table, _versions(before, table), _versions(after, table)


def _versions(settings: Settings | None, table: str) -> Versions:
    if settings is None:
        return {}
    if table == "options":
        return {name: (0, _json(getattr(settings, name))) for name in OPTIONS}
    items = getattr(settings, table)
    return {getattr(item, "code", str(n)): (n, _json(item)) for n, item in enumerate(items)}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


# --- what others need of them -------------------------------------------------------------------------------


def policy(
    s: Settings,
    *,
    secret: bytes,
    kiosks: tuple[str, ...] = (),
    displays: p.Displays = "none",
    always_open: bool = False,
    tickets_per_minute: int = 30,
    burst: int = 3,
) -> Policy:
    return Policy(
        calendar=Calendar(s.timezone, s.sessions, always_open),
        areas={area.code: area for area in s.areas},
        desks={desk.code: desk for desk in s.desks},
        procedures={procedure.code: procedure.area for procedure in s.procedures},
        sensitive=frozenset(procedure.code for procedure in s.procedures if procedure.sensitive),
        kiosks=kiosks,
        displays=displays,
        secret=secret,
        priority=s.priority.policy,
        weight=s.priority.weight,
        longest_wait_minutes=s.priority.longest_wait,
        no_show_calls=s.no_show_calls,
        no_show_seconds=s.no_show_seconds,
        absences=s.absences,
        rating_minutes=s.rating.minutes,
        rating_levels=len(s.rating.levels),
        day_end_minutes=s.day_end_minutes,
        tickets_per_minute=tickets_per_minute,
        burst=burst,
    )


def hall_info(s: Settings) -> p.HallInfo:
    return p.HallInfo(
        name=s.name,
        place=s.place,
        areas=s.areas,
        procedures=s.procedures,
        desks=s.desks,
        sessions=s.sessions,
        priority=s.priority,
        rating=s.rating,
        texts=s.texts,
        timezone=s.timezone,
        languages=s.languages,
        voice=s.voice,
        no_show_calls=s.no_show_calls,
        no_show_seconds=s.no_show_seconds,
        target_minutes=s.target_minutes,
    )

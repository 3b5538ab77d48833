"""What is wrong with a settings file, in sentences for a person who has never heard of a regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

from server.protocol.types import PriorityPolicy

LONGEST: Final = {
    "name": 75,
    "place": 75,
    "areas.name": 60,
    "areas.short": 20,
    "areas.words": 120,
    "procedures.name": 130,
    "procedures.words": 130,
    "procedures.papers": 130,
    "procedures.note": 130,
    "procedures.time_limit": 130,
    "procedures.fee": 130,
    "procedures.exempt": 130,
    "procedures.elsewhere": 130,
    "desks.name": 40,
    "priority.rule": 130,
    "priority.short": 130,
    "rating.question": 100,
    "rating.levels": 30,
    "rating.reasons": 60,
    "texts": 130,
}
"""Characters of each text: no longer than those with which the tests look at kiosk, display and paper."""

_SLUG: Final = "small letters a–z, digits and hyphens, such as tu-phap,"
_WANTED: Final[dict[str, str]] = {
    "areas.code": _SLUG,
    "procedures.code": _SLUG,
    "desks.code": "one to four digits or letters, such as 1,",
    "areas.prefix": "one digit from 1 to 9",
    "areas.color": "a colour such as #0B5C6B",
    "sessions.start": "a time such as 07:30",
    "sessions.end": "a time such as 11:30",
    "procedures.certainty": "one of A, B, C and D",
}
_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def kind_of(path: str) -> str:
    """`areas[2].name` → `areas.name`."""
    return re.sub(r"\[[^\]]*\]", "", path)


def plain(path: str, reason: str) -> str:
    """msgspec's reason as a sentence."""
    if found := re.fullmatch(r"Object missing required field `(\w+)`", reason):
        return f"`{found[1]}` is missing"
    if found := re.fullmatch(r"Expected `([^`]+)`, got `(\w+)`", reason):
        wanted = " or ".join(_KINDS.get(kind.strip(), kind) for kind in found[1].split("|"))
        return f"{wanted} is expected, not {_KINDS.get(found[2], found[2])}"
    if found := re.fullmatch(r"Invalid enum value (.+)", reason):
        return f"{found[1]} is none of {', '.join(get_args(PriorityPolicy))}"
    if right := _WANTED.get(kind_of(path)):
        return f"{right} is expected"
    if found := re.fullmatch(r"Expected `(?:int|float)` (>=|<=) (\S+)", reason):
        return f"at {'least' if found[1] == '>=' else 'most'} {found[2]} is expected"
    if found := re.fullmatch(r"Expected `(?:str|object|array)` of length <= (\d+)", reason):
        return f"at most {found[1]} are expected"
    return reason


def badly_written(reason: str) -> str:
    """The TOML reader's reason, with the line first."""
    found = re.search(r"\(at line (\d+), column \d+\)", reason)
    return f"{f'line {found[1]}: ' if found else ''}this is not written as TOML ({reason})"


def too_long(path: str, text: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Of a text in several languages at `path`, those which the screens do not hold."""
    kind = kind_of(path)
    limit = LONGEST.get(kind) or LONGEST.get(kind.rpartition(".")[0])
    for language, words in text.items():
        if limit is not None and len(words.strip()) > limit:
            yield f"{path}.{language}", f"{len(words.strip())} characters, the screens hold {limit}: make it shorter"


def overlaps(sessions: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Sessions (as `SessionInfo`) that are open at the same time on the same day for the same area."""
    for n, later in enumerate(sessions):
        for earlier in sessions[:n]:
            days = set(later.weekdays) & set(earlier.weekdays)
            for_one = not later.areas or not earlier.areas or set(later.areas) & set(earlier.areas)
            if days and for_one and later.start < earlier.end and earlier.start < later.end:
                both = f"{span(later)} overlaps {span(earlier)} on {_DAYS[min(days)]}"
                yield f"sessions[{n}].start", f"{both}: let one end before the other begins"


def span(session: Any) -> str:
    """`07:30–11:30`"""
    return f"{session.start}–{session.end}"

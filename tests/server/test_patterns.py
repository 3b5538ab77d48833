"""A pattern means the whole value: Python's `$` lets a line end through before the end of the text."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]  # the tree that `re` itself compiles
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Annotated, Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from server import protocol as p
from server.settings.process import Config
from server.settings.shape import Settings

ROOT: Final = Path(__file__).parents[2]
TAKEN: Final = (p.Hello, *p.COMMANDS, Settings, Config, p.Pin, p.IsoDate)
"""What is decoded of what others send or write."""


def constrained(kind: Any) -> Iterator[inspect.StrType]:
    """Every string with a pattern anywhere within a type."""
    seen: set[int] = set()
    left = [kind]
    while left:
        at = left.pop()
        if isinstance(at, inspect.StrType) and at.pattern is not None:
            yield at
        if isinstance(at, inspect.Type | inspect.Field) and id(at) not in seen:
            seen.add(id(at))
            left += [getattr(at, name) for name in at.__struct_fields__]
        elif isinstance(at, tuple):
            left += at


PATTERNS: Final = {str(found.pattern) for kind in TAKEN for found in constrained(inspect.type_info(kind))}


def test_the_patterns_are_found() -> None:
    """Those of numbers, PINs, dates and ids; of prefixes, colours, codes and hours."""
    for sample in ("1001", "246810", "2026-11-23", "1", "#0B5C6B", "tu-phap", "07:30"):
        assert any(re.search(pattern, sample) for pattern in PATTERNS), sample
    assert len(PATTERNS) >= 12


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
@given(data=st.data())
def test_no_pattern_takes_a_line_end(pattern: str, data: st.DataObject) -> None:
    one = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)).rstrip("\n")
    kind = msgspec.Meta(pattern=pattern)
    assert takes(kind, one)
    for end in ("\n", "\r\n", "\r", "\u2028"):
        assert not takes(kind, one + end), repr(one + end)
        assert not takes(kind, end + one), repr(end + one)


def takes(meta: msgspec.Meta, value: str) -> bool:
    try:
        msgspec.convert(value, Annotated[str, meta])
    except msgspec.ValidationError:
        return False
    return True


def written() -> Iterator[tuple[str, str]]:
    """Every pattern that stands in the code: `re.…("…")` and `pattern="…"`, each with its place."""
    for folder in ("server", "assets", "kiosk", "display"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                of_re = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re"
                texts = [*(node.args[:1] if of_re else ()), *(k.value for k in node.keywords if k.arg == "pattern")]
                for text in texts:
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", text.value


def ends_loosely(tree: Any) -> bool:
    """Is there a `$` that means an end, as `re` reads it?"""
    if isinstance(tree, tuple) and tuple(tree[:2]) == (codes.AT, codes.AT_END):
        return True
    return isinstance(tree, tuple | list | parser.SubPattern) and any(ends_loosely(inner) for inner in tree)


def test_no_pattern_in_the_code_ends_before_a_line_end() -> None:
    found = dict(written())
    assert len(found) >= 20
    assert ends_loosely(parser.parse("^a$"))
    assert not ends_loosely(parser.parse(r"^(a|[$]|\$)\Z"))
    assert [place for place, pattern in found.items() if ends_loosely(parser.parse(pattern))] == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("call_ticket", {"ticket": None, "number": "1001\n"}),
        ("story", {"date": "2026-11-23\n", "number": "1001"}),
        ("set_pin", {"name": "Hoa", "pin": "246810\n"}),
    ],
)
def test_a_message_with_a_line_end_is_refused(kind: str, fields: dict[str, Any]) -> None:
    right = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    id = "00000000-0000-4000-8000-000000000001"
    assert p.decode_command(json.dumps({"type": kind, "id": id, **right}))
    for bad in ({**right, "id": id + "\n"}, {"id": id, **fields}):
        with pytest.raises(p.BadMessage):
            p.decode_command(json.dumps({"type": kind, **bad}))

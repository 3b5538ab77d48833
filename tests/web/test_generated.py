"""What the pages know of the protocol is made from the Python sources, and the files are as those make them now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import inspect as shapes

from tests.tools import web

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", web.FILES, ids=lambda path: path.name)
def test_the_files_are_what_the_sources_make(path: Path) -> None:
    assert path.read_text("utf-8") == web.FILES[path](), "stale: run `python -m tests.tools.web`"


def test_every_value_is_used_by_a_page() -> None:
    scripts = "".join(
        path.read_text("utf-8") for path in (ROOT / "server/web").rglob("*.js") if path.name != "values.js"
    )
    names = re.findall(r"^export const (\w+)", web.values(), re.M)
    assert len(names) > 5
    assert [name for name in names if not re.search(rf"\b{name}\b", scripts)] == []


def test_every_command_has_a_type_and_an_answer() -> None:
    text = web.protocol()
    for table in ("Commands", "Results"):
        body = text.split(f"export interface {table} {{")[1].split("}")[0]
        assert re.findall(r"^  (\w+):", body, re.M) == [str(cls.__struct_config__.tag) for cls in web.p.COMMANDS]


def test_a_type_without_a_counterpart_is_refused_not_guessed() -> None:
    with pytest.raises(TypeError, match="no TypeScript for"):
        web.written(shapes.BytesType(), "bytes")

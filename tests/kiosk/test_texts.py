"""Every sentence of the kiosk has its English, with the same named fields."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from assets.texts import catalog

FOLDER = Path(__file__).parents[2] / "kiosk"


def sentences() -> set[str]:
    found = set()
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name == "_":
                found.add(str(node.args[0].value))
    return found


def test_there_are_sentences() -> None:
    assert len(sentences()) > 100


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_it_has_its_english(sentence: str) -> None:
    english = catalog("en").get(sentence)
    assert english, "no English"
    fields = re.compile(r"%\((\w+)\)s")
    assert sorted(fields.findall(english)) == sorted(fields.findall(sentence))

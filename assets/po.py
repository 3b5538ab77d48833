"""Reads gettext's .po files, as far as ours use them: a sentence and its translation, one or several lines each.

So that kiosk and display need no Babel (33 MB) and no compiled file can be older than what it was made from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """Every translated sentence by its key. Raises ValueError, with file and line, for what is not read here:
    contexts, plural forms, entries marked fuzzy.
    """
    found: dict[str, str] = {}
    key = ""
    for line, keyword, text in _entries(path):
        if keyword == "msgid":
            key = text
        elif keyword == "msgstr":
            if key and text:
                found[key] = text
        else:
            raise ValueError(f"{path}, line {line}: {keyword} is not read here")
    return found


def _entries(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, keyword and whole text of each part of each entry."""
    started: tuple[int, str] | None = None
    parts: list[str] = []
    for n, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = raw.strip()
        if line.startswith("#,") and "fuzzy" in line:
            raise ValueError(f"{path}, line {n}: a translation marked fuzzy is not read here")
        if not line or line.startswith("#"):
            continue
        if not line.startswith('"'):
            if started:
                yield *started, "".join(parts)
            keyword, _, line = line.partition(" ")
            started, parts = (n, keyword), []
        parts.append(_unquoted(line, path, n))
    if started:
        yield *started, "".join(parts)


def _unquoted(text: str, path: Path, line: int) -> str:
    """A quoted string; its escapes are C's, which are Python's as well."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        value = None
    if not text.startswith('"') or not isinstance(value, str):
        raise ValueError(f"{path}, line {line}: not a quoted string: {text}")
    return value

"""A log stays short whatever is sent, and tells what it left out."""

from __future__ import annotations

import logging

from assets.logs import A_WHILE, AT_ONCE, KINDS, Few


def test_few_lines_of_one_kind_are_written_and_the_others_counted() -> None:
    now = 0.0
    few = Few(lambda: now)

    def line(text: str, *args: object) -> str | None:
        record = logging.LogRecord("luot", logging.INFO, "", 0, text, args, None)
        return record.getMessage() if few.filter(record) else None

    written = [line("wrong PIN for %r", n) for n in range(1000)]
    assert [text for text in written if text] == [f"wrong PIN for {n}" for n in range(AT_ONCE)]
    assert line("another kind") == "another kind"
    now = A_WHILE
    assert line("wrong PIN for %r", 7) == f"wrong PIN for 7 (and {1000 - AT_ONCE} more like this)"
    assert line("wrong PIN for %r", 8) == "wrong PIN for 8"
    assert line("another kind") == "another kind", "nothing was left out of it"
    for n in range(3 * KINDS):
        line(f"kind {n}")
    assert len(few._seen) <= KINDS

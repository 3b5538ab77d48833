"""What the hall has been told of each call."""

from __future__ import annotations

from display.told import ToldOf


def test_each_word_is_told_once_and_shown_before_said() -> None:
    told = ToldOf()
    told.said((11, 12))
    due = told.due((11, 12, 13))
    assert due == [(11, "shown"), (11, "said"), (12, "shown"), (12, "said"), (13, "shown")]
    for call, how in due[:3]:
        told.told(call, how)
    assert told.due((11, 12, 13)) == [(12, "said"), (13, "shown")]


def test_what_is_not_seen_is_not_told_as_shown() -> None:
    told = ToldOf()
    told.said((11,))
    assert told.due(()) == [(11, "said")]


def test_of_calls_that_are_gone_nothing_is_told_and_nothing_is_kept() -> None:
    told = ToldOf()
    told.said((11, 12))
    told.told(11, "said")
    told.keep((12,))
    assert told.due((12,)) == [(12, "shown"), (12, "said")]
    told.keep(())
    assert told.due((11,)) == [(11, "shown")], "a record that was restored may give the same number again"

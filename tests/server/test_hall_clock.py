"""A client's idea of the hall's time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from server.client.clock import HallClock, instant


def test_it_says_nothing_before_the_hall_does_and_runs_on_after_its_last_word() -> None:
    clock = HallClock()
    assert clock.now() is clock.said is None
    said = instant("2026-11-23T08:42:07+07:00")
    before = time.monotonic()
    clock.heard(said)
    while (first := clock.now()) == said:
        pass
    assert first is not None
    assert clock.said == said == datetime(2026, 11, 23, 1, 42, 7, tzinfo=UTC)
    assert said < first <= said + timedelta(seconds=time.monotonic() - before)


@pytest.mark.parametrize("text", ["", "noon", "2026-11-23T08:42:07", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_what_is_no_time_of_a_hall_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|isoformat"):
        instant(text)

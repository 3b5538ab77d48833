"""Days that earlier releases have written: this version opens, folds and proves them, and goes on after them."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from server import protocol as p
from server.hall.events import KINDS
from server.live import recovery as recoveries
from server.record.check import Faulty, check
from tests.halls import hall, until
from tests.tools.days import lines_of, put_back

DAYS = sorted(Path(__file__).parent.glob("*.jsonl"))


@pytest.mark.parametrize("recorded", DAYS, ids=lambda path: path.stem)
async def test_a_recorded_day_is_proven_and_a_hall_goes_on_after_it(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recoveries, "KIOSKS_WITHIN", 0.4)  # none of its kiosks comes
    with recorded.open(encoding="utf-8") as lines:
        proof = put_back(lines, tmp_path)
    assert msgspec.to_builtins(check(tmp_path)) == proof
    async with hall(tmp_path) as h:
        await until(lambda: h.service.rounds.marking.allowed)
        area = h.service.in_force.settings.areas[0].code
        await (await h.desk()).ask(p.Issue, area=area)
    assert check(tmp_path).tickets == proof["tickets"] + 1


def test_the_recorded_days_hold_every_kind_of_event() -> None:
    rows = [json.loads(line) for path in DAYS for line in path.read_text("utf-8").splitlines()]
    assert {row["kind"] for row in rows if row.get("table") == "events"} == set(KINDS)


def test_a_changed_row_is_found(tmp_path: Path) -> None:
    """The lines hold what is needed to tell."""
    lines = DAYS[0].read_text("utf-8").splitlines()
    n = next(n for n, line in enumerate(lines) if '"kind": "issued"' in line)
    lines[n] = lines[n].replace('"number": "', '"number": "9')
    put_back(iter(lines), tmp_path)
    with pytest.raises(Faulty, match="the hash does not fit"):
        check(tmp_path)


def test_what_is_recorded_is_what_is_put_back(tmp_path: Path) -> None:
    lines = DAYS[0].read_text("utf-8").splitlines()
    put_back(iter(lines), tmp_path)
    assert list(lines_of(tmp_path)) == lines

"""Five simulated days: what must hold of every ticket, and every figure of the reports against an independent count."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from tests.halls import begin, events_of, luot, program, sitting, size

pytestmark = pytest.mark.load
RECOMPUTE = Path(__file__).parents[1] / "recompute.py"


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("five-days")
    made = subprocess.run(
        [sys.executable, "-m", "server", "simulate", "--days", "5", "--tickets", "200", "--data", str(folder)],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return folder


def recomputed(folder: Any, start: Any, end: Any) -> Any:
    line = [sys.executable, str(RECOMPUTE), str(folder), start, end]
    return json.loads(subprocess.run(line, capture_output=True, text=True, timeout=120, check=True).stdout)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-09-07", "2026-09-11"),
        ("2026-09-08", "2026-09-08"),
        ("2026-09-10", "2026-12-31"),
        ("2026-01-01", "2026-01-31"),
    ],
)
def test_every_figure_equals_one_recomputed_from_the_events(days: Any, start: Any, end: Any) -> None:
    said = luot("report", "--period", f"{start}..{end}", "--format", "json", data=days)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == recomputed(days, start, end)


def test_the_days_are_what_they_should_be(days: Any) -> None:
    """About a thousand tickets; every kind of thing happens; `luot check` is content."""
    events = events_of(days)
    kinds = {event["kind"] for event in events}
    assert {"issued", "called", "recalled", "no_show", "requeued", "undone", "rated", "desk_paused", "cancelled",
            "print_failed", "finished"} <= kinds  # fmt: skip
    assert 850 <= sum(event["kind"] == "issued" for event in events) <= 1150
    assert luot("check", data=days).returncode == 0


def test_the_same_seed_makes_the_same_days(tmp_path: Path) -> None:
    shapes = []
    for name in ("a", "b"):
        folder = tmp_path / name
        made = luot("simulate", "--days", "1", "--tickets", str(size(40, 300)), "--seed", "9", data=folder)
        assert made.returncode == 0, made.stderr
        shapes.append(
            [
                (e["at"], e["kind"], e["number"], e["desk"], e["outcome"], e["score"], e["request"])
                for e in events_of(folder)
            ]
        )
    assert shapes[0] == shapes[1]


def test_nothing_is_invented_beside_real_days(tmp_path: Path) -> None:
    begin(tmp_path)
    token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=tmp_path).stdout.strip()

    async def one_ticket(url: Any) -> None:
        async with sitting(url, "kiosk", token) as seat:
            await seat.ask(p.Issue, area="tu-phap")

    with program(tmp_path) as found:
        asyncio.run(one_ticket(found.url))
        found.stop()
    refused = luot("simulate", "--days", "1", data=tmp_path)
    assert refused.returncode == 2
    assert "real days" in refused.stderr


def test_csv_and_text_say_the_same(days: Any) -> None:
    text = luot("report", "--period", "2026-09-07..2026-09-11", data=days).stdout
    csv = luot("report", "--period", "2026-09-07..2026-09-11", "--format", "csv", data=days).stdout
    total = recomputed(days, "2026-09-07", "2026-09-11")["total"]
    assert f"total{' ' * 23}{total['issued']:>8}{total['visits']:>8}{total['no_show']:>8}" in text
    assert f"total,,{total['issued']},{total['served']},{total['no_show']}," in csv


def test_few_ratings_make_no_share(days: Any) -> None:
    """One voice of four would swing it by 25 points; the count is said all the same."""
    text = luot("report", "--period", "2026-09-07..2026-09-07", data=days).stdout
    said = re.findall(r"(-|\d+ %) \((\d+)\)$", text, re.MULTILINE)
    assert len(said) > 10
    assert {int(n) < 5 for _, n in said} == {True, False}
    assert all((share == "-") == (int(n) < 5) for share, n in said)


@pytest.mark.parametrize("period", ["fortnight", "2026-13-01..2026-12-01", "2026-12-31..2026-01-01"])
def test_a_bad_period_is_named(days: Any, period: Any) -> None:
    said = luot("report", "--period", period, data=days)
    assert said.returncode == 2
    assert "--period" in said.stderr

"""`luot simulate` ends well, whatever the seed: sixty days of 300 tickets for ten seeds in `make proof`."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.halls import FULL, luot, size

pytestmark = pytest.mark.load


def test_simulated_days_end_well_and_say_nothing_that_is_not_so(tmp_path: Path) -> None:
    days, tickets = size(6, 60), size(60, 300)

    def run(seed: int) -> subprocess.CompletedProcess[str]:
        words = ["simulate", "--days", str(days), "--tickets", str(tickets), "--seed", str(seed)]
        line = [sys.executable, "-m", "server", *words, "--data", str(tmp_path / str(seed))]
        return subprocess.run(line, capture_output=True, text=True, timeout=3000, check=False)

    seeds = range(1, 11 if FULL else 4)
    with ThreadPoolExecutor(2) as pool:
        for seed, done in zip(seeds, pool.map(run, seeds), strict=True):
            assert done.returncode == 0, (seed, done.stderr[-2000:])
            assert f"{days} days" in done.stdout
            assert done.stderr == "", seed
            assert luot("check", data=tmp_path / str(seed)).returncode == 0

"""The pages' pure functions, by node's own test runner: periods, axes, times."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

UNITS = Path(__file__).with_name("units")


def test_the_pages_pure_functions() -> None:
    files = sorted(str(path) for path in UNITS.glob("*.test.js"))
    done = subprocess.run(["node", "--test", *files], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    passed = re.search(r"^(?:#|ℹ) pass (\d+)", done.stdout, re.M)
    assert passed, done.stdout
    assert int(passed[1]) >= 10, "the runner found nothing"

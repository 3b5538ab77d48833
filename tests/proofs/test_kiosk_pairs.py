"""A kiosk that showed A and then B shows B and nothing of A: pixel for pixel, for all pairs of its states.

Each size in a process of its own (see `tests/kiosk/pairs.py`).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.halls import FULL

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.screen


@pytest.mark.parametrize("size", ["1080x1920", "1024x768", "1920x1080"])
def test_a_screen_does_not_depend_on_what_was_shown_before(size: str) -> None:
    sample = [] if FULL else ["24", "2026"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.kiosk.pairs", size, *sample],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 differ" in done.stdout

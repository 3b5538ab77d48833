"""Every test that has a full size is run at full size by `make proof`."""

from __future__ import annotations

import re
from pathlib import Path

from tests.lanes import APART, PROOFS

ROOT = Path(__file__).parents[2]


def test_no_proof_is_left_out() -> None:
    listed = {word for lane in PROOFS for word in lane}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        name, text = file.relative_to(ROOT).as_posix(), file.read_text("utf-8")
        if not re.search(r"^from (tests\.)?halls import .*\b(FULL|size)\b", text, re.MULTILINE):
            continue
        if file.parent.name == "proofs":
            assert (f"--ignore={name}" in listed) == (name in APART)
        else:
            assert name in listed
            assert "mark.proof" in text, f"{name}: `make proof` would run none of its tests"

"""All tests, in lanes: two at a time, each a pytest of its own. With `--proof` the proofs alone, at full size; with
`--quick` the pure parts alone; with `--cover` all of them, and how much of the product they ran.

They cannot all share one process: the browser's driver keeps an event loop running. The story comes last and alone, as
its taps are made in real time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROOF, QUICK, COVER = (sys.argv[1:2] == [word] for word in ("--proof", "--quick", "--cover"))
MORE = sys.argv[2 if PROOF or QUICK or COVER else 1 :]
LANES = (("web",), ("server", "setup", "proofs"), ("kiosk", "display", "assets", "days"), ("desktop",))
ALONE = (("story",),)
APART = ("tests/proofs/test_kiosk_pairs.py", "tests/proofs/test_simulate.py", "tests/proofs/test_memory.py")
"""Proofs that take as long as all others together: the first alone, the second and third in a lane of theirs."""
PROOFS = (
    APART[:1],
    ("tests/proofs", *(f"--ignore={path}" for path in APART)),
    APART[1:],
    ("tests/display/test_screen.py", "tests/server/test_priority.py", "-m", "proof"),
    ("tests/desktop/test_screens.py", "tests/kiosk/test_killed.py", "-m", "proof"),
)
PURE = (
    tuple(f"tests/server/test_{name}.py" for name in ("rules", "order", "absence", "tally")),
    (
        *(f"tests/kiosk/test_{name}.py" for name in ("flow", "cancelling", "status", "texts")),
        *(f"tests/display/test_{name}.py" for name in ("board", "picture", "told")),
        *(f"tests/assets/test_{name}.py" for name in ("catalogue", "theme", "token")),
    ),
)
"""What needs no hall, no window and no file: the rules of the hall, the screens as state machines, the words."""
FLOORS = (
    ("server/hall/*,server/protocol/*,kiosk/flow/*,display/board.py", 95),
    ("server/*,kiosk/*,display/*,assets/*", 88),
)
"""Of lines and branches together: per cent of these files that must have run."""


def in_folders(lane: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"tests/{name}" for name in lane)


def run(lane: tuple[str, ...]) -> tuple[int, int, int]:
    """(exit code, passed, failed) of pytest with these words; its output is printed when it is done."""
    begun = time.monotonic()
    before = ["-m", "coverage", "run"] if COVER else []
    words = [sys.executable, *before, "-m", "pytest", "-q", *MORE, *lane]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(f"\n--- {' '.join(lane)} ({time.monotonic() - begun:.0f} s)\n{done.stdout}", flush=True)
    last = done.stdout.rstrip().rpartition("\n")[2]
    passed, failed = (sum(map(int, re.findall(rf"(\d+) (?:{word})", last))) for word in ("passed", "failed|error"))
    # A lane in which nothing ran has failed too: pytest's exit code 5.
    return done.returncode, passed, failed


def main() -> int:
    listed = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.rglob("test_*.py"))}
    missing = listed - {name for lane in (*LANES, *ALONE) for name in lane}
    if missing:
        print(f"no lane runs {sorted(missing)}")
        return 1
    if PROOF:
        os.environ["LUOT_PROOF"] = "full"
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, PROOFS if PROOF else PURE if QUICK else map(in_folders, LANES)))
    results += [run(in_folders(lane)) for lane in (() if PROOF or QUICK else ALONE)]
    print(f"{sum(r[1] for r in results)} passed, {sum(r[2] for r in results)} failed")
    return max([*(code for code, _, _ in results), *(covered() if COVER else ())])


def covered() -> Iterator[int]:
    """Print how much ran; exit codes: 2 where it is less than a floor."""
    subprocess.run([sys.executable, "-m", "coverage", "combine", "--quiet"], cwd=ROOT, check=True)
    for files, floor in FLOORS:
        words = ["coverage", "report", "--skip-covered", "--include", files, "--fail-under", str(floor)]
        yield subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

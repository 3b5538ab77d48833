"""Programs of ours as a person starts them, in the surroundings of a real PC."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.halls import Program as HallProgram
from tests.halls import begin, luot, program
from tests.surroundings import ended

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """One of our programs."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> int:
        """End it as the service manager does; its exit code."""
        self.process.terminate()
        return self.process.wait(20)


@contextlib.contextmanager
def running(log: Path, env: dict[str, str], *words: str) -> Iterator[Running]:
    """`python -m WORDS`; ended with the block, and killed if it does not end."""
    with log.open("ab") as out:
        process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        yield Running(process, log)
    finally:
        ended(process)


@dataclass
class House:
    """A hall that runs, with the tokens of a kiosk and a display."""

    program: HallProgram
    folder: Path

    def words(self, part: str) -> tuple[str, ...]:
        """How a part is started, but for its printer."""
        return (part, "--server", self.program.url, "--token-file", str(self.folder / f"{part}.token"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    data = tmp_path / "hall"
    begin(data)
    for part in ("kiosk", "display"):
        token = luot("device", "add", f"{part}-1", "--role", part, data=data).stdout
        (tmp_path / f"{part}.token").write_text(token)
    with program(data) as hall:
        yield House(hall, tmp_path)

"""The virtual printer that a developer starts: it says where it is, keeps papers, and does what is typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

from kiosk.paper.printer import Printer
from kiosk.paper.wires import wire_of
from tests.kiosk.test_printer import PICTURE, job, shows

ROOT = Path(__file__).parents[2]


def test_it_prints_keeps_papers_and_takes_faults(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.tools.printer", str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        spec = process.stdout.readline().split()[1]
        printer = Printer(wire_of(spec, width=576))
        assert printer.print(job()) == "confirmed"
        assert process.stdout.readline() == "paper 1\n"
        assert shows(Image.open(tmp_path / "paper-001.png"), PICTURE)
        for typed, answer in (("paper_out", "paper_out: True\n"), ("hello", "'hello' is none of paper_out, ")):
            process.stdin.write(f"{typed}\n")
            process.stdin.flush()
            assert process.stdout.readline().startswith(answer)
        assert printer.print(job()) == "paper_out"
        process.stdin.write("end\n")
        process.stdin.flush()
        assert process.wait(20) == 0

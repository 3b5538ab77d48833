"""`--list-printers` ends most calls for help: what it prints is what `--printer` takes."""

from __future__ import annotations

import os
import pty
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.paper.printers_here import _device_files, listed
from kiosk.paper.wires import wire_of
from tests.kiosk.usb_end import UsbEnd


def test_a_usb_printer_is_listed_as_the_option_takes_it() -> None:
    end = UsbEnd()
    said = listed(end)
    (line,) = [line for line in said.splitlines() if "usb:" in line]
    spec = line.split()[0]
    assert spec == "usb:04b8:0e15"
    wire_of(spec, width=576)


def test_without_a_printer_it_says_what_to_look_at() -> None:
    end = UsbEnd()
    end.pull()
    assert "switched on" in listed(end) or "serial:" in listed(end)
    assert "tcp:ADDRESS" in listed(end)


def test_device_files_are_listed_and_taken(tmp_path: Path) -> None:
    own, other = pty.openpty()
    try:
        (tmp_path / "lp0").symlink_to(os.ttyname(other))
        ((spec, words),) = _device_files(tmp_path)
    finally:
        os.close(own)
        os.close(other)
    assert spec == f"file:{tmp_path}/lp0"
    assert "cannot answer" in words
    wire_of(spec, width=576)


def test_the_option_needs_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--list-printers"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("Printers of this PC")

"""Starts by itself: units that systemd accepts, definitions that the task scheduler's schema allows."""

from __future__ import annotations

import subprocess
from xml.etree import ElementTree

import pytest
from halls import luot

from assets import watchdog
from server import install


@pytest.mark.parametrize("part", list(install.Part))
def test_systemd_accepts_the_unit(tmp_path, part):
    said = luot("install", part, "--print", data=tmp_path / "thư mục có dấu % và cách")
    assert said.returncode == 0, said.stderr
    unit = tmp_path / f"luot-{part}.service"
    unit.write_text(said.stdout, "utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    own = [line for line in checked.stderr.splitlines() if unit.name in line]
    assert checked.returncode == 0, checked.stderr
    assert own == []
    assert "Restart=always" in said.stdout
    assert "WatchdogSec=" in said.stdout
    assert "Type=notify" in said.stdout


@pytest.mark.parametrize("part", list(install.Part))
def test_the_task_restarts_on_failure(part):
    text = install.task(part, ["-m", "server", "hall", "--data", r"C:\Dữ liệu & <hội trường>"])
    root = ElementTree.fromstring(text.encode("utf-16"))
    names = {element.tag.rpartition("}")[2]: element.text for element in root.iter()}
    assert names["Count"] == "999"
    assert names["ExecutionTimeLimit"] == "PT0S"
    assert names["Interval"] == "PT1M"
    repeated = [element for element in root.iter() if element.tag.endswith("}Repetition")]
    assert repeated, "nothing starts it again once it has ended by itself"
    assert r"C:\Dữ liệu & <hội trường>" in names["Arguments"]


def test_what_a_device_needs_is_passed_on(tmp_path):
    kiosk = luot("install", "kiosk", "--print", "--profile", "TM-T88V", "--lang", "en", data=tmp_path).stdout
    assert "--profile TM-T88V --lang en" in kiosk
    display = luot("install", "display", "--print", "--voice", "off", data=tmp_path).stdout
    assert "--voice off" in display


def test_sudo_does_not_make_root_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "hoa")
    assert "User=hoa\n" in luot("install", "kiosk", "--print", data=tmp_path).stdout


def test_the_watchdog_is_fed(tmp_path, monkeypatch):
    import socket

    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        watchdog.ready()
        watchdog.alive()
        assert [manager.recv(100) for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]


def test_the_running_hall_tells_systemd(tmp_path, monkeypatch):
    import socket

    from halls import program

    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        with program(tmp_path / "hall") as found:
            said = {manager.recv(100) for _ in range(2)}
            assert said == {b"READY=1", b"WATCHDOG=1"}
            assert found.stop() == 0

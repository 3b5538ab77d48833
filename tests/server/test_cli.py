"""The command line says what is wrong in a sentence, before anything is done; never a traceback."""

from __future__ import annotations

import codecs
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from server.settings.reading import default_settings, to_toml
from tests.halls import begin, luot, program

DEFAULT = to_toml(default_settings())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("hall", "--port", "99999"), "65535"),
        (("hall", "--config", "none.toml"), "none.toml"),
        (("simulate", "--desks", "0"), "--desks"),
        (("simulate", "--days", "0"), "--days"),
        (("device", "add", "Bếp", "--role", "toaster"), "toaster"),
        (("settings", "import", "none.toml"), "none.toml"),
    ],
)
def test_a_mistake_is_named_and_leaves_nothing_behind(tmp_path: Path, arguments: Any, says: Any) -> None:
    data = tmp_path / "data"
    ended = luot(*arguments, data=data, stdin="12345\n")
    assert ended.returncode == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not data.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("device", "add", "kiosk-1", "--role", "kiosk"),
        ("device", "revoke", "kiosk-1"),
        ("person", "add", "Lan", "--role", "clerk"),
        ("person", "pin", "quan-ly"),
        ("person", "revoke", "Lan"),
        ("person", "list"),
        ("device", "list"),
        ("settings", "export", "hall.toml"),
        ("settings", "import", "hall.toml"),
        ("report", "--period", "day"),
        ("check",),
        ("backup", "--to", "copy.db"),
    ],
)
@pytest.mark.parametrize("there", [False, True])
def test_a_mistyped_folder_does_not_become_a_hall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: Any, there: Any
) -> None:
    """Else a PIN is set, and a copy made, of a hall that nobody uses."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hall.toml").write_text(DEFAULT, "utf-8")
    mistyped = tmp_path / "lout"
    if there:
        mistyped.mkdir()
    ended = luot(*words, data=mistyped, stdin="123456\n")
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr == f"luot: there is no hall in {mistyped} (no luot.db): look at --data\n"
    assert ended.stdout == ""
    assert [path for path in tmp_path.rglob("*") if path.name not in {"hall.toml", "lout"}] == []
    assert mistyped.exists() is there


def test_who_may_come_in_is_listed(tmp_path: Path) -> None:
    """With a hall that runs, and without."""
    begin(tmp_path)
    for name, role in (("Nguyễn Thị Hoa", "clerk"), ("Minh", "manager"), ("Lan", "clerk")):
        assert luot("person", "add", name, "--role", role, data=tmp_path, stdin="123456\n").returncode == 0
    assert luot("device", "add", "kiosk-1", "--role", "kiosk", data=tmp_path).returncode == 0
    luot("person", "revoke", "Lan", data=tmp_path)
    people = "Minh            manager\nNguyễn Thị Hoa  clerk\n"
    assert luot("person", "list", data=tmp_path).stdout == people
    assert luot("device", "list", data=tmp_path).stdout == "kiosk-1  kiosk\n"
    with program(tmp_path):
        assert luot("person", "list", data=tmp_path).stdout == people
        assert luot("device", "list", data=tmp_path).stdout == (
            "display-local  display\nkiosk-1        kiosk\nkiosk-local    kiosk\n"
        )
        alone = luot("person", "revoke", "Minh", data=tmp_path)
    assert (alone.returncode, alone.stderr) == (2, "luot: Minh is the last manager: add another one first\n")


def test_a_manager_who_has_never_signed_in_is_marked(tmp_path: Path) -> None:
    with program(tmp_path):
        assert luot("person", "list", data=tmp_path).stdout == "quan-ly  manager, has set no PIN of their own yet\n"


def test_a_pin_that_is_too_short_is_named(tmp_path: Path) -> None:
    begin(tmp_path)
    ended = luot("person", "add", "Lan", "--role", "clerk", data=tmp_path, stdin="12345\n")
    assert ended.returncode == 2
    assert "a PIN has 6 to 20 digits" in ended.stderr


def test_a_port_in_use_is_said_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = luot("hall", "--host", "127.0.0.1", "--port", port, data=tmp_path)
    assert ended.returncode == 1
    assert f"port {port} is in use; choose another by --port" in ended.stderr


def test_an_export_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    begin(tmp_path / "data")
    ended = luot("settings", "export", str(tmp_path / "nowhere" / "hall.toml"), data=tmp_path / "data")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (codecs.BOM_UTF8 + DEFAULT.encode(), None),
        (DEFAULT.encode("utf-16"), "not UTF-8"),
        (b"", "no settings in it"),
    ],
)
def test_files_as_windows_editors_leave_them(tmp_path: Path, written: Any, says: Any) -> None:
    file = tmp_path / "hall.toml"
    file.write_bytes(written)
    begin(tmp_path / "data")
    ended = luot("settings", "import", str(file), data=tmp_path / "data")
    if says is None:
        assert ended.returncode == 0, ended.stderr
    else:
        assert ended.returncode == 2
        assert says in ended.stderr


@pytest.mark.parametrize("words", [("settings", "export", "x.toml"), ("report", "--period", "day"), ("simulate",)])
def test_a_record_that_is_damaged_is_said(tmp_path: Path, words: Any) -> None:
    (tmp_path / "luot.db").write_bytes(b"not a database, but long enough to be read as one" * 100)
    ended = luot(*words, data=tmp_path)
    assert ended.returncode == 1
    assert "not a database" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_may_be_simulated_further(tmp_path: Path) -> None:
    for _ in range(2):
        ended = luot("simulate", "--tickets", "30", data=tmp_path)
        assert ended.returncode == 0, ended.stderr
    with sqlite3.connect(tmp_path / "luot.db") as record:
        days = record.execute("SELECT count(*), count(DISTINCT day) FROM events WHERE kind = 'day_opened'").fetchone()
    assert days == (2, 2)

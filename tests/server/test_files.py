"""Files that are written whole or not at all: what fails says so in a sentence and leaves nothing behind."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from server import protocol as p
from server.files import write_private
from server.record.backup import backup, restore
from server.record.file import FILE
from server.record.tables import sqlite3
from server.settings.reading import default_settings, read_toml
from tests.halls import begin, hall, luot, program
from tests.namespaces import within

SMALL = 100
"""Blocks of 512 bytes: more than a settings file, less than a record."""


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with a simulated day."""
    folder = tmp_path_factory.mktemp("days")
    made = luot("simulate", "--tickets", "40", data=folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def stick(tmp_path: Path) -> Any:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def full(*words: Any, data: Any, blocks: Any = SMALL) -> Any:
    """A `luot` command that may write files of so many blocks only, as a stick with no more room."""
    line = ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", sys.executable, "-m", "server", *words]
    return subprocess.run([*line, "--data", str(data)], capture_output=True, text=True, timeout=60, check=False)


def refused(ended: Any, says: Any) -> None:
    assert ended.returncode == 1, ended
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Errno" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_backup_onto_a_full_stick_leaves_nothing(days: Any, stick: Any) -> None:
    refused(full("backup", "--to", str(stick / "copy.db"), data=days), "copy.db")
    assert list(stick.iterdir()) == []


def test_a_stick_without_room_is_said_before_anything_is_written(days: Any, stick: Any) -> None:
    """A file system of the test's own: 64 KiB."""
    set_up = 'mount -t tmpfs -o size=64k none "$1"'
    script = '"$@"; ls -A "$0" >&2'
    words = [sys.executable, "-m", "server", "backup", "--to", str(stick / "copy.db"), "--data", str(days)]
    process = within(stick, set_up, ["sh", "-c", script, str(stick), *words])
    _, said = process.communicate(timeout=60)
    assert "there is no room" in said
    assert len(said.splitlines()) == 1, "the sentence, and no file"


@pytest.mark.parametrize("target", ["", "new/copy.db"])
def test_a_folder_is_no_target(days: Any, stick: Any, target: Any) -> None:
    refused(luot("backup", "--to", str(stick / target), data=days), "folder" if not target else "new")
    assert list(stick.parent.glob("**/*.part*")) == list(stick.iterdir()) == []


def test_a_record_that_cannot_be_copied_leaves_nothing(tmp_path: Path, stick: Any) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, but long enough to be read as one" * 100)
    refused(luot("backup", "--to", str(stick / "copy.db"), data=tmp_path), "not a database")
    assert list(stick.iterdir()) == []


def test_a_copy_that_is_not_sound_leaves_nothing(days: Any, tmp_path: Path, stick: Any) -> None:
    shutil.copytree(days, tmp_path / "hall")
    conn = sqlite3.connect(str(tmp_path / "hall" / FILE))
    conn.execute("UPDATE events SET at = at + 1 WHERE seq = 30")
    conn.commit()
    conn.close()
    refused(luot("backup", "--to", str(stick / "copy.db"), data=tmp_path / "hall"), "the hash")
    assert list(stick.iterdir()) == []


def test_a_backup_that_is_told_to_end_leaves_nothing(days: Any, tmp_path: Path, stick: Any) -> None:
    """Another program holds the record, so that the copy waits, begun and not made."""
    shutil.copytree(days, tmp_path / "hall")
    holder = sqlite3.connect(str(tmp_path / "hall" / FILE), isolation_level=None)
    holder.execute("PRAGMA locking_mode=exclusive")
    holder.execute("BEGIN EXCLUSIVE")
    line = [sys.executable, "-m", "server", "backup", "--to", str(stick / "copy.db"), "--data", str(tmp_path / "hall")]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 30
        while not (stick / "copy.db.part").exists():
            assert time.monotonic() < until
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) != 0
    finally:
        process.kill()
        process.stderr.close()
        holder.close()
    assert list(stick.iterdir()) == []


def test_a_record_that_another_program_holds_is_said(days: Any, tmp_path: Path, stick: Any) -> None:
    shutil.copytree(days, tmp_path / "hall")
    holder = sqlite3.connect(str(tmp_path / "hall" / FILE), isolation_level=None)
    holder.execute("PRAGMA locking_mode=exclusive")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        refused(luot("backup", "--to", str(stick / "copy.db"), data=tmp_path / "hall"), "another program holds")
    finally:
        holder.close()
    assert list(stick.iterdir()) == []


def test_a_copy_is_overwritten_only_when_asked(days: Any, stick: Any) -> None:
    target = stick / "copy.db"
    target.write_bytes(b"last week's only copy")
    refused(luot("backup", "--to", str(target), data=days), "--replace")
    assert target.read_bytes() == b"last week's only copy"
    assert luot("backup", "--replace", "--to", str(target), data=days).returncode == 0
    assert target.read_bytes().startswith(b"SQLite format 3")
    assert list(stick.iterdir()) == [target]


def test_a_good_copy_is_not_overwritten_by_another_hall(days: Any, tmp_path: Path, stick: Any) -> None:
    """A mistyped folder, or a new hall on a new disk: the copy of the old one may be all that is left of it."""
    good = stick / "copy.db"
    backup(days, good)
    before = good.read_bytes()
    begin(tmp_path / "new")
    refused(luot("backup", "--replace", "--to", str(good), data=tmp_path / "new"), "another hall")
    assert good.read_bytes() == before
    assert list(stick.iterdir()) == [good]


async def test_a_newer_copy_is_not_overwritten_by_an_older_record(tmp_path: Path, stick: Any) -> None:
    """As after a restore of the wrong copy: what came since then is in the newer one alone."""
    async with hall(tmp_path / "hall") as h:
        kiosk = await h.kiosk()
        await kiosk.ask(p.Issue, area="tu-phap")
        backup(tmp_path / "hall", stick / "monday.db")
        await kiosk.ask(p.Issue, area="tu-phap")
        backup(tmp_path / "hall", stick / "tuesday.db")
    restore(stick / "monday.db", tmp_path / "hall")
    with pytest.raises(FileExistsError, match="is not in this record"):
        backup(tmp_path / "hall", stick / "tuesday.db", replace=True)
    backup(tmp_path / "hall", stick / "monday.db", replace=True)
    restore(stick / "tuesday.db", tmp_path / "hall")
    backup(tmp_path / "hall", stick / "monday.db", replace=True)


def test_a_restore_onto_a_full_disk_leaves_the_folder_as_it_was(days: Any, tmp_path: Path, stick: Any) -> None:
    good = tmp_path / "copy.db"
    backup(days, good)
    refused(full("restore", "--from", str(good), data=stick), FILE)
    assert [path.name for path in stick.iterdir()] == ["owner.lock"]


def test_an_export_that_finds_no_room_keeps_the_file_before_it(days: Any, tmp_path: Path, stick: Any) -> None:
    """Half a file would be worse than none."""
    file = stick / "hall.toml"
    file.write_text("last year's")
    shutil.copytree(days, tmp_path / "hall")
    with program(tmp_path / "hall"):  # which writes the record; the command only asks it
        ended = full("settings", "export", str(file), data=tmp_path / "hall", blocks=8)
    refused(ended, "hall.toml")
    assert file.read_text() == "last year's"
    assert list(stick.iterdir()) == [file]


def test_an_export_goes_where_no_file_can_be(days: Any) -> None:
    """A pipe is no file: nothing takes its place."""
    ended = luot("settings", "export", "/dev/stdout", data=days)
    assert ended.returncode == 0, ended.stderr
    assert read_toml(ended.stdout) == default_settings()


def test_a_private_file_that_finds_no_room_leaves_nothing(stick: Any) -> None:
    """In this process: the limit holds for one call. 0 bytes: any write fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    (stick / "kiosk.token").write_text("the old one")
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(OSError, match="large"):
            write_private(stick / "kiosk.token", "a secret")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in stick.iterdir()] == ["kiosk.token"]
    assert (stick / "kiosk.token").read_text() == "the old one"


@pytest.mark.parametrize(
    "words",
    [("report", "--period", "day"), ("report", "--period", "day", "--format", "csv"), ("check",), ("--version",)],
)
def test_an_answer_that_cannot_be_written_is_said(days: Any, words: Any) -> None:
    """`luot report > FILE` on a full stick."""
    line = [sys.executable, "-m", "server", *words, *(["--data", str(days)] if words != ("--version",) else [])]
    with Path("/dev/full").open("w") as nowhere:
        ended = subprocess.run(line, stdout=nowhere, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    refused(ended, "the answer could not be written")


def test_a_backup_is_private(days: Any, stick: Any) -> None:
    old = os.umask(0)
    try:
        backup(days, stick / "copy.db")
    finally:
        os.umask(old)
    assert (stick / "copy.db").stat().st_mode & 0o777 == 0o600

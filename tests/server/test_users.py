"""Whoever types a command in a folder that is somebody else's is told whose it is, before anything is written."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from server.cli.install import main as install
from server.cli.install import units
from server.cli.main import luot
from server.record.backup import backup
from server.record.file import FILE
from tests.halls import begin, hall
from tests.halls import luot as typed

NOBODY = pwd.getpwnam("nobody")
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")

WRITING = (
    ("device", "add", "kiosk-1", "--role", "kiosk"),
    ("person", "add", "Lan", "--role", "clerk"),
    ("person", "pin", "Lan"),
    ("person", "revoke", "Lan"),
    ("settings", "export", "hall.toml"),
    ("hall", "--host", "127.0.0.1", "--port", "0"),
    ("simulate",),
)
READING = (("check",), ("report", "--period", "day"), ("backup", "--to", "copy.db"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hall that root has made, in a place where everybody may go."""
    for path in (tmp_path, *tmp_path.parents):
        if path.owner() == "root" and path != Path("/tmp"):
            path.chmod(path.stat().st_mode | 0o055)
        if path == Path("/tmp"):
            break
    begin(tmp_path / "hall")
    for name in luot.list_commands(click.Context(luot)):
        luot.get_command(click.Context(luot), name)  # before it is nobody, who may not read root's Python
    return tmp_path / "hall"


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    os.seteuid(NOBODY.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


def given_to(folder: Path, uid: int) -> None:
    for path in (folder, *folder.iterdir()):
        os.chown(path, uid, -1)


@pytest.mark.parametrize("words", WRITING + READING, ids=lambda words: " ".join(words[:2]))
def test_what_root_made_is_said_to_be_roots(folder: Path, words: tuple[str, ...]) -> None:
    given_to(folder, NOBODY.pw_uid)
    os.chown(folder / FILE, 0, -1)
    with nobody():
        ended = CliRunner().invoke(luot, [*words, "--data", str(folder)], input="123456\n")
    assert ended.exit_code == 1, ended
    assert ended.output == (
        f"luot: {folder / FILE} belongs to root, and nobody may not use it: "
        f"give the folder back once, by sudo chown -R nobody {folder}\n"
    )


@pytest.mark.parametrize("words", WRITING[:5] + READING, ids=lambda words: " ".join(words[:2]))
def test_a_folder_that_is_closed_to_others_is_said_to_be_its_owners(folder: Path, words: tuple[str, ...]) -> None:
    given_to(folder, 1)
    folder.chmod(0o700)
    owner = pwd.getpwuid(1).pw_name
    with nobody():
        ended = CliRunner().invoke(luot, [*words, "--data", str(folder)], input="123456\n")
    assert ended.exit_code == 1, ended
    assert f"{folder} belongs to {owner}, and nobody may not" in ended.output
    assert f"type it as {owner}, by sudo -u {owner} luot …" in ended.output
    assert ended.output.count("\n") == 1


@pytest.mark.parametrize("words", [*WRITING, ("restore", "--from", "copy.db")], ids=lambda words: " ".join(words[:2]))
def test_root_leaves_nothing_in_somebodys_hall_that_its_user_cannot_write(
    folder: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(folder, folder.parent / "copy.db")
    given_to(folder, NOBODY.pw_uid)
    monkeypatch.chdir(folder.parent)
    ended = typed(*words, data=folder, stdin="123456\n")
    assert ended.returncode == 1, ended
    assert "belongs to nobody" in ended.stderr
    assert "type it as nobody, by sudo -u nobody luot …" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert {path.stat().st_uid for path in (folder, *folder.iterdir())} == {NOBODY.pw_uid}


@pytest.mark.parametrize("words", READING, ids=lambda words: words[0])
def test_root_may_look_into_somebodys_hall(
    folder: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves nothing behind either: SQLite gives what it makes to the record's owner."""
    given_to(folder, NOBODY.pw_uid)
    monkeypatch.chdir(folder.parent)
    ended = typed(*words, data=folder)
    assert ended.returncode == 0, ended.stderr
    assert {path.stat().st_uid for path in (folder, *folder.iterdir())} == {NOBODY.pw_uid}


async def test_root_may_ask_a_hall_that_runs(folder: Path) -> None:
    """It writes nothing itself then."""
    async with hall(folder) as h:
        given_to(folder, NOBODY.pw_uid)
        added = await asyncio.to_thread(typed, "device", "add", "k", "--role", "kiosk", data=folder)
        assert (added.returncode, added.stderr) == (0, "")
        assert "k" in h.service.access.devices


def test_installing_gives_the_folder_to_its_user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sudo mkdir /srv/luot`, `sudo luot restore` and then `sudo luot install server`: it would never start."""
    tools = folder.parent / "tools"
    tools.mkdir()
    for tool in ("systemctl", "systemd-analyze"):
        (tools / tool).write_text("#!/bin/sh\n")
        (tools / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    options = install.install.make_context("install", ["server", "--user", "nobody"]).params
    words = install.words_of("server", folder, options)
    units.plan("server", folder, words, options, folder.parent / "etc").carry_out()
    assert {path.stat().st_uid for path in (folder, *folder.iterdir())} == {NOBODY.pw_uid}
    other = folder.parent / "documents"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    units.plan("server", other, words, options, folder.parent / "etc").carry_out()
    assert (other / "letter.txt").stat().st_uid == 0
    shutil.rmtree(other)

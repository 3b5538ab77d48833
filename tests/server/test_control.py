"""The channel by which commands reach a running hall: its own folder only, and nobody holds it up."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from server.record import owner as control
from tests.halls import PIN, begin, hall, luot, program, until


async def test_a_copied_folder_does_not_speak_to_the_original(tmp_path: Path) -> None:
    original, copy = tmp_path / "hall", tmp_path / "copy"
    with program(original) as found:
        shutil.copytree(original, copy)
        assert luot("person", "add", "Hoa", "--role", "clerk", data=copy, stdin=f"{PIN}\n").returncode == 0
        assert control.ask(original, {"do": "export"}) is not None
        assert luot("person", "pin", "Hoa", data=copy, stdin=f"{PIN}\n").returncode == 0, "it is in the copy"
        assert luot("person", "pin", "Hoa", data=original, stdin=f"{PIN}\n").returncode == 2, "and not here"
        assert found.stop() == 0
    assert not list(original.glob("ask-*")) + list(copy.glob("ask-*"))


async def test_the_folder_and_its_lock_are_private(tmp_path: Path) -> None:
    """Who may read the lock may hold it. One that an older version left open is closed by the next start."""
    folder = tmp_path / "hall"
    async with hall(folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / control.LOCK).stat().st_mode & 0o777 == 0o600
    (folder / control.LOCK).chmod(0o644)
    async with hall(folder):
        assert (folder / control.LOCK).stat().st_mode & 0o777 == 0o600


async def test_what_a_killed_command_left_is_taken_away(tmp_path: Path) -> None:
    begin(tmp_path)
    left, fresh = (tmp_path / f"ask-{letter * 32}" for letter in "ab")
    for file in (left, fresh):
        file.touch()
    os.utime(left, (1, 1))
    async with hall(tmp_path):
        assert (left.exists(), fresh.exists()) == (False, True)


async def test_silent_connections_hold_up_nobody(tmp_path: Path) -> None:
    async with hall(tmp_path):
        port = json.loads((tmp_path / control.FILE).read_text())["port"]
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
        await until(lambda: sum(reader.at_eof() for reader, _ in silent) >= 300 - control.CONNECTIONS)
        answer = await asyncio.to_thread(control.ask, tmp_path, {"do": "export"})
        assert answer is not None
        assert answer["ok"]
        for _, writer in silent:
            writer.close()


@pytest.mark.parametrize(
    "line",
    [b"nonsense", b"[" * 100_000, b'"text"', b"{}", b'{"secret": 5}', b'{"secret": "\xc3\xb4"}', b"\xff\xfe", b""],
)
async def test_odd_lines_get_nothing_and_leave_no_traceback(
    tmp_path: Path, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with hall(tmp_path):
        port = json.loads((tmp_path / control.FILE).read_text())["port"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(line + b"\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        assert answer in {b"", b'{"ok": false, "error": "wrong_secret"}\n'}
        writer.close()
        odd: dict[str, Any]
        for odd in ({"do": "settings", "toml": 5}, {"do": "nothing"}, {"do": "person", "name": []}, {"do": []}):
            told = await asyncio.to_thread(control.ask, tmp_path, odd)
            assert told is not None
            assert not told["ok"]
    assert "Traceback" not in caplog.text


async def test_another_program_at_that_port_is_told_apart(tmp_path: Path) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 400 Bad Request\r\n")
        writer.close()

    server = await asyncio.start_server(other, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (tmp_path / control.FILE).write_text(json.dumps({"port": port, "secret": "x"}))
    with pytest.raises(OSError, match="another program answers"):
        await asyncio.to_thread(control.ask, tmp_path, {"do": "export"})
    server.close()

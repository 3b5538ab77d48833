"""A token file as people and their tools write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.window.token import VARIABLE, read_token

TOKEN = "3f" * 32


@pytest.mark.parametrize(
    "data",
    [
        TOKEN.encode(),
        f"{TOKEN}\n".encode(),
        f"{TOKEN}\r\n".encode(),
        f"\ufeff{TOKEN}\r\n".encode(),  # Notepad
        f"{TOKEN}\r\n".encode("utf-16"),  # `>` in PowerShell 5.1
        b"\xfe\xff" + TOKEN.encode("utf-16-be"),
        f'"{TOKEN}"\n'.encode(),
        f"“{TOKEN}”".encode(),
        f"  '{TOKEN}'  ".encode(),
    ],
)
def test_the_token_is_read_however_it_was_saved(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "kiosk.token"
    file.write_bytes(data)
    assert read_token(file) == TOKEN


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n\n", f"token: {TOKEN}".encode(), f"{TOKEN}\n{TOKEN}".encode(), "mã thông báo".encode(),
        TOKEN.encode("utf-16-le"), b"\xff\xff\xff", b"MZ\x90\x00\x03", b"<html>",
    ],
)  # fmt: skip
def test_what_is_no_token_is_a_sentence_that_names_the_file(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "kiosk.token"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=r"--token-file .*kiosk\.token"):
        read_token(file)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        read_token(tmp_path / "none")


def test_the_environment_serves_instead_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"{TOKEN}\n")
    assert read_token(None) == TOKEN
    monkeypatch.setenv(VARIABLE, " ")
    with pytest.raises(ValueError, match="--token-file"):
        read_token(None)

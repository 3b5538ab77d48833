"""Reads a device's token the way people save it: by `>` in any shell, by Notepad, by copying it with quotes."""

from __future__ import annotations

import argparse
import codecs
import os
import re
from pathlib import Path
from typing import Final

VARIABLE: Final = "LUOT_TOKEN"
"""The environment variable that serves instead of a file."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_~.+/=-]{1,512}")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),  # what `>` writes in PowerShell 5.1
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_QUOTES: Final = "\"'“”"


def add_option(parser: argparse.ArgumentParser) -> None:
    """`--token-file`."""
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"file with the device's token; else {VARIABLE}",
    )


def read_token(file: Path | None) -> str:
    """The token in a file, or without one in the environment. Raises ValueError with a sentence for a person."""
    if file is None:
        name, text = VARIABLE, os.environ.get(VARIABLE, "")
        if not text.strip():
            raise ValueError(f"no token: give --token-file FILE or set {VARIABLE} (`luot device add` prints one)")
    else:
        name = f"--token-file {file}"
        try:
            text = _decoded(file.read_bytes())
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{name}: {getattr(error, 'strerror', None) or error}") from error
    token = text.strip().strip(_QUOTES).strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"{name} must hold the token that `luot device add` printed, and nothing else")
    return token


def _decoded(data: bytes) -> str:
    """Text in UTF-8, or in what the mark at its start names. Raises UnicodeDecodeError."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    return data.decode("utf-8")

"""Files that are written whole or not at all: under another name first, of which nothing stays behind.

They hold tokens, secrets and hashed PINs, so a half-written one must not lie about on a stick either.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

SIDES = ("-wal", "-shm", "-journal")
"""What SQLite lays beside a database while it is open."""


@contextlib.contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A new empty private file beside `target`, which takes its place when the block ends well and is on the disk.

    However else the block ends, that file is removed. Raises OSError with a sentence and `target`'s name.
    """
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "this is a folder; name the file in it", str(target))
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "this is no file", str(target))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(target.parent))
    part = target.with_name(target.name + ".part")
    try:
        _remove(part)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        if error.strerror and error.filename in {None, str(part)}:
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise
    finally:
        with contextlib.suppress(OSError):
            _remove(part)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all. Raises OSError."""
    with whole(path) as part:
        part.write_text(text, "utf-8")


def sync_folder(folder: Path) -> None:
    """Make a rename durable, where the system can (Windows has no such call and needs none)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(part: Path) -> None:
    for suffix in ("", *SIDES):
        part.with_name(part.name + suffix).unlink(missing_ok=True)

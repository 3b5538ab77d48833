"""Files that are written whole or not at all: under another name first, of which nothing stays behind.

They hold tokens, secrets and hashed PINs, so a half-written one must not lie about on a stick either.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

OF_A_HALL: Final = re.compile(r"luot\.db(-wal|-shm|\.restored)?|owner\.lock|control\.json|hall\.key|luot\.mark|reserve")
"""What a hall's own user must be able to write in its folder."""
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


def refuse_strangers(folder: Path, *, reading: bool = False, root_too: bool = False) -> None:
    """Raises PermissionError with a sentence where a hall's folder is another user's than who types this.

    With `root_too`, root is refused in another's hall as well: what root writes there its user cannot write again.
    """
    if sys.platform == "win32":
        return  # the folder's rights say it
    user = os.geteuid()
    if not folder.exists() or (user == 0 and not root_too):
        return
    mode = os.R_OK if reading else os.R_OK | os.W_OK
    found = [folder]
    if os.access(folder, os.R_OK | os.X_OK, effective_ids=True):
        found += sorted(path for path in folder.iterdir() if OF_A_HALL.fullmatch(path.name))
    for path in found:
        owner = path.stat().st_uid
        if user == 0:
            fine = owner == 0 or path == folder
        else:
            fine = os.access(path, mode | (os.X_OK if path == folder else 0), effective_ids=True)
        if not fine:
            raise PermissionError(f"{path} belongs to {_name(owner)}, {_way(folder, user, owner)}")


def _way(folder: Path, user: int, owner: int) -> str:
    """Who should type it instead, as the end of a sentence."""
    if folder.stat().st_uid == user != 0:
        back = shlex.join(["chown", "-R", _name(user), str(folder)])
        return f"and {_name(user)} may not use it: give the folder back once, by sudo {back}"
    as_owner = f"sudo -u {_name(owner)}" if owner else "sudo"
    return f"and {_name(user)} may not use it: type it as {_name(owner)}, by {as_owner} luot …"


def _name(user: int) -> str:
    if sys.platform == "win32":
        return str(user)
    import pwd  # here, not above: Windows has none

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


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

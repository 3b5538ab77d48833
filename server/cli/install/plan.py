"""What `luot install` does on this PC for one part: the files it writes, the commands it runs, and the way back."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from assets.window.token import read_token
from server.files import OF_A_HALL, write_private


@dataclass
class Plan:
    """What is done on this PC for one part. `folders` and files are made first; `removing` runs before the files are
    taken away. What lies in or under `owned` is given to `owner` (uid, gid): root may do this for somebody.
    """

    files: dict[Path, str]
    commands: list[list[str]]
    removing: list[list[str]]
    after: list[list[str]]
    folders: tuple[Path, ...] = ()
    owner: tuple[int, int] | None = None
    owned: tuple[Path, ...] = ()
    encoding: str = "utf-8"
    notes: tuple[str, ...] = ()
    private: dict[Path, str] = field(default_factory=dict)
    """Files that only their owner may read, and that nobody is shown."""
    gone: tuple[Path, ...] = ()
    """What is taken away besides `files`, if it is there."""

    def shown(self) -> str:
        """All that would be done, as text for a person."""
        files = [f"# {path}\n{text}" for path, text in self.files.items()]
        private = [f"# {path}\n# (only its user may read it)\n" for path in self.private]
        return "\n".join([*private, *files, *(f"{_comment(command)}\n" for command in self.commands)])

    def shown_removal(self) -> str:
        """All that would be undone, as text for a person."""
        away = [f"# delete {path}" for path in self._away()]
        return "\n".join([*map(_comment, self.removing), *away, *map(_comment, self.after), ""])

    def carry_out(self) -> None:
        """Make the folders and files, and run the commands. Raises OSError, `CalledProcessError`."""
        for folder in self.folders:
            self._make(folder)
            self._give_hall(folder)
        for path, text in self.files.items():
            self._make(path.parent)
            path.write_text(text, self.encoding)
            self._give(path)
        for path, text in self.private.items():
            self._make(path.parent)
            write_private(path, text)
            self._give(path)
        for command in self.commands:
            subprocess.run(command, check=True)
        for note in self.notes:
            print(note)

    def undo(self) -> None:
        """Stop what runs, and take away what was made. A hall's folder stays."""
        for command in self.removing:
            subprocess.run(command, check=False)  # what does not run need not be stopped
        for path in self._away():
            path.unlink(missing_ok=True)
        for command in self.after:
            subprocess.run(command, check=False)
        print("it no longer starts by itself; the folders of data are untouched")

    def _away(self) -> tuple[Path, ...]:
        return (*self.files, *self.private, *self.gone)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir()
            self._give(folder)

    def _give_hall(self, folder: Path) -> None:
        """A hall that root made here, by `sudo luot restore` for one, becomes its user's."""
        lying = list(folder.iterdir())
        own = [path for path in lying if OF_A_HALL.fullmatch(path.name)]
        if own or not lying:
            for path in (folder, *own):
                self._give(path)

    def _give(self, path: Path) -> None:
        if self.owner is not None and any(path.is_relative_to(root) for root in self.owned):
            shutil.chown(path, *self.owner)


def carried(part: str, place: Path, options: dict[str, Any]) -> dict[Path, str]:
    """What `--token-file` and `--ca` name, and where it is kept: they may lie on a stick that is pulled afterwards.

    `place` is the token's. Raises ValueError with a sentence for a person.
    """
    out: dict[Path, str] = {}
    if part == "server" or options["remove"]:
        return out
    if options["token_file"] is not None:
        out[place] = token_in(options["token_file"], part)
    if options["ca"] is not None:  # `pinned` has read it before
        out[ca_place(place)] = options["ca"].read_text("utf-8-sig")
    return out


def ca_place(token: Path) -> Path:
    """Where a part's own copy of `ca.crt` lies: beside its token. Whoever could write it could be the hall."""
    return token.with_suffix(".crt")


def token_in(file: Path, part: str) -> str:
    """A part's token. Raises ValueError with a sentence for a person."""
    try:
        there = file.is_file()
    except PermissionError:
        there = True
    if not there:
        raise ValueError(
            f"there is no token in {file}: `luot device add NAME --role {part} --data DIR` on the server prints one, "
            "--token-file FILE says where it is"
        )
    return read_token(file)


KEPT: Final = "token and ca.crt are kept on this PC: the stick may be pulled, and the token's file deleted"


def _comment(command: list[str]) -> str:
    return f"# {subprocess.list2cmdline(command)}"

"""What `luot install` does on this PC for one part: the files it writes, the commands it runs, and the way back."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Plan:
    """What is done on this PC for one part. `folders` and `files` are made first; `removing` runs before the files are
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

    def shown(self) -> str:
        files = [f"# {path}\n{text}" for path, text in self.files.items()]
        return "\n".join([*files, *(f"# {_line(command)}\n" for command in self.commands)])

    def carry_out(self) -> None:
        for folder in self.folders:
            self._make(folder)
        for path, text in self.files.items():
            self._make(path.parent)
            path.write_text(text, self.encoding)
            self._give(path)
        for command in self.commands:
            subprocess.run(command, check=True)
        for note in self.notes:
            print(note)

    def undo(self) -> None:
        for command in self.removing:
            subprocess.run(command, check=False)  # what does not run need not be stopped
        for path in self.files:
            path.unlink(missing_ok=True)
        for command in self.after:
            subprocess.run(command, check=False)
        print("it no longer starts by itself; the folders of data are untouched")

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir()
            self._give(folder)

    def _give(self, path: Path) -> None:
        if self.owner is not None and any(path.is_relative_to(root) for root in self.owned):
            shutil.chown(path, *self.owner)


def _line(command: list[str]) -> str:
    return subprocess.list2cmdline(command)

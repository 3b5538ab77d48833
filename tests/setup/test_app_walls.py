"""The walls around kiosk and display hold: one forbidden import, and `lint-imports` fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = "the apps know the server only by its protocol and client"
PURE = "the pure parts do no I/O"


def lint(folder: Path) -> str:
    """What `lint-imports` says of the packages in `folder`."""
    words = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    env = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the four packages and of the contracts."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in ("kiosk", "display", "server", "assets"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "web"))
    return folder


def test_as_it_is_all_are_kept(house: Path) -> None:
    assert "0 broken" in lint(house)


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("kiosk/live/kiosk.py", "from server.hall import fold", APPS),
        ("kiosk/screen/screens/home.py", "import server.settings.hall", APPS),
        ("display/board.py", "from server import VERSION", APPS),
        ("display/app.py", "from server.a_new_room import thing", APPS),
        ("display/voice/words.py", "import time", PURE),
        ("kiosk/hall_info.py", "import os", PURE),
    ],
)
def test_one_forbidden_import_is_found(house: Path, file: str, line: str, contract: str) -> None:
    whole = (house / file).read_text("utf-8")
    room = house / "server" / "a_new_room.py"
    room.write_text("thing = 1\n")
    try:
        (house / file).write_text(f"{whole}\n{line}\n", "utf-8")
        said = lint(house)
    finally:
        (house / file).write_text(whole, "utf-8")
        room.unlink()
    assert f"{contract} BROKEN" in said

"""Each PC of a hall has one part: whatever is asked of it, a missing part is a sentence, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HIDDEN = Path(__file__).parent / "hidden"
SERVER = "argon2,sqlite_utils,pysqlite3,tomli_w,babel"
KIOSK = "kivy,escpos,PIL,serial,usb,Xlib,babel"
POSIX = ("termios", "fcntl", "pwd", "grp", "resource", "tty", "pty")
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for part in ("assets", "server", "kiosk", "display")
    for path in (ROOT / part).rglob("*.py")
    if path.name not in {"__init__.py", "__main__.py"}
)


def python(*words: str, hidden: str, folder: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(HIDDEN), "HIDDEN": hidden, "SDL_VIDEODRIVER": "offscreen", **more}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder or ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("hall", "--data", "x"),
        ("demo",),
        ("device", "add", "kiosk-1", "--role", "kiosk", "--data", "x"),
        ("settings", "export", "x.toml", "--data", "x"),
        ("report", "--data", "x", "--period", "day"),
        ("hall", "--help"),
    ],
)
def test_a_pc_without_the_server_part_says_so(tmp_path: Path, words: Any) -> None:
    ended = python("-m", "server", *words, hidden=SERVER, folder=tmp_path)
    assert ended.returncode == 2
    absent = "no argon2, sqlite_utils, tomli_w"
    assert ended.stderr == f'luot: the server part is not installed here ({absent}): pip install "luot[server]"\n'
    assert list(tmp_path.iterdir()) == []


def test_such_a_pc_installs_its_own_part_and_lists_the_commands(tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local/kiosk.token").write_text("0123456789abcdef")
    words = ("--print", "--user", "root", "--printer", "usb:04b8:0e15", "--data", str(tmp_path))
    ended = python("-m", "server", "install", "kiosk", *words, hidden=SERVER)
    assert ended.returncode == 0, ended.stderr
    assert "-m kiosk --server" in ended.stdout
    listed = python("-m", "server", "--help", hidden=SERVER)
    assert listed.returncode == 0, listed.stderr
    assert "Run the hall" in listed.stdout


@pytest.mark.parametrize("part", ["kiosk", "display"])
def test_a_pc_without_a_screens_part_says_so(tmp_path: Path, part: Any) -> None:
    words = ["--server", "http://127.0.0.1:8000", *(["--printer", "preview:x"] if part == "kiosk" else [])]
    ended = python("-m", part, *words, hidden=KIOSK, folder=tmp_path)
    assert ended.returncode == 2
    assert f"the {part} part is not installed here (no " in ended.stderr
    assert f'pip install "luot[{part}]"' in ended.stderr
    assert "Traceback" not in ended.stderr
    helped = python("-m", part, "--help", hidden=KIOSK)
    assert helped.returncode == 0, helped.stderr


@pytest.mark.parametrize("part", ["kiosk", "display"])
def test_a_screens_pc_needs_neither_the_server_part_nor_babel(tmp_path: Path, part: Any) -> None:
    """It comes as far as its token, which is the last thing it reads before it opens a window."""
    words = ["--server", "http://127.0.0.1:8000", "--token-file", str(tmp_path / "none")]
    words += ["--printer", "preview:x"] if part == "kiosk" else []
    ended = python("-m", part, *words, hidden=SERVER)
    assert ended.returncode == 2
    assert "No such file" in ended.stderr
    window = {"kiosk": "kiosk.screen.app", "display": "display.app"}[part]
    loaded = f"import {window}, sys; print(sorted({{'babel', 'argon2', 'sqlite_utils'}} & set(sys.modules)))"
    ended = python("-c", loaded, hidden=SERVER)
    assert ended.stdout.endswith("[]\n"), ended.stderr


@pytest.mark.parametrize("part", ["kiosk", "display"])
def test_a_file_in_the_current_folder_is_not_taken_for_ours(tmp_path: Path, part: Any) -> None:
    (tmp_path / "assets.py").write_text("raise SystemExit('the wrong assets')\n")
    (tmp_path / "server.py").write_text("raise SystemExit('the wrong server')\n")
    own = Path(sys.executable).parent
    for words in ([str(own / f"luot-{part}"), "--help"], [sys.executable, "-P", "-m", part, "--help"]):
        ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 0, ended.stderr


def test_every_module_is_imported_without_what_only_posix_has() -> None:
    """What Windows lacks is imported where it is used, and only there."""
    libraries = "asyncio, subprocess, serial.tools.list_ports, usb.core, escpos.printer, kivy, Xlib.display, argon2"
    libraries += ", sqlite_utils, websockets.asyncio.server, logging.handlers, tempfile, PIL.Image"
    lines = ["import sys", f"import {libraries}"]
    lines += [f"for name in {POSIX!r}: sys.modules[name] = None", "sys.platform = 'win32'"]
    lines += [f"import {name}" for name in MODULES]
    ended = python("-c", "\n".join(lines), hidden="nothing", KIVY_NO_CONSOLELOG="1", KIVY_NO_FILELOG="1")
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert len(MODULES) > 90


@pytest.mark.parametrize("program", ["server", "kiosk", "display"])
def test_no_console_is_too_small_for_a_name(program: Any) -> None:
    """A printer, a folder, a person may have any name; a console of Windows knows a few hundred letters."""
    steps = f"""
import sys
from {program}.__main__ import main
sys.argv[1:] = ["--help"]
try: main()
except SystemExit: pass
sys.stdout.write("máy in ở quầy Nguyễn Thị Hoa")
"""
    steps = steps.replace("from server.__main__", "from server.cli.main")
    ended = python("-c", steps, hidden="nothing", PYTHONIOENCODING="ascii")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("Nguyễn Thị Hoa")


def test_windows_draws_by_direct3d_and_asks_for_no_x_server() -> None:
    steps = """
import os, sys
for name in ("KIVY_GL_BACKEND", "SDL_VIDEODRIVER"): os.environ.pop(name, None)
sys.platform = "win32"
from assets.window.kivy_setup import choose_drivers
choose_drivers()
print(os.environ["KIVY_GL_BACKEND"], os.environ.get("SDL_VIDEODRIVER"))
"""
    ended = python("-c", steps, hidden="nothing", KIVY_NO_FILELOG="1", KIVY_NO_CONSOLELOG="1")
    assert ended.stdout == "angle_sdl2 None\n", ended.stderr


def test_the_demo_runs_on_a_pc_without_kivy_and_says_so(tmp_path: Path) -> None:
    """As on Python 3.14: the server and its pages are there, the two screens are a sentence each."""
    words = [sys.executable, "-m", "server", "demo", "--port", "0", "--data", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(HIDDEN), "HIDDEN": "kivy", "DISPLAY": ":77", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        said = ""
        while "Ctrl+C" not in said:
            line = demo.stdout.readline()
            assert line, said
            said += line
        demo.terminate()
        assert demo.wait(20) == 0
    assert "the kiosk part is not installed here (no kivy)" in said
    assert "the display part is not installed here (no kivy)" in said
    assert "/desk" in said


@pytest.mark.parametrize("version", [(3, 14), (3, 15)])
def test_a_python_without_kivy_is_named_as_the_reason(version: Any) -> None:
    steps = f"""
import sys
from collections import namedtuple
sys.version_info = namedtuple("V", "major minor micro")(*{version}, 0)
from assets import parts
print(parts.lacks("display"), parts.lacks("server"), sep="|")
"""
    ended = python("-c", steps, hidden="kivy")
    assert f"cannot run on Python 3.{version[1]}" in ended.stdout, ended.stderr
    assert "3.11, 3.12 or 3.13" in ended.stdout
    assert ended.stdout.endswith("|None\n")

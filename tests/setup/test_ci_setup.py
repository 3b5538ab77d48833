"""`.ci/setup` on PCs as they are: a user's PATH, long lists, other Pythons, no network, a first run that was cut."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "basename", "cat", "chmod", "dirname", "env", "grep", "ls", "mkdir", "rm", "sed", "sha256sum", "tail")

FILES = (
    ".ci/setup",
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
    "package.json",
    "package-lock.json",
)

PYTHON = """#!/bin/bash
# A Python that says its version, makes environments, and writes down what pip is asked for.
echo "$(basename "$0") $*" >>"$NOTES"
case "$*" in
  *version_info*) echo "{version}" ;;
  *"-m venv"*)
    folder="${{@: -1}}"
    mkdir -p "$folder/bin"
    cat "$0" >"$folder/bin/python"
    chmod +x "$folder/bin/python" ;;
  *"-m pip install"*) {pip} ;;
esac
"""


class Pc:
    """A PC whose PATH holds only what a test put there, and a checkout in which `.ci/setup` is run."""

    def __init__(self, folder: Path, source: Path = ROOT) -> None:
        self.home = folder / "luot"
        (self.home / ".ci").mkdir(parents=True)
        for name in FILES:
            shutil.copy2(source / name, self.home / name)
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.notes = folder / "notes"
        self.notes.touch()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or f"/usr/bin/{tool}")
        self.program("id", "echo 1000")
        for name in ("espeak-ng", "paplay", "aplay"):
            self.program(name, "")
        self.program("apt-get", 'echo "apt-get $*" >>"$NOTES"')
        self.program("dpkg-query", "exit 1")
        self.libraries(*("libGL.so.1", "libEGL.so.1", "libmtdev.so.1", "libusb-1.0.so.0"))

    def program(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(body if body.startswith("#!") else f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)

    def python(self, name: str, version: str, pip: str = "true") -> None:
        self.program(name, PYTHON.format(version=version, pip=pip))

    def libraries(self, *names: str, lines: int = 0) -> None:
        more = f'for i in $(seq {lines}); do echo "\tlibnumber$i.so.1 => /usr/lib/libnumber$i.so.1"; done'
        told = "\n".join(f"echo '\t{name} (libc6,x86-64) => /usr/lib/{name}'" for name in names)
        self.program("ldconfig", f"PATH=/usr/bin:/bin\n{told}\n{more if lines else ''}")

    def setup(self, want: str = "run", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / "bash"), ".ci/setup", want],
            cwd=self.home,
            env={"PATH": str(self.bin), "NOTES": str(self.notes), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def noted(self, word: str) -> list[str]:
        return [line for line in self.notes.read_text().splitlines() if word in line]


@pytest.fixture
def pc(tmp_path: Path) -> Pc:
    return Pc(tmp_path)


def test_a_user_whose_path_has_no_sbin_is_not_asked_for_what_is_there(pc: Any) -> None:
    pc.python("python3", "3.13")
    (pc.bin / "ldconfig").unlink()
    ended = pc.setup(PATH=str(pc.bin))
    assert ended.returncode == 0, ended.stderr
    assert not pc.noted("apt-get"), "the libraries are on this machine"
    assert "sudo" not in ended.stderr


def test_a_long_list_of_libraries_is_read_to_its_end(pc: Any) -> None:
    pc.python("python3", "3.13")
    pc.libraries("libGL.so.1", "libEGL.so.1", "libmtdev.so.1", "libusb-1.0.so.0", lines=4000)
    ended = pc.setup()
    assert ended.returncode == 0, ended.stderr
    assert pc.noted("pip install")


def test_what_is_missing_is_one_line_to_run(pc: Any) -> None:
    pc.python("python3", "3.13")
    pc.libraries("libGL.so.1", "libEGL.so.1", "libusb-1.0.so.0")
    ended = pc.setup()
    assert ended.returncode == 1
    assert "  sudo apt-get install -y --no-install-recommends libmtdev1\n" in ended.stderr


def test_what_apt_has_installed_is_not_asked_for_again(pc: Any) -> None:
    pc.python("python3", "3.13")
    pc.libraries("libGL.so.1")
    pc.program("dpkg-query", "echo -n installed")
    ended = pc.setup()
    assert ended.returncode == 0, ended.stderr
    assert "not found here: libegl1 libmtdev1 libusb-1.0-0" in ended.stderr
    assert pc.noted("pip install")


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ({"python3": "3.14", "python3.13": "3.13", "python3.11": "3.11"}, "python3.13"),
        ({"python3": "3.14", "python3.12": "3.12"}, "python3.12"),
        ({"python3": "3.11", "python3.13": "3.13"}, "python3"),
        ({"python3": "3.9", "python3.11": "3.11"}, "python3.11"),
    ],
)
def test_a_python_that_has_kivy_is_preferred(pc: Any, pythons: Any, chosen: Any) -> None:
    for name, version in pythons.items():
        pc.python(name, version)
    ended = pc.setup()
    assert ended.returncode == 0, ended.stderr
    assert pc.noted("-m venv") == [f"{chosen} -m venv --clear .venv"]
    assert pc.noted("pip install")


def test_with_a_newer_python_alone_the_server_runs_and_it_is_said(pc: Any) -> None:
    pc.python("python3", "3.14")
    (pc.bin / "espeak-ng").unlink()  # the server needs nothing of a screen or a voice
    ended = pc.setup()
    assert ended.returncode == 0, ended.stderr
    assert "Python 3.14 has no Kivy" in ended.stderr
    assert "3.11, 3.12 or 3.13" in ended.stderr
    assert "server alone" in ended.stderr
    assert pc.noted("pip install")
    assert not pc.noted("apt-get")


def test_tests_are_not_begun_without_kivy(pc: Any) -> None:
    pc.python("python3", "3.14")
    ended = pc.setup("test")
    assert ended.returncode == 1
    assert "Python 3.14 has no Kivy" in ended.stderr
    assert not pc.noted("pip install")


def test_the_environment_of_a_python_without_kivy_is_made_anew(pc: Any) -> None:
    pc.python("python3", "3.14")
    assert pc.setup().returncode == 0
    pc.python("python3.13", "3.13")
    ended = pc.setup()
    assert ended.returncode == 0, ended.stderr
    assert "python3.13 -m venv --clear .venv" in pc.noted("-m venv")
    assert pc.noted("pip install")


def test_a_first_run_that_was_cut_is_begun_again(pc: Any) -> None:
    pc.python("python3", "3.13")
    own = pc.home / ".venv" / "bin"
    own.mkdir(parents=True)
    (own / "python").write_text('#!/bin/bash\ncase "$*" in *version_info*) echo 3.13 ;; *) exit 1 ;; esac\n')
    (own / "python").chmod(0o755)
    ended = pc.setup()
    assert ended.returncode == 0, ended.stderr
    assert pc.noted("-m venv")
    before = pc.notes.read_text()
    assert pc.setup().returncode == 0
    assert not [line for line in pc.notes.read_text()[len(before) :].splitlines() if "-m " in line]


def test_without_the_internet_it_is_a_sentence(pc: Any) -> None:
    said = "WARNING: Retrying: NewConnectionError('Failed to establish a new connection')\\n" * 20
    pc.python("python3", "3.13", pip=f"printf '{said}'; exit 1")
    ended = pc.setup()
    assert ended.returncode == 1
    assert "pypi.org is not reached" in ended.stderr
    assert len(ended.stderr.splitlines()) <= 3


def test_what_else_pip_says_is_shown_and_kept(pc: Any) -> None:
    pc.python("python3", "3.13", pip="printf 'WARNING: x\\nERROR: no room on the disk\\n'; exit 1")
    ended = pc.setup()
    assert ended.returncode == 1
    assert ended.stderr.startswith("ERROR: no room on the disk\n")
    assert "no room" in (pc.home / ".venv" / "install.log").read_text()


def test_the_script_is_sound(pc: Any) -> None:
    said = subprocess.run(["bash", "-n", ".ci/setup"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert os.access(ROOT / ".ci/setup", os.X_OK)


def checked(pc: Pc, npm: str = "mkdir -p node_modules") -> None:
    """A PC with everything that tests need, and an npm that writes down what it is asked for."""
    pc.python("python3", "3.13")
    pc.program("dpkg-query", "echo -n installed")
    pc.program("npm", f'echo "npm $*" >>"$NOTES"\n{npm}')


def test_checks_install_what_the_lock_names_once_and_tests_nothing_of_it(pc: Any) -> None:
    checked(pc)
    assert pc.setup("test").returncode == 0
    assert not pc.noted("npm")
    for _ in range(2):
        ended = pc.setup("check")
        assert ended.returncode == 0, ended.stderr
    (line,) = pc.noted("npm ")
    assert line.startswith("npm ci --ignore-scripts")
    (pc.home / "package-lock.json").write_text("{}")
    assert pc.setup("check").returncode == 0
    assert len(pc.noted("npm ")) == 2


def test_checks_are_not_begun_without_what_npm_could_not_install(pc: Any) -> None:
    checked(pc, npm="exit 1")
    ended = pc.setup("check")
    assert ended.returncode == 1
    assert "connected to the Internet" in ended.stderr
    assert not (pc.home / "node_modules").exists()

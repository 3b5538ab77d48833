"""The lock: every package of every part by its hash, and a package that was changed is not installed."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.setup.test_ci_setup import Pc

ROOT = Path(__file__).parents[2]
LOCKS = {name: (ROOT / name).read_text("utf-8") for name in ("requirements.lock", "requirements-dev.lock")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
ENTRY = re.compile(r"^([\w.-]+)==(\S+)( ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M)


def locked(*names: str) -> dict[str, str]:
    """Package → version, of these locks."""
    return {canonicalize_name(name): version for lock in names for name, version, *_ in ENTRY.findall(LOCKS[lock])}


def asked(extra: str) -> Iterator[Requirement]:
    """What an extra asks for, with the extras that it names in turn."""
    for line in EXTRAS[extra]:
        wanted = Requirement(line)
        if wanted.name == "luot":
            for named in wanted.extras:
                yield from asked(named)
        else:
            yield wanted


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_every_package_that_is_asked_for_is_locked_at_a_version_that_fits(extra: Any) -> None:
    """`.ci/lock` was forgotten where this fails."""
    there = locked("requirements.lock") if extra != "dev" else locked(*LOCKS)
    lines = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    for wanted in [*asked(extra), *map(Requirement, lines)]:
        name = canonicalize_name(wanted.name)
        assert name in there, f"{wanted} of [{extra}]"
        assert there[name] in wanted.specifier, f"{wanted} of [{extra}], locked: {there[name]}"


def test_every_package_that_those_need_is_locked_too() -> None:
    """Of what is installed here, by its own word: pip would refuse the rest of the lock for one that is missing."""
    there, seen = locked(*LOCKS), set()
    open_ends = [wanted for extra in EXTRAS for wanted in asked(extra)]
    while open_ends:
        wanted = open_ends.pop()
        extras = sorted(wanted.extras) or [""]
        if wanted.marker is not None and not any(wanted.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        name = canonicalize_name(wanted.name)
        assert name in there, wanted
        if name not in seen:
            seen.add(name)
            for line in metadata.requires(name) or ():
                needed = Requirement(line)
                if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                    open_ends.append(needed)
    assert len(seen) > 50


def test_every_entry_has_its_hashes_and_names_no_place() -> None:
    for name, text in LOCKS.items():
        rest = "\n".join(line for line in ENTRY.sub("", text).splitlines() if not line.startswith("#"))
        assert rest.strip() == "", f"{name}: {rest[:200]}"
        assert not re.search(r"https?:|file:|--index|--find-links|@ |(?:^|\s)/", text), name
    windows = {"kivy-deps-angle", "kivy-deps-glew", "kivy-deps-sdl2", "pywin32", "pypiwin32", "colorama"}
    assert windows <= set(locked("requirements.lock"))


def test_both_locks_name_the_same_version() -> None:
    programs, dev = (locked(name) for name in LOCKS)
    assert {name: version for name, version in dev.items() if programs.get(name, version) != version} == {}


@pytest.mark.parametrize(("want", "more"), [("run", ""), ("test", " -r requirements-dev.lock")])
def test_the_set_up_installs_by_hashes_and_then_luot_alone(tmp_path: Path, want: Any, more: Any) -> None:
    pc = Pc(tmp_path)
    pc.python("python3", "3.13")
    pc.program("dpkg-query", "echo -n installed")
    ended = pc.setup(want)
    assert ended.returncode == 0, ended.stderr
    first, then = pc.noted("pip install")
    assert first.endswith(f" --require-hashes -r requirements.lock{more}")
    # Without the build's isolation: pip would fetch what builds Luot, by no hash.
    assert then.endswith(" --no-deps --no-build-isolation -e .")


def wheel(folder: Path, name: str, version: str, code: str) -> Path:
    """A wheel with one module."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", code)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def test_pip_takes_the_locked_wheel_and_refuses_it_once_it_was_changed(tmp_path: Path) -> None:
    found = wheel(tmp_path / "wheels", "honest", "1.0", "x = 1\n")
    lock = tmp_path / "lock"
    lock.write_text(f"honest==1.0 \\\n    --hash=sha256:{hashlib.sha256(found.read_bytes()).hexdigest()}\n")
    words = [sys.executable, "-m", "pip", "install", "--no-index", "--find-links", str(found.parent)]
    words += ["--require-hashes", "-r", str(lock), "--target"]

    def install(to: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*words, str(tmp_path / to)], capture_output=True, text=True, check=False)

    assert install("one").returncode == 0
    assert (tmp_path / "one/honest.py").exists()
    wheel(found.parent, "honest", "1.0", "x = 2\n")
    ended = install("two")
    assert ended.returncode != 0
    assert "DO NOT MATCH THE HASHES" in ended.stderr
    assert not (tmp_path / "two/honest.py").exists()


def test_the_set_up_refuses_a_changed_wheel_of_the_lock_in_a_sentence(tmp_path: Path) -> None:
    """The real script, a real Python, a real entry of the lock, and a wheel of that name which somebody made."""
    pc = Pc(tmp_path)
    (pc.bin / "python3").symlink_to(getattr(sys, "_base_executable", sys.executable))
    (entry,) = [found.group() for found in ENTRY.finditer(LOCKS["requirements.lock"]) if found[1] == "filetype"]
    (pc.home / "requirements.lock").write_text(entry)
    version = locked("requirements.lock")["filetype"]
    wheel(tmp_path / "wheels", "filetype", version, "print('not what was locked')\n")
    ended = pc.setup(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path / "wheels"), PIP_CONFIG_FILE="/dev/null")
    assert ended.returncode == 1
    assert "not the one that Luot was tested with; nothing was installed" in ended.stderr
    assert f"filetype=={version}" in ended.stderr
    assert len(ended.stderr.splitlines()) <= 8
    assert not list((pc.home / ".venv").rglob("filetype.py"))

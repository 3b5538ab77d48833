"""The source package is whole: what `make run` does first works in it, and what is built from it has its data."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from server.record import tables as schema
from tests.setup.test_ci_setup import Pc

ROOT = Path(__file__).parents[2]


def built(kind: str, source: Path, to: Path) -> Path:
    words = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(to)]
    done = subprocess.run(words, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(to.glob("luot-*"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source package, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(built("sdist", ROOT, folder / "dist")) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.name.startswith("luot-"))


def test_make_run_begins_in_it(tmp_path: Path, source: Any) -> None:
    pc = Pc(tmp_path, source)
    pc.python("python3", "3.13")
    ended = pc.setup()
    assert ended.returncode == 0, ended.stderr
    assert pc.noted("-r requirements.lock")
    assert (source / "Makefile").exists()


def test_every_link_of_its_manuals_leads_somewhere(source: Any) -> None:
    for manual in [
        *source.glob("README*.md"),
        source / "INSTALL.vi.md",
        *source.glob("*/README.md"),
        source / ".github/CONTRIBUTING.md",
    ]:
        for target in re.findall(r"\]\(([^)#:]+)\)", manual.read_text("utf-8")):
            assert (manual.parent / target).exists(), f"{manual.relative_to(source)}: {target}"


def test_what_is_built_from_it_has_its_data(tmp_path: Path, source: Any) -> None:
    with zipfile.ZipFile(built("wheel", source, tmp_path)) as wheel:
        there = set(wheel.namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for part in ("assets", "display", "kiosk", "server")
        for path in (ROOT / part).rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".md"}
    }
    assert wanted <= there


@pytest.mark.parametrize(
    ("system", "machine", "wanted"),
    [("Linux", "x86_64", True), ("Windows", "AMD64", True), ("Linux", "aarch64", False), ("Darwin", "arm64", False)],
)
def test_no_sqlite_is_built_where_it_would_be_the_systems(system: Any, machine: Any, wanted: Any) -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (line,) = [line for line in extras["server"] if line.startswith("pysqlite3")]
    marker = Requirement(line).marker
    assert isinstance(marker, Marker)
    assert marker.evaluate({"platform_system": system, "platform_machine": machine}) is wanted


def test_an_old_sqlite_is_refused_with_a_way_out_that_exists() -> None:
    assert schema.too_old("3.46.1", "x86_64").endswith("pip install pysqlite3")
    for machine in ("aarch64", "armv7l", "arm64"):
        said = schema.too_old("3.46.1", machine)
        assert "pip install pysqlite3" not in said
        assert "Intel or AMD" in said

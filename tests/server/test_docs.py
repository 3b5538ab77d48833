"""The manuals are complete: every command with an example that decodes, every code, every word of the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

from server import protocol as p
from server.settings.process import Config, Hours, Limits, Tls
from tests.halls import luot

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "server/README.md").read_text("utf-8")
FRONT = (ROOT / "README.md").read_text("utf-8")


def test_every_command_has_an_example_that_decodes_and_its_roles() -> None:
    seen = {}
    for roles, example in re.findall(r"^\| ([a-z, ]+) \| `(\{\"type\":.*\})` \|$", MANUAL, re.M):
        command = p.decode_command(example)
        seen[type(command)] = frozenset(roles.split(", "))
    assert seen == p.ALLOWED
    assert set(seen) == set(p.COMMANDS)


def test_every_code_that_is_sent_stands_in_the_manual_and_no_other() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "server").rglob("*.py")]
    text = "\n".join(sources)
    before = r"Refused\(|Error\(code=|failure\([\w.]+, |_turn_away\(socket, |_refuse\(session, frame, "
    sent = set(re.findall(rf'(?:{before})"([a-z_]+)"', text)) | {"bad_message"}
    told = set(re.findall(r"^\| `([a-z_]+)` \| ", MANUAL.split("### Codes")[1].split("## ")[0], re.M))
    assert sent == told == set(get_args(p.ErrorCode))


def test_every_opening_message_is_shown() -> None:
    for kind in (p.Hello, p.Welcome, p.View, p.Beat, p.Reply, p.ErrorMessage):
        assert f'"type":"{kind.__struct_config__.tag}"' in MANUAL


def test_every_configuration_key_is_shown() -> None:
    shown = MANUAL.split("## Configuration")[1].split("## Glossary")[0]
    for kind in (Config, Tls, Limits, Hours):
        for field in kind.__struct_fields__:
            assert re.search(rf"^(\[{field}\]|{field} =)", shown, re.M), field


def test_every_luot_command_is_on_the_front_page() -> None:
    said = luot("--help").stdout
    commands = set(re.findall(r"^  ([a-z]+) {2,}", said.split("Commands:")[1], re.M))
    assert commands >= {"hall", "demo", "device", "person", "settings", "simulate", "report", "check", "backup"}
    for command in commands:
        assert f"`luot {command}" in FRONT, command


def test_every_make_target_is_on_the_front_page_and_explains_itself() -> None:
    said = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"make ([a-z]+)", said)
    assert set(targets) >= {"run", "test", "check", "bench", "proof", "clean"}
    for target in set(targets) - {"help"}:
        assert f"make {target}" in FRONT


def test_every_link_of_the_manuals_leads_somewhere() -> None:
    for manual in ROOT.glob("*/README.md"):
        _links(manual)
    _links(ROOT / "README.md")
    _links(ROOT / ".github/CONTRIBUTING.md")


def _links(manual: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", manual.read_text("utf-8")):
        assert (manual.parent / target).exists(), f"{manual}: {target}"


def test_every_module_opens_with_its_job() -> None:
    for path in (path for part in ("server", "kiosk", "display", "assets") for path in (ROOT / part).rglob("*.py")):
        assert path.read_text("utf-8").lstrip().startswith(('"""', "#")), path


def test_the_programs_help_themselves() -> None:
    for words in (["-m", "server", "--help"], ["-m", "kiosk", "--help"], ["-m", "display", "--help"]):
        said = subprocess.run(
            [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert said.returncode == 0, said.stderr
        assert "Usage" in said.stdout or "usage" in said.stdout


def test_every_limit_names_a_test_that_goes_there() -> None:
    table = MANUAL.split("## Limits")[1].split("## Configuration")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ") and not line.startswith("| what")]
    assert len(rows) > 15
    there = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for row in rows:
        names = re.findall(r"`(test_\w+)`", row[4])
        assert names, row[1]
        for name in names:
            assert f"def {name}(" in there, name

"""Every command of both READMEs is one that the real programs take; every picture and every package is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from PIL import Image

from assets import texts
from display import __main__ as display
from kiosk import __main__ as kiosk
from kiosk.paper.wires import wire_of
from server.cli.main import luot
from server.hall.state import TRANSITIONS
from server.settings.reading import default_settings, to_toml

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.vi.md", "INSTALL.vi.md")
EXTRAS = {"server", "kiosk", "display"}


def spans(name: str) -> list[str]:
    """Every line of a block of commands, and every `code` in the text, without comments and without `sudo`."""
    found: list[str] = []
    inside: str | None = None
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if line.startswith("```"):
            inside = line[3:] if inside is None else None
        elif inside in {"sh", "bat"}:
            found.append(line)
        elif inside is None:
            found += re.findall(r"`([^`]+)`", line)
    return [re.sub(r"\s+#.*", "", line).strip().removeprefix("sudo ") for line in found]


def commands(program: str) -> list[tuple[str, str]]:
    """`(README, line)` of each line that calls a program; of `a\\|b` each alternative; `> FILE` is the shell's."""
    return [
        (name, choice.partition(" > ")[0])
        for name in READMES
        for line in spans(name)
        if re.match(rf"(?:\S*[/\\])?{program} (?!COMMAND)", line)
        for choice in choices(line)
    ]


def choices(line: str) -> list[str]:
    several = re.search(r"\w+(?:\\\|\w+)+", line)
    if not several:
        return [line]
    return [c for one in several[0].split("\\|") for c in choices(line.replace(several[0], one, 1))]


@pytest.mark.parametrize(("name", "line"), commands("luot"))
def test_luot_takes_it(name: Any, line: Any) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = luot
    context = click.Context(luot)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, words[0]
        command, words = found, words[1:]
    if words:  # else it is named in passing: `luot device add`
        command.make_context(command.name, words)


@pytest.mark.parametrize(("name", "line"), commands("luot-kiosk"))
def test_the_kiosk_takes_it(name: Any, line: Any) -> None:
    words = shlex.split(line)[1:]
    if words != ["--list-printers"]:  # that one is proven in tests/kiosk
        wire_of(kiosk._parser().parse_args(words).printer, width=576)


@pytest.mark.parametrize(("name", "line"), commands("luot-display"))
def test_the_display_takes_it(name: Any, line: Any) -> None:
    display._parser().parse_args(shlex.split(line)[1:])


def test_commands_of_two_pcs_do_not_stand_in_one_block() -> None:
    """Who copies a block into one terminal would run the half of it on the wrong PC."""
    for name in READMES:
        for block in re.findall(r"^```(?:sh|bat)\n(.*?)^```$", (ROOT / name).read_text("utf-8"), re.M | re.S):
            assert not ("luot device add" in block and "--token-file" in block), block


def test_the_display_starts_as_the_manuals_say() -> None:
    (line,) = re.findall(r"^luot-display .*", (ROOT / "display/README.md").read_text("utf-8"), re.M)
    display._parser().parse_args(shlex.split(line)[1:])


def test_the_printers_that_are_explained_are_ones() -> None:
    for spec in [line for line in spans("README.md") if re.match(r"(usb|tcp|serial):.", line)]:
        wire_of(spec, width=576)


def test_the_tests_above_have_something_to_read() -> None:
    assert len(commands("luot")) > 25
    assert len(commands("luot-kiosk")) >= 3
    assert {name for name, _ in commands("luot")} == set(READMES)


def test_what_is_installed_exists() -> None:
    needed = (ROOT / ".ci/setup").read_text()
    for name in READMES:
        for line in spans(name):
            if "pip" in line and "[" in line:
                (extras,) = re.findall(r"\[([a-z,]+)\]", line)
                assert set(extras.split(",")) <= EXTRAS
            if line.startswith("apt-get install"):
                for package in line.split()[2:]:
                    assert re.search(rf"\b{re.escape(package)}\b", needed), package
    wanted = set(
        re.findall(
            r"^  need .* (lib\S+|espeak-ng|pulseaudio-utils|alsa-utils)$", needed.split('[ "$want" = test ]')[0], re.M
        )
    )
    told = {word for line in spans("README.md") if line.startswith("apt-get") for word in line.split()}
    assert len(wanted) >= 8
    assert wanted <= told, "a kiosk that was set up by the README lacks what `make run` would install"


def test_the_vietnamese_steps_are_those_of_the_english_manual() -> None:
    """Each command of the Vietnamese page, but for the day in the copy's name, stands in README.md as well."""
    english = {line for block in blocks("README.md") for line in block}
    told = [line.replace("thu-hai", "monday") for block in blocks("INSTALL.vi.md") for line in block]
    assert len(told) > 20
    for line in told:
        assert line in english or f"`{line}`" in (ROOT / "README.md").read_text("utf-8"), line


def blocks(name: str) -> list[list[str]]:
    text = (ROOT / name).read_text("utf-8")
    found = re.findall(r"^```(?:sh|bat)\n(.*?)^```$", text, re.M | re.S)
    return [[line for line in block.splitlines() if not line.startswith("#")] for block in found]


def test_the_messages_that_are_explained_are_the_programs_own() -> None:
    table = (ROOT / "INSTALL.vi.md").read_text("utf-8").split("## Máy báo gì")[1]
    told = re.findall(r"^\| `([^`]+)` \|", table, re.M)
    assert len(told) >= 8
    code = "".join(path.read_text("utf-8") for part in ("server", "assets") for path in (ROOT / part).rglob("*.py"))
    assert [words for words in told if words not in code] == []


def test_pip_is_always_that_of_an_installation() -> None:
    """Debian's python3 has no pip of its own, and refuses to install beside the system's packages."""
    for name in READMES:
        for line in spans(name):
            if re.search(r"\bpip\b", line) and line != "pip install":
                assert re.search(r"(/bin/|\\Scripts\\)(pip|python\" -m pip)\"? ", line), line


@pytest.mark.parametrize("part", ["server", "kiosk", "display"])
def test_how_to_stop_and_start_each_part_is_said(part: Any) -> None:
    """As the installed unit or task is named."""
    told = spans("README.md")
    assert f"luot-{part}" in " ".join(told)
    for step in ("stop", "start"):
        control = "systemctl" if part == "server" else "systemctl --user"
        assert any(re.fullmatch(rf"{control} {step} luot-{part}", line) for line in told), (step, part)
    for step in ("/DISABLE", "/ENABLE"):
        assert f'schtasks /Change /TN "Luot {part}" {step}' in told


def test_the_lines_of_the_settings_are_those_of_the_file() -> None:
    """Each key that the README changes is in an exported file, under the same heading."""
    (block,) = re.findall(r"^```toml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    told = tomllib.loads(block)
    there = tomllib.loads(to_toml(default_settings()))

    def within(part: object, whole: object) -> bool:
        if isinstance(part, dict):
            return isinstance(whole, dict) and all(key in whole and within(part[key], whole[key]) for key in part)
        if isinstance(part, list) and part and isinstance(part[0], dict):
            return isinstance(whole, list) and all(any(within(one, other) for other in whole) for one in part)
        return part == whole

    assert within(told, there)


def test_every_picture_is_there_and_light() -> None:
    told = set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", "".join((ROOT / name).read_text("utf-8") for name in READMES)))
    assert {str(path.relative_to(ROOT)) for path in (ROOT / ".github").glob("*.png")} == told
    for name in told:
        assert (ROOT / name).stat().st_size < 400_000
        with Image.open(ROOT / name) as picture:
            assert min(picture.size) >= 500


def test_the_pages_words_are_the_pages_own() -> None:
    """What the Vietnamese page tells to press stands on a screen under these words."""
    told = set(re.findall(r"\*\*([^*\n]+)\*\*", (ROOT / "README.vi.md").read_text("utf-8")))
    told |= set(re.findall(r"\*\*([^*\n:,]+)\*\*", (ROOT / "INSTALL.vi.md").read_text("utf-8"))) - {"Windows 10"}
    known = {*texts.catalog("en"), *(text for text in sources())}
    assert len(told) > 20
    assert {word for word in told if not any(word == text or word in text for text in known)} == set()


def test_the_english_pages_words_are_the_pages_own() -> None:
    """What README.md tells to press, in italics with Vietnamese letters, stands on a screen as well."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / "README.md").read_text("utf-8"), flags=re.M | re.S)
    told = {" ".join(word.split()) for word in re.findall(r"(?<!\*)\*([^*\n][^*]*)\*(?!\*)", text)}
    told = {word for word in told if re.search(r"[À-ỹ]", word) and ":" not in word} - {"Lượt"}
    assert len(told) >= 4
    known = [*texts.catalog("en"), *sources()]
    assert {word for word in told if not any(word in text for text in known)} == set()


@pytest.mark.parametrize("button", ["Mã PIN mới", "Thu hồi", "Sửa ngày", "Mở thêm phiên"])
def test_the_handbook_names_the_managers_buttons(button: Any) -> None:
    assert f"**{button}**" in (ROOT / "README.vi.md").read_text("utf-8")
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "server/web").rglob("manager*.js"))
    assert f't("{button}")' in scripts


def test_the_pages_advice_is_the_manuals() -> None:
    """What the manager's page says to do about a machine stands in the handbook, word for word."""
    page = (ROOT / "server/web/manager/manager-alarms.js").read_text("utf-8")
    told = re.findall(r'advice: t\("([^"]+)"\)', page.split("for (const device of view.devices)")[1])
    told += re.findall(r't\("([^"]+)"\)', page.split("function printerAdvice")[1])
    assert len(told) == 8
    handbook = " ".join((ROOT / "README.vi.md").read_text("utf-8").replace("**", "").split())
    assert [advice for advice in told if advice.rstrip(".") not in handbook] == []


def sources() -> list[str]:
    found = [(ROOT / "assets/catalogue/default.toml").read_text("utf-8")]
    return found + [path.read_text("utf-8") for path in (ROOT / "server/web").rglob("*.html")]


def test_the_drawing_is_straight() -> None:
    """Box drawings stand in columns: every line of a drawing's box is as wide as its neighbours."""
    text = (ROOT / "README.md").read_text("utf-8").split("## The parts")[1].split("```")[1]
    widths = {len(line.rstrip()) for line in text.splitlines() if line.rstrip().endswith(("│", "┐", "┘"))}
    assert widths == {max(widths)}


def test_make_targets_and_options_exist() -> None:
    said = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"make ([a-z]+)", said))
    for name in READMES:
        for line in spans(name):
            if line.startswith("make "):
                assert line.split()[1] in targets, line


INSTALLING = {"plan", "units", "tasks"}
"""Within `cli/install/`, which the table tells as a whole."""


def test_the_table_of_the_server_leads_to_every_module_and_to_none_that_is_not_there() -> None:
    text = (ROOT / "server/README.md").read_text("utf-8")
    rows = text[text.index("| you look for |") : text.index("## The record")]
    told = {word.removesuffix(".py") for word in re.findall(r"`([a-z_]+(?:\.py)?)`", rows)}
    modules = {path.stem for path in (ROOT / "server").rglob("*.py") if not path.stem.startswith("__")}
    rooms = {path.parent.name for path in (ROOT / "server").rglob("__init__.py")}
    assert modules - told == INSTALLING
    assert told <= modules | rooms


def test_the_drawing_of_a_numbers_life_is_the_table_of_the_fold() -> None:
    steps = [f"    {before} --> {after}: {kind.__struct_config__.tag}" for (before, kind), after in TRANSITIONS.items()]
    drawing = "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> waiting: issued", *steps, "```"])
    assert drawing in (ROOT / "server/README.md").read_text("utf-8"), drawing

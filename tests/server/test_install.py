"""Starts by itself: units that systemd accepts, definitions that the task scheduler allows, and the way back."""

from __future__ import annotations

import codecs
import grp
import os
import pwd
import re
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from assets import logs
from assets.window import watchdog
from assets.window.token import read_token
from kiosk.paper.wires import wire_of
from server.cli.install import main as install
from server.cli.install import tasks, units
from server.cli.install.plan import Plan
from tests.certificates import made
from tests.halls import luot

KIOSK = ("install", "kiosk", "--user", "root", "--printer", "usb:04b8:e15")


def shown(*words: str, data: Path) -> dict[str, str]:
    """What `--print` shows: each file's name and its text."""
    paired(words[0], data)
    said = luot("install", *words, "--print", data=data)
    assert said.returncode == 0, said.stderr
    files = {}
    for part in said.stdout.split("# /")[1:]:
        name, _, text = part.partition("\n")
        files["/" + name] = text
    return files


def paired(part: str, data: Path) -> None:
    """The token lies where the hall on the same PC puts it."""
    token = data / "local" / f"{part}.token"
    token.parent.mkdir(parents=True, exist_ok=True)
    token.write_text("0123456789abcdef")


def verified(unit: Path, *, user: bool) -> list[str]:
    """What systemd says of a unit."""
    runtime = {**os.environ, "XDG_RUNTIME_DIR": str(unit.parent)}
    words = ["systemd-analyze", *(["--user"] if user else []), "verify", str(unit)]
    checked = subprocess.run(words, capture_output=True, text=True, env=runtime, check=False)
    assert checked.returncode == 0, checked.stderr
    return [line for line in checked.stderr.splitlines() if unit.name in line]


@pytest.mark.parametrize(
    ("words", "user"),
    [
        (("server",), False),
        (KIOSK[1:], True),
        (("display", "--user", "root"), True),
        ((*KIOSK[1:], "--bare"), False),
        (("display", "--bare", "--user", "root"), False),
    ],
)
def test_systemd_accepts_the_unit(tmp_path: Path, words: Any, user: Any) -> None:
    files = shown(*words, data=tmp_path / "thư mục 'có' dấu % $ và \\ cách")
    (path,) = [name for name in files if name.endswith(".service")]
    unit = tmp_path / Path(path).name
    unit.write_text(files[path], "utf-8")
    assert verified(unit, user=user) == []
    for line in (
        "Restart=always",
        "WatchdogSec=20",
        "Type=notify",
        "RestartPreventExitStatus=2",
        "NoNewPrivileges=yes",
    ):
        assert f"{line}\n" in files[path]
    assert ("ProtectSystem=full\n" in files[path]) is not user


@pytest.mark.parametrize("words", [("server",), (*KIOSK[1:], "--bare"), ("display", "--bare", "--user", "root")])
def test_the_machines_units_are_hardened(tmp_path: Path, words: Any) -> None:
    """Also in systemd's own eyes, which know what each of these lines is worth."""
    files = shown(*words, data=tmp_path / "data")
    (path,) = [name for name in files if name.endswith(".service")]
    lines = files[path].splitlines()
    assert {
        "NoNewPrivileges=yes",
        "ProtectSystem=full",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectControlGroups=yes",
        "RestrictSUIDSGID=yes",
        "LockPersonality=yes",
    } <= set(lines)
    if words == ("server",):
        assert {"UMask=0077", "PrivateTmp=yes"} <= set(lines)
    unit = tmp_path / Path(path).name

    def exposure(text: str) -> float:
        unit.write_text(text, "utf-8")
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(unit)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return float(re.findall(r"exposure level for .*: ([0-9.]+)", done.stdout)[0])

    bare = "\n".join(
        line for line in lines if not re.match("No|Protect|Restrict|Lock|Private|UMask", line) or "Exit" in line
    )
    assert exposure(files[path]) <= exposure(bare) - 1


def test_a_screens_part_starts_in_the_session_that_has_the_screen(tmp_path: Path) -> None:
    """A unit of the machine has no cookie of X and no sound server, and begins before anybody has logged in."""
    home = pwd.getpwnam("root").pw_dir
    files = shown(*KIOSK[1:], data=tmp_path)
    unit = files[f"{home}/.config/systemd/user/luot-kiosk.service"]
    assert "User=" not in unit
    assert "DISPLAY=" not in unit
    entry = files[f"{home}/.config/autostart/luot-kiosk.desktop"]
    assert "import-environment DISPLAY XAUTHORITY" in entry
    assert "systemctl --user restart luot-kiosk.service" in entry
    assert not [name for name in files if name.startswith("/etc/systemd")]


def test_the_autostart_entry_is_what_desktops_read(tmp_path: Path) -> None:
    entry = units.autostart("display").splitlines()
    assert entry[0] == "[Desktop Entry]"
    keys = dict(line.split("=", 1) for line in entry[1:])
    assert keys["Type"] == "Application"
    assert keys["Name"] == "Luot display"
    begun = tmp_path / "begun"
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f'#!/bin/sh\necho "$*" >>{begun}\n')
    systemctl.chmod(0o755)
    words = keys["Exec"].removeprefix('/bin/sh -c "').removesuffix('"')
    subprocess.run(["/bin/sh", "-c", words], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    assert begun.read_text().splitlines()[-1] == "--user restart luot-display.service"


def test_a_bare_x_server_gets_a_unit_of_the_machine(tmp_path: Path) -> None:
    files = shown(*KIOSK[1:], "--bare", data=tmp_path)
    unit = files["/etc/systemd/system/luot-kiosk.service"]
    assert "User=root\n" in unit
    assert "Environment=DISPLAY=:0\n" in unit
    assert f"XAUTHORITY={pwd.getpwnam('root').pw_dir}/.Xauthority" in unit
    assert "XDG_RUNTIME_DIR=/run/user/0\n" in unit
    (groups,) = [line for line in unit.splitlines() if line.startswith("SupplementaryGroups=")]
    assert {"lp", "dialout"} <= set(groups.partition("=")[2].split())
    there = {group.gr_name for group in grp.getgrall()}
    assert set(groups.partition("=")[2].split()) <= there, "systemd starts nothing where a group is missing"


def test_the_printer_is_let_in_by_a_rule(tmp_path: Path) -> None:
    rule = shown(*KIOSK[1:], data=tmp_path)["/etc/udev/rules.d/70-luot-printer.rules"]
    assert 'ATTR{idVendor}=="04b8", ATTR{idProduct}=="0e15"' in rule
    assert 'GROUP="lp"' in rule
    assert 'TAG+="uaccess"' in rule
    assert units.printer_rule("tcp:192.168.1.50") is None


def test_what_a_device_needs_is_passed_on(tmp_path: Path) -> None:
    paired("kiosk", tmp_path)
    paired("display", tmp_path)
    kiosk = luot(*KIOSK, "--print", "--profile", "TM-T88V", "--lang", "en", "--screen", "2", data=tmp_path).stdout
    assert "--printer usb:04b8:e15" in kiosk
    assert "--profile TM-T88V --screen 2 --lang en" in kiosk
    words = ("install", "display", "--user", "root", "--print", "--voice", "off", "--screen", "1")
    assert "--voice off --screen 1" in luot(*words, data=tmp_path).stdout


@pytest.mark.parametrize("part", ["kiosk", "display"])
def test_what_is_installed_is_a_command_line_that_the_program_takes(tmp_path: Path, part: Any) -> None:
    from display import __main__ as display
    from kiosk import __main__ as kiosk

    more = ("--printer", "tcp:10.0.0.9", "--profile", "TM-T88V") if part == "kiosk" else ("--voice", "off")
    (tmp_path / "token").write_text("abc")
    said = luot(
        *("install", part, "--user", "root", *more, "--lang", "en", "--screen", "2", "--print"),
        *("--token-file", str(tmp_path / "token"), "--server", "http://10.0.0.2:8000"),
        data=tmp_path,
    )
    (line,) = [line for line in said.stdout.splitlines() if line.startswith("ExecStart=")]
    words = line.split(f" -m {part} ")[1].split()
    given = kiosk._parser().parse_args(words) if part == "kiosk" else display._parser().parse_args(words)
    assert (given.lang, given.screen, given.server) == ("en", "2", "http://10.0.0.2:8000")


def test_without_a_folder_it_does_not_depend_on_where_the_command_was_typed(tmp_path: Path) -> None:
    home = pwd.getpwnam("root").pw_dir
    folder = units.usual_folder("kiosk", options())
    said = " ".join(install.words_of("kiosk", folder, options(printer="usb:04b8:0e15")))
    assert f"--token-file {home}/.local/share/luot/local/kiosk.token" in said
    assert f"--data {home}/.local/share/luot/kiosk" in said
    assert "--data /srv/luot --port" in luot("install", "server", "--print").stdout


def test_without_its_token_nothing_is_installed(tmp_path: Path) -> None:
    said = luot(*KIOSK, "--token-file", str(tmp_path / "none"))
    assert said.returncode == 2
    assert "luot device add NAME --role kiosk" in said.stderr
    shown = luot(*KIOSK, "--print", data=tmp_path)
    assert (shown.returncode, shown.stdout) == (2, ""), "what is only shown is as wrong"
    assert "luot device add NAME --role kiosk" in shown.stderr
    assert not (Path(pwd.getpwnam("root").pw_dir) / ".config/systemd/user/luot-kiosk.service").exists()


def test_a_kiosk_without_its_printer_is_asked_for_it(tmp_path: Path) -> None:
    said = luot("install", "kiosk", "--user", "root", "--print", data=tmp_path)
    assert said.returncode == 2
    assert "--list-printers" in said.stderr


@pytest.mark.parametrize("part", install.PARTS)
def test_the_removal_is_shown_as_what_it_is(tmp_path: Path, part: Any) -> None:
    said = luot("install", part, "--user", "root", "--remove", "--print", data=tmp_path)
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert not [line for line in lines if "ExecStart" in line or "enable" in line]
    assert [line for line in lines if line.startswith("# delete /") and line.endswith(f"luot-{part}.service")]
    if part == "server":
        assert [lines[0], lines[-1]] == ["# systemctl disable --now luot-server.service", "# systemctl daemon-reload"]
    else:
        assert f"# delete {pwd.getpwnam('root').pw_dir}/.config/luot/{part}.token" in lines


GOOD = ("usb:04b8:e15", "tcp:10.0.0.9", "tcp:[::1]:9100", "serial:COM3@19200,rtscts", "file:/dev/usb/lp0", "preview:x")
BAD = (
    "usb",
    "usb:",
    "usb:04b8",
    "usb:xyz:0e15",
    "tcp:",
    "tcp:10.0.0.9:x",
    "serial:COM3@fast",
    "serial:COM3,x",
    "lpt:1",
)


@pytest.mark.parametrize("spec", GOOD + BAD)
def test_a_printer_that_is_none_is_refused_before_anything_is_written(tmp_path: Path, spec: Any) -> None:
    """As the kiosk itself would, behind everybody's back: what it takes, this takes."""
    try:
        wire_of(spec, width=576)
    except ValueError:
        assert spec in BAD
    else:
        assert spec in GOOD
    paired("kiosk", tmp_path)
    said = luot("install", "kiosk", "--user", "root", "--printer", spec, "--print", data=tmp_path)
    if spec in GOOD:
        assert said.returncode == 0, said.stderr
    else:
        assert (said.returncode, said.stdout) == (2, "")
        assert f"--printer {spec}: " in said.stderr
        assert "luot-kiosk --list-printers" in said.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--server", "192.168.1.10:8000"), "http://192.168.1.10:8000"),
        (("--server", "http://"), "http://192.168.1.10:8000"),
        (("--lang", "xx"), "vi"),
        (("--voice", "loud"), "espeak"),
    ],
)
def test_a_word_that_the_display_would_refuse_is_refused_now(tmp_path: Path, words: Any, says: Any) -> None:
    paired("display", tmp_path)
    said = luot("install", "display", "--user", "root", *words, "--print", data=tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert says in said.stderr
    assert "Traceback" not in said.stderr


def test_sudo_does_not_make_root_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "nobody")
    assert "User=nobody\n" in luot("install", "server", "--print", data=tmp_path).stdout


def test_root_alone_has_no_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    said = luot("install", "display", "--print", data=tmp_path)
    if os.geteuid() == 0:
        assert said.returncode == 2
        assert "--user NAME" in said.stderr
    unknown = luot("install", "display", "--user", "nobody-of-this-name", "--print", data=tmp_path)
    assert unknown.returncode == 2
    assert "no such user" in unknown.stderr


def options(**more: object) -> dict[str, object]:
    """The options of `luot install` as click gives them."""
    return install.install.make_context("install", ["server", "--user", "root"]).params | more


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Tools of the system that only write down how they were called."""
    notes = tmp_path / "called"
    notes.touch()
    for tool in ("systemctl", "systemd-analyze", "udevadm"):
        (tmp_path / tool).write_text(f'#!/bin/sh\necho "{tool} $*" >>{notes}\n')
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return notes


def test_installed_started_and_taken_away_again(
    tmp_path: Path, called: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    data, etc = tmp_path / "hội trường" / "data", tmp_path / "etc"
    words = install.words_of("server", data, options())
    units.plan("server", data, words, options(), etc).carry_out()
    assert (etc / "systemd/system/luot-server.service").exists()
    assert data.is_dir()
    assert "systemctl enable --now luot-server.service" in called.read_text().splitlines()
    assert "journalctl -u luot-server.service" in capsys.readouterr().out
    units.plan("server", data, words, options(remove=True), etc).undo()
    assert not list(etc.rglob("*luot*"))
    last = ["systemctl disable --now luot-server.service", "systemctl daemon-reload"]
    assert called.read_text().splitlines()[-2:] == last
    assert data.is_dir(), "numbers and reports are not thrown away"


def test_the_token_is_kept_when_the_stick_is_pulled(
    tmp_path: Path, called: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file that was carried here lies on a stick, which somebody takes away."""
    home, etc, stick = tmp_path / "home", tmp_path / "etc", tmp_path / "stick"
    home.mkdir()
    stick.mkdir()
    (stick / "kiosk.token").write_bytes(codecs.BOM_UTF16_LE + "0123456789abcdef\r\n".encode("utf-16-le"))
    account = units._account("root")
    account.home = home
    monkeypatch.setattr(units, "_account", lambda _name: account)
    given = options(printer="tcp:10.0.0.9", token_file=stick / "kiosk.token")
    kept = units.token_place("kiosk", tmp_path, given)
    assert home in kept.parents
    words = install.words_of("kiosk", tmp_path, given)
    assert words[words.index("--token-file") + 1] == str(kept)
    old = os.umask(0)
    try:
        install.planned("kiosk", tmp_path, given, etc).carry_out()
    finally:
        os.umask(old)
    (stick / "kiosk.token").unlink()
    assert read_token(kept) == "0123456789abcdef"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "the stick may be pulled" in capsys.readouterr().out
    install.planned("kiosk", tmp_path, options(remove=True), etc).undo()
    assert not kept.exists()


def test_what_is_shown_does_not_show_the_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef")
    said = luot(*KIOSK, "--token-file", str(tmp_path / "token"), "--print", data=tmp_path)
    assert said.returncode == 0, said.stderr
    assert "0123456789abcdef" not in said.stdout
    assert f"# {pwd.getpwnam('root').pw_dir}/.config/luot/kiosk.token" in said.stdout


def test_a_token_in_its_place_may_be_named_again(tmp_path: Path, called: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    account = units._account("root")
    account.home = tmp_path
    monkeypatch.setattr(units, "_account", lambda _name: account)
    kept = units.token_place("display", tmp_path, options())
    kept.parent.mkdir(parents=True)
    kept.write_text("0123456789abcdef")
    install.planned("display", tmp_path, options(token_file=kept), tmp_path / "etc").carry_out()
    assert read_token(kept) == "0123456789abcdef"


@pytest.mark.parametrize("part", ["kiosk", "display"])
def test_the_halls_authority_is_carried_along_and_taken_away_again(
    tmp_path: Path, called: Any, monkeypatch: pytest.MonkeyPatch, part: Any
) -> None:
    """The stick on which `ca.crt` came is pulled, like that of the token."""
    account = units._account("root")
    account.home = tmp_path / "home"
    monkeypatch.setattr(units, "_account", lambda _name: account)
    stick = made(tmp_path / "stick")
    (stick / "token").write_text("0123456789abcdef")
    given = options(
        token_file=stick / "token", ca=stick / "ca.crt", server="https://10.0.0.1:8000", printer="windows:POS"
    )
    found = install.planned(part, tmp_path, given, tmp_path / "etc")
    found.carry_out()
    kept = tmp_path / f"home/.config/luot/{part}.crt"
    assert kept.read_bytes() == (stick / "ca.crt").read_bytes()
    unit = (tmp_path / f"home/.config/systemd/user/luot-{part}.service").read_text()
    assert f"--server https://10.0.0.1:8000 --token-file {kept.with_suffix('.token')} --ca {kept}" in unit
    install.planned(part, tmp_path, options(remove=True), tmp_path / "etc").undo()
    assert not kept.exists()
    windows = tasks.plan(part, Path(r"C:\Luot"), install.words_of(part, Path(r"C:\Luot"), given, tasks), given)
    closed = [words[1] for words in windows.commands if words[0] == "icacls"]
    assert sorted(path.rpartition(".")[2] for path in closed) == ["crt", "token"]


def test_the_authority_alone_may_be_carried_where_the_token_lies_here(
    tmp_path: Path, called: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = units._account("root")
    account.home = tmp_path / "home"
    monkeypatch.setattr(units, "_account", lambda _name: account)
    given = options(ca=made(tmp_path / "stick") / "ca.crt", server="https://127.0.0.1:8000")
    with pytest.raises(ValueError, match="there is no token in"):
        install.planned("display", tmp_path, given, tmp_path / "etc")
    paired("display", tmp_path)
    assert len(install.planned("display", tmp_path, given, tmp_path / "etc").private) == 1


def test_a_kiosk_is_taken_away_with_its_rule(tmp_path: Path, called: Any) -> None:
    etc = tmp_path / "etc"
    given = options(bare=True, printer="usb:04b8:0e15")
    units.plan("kiosk", tmp_path, install.words_of("kiosk", tmp_path, given), given, etc).carry_out()
    assert (etc / units.RULE).exists()
    given = options(bare=True, remove=True)
    units.plan("kiosk", tmp_path, install.words_of("kiosk", tmp_path, given), given, etc).undo()
    assert not list(etc.rglob("*luot*"))


# --- Windows ------------------------------------------------------------------------------------------------


def plan(part: str, folder: str = r"C:\Luot") -> Plan:
    given = options(printer="windows:POS")
    return tasks.plan(part, Path(folder), install.words_of(part, Path(folder), given), given)


@pytest.mark.parametrize("part", install.PARTS)
def test_the_task_restarts_on_failure(part: Any) -> None:
    text = tasks.task(part, ["-m", "server", "hall", "--data", r"C:\Dữ liệu & <hội trường>"], Path("C:/Luot/x.log"))
    root = ElementTree.fromstring(text.encode("utf-16"))
    names = {element.tag.rpartition("}")[2]: element.text for element in root.iter()}
    assert names["Count"] == "999"
    assert names["ExecutionTimeLimit"] == "PT0S"
    assert names["Interval"] == "PT1M"
    repeated = [element for element in root.iter() if element.tag.endswith("}Repetition")]
    assert repeated, "nothing starts it again once it has ended by itself"
    assert r"C:\Dữ liệu & <hội trường>" in names["Arguments"]
    assert names["Priority"] == "4", "without it a task runs below normal"
    assert "--log" in names["Arguments"]


def test_no_console_is_opened_before_citizens() -> None:
    assert tasks.without_console(r"C:\Luot\.venv\Scripts\python.exe") == r"C:\Luot\.venv\Scripts\pythonw.exe"
    assert tasks.without_console(sys.executable) == sys.executable


def test_the_hall_gets_through_the_firewall_and_its_folder_is_private() -> None:
    commands = plan("server").commands
    assert [words[:2] for words in commands if words[0] == "netsh"] == [["netsh", "advfirewall"]]
    assert "localport=8000" in " ".join(map(" ".join, commands))
    made = {str(path) for path in plan("server").folders}
    of_the_hall = {words[1] for words in commands if words[0] == "icacls" and words[1].startswith("C:")}
    assert of_the_hall - {str(Path("C:\\Luot"))} == made
    private = next(words for words in commands if "/inheritance:r" in words)
    assert not [word for word in private if tasks.USERS in word]
    assert not [words for words in plan("kiosk").commands if words[0] in {"netsh", "icacls"}]
    assert plan("server").after == [tasks.no_firewall()]


def principal_of(part: str) -> dict[str, str | None]:
    text = next(iter(plan(part).files.values()))
    root = ElementTree.fromstring(text.encode("utf-16"))
    (found,) = [element for element in root.iter() if element.tag.endswith("}Principal")]
    return {element.tag.rpartition("}")[2]: element.text for element in found}


def test_the_hall_does_not_run_as_the_whole_pc() -> None:
    """Who breaks into it is LOCAL SERVICE then, which may do little, and not SYSTEM."""
    assert principal_of("server") == {"UserId": tasks.LOCAL_SERVICE, "RunLevel": "LeastPrivilege"}
    for part in ("kiosk", "display"):
        assert principal_of(part) == {"GroupId": tasks.USERS, "RunLevel": "LeastPrivilege"}


def test_only_the_halls_account_and_administrators_write_in_its_folder() -> None:
    granted: dict[str, list[str]] = {}
    for words in plan("server").commands:
        if words[0] == "icacls":
            granted.setdefault(words[1], []).extend(word for word in words[2:] if word.startswith("*"))
    folder = str(Path("C:\\Luot"))
    assert f"*{tasks.LOCAL_SERVICE}:(OI)(CI)M" in granted[folder]
    writes = re.compile(r":(\([A-Z]+\))*(F|M|W)$")
    for place, rights in granted.items():
        writers = {right.split(":")[0].lstrip("*") for right in rights if writes.search(right)}
        own = {tasks.SYSTEM, tasks.ADMINISTRATORS, tasks.LOCAL_SERVICE}
        if place in {f"{folder}{os.sep}kiosk", f"{folder}{os.sep}display"}:
            assert writers == {tasks.USERS}  # besides what they inherit
        else:
            assert writers <= own, place
    assert granted[f"{folder}{os.sep}local"] == [f"*{tasks.USERS}:(OI)(CI)RX"]


def test_the_halls_account_may_read_what_it_runs(tmp_path: Path) -> None:
    """A virtual environment in somebody's own folder would not start: only that person may look into it."""
    config = tmp_path / "hall.toml"
    given = options(config=config)
    found = tasks.plan("server", Path(r"C:\Luot"), install.words_of("server", Path(r"C:\Luot"), given), given)
    read = {words[1]: words[3] for words in found.commands if words[0] == "icacls" and words[1].startswith("/")}
    assert read.pop(str(config)) == f"*{tasks.LOCAL_SERVICE}:R"
    assert set(read.values()) == {f"*{tasks.LOCAL_SERVICE}:(OI)(CI)RX"}
    for needed in (sys.prefix, sys.base_prefix, str(Path(install.__file__).parents[1])):
        assert any(Path(needed).absolute().is_relative_to(place) for place in read), needed


def test_the_token_is_copied_on_windows_too(tmp_path: Path) -> None:
    (tmp_path / "kiosk.token").write_text("0123456789abcdef")
    folder = Path(r"C:\Luot")
    given = options(printer="windows:POS", token_file=tmp_path / "kiosk.token")
    words = install.words_of("kiosk", folder, given, tasks)
    found = tasks.plan("kiosk", folder, words, given)
    (kept,) = found.private
    assert found.private[kept] == "0123456789abcdef"
    assert kept.parent == folder / "kiosk"
    assert str(kept) in words
    (closed,) = [line for line in found.commands if line[0] == "icacls"]
    assert closed[1] == str(kept)
    assert "/inheritance:r" in closed
    assert f"*{tasks.USERS}:R" in closed, "whoever is logged in at the screen starts the kiosk"
    assert plan("kiosk").private == {}


def test_where_the_first_pin_is_written_is_said() -> None:
    said = " ".join(plan("server").notes)
    assert "first PIN" in said
    assert "server.out" in said


def test_a_folder_in_windows_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEMROOT", "/windows")
    with pytest.raises(ValueError, match="name another in full"):
        plan("server", "/windows/System32/data")


# --- logs ---------------------------------------------------------------------------------------------------


def test_a_program_without_a_console_keeps_what_it_says(tmp_path: Path) -> None:
    """As `pythonw` starts it: no stdout, no stderr."""
    file = tmp_path / "log" / "server.log"
    steps = f"""
import sys; sys.stdout = sys.stderr = None
from pathlib import Path
from assets import logs
from assets.window import watchdog
import logging
logs.set_up(Path({str(file)!r}))
logging.getLogger("luot").warning("giấy sắp hết")
print("one-time PIN: 123456")
watchdog.guard(3600)
raise RuntimeError("the reason")
"""
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", steps], cwd=Path(__file__).parents[2], check=False).returncode == 1
    assert file.read_text("utf-8").count("giấy sắp hết") == 2
    for printed in (file.with_suffix(".out"), file.with_suffix(".out.1")):
        assert "one-time PIN: 123456\n" in printed.read_text("utf-8")
        assert "RuntimeError: the reason" in printed.read_text("utf-8")


def test_a_log_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file")
    ended = luot("hall", "--log", str(tmp_path / "log" / "x.log"), data=tmp_path / "data")
    assert ended.returncode == 2
    assert "--log" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    import logging

    before = logging.root.handlers[:]
    try:
        logs.set_up(tmp_path / "x.log")
        for n in range(3 * logs.SIZE // 100_000):
            line = f"{n:0100000}"  # each another: few lines of one kind are written
            logging.getLogger("luot").info(line)
        assert (tmp_path / "x.log").stat().st_size <= logs.SIZE
        assert (tmp_path / "x.log.1").exists()
    finally:
        for handler in logging.root.handlers:
            handler.close()
        logging.root.handlers[:] = before


# --- the watchdog -------------------------------------------------------------------------------------------


def test_the_watchdog_is_fed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        watchdog.ready()
        watchdog.alive()
        assert [manager.recv(100) for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]


def test_the_running_hall_tells_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from tests.halls import program

    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        with program(tmp_path / "hall") as found:
            said = {manager.recv(100) for _ in range(2)}
            assert said == {b"READY=1", b"WATCHDOG=1"}
            assert found.stop() == 0


def test_a_service_manager_that_does_not_listen_holds_nobody_up(tmp_path: Path) -> None:
    """Ten words lie unread before the system takes no more: the hall would have stood still for ever after 50 s."""
    script = "from assets.window import watchdog; [watchdog.alive() for _ in range(100)]; print('goes on')"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as deaf:
        deaf.bind(str(tmp_path / "notify"))
        env = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        done = subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.stdout == "goes on\n", done.stderr
        assert deaf.recv(100) == b"WATCHDOG=1"

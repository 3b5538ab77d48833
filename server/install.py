"""Starts by itself: service files for the server, the kiosk and the display.

On Linux systemd units, on Windows definitions for the task scheduler. `--print` shows what would be written. Nothing
here runs the programs.
"""

from __future__ import annotations

import getpass
import os
import shlex
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, NoReturn
from xml.sax.saxutils import escape

import typer

WATCHDOG: Final = 20
"""s after which systemd restarts a program that has said nothing."""


class Part(StrEnum):
    server = "server"
    kiosk = "kiosk"
    display = "display"


def command(
    part: Part,
    data: Annotated[Path | None, typer.Option(help="server: the hall's folder. kiosk: its own folder.")] = None,
    config: Annotated[Path | None, typer.Option(help="server: a hall.toml.", metavar="FILE")] = None,
    port: Annotated[int, typer.Option(help="server: port.")] = 8000,
    server: Annotated[str, typer.Option(help="kiosk, display: the hall's address.")] = "http://127.0.0.1:8000",
    token_file: Annotated[Path | None, typer.Option(help="kiosk, display: the device's token.")] = None,
    printer: Annotated[str, typer.Option(help="kiosk: see python -m kiosk --help.")] = "usb:04b8:0202",
    profile: Annotated[str, typer.Option(help="kiosk: the printer's python-escpos profile.")] = "",
    lang: Annotated[str, typer.Option(help="kiosk, display: the usual language.")] = "",
    voice: Annotated[str, typer.Option(help="display: espeak or off.")] = "",
    user: Annotated[str, typer.Option(help="Linux: run as this user; else as who types this.")] = "",
    print_only: Annotated[bool, typer.Option("--print", help="Only show what would be written.")] = False,
) -> None:
    """Start at boot, restart on failure."""
    folder = (data or Path("data")).absolute()
    if part is Part.server:
        words = ["-m", "server", "hall", "--data", str(folder), "--port", str(port)]
        words += ["--config", str(config.absolute())] if config else []
    else:
        token = (token_file or folder / "local" / f"{part}.token").absolute()
        words = ["-m", part.value, "--server", server, "--token-file", str(token)]
        words += ["--printer", printer, "--data", str(folder / "kiosk")] if part is Part.kiosk else []
        words += ["--profile", profile] if profile and part is Part.kiosk else []
        words += ["--voice", voice] if voice and part is Part.display else []
        words += ["--lang", lang] if lang else []
    account = user or os.environ.get("SUDO_USER") or getpass.getuser()
    if sys.platform == "win32":
        _windows(part, words, print_only)
    else:
        _systemd(part, words, account, print_only)


def _systemd(part: Part, words: list[str], user: str, print_only: bool) -> None:
    path = Path(f"/etc/systemd/system/luot-{part}.service")
    text = unit(part, words, user)
    if print_only:
        print(f"# {path}\n{text}", end="")
        return
    try:
        path.write_text(text, "utf-8")
        subprocess.run(["systemd-analyze", "verify", str(path)], check=True)
        subprocess.run(["systemctl", "daemon-reload"], check=True)
        subprocess.run(["systemctl", "enable", "--now", path.name], check=True)
    except PermissionError:
        _give_up(f"{path} needs root: run the same command with sudo")
    except (OSError, subprocess.CalledProcessError) as error:
        _give_up(f"systemd did not take {path.name}: {error}")
    print(f"{path.name} runs now, and at every start of this machine")


def unit(part: Part, words: list[str], user: str) -> str:
    """The systemd unit of a part."""
    python = Path(sys.executable).absolute()
    line = " ".join(_quoted(word) for word in (str(python), *words))
    screen = part is not Part.server
    service = [
        "Type=notify",
        f"ExecStart={line}",
        f"WorkingDirectory={str(Path(__file__).absolute().parent.parent).replace('%', '%%')}",  # taken as it is
        f"User={user}",
        "Environment=PYTHONUNBUFFERED=1",
        *(["Environment=DISPLAY=:0"] if screen else []),
        f"WatchdogSec={WATCHDOG}",
        "NotifyAccess=main",
        "Restart=always",
        "RestartSec=1",
    ]
    after = "graphical.target" if screen else "network.target"
    return "\n".join(
        [
            "[Unit]",
            f"Description=Luot {part}",
            f"After={after}",
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            *service,
            "",
            "[Install]",
            f"WantedBy={'graphical.target' if screen else 'multi-user.target'}",
            "",
        ]
    )


def _quoted(word: str) -> str:
    """One word of a unit's line: percent signs and dollars are systemd's own."""
    safe = word.replace("%", "%%").replace("$", "$$")
    return shlex.quote(safe) if any(c in safe for c in " \t'\"\\") else safe


def _windows(part: Part, words: list[str], print_only: bool) -> None:
    text = task(part, words)
    name = f"Luot {part}"
    if print_only:
        print(f"<!-- {name} -->\n{text}", end="")
        return
    file = Path(os.environ.get("TEMP", ".")) / f"luot-{part}.xml"
    file.write_text(text, "utf-16")
    try:
        subprocess.run(["schtasks", "/Create", "/F", "/TN", name, "/XML", str(file)], check=True)
        subprocess.run(["schtasks", "/Run", "/TN", name], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        _give_up(f"the task scheduler did not take {name}: {error}; run as administrator")
    print(f"{name} runs now, and at every start of this machine")


def task(part: Part, words: list[str]) -> str:
    """The task-scheduler definition of a part (schema 1.4): at boot or log-on, again every minute after a failure."""
    # Once a minute the scheduler looks whether it still runs (`IgnoreNew`): `RestartOnFailure` alone does not count a
    # program that ended by itself. The server belongs to the machine: it runs as SYSTEM, from the start.
    again = "<Repetition><Interval>PT1M</Interval></Repetition>"
    if part is Part.server:
        triggers = (
            "<BootTrigger><Enabled>true</Enabled></BootTrigger>"
            f"<TimeTrigger><StartBoundary>2026-01-01T00:00:00</StartBoundary>{again}</TimeTrigger>"
        )
        principal = "<UserId>S-1-5-18</UserId>"
    else:
        triggers = f"<LogonTrigger><Enabled>true</Enabled>{again}</LogonTrigger>"
        principal = "<GroupId>S-1-5-32-545</GroupId>"
    arguments = subprocess.list2cmdline(words)
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Luot {part}</Description></RegistrationInfo>
  <Triggers>{triggers}</Triggers>
  <Principals><Principal id="luot">{principal}</Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
    <StartWhenAvailable>true</StartWhenAvailable>
  </Settings>
  <Actions Context="luot"><Exec>
    <Command>{escape(sys.executable)}</Command>
    <Arguments>{escape(arguments)}</Arguments>
    <WorkingDirectory>{escape(str(Path(__file__).absolute().parent.parent))}</WorkingDirectory>
  </Exec></Actions>
</Task>
"""


def _give_up(message: str) -> NoReturn:
    print(f"luot: {message}", file=sys.stderr)
    raise typer.Exit(1)

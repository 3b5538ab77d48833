"""What makes a part start by itself on Windows, as texts: a definition for the task scheduler, lines for the firewall
and for the folder's rights. Nothing is written or run here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from typing import Any, Final
from xml.sax.saxutils import escape

from server.cli.install.plan import KEPT, Plan, ca_place, carried

SYSTEM: Final = "S-1-5-18"
LOCAL_SERVICE: Final = "S-1-5-19"
"""An account of every Windows that may do little: what breaks into the hall has not the whole PC."""
ADMINISTRATORS: Final = "S-1-5-32-544"
USERS: Final = "S-1-5-32-545"
"""By their numbers: the names are translated on a Vietnamese Windows."""


def task(part: str, words: list[str], log: Path) -> str:
    """The task-scheduler definition of a part (schema 1.4): at boot or log-on, looked after every minute.

    Once a minute the scheduler looks whether it still runs (`IgnoreNew`): `RestartOnFailure` alone does not count a
    program that ended by itself. The server belongs to the machine: it runs from the start, as LOCAL SERVICE. Without
    a `Priority` a task runs below normal (7), behind every virus scan.
    """
    again = "<Repetition><Interval>PT1M</Interval></Repetition>"
    if part == "server":
        triggers = (
            "<BootTrigger><Enabled>true</Enabled></BootTrigger>"
            f"<TimeTrigger><StartBoundary>2026-01-01T00:00:00</StartBoundary>{again}</TimeTrigger>"
        )
        principal = f"<UserId>{LOCAL_SERVICE}</UserId>"
    else:
        triggers = f"<LogonTrigger><Enabled>true</Enabled>{again}</LogonTrigger>"
        principal = f"<GroupId>{USERS}</GroupId>"
    principal += "<RunLevel>LeastPrivilege</RunLevel>"
    arguments = subprocess.list2cmdline(["-P", *words, "--log", str(log)])
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
    <Priority>4</Priority>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
    <StartWhenAvailable>true</StartWhenAvailable>
  </Settings>
  <Actions Context="luot"><Exec>
    <Command>{escape(without_console(sys.executable))}</Command>
    <Arguments>{escape(arguments)}</Arguments>
    <WorkingDirectory>{escape(str(log.parent))}</WorkingDirectory>
  </Exec></Actions>
</Task>
"""


def without_console(python: str) -> str:
    """`pythonw.exe` beside `python.exe`: the other opens a black window in front of citizens."""
    path = PureWindowsPath(python)
    return str(path.with_name("pythonw.exe")) if path.name.lower() == "python.exe" else python


def firewall(port: int) -> list[str]:
    """The words that let the hall's PCs in; not on a network that Windows calls public."""
    return [
        *("netsh", "advfirewall", "firewall", "add", "rule", "name=Luot server", "dir=in", "action=allow"),
        *("protocol=TCP", f"localport={port}", "profile=private,domain"),
    ]


def no_firewall() -> list[str]:
    """The words that take the rule of :func:`firewall` away."""
    return ["netsh", "advfirewall", "firewall", "delete", "rule", "name=Luot server"]


def rights(folder: Path) -> list[list[str]]:
    """The words that make the hall's folder private: the hall's account writes there, administrators may do all. A
    kiosk or display on the same PC may read its token in `local` and keep its own things in `kiosk` and `display`, as
    whoever is logged in.
    """
    everything, reading, keeping = "(OI)(CI)F", "(OI)(CI)RX", "(OI)(CI)M"
    own = [f"*{SYSTEM}:{everything}", f"*{ADMINISTRATORS}:{everything}", f"*{LOCAL_SERVICE}:{keeping}"]
    return [
        ["icacls", str(folder), "/inheritance:r", "/grant:r", *own],
        ["icacls", str(folder), "/grant", f"*{USERS}:(X)"],
        ["icacls", str(folder / "local"), "/grant", f"*{USERS}:{reading}"],
        *(["icacls", str(folder / name), "/grant", f"*{USERS}:{keeping}"] for name in ("kiosk", "display")),
    ]


def reading(config: Path | None) -> list[list[str]]:
    """The words that let the hall's account read what it runs and its hall.toml. Both may lie in somebody's own folder,
    which only that person may look into.
    """
    here = Path(__file__).absolute().parents[3]
    places = {Path(sys.prefix).absolute(), Path(sys.base_prefix).absolute(), here}
    outermost = sorted(place for place in places if not any(other in place.parents for other in places))
    return [
        *(["icacls", str(place), "/grant", f"*{LOCAL_SERVICE}:(OI)(CI)RX"] for place in outermost),
        *([["icacls", str(config.absolute()), "/grant", f"*{LOCAL_SERVICE}:R"]] if config is not None else []),
    ]


def plan(part: str, folder: Path, words: list[str], options: dict[str, Any]) -> Plan:
    """What is done for a part. Raises ValueError with a sentence for a person."""
    system = os.environ.get("SYSTEMROOT", r"C:\Windows")
    if Path(system) in folder.parents:
        # An elevated console stands in System32, which nobody looks into and no copy takes along.
        raise ValueError(f"--data {folder} lies in Windows' own folder: name another in full, e.g. --data C:\\Luot")
    log = folder / ("log" if part == "server" else part) / f"{part}.log"
    name = f"Luot {part}"
    definition = log.with_name(f"luot-{part}.xml")
    server = part == "server"
    private = [*rights(folder), *reading(options["config"]), firewall(options["port"])] if server else []
    token = token_place(part, folder, options)
    private_copy = carried(part, token, options)
    # Whoever is logged in at the screen starts the part: its user is all of `USERS`, who may read and no more.
    to_users = [f"*{SYSTEM}:F", f"*{ADMINISTRATORS}:F", f"*{USERS}:R"]
    return Plan(
        folders=tuple(folder / name for name in ("local", "kiosk", "display")) if server else (),
        files={definition: task(part, words, log)},
        commands=[
            *private,
            *(["icacls", str(place), "/inheritance:r", "/grant:r", *to_users] for place in private_copy),
            ["schtasks", "/Create", "/F", "/TN", name, "/XML", str(definition)],
            ["schtasks", "/Run", "/TN", name],
        ],
        removing=[["schtasks", "/End", "/TN", name], ["schtasks", "/Delete", "/F", "/TN", name]],
        after=[no_firewall()] if server else [],
        encoding="utf-16",
        private=private_copy,
        gone=() if server else (token, ca_place(token)),
        notes=(
            f"{name} runs now, and at every {'start of this PC' if server else 'log-on'}",
            f"what it says: {log}" + (f"; addresses and the first PIN: {log.with_suffix('.out')}" if server else ""),
            *([KEPT] if private_copy else []),
        ),
    )


def token_place(part: str, folder: Path, options: dict[str, Any]) -> Path:  # noqa: ARG001 - as in `units`
    """Where a part's own copy of its token lies."""
    return folder / part / f"{part}.token"


def usual_folder(part: str, options: dict[str, Any]) -> Path:  # noqa: ARG001 - as in `units`
    """Where a part's things lie unless it is said otherwise: `C:\\ProgramData\\Luot`."""
    return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Luot"

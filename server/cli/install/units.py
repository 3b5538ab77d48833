"""What makes a part start by itself on Linux, as texts: systemd units, an autostart entry, a rule for the printer.

The hall is a service of the machine. Kiosk and display belong to the desktop's session: only there are a screen, its
cookie and a sound server. An entry in the desktop's autostart (every desktop reads it) hands the session's screen to
a unit of the user's own systemd, which starts the program again after a failure. A PC without a desktop, on which
something else starts X, gets a unit of the machine instead (`bare`). Nothing is written here.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from assets.window import watchdog
from server.cli.install.plan import KEPT, Plan, ca_place, carried

WATCHDOG: Final = int(watchdog.PATIENCE)
"""s after which systemd restarts a program that has said nothing."""

WRONG_WORDS: Final = 2
"""The exit code of wrong options. Starting again mends nothing: the unit stays failed, for a person to see."""

_HARDENED: Final = (
    "NoNewPrivileges=yes",
    "ProtectSystem=full",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectControlGroups=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
)


RULE: Final = "udev/rules.d/70-luot-printer.rules"
"""In `/etc`. Before 73, where the desktop's user is given what is tagged `uaccess`."""

GROUPS: Final = ("lp", "dialout", "audio", "video")
"""Who may use a printer, a serial port, a sound card, a graphics card."""


def machine_unit(
    part: str, words: list[str], *, user: str, home: Path, uid: int, groups: Sequence[str] = GROUPS
) -> str:
    """A unit of the machine: for the hall, and for a kiosk or display on a bare X server.

    `home` and `uid` are those of `user`: X's cookie and the sound server are looked for there. `groups` are those of
    `GROUPS` that this PC has: systemd starts nothing where one is missing.
    """
    if part == "server":
        own = ["PrivateTmp=yes", "UMask=0077", "LimitNOFILE=65536"]
        after, wanted = "network.target", "multi-user.target"
    else:
        own = [
            "Environment=DISPLAY=:0",
            f"Environment={_quoted(f'XAUTHORITY={home}/.Xauthority')}",
            f"Environment=XDG_RUNTIME_DIR=/run/user/{uid}",
            f"SupplementaryGroups={' '.join(groups)}",
        ]
        after = wanted = "graphical.target"
    return _unit(part, words, [f"User={user}", *own, *_HARDENED], f"After={after}", f"WantedBy={wanted}")


def session_unit(part: str, words: list[str]) -> str:
    """A unit of the desktop's user, started by :func:`autostart`; it ends with the session where that is a target."""
    return _unit(part, words, ["NoNewPrivileges=yes"], "PartOf=graphical-session.target", None)


def _unit(part: str, words: list[str], more: list[str], order: str, wanted: str | None) -> str:
    # -P: a file `assets.py` or `server.py` in the current folder is not ours.
    line = " ".join(_quoted(word) for word in (str(Path(sys.executable).absolute()), "-P", *words))
    return "\n".join(
        [
            "[Unit]",
            f"Description=Luot {part}",
            order,
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=notify",
            f"ExecStart={line}",
            "Environment=PYTHONUNBUFFERED=1",
            f"WatchdogSec={WATCHDOG}",
            "NotifyAccess=main",
            "Restart=always",
            "RestartSec=2",
            f"RestartPreventExitStatus={WRONG_WORDS}",
            *more,
            *(["", "[Install]", wanted] if wanted else []),
            "",
        ]
    )


def autostart(part: str) -> str:
    """The entry of the desktop's autostart folder (freedesktop.org's Desktop Application Autostart)."""
    screen = "systemctl --user import-environment DISPLAY XAUTHORITY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS"
    return f"""[Desktop Entry]
Type=Application
Name=Luot {part}
Exec=/bin/sh -c "{screen}; exec systemctl --user restart luot-{part}.service"
Terminal=false
NoDisplay=true
X-GNOME-Autostart-enabled=true
"""


def printer_rule(printer: str) -> str | None:
    """The udev rule that lets the desktop's user and the group lp use a `usb:` printer; None for other wires."""
    found = re.fullmatch(r"usb:([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,4})", printer, re.ASCII)
    if not found:
        return None
    vendor, product = (f"{int(number, 16):04x}" for number in found.groups())
    return (
        f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}", '
        'MODE="0660", GROUP="lp", TAG+="uaccess"\n'
    )


def _quoted(word: str) -> str:
    """One word of a unit's line (systemd.syntax(7)): percent signs and dollars are systemd's own."""
    safe = word.replace("%", "%%").replace("$", "$$")
    if not re.search(r"[\s'\"\\;]", safe):
        return safe
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def plan(part: str, folder: Path, words: list[str], options: dict[str, Any], etc: Path = Path("/etc")) -> Plan:
    """What is done for a part on a PC whose settings lie in `etc`. Raises ValueError with a sentence for a person."""
    machine, rules = etc / "systemd/system", etc / RULE
    if sys.platform == "win32":
        raise ValueError("Windows has no systemd")
    account = _account(options["user"])
    service = f"luot-{part}.service"
    rule = printer_rule(options["printer"] or "") if part == "kiosk" else None
    root = os.geteuid() == 0
    owner = (account.uid, account.gid) if root else None
    own = account.home / ".config"
    token = token_place(part, folder, options)
    private = carried(part, token, options)
    gone = (token, ca_place(token)) if part != "server" else ()
    if root and part == "kiosk" and options["remove"]:
        rule = rule or "whichever is there\n"  # it is taken away without being read
    if part == "server" or options["bare"]:
        text = machine_unit(part, words, user=account.name, home=account.home, uid=account.uid, groups=account.groups)
        log = f"what it says: journalctl -u {service}"
        notes = [f"{service} runs now, and at every start of this PC", log]
        if part == "server":
            notes += [f"addresses and the first PIN stand there; with a firewall: sudo ufw allow {options['port']}/tcp"]
        notes += [KEPT] if private else []
        return Plan(
            folders=(folder,) if part == "server" else (),
            owner=owner,
            owned=(folder, own),
            private=private,
            gone=gone,
            files={machine / service: text, **({rules: rule} if rule else {})},
            commands=[
                ["systemd-analyze", "verify", str(machine / service)],
                ["systemctl", "daemon-reload"],
                ["systemctl", "enable", "--now", service],
                *(_new_rule() if rule else []),
            ],
            removing=[["systemctl", "disable", "--now", service]],
            after=[["systemctl", "daemon-reload"]],
            notes=tuple(notes),
        )
    if account.name == "root" and not options["user"]:
        raise ValueError(f"type it as the user who is logged in at the {part}'s screen, or name that user: --user NAME")
    files = {
        own / "systemd/user" / service: session_unit(part, words),
        own / "autostart" / f"luot-{part}.desktop": autostart(part),
    }
    here = not root and bool(os.environ.get("DISPLAY"))
    systemctl = ["systemctl", "--user"]
    start = [
        [*systemctl, "import-environment", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"],
        [*systemctl, "restart", service],
    ]
    notes = [
        f"the {part} starts with the desktop of {account.name}{' and runs now' if here else ''}",
        f"let {account.name} be logged in by itself when this PC starts (README.md: The desktop logs in by itself)",
        f"what it says: journalctl --user -u {service}",
    ]
    notes += [KEPT] if private else []
    if rule and not root:
        notes += ["the printer is let in once, by this line:", f"  echo '{rule.strip()}' | sudo tee {rules}"]
        notes += ["  sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb"]
    elif rule:
        files[rules] = rule
    return Plan(
        files=files,
        commands=([[*systemctl, "daemon-reload"], *start] if here else []) + (_new_rule() if rule and root else []),
        removing=[] if root else [[*systemctl, "stop", service]],
        after=[] if root else [[*systemctl, "daemon-reload"]],
        owner=owner,
        owned=(own,),
        private=private,
        gone=gone,
        notes=tuple(notes),
    )


def token_place(part: str, folder: Path, options: dict[str, Any]) -> Path:  # noqa: ARG001 - as in `tasks`
    """Where a part's own copy of its token lies, whatever its folder of data."""
    return _account(options["user"]).home / ".config/luot" / f"{part}.token"


def usual_folder(part: str, options: dict[str, Any]) -> Path:
    """Where a part's things lie unless it is said otherwise. Raises ValueError for a user who is not there."""
    return Path("/srv/luot") if part == "server" else _account(options["user"]).home / ".local/share/luot"


@dataclass
class _Account:
    name: str
    uid: int
    gid: int
    home: Path
    groups: tuple[str, ...]


def _account(name: str | None) -> _Account:
    """The user as whom a part runs: who is named, who typed `sudo`, who types this."""
    if sys.platform == "win32":
        raise ValueError("Windows has no such users")
    import grp  # here, not above: Windows has neither
    import pwd

    wanted = name or os.environ.get("SUDO_USER") or getpass.getuser()
    try:
        entry = pwd.getpwnam(wanted)
    except KeyError:
        raise ValueError(f"--user {wanted}: there is no such user on this PC") from None
    there = {group.gr_name for group in grp.getgrall()}
    groups = tuple(group for group in GROUPS if group in there)
    return _Account(wanted, entry.pw_uid, entry.pw_gid, Path(entry.pw_dir), groups)


def _new_rule() -> list[list[str]]:
    return [["udevadm", "control", "--reload"], ["udevadm", "trigger", "--subsystem-match=usb"]]

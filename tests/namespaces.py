"""A machine of the test's own: its name, its networks and its file systems, in namespaces of Linux."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest


@cache
def _missing() -> str | None:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return "util-linux and iproute2 are needed"
    tried = subprocess.run(["unshare", "-rnmu", "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip() or None


def within(folder: Path, set_up: str, words: list[str]) -> subprocess.Popen[str]:
    """Run a program on a machine that the shell lines `set_up` make of an empty one; `$1` in them is `folder`.

    Skips the test where the system allows no namespaces to the one who runs it.
    """
    if reason := _missing():
        pytest.skip(f"no namespaces here: {reason}")
    script = f'set -e\n{set_up}\nshift\nexec "$@"'
    line = ["unshare", "-rnmu", "sh", "-c", script, "sh", str(folder), *words]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


LAN = """
ip link set lo up
ip link add lan0 type veth peer name lan1
ip addr add 192.168.7.5/24 dev lan0
ip -6 addr add fd00:7::5/64 dev lan0 nodad
ip link set lan0 up
ip link set lan1 up
"""
ROUTER = "ip route add default via 192.168.7.1\nip -6 route add default via fd00:7::1 dev lan0\n"
DEBIAN = """
printf '127.0.0.1 localhost\\n127.0.1.1 luot-pc\\n' > "$1/hosts"
mount --bind "$1/hosts" /etc/hosts
hostname luot-pc
"""

"""Power cuts after the fact: a program's writes and fsyncs as `strace` saw them, and the disks that could be left.

What a file holds for certain is what was written before its last fsync; of what came later any 512-byte sector may or
may not have arrived, in any order; a file whose folder was never synced may be missing. `Trace.disks` builds such
disks; nothing here knows what the files mean.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,sendto,sendmsg,rename"


def strace(log: Path) -> tuple[str, ...]:
    """The words before a command that is to be traced."""
    # -D: the program itself is the child that the test started and signals.
    return ("strace", "-D", "-f", "-y", "-xx", "-s", "200000", "-o", str(log), "-e", f"trace={CALLS}")


@dataclass
class Op:
    """One thing that reached the system, in order."""

    kind: str
    path: str = ""
    offset: int = 0
    data: bytes = b""
    length: int = 0


@dataclass
class OnDisk:
    certain: bytearray = field(default_factory=bytearray)
    pending: list[Op] = field(default_factory=list)
    named: bool = False
    """Its name in the folder is certain."""

    def sync(self) -> None:
        for op in self.pending:
            _apply(self.certain, op)
        self.pending.clear()


_LINE = re.compile(r"^(\d+)\s+(\w+)\((.*)$", re.S)
_RESUMED = re.compile(r"^(\d+)\s+<\.\.\. (\w+) resumed>(.*)$", re.S)
_FD = re.compile(r"^\d+<((?:\\x[0-9a-f]{2}|[^>\\])*)>(?:\(deleted\))?(?:, )?(.*)$", re.S)
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


def _bytes(hexed: str) -> bytes:
    return bytes.fromhex(hexed.replace("\\x", ""))


def read_trace(log: Path) -> list[Op]:
    """The operations of a trace; a call counts when it began (writes) or when it returned (syncs, names)."""
    deadline = time.monotonic() + 30
    while not re.search(r"^\d+\s+\+\+\+ exited", log.read_text(errors="replace").rpartition("\n")[0][-400:], re.M):
        assert time.monotonic() < deadline, "the trace has no end"
        time.sleep(0.05)  # the tracer writes on for a moment after the program's end
    ops: list[Op] = []
    begun: dict[tuple[str, str], str] = {}
    for line in log.read_text(errors="replace").splitlines():
        resumed = _RESUMED.match(line)
        if resumed:
            arguments = begun.pop((resumed[1], resumed[2]), None)
            if arguments is not None and resumed[2] not in {"pwrite64", "write", "sendto", "sendmsg"}:
                ops += _op(resumed[2], arguments + resumed[3])
            continue
        match = _LINE.match(line)
        if not match:
            continue
        _, call, rest = match.groups()
        if rest.endswith("<unfinished ...>"):
            rest = rest.removesuffix("<unfinished ...>")
            if call in {"pwrite64", "write", "sendto", "sendmsg"}:
                ops += _op(call, rest)
            begun[match[1], call] = rest
        elif " = -1 " not in rest:
            ops += _op(call, rest)
    return ops


def _op(call: str, rest: str) -> list[Op]:
    if call == "openat":
        found = list(_STRING.finditer(rest))
        created = "O_CREAT" in rest and found
        return [Op("create", _bytes(found[0][1]).decode(errors="replace"))] if created else []
    if call in {"unlink", "rename"}:
        return [Op(call, _bytes(found[1]).decode(errors="replace")) for found in _STRING.finditer(rest)][:1]
    descriptor = _FD.match(rest)
    if not descriptor:
        return []
    path, rest = descriptor.groups()
    if path.startswith("\\x"):
        path = _bytes(path).decode(errors="replace")
    if call in {"fsync", "fdatasync"}:
        return [Op("sync", path)]
    if call == "ftruncate":
        return [Op("truncate", path, length=int(rest.split(")")[0]))]
    string = _STRING.search(rest)
    if string is None:
        return []
    assert not string[2], "a write was cut off in the trace"
    data = _bytes(string[1])
    if call == "pwrite64":
        numbers = rest[string.end() :].lstrip(", ").split(")")[0].split(", ")
        return [Op("write", path, offset=int(numbers[1]), data=data)]
    return [Op("send", path, data=data)]


def _apply(content: bytearray, op: Op) -> None:
    if op.kind == "truncate":
        del content[op.length :]
        content.extend(bytes(op.length - len(content)))
        return
    end = op.offset + len(op.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[op.offset : end] = op.data


@dataclass
class Trace:
    """A trace of one folder's files, and what they held before it."""

    ops: list[Op]
    before: dict[str, bytes]

    def disks(self, cuts: set[int], chance: random.Random, variants: int) -> Iterator[tuple[int, dict[str, bytes]]]:
        """(cut, files) for each cut (a power loss right after that many operations), several ways each."""
        files = {path: OnDisk(bytearray(data), named=True) for path, data in self.before.items()}
        for index, op in enumerate(self.ops):
            self._take(files, op)
            if index + 1 in cuts:
                for variant in range(variants):
                    keep = {0: 0.0, 1: 1.0}.get(variant, 0.5)
                    yield index + 1, dict(_left(files, keep, chance))

    @staticmethod
    def _take(files: dict[str, OnDisk], op: Op) -> None:
        if op.kind == "sync":
            if op.path in files:
                files[op.path].sync()
            else:
                for path, file in files.items():
                    file.named |= str(Path(path).parent) == op.path
        elif op.kind == "create":
            files.setdefault(op.path, OnDisk())
        elif op.kind == "unlink":
            files.pop(op.path, None)
        elif op.kind in {"write", "truncate"}:
            files.setdefault(op.path, OnDisk()).pending.append(op)


def _left(files: dict[str, OnDisk], keep: float, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    for path, file in files.items():
        if not file.named and chance.random() >= keep:
            continue
        content = bytearray(file.certain)
        for op in file.pending:
            if op.kind == "truncate":
                if chance.random() < keep:
                    _apply(content, op)
                continue
            for start in range(0, len(op.data), SECTOR):
                if chance.random() < keep:
                    _apply(content, Op("write", offset=op.offset + start, data=op.data[start : start + SECTOR]))
        yield path, bytes(content)

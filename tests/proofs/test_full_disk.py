"""A disk that fills up under load, to its last byte, and is freed again: who waits is called, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import protocol as p
from server.client.client import Refusal
from tests.halls import (
    HALL_TOML,
    PIN,
    Seat,
    begin,
    cookie_of,
    events_of,
    luot,
    new_id,
    result_of,
    sign_in,
    sitting,
    until,
)
from tests.namespaces import within

pytestmark = pytest.mark.load

ROOT = Path(__file__).parents[2]
SIZE = 80
"""MiB of the disk: a little more than what counts as nearly full."""
SMALL_DISK = f'mkdir -p "$1/disk"\nmount -t tmpfs -o size={SIZE}m none "$1/disk"\ncp -a "$1/seed/." "$1/disk/"\n'


class Disk:
    """A small disk that outlives the programs on it: a process of its own keeps it mounted."""

    def __init__(self, folder: Path) -> None:
        self.holder = within(folder, SMALL_DISK, ["sh", "-c", "echo there; exec sleep 600"])
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == "there\n", self.holder.communicate()[1]
        self.inside = folder / "disk"
        self.folder = Path(f"/proc/{self.holder.pid}/root{self.inside}")

    def fill(self, left: int) -> None:
        """Let so many MiB be free; 0 means the last byte."""
        filler = self.folder / "filler"
        filler.unlink(missing_ok=True)
        room = shutil.disk_usage(self.folder).free - left * 2**20
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while room > 0:
                room -= file.write(bytes(min(room, 2**20)))
            while left == 0:
                file.write(bytes(4096))

    @contextlib.contextmanager
    def hall(self) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """The real `luot hall` on this disk, and where it answers."""
        line = ["nsenter", f"--target={self.holder.pid}", "--user", "--mount", "--preserve-credentials"]
        line += [f"--wd={ROOT}", sys.executable, "-m", "server", "hall", "--data", str(self.inside)]
        line += ["--host", "127.0.0.1", "--port", "0", "--config", str(self.inside / "hall.toml")]
        log = (self.inside.parent / "hall.log").open("a")
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            for told in process.stdout:
                if found := re.search(r"http://127\.0\.0\.1:\d+", told):
                    yield process, found[0]
                    break
            else:
                raise AssertionError((self.inside.parent / "hall.log").read_text()[-2000:])
        finally:
            process.terminate()
            process.wait(20)
            log.close()


async def serve_one(desk: Seat) -> str:
    called = await desk.ask(p.CallNext, ticket=None)
    await desk.ask(p.Start, ticket=called["ticket"])
    await desk.ask(p.Finish, ticket=called["ticket"])
    return str(called["number"])


async def test_a_disk_fills_up_and_is_freed(tmp_path: Path) -> None:
    seed = tmp_path / "seed"
    await asyncio.to_thread(begin, seed)
    (seed / "hall.toml").write_text(HALL_TOML)
    assert luot("settings", "export", str(tmp_path / "s.toml"), data=seed).returncode in {0, 2}
    token = luot("device", "add", "kiosk-1", "--role", "kiosk", data=seed).stdout.strip()
    assert luot("person", "add", "Hoa", "--role", "clerk", data=seed, stdin=f"{PIN}\n").returncode == 0
    disk = Disk(tmp_path)
    given: list[str] = []
    served: list[str] = []
    try:
        with disk.hall() as (_, url):
            port = int(url.rpartition(":")[2])
            session = cookie_of(await asyncio.to_thread(sign_in, port, "Hoa", PIN))
            async with sitting(url, "kiosk", token) as kiosk, sitting(url, "desk", session) as desk:
                await desk.ask(p.OpenDesk, desk="1")

                async def take_until_refused() -> p.Error:
                    while True:
                        reply = await kiosk.reply(p.Issue(id=new_id(), area="tu-phap"))
                        if not reply.ok:
                            assert isinstance(reply.error, p.Error)
                            return reply.error
                        given.append(result_of(reply)["number"])

                taking = asyncio.create_task(take_until_refused())
                await until(lambda: len(given) >= 20)
                disk.fill(30)
                error = await taking
                assert (error.code, error.detail) == ("internal", "the disk is nearly full")
                # Who waits is called, whoever comes or goes signs in and out.
                served += [await serve_one(desk) for _ in range(5)]
                again = await asyncio.to_thread(sign_in, port, "Hoa", PIN)
                assert again.status == 204
                disk.fill(0)
                with contextlib.suppress(Exception):  # the hall refuses, or ends: what it acknowledged counts
                    while True:
                        served.append(await serve_one(desk))
        # Started on a full disk it says what is so, and takes nothing.
        disk.fill(0)
        with disk.hall() as (process, url):
            port = int(url.rpartition(":")[2])
            async with sitting(url, "kiosk", token) as kiosk:
                assert (await kiosk.refused(p.Issue, area="tu-phap")).detail == "the disk is nearly full"
                (disk.folder / "filler").unlink()
                async with asyncio.timeout(10):
                    while not (reply := await kiosk.reply(p.Issue(id=new_id(), area="tu-phap"))).ok:
                        await asyncio.sleep(0.1)
                given.append(result_of(reply)["number"])
                session = cookie_of(await asyncio.to_thread(sign_in, port, "Hoa", PIN))
                async with sitting(url, "desk", session) as desk:
                    assert desk.view.me is not None
                    current = desk.view.me.ticket
                    if current is not None:  # what the full disk left half done
                        if current.state == "called":
                            await desk.ask(p.Start, ticket=current.ticket)
                        await desk.ask(p.Finish, ticket=current.ticket)
                    with pytest.raises(Refusal, match="nobody_waiting"):
                        while True:
                            await serve_one(desk)
            assert process.poll() is None
        shutil.copytree(disk.folder, tmp_path / "end")
        checked = await asyncio.to_thread(luot, "check", data=tmp_path / "end")
        assert checked.returncode == 0, checked.stderr
        events = events_of(tmp_path / "end")
        assert [e["number"] for e in events if e["kind"] == "issued"] == given
        assert len(given) == len(set(given))
        finished = [e["ticket"] for e in events if e["kind"] == "finished"]
        assert len(finished) == len(set(finished)) == len(given), "each was called and served once"
        numbers = {e["ticket"]: e["number"] for e in events if e["kind"] == "issued"}
        assert set(served) <= {numbers[ticket] for ticket in finished}
    finally:
        disk.holder.terminate()
        disk.holder.wait(10)

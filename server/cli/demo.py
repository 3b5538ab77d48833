"""`luot demo`: the whole hall on one machine: server, kiosk, display, pages; paper on screen; children restarted.

The server runs in this process on 127.0.0.1; kiosk and display are programs of their own, as in a real hall, and are
started again when they end. Without a screen it says where the pages are and runs on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from assets import logs, parts
from server.access.people import new_pin
from server.cli.hall import PORT, run_hall
from server.service import Service
from server.settings.process import Config, Hours

log = logging.getLogger(__name__)

CLERKS: Final = ("Hoa", "Lan")
RESTART_AFTER: Final = (1.0, 2.0, 5.0, 10.0)
"""s before each further start of a child that ended; the last repeats."""
STEADY: Final = 60.0
"""s after which a child counts as having run well."""


@click.command(
    help="The whole hall on this machine: server, kiosk, display, paper on screen, random PINs printed once."
)
@click.option("--port", type=PORT, default=8000, show_default=True, metavar="N", help="Port on 127.0.0.1.")
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Folder to keep.  [default: a new one]")
def demo(port: int, data: Path | None) -> None:
    """Run the whole hall on this machine."""
    logs.set_up(None)
    sys.exit(asyncio.run(run(port, data)))


async def run(port: int, data: Path | None) -> int:
    """Run until stopped; the exit code."""
    kept = data is not None
    folder = data or Path(tempfile.mkdtemp(prefix="luot-demo-"))
    service = Service(folder, Config(host="127.0.0.1", port=port, hours=Hours(always_open=True)))
    children: list[asyncio.Task[None]] = []

    async def announce(service: Service) -> None:
        url = f"http://127.0.0.1:{service.port}"
        print(
            f"\nLuot demo. Folder: {folder}{'' if kept else ' (it stays: delete it when you have seen enough)'}",
            flush=True,
        )
        print(f"  desk page     {url}/desk")
        print(f"  manager page  {url}/manager")
        for name, role in (*((name, "clerk") for name in CLERKS), ("Minh", "manager")):
            pin = new_pin()
            do = "pin" if name in service.access.people else "person"
            more = {} if do == "pin" else {"role": role}
            await service.do({"do": do, "name": name, "pin": pin, **more})
            print(f"  {role:<8} {name:<6} PIN {pin}")
        tokens = await service.pair_locally()
        if not has_screen():
            print("  no screen here: kiosk and display are not started; the pages above work in any browser")
        else:
            for part, words in commands(url, folder, tokens).items():
                why = parts.lacks(part)
                if why is not None:
                    print(f"  {why}")
                    continue
                children.append(asyncio.create_task(keep(part, words)))
            print(f"  paper         {folder / 'paper'}")
        print("Ctrl+C ends it.\n", flush=True)

    try:
        return await run_hall(service, announce)
    finally:
        for child in children:
            child.cancel()
        await asyncio.gather(*children, return_exceptions=True)


def has_screen() -> bool:
    """Can a window be opened here?"""
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("SDL_VIDEODRIVER"))


def commands(url: str, folder: Path, tokens: dict[str, Path]) -> dict[parts.Part, list[str]]:
    """The words with which the two programs are started."""
    return {
        "kiosk": [
            *(sys.executable, "-P", "-m", "kiosk", "--server", url, "--token-file", str(tokens["kiosk"])),
            *("--printer", f"preview:{folder / 'paper'}", "--data", str(folder / "kiosk")),
            *("--show-paper", "--windowed", "576x1024+0+0"),
        ],
        "display": [
            *(sys.executable, "-P", "-m", "display", "--server", url, "--token-file", str(tokens["display"])),
            *("--windowed", "960x540+590+0"),
        ],
    }


async def keep(part: str, words: list[str]) -> None:
    """Run a child program and start it again when it ends, ever more slowly while it keeps failing."""
    failures = 0
    loop = asyncio.get_running_loop()
    while True:
        started = loop.time()
        process = await asyncio.create_subprocess_exec(*words)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await end(process)
            raise
        failures = 0 if loop.time() - started > STEADY else failures + 1
        pause = RESTART_AFTER[min(failures, len(RESTART_AFTER) - 1)]
        log.warning("the %s ended with %s; started again in %g s", part, code, pause)
        await asyncio.sleep(pause)


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask a child to end; insist after five seconds."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(5):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

"""The virtual printer, started by hand, to develop against: `python -m tests.tools.printer DIR`.

It prints what the kiosk's `--printer` is to be and keeps each paper as a picture in DIR. What is typed happens to it:
`paper_out`, `near_end`, `cover_open`, `jam`, `mute`, `noisy` (again: no more), `unplug`, `plug`, `mend`, `end`.
"""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from tests.virtual_printer import VirtualPrinter

SWITCHES = ("paper_out", "near_end", "cover_open", "jam", "mute", "noisy")


def main(words: list[str]) -> int:
    """Run until `end` is typed or the input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.printer")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the papers go")
    parser.add_argument("--wire", choices=("tcp", "pty"), default="tcp")
    parser.add_argument("--width", type=int, default=576, metavar="DOTS", help="576 for paper of 80 mm, 384 for 58 mm")
    parser.add_argument("--unasked", action="store_true", help="it tells its state unasked, as many printers do")
    given = parser.parse_args(words)
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.wire == "tcp":
        printer = VirtualPrinter.on_tcp(given.width)
    else:
        printer = VirtualPrinter.on_pty(given.width, node=given.folder.resolve() / "port")
    printer.automatic = "always" if given.unasked else "never"
    over = threading.Event()
    with printer:
        print(f"--printer {printer.spec}", flush=True)
        keeper = threading.Thread(target=_keep_papers, args=(printer, given.folder, over))
        keeper.start()
        for line in sys.stdin:
            if line.strip() == "end":
                break
            print(_do(printer, line.strip()), flush=True)
        over.set()
        keeper.join()
    return 0


def _do(printer: VirtualPrinter, word: str) -> str:
    if word in SWITCHES:
        setattr(printer, word, not getattr(printer, word))
        return f"{word}: {getattr(printer, word)}"
    if word == "unplug":
        printer.unplug()
    elif word == "plug":
        printer.plug_in_again()
    elif word == "mend":
        printer.mend()
    else:
        return f"{word!r} is none of {', '.join((*SWITCHES, 'unplug', 'plug', 'mend', 'end'))}"
    return word


def _keep_papers(printer: VirtualPrinter, folder: Path, over: threading.Event) -> None:
    kept = 0
    while not over.wait(0.2):
        for paper in printer.papers[kept:]:
            kept += 1
            paper.save(folder / f"paper-{kept:03d}.png")
            print(f"paper {kept}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The kiosk's states one after the other in one window, each compared with a window that only ever showed it.

`python -m tests.kiosk.pairs WIDTHxHEIGHT [STEPS SEED]` walks through every ordered pair of states, or so many steps
chosen by the seed. Before each change a button of the old state is touched, and let go over the new one; now and then
the window changes its size and back. It ends with 1 and a line for each pair whose pictures differ.

A program of its own, so that one size can be walked through by hand.
"""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Final

from tests.kiosk.window import SIZES, Sheet, Stage, buttons, picture_of, sheet_of, states

LISTED: Final = (
    "home 6", "home 9", "home full", "home long", "home offers", "home 6 long hall", "home 6 catalogue", "area",
    "area open", "area page 2", "area empty", "area closed", "area long", "papers", "papers of area", "warning",
    "asking", "ticket", "ticket printing", "ticket no display", "ticket no desk", "ticket called",
    "ticket late to cancel", "ticket long", "ticket cancelling", "cancel question", "cancel question without paper",
    "not printed paper_out", "not printed late", "not printed failed", "not printed of yesterday",
    "not printed not yet greeted", "rate find", "rate find full", "rate find finding", "rate", "rate low",
    "rate low comment", "rate typing",
    "rate three", "rate not sent", "thanks", "cancelled", "restoring", "sorry unreachable", "sorry number_called",
    "sorry number_over", "closed", "cut", "refused unauthorised", "refused update_needed", "not yet greeted",
    "home english", "area open english",
)  # fmt: skip
"""The states that are compared in pairs: each screen with each thing that may stand on it."""


def every_pair(names: Sequence[str]) -> Iterator[str]:
    """The shortest walk that goes from each to each and to itself: a de Bruijn sequence of order 2 (Lyndon words)."""
    for n, one in enumerate(names):
        yield one
        for other in names[n + 1 :]:
            yield one
            yield other
    yield names[0]


def differing(
    size: tuple[int, int],
    walk: Sequence[str],
    seed: int,
    window: Callable[[Stage, tuple[int, int]], Sheet] = sheet_of,
) -> list[tuple[str, str]]:
    """The pairs of the walk after whose first the second looks different. `window` makes the one that is walked in."""
    from kivy.clock import Clock  # after the window's settings

    chance = random.Random(seed)
    found, alone = states(), dict[str, bytes]()
    stage = Stage(found[walk[0]])
    sheet = window(stage, size)
    wrong = []
    for before, after in itertools.pairwise(walk):
        if after not in alone:
            alone[after] = picture_of(sheet_of(Stage(found[after]), size)).tobytes()
        if there := buttons(sheet):
            button = chance.choice(there)
            finger = SimpleNamespace(uid=1, pos=button.center, opos=button.center, button="left")
            sheet.on_touch_down(finger)
            stage.state = found[after]
            sheet.draw()
            sheet.on_touch_up(finger)
        stage.state = found[after]
        if chance.random() < 0.05:
            sheet.size = chance.choice(SIZES)
            sheet.size = size
        sheet.tick()
        sheet.do_layout()
        if picture_of(sheet).tobytes() != alone[after]:
            wrong.append((before, after))
        Clock.tick()  # Kivy lets go of what the graphics card holds only in its loop
    return wrong


def main() -> int:
    width, height = map(int, sys.argv[1].split("x"))
    names = list(LISTED)
    if len(sys.argv) > 2:
        steps, seed = map(int, sys.argv[2:])
        walk = random.Random(seed).choices(names, k=steps + 1)
    else:
        seed, walk = 0, list(every_pair(names))
    wrong = differing((width, height), walk, seed)
    for before, after in wrong:
        print(f"{after!r} after {before!r} is not as it is alone")
    print(f"{len(walk) - 1} pairs of {len(names)} states at {width}x{height}, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

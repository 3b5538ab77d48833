"""Every fault on every wire, from a printer that is silent or speaks unasked, with room for all or a small buffer and a
head that rests: `confirmed` is never said without a whole paper.

`python -m pytest tests/kiosk/test_printer_matrix.py -s` writes the table.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import pytest

from kiosk.paper.escpos import job_of, model_of
from kiosk.paper.layout import draw
from kiosk.paper.printer import Printer
from kiosk.paper.slip import slip_of
from kiosk.paper.wires import wire_of
from kiosk.paper.wires.usb import UsbWire
from tests.kiosk import samples
from tests.kiosk.usb_end import PRODUCT, VENDOR, UsbEnd
from tests.printer_ends import PtyEnd, TcpEnd
from tests.virtual_printer import VirtualPrinter

PICTURE = draw(slip_of(samples.ticket(), samples.hall(), "vi"), 576)
PROFILES: Final = ("KR-306", "TM-T20II")
"""One that answers GS r 1, one that answers GS ( H."""

WIRES: Final = ("tcp", "usb", "serial", "serial xon/xoff")
SPEAKS: Final = ("asked", "unasked")
ROOMS: Final = ("room for all", "4 KB, resting head")
FAULTS: Final[dict[str, frozenset[str]]] = {
    "none": frozenset({"confirmed"}),
    "near end in mid-job": frozenset({"confirmed"}),
    "paper out before": frozenset({"paper_out"}),
    "cover open before": frozenset({"cover_open"}),
    "jam before": frozenset({"jam"}),
    "paper out in mid-job": frozenset({"paper_out", "timeout"}),
    "cover open in mid-job": frozenset({"cover_open", "timeout"}),
    "jam in mid-job": frozenset({"jam", "timeout"}),
    "stall in mid-job": frozenset({"timeout"}),
    "unplugged in mid-job": frozenset({"offline"}),
    "unplugged after the job": frozenset({"offline"}),
    "never confirms": frozenset({"timeout"}),
    "mute": frozenset({"timeout"}),
    "noisy": frozenset({"unknown"}),
}
"""Each fault, and what may be said of it."""


@dataclass(frozen=True)
class Case:
    fault: str
    wire: str
    speaks: str
    room: str
    profile: str

    def __str__(self) -> str:
        return f"{self.fault}, {self.wire}, {self.speaks}, {self.room}, {self.profile}"


CASES = [
    Case(*parts)
    for parts in itertools.product(FAULTS, WIRES, SPEAKS, ROOMS, PROFILES)
    # The second profile adds only where the end of a job is asked for in its own way.
    if parts[4] == PROFILES[0] or parts[0] in {"none", "paper out in mid-job", "cover open in mid-job"}
]


def told(case: Case) -> tuple[str, bool]:
    """What the printer's driver says of one ticket, and whether a whole paper came out."""
    small = case.room != ROOMS[0]
    usb = UsbEnd()
    virtual = VirtualPrinter(576, buffer=4096 if small else 1 << 20)
    virtual.plug_in(usb if case.wire == "usb" else TcpEnd() if case.wire == "tcp" else PtyEnd())
    with virtual:
        virtual.automatic = "always" if case.speaks == "unasked" else "never"
        if small:
            virtual.head_speed, virtual.rest, virtual.rest_every = 1600, random.uniform(0.5, 1.5), 400
            if "serial" in case.wire:
                virtual.flow = "xon/xoff" if "xon" in case.wire else "none"
        if case.fault.endswith("before"):
            setattr(virtual, case.fault.removesuffix(" before").replace(" ", "_"), True)
        match case.fault:
            case "near end in mid-job" | "paper out in mid-job" | "cover open in mid-job" | "jam in mid-job":
                virtual.out_after = 500
                virtual.ends_by = case.fault.removesuffix(" in mid-job").replace(" ", "_")  # type: ignore[assignment]
            case "stall in mid-job":
                virtual.stall_after = 6000
            case "unplugged in mid-job":
                virtual.unplug_after = 5000
            case "unplugged after the job":
                virtual.unplug_at_confirmation = True
            case "never confirms":
                virtual.keeps_confirmation = True
            case "mute":
                virtual.mute = True
            case "noisy":
                virtual.noisy = True
        model = model_of(case.profile)
        job = job_of(PICTURE, model, f"{random.randrange(10**4):04}")
        wire = UsbWire(VENDOR, PRODUCT, backend=usb) if case.wire == "usb" else wire_of(virtual.spec, width=576)
        outcome = Printer(wire).print(job)
    whole = [paper.crop((0, 0, *PICTURE.size)).tobytes() == PICTURE.convert("L").tobytes() for paper in virtual.papers]
    return outcome, True in whole


@pytest.fixture(scope="module", autouse=True)
def stories(request: pytest.FixtureRequest) -> Iterator[dict[Case, Future[tuple[str, bool]]]]:
    """All that were asked for, at the same time: they mostly wait."""
    here: list[Any] = [item for item in request.session.items if item.path == request.path]
    asked = [item.callspec.params["case"] for item in here]
    with ThreadPoolExecutor(16) as pool:
        found = {case: pool.submit(told, case) for case in asked}
        yield found
        if request.config.getoption("capture") == "no":
            table({case: one.result() for case, one in found.items()})


def table(found: dict[Case, tuple[str, bool]]) -> None:
    """On the terminal: one line a fault, one column a kind of printer; `*` is a whole paper."""
    for fault in FAULTS:
        line = [f"{fault:24}"]
        for speaks, room in itertools.product(SPEAKS, ROOMS):
            said = {
                outcome + "*" * whole
                for case, (outcome, whole) in found.items()
                if (case.fault, case.speaks, case.room) == (fault, speaks, room)
            }
            line.append(f"{' '.join(sorted(said)):24}")
        print(" | ".join(line))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_confirmed_is_never_said_without_a_whole_paper(
    case: Case, stories: dict[Case, Future[tuple[str, bool]]]
) -> None:
    outcome, whole = stories[case].result(timeout=120)
    assert whole or outcome != "confirmed"
    for _ in range(2):
        if outcome in FAULTS[case.fault]:
            break
        # A machine with much else to do answers too late: what is said then is tried again, alone.
        outcome, whole = told(case)
        assert whole or outcome != "confirmed"
    assert outcome in FAULTS[case.fault]

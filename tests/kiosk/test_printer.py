"""A printer on a pty and on TCP, with every fault: given it, when a ticket is printed, then what is said and shown.

The limit of 5 s counts from the fault or from the last byte the printer took.
"""

from __future__ import annotations

import os
import random
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from kiosk.paper.escpos import Job, job_of, model_of
from kiosk.paper.layout import draw
from kiosk.paper.printer import Printer
from kiosk.paper.slip import slip_of
from kiosk.paper.wires import wire_of
from tests.escpos_reader import Reader
from tests.kiosk import samples
from tests.virtual_printer import VirtualPrinter

LIMIT = 5.0
MODEL = model_of("KR-306")
PICTURE = draw(slip_of(samples.ticket(), samples.hall(), "vi"), 576)
OTHER = draw(slip_of(samples.ticket("1009"), samples.hall(), "vi"), 576)


def job(picture: Image.Image = PICTURE, profile: str = "KR-306") -> Job:
    return job_of(picture, model_of(profile), f"{random.randrange(10**4):04}")


KINDS: dict[str, Callable[..., VirtualPrinter]] = {"pty": VirtualPrinter.on_pty, "tcp": VirtualPrinter.on_tcp}


@pytest.fixture(params=KINDS)
def virtual(request: pytest.FixtureRequest) -> Iterator[VirtualPrinter]:
    with KINDS[request.param](576) as printer:
        yield printer


def printer_on(virtual: VirtualPrinter) -> Printer:
    return Printer(wire_of(virtual.spec, width=576))


def timed(action: Callable[[], str]) -> tuple[str, float]:
    start = time.monotonic()
    return action(), time.monotonic() - start


def shows(paper: Image.Image, picture: Image.Image) -> bool:
    """The paper begins with exactly this picture (below it comes the feed before the cut)."""
    return paper.crop((0, 0, *picture.size)).tobytes() == picture.convert("L").tobytes()


def test_a_ticket_is_printed_confirmed_and_looks_exactly_as_drawn(virtual: VirtualPrinter) -> None:
    assert printer_on(virtual).print(job()) == "confirmed"
    (paper,) = virtual.papers
    assert shows(paper, PICTURE)


def test_the_process_id_confirms_where_the_model_has_it(virtual: VirtualPrinter) -> None:
    assert printer_on(virtual).print(job(profile="TM-T20II")) == "confirmed"
    assert b"\x1d(H" in virtual.log
    assert b"\x1dr" not in virtual.log[-40:]


def test_two_jobs_are_two_papers_and_nothing_else(virtual: VirtualPrinter) -> None:
    printer = printer_on(virtual)
    assert [printer.print(job()), printer.print(job(OTHER))] == ["confirmed", "confirmed"]
    assert [shows(virtual.papers[0], PICTURE), shows(virtual.papers[1], OTHER)] == [True, True]
    assert len(virtual.papers) == 2


def test_near_end_is_said_and_prints_all_the_same(virtual: VirtualPrinter) -> None:
    virtual.near_end = True
    printer = printer_on(virtual)
    assert printer.print(job()) == "confirmed"
    assert printer.status.paper == "low"


@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "jam"])
def test_a_fault_before_the_job_is_said_and_not_a_dot_is_sent(virtual: VirtualPrinter, fault: str) -> None:
    a_fault_is_said_and_not_a_dot_is_sent(virtual, fault, fault)


def a_fault_is_said_and_not_a_dot_is_sent(virtual: VirtualPrinter, fault: str, said: str) -> None:
    setattr(virtual, fault, True)
    outcome, took = timed(lambda: printer_on(virtual).print(job()))
    assert outcome == said
    assert took < LIMIT
    assert b"\x1dv0" not in virtual.log


def test_unplugged_before_the_job(virtual: VirtualPrinter) -> None:
    virtual.unplug()
    outcome, took = timed(lambda: printer_on(virtual).print(job()))
    assert outcome == "offline"
    assert took < LIMIT


def test_unplugged_in_mid_job(virtual: VirtualPrinter) -> None:
    virtual.unplug_after = 5000
    outcome, took = timed(lambda: printer_on(virtual).print(job()))
    assert outcome == "offline"
    assert took < LIMIT
    assert virtual.papers == []


def test_unplugged_after_the_last_byte_is_never_called_confirmed(virtual: VirtualPrinter) -> None:
    virtual.unplug_at_confirmation = True
    outcome, took = timed(lambda: printer_on(virtual).print(job()))
    assert outcome == "offline"
    assert took < LIMIT


def test_a_network_printer_plugged_in_again_prints_whole_papers() -> None:
    with VirtualPrinter.on_tcp(576) as virtual:
        virtual.unplug_after = 5000
        printer = printer_on(virtual)
        assert printer.print(job()) == "offline"
        virtual.plug_in_again()
        assert printer.print(job(OTHER)) == "confirmed"
        assert shows(virtual.papers[-1], OTHER)
        assert not any(shows(paper, PICTURE) for paper in virtual.papers)


def test_looking_finds_a_fault_and_its_end(virtual: VirtualPrinter) -> None:
    printer = printer_on(virtual)
    assert printer.check().printer == "ok"
    virtual.paper_out = True
    assert (printer.check().printer, printer.status.paper) == ("paper_out", "out")
    virtual.mend()
    assert (printer.check().printer, printer.status.paper) == ("ok", "ok")


def test_a_file_takes_the_bytes_and_is_called_sent(tmp_path: Path) -> None:
    (tmp_path / "lp0").touch()
    printer = Printer(wire_of(f"file:{tmp_path / 'lp0'}", width=576))
    assert [printer.print(job()), printer.print(job(OTHER))] == ["sent", "sent"]
    reader = Reader(576)
    reader.feed((tmp_path / "lp0").read_bytes())
    assert [shows(reader.papers[0], PICTURE), shows(reader.papers[1], OTHER)] == [True, True]


def test_no_file_is_made_where_the_printer_is_unplugged(tmp_path: Path) -> None:
    """As root, `file:/dev/usb/lp0` made a plain file there, and every paper after that counted as sent."""
    node = tmp_path / "lp0"
    assert Printer(wire_of(f"file:{node}", width=576)).print(job()) == "offline"
    assert not node.exists()


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="no place under /dev to put a plain file")
def test_a_plain_file_among_the_devices_is_no_printer() -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
        assert Printer(wire_of(f"file:{file.name}", width=576)).print(job()) == "offline"
        assert file.read() == b""


def test_a_serial_printer_unplugged_and_plugged_in_again_prints_whole_papers(tmp_path: Path) -> None:
    """Its node goes with it, and comes back under the same name."""
    with VirtualPrinter.on_pty(576, node=tmp_path / "ttyUSB0") as virtual:
        printer = printer_on(virtual)
        assert printer.print(job()) == "confirmed"
        virtual.unplug()
        assert not (tmp_path / "ttyUSB0").exists()
        assert [printer.print(job()), printer.check().fault] == ["offline", "offline"]
        virtual.plug_in_again()
        assert printer.print(job(OTHER)) == "confirmed"
        assert [shows(virtual.papers[0], PICTURE), shows(virtual.papers[1], OTHER)] == [True, True]
        assert len(virtual.papers) == 2


def test_no_such_device_is_offline(tmp_path: Path) -> None:
    assert Printer(wire_of(f"file:{tmp_path}/nowhere/lp0", width=576)).print(job()) == "offline"
    assert Printer(wire_of(f"serial:{tmp_path}/ttyNONE", width=576)).print(job()) == "offline"


def test_the_preview_draws_the_same_paper_as_the_tests_own_reader(tmp_path: Path) -> None:
    seen: list[Path] = []
    printer = Printer(wire_of(f"preview:{tmp_path}", width=576, on_paper=seen.append))
    assert [printer.print(job()), printer.print(job(OTHER))] == ["confirmed", "confirmed"]
    assert [path.name for path in seen] == ["paper-0001.png", "paper-0002.png"]
    for path, picture in zip(seen, (PICTURE, OTHER), strict=True):
        with Image.open(path) as paper:
            assert shows(paper.convert("L"), picture)


def test_the_preview_of_a_printer_without_a_knife_is_a_picture_too(tmp_path: Path) -> None:
    model = model_of("POS-5890")
    assert not model.cuts
    printer = Printer(wire_of(f"preview:{tmp_path}", width=model.width), cuts=model.cuts)
    picture = draw(slip_of(samples.ticket(), samples.hall(), "vi"), model.width)
    for n in (1, 2):
        assert printer.print(job_of(picture, model, "0001")) == "confirmed"
        with Image.open(tmp_path / f"paper-000{n}.png") as paper:
            assert shows(paper.convert("L"), picture)


def test_xoff_stops_the_port_and_nothing_is_lost() -> None:
    """Without questions in between: the port alone holds the job back, as the printer told it."""
    with VirtualPrinter.on_pty(576) as virtual:
        virtual.flow, virtual.head_speed, virtual.rest, virtual.rest_every = "xon/xoff", 2000, 0.5, 400
        wire = wire_of(virtual.spec, width=576)
        wire.open()
        data = job().data
        assert wire.write(data, 2.5) == len(data)
        deadline = time.monotonic() + 30
        while not virtual.papers:
            wire.read(0.1)
            assert time.monotonic() < deadline
        wire.close()
        assert virtual.lost == 0
        assert shows(virtual.papers[0], PICTURE)


def test_rts_and_cts_by_option() -> None:
    master, slave = os.openpty()
    name = os.ttyname(slave)
    for option, bits in (("", (True, False)), (",xonxoff", (True, False)), (",rtscts", (False, True))):
        wire = wire_of(f"serial:{name}@19200{option}", width=576)
        wire.open()
        flags = termios.tcgetattr(slave)
        assert (bool(flags[0] & termios.IXON), bool(flags[2] & termios.CRTSCTS)) == bits
        wire.close()
    os.close(slave)
    os.close(master)


def test_the_job_turns_automatic_status_off(virtual: VirtualPrinter) -> None:
    virtual.automatic = "while asked"
    assert printer_on(virtual).print(job()) == "confirmed"
    assert virtual.reader.automatic is False


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "lp0",
        "serial:",
        "serial:COM3@fast",
        "serial:@9600",
        "serial:COM3@9600,dsrdtr",
        "serial:COM3,",
        "tcp:",
        "tcp:host:99999",
        "usb:printer",
        "usb:04b8",
        "laser:1",
    ],
)
def test_a_wrong_printer_text_is_explained(spec: str) -> None:
    with pytest.raises(ValueError, match=r"expected|must be"):
        wire_of(spec, width=576)


# --- stories in which a printer is mostly waited for: told at the same time, each with a printer of its own ---


def a_late_answer_to_a_broken_job_does_not_confirm_the_next(kind: str) -> None:
    """Given a job stuck in a clone that clears nothing, when paper is back and then out again, then no lie is told."""
    with KINDS[kind](576) as virtual:
        virtual.clears, virtual.out_after = False, 750
        printer = printer_on(virtual)
        assert printer.print(job()) in {"paper_out", "timeout"}
        virtual.mend()
        virtual.out_after = 700  # enough for the rest of the old job and a part of the new one
        assert printer.print(job(OTHER)) != "confirmed"
        assert not any(shows(paper, OTHER) for paper in virtual.papers)


def paper_runs_out_in_mid_job_and_the_next_is_whole(kind: str, buffer: int, clears: bool) -> None:
    with KINDS[kind](576, buffer=buffer) as virtual:
        virtual.out_after, virtual.clears = 300, clears
        printer = printer_on(virtual)
        outcome, took = timed(lambda: printer.print(job()))
        assert took < 1 + LIMIT
        assert outcome == "paper_out"
        virtual.mend()
        assert printer.print(job(OTHER)) == "confirmed"
        assert shows(virtual.papers[-1], OTHER)
        assert sum(shows(paper, OTHER) for paper in virtual.papers) == 1
        if clears:
            assert not any(shows(paper, PICTURE) for paper in virtual.papers)


def a_stall_in_mid_job_ends_in_time_and_the_next_paper_is_whole(kind: str) -> None:
    with KINDS[kind](576) as virtual:
        virtual.stall_after = 6000
        printer = printer_on(virtual)
        outcome, took = timed(lambda: printer.print(job()))
        assert outcome == "timeout"
        assert took < 1 + LIMIT
        virtual.mend()
        assert printer.print(job()) == "confirmed"
        assert sum(shows(paper, PICTURE) for paper in virtual.papers) == 1
        assert shows(virtual.papers[-1], PICTURE)


def a_printer_that_never_confirms_is_not_believed(kind: str) -> None:
    with KINDS[kind](576) as virtual:
        virtual.keeps_confirmation = True
        outcome, took = timed(lambda: printer_on(virtual).print(job()))
        assert outcome == "timeout"
        assert took < 1 + LIMIT


def a_long_paper_on_a_slow_head_is_waited_for(kind: str) -> None:
    """217 mm at 60 mm/s: the answer behind it comes 3.6 s after the last byte."""
    with KINDS[kind](576, buffer=1 << 20) as virtual:
        virtual.head_speed = 480
        picture = Image.new("1", (576, 1736), 1)
        picture.paste(PICTURE, (0, 0))
        picture.paste(PICTURE.crop((0, 0, 576, 600)), (0, 1136))
        assert printer_on(virtual).print(job(picture)) == "confirmed"
        assert shows(virtual.papers[0], picture)


def a_late_answer_is_not_taken_for_another_questions(kind: str) -> None:
    """Near the end of the roll, and every answer half a second late: `near end` has the bits of an open cover."""
    with KINDS[kind](576, buffer=1 << 20) as virtual:
        virtual.near_end, virtual.slow_to_answer, virtual.head_speed = True, 0.45, 700
        printer = printer_on(virtual)
        assert printer.print(job()) == "confirmed"
        assert printer.status.paper == "low"
        assert [shows(paper, PICTURE) for paper in virtual.papers] == [True]
        virtual.cover_open = True
        assert printer.print(job()) == "cover_open"


def late_answers_to_a_job_sent_in_parts_do_not_confirm_the_next(cleared: bool) -> None:
    """Given several questions left inside a printer that clears nothing, when the next paper stops midway."""
    with VirtualPrinter.on_pty(576) as virtual:
        virtual.flow, virtual.clears, virtual.out_after = "none", cleared, 500
        virtual.head_speed, virtual.rest, virtual.rest_every = 2000, 1.0, 150
        printer = printer_on(virtual)
        assert printer.print(job()) == "paper_out"
        virtual.mend()
        virtual.out_after = 700
        assert printer.print(job(OTHER)) == "paper_out"
        virtual.mend()
        assert printer.print(job(OTHER)) == "confirmed"
        assert [shows(paper, OTHER) for paper in virtual.papers].count(True) == 1
        assert shows(virtual.papers[-1], OTHER)


def a_device_file_that_holds_the_write_ends_in_time() -> None:
    """A fifo whose reader takes nothing stands for a device whose printer is out of paper."""
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "lp0"
    os.mkfifo(path)
    opened = threading.Event()

    def hold() -> None:
        with path.open("rb"):
            opened.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    # More than the fifo's 64 KiB, so that the last part is not taken.
    large = Job((job().data * 4,), "", 4000)
    outcome, took = timed(lambda: Printer(wire_of(f"file:{path}", width=576)).print(large))
    opened.set()
    holder.join()
    folder.cleanup()
    assert outcome == "timeout"
    assert took < LIMIT


def silence_or_noise_is_said_and_not_a_dot_is_sent(kind: str, fault: str, said: str) -> None:
    with KINDS[kind](576) as virtual:
        a_fault_is_said_and_not_a_dot_is_sent(virtual, fault, said)


STORIES: dict[str, Callable[[], None]] = {  # the longest first
    **{f"late, {kind}": partial(a_late_answer_to_a_broken_job_does_not_confirm_the_next, kind) for kind in KINDS},
    **{
        f"paper out, {kind} {buffer} {clears}": partial(
            paper_runs_out_in_mid_job_and_the_next_is_whole, kind, buffer, clears
        )
        for kind, buffer, clears in (
            ("pty", 4096, True), ("tcp", 4096, False), ("pty", 65536, False), ("tcp", 65536, True), ("tcp", 4096, True)
        )
    },
    **{f"stall, {kind}": partial(a_stall_in_mid_job_ends_in_time_and_the_next_paper_is_whole, kind) for kind in KINDS},
    **{f"slow head, {kind}": partial(a_long_paper_on_a_slow_head_is_waited_for, kind) for kind in KINDS},
    **{
        f"late parts, {cleared}": partial(late_answers_to_a_job_sent_in_parts_do_not_confirm_the_next, cleared)
        for cleared in (True, False)
    },
    **{f"late status, {kind}": partial(a_late_answer_is_not_taken_for_another_questions, kind) for kind in KINDS},
    **{f"no confirmation, {kind}": partial(a_printer_that_never_confirms_is_not_believed, kind) for kind in KINDS},
    **{
        f"{fault}, {kind}": partial(silence_or_noise_is_said_and_not_a_dot_is_sent, kind, fault, said)
        for kind in KINDS
        for fault, said in (("mute", "timeout"), ("noisy", "unknown"))
    },
    "device file that holds": a_device_file_that_holds_the_write_ends_in_time,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def told(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    """The stories that were asked for, begun with this module's first test."""
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    with ThreadPoolExecutor(8) as pool:
        yield {name: pool.submit(story) for name, story in STORIES.items() if name in asked}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_of_waiting(name: str, told: dict[str, Future[None]]) -> None:
    told[name].result(timeout=60)

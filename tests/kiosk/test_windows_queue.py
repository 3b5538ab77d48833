"""A printer behind Windows' spooler: `sent` is only what has left the queue, and nothing comes out an hour later."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from kiosk.paper.escpos import job_of, model_of
from kiosk.paper.printer import Printer
from kiosk.paper.wires import Gone, wire_of
from kiosk.paper.wires.windows_queue import WindowsWire, queues
from tests.kiosk.spooler_end import Spooler

JOB = job_of(Image.new("1", (576, 400), 0), model_of("KR-306"), "0001")


def test_a_ticket_is_one_raw_document() -> None:
    of = Spooler()
    assert Printer(WindowsWire("POS-80", of)).print(JOB) == "sent"
    assert of.papers == [JOB.data]
    assert of.opened == 0


def test_two_tickets_are_two() -> None:
    of = Spooler()
    printer = Printer(WindowsWire("POS-80", of))
    assert [printer.print(JOB) for _ in range(2)] == ["sent", "sent"]
    assert of.papers == [JOB.data] * 2


def test_a_queue_that_keeps_its_documents_has_printed_them_all_the_same() -> None:
    of = Spooler(keeps=True)
    assert Printer(WindowsWire("POS-80", of)).print(JOB) == "sent"
    assert of.papers == [JOB.data]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"status": 0x10}, "out of paper"),
        ({"status": 0x8}, "paper jam"),
        ({"status": 0x400000}, "cover open"),
        ({"status": 0x1}, "paused"),
        ({"attributes": 0x400}, "offline"),
    ],
)
def test_a_queue_that_says_it_cannot_is_believed_before_anything_is_sent(fault: Any, says: Any) -> None:
    of = Spooler(**fault)
    with pytest.raises(Gone, match=says):
        WindowsWire("POS-80", of).open()
    assert Printer(WindowsWire("POS-80", of)).print(JOB) == "offline"
    assert of.documents == []


@pytest.mark.parametrize("job_status", [0x02, 0x20, 0x40, 0x200, 0x400])
def test_a_document_that_fails_is_deleted(job_status: Any) -> None:
    of = Spooler(job_status=job_status)
    assert Printer(WindowsWire("POS-80", of)).print(JOB) == "offline"
    of.free()
    assert of.papers == [], "printed an hour later, for a number that was shown on the screen instead"


def test_a_document_that_is_stuck_is_no_paper_and_is_deleted() -> None:
    of = Spooler(stuck=True)
    assert Printer(WindowsWire("POS-80", of)).print(JOB) == "timeout"
    of.free()
    assert of.papers == []


def test_what_is_taken_by_halves_is_no_paper() -> None:
    of = Spooler(takes=100)
    assert Printer(WindowsWire("POS-80", of)).print(JOB) == "offline"
    of.free()
    assert of.papers == []


def test_a_name_that_is_no_queue_is_offline() -> None:
    assert Printer(WindowsWire("POS-81", Spooler())).print(JOB) == "offline"


def test_the_queues_can_be_listed() -> None:
    assert queues(Spooler()) == ["POS-80", "Microsoft Print to PDF"]


def test_elsewhere_it_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="for Windows"):
        wire_of("windows:POS-80", width=576)

"""A printer on USB, through pyusb itself: given its state, when a ticket is printed, then what is said and printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kiosk.paper.escpos import job_of, model_of
from kiosk.paper.layout import draw
from kiosk.paper.printer import Printer
from kiosk.paper.slip import slip_of
from kiosk.paper.wires import wire_of
from kiosk.paper.wires.usb import UsbWire
from tests.kiosk import samples
from tests.kiosk.usb_end import PRODUCT, VENDOR, UsbEnd
from tests.virtual_printer import VirtualPrinter

MODEL = model_of("KR-306")
PICTURE = draw(slip_of(samples.ticket(), samples.hall(), "vi"), 576)
JOB = job_of(PICTURE, MODEL, "0001")


@contextmanager
def plugged_in(end: UsbEnd) -> Iterator[tuple[VirtualPrinter, Printer]]:
    virtual = VirtualPrinter(576)
    virtual.plug_in(end)
    with virtual:
        yield virtual, Printer(UsbWire(VENDOR, PRODUCT, backend=end))


def whole(virtual: VirtualPrinter) -> list[bool]:
    """For each paper, whether it begins with exactly the ticket."""
    return [paper.crop((0, 0, *PICTURE.size)).tobytes() == PICTURE.convert("L").tobytes() for paper in virtual.papers]


@pytest.mark.parametrize("configured", [True, False])
def test_it_is_taken_from_the_systems_driver_prints_and_confirms(configured: bool) -> None:
    end = UsbEnd(configured=configured)
    with plugged_in(end) as (virtual, printer):
        assert [printer.print(JOB), printer.print(JOB)] == ["confirmed", "confirmed"]
        assert whole(virtual) == [True, True]
    assert not end.driver


def test_without_a_way_back_the_paper_is_said_to_be_sent() -> None:
    with plugged_in(UsbEnd(both_ways=False)) as (virtual, printer):
        assert printer.print(JOB) == "sent"
        assert not printer.check().known
        assert virtual.questions == 0


def test_without_a_way_back_a_printer_that_takes_no_more_times_out() -> None:
    with plugged_in(UsbEnd(both_ways=False)) as (virtual, printer):
        virtual.stall_after = 6000
        assert printer.print(JOB) == "timeout"


@pytest.mark.parametrize(("fault", "said"), [("paper_out", "paper_out"), ("cover_open", "cover_open")])
def test_its_faults_are_said_and_not_a_dot_is_sent(fault: str, said: str) -> None:
    with plugged_in(UsbEnd()) as (virtual, printer):
        setattr(virtual, fault, True)
        assert printer.print(JOB) == said
        assert b"\x1dv0" not in virtual.log


def test_a_printer_that_takes_no_more_times_out_and_the_next_paper_is_whole() -> None:
    with plugged_in(UsbEnd()) as (virtual, printer):
        virtual.stall_after = 6000
        assert printer.print(JOB) == "timeout"
        virtual.mend()
        assert printer.print(JOB) == "confirmed"
        assert whole(virtual).count(True) == 1
        assert whole(virtual)[-1]


def test_a_silent_printer_times_out() -> None:
    with plugged_in(UsbEnd()) as (virtual, printer):
        virtual.mute = True
        assert printer.print(JOB) == "timeout"
        assert b"\x1dv0" not in virtual.log


def test_unplugged_in_mid_job_is_offline_and_plugged_in_again_it_prints() -> None:
    end = UsbEnd()
    with plugged_in(end) as (virtual, printer):
        virtual.unplug_after = 5000
        assert printer.print(JOB) == "offline"
        assert printer.check().fault == "offline"
        assert virtual.papers == []
        end.plug()
        assert printer.print(JOB) == "confirmed"
        assert whole(virtual).count(True) == 1
        assert whole(virtual)[-1]


def test_unplugged_after_the_last_byte_is_never_called_confirmed() -> None:
    with plugged_in(UsbEnd()) as (virtual, printer):
        virtual.unplug_at_confirmation = True
        assert printer.print(JOB) == "offline"


def test_nobody_there_is_offline() -> None:
    """On a machine with or without libusb."""
    assert Printer(wire_of("usb:ffff:fffe", width=576)).print(JOB) == "offline"

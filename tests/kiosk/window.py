"""Screens without a window, for tests and for looking at: given a state, the real widgets and their picture.

Imports Kivy.
"""

from __future__ import annotations

# ruff: noqa: I001 - the window's settings come before Kivy
import tomllib
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tests.tools.window import SIZES, picture_of

import msgspec
from kivy.base import EventLoop

import assets
from kiosk.flow.state import Given, Rating, State, Touch
from kiosk.screen.app import Sheet
from kiosk.screen.widgets import Touchable, Words, measured
from server.protocol import CalledNow, HallInfo
from tests.kiosk import samples

__all__ = ["SIZES", "picture_of"]

CATALOGUE = Path(assets.__file__).parent / "catalogue" / "default.toml"


class Stage:
    """Stands in for the running kiosk: a state to draw, a still clock, and the touches that came."""

    def __init__(self, state: State, now: float = 1000.0) -> None:
        self.state, self.clock = state, now
        self.touches: list[Touch] = []

    def touch(self, touch: Touch) -> None:
        self.touches.append(touch)

    def now(self) -> float:
        return self.clock

    def hall_time(self) -> datetime:
        return datetime(2026, 11, 23, 8, 42, tzinfo=timezone(timedelta(hours=7)))


def sheet_of(stage: Stage, size: tuple[int, int]) -> Sheet:
    """The real widgets of the stage's state."""
    EventLoop.ensure_window()
    sheet = Sheet(stage, size=size, size_hint=(None, None))
    sheet.draw()
    sheet.do_layout()
    return sheet


def buttons(sheet: Sheet) -> list[Touchable]:
    return [child for child in sheet.children if isinstance(child, Touchable)]


def words(sheet: Sheet) -> list[Words]:
    return [child for child in sheet.children if isinstance(child, Words)]


def torn(text: Words) -> str:
    """A word that is wider than its box, and so is broken in the middle."""
    width = {word: measured(word, text.weight, text.size_px, None)[0] for word in text.text.split()}
    return next((word for word, wide in width.items() if wide > text.width + 1), "")


def written(text: Words) -> tuple[tuple[float, float], tuple[float, float]]:
    """Place and size of the ink: a wrapped text's picture is as wide as its box, its longest line is not."""
    (x, y), (wide, high) = text.texture_pos, text.texture_size
    if text.icon or text.halign != "left":
        return (x, y), (wide, high)
    lines = [measured(line, text.weight, text.size_px, None)[0] for line in text.text.split("\n")]
    return (x, y), (min(wide, max(lines)), high)


def states() -> dict[str, State]:
    """Every screen, normal, empty, full, and with long and hostile names."""
    plain = State(hall=samples.hall(), view=samples.view(), linked=True)
    ticket = samples.ticket()
    given = Given("k", ticket, "vi", "confirmed", 990.0)
    long_hall = samples.hall(9, long_names=True)
    found: dict[str, State] = {}
    for n in (4, 6, 9):
        found[f"home {n}"] = replace(plain, hall=samples.hall(n), view=samples.view(n))
    found["home empty"] = replace(plain, hall=samples.hall(1), view=samples.view(1, waiting=0))
    found["home full"] = replace(plain, hall=samples.hall(9), view=samples.view(9, waiting=1284))
    found["home long"] = replace(plain, hall=long_hall, view=samples.view(9))
    found["home hostile"] = replace(plain, hall=samples.hall(9, hostile=True), view=samples.view(9))
    found["home english"] = replace(plain, lang="en")
    found["home offer"] = replace(plain, given=(replace(given, paper="jam"),))
    area = replace(plain, screen="area", area="tu-phap", deadline=1060.0)
    found["area"] = area
    found["area open"] = replace(area, opened="khai-sinh", page=1)
    found["area page 2"] = replace(area, page=7)
    found["area empty"] = replace(area, area="kinh-te")
    found["area closed"] = replace(area, view=samples.view(is_open=False))
    found["area long"] = replace(area, hall=long_hall, opened="khai-sinh", page=1)
    found["area hostile"] = replace(area, hall=samples.hall(hostile=True), opened="khai-sinh", page=1)
    found["papers"] = replace(plain, screen="papers", deadline=1060.0)
    found["papers of area"] = replace(found["papers"], area="tu-phap", opened="khai-sinh", page=1)
    found["papers of area closed"] = replace(found["papers of area"], opened=None, view=samples.view(is_open=False))
    found["warning"] = replace(area, deadline=1009.0)
    found["asking"] = replace(plain, screen="asking", deadline=1008.0)
    base = replace(plain, screen="ticket", current="k", deadline=1020.0, given=(given,))
    found["ticket"] = base
    found["ticket printing"] = replace(base, given=(replace(given, paper="printing"),))
    found["ticket late to cancel"] = replace(base, given=(replace(given, at=900.0),))
    found["ticket long"] = replace(
        base, hall=long_hall, given=(replace(given, ticket=samples.ticket("18000")),), note="cancel_unreachable"
    )
    for name, how in (("shown", "shown"), ("no display", "none")):
        found[f"ticket {name}"] = replace(base, view=msgspec.structs.replace(samples.view(), announces=how))
    nowhere = msgspec.structs.replace(ticket, area="kinh-te", procedure=None, desks=())
    found["ticket no desk"] = replace(base, given=(replace(given, ticket=nowhere),))
    since = msgspec.structs.replace(ticket, area="kinh-te", procedure=None)
    found["ticket desk closed since"] = replace(base, given=(replace(given, ticket=since),))
    found["not printed desk closed since"] = replace(
        base, screen="not_printed", given=(replace(given, ticket=since, paper="jam"),)
    )
    called = (CalledNow(ticket=ticket.ticket, desk="2"),)
    found["ticket called"] = replace(base, view=msgspec.structs.replace(samples.view(), called=called))
    found["ticket voice off"] = replace(base, hall=msgspec.structs.replace(samples.hall(), voice=False))
    found["cancel question"] = replace(base, note="cancel_question", deadline=1010.0)
    found["ticket cancelling"] = replace(base, note="cancelling")
    for paper in ("paper_out", "late", "unknown", "failed"):
        found[f"not printed {paper}"] = replace(
            base, screen="not_printed", deadline=1052.0, given=(replace(given, paper=paper),)
        )
    found["not printed cut off"] = replace(found["not printed paper_out"], linked=False)
    alone = samples.view()
    alone = msgspec.structs.replace(
        alone, areas=tuple(msgspec.structs.replace(area, desks_open=()) for area in alone.areas)
    )
    found["not printed nobody"] = replace(found["not printed paper_out"], view=alone)
    found["not printed long"] = replace(found["not printed paper_out"], hall=long_hall)
    found["cancel question without paper"] = replace(
        found["not printed paper_out"], note="cancel_question", deadline=1010.0
    )
    find = replace(plain, screen="rate_find", deadline=1060.0)
    found["rate find"] = find
    found["rate find full"] = replace(
        find,
        view=samples.view(ended=12),
        rating=Rating(number="1002", code="4", in_code=True),
        note="unknown_number",
    )
    for note in ("not_served", "already_rated", "too_late", "find_failed", "finding"):
        found[f"rate find {note}"] = replace(find, rating=Rating(number="1002"), note=note)
    found["rate find empty"] = replace(find, view=samples.view(ended=0))
    rate = replace(plain, screen="rate", rating=Rating(number="1008", ticket=108, desk="2"), deadline=1090.0)
    found["rate"] = rate
    found["rate low"] = replace(rate, rating=replace(rate.rating, score=2, reasons=("wait",)))
    found["rate low comment"] = replace(
        rate, rating=replace(rate.rating, score=1, reasons=("wait", "place"), comment="chờ lâu quá " * 8)
    )
    found["rate typing"] = replace(rate, rating=replace(rate.rating, score=1, typing=True, comment="chờ lâu " * 12))
    found["rate not sent"] = replace(rate, rating=replace(rate.rating, score=5), note="rating_not_sent")
    found["rate low not sent"] = replace(found["rate low comment"], note="rating_not_sent")
    found["rate three"] = replace(rate, hall=samples.hall(levels=3), rating=replace(rate.rating, score=1))
    found["thanks"] = replace(plain, screen="thanks", note="rated", deadline=1006.0)
    found["cancelled"] = replace(
        plain, screen="thanks", note="cancelled", note_number="1008", deadline=1010.0, cancelled=given
    )
    found["restoring"] = replace(found["cancelled"], note="restoring")
    for code in (
        "restore_too_late", "restore_unreachable", "closed", "too_fast", "no_numbers_left", "unreachable",
        "number_over", "number_called", "rating_already_rated", "rating_bad_message", "internal",
    ):  # fmt: skip
        found[f"sorry {code}"] = replace(
            plain, screen="sorry", note=code, note_number="1008", note_desk="2", deadline=1020.0
        )
    found["closed"] = replace(plain, view=samples.view(is_open=False))
    found["cut"] = replace(plain, linked=False)
    for why in ("unauthorised", "update_needed"):
        found[f"refused {why}"] = replace(found["cut"], refused=why)
    found["refused not yet greeted"] = State(refused="unauthorised")
    found["refused english"] = replace(found["refused unauthorised"], lang="en")
    found["not printed refused"] = replace(found["not printed paper_out"], linked=False, refused="unauthorised")
    found["not yet greeted"] = State()
    found["out of order"] = State(note="out_of_order")
    found["not printed not yet greeted"] = replace(
        found["not printed unknown"],
        hall=None, view=None, linked=False, given=(replace(given, paper="unknown", found=True, known=False),),
    )  # fmt: skip
    found["not printed of yesterday"] = replace(found["not printed cut off"], today="2026-11-24")
    found["not printed cut off"] = replace(found["not printed cut off"], today="2026-11-23")
    ward = {"vi": "Ủy ban nhân dân xã Nguyễn Thị Minh Khai, huyện Thường Xuân, tỉnh Thanh Hóa"}
    far = msgspec.structs.replace(samples.hall(), name=ward, place={"vi": "Trung tâm Phục vụ hành chính công xã"})
    others = tuple(
        replace(given, key=key, ticket=samples.ticket(number), paper="jam")
        for key, number in (("a", "1009"), ("b", "18000"))
    )
    found["closed offers"] = replace(found["closed"], given=(*found["home offer"].given, *others))
    found["closed offers long hall"] = replace(found["closed offers"], hall=far)
    found["home offers"] = replace(found["home offer"], given=(*found["home offer"].given, *others))
    of_catalogue = replace(plain, hall=msgspec.convert(tomllib.loads(CATALOGUE.read_text("utf-8")), HallInfo))
    for name in ("home 6", "area", "area open"):
        found[f"{name} catalogue"] = replace(found[name], hall=of_catalogue.hall)
    found["area open catalogue"] = replace(found["area open catalogue"], page=2)
    for name in ("home 6", "closed", "cut"):
        found[f"{name} long hall"] = replace(found[name], hall=far)
    found["rate catalogue low"] = replace(found["rate low"], hall=of_catalogue.hall)
    for name in (
        "home full",
        "home 6 catalogue",
        "area open catalogue",
        "cancel question",
        "cancelled",
        "area open",
        "ticket",
        "not printed paper_out",
        "rate",
        "rate catalogue low",
        "rate find",
    ):
        found[f"{name} english"] = replace(found[name], lang="en")
    return found


def _main() -> None:
    """`python -m tests.kiosk.window DIR [NAME…]`: every screen at every size as PNG."""
    import sys

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, state in states().items():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        for size in SIZES:
            picture_of(sheet_of(Stage(state), size)).save(folder / f"{name.replace(' ', '_')}_{size[0]}x{size[1]}.png")


if __name__ == "__main__":
    _main()

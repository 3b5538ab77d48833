"""What the paper says: a ticket and the hall's texts become the words of a slip, in the citizen's language.

Words only: where they stand and how large is `layout.py`'s affair. Nothing is left out in silence: a procedure with
more papers than the slip has room for says how many are missing and where to read them; a text too long for any
paper ends in an ellipsis.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from assets.texts import clock, number, pick, short_date, translator
from kiosk.hall_info import area_of, procedure_of
from server.protocol import HallInfo, TicketResult

MOST_PAPERS: Final = 5
"""Papers listed on a slip."""


@dataclass(frozen=True, slots=True)
class Slip:
    """The words of one paper, ready to be laid out. `rows` are label and value, `papers` stand under `procedure`."""

    heading: tuple[str, ...]
    area: str
    icon: str
    title: str
    number: str
    mark: str
    rows: tuple[tuple[str, str], ...]
    procedure: str
    papers: tuple[str, ...]
    foot: tuple[str, ...]
    last: str


def slip_of(ticket: TicketResult, hall: HallInfo, lang: str, most_papers: int = MOST_PAPERS) -> Slip:
    """The slip of `ticket` with so many of its papers listed. An area unknown by now is shown by its code."""
    _ = translator(lang)
    area = area_of(hall, ticket.area)
    procedure = procedure_of(hall, ticket.procedure)
    papers = tuple(pick(paper, lang) for paper in procedure.papers) if procedure else ()
    shown = papers if len(papers) <= most_papers else papers[: max(0, most_papers - 1)]
    if len(shown) < len(papers):
        more = _("và %(n)s giấy tờ khác: xem tại máy lấy số") if shown else _("%(n)s giấy tờ: xem tại máy lấy số")
        shown += (more % {"n": len(papers) - len(shown)},)
    # The hall's own foot stands below what nobody may miss: that an earlier number is not always called earlier.
    first = _("Số ưu tiên có thể được mời trước.")
    own = pick(hall.texts.get("ticket_foot", {}), lang) or _(
        "Nếu lỡ lượt, mời Ông/Bà báo cán bộ tại quầy để được xếp lại."
    )
    name = pick(procedure.name, lang) if procedure else ""
    return Slip(
        heading=tuple(line.upper() for line in (pick(hall.name, lang), pick(hall.place, lang)) if line),
        area=pick(area.name, lang),
        icon=area.icon,
        title=_("SỐ THỨ TỰ"),
        number=ticket.number,
        mark=_("ƯU TIÊN") if ticket.priority else "",
        rows=_rows(ticket, hall, lang),
        procedure=_("%(name)s – giấy tờ cần có:") % {"name": name} if papers else name,
        papers=shown,
        foot=(first, own),
        last=_("Phiếu có giá trị trong ngày."),
    )


def shortened(slip: Slip, letters: int) -> Slip:
    """Every text with at most so many letters, an ellipsis included."""

    def short(text: str) -> str:
        return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"

    return replace(
        slip,
        heading=tuple(map(short, slip.heading)),
        area=short(slip.area),
        rows=tuple((short(label), short(value)) for label, value in slip.rows),
        procedure=short(slip.procedure),
        papers=tuple(map(short, slip.papers)),
        foot=tuple(map(short, slip.foot)),
    )


def _rows(ticket: TicketResult, hall: HallInfo, lang: str) -> tuple[tuple[str, str], ...]:
    _ = translator(lang)
    issued = datetime.fromisoformat(ticket.issued_at).astimezone(ZoneInfo(hall.timezone))
    rows = []
    if ticket.desks:
        rows.append((_("Quầy phục vụ"), ", ".join(ticket.desks)))
    rows.append((_("Số người chờ trước"), number(ticket.ahead, lang)))
    if ticket.estimate is not None:
        minutes = _("%(low)s–%(high)s phút") % {
            "low": number(ticket.estimate["low"], lang),
            "high": number(ticket.estimate["high"], lang),
        }
        rows.append((_("Thời gian chờ dự kiến"), minutes))
    rows.append((_("Giờ lấy số"), f"{clock(issued)} · {short_date(issued)}"))
    if ticket.rating_code:
        rows.append((_("Mã để đánh giá phục vụ"), ticket.rating_code))
    return tuple(rows)

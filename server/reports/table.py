"""A report or the log as CSV: for Excel in Vietnamese, and safe to open.

UTF-8 with a byte-order mark, so that Excel reads the diacritics; a cell that a spreadsheet would take for a formula
gets an apostrophe before it (OWASP, CSV injection). No I/O here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from assets import texts
from assets.texts import N_
from server.reports.figures import Figures, Line, Report
from server.reports.log import Entry
from server.settings.shape import Settings

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
FEW: Final = 5
"""Fewer ratings than this make no share, on the manager's page as here: one voice would swing it."""


def cell(value: Any) -> str:
    """One guarded cell. Numbers stay numbers, null is empty."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = str(value)
    return "'" + text if text.startswith(FORMULA) else text


def to_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """A CSV file in memory, as :func:`write_csv` writes it."""
    out = io.BytesIO()
    write_csv(out, header, rows)
    return out.getvalue()


def write_csv(out: IO[bytes], header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Row by row: no more of it is held than one row."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([cell(name) for name in header])
    writer.writerows([cell(value) for value in row] for row in rows)
    text.detach()


COLUMNS: tuple[tuple[str, str, Callable[[Figures], Any]], ...] = (
    ("issued", N_("Phiếu đã cấp"), lambda f: f.issued),
    ("tickets_served", N_("Phiếu đã phục vụ"), lambda f: f.served),
    ("no_show", N_("Phiếu vắng mặt"), lambda f: f.no_show),
    ("cancelled", N_("Phiếu đã hủy"), lambda f: f.cancelled),
    ("expired", N_("Phiếu hết ngày chưa phục vụ"), lambda f: f.expired),
    ("visits_served", N_("Lượt đã phục vụ"), lambda f: f.visits),
    ("mean_wait_s", N_("Chờ trung bình (giây)"), lambda f: seconds(f.mean_wait)),
    ("median_wait_s", N_("Chờ trung vị (giây)"), lambda f: seconds(f.median_wait)),
    ("p90_wait_s", N_("90 % chờ không quá (giây)"), lambda f: seconds(f.p90_wait)),
    ("within_target", N_("Lượt chờ trong mức"), lambda f: f.within_target),
    ("waits", N_("Lượt có tính chờ"), lambda f: f.waits),
    ("mean_service_s", N_("Phục vụ trung bình (giây)"), lambda f: seconds(f.mean_service)),
    ("supplement", N_("Lượt cần bổ sung"), lambda f: f.outcomes.get("supplement", 0)),
    ("unrecorded", N_("Lượt chưa ghi kết quả"), lambda f: f.unrecorded),
    ("dossiers", N_("Số hồ sơ"), lambda f: f.dossiers),
    ("ratings", N_("Số đánh giá"), lambda f: f.ratings),
    ("satisfied", N_("Đánh giá hài lòng"), lambda f: f.satisfied),
)
"""Each column's name for programs, its head for people, its figure. A ticket (phiếu) is a number that was given, a
visit (lượt) one stay of it that was served: who comes back with a missing paper has two of them on one ticket."""

GROUPS: tuple[tuple[str, str], ...] = (
    ("total", N_("Cả trung tâm")),
    ("area", N_("Lĩnh vực")),
    ("desk", N_("Quầy")),
    ("clerk", N_("Cán bộ")),
    ("day", N_("Ngày")),
)


def seconds(ms: int | None) -> int | None:
    """Milliseconds as whole seconds."""
    return None if ms is None else round(ms / 1000)


def report_csv(report: Report) -> bytes:
    """Every line of a report for programs: what it is of, its key, then the figures under their fixed names."""
    return to_csv(
        ("of", "key", *(name for name, _, _ in COLUMNS)),
        ((group, line.key, *(get(line.figures) for _, _, get in COLUMNS)) for group, line in _grouped_lines(report)),
    )


def report_sheet(report: Report, hall: Settings, lang: str) -> bytes:
    """The same for people: heads in the reader's language, areas and desks by their names."""
    _ = texts.translator(lang)
    groups = {group: _(name) for group, name in GROUPS}
    names = {("area", area.code): texts.pick(area.name, lang) for area in hall.areas}
    names |= {("desk", desk.code): texts.pick(desk.name, lang) for desk in hall.desks}
    return to_csv(
        (_("Theo"), _("Tên"), *(_(head) for _code, head, _get in COLUMNS)),
        (
            (
                groups[group],
                names.get((group, line.key), line.key),
                *(get(line.figures) for _code, _head, get in COLUMNS),
            )
            for group, line in _grouped_lines(report)
        ),
    )


def _grouped_lines(report: Report) -> Iterator[tuple[str, Line]]:
    """The group's code, and the line."""
    yield "total", Line(key="", figures=report.total)
    for group, lines in (
        ("area", report.areas),
        ("desk", report.desks),
        ("clerk", report.clerks),
        ("day", report.by_day),
    ):
        yield from ((group, line) for line in lines)


LOG_COLUMNS = tuple(name for name in Entry.__struct_fields__ if name != "reasons")


def log_csv(out: IO[bytes], entries: Iterable[Entry], zone: ZoneInfo) -> None:
    """The log's entries, each with the hall's local time first, as a spreadsheet reads it; `at` is the same in UTC."""
    write_csv(
        out,
        ("local_time", *LOG_COLUMNS, "reasons"),
        (
            (
                f"{datetime.fromisoformat(entry.at).astimezone(zone):%Y-%m-%d %H:%M:%S}",
                *(getattr(entry, name) for name in LOG_COLUMNS),
                ", ".join(entry.reasons),
            )
            for entry in entries
        ),
    )


def report_text(report: Report, names: Settings) -> str:
    """The report for a terminal: one line each, aligned, in Vietnamese names and plain ASCII figures."""
    areas = {area.code: area.name["vi"] for area in names.areas}
    out = [
        f"{names.name['vi']} · {report.start} – {report.end} · {report.days} days with tickets",
        f"{'':<28}{'issued':>8}{'visits':>8}{'absent':>8}{'wait':>8}{'p90':>8}{'<=target':>10}{'satisfied':>12}",
    ]
    for title, lines in (
        ("", [("total", report.total)]),
        ("areas", [(areas.get(line.key, line.key), line.figures) for line in report.areas]),
        ("desks", [(line.key, line.figures) for line in report.desks]),
        ("clerks", [(line.key, line.figures) for line in report.clerks]),
        ("days", [(line.key, line.figures) for line in report.by_day]),
    ):
        out += ["", title] if title else []
        out += [_text_line(key, figures) for key, figures in lines]
    return "\n".join(out)


def _text_line(key: str, f: Figures) -> str:
    within = f"{100 * f.within_target / f.waits:.0f} %" if f.waits else "-"
    satisfied = f"{100 * f.satisfied / f.ratings:.0f} %" if f.ratings >= FEW else "-"
    return (
        f"{key[:28]:<28}{f.issued:>8}{f.visits:>8}{f.no_show:>8}{_minutes(f.mean_wait):>8}"
        f"{_minutes(f.p90_wait):>8}{within:>10}{f'{satisfied} ({f.ratings})':>12}"
    )


def _minutes(ms: int | None) -> str:
    return "-" if ms is None else f"{ms // 60_000}:{ms // 1000 % 60:02d}"

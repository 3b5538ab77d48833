"""The default hall is whole, and says only what is known."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

import assets
from assets import fonts
from server.protocol import HallInfo, ProcedureInfo

FILE = Path(assets.__file__).parent / "catalogue" / "default.toml"
FURTHER = {"certainty", "valid_until", "sensitive", "same_day"}
"""Keys of a procedure that the settings keep and the wire does not carry."""


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


@pytest.fixture(scope="module")
def hall(raw: dict[str, Any]) -> HallInfo:
    return msgspec.convert(raw, HallInfo)


def texts(node: object, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(node, dict):
        if "vi" in node:
            yield path, node
        else:
            for key, value in node.items():
                yield from texts(value, f"{path}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from texts(value, f"{path}[{index}]")


def test_keys_are_the_wires_own(raw: dict[str, Any]) -> None:
    assert set(raw) - set(HallInfo.__struct_fields__) == {"absences", "day_end_minutes"}
    for procedure in raw["procedures"]:
        assert set(procedure) - set(ProcedureInfo.__struct_fields__) <= FURTHER, procedure["code"]


def test_every_text_is_there_in_both_languages(raw: dict[str, Any]) -> None:
    found = list(texts(raw))
    assert len(found) > 150
    for path, text in found:
        assert set(text) == {"vi", "en"}, path
        assert all(words.strip() == words and words for words in text.values()), path


def test_areas_are_six_with_prefixes_and_icons(hall: HallInfo) -> None:
    assert [area.code for area in hall.areas] == [
        "tu-phap", "dat-dai", "xa-hoi", "kinh-te", "van-phong", "ket-qua",
    ]  # fmt: skip
    assert [area.prefix for area in hall.areas] == list("123456")
    for area in hall.areas:
        assert len(fonts.glyph(area.icon)) == 1


def test_references_between_tables_hold(hall: HallInfo) -> None:
    areas = {area.code for area in hall.areas}
    assert {procedure.area for procedure in hall.procedures} == areas
    assert {code for desk in hall.desks for code in desk.areas} == areas
    assert {code for session in hall.sessions for code in session.areas} <= areas
    for table in (hall.areas, hall.procedures, hall.desks):
        codes = [row.code for row in table]
        assert len(codes) == len(set(codes))
        assert all(re.fullmatch(r"[a-z0-9-]{1,40}", code) for code in codes)


def test_a_desk_serves_several_areas_and_an_area_has_several_desks(hall: HallInfo) -> None:
    assert max(len(desk.areas) for desk in hall.desks) > 1
    assert sum("tu-phap" in desk.areas for desk in hall.desks) > 1


def test_saturday_morning_is_for_a_few(hall: HallInfo) -> None:
    saturday = [session for session in hall.sessions if 5 in session.weekdays]
    assert [(session.start, session.end, session.areas) for session in saturday] == [
        ("07:30", "11:30", ("tu-phap", "ket-qua"))
    ]


def test_each_row_says_when_it_was_checked(raw: dict[str, Any]) -> None:
    for row in raw["procedures"]:
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", row["checked_on"]), row["code"]
        assert set(row.get("certainty", "")) <= set("ABCD/")
        if until := row.get("valid_until"):
            date.fromisoformat(until)


def test_what_is_uncertain_is_blank(raw: dict[str, Any]) -> None:
    for row in raw["procedures"]:
        if row.get("certainty") == "D":
            assert "time_limit" not in row, row["code"]
            assert "fee" not in row, row["code"]


def test_no_fee_of_another_province_slips_in(raw: dict[str, Any]) -> None:
    """Hà Nội's and Quảng Ninh's figures are examples in the source, not this hall's."""
    priced = {row["code"] for row in raw["procedures"] if re.search(r"\d", row.get("fee", {}).get("vi", ""))}
    assert priced == {"chung-thuc-ban-sao", "chung-thuc-chu-ky", "trich-luc"}


def test_matters_of_disability_and_poverty_are_sensitive(raw: dict[str, Any]) -> None:
    sensitive = {row["code"] for row in raw["procedures"] if row.get("sensitive")}
    assert {"khuyet-tat", "khuyet-tat-cap-lai", "ho-ngheo"} <= sensitive


def test_same_day_matters_say_what_happens_after_three(raw: dict[str, Any]) -> None:
    rows = [row for row in raw["procedures"] if row.get("same_day")]
    assert len(rows) >= 5
    assert all("ngày" in row["time_limit"]["vi"] for row in rows)


def test_rating_has_five_levels_and_reasons_for_the_worst(hall: HallInfo) -> None:
    assert [level["vi"] for level in hall.rating.levels] == [
        "Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng",
    ]  # fmt: skip
    assert list(hall.rating.reasons) == [
        "wait", "manner", "guidance", "extra_papers", "late_result", "place", "other",
    ]  # fmt: skip

"""The paper: laid out, encoded, read back by the tests' own ESC/POS reader, and by OCR letter by letter."""

from __future__ import annotations

import os
import re
import unicodedata

import msgspec
import numpy as np
import pytesseract
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from kiosk.paper.escpos import BAND, Model, job_of, model_of
from kiosk.paper.layout import LONGEST, WIDTHS, draw, paper_of, printable, wrap
from kiosk.paper.slip import MOST_PAPERS, slip_of
from server.protocol import HallInfo, TicketResult
from tests.escpos_reader import Reader
from tests.kiosk import samples

PROFILES = {576: "KR-306", 512: "TM-T88V", 384: "POS-5890"}


def paper(ticket: TicketResult, hall: HallInfo, width: int = 576, lang: str = "vi") -> Image.Image:
    """What comes out of a printer that gets the job's bytes."""
    model = model_of(PROFILES[width])
    reader = Reader(model.width)
    reader.feed(job_of(draw(slip_of(ticket, hall, lang), width), model, "0001").data)
    assert reader.idle
    if model.cuts:
        (sheet,) = reader.papers
        return sheet
    return Image.fromarray(((1 - np.array(reader.rows)) * 255).astype(np.uint8), "L")


WAYS = ((1, 6, 0.0), (2, 6, 1.0), (3, 4, 0.0), (2, 4, 1.0), (3, 6, 0.0), (1, 3, 2.0))
"""Enlargement, page segmentation and blur of each OCR pass."""
os.environ["OMP_THREAD_LIMIT"] = "1"  # Tesseract's threads get in each other's way on small machines


def unread(sheet: Image.Image, text: str) -> set[str]:
    """The words of `text` that no OCR pass reads on the paper, every letter and mark right.

    Several passes, because OCR slips where the type's one-storey a looks like an o to it; a word that is not on the
    paper is read by none (see the control).
    """
    missing = set(_words(text))
    for way in WAYS:
        missing -= set(_words(_ocr(sheet, *way)))
        if not missing:
            break
    return missing


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _ocr(part: Image.Image, scale: int, segmentation: int, blur: float) -> str:
    large = part.resize((part.width * scale, part.height * scale), Image.Resampling.LANCZOS)
    framed = Image.new("L", (large.width + 120, large.height + 120), 255)
    framed.paste(large, (60, 60))
    soft = framed.filter(ImageFilter.GaussianBlur(blur))
    text = pytesseract.image_to_string(soft, lang="vie", config=f"--psm {segmentation}")
    return " ".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize("width", WIDTHS)
def test_the_bytes_give_exactly_the_picture(width: int) -> None:
    picture = draw(slip_of(samples.ticket(), samples.hall(), "vi"), width)
    sheet = paper(samples.ticket(), samples.hall(), width)
    assert sheet.crop((0, 0, *picture.size)).tobytes() == picture.convert("L").tobytes()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_vietnamese_line_is_read_letter_by_letter(width: int) -> None:
    slip = slip_of(samples.ticket(), samples.hall(), "vi")
    text = [*slip.heading, slip.area, slip.title, slip.mark, slip.procedure, *slip.papers, *slip.foot, slip.last]
    text += [word for row in slip.rows for word in row]
    # The time of day is left to the rows' own test: OCR takes its 0 for an O.
    text = [word for word in text if ":" not in word or "giấy" in word]
    assert unread(paper(samples.ticket(), samples.hall(), width), " ".join(text)) == set()


def test_the_reader_would_notice_a_wrong_letter() -> None:
    """The control: words that differ by one mark or one letter from those on the paper are read by no pass."""
    sheet = paper(samples.ticket(), samples.hall())
    wrong = "Đằng khải sính Giây chúng Cán cuớc chả mè Quậy phức chớ trược đành già tịnh"
    assert unread(sheet, wrong) == set(_words(wrong))


@pytest.mark.parametrize("number", ["1008", "3472", "11000", "19101"])
def test_the_number_is_read_as_a_number(number: str) -> None:
    sheet = paper(samples.ticket(number), samples.hall())
    ink = np.array(sheet) == 0
    # The number is the tallest run of lines with ink.
    lines = np.flatnonzero(np.diff(np.concatenate(([False], ink.any(1), [False])).astype(int)))
    runs = sorted(zip(lines[::2], lines[1::2], strict=True), key=lambda run: run[0] - run[1])
    top, bottom = runs[0]
    assert bottom - top > 100
    digits = sheet.crop((0, int(top) - 20, sheet.width, int(bottom) + 20))
    assert pytesseract.image_to_string(digits, config="--psm 7 -c tessedit_char_whitelist=0123456789").strip() == number


def test_the_default_ticket_with_four_papers_stays_below_30_kb() -> None:
    picture = draw(slip_of(samples.ticket(), samples.hall(), "vi"), 576)
    size = len(job_of(picture, model_of("KR-306"), "0001").data)
    assert size <= 30_000
    assert size < len(picture.tobytes()) / 1.9, "cropping is worth it"


def test_priority_is_marked_and_only_priority() -> None:
    assert "ƯU TIÊN" in slip_of(samples.ticket(priority=True), samples.hall(), "vi").mark
    assert slip_of(samples.ticket(priority=False), samples.hall(), "vi").mark == ""


def test_english_is_english() -> None:
    slip = slip_of(samples.ticket(), samples.hall(), "en")
    assert [label for label, _ in slip.rows] == ["Desk", "People ahead of you", "Taken at", "Code to rate the service"]
    assert slip.title == "NUMBER"


def test_time_is_the_halls_own() -> None:
    rows = dict(slip_of(samples.ticket(), samples.hall(), "vi").rows)
    assert rows["Giờ lấy số"] == "08:42 · 23/11/2026"


def test_where_no_desk_is_open_the_paper_names_none() -> None:
    here = dict(slip_of(samples.ticket(), samples.hall(), "vi").rows)
    nowhere = slip_of(msgspec.structs.replace(samples.ticket(), desks=()), samples.hall(), "vi")
    assert here["Quầy phục vụ"] == "1, 2"
    assert [label for label, _ in nowhere.rows] == [label for label in here if label != "Quầy phục vụ"]


def test_no_estimate_no_row() -> None:
    assert "Thời gian chờ dự kiến" not in dict(slip_of(samples.ticket(), samples.hall(), "vi").rows)


def test_more_papers_than_fit_are_counted_not_dropped_in_silence() -> None:
    import msgspec

    hall = samples.hall()
    many = msgspec.structs.replace(hall.procedures[1], papers=tuple({"vi": f"Giấy {n}"} for n in range(9)))
    slip = slip_of(samples.ticket(), msgspec.structs.replace(hall, procedures=(many,)), "vi")
    assert len(slip.papers) == MOST_PAPERS
    assert "5" in slip.papers[-1]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("letters", [400, 2000])
def test_no_paper_is_longer_than_22_cm_and_what_is_missing_is_said(width: int, letters: int) -> None:
    import msgspec

    hall = samples.hall(long_names=True)
    endless = {"vi": ("Giấy " * letters)[:letters]}
    many = msgspec.structs.replace(hall.procedures[1], papers=(endless,) * 7)
    hall = msgspec.structs.replace(hall, procedures=(many,), name=endless)
    assert draw(slip_of(samples.ticket(), hall, "vi"), width).height > LONGEST
    assert paper_of(samples.ticket(), hall, "vi", width).height <= LONGEST
    assert [len(slip_of(samples.ticket(), hall, "vi", most).papers) for most in (5, 2, 1, 0)] == [5, 2, 1, 1]
    assert slip_of(samples.ticket(), hall, "vi", 0).papers == ("7 giấy tờ: xem tại máy lấy số",)


def test_every_paper_says_that_priority_may_come_first_and_what_the_code_is_for() -> None:
    """Also where the hall has a foot of its own, as the default hall does."""
    import tomllib
    from pathlib import Path

    import msgspec

    import assets

    text = (Path(assets.__file__).parent / "catalogue" / "default.toml").read_text("utf-8")
    for hall in (samples.hall(), msgspec.convert(tomllib.loads(text), HallInfo)):
        slip = slip_of(samples.ticket(), hall, "vi")
        assert slip.foot[0] == "Số ưu tiên có thể được mời trước."
        assert "lỡ lượt" in slip.foot[1]
        assert ("Mã để đánh giá phục vụ", "47") in slip.rows


def test_the_usual_paper_is_not_shortened() -> None:
    picture = draw(slip_of(samples.ticket(), samples.hall(), "vi"), 576)
    assert paper_of(samples.ticket(), samples.hall(), "vi", 576).tobytes() == picture.tobytes()


@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_text_is_drawn_and_obeyed_by_nobody(width: int) -> None:
    """The strict reader would stop at any command that came from a name; the sheet holds every visible sign."""
    sheet = paper(samples.ticket(), samples.hall(hostile=True), width)
    assert "[b]" in slip_of(samples.ticket(), samples.hall(hostile=True), "vi").area
    if width == 576:
        assert "<i>ban</i>" in _ocr(sheet, 3, 4, 0.0).replace(" ", "")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("number", ["1008", "11000", "190199"])
def test_long_names_wrap_within_the_paper(width: int, number: str) -> None:
    picture = draw(slip_of(samples.ticket(number), samples.hall(long_names=True), "vi"), width)
    ink = np.array(picture) == 0
    assert ink.any()
    assert not ink[:, :1].any()
    assert not ink[:, -1:].any()


LETTERS = st.text(
    st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Z", "Cc")), min_size=1, max_size=80
)


@settings(max_examples=60, deadline=None)
@given(LETTERS)
def test_wrapping_loses_no_letter_and_no_line_is_too_long(text: str) -> None:
    from PIL import ImageFont

    from assets import fonts

    font = ImageFont.truetype(str(fonts.font(500)), 25)
    lines = wrap(text, font, 200)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")
    assert all(font.getlength(line) <= 200 or len(line) == 1 for line in lines)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 200))
def test_any_picture_comes_out_as_it_went_in_but_for_real_time_commands(seed: int, height: int) -> None:
    """Given any dots, when encoded and read back, then the same dots, plus single ones beside ink where bytes would
    have been real-time commands; and no such command is in the job."""
    random = np.random.default_rng(seed)
    ink = random.random((height, 384)) < random.choice([0.02, 0.5])
    ink[random.random(height) < 0.4] = False
    picture = Image.fromarray(np.where(ink, 0, 255).astype(np.uint8), "L").convert("1", dither=Image.Dither.NONE)
    model = Model("POS-5890", 384, process_id=False, cuts=False)
    data = job_of(picture, model, "0001").data
    assert not any(command in data for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    reader = Reader(384)
    reader.feed(data)
    out = np.array(reader.rows[:height]) == 1
    assert (out | ink == out).all(), "a dot is missing"
    assert (out & ~ink).sum() <= ink.size / 1000


def test_a_picture_full_of_real_time_commands_is_made_harmless() -> None:
    row = np.unpackbits(np.frombuffer(b"\x10\x04\x01\x10\x14\x08\x10\x05\x02" * 5 + b"\0\0\0", np.uint8))
    picture = Image.fromarray(np.where(np.tile(row, (10, 1)) == 1, 0, 255).astype(np.uint8), "L").convert("1")
    data = job_of(picture, Model("POS-5890", 384, process_id=False, cuts=False), "0001").data
    assert b"\x10\x04" not in data
    assert b"\x10\x14" not in data


def test_bands_are_short_enough_for_the_next_job_to_end_them() -> None:
    data = job_of(draw(slip_of(samples.ticket(), samples.hall(), "vi"), 576), model_of("KR-306"), "0001").data
    at = 0
    heights = []
    while (at := data.find(b"\x1dv0\x00", at)) >= 0:
        heights.append(int.from_bytes(data[at + 6 : at + 8], "little"))
        at += 8
    assert len(heights) > 1
    assert max(heights) <= BAND


@pytest.mark.parametrize(
    ("profile", "width"),
    [("default", 576), ("TM-T88V", 512), ("TM-T20II", 576), ("POS-5890", 384), ("CT-S651", 576), ("RP-F10-58mm", 384)],
)
def test_the_layout_takes_its_width_from_the_profile(profile: str, width: int) -> None:
    model = model_of(profile)
    assert model.width == width
    job_of(draw(slip_of(samples.ticket(), samples.hall(), "vi"), width), model, "0001")


@pytest.mark.parametrize("profile", ["no-such-printer", "TM-U220", "OCD-100"])
def test_a_printer_that_cannot_do_it_is_refused_with_a_sentence(profile: str) -> None:
    with pytest.raises(ValueError, match=r"printer"):
        model_of(profile)

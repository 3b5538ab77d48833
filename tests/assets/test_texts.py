"""Every sentence on a screen has its English, no entry is left over, and fields agree."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

import assets
from assets import po, texts

ROOT = Path(assets.__file__).parent.parent
FIELDS = re.compile(r"%\((\w+)\)([sd])")
KV_CALL = re.compile(r"""\b_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


class Marked(HTMLParser):
    """The sentences of a page: text of elements with `data-t`, values of `data-t-…`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open = False

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self._open = "data-t" in names
        self.found += [value for name, value in attrs if name.startswith("data-t-") and value]

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found.append(" ".join(data.split()))
        self._open = False


def sentences(path: Path) -> Iterator[str]:
    if path.suffix == ".html":
        page = Marked()
        page.feed(path.read_text("utf-8"))
        yield from page.found
    elif path.suffix == ".kv":
        for match in KV_CALL.finditer(path.read_text("utf-8")):
            yield match[1][1:-1].replace('\\"', '"').replace("\\n", "\n")
    else:
        method = "python" if path.suffix == ".py" else "javascript"
        options = {} if method == "python" else {"template_string": "false"}
        keywords = {"_": None, "N_": None, "t": None}
        for _, message, _, _ in extract_from_file(method, str(path), keywords=keywords, options=options):
            assert isinstance(message, str), f"{path.name}: one string, please: {message}"
            yield message


def used() -> dict[str, str]:
    """Each sentence in the code, and where it stands."""
    found: dict[str, str] = {}
    for folder in ("kiosk", "display", "server"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".kv", ".js", ".html"}:
                for sentence in sentences(path):
                    found.setdefault(sentence, str(path.relative_to(ROOT)))
    return found


@pytest.fixture(scope="module")
def in_code() -> dict[str, str]:
    return used()


@pytest.fixture(scope="module")
def in_english() -> dict[str, str]:
    return texts.catalog("en")


def test_every_sentence_has_its_english(in_code: dict[str, str], in_english: dict[str, str]) -> None:
    missing = {sentence: where for sentence, where in in_code.items() if sentence not in in_english}
    assert missing == {}


def test_no_entry_is_left_over(in_code: dict[str, str], in_english: dict[str, str]) -> None:
    assert sorted(set(in_english) - set(in_code)) == []


def test_there_are_sentences_at_all(in_code: dict[str, str]) -> None:
    """The two tests above would be content with an extractor that finds nothing."""
    assert any(where.endswith(".py") for where in in_code.values())
    assert any(where.endswith((".js", ".html")) for where in in_code.values())


def test_named_fields_agree(in_english: dict[str, str]) -> None:
    for source, english in in_english.items():
        assert sorted(FIELDS.findall(source)) == sorted(FIELDS.findall(english)), source
        unnamed = FIELDS.sub("", source).replace("%%", "")
        assert not re.search(r"%[sd]", unnamed), f"unnamed field in {source!r}"


def test_no_entry_stands_twice_or_fuzzy() -> None:
    lines = (ROOT / "assets/texts/en.po").read_text("utf-8").splitlines()
    keys = [line for line in lines if line.startswith("msgid ")]
    assert len(keys) == len(set(keys))
    with (ROOT / "assets/texts/en.po").open("rb") as file:
        assert [entry.id for entry in read_po(file, locale="en") if entry.fuzzy and entry.id] == []


def test_english_is_english(in_english: dict[str, str]) -> None:
    """A sentence copied untranslated would be full of Vietnamese letters; one that explains Telex has a few."""
    vietnamese = set("ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ")
    shares = {text: sum(letter in vietnamese for letter in text.lower()) / len(text) for text in in_english.values()}
    assert [text for text, share in shares.items() if share > 0.06] == []


def test_english_counts_are_right_for_one_as_well(in_english: dict[str, str]) -> None:
    """No `1 people waiting`: a number never stands before a word that would have to follow it."""
    plural = re.compile(
        r"%\((n|all|dossiers)\)s (?:\w+ )?(?!this\b|unserved\b)\w+s\b|%\((n|all)\)s (people|more papers)"
    )
    assert [english for english in in_english.values() if plural.search(english)] == []
    assert plural.search("%(n)s people waiting")
    assert plural.search("%(all)s served visits")


def test_out_of_hours_has_one_name(in_code: dict[str, str]) -> None:
    """Kiosk, display, desk and manager's page speak to the same people of the same hours."""
    named = {found[0] for text in in_code if (found := re.match(r"Ngoài giờ \w+ \w+", text))}
    assert named == {"Ngoài giờ lấy số"}


def test_vietnamese_and_unknown_languages_say_the_sentence_itself() -> None:
    for lang in ("vi", "mtq", "xx", "../en"):
        assert texts.translator(lang)("Gọi lại") == "Gọi lại"
        assert texts.catalog(lang) == {}


def test_english_translates_and_lets_the_unknown_through(in_english: dict[str, str]) -> None:
    _ = texts.translator("en")
    source, english = next(iter(in_english.items()))
    assert _(source) == english
    assert _("Câu này chưa có trong bảng") == "Câu này chưa có trong bảng"


def test_pick_falls_back_to_vietnamese() -> None:
    assert texts.pick({"vi": "Quầy 1", "en": "Desk 1"}, "en") == "Desk 1"
    assert texts.pick({"vi": "Quầy 1"}, "en") == "Quầy 1"
    assert texts.pick({"vi": "Quầy 1", "en": ""}, "en") == "Quầy 1"
    assert texts.pick({}, "en") == ""


def test_numbers_and_dates_are_written_the_way_of_the_language() -> None:
    day = date(2026, 11, 23)
    at = datetime(2026, 11, 23, 8, 5, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert texts.number(1284, "vi") == "1.284"
    assert texts.number(1284, "en") == "1,284"
    assert texts.percent(0.942, "vi") == "94,2\N{NO-BREAK SPACE}%"
    assert texts.percent(0.942, "en") == "94.2%"
    assert texts.percent(0.78, "vi", 0) == "78\N{NO-BREAK SPACE}%"
    assert texts.long_date(day, "vi") == "Thứ Hai, 23/11/2026"
    assert texts.long_date(at, "en") == "Monday, 23 November 2026"
    assert texts.short_date(day) == "23/11/2026"
    assert texts.clock(at) == "08:05"


def test_unknown_languages_get_vietnamese_dates() -> None:
    assert texts.long_date(date(2026, 11, 23), "hmn") == "Thứ Hai, 23/11/2026"


def test_fields_are_plain_names(in_code: dict[str, str]) -> None:
    for sentence in in_code:
        for name, _ in FIELDS.findall(sentence):
            assert set(name) <= set(string.ascii_lowercase + "_"), sentence


def test_dates_and_numbers_are_those_of_the_cldr() -> None:
    for offset in range(0, 900, 13):
        day = date(2025, 12, 25) + timedelta(days=offset)
        assert texts.long_date(day, "vi") == format_date(day, "EEEE, dd/MM/y", locale="vi")
        assert texts.long_date(day, "en") == format_date(day, "EEEE, d MMMM y", locale="en_GB")
    for n in (0, 7, 999, 1284, 1_000_000, 12.5, 0.0625, -3, -1284.75, 99.9995):
        assert texts.number(n, "vi") == format_decimal(n, locale="vi")
        assert texts.number(n, "en") == format_decimal(n, locale="en_GB")
        percentage = format_decimal(n * 100, format="#,##0.0", locale="vi")
        assert texts.percent(n, "vi") == f"{percentage}\N{NO-BREAK SPACE}%"


def test_the_file_is_read_as_gettext_reads_it() -> None:
    path = ROOT / "assets/texts/en.po"
    with path.open("rb") as file:
        theirs = {entry.id: entry.string for entry in read_po(file, locale="en") if entry.id and entry.string}
    assert po.read(path) == theirs


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('msgctxt "x"\nmsgid "a"\nmsgstr "b"\n', "line 1: msgctxt"),
        ('msgid "a"\nmsgid_plural "as"\nmsgstr[0] "b"\n', "line 2: msgid_plural"),
        ('#, fuzzy\nmsgid "a"\nmsgstr "b"\n', "line 1: a translation marked fuzzy"),
        ('msgid a\nmsgstr "b"\n', "line 1: not a quoted string"),
    ],
)
def test_what_is_not_read_is_no_text_lost_in_silence(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "xx.po"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=says):
        po.read(path)


def test_sentences_of_several_lines_and_escapes_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "xx.po"
    path.write_text('# words\nmsgid ""\n"một "\n"hai\\n"\nmsgstr "\\"one\\" two\\n"\n\nmsgid "x"\nmsgstr ""\n', "utf-8")
    assert po.read(path) == {"một hai\n": '"one" two\n'}

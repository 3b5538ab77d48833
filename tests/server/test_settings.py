"""Settings as data: checked whole, with line and reason for each fault; what was taken is in force at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server import protocol as p
from server.settings import process as config
from server.settings.faults import LONGEST
from server.settings.reading import FAULTS, _texts, default_settings, read_toml, to_toml
from server.settings.shape import BadSettings, Session
from tests.halls import begin, hall, luot, until

DEFAULT = to_toml(default_settings())


def test_the_default_hall_comes_back_unchanged() -> None:
    assert read_toml(DEFAULT) == default_settings()


@pytest.mark.parametrize(
    ("old", "new", "says", "on"),
    [
        ('prefix = "3"', 'prefix = "12"', "areas[2].prefix: one digit from 1 to 9 is expected", 'prefix = "12"'),
        ('prefix = "3"', 'prefix = "2"', "areas[2].prefix: prefix '2' stands twice", 'prefix = "2"'),
        ("no_show_calls = 2", "no_show_cals = 2", "did you mean 'no_show_calls'?", "no_show_cals = 2"),
        (
            "no_show_calls = 2",
            'no_show_calls = "two"',
            "no_show_calls: a whole number is expected, not a text",
            'no_show_calls = "two"',
        ),
        ('area = "kinh-te"', 'area = "kinhte"', "no area 'kinhte'; did you mean 'kinh-te'?", 'area = "kinhte"'),
        ('start = "13:30"', 'start = "25:30"', "a time such as 07:30 is expected", 'start = "25:30"'),
        ("no_show_calls = 2", "no_show_calls = 0", "no_show_calls: at least 1 is expected", "no_show_calls = 0"),
        ("weight = 4", "weight = 40", "priority.weight: at most 20 is expected", "weight = 40"),
        ('policy = "weight"', 'policy = "fair"', "'fair' is none of weight, first, cap", 'policy = "fair"'),
        ('code = "tu-phap"', 'code = "Tư pháp"', "small letters a–z, digits and hyphens", 'code = "Tư pháp"'),
        ('code = "tu-phap"', 'cod = "tu-phap"', "unknown key 'cod'; did you mean 'code'?", 'cod = "tu-phap"'),
        ('code = "tu-phap"\n', "", "`code` is missing", "[[areas]]"),
        ("voice = true", 'voice = "yes"', "true or false is expected, not a text", 'voice = "yes"'),
        ('start = "13:30"', 'start = "11:00"', "11:00–17:00 overlaps 07:30–11:30 on Monday", 'start = "11:00"'),
        (
            'vi = "Tư pháp, hộ tịch"',
            f'vi = "{"Tư pháp " * 9}"',
            "71 characters, the screens hold 60",
            "[areas.name]",
        ),
        ('vi = "Quầy 1"', f'vi = "{"Quầy " * 10}"', "49 characters, the screens hold 40", "[desks.name]"),
        ('start = "13:30"', 'start = "17:30"', "ends at 17:00, before it starts", 'end = "17:00"'),
        ('timezone = "Asia/Ho_Chi_Minh"', 'timezone = "Asia/Nowhere"', "no time zone", "Asia/Nowhere"),
        ('icon = "home-outline"', 'icon = "no-such-icon"', "no icon 'no-such-icon'", 'icon = "no-such-icon"'),
        ('color = "#97190F"', 'color = "red"', "areas[2].color", 'color = "red"'),
        ('vi = "Chính sách xã hội"', 'vi = ""', "the Vietnamese text (vi) is missing", "[areas.name]"),
        (
            'vi = "Chính sách xã hội"\n',
            'fr = "y"\n',
            "areas[2].name: the Vietnamese text (vi) is missing",
            "[areas.name]",
        ),
        ('vi = "Chính sách xã hội"\n', 'vi = " "\n', "the Vietnamese text (vi) is missing", "[areas.name]"),
        (
            'vi = "Chính sách xã hội"\n',
            'vi = "x"\nfr = "y"\n',
            "unknown language 'fr'; there are vi, en",
            "[areas.name]",
        ),
        ('    "en",', '    "en",\n    "xx",', "no sentences in 'xx'; there are vi, en", "languages = ["),
        ('    "en",', '    "en",\n    "en",', "language 'en' stands twice", "languages = ["),
        ("voice = true", "voice = ", "this is not written as TOML (Invalid value", "voice = "),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: Any, new: Any, says: Any, on: Any) -> None:
    assert old in DEFAULT
    text = DEFAULT.replace(old, new, 1)
    with pytest.raises(BadSettings) as caught:
        read_toml(text)
    fault = next(fault for fault in caught.value.faults if says in fault)
    found = re.search(r"line (\d+)", fault)
    assert found
    number = int(found[1])
    assert on in text.splitlines()[number - 1], fault


@pytest.mark.parametrize(
    ("first", "second", "fine"),
    [
        ({}, {}, False),
        ({}, {"start": "11:30", "end": "13:00"}, True),
        ({}, {"weekdays": (5,)}, True),
        ({}, {"areas": ("tu-phap",)}, False),
        ({"areas": ("dat-dai",)}, {"areas": ("tu-phap",)}, True),
        ({"areas": ("dat-dai", "tu-phap")}, {"areas": ("tu-phap",)}, False),
        ({}, {"start": "08:00", "end": "09:00"}, False),
    ],
)
def test_two_sessions_never_open_an_area_twice(first: Any, second: Any, fine: Any) -> None:
    both = tuple(Session(**{"start": "07:30", "end": "11:30", **more}) for more in (first, second))
    text = to_toml(msgspec.structs.replace(default_settings(), sessions=both))
    if fine:
        assert read_toml(text).sessions == both
    else:
        with pytest.raises(BadSettings, match="overlaps 07:30–11:30 on Monday"):
            read_toml(text)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_text_of_a_hall_has_a_length_that_the_screens_hold(lang: Any) -> None:
    for path, text in _texts(msgspec.to_builtins(default_settings()), ""):
        kind = re.sub(r"\[\d+\]", "", path)
        limit = LONGEST.get(kind) or LONGEST[kind.rpartition(".")[0]]
        assert len(text[lang]) <= limit, path


def test_an_import_says_what_it_took_over(tmp_path: Path) -> None:
    begin(tmp_path)
    file = tmp_path / "hall.toml"
    new = default_settings()
    replace = msgspec.structs.replace
    new = replace(
        new,
        name={"vi": "UBND XÃ MỚI"},
        areas=(replace(new.areas[0], prefix="7"), *new.areas[1:]),
        desks=(*new.desks, replace(new.desks[0], code="5", name={"vi": "Quầy 5"})),
        procedures=new.procedures[1:],
        sessions=(Session(start="07:00", end="11:00"),),
    )
    file.write_text(to_toml(new), "utf-8")
    said = luot("settings", "import", str(file), data=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines() == [
        f"{file} was taken over, and is in force now:",
        "  name",
        "  areas: tu-phap changed",
        f"  procedures: {default_settings().procedures[0].code} taken away",
        "  desks: 5 new",
        "  sessions: 07:00–11:00",
    ]
    again = luot("settings", "import", str(file), data=tmp_path)
    assert again.stdout == f"{file} was taken over: it says what was in force already\n"


def test_one_fault_does_not_hide_the_next() -> None:
    text = DEFAULT.replace('prefix = "3"', 'prefix = "x"').replace('start = "13:30"', 'start = "x"')
    with pytest.raises(BadSettings) as caught:
        read_toml(text)
    assert len(caught.value.faults) == 2


def test_export_and_import_through_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    data = tmp_path / "data"
    begin(data)
    assert luot("settings", "export", str(file), data=data).returncode == 0
    file.write_text(file.read_text("utf-8").replace("no_show_seconds = 45", "no_show_seconds = 60"), "utf-8")
    assert luot("settings", "import", str(file), data=data).returncode == 0
    again = tmp_path / "again.toml"
    luot("settings", "export", str(again), data=data)
    assert read_toml(again.read_text("utf-8")).no_show_seconds == 60
    file.write_text("nonsense = 1\n", "utf-8")
    refused = luot("settings", "import", str(file), data=data)
    assert refused.returncode == 2
    assert "nothing was taken" in refused.stderr
    assert "line 1" in refused.stderr
    assert luot("settings", "import", str(tmp_path / "none.toml"), data=data).returncode == 2


async def test_new_settings_reach_everybody_and_are_logged(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk = await h.kiosk()
        welcomed: list[Any] = []
        kiosk.client._on_welcome = welcomed.append
        new = DEFAULT.replace("Tư pháp, hộ tịch", "Tư pháp và hộ tịch")
        answer = await h.service.do({"do": "settings", "toml": new})
        assert answer["ok"], answer
        await until(lambda: welcomed)
        assert welcomed[0].hall.areas[0].name["vi"] == "Tư pháp và hộ tịch"
        rows = h.service.rounds.record.reader.execute(
            "SELECT who, what, before, after FROM changes WHERE what = 'areas:tu-phap' ORDER BY id"
        ).fetchall()
        assert len(rows) == 2
        assert "Tư pháp, hộ tịch" in rows[1]["before"]
        assert "Tư pháp và hộ tịch" in rows[1]["after"]
    async with hall(tmp_path) as h:
        assert h.service.in_force.settings.areas[0].name["vi"] == "Tư pháp và hộ tịch"


async def test_an_area_where_people_wait_cannot_go(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        kiosk = await h.kiosk()
        await kiosk.ask(p.Issue, area="van-phong")
        import msgspec

        found = h.service.in_force.settings
        smaller = msgspec.structs.replace(
            found,
            areas=tuple(area for area in found.areas if area.code != "van-phong"),
            procedures=tuple(item for item in found.procedures if item.area != "van-phong"),
            desks=tuple(
                msgspec.structs.replace(desk, areas=tuple(a for a in desk.areas if a != "van-phong"))
                for desk in found.desks
            ),
        )
        reply = await h.service.change_settings.change(smaller, "control")
        assert b'"not_allowed"' in reply
        assert b"van-phong" in reply


def test_a_prefix_may_change_and_a_code_keeps_its_history(tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = tmp_path / "x.toml"
    begin(data)
    luot("settings", "export", str(file), data=data)
    text = file.read_text("utf-8").replace('prefix = "1"', 'prefix = "7"')
    file.write_text(text, "utf-8")
    assert luot("settings", "import", str(file), data=data).returncode == 0


def test_configuration_names_the_nearest_key(tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text("prot = 8000\n[limits]\nbrust = 3\n")
    with pytest.raises(BadSettings) as caught:
        config.read(file)
    assert "did you mean 'port'?" in caught.value.faults[0]
    assert "did you mean 'burst'?" in caught.value.faults[1]
    for wrong, says in (
        ('port = "x"', "port: a whole number is expected, not a text"),
        ("port = 70000", "port: at most 65535 is expected"),
        ("port =", "line 1: this is not written as TOML"),
        ("[limits]\nburst = -1", "limits.burst: at least 0 is expected"),
    ):
        file.write_text(wrong + "\n")
        with pytest.raises(BadSettings) as caught:
            config.read(file)
        assert f"{file}: {says}" in caught.value.faults[0]
    started = luot("hall", "--config", str(file), data=tmp_path / "d")
    assert started.returncode == 2
    assert "Traceback" not in started.stderr


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        f"port = {'9' * 5000}",
        "".join(f"k{n} = 1\n" for n in range(60_000)),
        "x" * 2_000_000,
        "a = 1979-13-45T99:99:99Z",
    ],
    ids=["deep", "a number of 5,000 digits", "60,000 keys", "2 MB", "no date"],
)
def test_hostile_settings_end_in_sentences_and_soon(tmp_path: Path, text: Any) -> None:
    with pytest.raises(BadSettings) as found:
        read_toml(text)
    assert 1 <= len(found.value.faults) <= FAULTS
    file = tmp_path / "hall.toml"
    file.write_text(text)
    with pytest.raises(BadSettings) as found:
        config.read(file)
    assert 1 <= len(found.value.faults) <= FAULTS

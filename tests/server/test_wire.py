"""What one side offers the other takes: codes of the settings on the wire, codes of the pages, refusals in words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from server import protocol as p
from server.hall import events as e
from server.settings.reading import read_toml
from server.settings.shape import ITEMS, TEXTS, BadSettings, Priority, Procedure, Rating, Settings, hall_info

ROOT = Path(__file__).parents[2]
WEB = ROOT / "server/web"
SCRIPTS = {path.name: path.read_text("utf-8") for path in WEB.rglob("*.js")}
MANUAL = (ROOT / "server/README.md").read_text("utf-8")
ID = "00000000-0000-4000-8000-000000000001"

LONGEST = "x" * 40


def command(kind: str, **fields: Any) -> p.Command:
    return p.decode_command(json.dumps({"type": kind, "id": ID, **fields}))


def with_reason(line: str) -> str:
    text = (ROOT / "assets/catalogue/default.toml").read_text("utf-8")
    assert "\n[rating.reasons]\n" in text
    return text.replace("\n[rating.reasons]\n", f"\n[rating.reasons]\n{line}\n")


def own() -> Settings:
    """A hall with codes of its own: as long and as odd as its settings may have them."""
    return read_toml(
        with_reason(f'"bãi xe" = {{ vi = "Bãi xe" }}\n{LONGEST} = {{ vi = "x" }}')
        + f'\n[[areas]]\ncode = "{LONGEST}"\nprefix = "9"\nicon = "home"\nname = {{ vi = "x" }}\n'
        + f'\n[[procedures]]\ncode = "{LONGEST}"\narea = "{LONGEST}"\nname = {{ vi = "x" }}\n'
        + '\n[[desks]]\ncode = "Ab12"\nareas = []\nname = { vi = "x" }\n'
    )


def test_every_code_that_the_settings_take_travels() -> None:
    hall = hall_info(own())
    for reason in hall.rating.reasons:
        assert command("rate", score=1, number="1001", reasons=[reason])
    assert command("rate", score=1, number="1001", reasons=list(hall.rating.reasons)), "all of them at once"
    for score in range(1, len(hall.rating.levels) + 1):
        assert command("rate", score=score, number="1001")
    for area in hall.areas:
        assert command("issue", area=area.code)
        assert command("call_ticket", ticket=None, number=f"{area.prefix}8999")
    for procedure in hall.procedures:
        assert command("issue", area=procedure.area, procedure=procedure.code)
    for desk in hall.desks:
        assert command("open_desk", desk=desk.code)
        assert command("log", start="2026-11-23", end="2026-11-23", desk=desk.code)


def test_a_halls_own_reason_is_recorded(cases: Any) -> None:
    case = cases(rating=own().rating)
    ticket = case.issue()
    case.open()
    case.serve()
    (rated,) = case.kiosk(p.Rate, ticket=ticket.id, score=1, reasons=("bãi xe", LONGEST))
    assert isinstance(rated, e.Rated)
    assert rated.reasons == ("bãi xe", LONGEST)


@pytest.mark.parametrize(
    ("line", "reason"),
    [(f'{LONGEST}y = {{ vi = "x" }}', "length <= 40"), ('"" = { vi = "x" }', "length >= 1")],
)
def test_a_reason_that_could_not_travel_is_refused_with_its_line(line: str, reason: str) -> None:
    with pytest.raises(BadSettings, match=reason):
        read_toml(with_reason(line))


# --- the pages' codes ----------------------------------------------------------------------------------------------


def listed(script: str, name: str) -> list[str]:
    """The codes of a list or table of words such as `export const outcomes = () => [["received", t("…")], …]`."""
    body = SCRIPTS[script].split(f"const {name} = () =>", 1)[1].split("\n});" if "({" in SCRIPTS[script].split(
        f"const {name} = () =>", 1)[1][:4] else "\n];", 1)[0].split(";\n", 1)[0]  # fmt: skip
    return re.findall(r'\["(\w+)", t\(', body) or re.findall(r"\b(\w+): t\(", body)


@pytest.mark.parametrize(
    ("script", "name", "known"),
    [
        ("words.js", "outcomes", p.OutcomeCode),
        ("words.js", "pauses", p.PauseReason),
        ("words.js", "printFaults", p.PrintFault),
        ("manager-words.js", "roles", p.PersonRole),
        ("manager-words.js", "deviceRoles", p.DeviceRole),
        ("manager-words.js", "vias", p.Via),
    ],
)
def test_what_a_page_offers_or_words_is_what_the_wire_knows(script: str, name: str, known: Any) -> None:
    assert sorted(listed(script, name)) == sorted(get_args(known))


def test_every_reason_in_the_record_has_its_words_in_the_log() -> None:
    worded = {*listed("manager-words.js", "reasons"), *listed("words.js", "pauses"), *listed("words.js", "printFaults")}
    assert worded == set(get_args(p.Because))


def test_every_kind_of_event_has_its_word_in_the_log() -> None:
    """`hours_set` alone is left out of the log."""
    kinds = {kind.__struct_config__.tag for kind in get_args(e.AnyEvent)} - {"hours_set"}
    assert set(listed("manager-words.js", "kinds")) == kinds


def test_the_pages_send_only_commands_that_exist_with_fields_that_they_have() -> None:
    fields = {kind.__struct_config__.tag: set(kind.__struct_fields__) for kind in p.COMMANDS}
    sent = [
        (kind, re.findall(r"(?:^|,)\s*(\w+)(?=\s*[:,]|\s*$)", body))
        for text in SCRIPTS.values()
        for kind, body in re.findall(r'\b(?:ask|step)\("(\w+)", \{ ([^{}]*?) \}\)', text)
    ]
    assert len(sent) > 15, "the reader of scripts finds nothing"
    wrong = [(kind, field) for kind, found in sent for field in found if field not in fields.get(kind, set())]
    assert wrong == []


# --- refusals ------------------------------------------------------------------------------------------------------


def codes() -> set[str]:
    """All codes of the manual; a test of the manual compares it with the code."""
    return set(re.findall(r"^\| `([a-z_]+)` \| ", MANUAL.split("### Codes")[1].split("## ")[0], re.M))


def table(script: str, after: str) -> set[str]:
    """The keys of the table of sentences in a function."""
    body = SCRIPTS[script].split(after, 1)[1].split("\n  };", 1)[0]
    return set(re.findall(r"^\s*(\w+): t\(", body, re.M))


def test_every_refusal_has_a_sentence_on_the_pages_and_no_other() -> None:
    here = {"cut", "unanswered"}  # the page's own: nobody was asked, or nobody answered
    assert table("words.js", "function refusal(") - here == codes()


def test_every_end_of_a_session_and_every_state_of_the_link_has_a_sentence() -> None:
    here = {"another"}  # the page's own: another name in the same browser
    assert table("session.js", "function whyEnded(") - here == set(get_args(p.SessionEnd))
    opening = {"unauthorised", "forbidden", "update_needed", "too_many"}
    assert opening <= codes()
    assert table("words.js", "function linkState(") == {"connected", "cut", "replaced", *opening}


def test_every_alarm_has_a_sentence() -> None:
    worded = SCRIPTS["manager-alarms.js"].split("const KINDS = {", 1)[1].split("\n};", 1)[0]
    assert set(re.findall(r"^  (\w+):", worded, re.M)) == set(get_args(p.AlarmCode))


def test_every_alarm_that_is_raised_is_one_of_the_protocols_and_each_is() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "server").rglob("*.py"))
    seen = (ROOT / "server/live/alarms.py").read_text("utf-8").split("def codes(")[1]
    raised = set(re.findall(r'out\.add\(f?"(\w+)', seen)) | set(re.findall(r'"(clock_stepped|doubtful_date)"', seen))
    raised |= set(re.findall(r'else f"(gone):', seen))
    raised |= set(re.findall(r'ALARM: Final\[p\.AlarmCode\] = "(\w+)"', sources))
    raised |= set(re.findall(r'(?:self|alarms)\.set\("(\w+)"', sources))
    raised |= set(re.findall(r'f"(tls_\w+):', sources))
    assert raised == set(get_args(p.AlarmCode))


def test_a_kiosk_has_words_for_every_refusal_of_a_number_or_a_rating() -> None:
    places = {"issue": "issue", "rate": "rating", "find": "rating", "_rateable": "rating"}
    pieces = {
        name: (ROOT / f"server/hall/rules/{file}.py")
        .read_text("utf-8")
        .split(f"def {name}(", 1)[1]
        .split("\ndef ", 1)[0]
        for name, file in places.items()
    }
    refused = {code for piece in pieces.values() for code in re.findall(r'Refused\("(\w+)"', piece)}
    kiosk = "\n".join(path.read_text("utf-8") for path in (ROOT / "kiosk").rglob("*.py"))
    # These two end in the sentence for all the rest: the kiosk's own list was at fault, and staff is to be asked.
    wordless = {code for code in refused if not re.search(rf'"(?:rating_)?{code}"', kiosk)} - {
        "bad_message",
        "unknown_area",
    }
    assert len(refused) > 5
    assert wordless == set()


# --- settings --------------------------------------------------------------------------------------------------------

FOR_PEOPLE: dict[Any, set[str]] = {
    Procedure: {"reference", "certainty", "valid_until", "same_day"},
}
"""Keys that are there for whoever keeps the catalogue: from where a row is, how sure, until when."""


def everything() -> str:
    folders = ("server", "kiosk", "display", "assets")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".js", ".kv"}]
    return "\n".join(path.read_text("utf-8") for path in found)


def test_every_key_that_the_settings_take_is_read_somewhere() -> None:
    text = everything()
    kinds = (Settings, Priority, Rating, *ITEMS.values())
    unread = {
        (kind.__name__, key)
        for kind in kinds
        for key in set(kind.__struct_fields__) - FOR_PEOPLE.get(kind, set())
        if not re.search(rf"\.{key}\b", text)
    }
    assert unread == set()
    assert set(re.findall(r'texts\.get\("(\w+)"', text)) == set(TEXTS)


def test_a_text_that_nobody_reads_is_refused_with_the_nearest_name() -> None:
    text = (ROOT / "assets/catalogue/default.toml").read_text("utf-8").replace("\nnotice = ", "\nnotise = ")
    with pytest.raises(BadSettings, match=r"line \d+: texts.notise: unknown key 'notise'; did you mean 'notice'?"):
        read_toml(text)

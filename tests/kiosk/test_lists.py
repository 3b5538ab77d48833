"""What is offered and what is accepted are the same lists: touches, refusals and their sentences, texts of settings."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from kiosk.flow.inputs import Answered, NumberRefused
from kiosk.flow.shown import shown
from kiosk.flow.state import State, Touch
from kiosk.flow.times import LIMITS
from kiosk.flow.touches import TOUCHES
from server.protocol import AreaInfo, HallInfo, PriorityInfo, ProcedureInfo, RatingInfo
from tests.kiosk.citizen import Citizen
from tests.kiosk.window import CATALOGUE, SIZES, Stage, buttons, sheet_of, states, words

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.screen


def all_states() -> Iterator[State]:
    """Every screen of the pictures, and each that warns while it warns."""
    for state in states().values():
        yield state
        if state.deadline is not None:
            yield replace(state, deadline=1009.0)
    plain = states()
    yield replace(plain["papers of area"], opened=None)
    yield replace(plain["closed"], given=plain["home offers"].given)
    yield replace(plain["cut"], given=plain["home offers"].given)


def drawn() -> set[tuple[str, str]]:
    """(screen, what a button means) of everything that can be touched on any picture."""
    found: set[tuple[str, str]] = set()
    for state in all_states():
        for size in SIZES[:2]:
            sheet = sheet_of(Stage(state), size)
            found |= {(shown(state), button.touch.do) for button in buttons(sheet)}
    return found - {(screen, "stay") for screen in LIMITS}  # beside and under the buttons, wherever one may be


def known() -> set[tuple[str, str]]:
    """The same of everything that the flow acts upon."""
    return {(screen, do) for do, (screens, _) in TOUCHES.items() for screen in screens if do != "stay"}


def test_what_can_be_touched_is_what_the_flow_knows() -> None:
    offered, accepted = drawn(), known()
    assert offered - accepted == set(), "a button that does nothing"
    assert accepted - offered == set(), "a touch that no button means"


# --- refusals -----------------------------------------------------------------------------------------------


def refusals(*methods: str) -> set[str]:
    """Codes that the hall's rules refuse with, in these methods."""
    rules = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "server/hall/rules").glob("*.py")]
    found = set()
    for function in (node for tree in rules for node in ast.walk(tree)):
        if isinstance(function, ast.FunctionDef) and function.name in methods:
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                    assert isinstance(node.args[0], ast.Constant)
                    found.add(str(node.args[0].value))
    return found


def worded(file: str, function: str) -> set[str]:
    """Codes for which a screen has a sentence of its own."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    found = set()
    for part in ast.walk(tree):
        if isinstance(part, ast.FunctionDef) and part.name == function:
            for case in ast.walk(part):
                if isinstance(case, ast.MatchValue) and isinstance(case.value, ast.Constant):
                    found.add(str(case.value.value))
    return found


def table() -> set[str]:
    """The codes of `server/README.md`, which a test of the server keeps complete."""
    text = (ROOT / "server/README.md").read_text("utf-8")
    return set(re.findall(r"^\| `(\w+)` \|", text[text.index("### Codes") :], re.MULTILINE))


def said(state: State) -> set[str]:
    return {text.text for text in words(sheet_of(Stage(state), SIZES[0])) if not text.icon}


UNWORDED = {"unknown_area"}
"""The kiosk offers what the hall has just told it; where that has changed, the staff is the answer anyway."""


def test_each_refusal_of_a_number_has_its_own_sentence() -> None:
    general = said(states()["sorry internal"])
    codes = refusals("issue")
    assert codes >= {"closed", "too_fast", "no_numbers_left"}
    for code in codes:
        citizen = Citizen().takes_a_number().hears(NumberRefused("id-2", code))
        assert (said(citizen.state) - general == set()) == (code in UNWORDED), code


def test_each_refusal_of_a_number_to_rate_has_its_own_sentence() -> None:
    codes = refusals("find", "_rateable")
    assert codes == {"unknown_number", "not_served", "too_late", "already_rated"}
    sentences = set()
    for code in sorted(codes):
        citizen = Citizen().taps("rating")
        before = said(citizen.state)
        for digit in "1002":
            citizen.taps("digit", digit)
        citizen.taps("find").hears(Answered(citizen.state.rating.id, code))
        new = {text for text in said(citizen.state) - before if len(text) > 30}
        assert len(new) == 1, code
        sentences |= new
    assert len(sentences) == len(codes)


@pytest.mark.parametrize("code", sorted(refusals("rate", "_rateable") - {"bad_message"}))
def test_each_refusal_of_a_rating_from_the_list_has_its_own_sentence(code: str) -> None:
    general = said(states()["sorry rating_bad_message"])
    citizen = Citizen().taps("rating").taps("pick", 101).taps("face", 5)
    citizen.hears(Answered(citizen.state.rating.id, code))
    assert citizen.screen == "sorry"
    assert said(citizen.state) - general


def test_no_sentence_waits_for_a_code_that_does_not_exist() -> None:
    own = {"unreachable", "find_failed", "number_called", "number_over"}
    """Codes of the kiosk itself."""
    sorry = worded("kiosk/screen/screens/message.py", "_regret")
    codes = {code.removeprefix("rating_").removeprefix("restore_") for code in sorry}
    codes |= worded("kiosk/screen/screens/rate_find.py", "_regret")
    assert len(codes) > 8
    assert codes - own - table() == set()


# --- settings -----------------------------------------------------------------------------------------------


def read_texts(folder: str) -> set[str]:
    """Keys of the hall's own sentences that a part of the product reads."""
    found = set()
    for file in (ROOT / folder).rglob("*.py"):
        found |= set(re.findall(r"texts\.get\(\"(\w+)\"", file.read_text("utf-8")))
    return found


def test_the_sentences_that_a_hall_may_reword_are_those_that_are_read() -> None:
    exist = set(tomllib.loads(CATALOGUE.read_text("utf-8"))["texts"])
    assert read_texts("kiosk") - exist == set(), "read, and not to be set"
    assert exist - read_texts("kiosk") - read_texts("display") - read_texts("server") == set(), "set, and not read"


NOT_SHOWN = {("ProcedureInfo", "reference"), ("HallInfo", "sessions")}
"""For the hall's own books (the number in the national list); hours come with the view, reckoned for today."""


@pytest.mark.parametrize("kind", [HallInfo, AreaInfo, ProcedureInfo, PriorityInfo, RatingInfo])
def test_what_a_hall_sets_is_read_somewhere(kind: type[msgspec.Struct]) -> None:
    read = set()
    for folder in ("kiosk", "display", "server"):
        for file in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text("utf-8"))
            read |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    unread = {(kind.__name__, name) for name in kind.__struct_fields__ if name not in read}
    assert unread - NOT_SHOWN == set()


def test_a_touch_is_only_what_a_button_may_mean() -> None:
    """The control: a touch that the flow does not know changes nothing."""
    citizen = Citizen()
    before = replace(citizen.state, touched=None, acted_at=0.0)
    citizen.taps("rubbish")
    assert replace(citizen.state, touched=None, acted_at=0.0) == before
    assert Touch("rubbish").do not in TOUCHES

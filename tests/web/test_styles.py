"""Every class that a page sets has a rule in that page's stylesheets, and every class that a rule names is set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import server
from assets import theme
from server import protocol as p

WEB = Path(server.__file__).parent / "web"
PAGES = ("desk", "manager", "sign-in")

WORD = re.compile(r"^[a-z][a-z0-9-]*$")
STRING = re.compile(r'"([^"\n]*)"|`([^`\n]*)`')
LEVELS = tuple(f"level-{n}" for n in range(1, 6))
DESK_STATES = get_args(get_type_hints(p.DeskState)["state"])

VALUES = {
    "desk.state": DESK_STATES,
    "kind": ("", "bad", "n", "act"),  # of a notice; of a table's column
    "name": ("arrivals", "waits", "target", "target-0", "target-1", *LEVELS),  # of a chart's mark
    "index": ("0", "1"),  # of a target
    "classes[index]": LEVELS,
}
"""What the expressions stand for that give a class its name. A new one is written down here."""

ELEMENTS = {
    "big": {"#big", ".big"},
    'byId("now")': {"#now"},
    'byId("state")': {"#state", ".chip"},
    "chip": {"#state", ".chip"},
    "document.body": {"body"},
    "message": {"#message"},
    "element": {".card"},
    "this.box": {"#dialog", "dialog"},
}
"""On which element a script puts a class that comes and goes: its id, its tag, its other classes."""


@dataclass
class PageFiles:
    html: str
    scripts: str
    styles: str


def files(page: str) -> PageFiles:
    """A page's HTML, all scripts that it loads, one by way of another, and all its stylesheets."""
    html = (WEB / page / f"{page}.html").read_text("utf-8")
    todo = [WEB / found for found in re.findall(r'src="/web/([\w/-]+\.js)"', html)]
    scripts: dict[Path, str] = {}
    while todo:
        path = todo.pop()
        if path in scripts:
            continue
        scripts[path] = path.read_text("utf-8")
        todo += [(path.parent / found).resolve() for found in re.findall(r'from "(\.[\w./-]+\.js)"', scripts[path])]
    sheets = [WEB / found for found in re.findall(r'href="/web/([\w/-]+\.css)"', html)]
    styles = "\n".join(sheet.read_text("utf-8") for sheet in sheets if sheet.exists())
    return PageFiles(html, "\n".join(scripts.values()), styles)


def set_classes(page: PageFiles) -> set[str]:
    """The classes that a page may set on an element."""
    found = {word for words in re.findall(r'class="([^"]*)"', page.html) for word in words.split()}
    found |= set(re.findall(r'classList\.(?:toggle|add)\("([\w-]+)"', page.scripts))
    for start in re.finditer(r"\bclass: ", page.scripts):
        found |= names(expression(page.scripts, start.end()))
    for column in re.findall(r'\),\s*"([a-z]+)"\],', page.scripts):
        found.add(column)
    return found


def expression(script: str, at: int) -> str:
    """The JavaScript from `at` to the comma or brace that ends it."""
    depth, quote = 0, ""
    for n in range(at, len(script)):
        sign = script[n]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"`'":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif depth == 0 and sign in ",}":
            return script[at:n]
    raise AssertionError("an expression without an end")


def names(source: str) -> set[str]:
    """The class names that an expression may give."""
    texts = [plain or template for plain, template in STRING.findall(source)]
    if not texts:
        source = source.split("??", 1)[0].strip()
        assert source in VALUES, f"what classes may {source!r} name? Write it into VALUES"
        texts = list(VALUES[source])
    found: set[str] = set()
    for text in texts:
        hole = re.search(r"\$\{([^}]*)\}", text)
        if hole:
            assert hole[1] in VALUES, f"what classes may {hole[1]!r} name? Write it into VALUES"
        filled = [text.replace(hole[0], value) for value in VALUES[hole[1]]] if hole else [text]
        found |= {word for one in filled for word in one.split() if WORD.match(word)}
    return found


def styled(css: str) -> set[str]:
    """The classes that a stylesheet's selectors name."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    selectors = re.findall(r"([^{}]+)\{", bare)
    return {name for selector in selectors for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector)}


@pytest.mark.parametrize("page", PAGES)
def test_every_class_that_is_set_has_a_rule(page: str) -> None:
    found = files(page)
    assert sorted(set_classes(found) - styled(found.styles)) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_class_that_comes_and_goes_changes_its_own_element(page: str) -> None:
    """`#state.cut` says nothing of `.big.cut`: the rule must be one for the very element."""
    found = files(page)
    compounds = [set(re.findall(r"[.#]?[a-zA-Z][\w-]*", one)) for one in re.split(r"[\s>+~,{}]+", found.styles)]
    for element, name in re.findall(r"([\w.()\"]+)\.classList\.(?:toggle|add)\(\"([\w-]+)\"", found.scripts):
        own = ELEMENTS[element] | {f".{name}"}
        assert any(f".{name}" in compound and compound <= own for compound in compounds), f"{element}: .{name}"


def test_every_class_that_has_a_rule_is_set() -> None:
    """A shared sheet serves several pages: one of them must set the class."""
    pages = [files(page) for page in PAGES]
    everywhere = set().union(*(set_classes(page) for page in pages))
    own = {page: styled(found.styles) for page, found in zip(PAGES, pages, strict=True)}
    assert {page: sorted(rules - everywhere) for page, rules in own.items()} == {page: [] for page in PAGES}


def test_the_reading_of_scripts_and_sheets_finds_classes() -> None:
    """The two tests above would be content with readers that find nothing."""
    desk, manager = files("desk"), files("manager")
    assert {"big", "cut", "badge", "priority", "more", "called", "chip", "narrow"} <= set_classes(desk)
    assert {"n", "act", "paused", "target-1", "level-3", "better", "stale"} <= set_classes(manager)
    assert {"big", "cells", "narrow", "notice"} <= styled(desk.styles)
    assert styled("a.b > .c:hover { color: #A.d } /* .e { */ @media (x) { .f::before { } }") == {"b", "c", "f"}


COLOUR = re.compile(
    r"(?<![\w&])#[0-9A-Fa-f]{3,8}\b(?![-\w])|\b(?:rgb|hsl|hwb|lab|lch)a?\(|:[^;{}]*\b(?:white|black)\b(?![-\w])"
)


def test_colours_come_from_the_theme_alone() -> None:
    files = [path for path in WEB.rglob("*") if path.suffix in {".css", ".js", ".html"}]
    found = {path.name: COLOUR.findall(path.read_text("utf-8")) for path in files}
    assert {name: colours for name, colours in found.items() if colours} == {}
    for wrong in (
        "a { color: #1D4F59; }",
        "a { fill:#FFF }",
        "a { color: rgb(8 63 74 / 55%); }",
        "a { color: white; }",
    ):
        assert COLOUR.search(wrong), wrong
    assert not COLOUR.search("#add-person, #body { white-space: nowrap; color: var(--card); }")


def test_every_token_that_a_page_names_is_one_of_the_theme() -> None:
    text = "".join(path.read_text("utf-8") for path in WEB.rglob("*.css"))
    known = set(re.findall(r"(--[\w-]+):", theme.css() + text)) | {"--area", "--fit"}  # the last two are set by scripts
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= known

"""Writes what the pages know of the protocol from the Python sources: `python -m tests.tools.web`.

`server/web/common/values.js` holds the values that the pages use, `server/web/common/protocol.d.ts` a type for every
list of codes, command, answer, view and report. A test fails where either is stale. Edit the Python, never these.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import inspect as shapes

from assets import texts
from server import protocol as p
from server.hall import events
from server.protocol import answers, commands, types, views
from server.reports import figures, log, table

WEB: Final = Path(__file__).parents[2] / "server/web/common"
HEAD: Final = (
    "// Made by tests/tools/web.py from the Python sources: edit those, then run `python -m tests.tools.web`.\n"
)

RESULTS: Final[dict[type[p.Command], str]] = {
    p.Issue: "TicketResult",
    p.Reprint: "TicketResult",
    p.CallNext: "CallResult",
    p.CallTicket: "CallResult",
    p.Requeue: "CallResult",
    p.AddDevice: "DeviceToken",
    p.Report: "ReportResult",
    p.Log: "LogPage",
    p.Story: "Entry[]",
}
"""What a command is answered with; every other with an empty object."""
OTHER_NAMES: Final[dict[Any, str]] = {figures.Report: "ReportResult", p.Report: "Report"}


# --- types -----------------------------------------------------------------------------------------------------------


def codes() -> dict[str, tuple[Any, ...]]:
    """Every list of codes of the protocol by its name, and the kinds of events."""
    found = {name: get_args(value) for name, value in vars(types).items() if get_origin(value) is Literal}
    return {**found, "EventKind": tuple(events.KINDS)}


def union(values: tuple[Any, ...]) -> str:
    return " | ".join(json.dumps(value, ensure_ascii=False) for value in values)


def alias(name: str, values: tuple[Any, ...]) -> str:
    """On lines of at most 120 letters, as the sources have them."""
    lines = textwrap.wrap(union(values), 110, break_long_words=False, break_on_hyphens=False)
    said = comment(doc(types, name), "") if name in vars(types) else ""
    return f"{said}export type {name} =\n  " + "\n  ".join(lines) + ";\n"


NAMED: Final = {frozenset(values): name for name, values in codes().items()}


def written(kind: shapes.Type, said: str) -> str:
    """A type of Python's side as TypeScript writes it; `said` is how its field says it, which alone tells a `Text` from
    other tables of strings. Raises TypeError for one that has no counterpart yet.
    """
    match kind:
        case shapes.Metadata():
            return written(kind.type, said)
        case shapes.StrType():
            return "string"
        case shapes.BoolType():
            return "boolean"
        case shapes.IntType() | shapes.FloatType():
            return "number"
        case shapes.NoneType():
            return "null"
        case shapes.RawType() | shapes.AnyType():
            return "unknown"
        case shapes.LiteralType():
            return literal(kind.values)
        case shapes.StructType():
            return name_of(kind.cls)
        case shapes.VarTupleType():
            inner = written(kind.item_type, said)
            return f"({inner})[]" if " " in inner else f"{inner}[]"
        case shapes.DictType():
            inner = written(kind.value_type, said)
            return "Text" if inner == "string" and "Text" in said else f"Record<string, {inner}>"
        case shapes.UnionType():
            return " | ".join(written(one, said) for one in kind.types)
    raise TypeError(f"no TypeScript for {kind}")


def literal(values: tuple[Any, ...]) -> str:
    """By the name that its list has, if need be beside the empty string."""
    known = NAMED.get(frozenset(values))
    if known is None and "" in values and (of := NAMED.get(frozenset(values) - {""})):
        known = f'{of} | ""'
    return known or union(values)


def name_of(cls: type) -> str:
    return OTHER_NAMES.get(cls, str(cls.__name__))


def documented(cls: type) -> dict[str, str]:
    """What stands under each field of a class, and under "" what stands under the class itself."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    said = {"": ast.get_docstring(body) or ""}
    for line, after in pairwise(body.body):
        if isinstance(line, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            assert isinstance(line.target, ast.Name)
            said[line.target.id] = inspect.cleandoc(str(after.value.value))
    return said


def comment(said: str, indent: str) -> str:
    if not said:
        return ""
    lines = [line.rstrip() for line in said.replace("*/", "* /").splitlines()]
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    return f"{indent}/**\n" + "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines) + f"{indent} */\n"


def interface(cls: type[msgspec.Struct], *, sent: bool) -> str:
    """`sent` by a client: a field with a default may be left out. By the hall: where it leaves defaults out."""
    shape = shapes.type_info(cls)
    assert isinstance(shape, shapes.StructType)
    said = documented(cls)
    annotations = {
        name: said for base in reversed(cls.__mro__) for name, said in vars(base).get("__annotations__", {}).items()
    }
    out = [f"{comment(said[''], '')}export interface {name_of(cls)} {{\n"]
    if shape.tag is not None:
        out.append(f"  type: {json.dumps(shape.tag)};\n")
    for field in shape.fields:
        unset = not field.required and field.default is field.default_factory  # neither: UNSET, which is left out
        absent = unset or (not field.required and (sent or cls.__struct_config__.omit_defaults))
        out.append(comment(said.get(field.name, ""), "  "))
        out.append(f"  {field.encode_name}{'?' if absent else ''}: {written(field.type, annotations[field.name])};\n")
    return "".join([*out, "}\n"])


def structs(module: ModuleType) -> Iterator[type[msgspec.Struct]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.__name__:
            yield value


def table_of(name: str, rows: dict[str, str], said: str) -> str:
    return f"/** {said} */\nexport interface {name} {{\n" + "".join(f"  {k}: {v};\n" for k, v in rows.items()) + "}\n"


def protocol() -> str:
    """The text of `protocol.d.ts`."""
    commanded = {str(cls.__struct_config__.tag): cls for cls in p.COMMANDS}
    parts = [
        HEAD,
        "/** A text by language code; `vi` is always there. */\nexport type Text = Record<string, string>;\n",
        *(alias(name, values) for name, values in codes().items()),
        *(interface(cls, sent=True) for cls in structs(commands) if cls is not p.Command),
        *(interface(cls, sent=False) for cls in (*structs(answers), *structs(views))),
        *(interface(cls, sent=False) for cls in (*structs(figures), *structs(log))),
        table_of("Commands", {tag: name_of(cls) for tag, cls in commanded.items()}, "Every command by its name."),
        table_of(
            "Results",
            {tag: RESULTS.get(cls, "Record<string, never>") for tag, cls in commanded.items()},
            "What each is answered with.",
        ),
        "/** What a command says beside its name and id. */\n"
        'export type Fields<K extends keyof Commands> = Omit<Commands[K], "type" | "id">;\n',
        table_of("Views", {role: name_of(cls) for role, cls in p.VIEWS.items()}, "The view that each role gets."),
    ]
    return "\n".join(parts)


# --- values ----------------------------------------------------------------------------------------------------------


def digits(kind: Any) -> tuple[str, int, int]:
    """The pattern of a field for digits as HTML takes it, the fewest and the most."""
    (meta,) = get_args(kind)[1:]
    pattern = meta.pattern.removeprefix("^").removesuffix(r"\Z")
    found = re.fullmatch(r"\[0-9\]\{(\d+),(\d+)\}", pattern)
    assert found, pattern
    return pattern, int(found[1]), int(found[2])


def most(kind: Any) -> int:
    (meta,) = get_args(kind)[1:]
    return int(meta.le)


def values() -> str:
    """The text of `values.js`."""
    out: dict[str, tuple[str, Any]] = {
        "PROTOCOL": ("", p.PROTOCOL),
        "LANGUAGES": ("Codes of the languages there are texts for; the first needs none.", list(texts.languages())),
        "UNAUTHORISED": ("Close code: not welcome (any more); the reason is a `SessionEnd`.", p.UNAUTHORISED),
        "TOO_MANY": ("Close code: there is no place.", p.TOO_MANY),
        "REPLACED": ("With that code: the place went to the same name's newer socket.", p.REPLACED),
        "LONGEST_NAME": ("Letters of a person's or a device's name.", p.LONGEST_NAME),
        "NUMBER": ("A ticket's number as an input takes it.", input_of(p.Number)),
        "PIN": ("A PIN as an input takes it.", input_of(p.Pin)),
        "DOSSIERS": ("How many digits a count of dossiers has.", {"maxlength": str(len(str(most(p.Dossiers))))}),
        "FEW": ("Fewer ratings make no percentage: it would be of persons, not of a service.", table.FEW),
        "UPPER_TARGET": ("Minutes: " + doc(figures, "UPPER_TARGET_MINUTES"), figures.UPPER_TARGET_MINUTES),
    }
    parts = [HEAD]
    for name, (said, value) in out.items():
        parts.append(f"{comment(said, '')}export const {name} = {js(value)};\n")
    return "\n".join(parts)


def input_of(kind: Any) -> dict[str, str]:
    pattern, least, longest = digits(kind)
    return {"inputmode": "numeric", "pattern": pattern, "minlength": str(least), "maxlength": str(longest)}


def js(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {json.dumps(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


def doc(module: ModuleType, name: str) -> str:
    """What stands under a module's constant; "" where nothing does."""
    body = ast.parse(inspect.getsource(module)).body
    for line, after in pairwise(body):
        targets = (
            line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return (
                str(after.value.value) if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            )
    raise KeyError(name)


FILES: Final = {WEB / "values.js": values, WEB / "protocol.d.ts": protocol}


def stale() -> list[Path]:
    """The files that are not what the sources make."""
    return [path for path, text in FILES.items() if not path.exists() or path.read_text("utf-8") != text()]


if __name__ == "__main__":
    for path in stale():
        path.write_text(FILES[path](), "utf-8")
        print("written:", path)

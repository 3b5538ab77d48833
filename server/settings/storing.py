"""Settings in the record: versioned tables, of which each change tells who made it and what was before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from server.access.people import Statement, change
from server.settings.faults import span
from server.settings.shape import ITEMS, OPTIONS, BadSettings, Settings


def load_settings(reader: Any) -> Settings | None:
    """The settings in force; null for a record that has none yet. Raises :class:`BadSettings`: they are damaged."""
    try:
        return _load(reader)
    except msgspec.MsgspecError as error:
        raise BadSettings([f"the record's own settings cannot be read: {error}"]) from error


def _load(reader: Any) -> Settings | None:
    raw: dict[str, Any] = {
        row["code"]: msgspec.json.decode(row["body"])
        for row in reader.execute("SELECT code, body FROM options WHERE until IS NULL")
    }
    if not raw:
        return None
    for table in ITEMS:
        raw[table] = [
            msgspec.json.decode(row["body"])
            for row in reader.execute(f"SELECT body FROM {table} WHERE until IS NULL ORDER BY position")
        ]
    return msgspec.convert(raw, Settings)


def store_settings(before: Settings | None, after: Settings, who: str, now: int) -> list[Statement]:
    """The statements that put `after` in force: old versions end, new ones begin, each change is logged."""
    out: list[Statement] = []
    for table, old, new in _differences(before, after):
        for code in [*old, *(code for code in new if code not in old)]:
            was, is_ = old.get(code), new.get(code)
            if was == is_:
                continue
            out.append((f"UPDATE {table} SET until = ? WHERE code = ? AND until IS NULL", (now, code)))
            if is_ is not None:
                position, body = is_
                # The same instant twice (two imports within a millisecond): the later one stands.
                out.append((f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, NULL)", (code, position, body, now)))
            out.append(change(now, who, f"{table}:{code}", was[1] if was else None, is_[1] if is_ else None))
    return out


def changes_told(before: Settings, after: Settings) -> list[str]:
    """What `store_settings` changes, a line for each table."""
    out = []
    for table, old, new in _differences(before, after):
        changed = [code for code in new if code in old and old[code][1] != new[code][1]]
        added, gone = [code for code in new if code not in old], [code for code in old if code not in new]
        if table == "options":
            out += changed
        elif table == "sessions":
            out += [f"sessions: {', '.join(map(span, after.sessions))}"] if changed or added or gone else []
        else:
            lists = ((changed, "changed"), (added, "new"), (gone, "taken away"))
            parts = [f"{', '.join(codes)} {what}" for codes, what in lists if codes]
            if parts or [*old] != [*new]:
                out.append(f"{table}: {'; '.join(parts) or 'in another order'}")
    return out


Versions = dict[str, tuple[int, str]]


def _differences(before: Settings | None, after: Settings) -> Iterator[tuple[str, Versions, Versions]]:
    for table in ("options", *ITEMS):
        yield table, _versions(before, table), _versions(after, table)


def _versions(settings: Settings | None, table: str) -> Versions:
    if settings is None:
        return {}
    if table == "options":
        return {name: (0, _json(getattr(settings, name))) for name in OPTIONS}
    items = getattr(settings, table)
    return {getattr(item, "code", str(n)): (n, _json(item)) for n, item in enumerate(items)}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()

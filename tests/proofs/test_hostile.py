"""Hostile and broken messages of every kind: an error or a clean close each; no traceback; the hall goes on."""

from __future__ import annotations

import asyncio
import json
import random
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from server import protocol as p
from server.client.client import socket_url
from tests.halls import PIN, cookie_of, hall, luot, new_id, program, result_of, sign_in, sit, size, until

pytestmark = pytest.mark.load

HOSTILE_TEXTS = (
    "<script>alert(1)</script>",
    "[color=ff0000]đỏ[/color][ref=x]",
    "\x1b@\x1dV\x00cắt giấy",
    '=HYPERLINK("http://x","y")',
    "dòng một\r\nERROR forged: line two",
    "'; DROP TABLE events; --",
    "\u202etrái sang phải",
    "a" * 500,
    "\x00",
)


def good(chance: random.Random) -> dict[str, Any]:
    """A well-formed command of some kind, with plausible values."""
    kind = chance.choice(p.COMMANDS)
    values: dict[str, object] = {"type": p.name_of(kind), "id": new_id()}
    samples = {
        "area": chance.choice(["tu-phap", "nowhere", ""]),
        "procedure": chance.choice([None, "khai-sinh", "x"]),
        "priority": chance.random() < 0.5,
        "ticket": chance.choice([1, 9, 10**6, None]),
        "result": "sent",
        "reason": chance.choice(["paper_out", "break", None]),
        "number": chance.choice(["1001", "9999"]),
        "score": chance.randint(1, 5),
        "call": chance.choice([1, 9, 10**6]),
        "how": chance.choice(["shown", "said"]),
        "code": "00",
        "reasons": ["wait"],
        "comment": chance.choice(HOSTILE_TEXTS),
        "desk": chance.choice(["1", "99"]),
        "outcome": chance.choice(["received", None]),
        "dossiers": 1,
        "date": "2026-11-24",
        "minutes": 30,
        "name": chance.choice(HOSTILE_TEXTS)[:40],
        "role": chance.choice(["clerk", "kiosk"]),
        "pin": "123456",
        "kind": "person",
        "start": "2026-11-01",
        "end": "2026-11-30",
    }
    for field in kind.__struct_fields__:
        if field in samples and field not in values:
            values[field] = samples[field]
    return values


def broken(chance: random.Random) -> str | bytes:
    """One hostile frame."""
    message = good(chance)
    way = chance.randrange(17)
    field = chance.choice(list(message))
    if way == 0:
        message[field] = chance.choice([[], {}, 1e308, -1, 2**70, True, None, "x" * 10_000, HOSTILE_TEXTS[0]])
    elif way == 1:
        message[chance.choice(HOSTILE_TEXTS)] = 1
    elif way == 2:
        del message[field]
    elif way == 3:
        return json.dumps(message)[: chance.randrange(1, 60)]
    elif way == 4:
        text = json.dumps(message)
        return text[:-1] + f', "{field}": {json.dumps(message[field])}}}'
    elif way == 5:
        return json.dumps(message).replace('"id"', '"\\u0069d"')
    elif way == 6:
        message["id"] = chance.choice(["", "1", "x" * 36, 5, None, message["id"].upper() + "0"])
    elif way == 7:
        return "[" * chance.choice([10, 1000, 8000])
    elif way == 8:
        return f'{{"type":"issue","id":"{new_id()}","area":{"[" * 5000}{"]" * 5000}}}'
    elif way == 9:
        return f'{{"type":"rate","id":"{new_id()}","score":{chance.choice(["NaN", "Infinity", "1e999", "5.5"])}}}'
    elif way == 10:
        return f'{{"type":"issue","id":"{new_id()}","area":"\\ud800"}}'
    elif way == 11:
        return bytes(chance.randrange(256) for _ in range(50))
    elif way == 12:
        return chance.choice(["", " ", "null", "0", '""', "{}", "[]", "{", "\x00", "nan"])
    elif way == 13:
        message["type"] = chance.choice(["hello", "welcome", "reply", "nope", "", 5, "__init__"])
    elif way == 14:
        return json.dumps({"type": "hello", "protocol": 1, "role": "manager", "token": "x"})
    return json.dumps(message)  # of another role, or with another's ticket


async def _pelt(url: str, hello: str, frames: int, chance: random.Random) -> int:
    """Send broken frames over as many sockets as it takes; each gets an error, a refusal or a close."""
    sent = 0
    while sent < frames:
        async with connect(socket_url(url), compression=None, proxy=None, max_size=None) as socket:
            await socket.send(hello)
            assert '"welcome"' in str(await socket.recv())
            try:
                while sent < frames:
                    await socket.send(broken(chance))
                    sent += 1
                    async with asyncio.timeout(20):
                        while True:
                            answer = json.loads(await socket.recv())
                            if answer["type"] in {"reply", "error"}:
                                break
            except ConnectionClosed as closed:
                if closed.rcvd is None:
                    pytest.fail("the hall dropped the line without a word")
    return sent


@pytest.mark.seconds(1500)
async def test_a_hundred_thousand_hostile_messages(tmp_path: Path) -> None:
    frames = size(4_000, 100_000)
    chance = random.Random(11)
    with program(tmp_path) as found:
        for name, role in (("Hoa", "clerk"), ("Minh", "manager")):
            luot("person", "add", name, "--role", role, data=tmp_path, stdin=PIN + "\n")
        tokens = {
            "kiosk": luot("device", "add", "kiosk-1", "--role", "kiosk", data=tmp_path).stdout.strip(),
            "display": luot("device", "add", "display-1", "--role", "display", data=tmp_path).stdout.strip(),
            "desk": cookie_of(await asyncio.to_thread(sign_in, found.port, "Hoa", PIN)),
            "manager": cookie_of(await asyncio.to_thread(sign_in, found.port, "Minh", PIN)),
        }
        seat = sit(found.url, "kiosk", tokens["kiosk"])
        await until(lambda: seat.views)
        before = await seat.ask(p.Issue, area="dat-dai")
        hellos = [
            p.encode(p.Hello(protocol=1, role=role, token=token)).decode()  # type: ignore[arg-type]
            for role, token in tokens.items()
        ]
        counts = await asyncio.gather(*(_pelt(found.url, h, frames // len(hellos), chance) for h in hellos))
        assert sum(counts) == frames // len(hellos) * len(hellos)
        after = await seat.ask(p.Issue, area="dat-dai")
        assert int(after["number"]) > int(before["number"])
        await seat.leave()
        assert found.stop() == 0
    log = (tmp_path / "hall.log").read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
    assert "\nERROR forged" not in log
    assert luot("check", data=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("first", "close"),
    [
        ('{"type":"hello","protocol":1,"role":"kiosk","token":"wrong"}', 4401),
        ('{"type":"hello","protocol":99,"role":"kiosk","token":"wrong"}', 4400),
        ('{"type":"hello","protocol":1,"role":"ticket","token":"1.x"}', 4401),
        ('{"type":"hello","protocol":1,"role":"king","token":"wrong"}', 4401),
        ("nonsense", 4401),
        ("x" * 20_000, 1009),
    ],
)
async def test_a_bad_opening_is_turned_away(tmp_path: Path, first: Any, close: Any) -> None:
    async with hall(tmp_path) as h:
        async with connect(socket_url(h.url), proxy=None) as socket:
            await socket.send(first)
            with pytest.raises(ConnectionClosed) as caught:
                for _ in count():
                    await socket.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == close


def _sample(kind: type[p.Command], chance: random.Random) -> p.Command:
    """A well-formed command of one kind."""
    for _ in range(3_000):
        message = good(chance)
        if message["type"] == p.name_of(kind):
            try:
                return p.decode_command(json.dumps(message))
            except p.BadMessage:
                continue
    pytest.fail(f"no sample of {p.name_of(kind)}")


async def test_every_role_may_do_only_its_own(tmp_path: Path) -> None:
    """Each role × command pair against the one table."""
    async with hall(tmp_path) as h:
        seats = {
            "kiosk": await h.kiosk(),
            "display": await h.display(),
            "desk": await h.desk(),
            "manager": await h.manager(),
        }
        chance = random.Random(1)
        for role, seat in seats.items():
            for kind in p.COMMANDS:
                if role in p.ALLOWED[kind]:
                    continue
                command = _sample(kind, chance)
                reply = await seat.reply(command)
                assert reply.error is not UNSET, (role, kind)
                assert reply.error.code == "forbidden", (role, kind)


async def test_hostile_names_come_back_as_they_are(tmp_path: Path) -> None:
    """Names and comments are text everywhere: in the record, the views and the exports."""
    import csv
    import io

    async with hall(tmp_path) as h:
        manager, kiosk = await h.manager(), await h.kiosk()
        names = [text[:40] for text in HOSTILE_TEXTS]
        odd = [name for name in names if not name.isprintable()]
        assert len(odd) == 4
        for name in odd:
            assert (await manager.refused(p.AddPerson, name=name, role="clerk", pin=PIN)).code == "name_odd"
            assert (await manager.refused(p.AddDevice, name=name, role="kiosk")).code == "name_odd"
        for name in set(names) - set(odd):
            await manager.ask(p.AddPerson, name=name, role="clerk", pin=PIN)
        await until(lambda: {person.name for person in manager.view.people} >= set(names) - set(odd))
        desk = await h.seat("desk", await h.person(names[3]))
        await desk.ask(p.OpenDesk, desk="1")
        for text in HOSTILE_TEXTS:
            number = (await kiosk.ask(p.Issue, area="tu-phap"))["number"]
            called = await desk.ask(p.CallNext, ticket=None)
            await desk.ask(p.Start, ticket=called["ticket"])
            await desk.ask(p.Finish, ticket=called["ticket"])
            await kiosk.ask(p.Rate, number=number, score=1, reasons=("other",), comment=text)
        today = manager.view.date
        page = await manager.ask(p.Log, start=today, end=today, kind="rated")
        assert {entry["comment"] for entry in page["entries"]} == set(HOSTILE_TEXTS)
        words = ("report", "--period", f"{today}..{today}", "--format", "csv")
        report = await asyncio.to_thread(luot, *words, data=h.service.folder)
        rows = list(csv.reader(io.StringIO(report.stdout)))
        cells = [cell for row in rows for cell in row]
        assert "'" + names[3] in cells
        assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
        assert (
            result_of(await manager.reply(p.Report(id=new_id(), start=today, end=today)))["clerks"][0]["key"]
            == names[3]
        )

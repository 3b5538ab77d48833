"""People and devices: a changed PIN ends what came in by the old one; what is read of the record."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from server import protocol as p
from server.access.keys import made
from server.access.people import MAX_DELAY, Access, digest
from server.access.pins import Pins
from server.client.client import socket_url
from server.hall.rules.case import Who
from server.hall.rules.decide import RULED
from server.live.clock import SimulatedClock
from server.record.backup import backup
from server.record.check import check
from server.record.tables import sqlite3
from server.service import Service
from server.settings.process import Config, Hours
from tests.halls import PIN, cookie_of, hall, new_id, result_of, sign_in, sit, until

OTHER = "135791"


def logins(h: Any, name: Any) -> Any:
    conn = sqlite3.connect(f"file:{h.service.rounds.record.path}?mode=ro", uri=True)
    try:
        return [bytes(token) for (token,) in conn.execute("SELECT token FROM logins WHERE name = ?", (name,))]
    finally:
        conn.close()


async def test_a_new_pin_ends_the_sessions_of_the_old_one(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        manager, lan = await h.manager(), await h.desk("Lan", "2")
        hoa = await h.desk("Hoa", "1")
        old = await h.person("Hoa")
        await manager.ask(p.SetPin, name="Hoa", pin=OTHER)
        await until(lambda: hoa.client.state == "unauthorised")
        assert lan.client.state == manager.client.state == "connected"
        assert logins(h, "Hoa") == []
        assert len(logins(h, "Lan")) == 1
        late = sit(h.url, "desk", old)
        await until(lambda: late.client.state == "unauthorised")
        await late.leave()
        assert (await asyncio.to_thread(sign_in, h.service.port, "Hoa", PIN)).status == 401
        new = await asyncio.to_thread(sign_in, h.service.port, "Hoa", OTHER)
        again = await h.seat("desk", cookie_of(new))
        assert again.view.me.desk == "1", "the desk is the person's, not the session's"


async def test_who_changes_their_own_pin_signs_in_anew(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        manager = await h.manager("Minh")
        other = await h.seat("manager", await h.person("Minh", "manager"))
        await manager.ask(p.SetPin, name="Minh", pin=OTHER)
        await until(lambda: other.client.state == manager.client.state == "unauthorised")


async def test_the_first_own_pin_keeps_the_session_that_gave_it(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        _, once = await h.service.people.first_manager()
        came = await asyncio.to_thread(sign_in, h.service.port, "quan-ly", once)
        seat = await h.seat("manager", cookie_of(came))
        await seat.ask(p.SetPin, name="quan-ly", pin=OTHER)
        await until(lambda: seat.view.people[0].settled)
        assert seat.client.state == "connected"
        assert len(logins(h, "quan-ly")) == 1
        # Another one-time PIN, as after a restart, ends it.
        h.service.access.people["quan-ly"].pin = None
        assert await h.service.people.first_manager() is not None
        await until(lambda: seat.client.state == "unauthorised")


async def test_a_sign_in_that_crosses_a_new_pin_stays_out(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        manager = await h.manager()
        await h.person("Hoa")
        people, access = h.service.people, h.service.access
        checked = access.people["Hoa"]
        # Both in one round: whichever comes first, no session of the old PIN is left.
        for pin in (OTHER, PIN):
            for first in (True, False):
                checked = h.service.access.people["Hoa"]
                setting = asyncio.create_task(manager.ask(p.SetPin, name="Hoa", pin=pin))
                if first:
                    await until(lambda: h.service.access.people["Hoa"] is not checked)  # noqa: B023
                coming = people.sign_in("Hoa", checked)
                token, _ = await asyncio.gather(coming, setting)
                assert token is None or digest(token) not in h.service.access.logins
                assert logins(h, "Hoa") == []
        assert await people.sign_in("Hoa", h.service.access.people["Hoa"]) is not None


def test_thousands_of_wrong_tries_delay_a_minute_and_no_more() -> None:
    access = Access(Pins(made()))
    for tries in (2, 7, 8, 1025, 1026, 5000):
        access._wrong["hoa", "10.0.0.9"] = (tries, 0.0)
        assert access.wait("Hoa", "10.0.0.9", 0.0) == min(MAX_DELAY, 2.0 ** min(tries - 2, 9))


async def test_a_clerk_whose_access_is_revoked_leaves_no_number_hanging(tmp_path: Path) -> None:
    """Called: back to the head of the line. Served: finished. The desk is free for a colleague."""
    async with hall(tmp_path) as h:
        kiosk, manager = await h.kiosk(), await h.manager()
        first, second, third = [(await kiosk.ask(p.Issue, area="tu-phap"))["ticket"] for _ in range(3)]
        hoa = await h.desk("Hoa", "1")
        await hoa.ask(p.CallNext, ticket=None)
        await manager.ask(p.Revoke, kind="person", name="Hoa")
        lan = await h.desk("Lan", "1")
        await until(lambda: [t.ticket for t in lan.view.queue] == [first, second, third])
        assert lan.view.desks[0].clerk == "Lan"
        await lan.ask(p.CallNext, ticket=None)
        await lan.ask(p.Start, ticket=first)
        await manager.ask(p.Revoke, kind="person", name="Lan")
        await until(lambda: manager.view.desks[0].state == "closed")
        found = h.service.rounds.hall
        assert (found.tickets[first].state, found.tickets[first].clerk) == ("served", "Lan")
        assert await h.desk("Thu", "1")
    assert check(tmp_path).tickets == 3


@pytest.mark.parametrize("steps", [(p.Recall,), (p.Start, p.Undo), (p.Recall, p.Recall, p.NoShow, p.Undo)])
async def test_a_number_whose_call_stands_again_goes_back_too(tmp_path: Path, steps: Any) -> None:
    """A call that something followed, be it taken back, is not the last step; it can be taken back all the same."""
    clock = SimulatedClock(round(datetime(2026, 11, 23, 2, tzinfo=UTC).timestamp() * 1000))
    async with hall(tmp_path, clock=clock) as h:
        kiosk, manager, hoa = await h.kiosk(), await h.manager(), await h.desk("Hoa", "1")
        ticket = (await kiosk.ask(p.Issue, area="tu-phap"))["ticket"]
        await hoa.ask(p.CallNext, ticket=None)
        for step in steps:
            clock.at += 25_000
            await hoa.ask(step, ticket=ticket)
        await manager.ask(p.Revoke, kind="person", name="Hoa")
        await until(lambda: h.service.rounds.hall.tickets[ticket].state == "waiting")
        lan = await h.desk("Lan", "1")
        await kiosk.ask(p.Issue, area="tu-phap")
        assert (await lan.ask(p.CallNext, ticket=None))["ticket"] == ticket
    assert check(tmp_path).tickets == 2
    async with hall(tmp_path, clock=clock) as h:
        assert h.service.rounds.hall.tickets[ticket].desk == "1"


async def test_what_a_revoked_person_sent_beside_it_is_not_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same round, and from a socket that is slow to close: else the desk would be taken until the day ends."""
    async with hall(tmp_path) as h:
        manager, hoa = await h.manager(), await h.desk("Hoa", None)
        replies = await asyncio.gather(
            h.service.people.revoke(p.Revoke(id=new_id(), kind="person", name="Hoa"), Who("manager", "Minh")),
            h.service.rounds.submit(p.OpenDesk(id=new_id(), desk="1"), Who("desk", "Hoa")),
        )
        revoked, opened = map(json.loads, replies)
        assert revoked["ok"]
        assert opened["error"]["code"] == "unauthorised"
        kiosk = await h.kiosk()
        monkeypatch.setattr(h.service.sessions, "close_device", lambda *_: None)
        await manager.ask(p.Revoke, kind="device", name="kiosk-1")
        assert (await kiosk.refused(p.Issue, area="tu-phap")).code == "unauthorised"
        assert await h.desk("Lan", "1")
        await until(lambda: hoa.client.state == "unauthorised")
    assert check(tmp_path).tickets == 0


async def test_a_person_who_is_revoked_does_not_come_back_by_a_pin_set_beside_it(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await h.person("Hoa")
        people, manager = h.service.people, Who("manager", "Minh")
        await h.person("Minh", "manager")
        setting = p.SetPin(id=new_id(), name="Hoa", pin=OTHER)
        hashed = await h.service.access.pins.hash(OTHER)
        replies = await asyncio.gather(
            people.revoke(p.Revoke(id=new_id(), kind="person", name="Hoa"), manager),
            h.service.rounds.submit(setting, manager, lambda now: people._person(setting, hashed, "Minh", now)),
        )
        assert [json.loads(reply)["ok"] for reply in replies] == [True, False]
        assert "Hoa" not in h.service.access.people
        assert (
            h.service.access.people == Access.load(h.service.rounds.record.reader, h.service.rounds.record.keys).people
        )


async def test_of_two_devices_added_at_once_under_one_name_one_is_refused(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await h.person("Minh", "manager")
        people, manager = h.service.people, Who("manager", "Minh")
        adding = [p.AddDevice(id=new_id(), name="kiosk-9", role="kiosk") for _ in range(2)]
        replies = [json.loads(r) for r in await asyncio.gather(*(people.add_device(one, manager) for one in adding))]
        assert [reply["ok"] for reply in replies] == [True, False]
        assert h.service.access.device(replies[0]["result"]["token"], "kiosk")
        await people.revoke(p.Revoke(id=new_id(), kind="device", name="kiosk-9"), manager)
        assert not h.service.access.device(replies[0]["result"]["token"], "kiosk")


async def test_new_settings_count_for_what_was_sent_beside_them(tmp_path: Path) -> None:
    """A number into a line that is gone would never be called."""
    async with hall(tmp_path) as h:
        await h.kiosk()
        fewer = without_justice(h.service.in_force.settings)
        replies = await asyncio.gather(
            h.service.change_settings.change(fewer, "test"),
            h.service.rounds.submit(p.Issue(id=new_id(), area="tu-phap"), Who("kiosk", "kiosk-1")),
        )
        changed, issued = map(json.loads, replies)
        assert changed["ok"]
        assert issued["error"]["code"] == "unknown_area"


async def test_who_comes_in_while_the_settings_change_is_welcomed_with_the_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hall(tmp_path) as h:
        token, record, in_force = await h.device("display-1", "display"), h.service.rounds.record, h.service.in_force
        commit, shown = record.commit, []
        monkeypatch.setattr(record, "commit", lambda: (time.sleep(0.3), commit()))
        areas = tuple(replace(area, name={**area.name, "vi": "Mới"}) for area in in_force.settings.areas)
        changing = asyncio.create_task(h.service.change_settings.change(replace(in_force.settings, areas=areas), "t"))
        await until(lambda: h.service.rounds._under_way)
        seat = sit(h.url, "display", token)
        seat.client._on_welcome = lambda welcome: shown.append(welcome.hall.areas[0].name["vi"])
        h.seats.append(seat)
        assert json.loads(await changing)["ok"]
        await until(lambda: shown)
        await until(lambda: seat.client.state == "connected")
        assert set(shown) == {"Mới"}


async def test_a_device_added_anew_under_its_name_is_counted_by_its_own_sockets(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        manager, devices = await h.manager(), h.service.presence
        token = await h.device("kiosk-1", "kiosk")
        async with connect(socket_url(h.url), proxy=None) as socket:
            await socket.send(json.dumps({"type": "hello", "protocol": 1, "role": "kiosk", "token": token}))
            await socket.recv()
            socket.transport.pause_reading()  # it does not see the close
            await manager.ask(p.Revoke, kind="device", name="kiosk-1")
            added = await manager.ask(p.AddDevice, name="kiosk-1", role="kiosk")
            await h.seat("kiosk", added["token"])
            left, seen = h.service.sockets._leave, []
            h.service.sockets._leave = lambda session: seen.append((left(session), session.name))
            socket.transport.abort()
            await until(lambda: seen)
        assert devices.is_connected("kiosk-1")


async def test_a_socket_that_is_slow_to_close_says_nothing_more(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        manager, token = await h.manager(), await h.device("display-1", "display")
        async with connect(socket_url(h.url), proxy=None) as socket:
            await socket.send(json.dumps({"type": "hello", "protocol": 1, "role": "display", "token": token}))
            for _ in range(2):
                await socket.recv()
            socket.transport.pause_reading()  # it does not see the close
            await manager.ask(p.Revoke, kind="device", name="display-1")
            assert not h.service.sessions.of("display")
            socket.transport.resume_reading()
            with pytest.raises(ConnectionClosed):
                while True:
                    await socket.recv()


async def test_an_area_may_go_in_the_evening(tmp_path: Path) -> None:
    """What was missed today does not come back once the day is over."""
    clock = SimulatedClock(round(datetime(2026, 11, 23, 2, tzinfo=UTC).timestamp() * 1000))
    async with hall(tmp_path, clock=clock, hours=Hours()) as h:
        kiosk, hoa = await h.kiosk(), await h.desk("Hoa", "1")
        await kiosk.ask(p.Issue, area="tu-phap")
        ticket = (await hoa.ask(p.CallNext, ticket=None))["ticket"]
        await hoa.ask(p.Start, ticket=ticket)
        await hoa.ask(p.Finish, ticket=ticket, outcome="supplement")
        await hoa.ask(p.CloseDesk, desk="1")
        fewer = without_justice(h.service.in_force.settings)
        assert not json.loads(await h.service.change_settings.change(fewer, "test"))["ok"]
        clock.at += 12 * 3_600_000
        await until(lambda: not h.service.rounds.hall.day_open)
        assert json.loads(await h.service.change_settings.change(fewer, "test"))["ok"]


def without_justice(found: Any) -> Any:
    kept = tuple(area for area in found.areas if area.code != "tu-phap")
    desks = tuple(
        replace(desk, areas=tuple(code for code in desk.areas if code != "tu-phap") or (kept[0].code,))
        for desk in found.desks
    )
    procedures = tuple(one for one in found.procedures if one.area != "tu-phap")
    return replace(found, areas=kept, desks=desks, procedures=procedures)


async def test_the_first_manager_has_a_name_of_their_own(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await h.person("Quan-Ly")
        name, pin = await h.service.people.first_manager()
        assert name == "quan-ly-2"
        assert (await asyncio.to_thread(sign_in, h.service.port, name, pin)).status == 204


async def test_an_area_to_which_a_missed_number_may_come_back_stays(tmp_path: Path) -> None:
    """Else the number would be put back into a line that nobody calls."""
    async with hall(tmp_path) as h:
        kiosk, hoa = await h.kiosk(), await h.desk("Hoa", "1")
        ticket = (await kiosk.ask(p.Issue, area="tu-phap"))["ticket"]
        await hoa.ask(p.CallNext, ticket=None)
        await hoa.ask(p.Start, ticket=ticket)
        await hoa.ask(p.Finish, ticket=ticket, outcome="supplement")
        await hoa.ask(p.CloseDesk, desk="1")
        fewer = without_justice(h.service.in_force.settings)
        reply = json.loads(await h.service.change_settings.change(fewer, "test"))
        assert (reply["ok"], reply["error"]["code"]) == (False, "not_allowed")
        assert "tu-phap" in reply["error"]["detail"]


async def test_two_names_that_are_typed_the_same_are_one_person(tmp_path: Path) -> None:
    """At the sign-in nobody minds case, and a Mac sends its diacritics apart."""
    async with hall(tmp_path) as h:
        manager = await h.manager()
        await manager.ask(p.AddPerson, name="Nguyễn Hoà", role="clerk", pin=PIN)
        for twin in ("nguyễn hoà", "NGUYỄN HOÀ", unicodedata.normalize("NFD", "Nguyễn Hoà")):
            error = await manager.refused(p.AddPerson, name=twin, role="clerk", pin=OTHER)
            assert (error.code, error.detail) == ("name_taken", "Nguyễn Hoà is there already")
            came = await asyncio.to_thread(sign_in, h.service.port, twin, PIN)
            assert came.status == 204, twin
        assert {name for name, _ in h.service.access.logins.values()} == {"Minh", "Nguyễn Hoà"}


async def test_the_manager_learns_where_other_machines_find_the_hall(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: the system says which of its addresses it would use
        own = probe.getsockname()[0]
    async with Service(tmp_path, Config(host=own, port=0)) as service:
        running = asyncio.create_task(service.run())
        await until(lambda: service.pushes.addresses)
        assert service.pushes.addresses == (f"http://{own}:{service.port}",)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    async with hall(tmp_path) as h:
        manager = await h.manager()
        assert h.service.addresses() == [f"http://127.0.0.1:{h.service.port}/"]
        assert manager.view.addresses == (), "an address that no other machine can reach"


async def test_the_close_says_why_somebody_is_out(tmp_path: Path) -> None:
    clock = SimulatedClock(round(datetime(2026, 11, 23, 2, tzinfo=UTC).timestamp() * 1000))
    async with hall(tmp_path, clock=clock, hours=Hours()) as h:
        kiosk = await h.kiosk()
        await kiosk.ask(p.Issue, area="tu-phap")
        token = await h.person("Hoa")
        async with connect(socket_url(h.url), proxy=None) as socket:
            await socket.send(p.encode(p.Hello(protocol=1, role="desk", token=token)).decode())
            await socket.recv()
            clock.at += 12 * 3_600_000
            with pytest.raises(ConnectionClosed) as over:
                while True:
                    await socket.recv()
        assert over.value.rcvd is not None
        assert (over.value.rcvd.code, over.value.rcvd.reason) == (4401, "day_end")


async def test_who_is_signed_in_but_not_for_that_role_is_told_so(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        token = await h.person("Hoa")
        for given, code in ((token, "forbidden"), ("x" * 43, "unauthorised")):
            async with connect(socket_url(h.url), proxy=None) as socket:
                await socket.send(p.encode(p.Hello(protocol=1, role="manager", token=given)).decode())
                assert json.loads(await socket.recv())["code"] == code


async def test_a_devices_token_is_shown_to_the_same_request_and_kept_nowhere(tmp_path: Path) -> None:
    adding = p.AddDevice(id=new_id(), name="kiosk-9", role="kiosk")
    async with hall(tmp_path) as h:
        manager = await h.manager()
        first, second = [result_of(await manager.reply(adding)) for _ in range(2)]
        assert first == second
        assert (await h.seat("kiosk", first["token"])).view
    for file in tmp_path.iterdir():
        if file.is_file():
            assert first["token"].encode() not in file.read_bytes(), file.name
    async with hall(tmp_path) as h:
        late = await (await h.manager()).reply(adding)
        assert (late.ok, late.error.code) == (False, "token_gone")
        assert "shown once" in late.error.detail
        assert (await h.seat("kiosk", first["token"])).view, "it works on"


async def test_a_copy_of_the_record_opens_no_door(tmp_path: Path) -> None:
    """Nothing in it makes a device's token: neither its own rows nor what is derived from them."""
    async with hall(tmp_path) as h:
        token = await h.device("kiosk-1", "kiosk")
        backup(tmp_path, tmp_path / "copy.db")
        reader = h.service.rounds.record.reader
        requests = [row["id"] for row in reader.execute("SELECT id FROM requests")]
    secrets = [bytes(tmp_path.joinpath("copy.db").read_bytes())]
    assert token.encode() not in secrets[0]
    assert digest(token) in secrets[0], "only its hash"
    assert requests == [], "the hall's own commands leave no stored answers"


async def test_every_command_that_somebody_may_send_is_answered_by_one_part(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        beyond = set(h.service._beyond)
        assert set(p.ALLOWED) == RULED | beyond | {p.Status}
        assert not RULED & beyond

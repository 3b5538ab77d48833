"""A copy of the record opens no door: the keys stand beside it, and without them nothing in it can be tried."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from server import protocol as p
from server.access import keys
from server.hall.secrets import ticket_secrets
from server.record.backup import backup, restore
from server.record.file import FILE
from server.record.tables import sqlite3
from tests.halls import PIN, begin, hall, luot, new_id, program, sign_in


def rows(path: Path, question: str) -> list[tuple]:  # type: ignore[type-arg]
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        return [tuple(row) for row in conn.execute(question)]


async def test_a_copy_holds_neither_key_nor_a_pin_that_can_be_tried(tmp_path: Path) -> None:
    async with hall(tmp_path / "hall") as h:
        await h.service.do({"do": "person", "name": "Hoa", "role": "clerk", "pin": PIN})
        kiosk = await h.kiosk()
        ticket = await kiosk.ask(p.Issue, area="tu-phap")
        backup(tmp_path / "hall", tmp_path / "copy.db")
        assert (await asyncio.to_thread(sign_in, h.service.port, "Hoa", PIN)).status == 204
    found = keys.load(tmp_path / "hall")
    assert found is not None
    assert (tmp_path / "hall" / keys.FILE).stat().st_mode & 0o777 == 0o600
    copy = (tmp_path / "copy.db").read_bytes()
    assert found.secret not in copy
    assert found.pepper not in copy
    assert ticket_secrets(found.secret, ticket["ticket"])[1] == ticket["rating_code"]
    ((stored,),) = rows(tmp_path / "copy.db", "SELECT pin FROM people WHERE name = 'Hoa'")
    with pytest.raises(VerificationError):
        PasswordHasher().verify(stored.removeprefix(found.mark), PIN)


async def test_restored_without_the_keys_nobody_comes_in_by_an_old_pin_and_the_manager_gets_a_new_one(
    tmp_path: Path,
) -> None:
    async with hall(tmp_path / "old") as h:
        for name, role in (("Hoa", "clerk"), ("Minh", "manager")):
            await h.service.do({"do": "person", "name": name, "role": role, "pin": PIN})
        token = await h.device("kiosk-1", "kiosk")
        await (await h.seat("kiosk", token)).ask(p.Issue, area="tu-phap")
        assert await h.service.people.first_manager() is None
    backup(tmp_path / "old", tmp_path / "copy.db")
    told = await asyncio.to_thread(luot, "restore", "--from", str(tmp_path / "copy.db"), data=tmp_path / "new")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("This copy was made with another hall.key than that of ")
    async with hall(tmp_path / "new") as h:
        first = await h.service.people.first_manager()
        assert first is not None
        assert first[0] == "Minh"
        for name in ("Hoa", "Minh"):
            assert (await asyncio.to_thread(sign_in, h.service.port, name, PIN)).status == 401
        assert (await asyncio.to_thread(sign_in, h.service.port, *first)).status == 204
        kiosk = await h.seat("kiosk", token)
        assert (await kiosk.ask(p.Issue, area="tu-phap"))["number"] == "1002", "its devices come in as before"
    # With the old PC's keys nothing changes.
    told = await asyncio.to_thread(luot, "restore", "--from", str(tmp_path / "copy.db"), data=tmp_path / "moved")
    shutil.copy(tmp_path / "old" / keys.FILE, tmp_path / "moved")
    async with hall(tmp_path / "moved") as h:
        assert await h.service.people.first_manager() is None
        assert (await asyncio.to_thread(sign_in, h.service.port, "Hoa", PIN)).status == 204
    again = await asyncio.to_thread(luot, "restore", "--from", str(tmp_path / "copy.db"), data=tmp_path / "moved")
    assert "hall.key" not in again.stdout
    # A new PC whose hall was started before, as the README has it, has keys of its own: that is said as well.
    await asyncio.to_thread(begin, tmp_path / "begun")
    told = await asyncio.to_thread(luot, "restore", "--from", str(tmp_path / "copy.db"), data=tmp_path / "begun")
    assert told.stdout.startswith("This copy was made with another hall.key than that of ")


async def test_the_secret_of_an_older_record_moves_out_of_it(tmp_path: Path) -> None:
    """Papers that were given before keep their codes; and PINs that were hashed without a pepper still work."""
    async with hall(tmp_path) as h:
        ticket = await (await h.kiosk()).ask(p.Issue, area="tu-phap")
    secret = keys.load(tmp_path).secret
    (tmp_path / keys.FILE).unlink()
    with closing(sqlite3.connect(str(tmp_path / FILE))) as conn:
        conn.execute("INSERT INTO meta VALUES ('secret', ?)", (secret,))
        plain = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PIN)
        conn.execute("INSERT INTO people VALUES ('Lan', 'clerk', ?, 1, NULL)", (plain,))
        conn.commit()
    async with hall(tmp_path) as h:
        assert (await asyncio.to_thread(sign_in, h.service.port, "Lan", PIN)).status == 204
        ((kept,),) = rows(tmp_path / FILE, "SELECT pin FROM people WHERE name = 'Lan'")
        assert not kept.startswith("$argon2id$"), "from now on with the pepper"
        assert (await asyncio.to_thread(sign_in, h.service.port, "Lan", PIN)).status == 204
        again = await (await h.kiosk("kiosk-2")).reply(p.Reprint(id=new_id(), ticket=ticket["ticket"]))
        assert ticket["rating_code"].encode() in bytes(again.result)  # type: ignore[arg-type]
    assert rows(tmp_path / FILE, "SELECT name FROM meta WHERE name = 'secret'") == []
    assert secret not in (tmp_path / FILE).read_bytes(), "not even in a page that is free now"


@pytest.mark.parametrize("content", [b"", b"nonsense", b'{"secret": "AAAA", "pepper": "AAAA"}'])
def test_keys_that_cannot_be_read_are_told_and_kept(tmp_path: Path, content: bytes) -> None:
    begin(tmp_path)
    (tmp_path / keys.FILE).write_bytes(content)
    ended = luot("hall", "--host", "127.0.0.1", "--port", "0", data=tmp_path)
    assert ended.returncode == 1
    assert f"{keys.FILE} " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert (tmp_path / keys.FILE).read_bytes() == content


def test_a_copy_is_put_back_where_its_keys_are(tmp_path: Path) -> None:
    begin(tmp_path / "hall")
    mine = keys.load(tmp_path / "hall")
    backup(tmp_path / "hall", tmp_path / "copy.db")
    restore(tmp_path / "copy.db", tmp_path / "hall")
    with program(tmp_path / "hall") as found:
        assert found.stop() == 0
    assert keys.load(tmp_path / "hall") == mine

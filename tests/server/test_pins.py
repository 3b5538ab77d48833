"""Signing in among strangers: few wait, of each address fewer, and a name that is known goes first."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

from argon2 import extract_parameters

from server.access.keys import made
from server.access.people import Access, Person
from server.access.pins import NOBODYS, OF_ADDRESS, PLACES, Full, Pins, _hasher
from tests.halls import PIN, hall, until


def test_the_hash_of_nobodys_pin_costs_as_much_as_any() -> None:
    assert extract_parameters(NOBODYS) == extract_parameters(_hasher.hash("246810"))


async def test_few_wait_and_of_one_address_fewer() -> None:
    pins = Pins(made())
    stored = await pins.hash(PIN)
    tries = [pins.matches(stored, PIN, "10.0.0.1", known=False) for _ in range(10)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert [isinstance(one, Full) for one in found].count(False) == OF_ADDRESS
    tries = [pins.matches(stored, PIN, f"10.0.0.{n}", known=False) for n in range(30)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert found[: 1 + PLACES] == [True] * (1 + PLACES)
    assert all(isinstance(one, Full) for one in found[1 + PLACES :])


async def test_a_known_name_goes_first_and_has_a_place() -> None:
    pins, ended = Pins(made()), list[str]()
    stored = await pins.hash(PIN)

    async def attempt(name: str, address: str, known: bool) -> None:
        try:
            await pins.matches(stored, PIN, address, known=known)
            ended.append(name)
        except Full:
            ended.append(f"{name} full")

    strangers = [asyncio.create_task(attempt(f"s{n}", f"10.0.0.{n}", False)) for n in range(1 + PLACES)]
    await asyncio.sleep(0)
    clerk = asyncio.create_task(attempt("clerk", "10.0.1.1", True))
    await asyncio.gather(*strangers, clerk)
    assert ended[0] == f"s{PLACES} full", "the last stranger makes room"
    assert ended[1:3] == ["s0", "clerk"]
    # Whoever goes away while waiting leaves their place.
    strangers = [asyncio.create_task(attempt(f"t{n}", f"10.0.0.{n}", False)) for n in range(1 + PLACES)]
    await asyncio.sleep(0)
    for one in strangers[1:]:
        one.cancel()
    await asyncio.gather(*strangers, return_exceptions=True)
    assert await pins.matches(stored, PIN, "10.0.0.1", known=False)


async def test_a_full_queue_is_no_wrong_try() -> None:
    access = Access(Pins(made()))
    access.people["Hoa"] = Person("Hoa", "clerk", await access.pins.hash(PIN))
    tries = [access.check_pin("Hoa", PIN, "10.0.0.1", 0.0) for _ in range(6)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Full) for one in found) == 6 - OF_ADDRESS
    assert access.wait("Hoa", "10.0.0.1", 0.0) == 0


async def test_a_stranger_who_varies_names_keeps_no_clerk_out(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await h.service.do({"do": "person", "name": "Hoa", "role": "clerk", "pin": PIN})
        access = h.service.access
        stop = asyncio.Event()

        async def stranger(n: int) -> None:
            while not stop.is_set():
                try:
                    await access.check_pin(f"Ai đó {n}", "000000", f"10.0.{n // 250}.{n % 250}", 0.0)
                except Full:
                    await asyncio.sleep(0)

        crowd = [asyncio.create_task(stranger(n)) for n in range(300)]
        await until(lambda: len(access.pins._queue) == PLACES)
        for _ in range(3):
            assert await access.check_pin("Hoa", PIN, "10.9.9.9", 0.0) is not None
        stop.set()
        await asyncio.gather(*crowd)


async def test_trying_a_pin_gives_way_to_numbers() -> None:
    """A stranger who makes names up keeps one thread at work without an end: it has the lowest claim to a processor."""
    pins = Pins(made())
    await pins.hash(PIN)
    (thread,) = pins._thread._threads
    assert thread.native_id is not None
    own, its = (os.getpriority(os.PRIO_PROCESS, id) for id in (threading.get_native_id(), thread.native_id))
    assert its == max(10, own)

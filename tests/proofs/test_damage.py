"""A record with a damaged byte: `check` and a start say so in a sentence, or have nothing to do with it."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from halls import luot, size

from server.check import Faulty, Sound, check
from server.clock import SimulatedClock
from server.config import Config
from server.record import FILE
from server.running import UNFIT
from server.service import Service
from server.settings import BadSettings

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("days")
    done = luot("simulate", "--days", "2", "--tickets", "15", "--seed", "3", data=folder)
    assert done.returncode == 0, done.stderr
    return folder


async def started(folder: Path, now: int) -> str | None:
    """Null where a hall starts on the folder, and ends again; else its sentence."""
    try:
        async with Service(folder, Config(host="127.0.0.1", port=0), clock=SimulatedClock(now)):
            return None
    except (*UNFIT, BadSettings) as error:
        return str(error)


@pytest.mark.seconds(3000)
async def test_a_flipped_byte_is_told_in_a_sentence_or_harms_nothing(days: Path, tmp_path: Path) -> None:
    """Whatever is hit: pages, indexes, rows, settings, free space. Where `check` finds all sound a hall starts, and
    says the same of today's numbers.
    """
    whole = (days / FILE).read_bytes()
    sound = check(days)
    now = 1_800_000_000_000
    assert await started(_copy(days, tmp_path / "good", whole), now) is None
    chance = random.Random(11)
    seen: Counter[str] = Counter()
    for n in range(size(80, 2000)):
        at = chance.randrange(len(whole))
        broken = bytearray(whole)
        broken[at] ^= 1 << chance.randrange(8)
        folder = _copy(days, tmp_path / str(n), bytes(broken))
        found = await asyncio.to_thread(_checked, folder)
        said = await started(folder, now)
        seen[
            f"check {'faulty' if isinstance(found, str) else 'sound'}, start {'well' if said is None else 'refused'}"
        ] += 1
        if isinstance(found, str):
            assert found
        else:
            assert (found.events, found.tickets, found.head) == (sound.events, sound.tickets, sound.head), at
            assert said is None, (at, said)
        shutil.rmtree(folder)
    print(f"\n{dict(seen)}")
    assert len(seen) > 1


def _checked(folder: Path) -> Sound | str:
    try:
        return check(folder)
    except Faulty as error:
        return str(error)


def _copy(days: Path, folder: Path, content: bytes) -> Path:
    folder.mkdir()
    shutil.copy(days / "hall.key", folder)
    (folder / FILE).write_bytes(content)
    return folder

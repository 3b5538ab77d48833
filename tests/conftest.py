"""What all tests share: coroutines may be tests, each with a time limit of its own."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

SECONDS = 240
"""A coroutine test that is not done by then has failed. Long proofs run in pieces of less."""

settings.register_profile("luot", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("luot")


@pytest.fixture(autouse=True)
def _kiosks_are_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start waits for the kiosks that are paired; in most tests they never come."""
    from server.live import recovery

    monkeypatch.setattr(recovery, "KIOSKS_SOON", 0.2)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests in a loop of their own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    arguments: dict[str, Any] = {name: pyfuncitem.funcargs[name] for name in wanted}
    marker = pyfuncitem.get_closest_marker("seconds")
    seconds = marker.args[0] if marker else SECONDS

    async def limited() -> None:
        async with asyncio.timeout(seconds):
            await pyfuncitem.obj(**arguments)

    asyncio.run(limited())
    return True

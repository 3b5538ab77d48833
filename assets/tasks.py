"""Coroutines that run side by side and end together. Nothing here knows what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any, Final

_AGAIN: Final = 0.5
"""Seconds after which what has not ended is cancelled once more."""


async def together(*parts: Coroutine[Any, Any, None]) -> None:
    """Run them all until one ends, or this is cancelled; then end the others. Raises what the first raised."""
    loop = asyncio.get_running_loop()
    tasks = {loop.create_task(part) for part in parts}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end(tasks)


async def end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel them until each has ended. More than once: a task can lose a cancellation (CPython gh-86296)."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN)

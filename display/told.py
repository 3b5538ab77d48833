"""What the hall has been told of the calls on the board. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from server.protocol import Announcement as How


class ToldOf:
    """What the hall has been told of each call, by its `seq`."""

    def __init__(self) -> None:
        self._said: set[int] = set()
        self._told: set[tuple[int, How]] = set()

    def said(self, calls: Iterable[int]) -> None:
        """These have been read out."""
        self._said.update(calls)

    def keep(self, calls: Iterable[int]) -> None:
        """Only of these anything may still be told."""
        kept = set(calls)
        self._said &= kept
        self._told = {(call, how) for call, how in self._told if call in kept}

    def due(self, standing: Iterable[int]) -> list[tuple[int, How]]:
        """What the hall does not know yet, of the calls that stand on the board and those read out."""
        words: set[tuple[int, How]] = {(call, "shown") for call in standing}
        words |= {(call, "said") for call in self._said}
        return sorted(words - self._told, key=lambda word: (word[0], word[1] == "said"))

    def told(self, call: int, how: How) -> None:
        """The hall knows this of the call."""
        self._told.add((call, how))

"""Which requests may have been answered before, in a fixed amount of memory."""

from __future__ import annotations

from typing import Final

SIZE: Final = 1 << 20
"""Bytes. With the 45,000 requests of a usual hall's thirty days one of 10,000 new ones is looked up for nothing; with a
million of them one of twenty."""
_PLACE: Final = SIZE * 8 - 1


class Seen:
    """Of a request that was added it always says yes, of another nearly always no (Bloom 1970, with two places each).

    A no spares a look-up in the file.
    """

    def __init__(self) -> None:
        self._bits = bytearray(SIZE)

    def add(self, principal: str, id: str) -> None:
        """This request was seen."""
        found = hash((principal, id))
        for place in (found & _PLACE, found >> 32 & _PLACE):
            self._bits[place >> 3] |= 1 << (place & 7)

    def may_have(self, principal: str, id: str) -> bool:
        """False: it was not seen. True: it may have been."""
        found = hash((principal, id))
        one, other = found & _PLACE, found >> 32 & _PLACE
        return bool(self._bits[one >> 3] >> (one & 7) & self._bits[other >> 3] >> (other & 7) & 1)
